"""What is done about each kind of error: a table that is read from its top.

Source: wire.md 2.1, 2.7, 2.8, 6.5, 6.7, 7.3 and 7.4; observed.md, "Responses stream", "Responses
over WebSocket". docs/differences.md has what is different here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct

from codex_proto.errors import (
    ApiError,
    CodexError,
    ConnectionFailed,
    ConnectionLimitReached,
    PreviousResponseNotFound,
    TimedOut,
)
from codex_proto.requests._retry_state import RetryPolicy, RetryState

__all__ = ["REACTIONS", "Reaction"]


class Reaction(Struct, frozen=True):
    """What is done about one kind of error; the first row that fits counts.

    `is_meant` says whether the row is about an error (and a state). `request` is whether a refused
    HTTP request is repeated from the inner budget. `stream` is what follows where that is not
    possible: `retry` or `resend` from the outer budget, `refresh`, `fallback`, or `by_nature`:
    `retry` if the error is `retryable`.
    """

    name: str
    is_meant: Callable[[CodexError, RetryState], bool]
    request: Callable[[RetryPolicy], bool]
    stream: Literal["retry", "resend", "refresh", "fallback", "by_nature"]
    seen: str
    """What clients were seen to do."""


def _status(error: CodexError) -> int:
    # Only what a server said as a refusal: an event inside of a stream has begun the response.
    return (error.status or 0) if isinstance(error, ApiError) else 0


def _never(policy: RetryPolicy) -> bool:  # noqa: ARG001 - the shape of a flag that is never set
    return False


REACTIONS: Final[tuple[Reaction, ...]] = (
    Reaction(
        "the server takes no upgrades",
        lambda error, state: _status(error) == 426 and state.transport == "websocket",
        _never,
        "fallback",
        "426 falls back to POST at once",
    ),
    Reaction(
        "the credentials were refused, and there may be others",
        lambda error, state: (
            _status(error) == 401 and state.policy.refresh_auth and not state.auth_asked
        ),
        _never,
        "refresh",
        "401: one step of recovery, then again",
    ),
    Reaction(
        "the connection is too old",
        lambda error, _: isinstance(error, ConnectionLimitReached),
        _never,
        "resend",
        "new socket, full input, no previous id",
    ),
    Reaction(
        "what the request builds on is unknown",
        lambda error, _: isinstance(error, PreviousResponseNotFound),
        _never,
        "resend",
        "reconnects with full input (the earlier client gave up)",
    ),
    Reaction(
        "too many requests",
        lambda error, _: _status(error) == 429,
        lambda policy: policy.retry_429,
        "by_nature",
        "429 is not retried",
    ),
    Reaction(
        "the server failed",
        lambda error, _: 500 <= _status(error) <= 599,
        lambda policy: policy.retry_5xx,
        "by_nature",
        "500: 5 HTTP attempts in each of 6 stream attempts; 503 overloaded: 5, then the end",
    ),
    Reaction(
        "no connection, or too slow",
        lambda error, _: isinstance(error, ConnectionFailed | TimedOut),
        lambda policy: policy.retry_transport,
        "by_nature",
        "retried",
    ),
    Reaction(
        "anything else",
        lambda _error, _state: True,
        _never,
        "by_nature",
        "400 is the end, 401 is retried; early ends, codes and binary frames by their class",
    ),
)
"""The rows, in the order in which they are looked at."""
