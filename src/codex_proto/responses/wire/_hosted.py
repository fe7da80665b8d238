"""Wire events about tools that the server runs by itself: search, code, images, MCP, shell.

Source: OpenAI API reference, Responses.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw

from codex_proto._wire import Lazy, Opt
from codex_proto.responses.wire._base import WireEvent
from codex_proto.responses.wire._items import ItemEvent
from codex_proto.responses.wire._objects import ShellOutputDelta

__all__ = [
    "CodeInterpreterCallCodeDelta",
    "CodeInterpreterCallCodeDone",
    "CodeInterpreterCallCompleted",
    "CodeInterpreterCallInProgress",
    "CodeInterpreterCallInterpreting",
    "FileSearchCallCompleted",
    "FileSearchCallInProgress",
    "FileSearchCallSearching",
    "ImageGenerationCallCompleted",
    "ImageGenerationCallGenerating",
    "ImageGenerationCallInProgress",
    "ImageGenerationCallPartialImage",
    "McpCallCompleted",
    "McpCallFailed",
    "McpCallInProgress",
    "McpListToolsCompleted",
    "McpListToolsFailed",
    "McpListToolsInProgress",
    "ShellCallCommandAdded",
    "ShellCallCommandDelta",
    "ShellCallCommandDone",
    "ShellCallOutputContentDelta",
    "ShellCallOutputContentDone",
    "WebSearchCallCompleted",
    "WebSearchCallInProgress",
    "WebSearchCallSearching",
]


class CodeInterpreterCallInProgress(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.code_interpreter_call.in_progress"
):
    """A code interpreter call begins."""


class CodeInterpreterCallInterpreting(
    ItemEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.code_interpreter_call.interpreting",
):
    """The code runs."""


class CodeInterpreterCallCompleted(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.code_interpreter_call.completed"
):
    """A code interpreter call is done."""


class CodeInterpreterCallCodeDelta(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.code_interpreter_call_code.delta"
):
    """A piece of the code."""

    delta: str


class CodeInterpreterCallCodeDone(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.code_interpreter_call_code.done"
):
    """The code is whole."""

    code: str


class FileSearchCallInProgress(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.file_search_call.in_progress"
):
    """A file search begins."""


class FileSearchCallSearching(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.file_search_call.searching"
):
    """The files are searched."""


class FileSearchCallCompleted(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.file_search_call.completed"
):
    """A file search is done."""


class WebSearchCallInProgress(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.web_search_call.in_progress"
):
    """A web search begins."""


class WebSearchCallSearching(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.web_search_call.searching"
):
    """The web is searched."""


class WebSearchCallCompleted(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.web_search_call.completed"
):
    """A web search is done."""


class ImageGenerationCallInProgress(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.image_generation_call.in_progress"
):
    """An image generation begins."""


class ImageGenerationCallGenerating(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.image_generation_call.generating"
):
    """The image is made."""


class ImageGenerationCallCompleted(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.image_generation_call.completed"
):
    """An image generation is done."""


class ImageGenerationCallPartialImage(
    ItemEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.image_generation_call.partial_image",
):
    """The image as far as it is made; `partial_image_b64` is base64."""

    partial_image_b64: str
    partial_image_index: Opt[int] = UNSET
    size: Opt[str] = UNSET
    quality: Opt[str] = UNSET
    background: Opt[str] = UNSET
    output_format: Opt[str] = UNSET


class McpCallInProgress(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call.in_progress"
):
    """An MCP call begins."""


class McpCallCompleted(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call.completed"
):
    """An MCP call is done."""


class McpCallFailed(ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call.failed"):
    """An MCP call failed; the response goes on."""


class McpListToolsInProgress(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_list_tools.in_progress"
):
    """An MCP server is asked for its tools."""


class McpListToolsCompleted(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_list_tools.completed"
):
    """An MCP server's tools are known."""


class McpListToolsFailed(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_list_tools.failed"
):
    """An MCP server did not tell its tools; the response goes on."""


class ShellCallCommandAdded(
    WireEvent, frozen=True, kw_only=True, gc=False, tag="response.shell_call_command.added"
):
    """A shell command begins."""

    command: str
    command_index: Opt[int] = UNSET
    output_index: Opt[int] = UNSET


class ShellCallCommandDelta(
    WireEvent, frozen=True, kw_only=True, gc=False, tag="response.shell_call_command.delta"
):
    """A piece of a shell command."""

    delta: str
    command_index: Opt[int] = UNSET
    output_index: Opt[int] = UNSET
    obfuscation: Opt[str] = UNSET


class ShellCallCommandDone(
    WireEvent, frozen=True, kw_only=True, gc=False, tag="response.shell_call_command.done"
):
    """A shell command is whole."""

    command: str
    command_index: Opt[int] = UNSET
    output_index: Opt[int] = UNSET


class ShellCallOutputContentDelta(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.shell_call_output_content.delta"
):
    """A piece of what a shell command printed."""

    delta: ShellOutputDelta
    command_index: Opt[int] = UNSET


class ShellCallOutputContentDone(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.shell_call_output_content.done"
):
    """What a shell command printed is whole."""

    raw_output: Raw = msgspec.field(name="output")
    command_index: Opt[int] = UNSET

    output = Lazy[list[Any]](list[Any])
