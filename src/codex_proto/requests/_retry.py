"""Whether a request is sent once more, when, and how: one function, by the table of reactions.

`decide` is pure. It gets what has happened so far (`RetryState`), the error, the time and a random
number, and answers with a decision that has the next state in it. There are two budgets, as
upstream has them. The inner one is for a single HTTP request that was refused before its response
began; the outer one is for whole streams, and restarts the inner one each time. Over a
WebSocket there is only the outer one; when it is used up, HTTP takes over.

Once output has begun, nothing is repeated unless the policy says so: whoever reads the events
would get the beginning twice.

Source: wire.md 2.1, 2.7, 2.8, 6.5, 6.7, 7.3 and 7.4; observed.md, "Responses stream", "Responses
over WebSocket". docs/differences.md has what is different here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.requests._retry_reactions import REACTIONS
from codex_proto.requests._retry_state import RetryState

__all__ = [
    "Decision",
    "Fallback",
    "GiveUp",
    "Resend",
    "RetryAfter",
    "backoff",
    "decide",
]

# 64 bits of milliseconds: the longest wait that upstream's durations can hold (wire.md 7.4).
_LONGEST_MS: Final = 2**64 - 1

Layer: TypeAlias = Literal["request", "stream"]


class RetryAfter(Struct, frozen=True, kw_only=True):
    """Send the same request again at `at` (the caller's clock), which is in `delay` seconds.

    On a WebSocket that is a new connection and the full input, since the old one is gone.
    `attempt` counts the retries of this budget from 1 up to `max_attempts`.
    """

    delay: float
    at: float
    attempt: int
    max_attempts: int
    layer: Layer
    state: RetryState


class Resend(Struct, frozen=True, kw_only=True):
    """Send again at `at`, but not the same: change what is true here.

    `new_connection`: on another WebSocket. `full_input`: with all of the input, without
    `previous_response_id`. `refresh_auth`: with other credentials, if there are any to be had.
    """

    delay: float
    at: float
    state: RetryState
    new_connection: bool = False
    full_input: bool = False
    refresh_auth: bool = False


class Fallback(Struct, frozen=True, kw_only=True):
    """Send the full request by HTTP, now, and use no WebSocket for the rest of the session."""

    state: RetryState


class GiveUp(Struct, frozen=True, kw_only=True):
    """Tell the caller the error: trying again would not help, or is not allowed any more."""

    error: CodexError
    state: RetryState


Decision: TypeAlias = RetryAfter | Resend | Fallback | GiveUp


# -- the decision -------------------------------------------------------------------------------


def decide(state: RetryState, error: CodexError, now: float, random: float = 0.5) -> Decision:
    """Decide what becomes of a request that failed with `error`.

    `now` is the caller's monotonic clock in seconds. `random` is a number from 0 up to (not
    including) 1, drawn again each time, which spreads the waits by a tenth either way; without one
    they are not spread. Go on with the decision's `state`.

    Raises:
        LocalProtocolError: an argument is of the wrong type, or `random` out of range.
    """
    if not isinstance(state, RetryState):
        raise LocalProtocolError(f"state: must be a RetryState, not {type(state).__name__}")
    if not isinstance(error, CodexError):
        raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
    if not 0 <= random < 1:
        raise LocalProtocolError(f"random: must be from 0 up to 1, not {random}")
    if isinstance(error, LocalProtocolError) or not _may_repeat(state, error):
        return GiveUp(error=error, state=state)
    reaction = next(row for row in REACTIONS if row.is_meant(error, state))
    if _is_request_left(state) and reaction.request(state.policy):
        return _repeat_request(state, error, now, random)
    return _ANSWERS[reaction.stream](state, error, now, random)


def _may_repeat(state: RetryState, error: CodexError) -> bool:
    has_output = state.output_started or getattr(error, "output_started", False)
    return state.policy.replay_after_output or not has_output


def _is_request_left(state: RetryState) -> bool:
    return (
        state.transport == "http"
        and not state.response_started
        and state.request_retries < state.policy.request_max_retries
    )


def _repeat_request(state: RetryState, error: CodexError, now: float, random: float) -> Decision:
    attempt = state.request_retries + 1
    delay = _delay(state, error, attempt, random)
    if delay is None:
        return GiveUp(error=error, state=state)
    return RetryAfter(
        delay=delay,
        at=now + delay,
        attempt=attempt,
        max_attempts=state.policy.request_max_retries,
        layer="request",
        state=msgspec.structs.replace(state, request_retries=attempt),
    )


def _by_nature(state: RetryState, error: CodexError, now: float, random: float) -> Decision:
    if not error.retryable:
        return GiveUp(error=error, state=state)
    return _retry(state, error, now, random)


def _retry(state: RetryState, error: CodexError, now: float, random: float) -> Decision:
    if _is_stream_used_up(state):
        return _end_of_budget(state, error)
    attempt = state.stream_retries + 1
    delay = _delay(state, error, attempt, random)
    if delay is None:
        return GiveUp(error=error, state=state)
    return RetryAfter(
        delay=delay,
        at=now + delay,
        attempt=attempt,
        max_attempts=state.policy.stream_max_retries,
        layer="stream",
        state=_next_stream(state, attempt),
    )


def _resend(state: RetryState, error: CodexError, now: float, random: float) -> Decision:
    # From the same budget: a server that says it of full input, too, must not keep us for ever.
    answer = _retry(state, error, now, random)
    if not isinstance(answer, RetryAfter):
        return answer
    return Resend(
        delay=answer.delay,
        at=answer.at,
        new_connection=True,
        full_input=True,
        state=answer.state,
    )


def _refresh(state: RetryState, error: CodexError, now: float, random: float) -> Decision:  # noqa: ARG001
    asked = msgspec.structs.replace(state, auth_asked=True)
    return Resend(delay=0.0, at=now, refresh_auth=True, state=asked)


def _fall_back(state: RetryState, error: CodexError, now: float, random: float) -> Decision:  # noqa: ARG001
    return Fallback(state=msgspec.structs.replace(_next_stream(state, 0), transport="http"))


_ANSWERS: Final[dict[str, Callable[[RetryState, CodexError, float, float], Decision]]] = {
    "retry": _retry,
    "resend": _resend,
    "refresh": _refresh,
    "fallback": _fall_back,
    "by_nature": _by_nature,
}


def _is_stream_used_up(state: RetryState) -> bool:
    return state.is_unary or state.stream_retries >= state.policy.stream_max_retries


def _end_of_budget(state: RetryState, error: CodexError) -> Decision:
    if state.transport == "websocket":
        return _fall_back(state, error, 0.0, 0.0)
    return GiveUp(error=error, state=state)


def _next_stream(state: RetryState, retries: int) -> RetryState:
    return msgspec.structs.replace(
        state,
        stream_retries=retries,
        request_retries=0,
        response_started=False,
        output_started=False,
    )


def _delay(state: RetryState, error: CodexError, attempt: int, random: float) -> float | None:
    """How long to wait; None where the server asks for more than the policy allows."""
    asked = error.retry_after
    if asked is None:
        return backoff(state.policy.base_delay, attempt, random)
    return asked if 0 <= asked <= state.policy.max_server_delay else None


def backoff(base_delay: float, attempt: int, random: float) -> float:
    """Return the seconds to wait before the retry of that number.

    They double with each attempt from 1 on, and are spread by a tenth either way: `base_delay`
    times 2^(attempt - 1) times a number from 0.9 up to 1.1, in whole milliseconds. Attempt 0 waits
    `base_delay` itself (wire.md 7.4).
    """
    base_ms = base_delay * 1000
    if attempt <= 0:
        return math.floor(base_ms) / 1000
    try:
        milliseconds = math.floor(math.ldexp(base_ms, attempt - 1) * (0.9 + 0.2 * random))
    except OverflowError:
        milliseconds = _LONGEST_MS
    return min(milliseconds, _LONGEST_MS) / 1000
