"""Wire events about tool calls: function arguments and MCP.

Source: OpenAI API reference, Realtime.
"""

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.realtime.wire._base import OutputScope, RealtimeWireEvent

__all__ = [
    "McpListToolsCompletedEvent",
    "McpListToolsFailedEvent",
    "McpListToolsInProgressEvent",
    "ResponseFunctionCallArgumentsDeltaEvent",
    "ResponseFunctionCallArgumentsDoneEvent",
    "ResponseMcpCallArgumentsDeltaEvent",
    "ResponseMcpCallArgumentsDoneEvent",
    "ResponseMcpCallCompletedEvent",
    "ResponseMcpCallFailedEvent",
    "ResponseMcpCallInProgressEvent",
]


class ResponseFunctionCallArgumentsDeltaEvent(
    OutputScope, frozen=True, kw_only=True, gc=False, tag="response.function_call_arguments.delta"
):
    """A piece of the arguments of the call `call_id`."""

    call_id: Opt[str] = UNSET
    delta: str


class ResponseFunctionCallArgumentsDoneEvent(
    OutputScope, frozen=True, kw_only=True, gc=False, tag="response.function_call_arguments.done"
):
    """The arguments of the call `call_id` are complete: `arguments` should be JSON text."""

    call_id: Opt[str] = UNSET
    name: Opt[str] = UNSET
    arguments: str


class ResponseMcpCallArgumentsDeltaEvent(
    OutputScope, frozen=True, kw_only=True, gc=False, tag="response.mcp_call_arguments.delta"
):
    """A piece of the arguments of an MCP call."""

    delta: str
    obfuscation: Opt[str] = UNSET


class ResponseMcpCallArgumentsDoneEvent(
    OutputScope, frozen=True, kw_only=True, gc=False, tag="response.mcp_call_arguments.done"
):
    """The arguments of an MCP call are whole."""

    arguments: str


class McpCallEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """The progress of an MCP call, which is the item `item_id` of the output."""

    output_index: Opt[int] = UNSET
    item_id: Opt[str] = UNSET


class ResponseMcpCallInProgressEvent(
    McpCallEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call.in_progress"
):
    """The server makes an MCP call."""


class ResponseMcpCallCompletedEvent(
    McpCallEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call.completed"
):
    """An MCP call is done."""


class ResponseMcpCallFailedEvent(
    McpCallEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call.failed"
):
    """An MCP call failed."""


class McpListToolsEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """The progress of the listing of an MCP server's tools, which is the item `item_id`."""

    item_id: Opt[str] = UNSET


class McpListToolsInProgressEvent(
    McpListToolsEvent, frozen=True, kw_only=True, gc=False, tag="mcp_list_tools.in_progress"
):
    """The server asks an MCP server for its tools."""


class McpListToolsCompletedEvent(
    McpListToolsEvent, frozen=True, kw_only=True, gc=False, tag="mcp_list_tools.completed"
):
    """The tools of an MCP server are known."""


class McpListToolsFailedEvent(
    McpListToolsEvent, frozen=True, kw_only=True, gc=False, tag="mcp_list_tools.failed"
):
    """An MCP server did not list its tools."""
