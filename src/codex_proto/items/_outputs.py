"""Outputs of tools: what the client (or the server) answers to a call.

Source: wire.md 3.2 and 3.5; OpenAI API reference, Responses.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET

from codex_proto._wire import Noted, Opt, UnknownPart
from codex_proto.items._base import ResponseItem
from codex_proto.items._hosted import SafetyCheck
from codex_proto.items._messages import ComputerScreenshot, ContentPart, InputText, OutputText, Part

__all__ = [
    "ApplyPatchCallOutput",
    "ComputerCallOutput",
    "CustomToolCallOutput",
    "FunctionCallOutput",
    "LocalShellCallOutput",
    "McpApprovalResponse",
    "MultiAgentCallOutput",
    "ProgramOutput",
    "ShellCallOutput",
    "ShellExit",
    "ShellOutcome",
    "ShellOutput",
    "ShellTimeout",
    "ToolOutput",
    "ToolSearchOutput",
    "tool_output_text",
]

# The payload of a tool's output: text, or a list of parts.
ToolOutput: TypeAlias = str | tuple[ContentPart, ...]


def tool_output_text(output: ToolOutput) -> str | None:
    """What of a payload is text: its non-blank text parts, one a line; or None.

    Source: wire.md 3.5.
    """
    if isinstance(output, str):
        return output
    texts = [part.text for part in output if isinstance(part, InputText) and part.text.strip()]
    return "\n".join(texts) if texts else None


class FunctionCallOutput(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="function_call_output"
):
    """The answer to a `FunctionCall` of the same `call_id`."""

    output: ToolOutput
    call_id: Opt[str] = UNSET
    name: Opt[str] = UNSET
    namespace: Opt[str] = UNSET
    caller: Any = UNSET

    @property
    def text(self) -> str | None:
        """The payload's text, None where it has none."""
        return tool_output_text(self.output)


class CustomToolCallOutput(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="custom_tool_call_output"
):
    """The answer to a `CustomToolCall` of the same `call_id`."""

    call_id: str
    output: ToolOutput
    name: Opt[str] = UNSET
    caller: Any = UNSET

    @property
    def text(self) -> str | None:
        """The payload's text, None where it has none."""
        return tool_output_text(self.output)


class ToolSearchOutput(ResponseItem, frozen=True, kw_only=True, gc=False, tag="tool_search_output"):
    """The answer to a `ToolSearchCall`: definitions of tools, as JSON."""

    tools: tuple[Any, ...]
    execution: Opt[str] = UNSET
    call_id: Opt[str] = UNSET


class LocalShellCallOutput(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="local_shell_call_output"
):
    """The answer to a `LocalShellCall`, in the public API's form."""

    call_id: Opt[str] = UNSET
    output: Opt[str] = UNSET


class ShellExit(Part, frozen=True, kw_only=True, gc=False, tag="exit"):
    """The command ended by itself."""

    exit_code: Opt[int] = UNSET


class ShellTimeout(Part, frozen=True, kw_only=True, gc=False, tag="timeout"):
    """The command took too long."""


if TYPE_CHECKING:
    ShellOutcome: TypeAlias = ShellExit | ShellTimeout | UnknownPart
else:
    ShellOutcome = ShellExit | ShellTimeout


class ShellOutput(Noted, frozen=True, kw_only=True, gc=False):
    """What one command of a shell call printed, and how it ended."""

    stdout: Opt[str] = UNSET
    stderr: Opt[str] = UNSET
    outcome: Opt[ShellOutcome] = UNSET
    created_by: Opt[str] = UNSET


class ShellCallOutput(ResponseItem, frozen=True, kw_only=True, gc=False, tag="shell_call_output"):
    """The answer to a `ShellCall`, one output a command."""

    call_id: Opt[str] = UNSET
    output: Opt[tuple[ShellOutput, ...]] = UNSET
    max_output_length: Opt[int] = UNSET
    caller: Any = UNSET


class ApplyPatchCallOutput(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="apply_patch_call_output"
):
    """The answer to an `ApplyPatchCall`; `status` is `completed` or `failed`."""

    call_id: Opt[str] = UNSET
    output: Opt[str] = UNSET
    caller: Any = UNSET


class ComputerCallOutput(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="computer_call_output"
):
    """The answer to a `ComputerCall`: a screenshot."""

    call_id: Opt[str] = UNSET
    output: Opt[ComputerScreenshot] = UNSET
    acknowledged_safety_checks: Opt[tuple[SafetyCheck, ...]] = UNSET


class ProgramOutput(ResponseItem, frozen=True, kw_only=True, gc=False, tag="program_output"):
    """What a `Program` gave."""

    call_id: Opt[str] = UNSET
    result: Opt[str] = UNSET


class McpApprovalResponse(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="mcp_approval_response"
):
    """The answer to a `McpApprovalRequest`."""

    approval_request_id: Opt[str] = UNSET
    request_id: Any = UNSET
    approve: Opt[bool] = UNSET
    reason: Opt[str] = UNSET


class MultiAgentCallOutput(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="multi_agent_call_output"
):
    """The answer to a `MultiAgentCall` (beta)."""

    call_id: Opt[str] = UNSET
    action: Any = UNSET
    output: Opt[str | tuple[ContentPart, ...]] = UNSET

    @property
    def text(self) -> str:
        """The output's text."""
        if isinstance(self.output, str):
            return self.output
        return "".join(part.text for part in self.output or () if isinstance(part, OutputText))
