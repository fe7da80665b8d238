"""From what a stream says about a failure to the error that it means.

Source: wire.md 1.8 and 2.7; additions-2026-11.md 1; observed.md, "Responses stream". The class
of an error follows the newest client. What an `error` frame ends is April's in `error_from_frame`;
in `error_from_any_frame` every frame means an error.
"""

from __future__ import annotations

from typing import Any, Final, TypeGuard, cast

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import DECODE_ERRORS, Value
from codex_proto.errors import (
    ApiError,
    MisalignmentPolicyViolation,
    RateLimitExceeded,
    ResponseFailedError,
    UsageLimitReached,
)
from codex_proto.http import Headers, headers_from_json
from codex_proto.rate_limits import plan_type as plan_by_name
from codex_proto.refusals._answers import error_from_response
from codex_proto.refusals._codes import FAILED_CODES, FRAME_CODES, event_class
from codex_proto.refusals._delays import finite, retry_after_from_headers, unix_time
from codex_proto.refusals._misalignment import misalignment_record
from codex_proto.refusals._words import delay_from_text

__all__ = ["ErrorRecord", "error_from_any_frame", "error_from_frame", "error_from_record"]


class ErrorRecord(Value, frozen=True, kw_only=True):
    """What a record inside of an event says of an error; None for what it does not."""

    code: str | None = None
    message: str | None = None
    error_type: str | None = None
    param: str | None = None
    status: int | None = None
    plan_type: str | None = None
    resets_at: int | float | None = None
    resets_in_seconds: int | float | None = None
    misalignment: Raw | None = None


def error_from_record(
    told: ErrorRecord,
    *,
    response_id: str | None = None,
    headers: Headers | None = None,
    by_type: bool = True,
) -> ApiError:
    """Return the error that the record of a `response.failed` or of an `error` event means.

    A code that is not known makes a `ResponseFailedError` with the server's message, or what type,
    status and the words of other servers mean, unless `by_type` is false. `retry_after` comes from
    `headers`, where there are any, or from the message of a rate limit.
    """
    message = told.message or ""
    if by_type:
        status = None if told.status is None else str(told.status)
        cls = event_class(told.code, told.error_type, status)
    else:
        cls = FAILED_CODES.get(told.code or "", ResponseFailedError)
    fields = headers or Headers()
    own: dict[str, Any] = {}
    delay = retry_after_from_headers(fields)
    if cls is RateLimitExceeded and delay is None:
        delay = delay_from_text(message)
    if cls is UsageLimitReached:
        if delay is None:
            delay = finite(told.resets_in_seconds)
        plan = None if told.plan_type is None else plan_by_name(told.plan_type, aliases=True)
        own["plan_type"] = None if plan is None else str(plan)
    if cls is MisalignmentPolicyViolation:
        own["misalignment"] = misalignment_record(told.misalignment)
    return cls(
        message if message.strip() else "",
        code=told.code,
        response_id=response_id,
        error_type=told.error_type,
        param=told.param,
        status=told.status,
        retry_after=delay,
        retry_at=unix_time(told.resets_at),
        request_id=_request_id(fields),
        cf_ray=fields.get_text("cf-ray"),
        **own,
    )


def _request_id(fields: Headers) -> str | None:
    return fields.get_text("x-request-id") or fields.get_text("x-oai-request-id")


class _Record(Struct):
    code: str | None = None
    message: str | None = None


class _Frame(Struct):
    """What upstream reads of an `error` frame; one with a wrong type in it ends nothing."""

    status: int | UnsetType | None = UNSET
    status_code: int | UnsetType | None = UNSET
    error: _Record | None = None
    headers: dict[str, Raw] | None = None


_decode_frame: Final = msgspec.json.Decoder(_Frame).decode


def error_from_frame(
    frame: bytes | str,
    code: str | None,
    message: str | None,
    *,
    response_id: str | None = None,
    now_unix: float | None = None,
) -> ApiError | None:
    """Return the error that an `error` frame of a WebSocket means, None where it ends nothing.

    It stands for an HTTP answer: `status` (or `status_code`), `headers`, and the whole frame as the
    body. `code` and `message` are what it says of the error, flat or nested. A code that is about
    the connection needs no status. A frame without one, with both, with a wrong type in a member,
    or with a status that is a success or not one of HTTP, ends nothing (wire.md 2.7).
    """
    try:
        read = _decode_frame(frame)
    except DECODE_ERRORS:
        return None
    if read.status is not UNSET and read.status_code is not UNSET:
        return None
    status = read.status or read.status_code or None
    fields = None if read.headers is None else headers_from_json(msgspec.json.encode(read.headers))
    if code in FRAME_CODES:
        return _about_the_connection(code, message, response_id, status, fields)
    if not _is_refusal(status):
        return None
    error = error_from_response(status, fields, frame, now_unix=now_unix)
    return error.replace(response_id=response_id)


class _AnyFrame(Struct):
    status: object = None
    status_code: object = None
    headers: object = None
    error: object = None


_decode_any_frame: Final = msgspec.json.Decoder(_AnyFrame).decode


def error_from_any_frame(
    frame: bytes | str,
    told: ErrorRecord,
    *,
    response_id: str | None = None,
    now_unix: float | None = None,
) -> ApiError:
    """Return the error that an `error` frame of a WebSocket means, whatever its shape is.

    `told` is what it says of the error. The status may be a number or text, under either name;
    status and headers may stand beside `error` or inside of it. A status that refuses makes the
    error of that HTTP answer; without one the frame means what the same record means in a
    `response.failed`.
    """
    try:
        read = _decode_any_frame(frame)
    except DECODE_ERRORS:
        read = _AnyFrame()
    inside = _members(read.error)
    found = (read.status, read.status_code, inside.get("status"), inside.get("status_code"))
    status = next((number for number in map(_as_status, found) if _is_refusal(number)), None)
    headers = _members(read.headers) or _members(inside.get("headers"))
    fields = headers_from_json(msgspec.json.encode(headers)) if headers else None
    if told.code in FRAME_CODES:
        return _about_the_connection(told.code, told.message, response_id, status, fields)
    if status is None:
        return error_from_record(told, response_id=response_id, headers=fields)
    error = error_from_response(status, fields, frame, now_unix=now_unix)
    return error.replace(response_id=response_id)


def _members(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _as_status(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_refusal(status: int | None) -> TypeGuard[int]:
    """Whether it is a status of HTTP, and not a success."""
    return status is not None and 100 <= status <= 999 and not 200 <= status <= 299


def _about_the_connection(
    code: str,
    message: str | None,
    response_id: str | None,
    status: int | None,
    fields: Headers | None,
) -> ApiError:
    fields = fields or Headers()
    return FRAME_CODES[code](
        message or "",
        code=code,
        response_id=response_id,
        status=status,
        request_id=_request_id(fields),
        cf_ray=fields.get_text("cf-ray"),
        retry_after=retry_after_from_headers(fields),
    )
