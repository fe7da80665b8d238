"""What goes wrong between the two sides: connections, time, and streams that break off.

Source: wire.md 1.9, 2.5 and 6.2.
"""

from __future__ import annotations

from codex_proto.errors._base import CodexError

__all__ = [
    "ConnectionClosed",
    "ConnectionFailed",
    "IdleTimeout",
    "InvalidUtf8",
    "StreamClosedEarly",
    "TimedOut",
    "UnexpectedBinary",
]


class StreamClosedEarly(CodexError):
    """The stream ended before any event that ends a response.

    Attributes:
        last_event_type: wire type of the last event that was seen, or None when there was none.
        response_id: id of the response, where an event had told it.
        output_started: whether output had begun, which makes a blind retry repeat it.
        leftover: bytes of the unfinished last block (at most `LEFTOVER_SHOWN` of them), such as
            the HTML page of a gateway that answered in the server's place.
    """

    retryable = True
    fields = (
        *CodexError.fields,
        "last_event_type",
        "response_id",
        "output_started",
        "leftover",
    )

    def __init__(
        self,
        message: str | None = None,
        *,
        last_event_type: str | None = None,
        response_id: str | None = None,
        output_started: bool = False,
        leftover: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        if message is None:
            seen = f"after {last_event_type}" if last_event_type else "without a single event"
            message = f"The stream closed before response.completed, {seen}."
        super().__init__(message, retry_after=retry_after)
        self.last_event_type = last_event_type
        self.response_id = response_id
        self.output_started = output_started
        self.leftover = leftover


class ConnectionClosed(StreamClosedEarly):
    """The WebSocket was closed before any event that ends a response.

    `close_code` and `close_reason` are those of the close frame, None where there was none.
    """

    fields = (*StreamClosedEarly.fields, "close_code", "close_reason")

    def __init__(
        self,
        message: str | None = None,
        *,
        close_code: int | None = None,
        close_reason: str | None = None,
        last_event_type: str | None = None,
        response_id: str | None = None,
        output_started: bool = False,
        leftover: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        if message is None:
            code = "" if close_code is None else f" with code {close_code}"
            message = f"The WebSocket was closed{code} before response.completed."
        super().__init__(
            message,
            last_event_type=last_event_type,
            response_id=response_id,
            output_started=output_started,
            leftover=leftover,
            retry_after=retry_after,
        )
        self.close_code = close_code
        self.close_reason = close_reason


class UnexpectedBinary(CodexError):
    """The peer sent a binary WebSocket message, where the protocol only has text."""

    retryable = True

    def __init__(
        self,
        message: str = "The server sent a binary WebSocket message; only text is expected.",
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after)


class ConnectionFailed(CodexError):
    """The connection could not be made, or broke. The driver says so with this value."""

    retryable = True


class TimedOut(CodexError):
    """A step did not finish in its time, as the caller's clock says."""

    retryable = True


class IdleTimeout(TimedOut):
    """Nothing arrived for longer than the stream may be silent, as the caller's clock says."""


class InvalidUtf8(CodexError):
    """The peer sent bytes that are no UTF-8 where the stream has to be text.

    Only the `codex` view fails a stream over that, as upstream does; elsewhere it costs one event.
    """

    retryable = True

    def __init__(
        self,
        message: str = "The stream holds bytes that are not UTF-8.",
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after)
