"""How much patience there is, and where a request stands: what `decide` reads.

Source: wire.md 7.3; observed.md, "Responses stream".
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from codex_proto.errors import LocalProtocolError

__all__ = ["RetryPolicy", "RetryState", "Transport"]

MAX_RETRIES: Final = 100
"""What every budget is capped at (wire.md 7.3)."""

Transport: TypeAlias = Literal["http", "websocket"]


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How much patience there is. Times are in seconds.

    `request_max_retries` is how often one HTTP request is repeated before its response begins,
    `stream_max_retries` how often a stream is started again; both are capped at 100. `base_delay`
    is the first wait of the doubling ones. A delay that the server asks for goes first, up to
    `max_server_delay`: beyond it the caller gets the error, which names the delay.

    Raises:
        LocalProtocolError: a value is negative or not a number.
    """

    request_max_retries: int = 4
    stream_max_retries: int = 5
    base_delay: float = 0.2
    retry_429: bool = False
    retry_5xx: bool = True
    retry_transport: bool = True
    replay_after_output: bool = False
    refresh_auth: bool = True
    """Whether `Resend(refresh_auth=True)` is an answer to a 401: only where you can refresh."""
    max_server_delay: float = 3600.0

    def __post_init__(self) -> None:
        for name in ("request_max_retries", "stream_max_retries"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise LocalProtocolError(f"{name}: must be 0 or more, not {value!r}")
            msgspec.structs.force_setattr(self, name, min(value, MAX_RETRIES))
        for name in ("base_delay", "max_server_delay"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise LocalProtocolError(f"{name}: must be seconds, not {value!r}")


class RetryState(Struct, frozen=True, kw_only=True):
    """Where a request stands. Begin with one, go on with the `state` of each decision.

    `request_retries` and `stream_retries` are how much of each budget is used, `transport` is what
    the next attempt goes over. Say by `with_response()` that the response has begun (a 2xx status
    on HTTP), and by `after_event()` what came of it; unary requests only know the first budget
    (`is_unary`).
    """

    policy: RetryPolicy = RetryPolicy()
    transport: Transport = "http"
    is_unary: bool = False
    request_retries: int = 0
    stream_retries: int = 0
    response_started: bool = False
    output_started: bool = False
    auth_asked: bool = False

    def with_response(self) -> RetryState:
        """The state after a response has begun: its status was a success."""
        if self.response_started:
            return self
        return msgspec.structs.replace(self, response_started=True)

    def after_event(self, event: object) -> RetryState:
        """The state after an event of the response, which may show that output has begun.

        Headers, limits, metadata, signs of life, and `created`, `queued` or `in_progress` show
        none. An event of a type that is not known may be output.
        """
        if self.output_started:
            return self
        return self.with_output() if type(event) in _output_classes() else self.with_response()

    def with_output(self) -> RetryState:
        """The state after output has begun."""
        if self.output_started:
            return self
        return msgspec.structs.replace(self, response_started=True, output_started=True)


@cache
def _output_classes() -> frozenset[type]:
    # All of the events, which those who repeat unary requests have no need of.
    from codex_proto._wire import UnknownEvent
    from codex_proto.responses.wire import ROWS

    return frozenset({UnknownEvent, *(row.cls for row in ROWS if row.is_output)})
