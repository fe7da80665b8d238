"""From the events that say what failed to the error that they mean.

Source: wire.md 1.8 and 2.7; additions-2026-11.md 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct, UnsetType

from codex_proto._wire import DECODE_ERRORS, MalformedPart, decode_part
from codex_proto.errors import ApiError, ResponseFailedError
from codex_proto.refusals import (
    ENDING_CODES,
    ErrorRecord,
    error_from_any_frame,
    error_from_frame,
    error_from_record,
    read_body,
)
from codex_proto.responses.wire import ErrorEvent, ErrorPayload, Failed, encode_response_event

__all__ = [
    "classify_error_event",
    "classify_failed",
    "classify_failed_as_codex",
    "ends_at_once",
    "error_from_websocket_error",
]

T = TypeVar("T")

# What upstream says of a `response.failed` that says nothing; programs look for it.
_SAYS_NOTHING: Final = "response.failed event received"
_STATUS: Final = re.compile(rb'"[1-9]\d\d"')
# Characters of what is shown of an error in a form that nobody has seen yet.
_SHOWN: Final = 1000


def classify_failed(
    error: ErrorPayload | MalformedPart | None, response_id: str | None = None
) -> ApiError:
    """Return the error that a `response.failed` means; `error` is `Failed.error`."""
    if isinstance(error, ErrorPayload):
        record = _record([error, error.inner])
        if record.message is None:
            record = msgspec.structs.replace(record, message=_whatever_is_there(error.notes))
        return error_from_record(_unwrapped(record), response_id=response_id)
    text = None if error is None else decode_part("error", error.raw, str)
    message = text if isinstance(text, str) and text.strip() else _SAYS_NOTHING
    return ResponseFailedError(message, response_id=response_id)


class _CodexRecord(Struct, gc=False):
    """What upstream reads of an error; a wrong type in it makes the record unreadable."""

    type: str | None = None
    # Some servers send a number, which would be unreadable as well.
    code: str | int | None = None
    message: str | None = None
    plan_type: str | None = None
    resets_at: int | float | None = None


class _CodexResponse(Struct, gc=False):
    error: _CodexRecord | None = None


_decode_failed: Final = msgspec.json.Decoder(_CodexResponse).decode


def classify_failed_as_codex(event: Failed) -> ApiError:
    """Return the error that a `response.failed` means upstream: of a code, or of nothing."""
    try:
        raw = event.raw_response
        readable = _decode_failed(raw).error if isinstance(raw, Raw) else None
    except DECODE_ERRORS:
        readable = None
    error = event.error
    if readable is None or not isinstance(error, ErrorPayload):
        return classify_failed(None, event.response_id)
    return error_from_record(_record([error]), response_id=event.response_id, by_type=False)


def classify_error_event(
    event: ErrorEvent, frame: bytes | str | None = None, *, response_id: str | None = None
) -> ApiError:
    """Return the error that an `error` event means: what it would in a `response.failed`.

    `frame` is the message of a WebSocket that it came in, which may stand for an HTTP answer.
    """
    record = _record(event.payloads())
    if record.message is None:
        record = msgspec.structs.replace(
            record, message=_whatever_is_there(event.notes, event.error)
        )
    record = _unwrapped(record)
    if frame is not None:
        return error_from_any_frame(frame, record, response_id=response_id)
    record = msgspec.structs.replace(record, status=event.http_status or _status_in_text(event))
    return error_from_record(record, response_id=response_id)


def ends_at_once(error: ApiError) -> bool:
    """Whether an `error` event with that error is the last event of its stream, by its code."""
    return error.code in ENDING_CODES


def _record(forms: Iterable[ErrorPayload | None]) -> ErrorRecord:
    """What the forms of one error say: of each member what the first says that has it."""
    known = [form for form in forms if form is not None]
    return ErrorRecord(
        code=_first(form.code_text for form in known),
        message=_first(form.message for form in known),
        error_type=_first(form.type for form in known),
        param=_first(form.param for form in known),
        plan_type=_first(form.plan_type for form in known),
        resets_at=_first(form.resets_at for form in known),
        resets_in_seconds=_first(form.resets_in_seconds for form in known),
        misalignment=_first(form.raw_misalignment for form in known),
    )


def _first(values: Iterable[T | UnsetType | None]) -> T | None:
    return next((value for value in values if value), None)


def _status_in_text(event: ErrorEvent) -> int | None:
    for note in event.notes:
        if note.field in ("status", "status_code") and _STATUS.fullmatch(note.raw):
            return int(note.raw.strip(b'"'))
    return None


def _unwrapped(record: ErrorRecord) -> ErrorRecord:
    """Read the error that stands as JSON in the message of one that says nothing itself."""
    if record.code or record.error_type or not (record.message or "").lstrip().startswith("{"):
        return record
    read = read_body(record.message)
    found = {"code": read.code, "message": read.message, "error_type": read.error_type}
    return msgspec.structs.replace(record, **{n: text for n, text in found.items() if text})


def _whatever_is_there(
    notes: Iterable[MalformedPart], error: ErrorPayload | object = None
) -> str | None:
    """The JSON of a message or an error of a type that nobody has seen yet, as it came."""
    noted: list[MalformedPart] = [*notes]
    if isinstance(error, ErrorPayload):
        noted += error.notes
    for note in noted:
        if note.field in ("message", "error"):
            return note.raw.decode("utf-8", "replace")[:_SHOWN]
    return None


def error_from_websocket_error(
    event: ErrorEvent,
    raw: bytes | str | None = None,
    *,
    response_id: str | None = None,
    now_unix: float | None = None,
) -> ApiError | None:
    """Return the error that an `error` event on a WebSocket means, None where it ends nothing.

    By the rules of profile `codex`; `classify_error_event` has those of `full`.

    `raw` should be the frame as it came, which is the error's body; without it the event is encoded
    again.
    """
    return error_from_frame(
        encode_response_event(event) if raw is None else raw,
        event.error_code,
        event.error_message,
        response_id=response_id,
        now_unix=now_unix,
    )
