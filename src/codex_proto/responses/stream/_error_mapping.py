"""From the events that say what failed to the error that they mean.

Source: wire.md 1.8 and 2.7.
"""

from __future__ import annotations

from typing import Final

from codex_proto._wire import MalformedPart
from codex_proto.errors import ApiError, ResponseFailedError
from codex_proto.refusals import error_from_frame, error_from_record
from codex_proto.responses.wire import ErrorEvent, ErrorPayload, encode_response_event

__all__ = ["classify_failed", "error_from_websocket_error"]

# What upstream says of a `response.failed` that says nothing; programs look for it.
_SAYS_NOTHING: Final = "response.failed event received"


def classify_failed(
    error: ErrorPayload | MalformedPart | None, response_id: str | None = None
) -> ApiError:
    """Return the error that a `response.failed` means; `error` is `Failed.error`."""
    if not isinstance(error, ErrorPayload):
        return ResponseFailedError(_SAYS_NOTHING, response_id=response_id)
    return error_from_record(
        error.code_text,
        error.message or None,
        response_id=response_id,
        error_type=error.type or None,
        param=error.param or None,
        resets_at=error.resets_at or None,
    )


def error_from_websocket_error(
    event: ErrorEvent,
    raw: bytes | str | None = None,
    *,
    response_id: str | None = None,
    now_unix: float | None = None,
) -> ApiError | None:
    """Return the error that an `error` event on a WebSocket means, None where it ends nothing.

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
