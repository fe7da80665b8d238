"""From what a Responses stream says about a failure to the error that it means.

Pure functions: an event's payload in, an error out. An HTTP answer takes `error_from_response`,
which Realtime shares.

Source: wire.md 1.8 and 2.7; observed.md, "Responses stream". Classification follows the newest
complete version (wire.md's N), and later ones where they only add.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import MalformedPart
from codex_proto.errors import (
    ApiError,
    CodexError,
    ConnectionLimitReached,
    ContextWindowExceeded,
    CyberPolicy,
    FlexUnavailable,
    InvalidRequest,
    MisalignmentPolicyViolation,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    ServerOverloaded,
    UsageNotIncluded,
)
from codex_proto.http import Headers, headers_from_json
from codex_proto.refusals import (
    QUOTA_CODES,
    delay_from_text,
    error_from_response,
    finite,
    retry_after_from_headers,
)
from codex_proto.responses.wire import ErrorEvent, ErrorPayload, encode_response_event

__all__ = ["FAILED_CODES", "classify_failed", "error_from_websocket_error"]

# The codes of `response.failed` that mean something of their own (wire.md 1.8).
FAILED_CODES: Final[dict[str, type[ApiError]]] = {
    "context_length_exceeded": ContextWindowExceeded,
    **dict.fromkeys(sorted(QUOTA_CODES), QuotaExceeded),
    "usage_not_included": UsageNotIncluded,
    "cyber_policy": CyberPolicy,
    "misalignment_policy_violation": MisalignmentPolicyViolation,
    "invalid_prompt": InvalidRequest,
    "bio_policy": InvalidRequest,
    "server_is_overloaded": ServerOverloaded,
    "slow_down": ServerOverloaded,
    "rate_limit_exceeded": RateLimitExceeded,
    "flex_unavailable": FlexUnavailable,
}
# Those whose text may say how long to wait.
_DELAYED: Final = frozenset({"rate_limit_exceeded", "slow_down"})

# What upstream says of a `response.failed` that says nothing; programs look for it.
_NOTHING_TOLD: Final = "response.failed event received"

_WEBSOCKET_CODES: Final[dict[str, type[ApiError]]] = {
    "websocket_connection_limit_reached": ConnectionLimitReached,
    "previous_response_not_found": PreviousResponseNotFound,
    "flex_unavailable": FlexUnavailable,
}


def classify_failed(
    error: ErrorPayload | MalformedPart | None, response_id: str | None = None
) -> CodexError:
    """Return the error that a `response.failed` means (wire.md 1.8).

    `error` is `Failed.error`: the payload, or what is there in its place. A code that is not known
    makes a `ResponseFailedError` with the server's message. `retry_after` comes from the message
    of `rate_limit_exceeded` and `slow_down`.
    """
    if not isinstance(error, ErrorPayload):
        return ResponseFailedError(_NOTHING_TOLD, response_id=response_id)
    code = error.code_text
    message = error.message or None
    delay = delay_from_text(message) if message is not None and code in _DELAYED else None
    return FAILED_CODES.get(code or "", ResponseFailedError)(
        message if message is not None and message.strip() else None,
        code=code,
        response_id=response_id,
        error_type=error.type or None,
        param=error.param or None,
        retry_after=delay,
        retry_at=finite(error.resets_at or None),
    )


class _Told(Struct):
    code: str | None = None
    message: str | None = None


class _Frame(Struct):
    """What upstream reads of an `error` frame; a wrong type in it makes it none that ends."""

    status: int | UnsetType | None = UNSET
    status_code: int | UnsetType | None = UNSET
    error: _Told | None = None
    headers: dict[str, Raw] | None = None


_decode_frame: Final = msgspec.json.Decoder(_Frame).decode


def error_from_websocket_error(
    event: ErrorEvent,
    raw: bytes | str | None = None,
    *,
    response_id: str | None = None,
    now_unix: float | None = None,
) -> ApiError | None:
    """Return the error that an `error` event on a WebSocket means, None where it ends nothing.

    It stands for an HTTP answer: `status` (or `status_code`), `headers`, and the whole frame as the
    body, so `raw` should be the frame as it came; without it the event is encoded again. A code
    that is about the connection needs no status. An event without one, with both, with a wrong
    type in a member, or with a status that is a success or none of HTTP's, ends nothing
    (wire.md 2.7).
    """
    body = encode_response_event(event) if raw is None else raw
    try:
        frame = _decode_frame(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if frame.status is not UNSET and frame.status_code is not UNSET:
        return None
    status = frame.status or frame.status_code or None
    fields: Headers | None = None
    if frame.headers is not None and isinstance(event.raw_headers, Raw):
        fields = headers_from_json(event.raw_headers)
    special = _WEBSOCKET_CODES.get(event.error_code or "")
    if special is not None:
        return _special(special, event, status, fields or Headers(), response_id)
    if status is None or not 100 <= status <= 999 or 200 <= status <= 299:
        return None
    error = error_from_response(status, fields, body, now_unix=now_unix)
    return error.replace(response_id=response_id)


def _special(
    special: type[ApiError],
    event: ErrorEvent,
    status: int | None,
    fields: Headers,
    response_id: str | None,
) -> ApiError:
    return special(
        event.error_message,
        code=event.error_code,
        response_id=response_id,
        status=status,
        request_id=fields.get_text("x-request-id") or fields.get_text("x-oai-request-id"),
        cf_ray=fields.get_text("cf-ray"),
        retry_after=retry_after_from_headers(fields),
    )
