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
    decode_error,
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

    raw_error: Raw | UnsetType = msgspec.field(default=UNSET, name="error")

    @property
    def error(self) -> ErrorPayload | MalformedPart | None:
        """The error object inside the response, or beside it, where some servers put it."""
        inside = self._head().error
        raw = self.raw_error if inside is UNSET or bytes(inside) == b"null" else inside
        if raw is UNSET or bytes(raw) == b"null":
            return None
        return decode_error(raw) or MalformedPart(
            field="error", reason="is not an object", raw=bytes(raw)
        )


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
    `error`, and a WebSocket adds `status` (or `status_code`) and `headers`; others have a text for
    `error`, or an object for `message`. `error_code`, `error_message`, `error_type` and
    `error_param` read any of these.
    """

    codex_name = "StreamFailed"
    section = "OpenAI API reference, Responses; wire.md 2.7"

    code: Opt[str | int] = UNSET
    message: Opt[str] = UNSET
    param: Opt[str] = UNSET
    error: Opt[ErrorPayload | str] = UNSET
    status: Opt[int] = UNSET
    status_code: Opt[int] = UNSET

    def payloads(self) -> list[ErrorPayload]:
        """Return the error in each of its forms that the event has, the most telling one first."""
        forms: list[ErrorPayload] = []
        if isinstance(self.error, ErrorPayload):
            forms += [self.error, *filter(None, [self.error.inner])]
        elif self.error:
            forms.append(ErrorPayload(message=self.error))
        flat = ErrorPayload(
            code=self.code, message=self.message, param=self.param, wire_notes=self.wire_notes
        )
        return [*forms, flat, *filter(None, [flat.inner])]

    @property
    def error_code(self) -> str | None:
        """The error's code as text, or None."""
        return next((form.code_text for form in self.payloads() if form.code_text), None)

    @property
    def error_message(self) -> str | None:
        """The error's message, or None."""
        return next((form.message for form in self.payloads() if form.message), None)

    @property
    def error_type(self) -> str | None:
        """The error's own type, such as `invalid_request_error`, or None."""
        return next((form.type for form in self.payloads() if form.type), None)

    @property
    def error_param(self) -> str | None:
        """The request's parameter that the error names, or None."""
        return next((form.param for form in self.payloads() if form.param), None)

    @property
    def http_status(self) -> int | None:
        """The HTTP status that a WebSocket error stands for, or None."""
        return self.status or self.status_code or None
