"""Wire events about calls whose input the model writes: functions, custom tools, MCP, patches.

The tools that the server runs by itself are in `_hosted`.

Source: OpenAI API reference, Responses; wire.md 1.5. The patch events are in no specification; the
public API sends them.
"""

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.responses.wire._items import ItemEvent

__all__ = [
    "ApplyPatchCallOperationDiffDelta",
    "ApplyPatchCallOperationDiffDone",
    "FunctionCallArgumentsDelta",
    "FunctionCallArgumentsDone",
    "McpCallArgumentsDelta",
    "McpCallArgumentsDone",
    "ToolCallInputDelta",
    "ToolCallInputDone",
]


class FunctionCallArgumentsDelta(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.function_call_arguments.delta"
):
    """A piece of a function call's arguments, which are JSON as text."""

    delta: str


class FunctionCallArgumentsDone(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.function_call_arguments.done"
):
    """A function call's arguments are whole. Many servers leave `name` out."""

    arguments: str
    name: Opt[str] = UNSET


class ToolCallInputDelta(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.custom_tool_call_input.delta"
):
    """A piece of a custom tool's input, which is free text."""

    codex_name = "ToolCallInputDelta"

    delta: str
    call_id: Opt[str] = UNSET


class ToolCallInputDone(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.custom_tool_call_input.done"
):
    """A custom tool's input is whole."""

    input: str
    call_id: Opt[str] = UNSET


class McpCallArgumentsDelta(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call_arguments.delta"
):
    """A piece of an MCP call's arguments, which are JSON as text."""

    delta: str


class McpCallArgumentsDone(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.mcp_call_arguments.done"
):
    """An MCP call's arguments are whole."""

    arguments: str


class ApplyPatchCallOperationDiffDelta(
    ItemEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.apply_patch_call_operation_diff.delta",
):
    """A piece of a patch."""

    section = 'observed.md, "Public recordings"'

    delta: str


class ApplyPatchCallOperationDiffDone(
    ItemEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.apply_patch_call_operation_diff.done",
):
    """A patch is whole."""

    section = 'observed.md, "Public recordings"'

    diff: Opt[str] = UNSET
