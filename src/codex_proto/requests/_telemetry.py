"""What there is to measure of requests and streams: typed values, and hooks that take them.

Nothing here measures. A driver that has a clock makes the values and calls the hooks; anything with
a method of the right name is a hook. Bodies never get in, nor do secrets: errors keep them out.

Source: wire.md 10.
"""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import Struct

from codex_proto.errors import (
    ApiError,
    CodexError,
    ConnectionClosed,
    IdleTimeout,
    RetryLimit,
    TimedOut,
)

__all__ = [
    "RequestAttempt",
    "RequestTelemetry",
    "SsePoll",
    "SseTelemetry",
    "WebSocketPoll",
    "WebSocketRequest",
    "WebSocketTelemetry",
    "error_label",
]


class RequestAttempt(Struct, frozen=True, kw_only=True):
    """One attempt at an HTTP request, up to the head of its answer; waits between are not in it.

    `attempt` counts from 0, `status` is that of the answer where there was one, `duration` is in
    seconds and includes the time that authorisation took.
    """

    attempt: int
    duration: float
    status: int | None = None
    error: CodexError | None = None
    endpoint: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the answer was a success: a 2xx status and no error."""
        return self.error is None and self.status is not None and 200 <= self.status <= 299


class SsePoll(Struct, frozen=True, kw_only=True):
    """One wait for an event of a stream: what came, and for how many seconds it was waited for.

    `event_type` is the wire type of what came; None with no `error` is the end of the stream.
    """

    duration: float
    event_type: str | None = None
    error: CodexError | None = None

    @property
    def kind(self) -> str:
        """What to count it as: the type, `end`, or the label of the error."""
        return _kind(self.event_type, self.error)

    @property
    def failed(self) -> bool:
        """Whether it counts as a failure: an error, or the event that reports one."""
        return self.error is not None or self.event_type in _FAILURES


class WebSocketRequest(Struct, frozen=True, kw_only=True):
    """One request over a WebSocket, from the wish to send it until it is sent (or is not).

    `connection_reused` is false only where the request itself had to open the connection: one
    that was opened ahead, warmed up or used before counts as reused. `duration` is in seconds.
    """

    duration: float
    connection_reused: bool
    error: CodexError | None = None


class WebSocketPoll(Struct, frozen=True, kw_only=True):
    """One wait for a message of a WebSocket; pings and pongs are not messages.

    As for `SsePoll`, with `end` for a socket that is closed.
    """

    duration: float
    event_type: str | None = None
    error: CodexError | None = None

    @property
    def kind(self) -> str:
        """What to count it as: the type, `end`, or the label of the error."""
        return _kind(self.event_type, self.error)

    @property
    def failed(self) -> bool:
        """Whether it counts as a failure: an error, or the event that reports one."""
        return self.error is not None or self.event_type in _FAILURES


class RequestTelemetry(Protocol):
    """Takes one value for each attempt at an HTTP request."""

    def on_request(self, attempt: RequestAttempt) -> None:
        """Called after each attempt, also one that failed."""
        ...


class SseTelemetry(Protocol):
    """Takes one value for each wait for an event."""

    def on_sse_poll(self, poll: SsePoll) -> None:
        """Called after each wait, also for the end, an error or a time-out."""
        ...


class WebSocketTelemetry(Protocol):
    """Takes the values of requests over a WebSocket, and of what comes back."""

    def on_ws_request(self, request: WebSocketRequest) -> None:
        """Called once for each request, after it was sent or failed to be."""
        ...

    def on_ws_event(self, event: WebSocketPoll) -> None:
        """Called after each wait for a message, also for the end, an error or a time-out."""
        ...


_FAILURES: Final = frozenset({"response.failed"})


def error_label(error: CodexError) -> str:
    """Return a short label of an error for a metric: never text that a server wrote.

    `http 503` for a refusal, `retry limit reached`, `timeout`, `closed` for a WebSocket, else the
    name of the class.
    """
    if isinstance(error, RetryLimit):
        return "retry limit reached"
    if isinstance(error, ApiError) and error.status is not None:
        return f"http {error.status}"
    if isinstance(error, IdleTimeout):
        return "idle timeout"
    if isinstance(error, TimedOut):
        return "timeout"
    if isinstance(error, ConnectionClosed):
        return "closed"
    return type(error).__name__


def _kind(event_type: str | None, error: CodexError | None) -> str:
    if error is not None:
        return error_label(error)
    return event_type or "end"
