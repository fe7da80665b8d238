"""Calls of tools: what the model asks for, and what the server's own tools did.

Source: wire.md 3.2; OpenAI API reference, Responses.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET

from codex_proto._wire import Noted, Opt, UnknownPart
from codex_proto.items._base import ResponseItem
from codex_proto.items._messages import Part

__all__ = [
    "CustomToolCall",
    "FileSearchCall",
    "FileSearchResult",
    "FindInPageAction",
    "FunctionCall",
    "ImageGenerationCall",
    "LocalShellCall",
    "LocalShellExec",
    "McpApprovalRequest",
    "McpCall",
    "McpListTools",
    "McpTool",
    "MultiAgentCall",
    "OpenPageAction",
    "SearchAction",
    "ToolSearchCall",
    "WebSearchAction",
    "WebSearchCall",
]

# -- calls that the client answers --------------------------------------------------------------


class FunctionCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="function_call"):
    """The model calls a function of the client's.

    `arguments` is JSON in a string, as the model wrote it (it may be no JSON at all); answer with
    a `FunctionCallOutput` of the same `call_id`.
    """

    name: str
    arguments: str
    call_id: str
    namespace: Opt[str] = UNSET
    encrypted_function_args: Opt[tuple[str, ...]] = UNSET
    caller: Any = UNSET


class CustomToolCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="custom_tool_call"):
    """The model calls a tool that takes text: `input` is all of it."""

    call_id: str
    name: str
    input: str
    namespace: Opt[str] = UNSET
    caller: Any = UNSET


class ToolSearchCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="tool_search_call"):
    """The model looks for tools; `execution` says whether `client` or `server` answers."""

    arguments: Any
    execution: Opt[str] = UNSET
    call_id: Opt[str] = UNSET


class LocalShellExec(Part, frozen=True, kw_only=True, gc=False, tag="exec"):
    """The command of a local shell call; `timeout_ms` is in milliseconds."""

    command: tuple[str, ...]
    timeout_ms: Opt[int] = UNSET
    working_directory: Opt[str] = UNSET
    env: Opt[dict[str, str]] = UNSET
    user: Opt[str] = UNSET


if TYPE_CHECKING:
    LocalShellAction: TypeAlias = LocalShellExec | UnknownPart
else:
    LocalShellAction = LocalShellExec


class LocalShellCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="local_shell_call"):
    """The model runs a command on the client's machine."""

    action: LocalShellAction
    call_id: Opt[str] = UNSET


class MultiAgentCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="multi_agent_call"):
    """The model steers other agents; `action` names what it asks for (beta)."""

    call_id: Opt[str] = UNSET
    action: Any = UNSET
    arguments: Any = UNSET


# -- calls that the server answers --------------------------------------------------------------


class SearchAction(Part, frozen=True, kw_only=True, gc=False, tag="search"):
    """A search of the web; `sources` is what it found, as JSON."""

    query: Opt[str] = UNSET
    queries: Opt[tuple[str, ...]] = UNSET
    sources: Any = UNSET


class OpenPageAction(Part, frozen=True, kw_only=True, gc=False, tag="open_page"):
    """A page of the web was opened."""

    url: Opt[str] = UNSET


class FindInPageAction(Part, frozen=True, kw_only=True, gc=False, tag="find_in_page"):
    """A page of the web was searched for `pattern`."""

    url: Opt[str] = UNSET
    pattern: Opt[str] = UNSET


if TYPE_CHECKING:
    WebSearchAction: TypeAlias = SearchAction | OpenPageAction | FindInPageAction | UnknownPart
else:
    WebSearchAction = SearchAction | OpenPageAction | FindInPageAction


class WebSearchCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="web_search_call"):
    """The server searched the web."""

    action: Opt[WebSearchAction] = UNSET


class FileSearchResult(Noted, frozen=True, kw_only=True, gc=False):
    """A piece of a file that was found."""

    file_id: Opt[str] = UNSET
    filename: Opt[str] = UNSET
    text: Opt[str] = UNSET
    score: Opt[int | float] = UNSET
    attributes: Any = UNSET
    vector_store_id: Opt[str] = UNSET


class FileSearchCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="file_search_call"):
    """The server searched files; `results` is only there when it was asked for."""

    queries: Opt[tuple[str, ...]] = UNSET
    results: Opt[tuple[FileSearchResult, ...]] = UNSET


class ImageGenerationCall(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="image_generation_call"
):
    """The server made an image: base64 in `result`, once it is there."""

    result: Opt[str] = UNSET
    revised_prompt: Opt[str] = UNSET
    prompt: Opt[str] = UNSET
    action: Opt[str] = UNSET
    background: Opt[str] = UNSET
    output_format: Opt[str] = UNSET
    quality: Opt[str] = UNSET
    size: Opt[str] = UNSET


class McpCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="mcp_call"):
    """The server called a tool of an MCP server; `output` or `error` says how that went."""

    server_label: Opt[str] = UNSET
    name: Opt[str] = UNSET
    arguments: Opt[str] = UNSET
    output: Opt[str] = UNSET
    error: Any = UNSET
    approval_request_id: Opt[str] = UNSET


class McpTool(Noted, frozen=True, kw_only=True, gc=False):
    """A tool of an MCP server; `input_schema` is its JSON Schema."""

    name: Opt[str] = UNSET
    description: Opt[str] = UNSET
    input_schema: Any = UNSET
    annotations: Any = UNSET


class McpListTools(ResponseItem, frozen=True, kw_only=True, gc=False, tag="mcp_list_tools"):
    """The server asked an MCP server for its tools."""

    server_label: Opt[str] = UNSET
    tools: Opt[tuple[McpTool, ...]] = UNSET
    error: Any = UNSET


class McpApprovalRequest(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="mcp_approval_request"
):
    """The server asks whether it may call a tool; answer with a `McpApprovalResponse`."""

    server_label: Opt[str] = UNSET
    name: Opt[str] = UNSET
    arguments: Opt[str] = UNSET
