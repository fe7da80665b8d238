"""Calls of the public API's hosted tools: computer, code interpreter, shell, patches, programs.

Codex does not use them and upstream passes them over; they are here because the same streams carry
them for others. Every member is optional.

Source: OpenAI API reference, Responses.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET

from codex_proto._wire import Noted, Opt, UnknownPart
from codex_proto.items._base import ResponseItem
from codex_proto.items._messages import Part

__all__ = [
    "ApplyPatchCall",
    "ApplyPatchOperation",
    "CodeInterpreterCall",
    "CodeInterpreterImage",
    "CodeInterpreterLogs",
    "CodeInterpreterOutput",
    "ComputerCall",
    "CreateFile",
    "DeleteFile",
    "Program",
    "SafetyCheck",
    "ShellAction",
    "ShellCall",
    "UpdateFile",
]


class SafetyCheck(Noted, frozen=True, kw_only=True, gc=False):
    """Something about a computer action that the user should know first."""

    id: Opt[str] = UNSET
    code: Opt[str] = UNSET
    message: Opt[str] = UNSET


class ComputerCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="computer_call"):
    """The model uses a computer: one `action`, or several `actions`, as JSON with a `type`."""

    call_id: Opt[str] = UNSET
    action: Any = UNSET
    actions: Any = UNSET
    pending_safety_checks: Opt[tuple[SafetyCheck, ...]] = UNSET


class CodeInterpreterLogs(Part, frozen=True, kw_only=True, gc=False, tag="logs"):
    """What the code printed."""

    logs: Opt[str] = UNSET


class CodeInterpreterImage(Part, frozen=True, kw_only=True, gc=False, tag="image"):
    """An image that the code made."""

    url: Opt[str] = UNSET


if TYPE_CHECKING:
    CodeInterpreterOutput: TypeAlias = CodeInterpreterLogs | CodeInterpreterImage | UnknownPart
else:
    CodeInterpreterOutput = CodeInterpreterLogs | CodeInterpreterImage


class CodeInterpreterCall(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="code_interpreter_call"
):
    """The server ran Python in a container."""

    code: Opt[str] = UNSET
    container_id: Opt[str] = UNSET
    outputs: Opt[tuple[CodeInterpreterOutput, ...]] = UNSET


class ShellAction(Noted, frozen=True, kw_only=True, gc=False):
    """Commands to run; `timeout_ms` in milliseconds, `max_output_length` in characters."""

    commands: Opt[tuple[str, ...]] = UNSET
    timeout_ms: Opt[int] = UNSET
    max_output_length: Opt[int] = UNSET


class ShellCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="shell_call"):
    """The model runs commands, here or in a container (`environment`, as JSON)."""

    call_id: Opt[str] = UNSET
    action: Opt[ShellAction] = UNSET
    environment: Any = UNSET
    caller: Any = UNSET


class CreateFile(Part, frozen=True, kw_only=True, gc=False, tag="create_file"):
    """A new file, as a diff."""

    path: Opt[str] = UNSET
    diff: Opt[str] = UNSET


class UpdateFile(Part, frozen=True, kw_only=True, gc=False, tag="update_file"):
    """A change of a file, as a diff."""

    path: Opt[str] = UNSET
    diff: Opt[str] = UNSET


class DeleteFile(Part, frozen=True, kw_only=True, gc=False, tag="delete_file"):
    """A file is to go."""

    path: Opt[str] = UNSET


if TYPE_CHECKING:
    ApplyPatchOperation: TypeAlias = CreateFile | UpdateFile | DeleteFile | UnknownPart
else:
    ApplyPatchOperation = CreateFile | UpdateFile | DeleteFile


class ApplyPatchCall(ResponseItem, frozen=True, kw_only=True, gc=False, tag="apply_patch_call"):
    """The model changes a file."""

    call_id: Opt[str] = UNSET
    operation: Opt[ApplyPatchOperation] = UNSET
    caller: Any = UNSET


class Program(ResponseItem, frozen=True, kw_only=True, gc=False, tag="program"):
    """The model wrote a program that calls tools; `fingerprint` identifies it."""

    call_id: Opt[str] = UNSET
    code: Opt[str] = UNSET
    fingerprint: Opt[str] = UNSET
