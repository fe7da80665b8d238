"""Values for metrics: what counts as a failure, and labels that hold nothing of a server's text."""

from __future__ import annotations

from typing import Any

import pytest

from codex_proto import errors
from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    HttpStatusError,
    IdleTimeout,
    ResponseFailedError,
    RetryLimit,
    StreamClosedEarly,
    TimedOut,
)
from codex_proto.requests import (
    RequestAttempt,
    RequestTelemetry,
    SsePoll,
    SseTelemetry,
    WebSocketPoll,
    WebSocketRequest,
    WebSocketTelemetry,
    error_label,
)


@pytest.mark.parametrize(
    ("error", "label"),
    [
        (RetryLimit(status=429), "retry limit reached"),
        (HttpStatusError("hush", status=503, body="hush"), "http 503"),
        (ResponseFailedError("hush", code="hush"), "ResponseFailedError"),
        (IdleTimeout("hush"), "idle timeout"),
        (TimedOut("hush"), "timeout"),
        (ConnectionClosed(close_reason="hush"), "closed"),
        (StreamClosedEarly("hush"), "StreamClosedEarly"),
        (ConnectionFailed("hush"), "ConnectionFailed"),
    ],
)
def test_labels(error: CodexError, label: str) -> None:
    assert error_label(error) == label


def test_every_error_has_a_label_of_few_words() -> None:
    for name in vars(errors)["__all__"]:
        cls = getattr(errors, name)
        if not (isinstance(cls, type) and issubclass(cls, errors.CodexError)):
            continue
        needed: dict[str, Any] = {"limit_name": "l", "limit": 1, "reason": "r", "message": "hush"}
        error = cls(**{name: needed[name] for name in cls.fields if name in needed})
        assert len(error_label(error).split()) <= 3
        assert "hush" not in error_label(error)


@pytest.mark.parametrize(
    ("status", "error", "succeeded"),
    [
        (200, None, True),
        (299, None, True),
        (300, None, False),
        (None, None, False),
        (200, TimedOut("m"), False),
        (429, RetryLimit(status=429), False),
    ],
)
def test_attempts(status: int | None, error: CodexError | None, succeeded: bool) -> None:
    attempt = RequestAttempt(attempt=0, duration=0.1, status=status, error=error)
    assert attempt.succeeded is succeeded


@pytest.mark.parametrize("cls", [SsePoll, WebSocketPoll])
@pytest.mark.parametrize(
    ("event_type", "error", "kind", "failed"),
    [
        ("response.created", None, "response.created", False),
        ("response.failed", None, "response.failed", True),
        (None, None, "end", False),
        (None, IdleTimeout("m"), "idle timeout", True),
    ],
)
def test_waits(
    cls: type[SsePoll | WebSocketPoll],
    event_type: str | None,
    error: CodexError | None,
    kind: str,
    failed: bool,
) -> None:
    wait = cls(duration=0.5, event_type=event_type, error=error)
    assert (wait.kind, wait.failed) == (kind, failed)


class Counter:
    """One class may be all of the hooks."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def on_request(self, attempt: RequestAttempt) -> None:
        self.seen.append(attempt)

    def on_sse_poll(self, poll: SsePoll) -> None:
        self.seen.append(poll)

    def on_ws_request(self, request: WebSocketRequest) -> None:
        self.seen.append(request)

    def on_ws_event(self, event: WebSocketPoll) -> None:
        self.seen.append(event)


def test_hooks() -> None:
    counter = Counter()
    requests: RequestTelemetry = counter
    streams: SseTelemetry = counter
    sockets: WebSocketTelemetry = counter
    requests.on_request(RequestAttempt(attempt=1, duration=0.0))
    streams.on_sse_poll(SsePoll(duration=0.0))
    sockets.on_ws_request(WebSocketRequest(duration=0.0, connection_reused=False))
    sockets.on_ws_event(WebSocketPoll(duration=0.0))
    assert len(counter.seen) == 4
