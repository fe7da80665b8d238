"""Wire events about the response as a whole: its beginning, its states, its end, its errors.

Source: OpenAI API reference, Responses; wire.md 1.5, 2.7.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import LazyRecord, MalformedPart, Opt, decode_part, decode_part_loosely
from codex_proto.responses.wire._base import AnnotatedEvent
from codex_proto.responses.wire._objects import (
    ErrorPayload,
    IncompleteDetails,
    Response,
    TokenUsage,
    Usage,
)

__all__ = [
    "Completed",
    "Created",
    "ErrorEvent",
    "Failed",
    "InProgress",
    "Incomplete",
    "LifecycleEvent",
    "Queued",
]

_NULL_SIZE = len(b"null")


class _Head(Struct, gc=False):
    """The members of a response that decide an outcome, each free to be wrong on its own."""

    id: Raw | UnsetType = UNSET
    status: Raw | UnsetType = UNSET
    usage: Raw | UnsetType = UNSET
    end_turn: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET
    incomplete_details: Raw | UnsetType = UNSET

    def member(self, name: str, type_: Any) -> Any:
        raw = getattr(self, name)
        return decode_part_loosely(name, raw, type_ | None) if isinstance(raw, Raw) else None


class LifecycleEvent(AnnotatedEvent, frozen=True, kw_only=True, gc=False):
    """An event that carries the whole response object.

    `response` decodes all of it, member by member: a wrong one is in its `notes`. `response_id`,
    `status` and `token_usage` look only at their members.
    """

    response = LazyRecord[Response](Response)

    def _head(self) -> _Head:
        if not isinstance(self.raw_response, Raw):
            return _Head()
        head = decode_part("response", self.raw_response, _Head)
        return head if isinstance(head, _Head) else _Head()

    @property
    def response_id(self) -> str | None:
        """The response's id, None where it has none that is a string."""
        value = self._head().member("id", str)
        return value if isinstance(value, str) else None

    @property
    def status(self) -> str | None:
        """The response's status, None where it has none that is a string."""
        value = self._head().member("status", str)
        return value if isinstance(value, str) else None

    @property
    def token_usage(self) -> TokenUsage | MalformedPart | None:
        """What the response cost, None where the server did not send it."""
        head = self._head()
        usage: Usage | MalformedPart | None = head.member("usage", Usage)
        if not isinstance(usage, Usage):
            return usage
        if usage.is_empty and usage.notes and isinstance(head.usage, Raw):
            return MalformedPart(field="usage", reason=usage.notes[0].reason, raw=bytes(head.usage))
        return TokenUsage.from_usage(usage)


class _WithResponse(LifecycleEvent, frozen=True, kw_only=True, gc=False):
    """A lifecycle event that is nothing without its response."""

    raw_response: Raw = msgspec.field(name="response")

    def __post_init__(self) -> None:
        # Upstream passes over an event whose response is null, even a terminal one.
        raw = memoryview(self.raw_response)
        if raw.nbytes == _NULL_SIZE and bytes(raw) == b"null":
            raise ValueError("`response` is null")


class Created(_WithResponse, frozen=True, kw_only=True, gc=False, tag="response.created"):
    """The server has taken the request; the first event of most streams."""

    codex_name = "Created"


class Queued(_WithResponse, frozen=True, kw_only=True, gc=False, tag="response.queued"):
    """The response waits for its turn (background mode)."""


class InProgress(_WithResponse, frozen=True, kw_only=True, gc=False, tag="response.in_progress"):
    """The response is being made."""


class Completed(_WithResponse, frozen=True, kw_only=True, gc=False, tag="response.completed"):
    """The response is whole: the good outcome, and the last event of its stream."""

    codex_name = "Completed"

    @property
    def end_turn(self) -> bool | None:
        """Whether the model ended its turn, None where the server did not send it."""
        value = self._head().member("end_turn", bool)
        return value if isinstance(value, bool) else None


class Failed(LifecycleEvent, frozen=True, kw_only=True, gc=False, tag="response.failed"):
    """The server gave up; `StreamFailed` with the error as a value comes right after."""

    codex_name = "StreamFailed"

    @property
    def error(self) -> ErrorPayload | MalformedPart | None:
        """The error object inside the response."""
        error: ErrorPayload | MalformedPart | None = self._head().member("error", ErrorPayload)
        return error


class Incomplete(LifecycleEvent, frozen=True, kw_only=True, gc=False, tag="response.incomplete"):
    """The server stopped early; the outcome comes right after."""

    codex_name = "StreamFailed"

    @property
    def reason(self) -> str | None:
        """Why it stopped, None where the server did not send it in a string."""
        details = self._head().member("incomplete_details", IncompleteDetails)
        reason = details.reason if isinstance(details, IncompleteDetails) else None
        return reason or None


class ErrorEvent(AnnotatedEvent, frozen=True, kw_only=True, tag="error"):
    """An error that is sent in the stream.

    The specification has `code`, `message` and `param` at the top, real servers put them into
    `error`, and a WebSocket adds `status` (or `status_code`) and `headers`. `error_code` and
    `error_message` read either form.
    """

    codex_name = "StreamFailed"
    section = "OpenAI API reference, Responses; wire.md 2.7"

    code: Opt[str | int] = UNSET
    message: Opt[str] = UNSET
    param: Opt[str] = UNSET
    error: Opt[ErrorPayload] = UNSET
    status: Opt[int] = UNSET
    status_code: Opt[int] = UNSET

    @property
    def error_code(self) -> str | None:
        """The error's code as text, or None."""
        nested = self.error.code_text if self.error else None
        return nested or (str(self.code) if self.code or self.code == 0 else None)

    @property
    def error_message(self) -> str | None:
        """The error's message, or None."""
        nested = self.error.message if self.error else None
        return nested or self.message or None

    @property
    def http_status(self) -> int | None:
        """The HTTP status that a WebSocket error stands for, or None."""
        return self.status or self.status_code or None
