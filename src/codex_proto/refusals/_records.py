"""From what a stream says about a failure to the error that it means.

Source: wire.md 1.8 and 2.7; observed.md, "Responses stream". Classification follows the newest
complete version (wire.md's N), and later ones where they only add.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import DECODE_ERRORS
from codex_proto.errors import ApiError, ResponseFailedError
from codex_proto.http import Headers, headers_from_json
from codex_proto.refusals._answers import error_from_response
from codex_proto.refusals._codes import FAILED_CODES, FRAME_CODES
from codex_proto.refusals._delays import delay_from_text, finite, retry_after_from_headers

__all__ = ["error_from_frame", "error_from_record"]

# Those whose text may say how long to wait.
_DELAYED: Final = frozenset({"rate_limit_exceeded", "slow_down"})


def error_from_record(
    code: str | None,
    message: str | None,
    *,
    response_id: str | None = None,
    error_type: str | None = None,
    param: str | None = None,
    resets_at: int | float | None = None,
) -> ApiError:
    """Return the error that the record of a `response.failed` means (wire.md 1.8).

    A code that is not known makes a `ResponseFailedError` with the server's message. `retry_after`
    comes from the message of `rate_limit_exceeded` and `slow_down`.
    """
    message = message or ""
    return FAILED_CODES.get(code or "", ResponseFailedError)(
        message if message.strip() else "",
        code=code,
        response_id=response_id,
        error_type=error_type,
        param=param,
        retry_after=delay_from_text(message) if code in _DELAYED else None,
        retry_at=finite(resets_at),
    )


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
    special = FRAME_CODES.get(code or "")
    if special is not None:
        fields = fields or Headers()
        return special(
            message or "",
            code=code,
            response_id=response_id,
            status=status,
            request_id=fields.get_text("x-request-id") or fields.get_text("x-oai-request-id"),
            cf_ray=fields.get_text("cf-ray"),
            retry_after=retry_after_from_headers(fields),
        )
    if status is None or not 100 <= status <= 999 or 200 <= status <= 299:
        return None
    error = error_from_response(status, fields, frame, now_unix=now_unix)
    return error.replace(response_id=response_id)
