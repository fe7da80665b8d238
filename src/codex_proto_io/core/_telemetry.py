"""Telemetry hooks, called so that their exceptions cannot break an operation.

Source: wire.md 10.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from codex_proto import MalformedEvent, UnknownEvent
from codex_proto.errors import CodexError
from codex_proto.requests import (
    Fallback,
    RequestAttempt,
    Resend,
    RetryAfter,
    SsePoll,
    WebSocketPoll,
    WebSocketRequest,
    error_label,
)
from codex_proto.responses import ResponseEvent, StreamFailed, WireEvent

__all__ = ["Retrying", "Telemetry"]

logger: Final = logging.getLogger("codex_proto_io")
logger.addHandler(logging.NullHandler())


class Retrying(Struct, frozen=True, kw_only=True):
    """A failure that is retried: the error, and how it is retried.

    `operation` is `responses`, `compact`, `memories`, `models`, `realtime call` or `realtime`.
    """

    operation: str
    error: CodexError
    decision: RetryAfter | Resend | Fallback


class Telemetry:
    """Passes values to the methods that a hook object has; missing methods are skipped.

    The methods are these (`on_request`, `on_sse_poll`,
    `on_ws_request`, `on_ws_event`), and `on_retry(Retrying)`. Exceptions in them are logged.
    """

    def __init__(self, hooks: object | None) -> None:
        self._on_request = _method(hooks, "on_request")
        self._on_sse_poll = _method(hooks, "on_sse_poll")
        self._on_ws_request = _method(hooks, "on_ws_request")
        self._on_ws_event = _method(hooks, "on_ws_event")
        self._on_retry = _method(hooks, "on_retry")
        self.has_polls: Final = bool(self._on_sse_poll or self._on_ws_event)

    def request(self, attempt: RequestAttempt) -> None:
        """Report one attempt at an HTTP request."""
        logger.debug(
            "%s: attempt %d: %s in %.3f s",
            attempt.endpoint,
            attempt.attempt,
            attempt.status if attempt.error is None else error_label(attempt.error),
            attempt.duration,
        )
        _call(self._on_request, attempt)

    def ws_request(self, request: WebSocketRequest) -> None:
        """Report one request over a WebSocket."""
        _call(self._on_ws_request, request)

    def retry(self, retrying: Retrying) -> None:
        """Report and log a retry."""
        decision = retrying.decision
        label = error_label(retrying.error)
        match decision:
            case Fallback():
                logger.warning("%s: falling back to HTTP after %s", retrying.operation, label)
            case RetryAfter(delay=delay, attempt=attempt, max_attempts=most, layer=layer):
                logger.info(
                    "%s: %s; trying again in %.1f s (%s %d of %d)",
                    *(retrying.operation, label, delay, layer, attempt, most),
                )
            case Resend():
                logger.info("%s: %s; sending again", retrying.operation, label)
        _call(self._on_retry, retrying)

    def polled(self, events: list[ResponseEvent], duration: float, *, is_socket: bool) -> None:
        """Report one wait for events of a response; `duration` belongs to the first of them."""
        hook = self._on_ws_event if is_socket else self._on_sse_poll
        if hook is None:
            return
        for event in events:
            error = event.error if isinstance(event, StreamFailed) else None
            kind: str | None = None
            if isinstance(event, WireEvent | UnknownEvent):
                kind = event.type
            elif isinstance(event, MalformedEvent):
                kind = "parse_error"
            if error is None and kind is None:
                continue
            made = WebSocketPoll if is_socket else SsePoll
            _call(hook, made(duration=duration, event_type=kind, error=error))
            duration = 0.0


def _method(hooks: object | None, name: str) -> Callable[[Any], object] | None:
    method: Any = getattr(hooks, name, None)
    return method if callable(method) else None


def _call(hook: Callable[[Any], object] | None, value: object) -> None:
    if hook is None:
        return
    try:
        hook(value)
    except Exception:
        logger.exception("a telemetry hook failed")
