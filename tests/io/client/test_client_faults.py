"""What goes wrong with a response over HTTP: outcome, number of attempts and waits are upstream's.

Each row is one of observed.md's ("Responses stream"), as seen of the later client.
"""

from __future__ import annotations

import email.utils
import json
import time
from typing import Any, Final, NamedTuple

import pytest

from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    ContextWindowExceeded,
    HttpStatusError,
    IdleTimeout,
    InternalServerError,
    InvalidPrompt,
    InvalidRequest,
    QuotaExceeded,
    RateLimitExceeded,
    RemoteProtocolError,
    ResponseFailedError,
    ResponseIncompleteError,
    RetryLimit,
    ServerOverloaded,
    StreamClosedEarly,
    TimedOut,
    UsageLimitReached,
    UsageNotIncluded,
)
from codex_proto.requests import Provider, RetryPolicy
from tests.io.client.driving import FALLING_SILENT, SILENCE, Driven
from tests.io.client.scripted import (
    COMPLETED,
    CREATED,
    DELTA,
    INCOMPLETE,
    Answer,
    failed,
    garbage,
    hang_up,
    refuse,
    serving,
    sse,
    stall,
)

# The waits of the outer budget, and of the inner one inside of each (no jitter at 0.5).
OUTER: Final = [0.2, 0.4, 0.8, 1.6, 3.2]
INNER: Final = [0.2, 0.4, 0.8, 1.6]
NESTED: Final = [wait for outer in OUTER for wait in (*INNER, outer)] + INNER


def body(code: str, **more: Any) -> bytes:
    return json.dumps({"error": {"code": code, "type": code, "message": "no", **more}}).encode()


class Row(NamedTuple):
    name: str
    answer: Answer
    error: type[CodexError]
    waits: list[float]
    """One less than there are attempts."""


FAULTS: Final = (
    Row(
        "rate_limit_exceeded with a delay",
        sse(CREATED, failed("rate_limit_exceeded", "Please try again in 1.5s.")),
        RateLimitExceeded,
        [1.5] * 5,
    ),
    Row("context", sse(CREATED, failed("context_length_exceeded")), ContextWindowExceeded, []),
    Row("quota", sse(CREATED, failed("insufficient_quota")), QuotaExceeded, []),
    Row("usage", sse(CREATED, failed("usage_not_included")), UsageNotIncluded, []),
    Row("prompt", sse(CREATED, failed("invalid_prompt")), InvalidPrompt, []),
    Row("overloaded", sse(CREATED, failed("server_is_overloaded")), ServerOverloaded, []),
    Row("slow down", sse(CREATED, failed("slow_down")), RateLimitExceeded, OUTER),
    Row("any other code", sse(CREATED, failed("strange")), ResponseFailedError, OUTER),
    Row("incomplete", sse(CREATED, INCOMPLETE), ResponseIncompleteError, []),
    Row("429", refuse(429, body("rate_limited")), RetryLimit, []),
    Row("429 with a time", refuse(429, headers=[("retry-after", "2")]), RetryLimit, [2.0] * 5),
    Row("429 usage limit", refuse(429, body("usage_limit_reached")), UsageLimitReached, []),
    Row("500", refuse(500), InternalServerError, NESTED),
    Row("503 overloaded", refuse(503, body("server_is_overloaded")), ServerOverloaded, INNER),
    Row("400", refuse(400, b"bad"), InvalidRequest, []),
    Row("401", refuse(401, b"who?"), HttpStatusError, OUTER),
    Row("404", refuse(404, b"where?"), HttpStatusError, OUTER),
    Row("clean end", sse(CREATED), StreamClosedEarly, OUTER),
    Row("end with the connection", sse(CREATED, end="close"), StreamClosedEarly, OUTER),
    Row("FIN in the body", sse(CREATED, end="fin"), StreamClosedEarly, OUTER),
    Row("RST in the body", sse(CREATED, end="rst"), StreamClosedEarly, OUTER),
    Row("FIN in place of an answer", hang_up(), ConnectionFailed, NESTED),
    Row("RST in place of an answer", hang_up("rst"), ConnectionFailed, NESTED),
    Row("no HTTP", garbage, RemoteProtocolError, OUTER),
)


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row.name)
def test_it_ends_as_upstream_does(kind: str, row: Row) -> None:
    with serving(row.answer) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
    assert type(told.error) is row.error, told.error
    assert len(server.requests) == len(row.waits) + 1
    assert driven.clock.slept == pytest.approx(row.waits, abs=0.1)
    assert told.stream.attempts == len(row.waits) + 1
    # Equal to what the outcome carries, but not the same: a traceback sticks to what is raised.
    assert told.error == told.stream.outcome.error
    assert told.error is not told.stream.outcome.error
    assert told.types.count("StreamFailed") == 0


def test_a_date_without_the_time_of_the_server_counts_from_the_own_clock(kind: str) -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    answers = (refuse(429, headers=[("retry-after", date)]), sse(CREATED, COMPLETED))
    with serving(*answers) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
    assert told.error is None
    assert driven.clock.slept == pytest.approx([29.5], abs=1.5)


def test_silence_after_the_head(kind: str) -> None:
    with serving(sse(CREATED, end="open")) as server:
        provider = Provider(base_url=server.base_url, retry=RetryPolicy(stream_max_retries=1))
        with Driven(kind, provider=provider, patience=FALLING_SILENT) as driven:
            told = driven.tell()
        server.stopping.set()
    assert type(told.error) is IdleTimeout
    assert driven.clock.slept == pytest.approx([0.2], abs=0.1)
    assert driven.clock.skipped > 2 * (300 - 2 * FALLING_SILENT)


def test_silence_in_place_of_a_head(kind: str) -> None:
    policy = RetryPolicy(request_max_retries=1, stream_max_retries=1)
    with serving(stall) as server:
        provider = Provider(base_url=server.base_url, retry=policy)
        with Driven(kind, provider=provider, patience=SILENCE) as driven:
            told = driven.tell()
        server.stopping.set()
    assert type(told.error) is TimedOut
    assert driven.clock.slept == pytest.approx([0.2, 0.2, 0.2], abs=0.1)


@pytest.mark.parametrize("end", ["clean", "fin", "rst"])
def test_nothing_is_repeated_once_output_has_begun(kind: str, end: str) -> None:
    """A difference: upstream begins anew, and gives finished items again."""
    with serving(sse(CREATED, DELTA, end=end)) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
    assert type(told.error) is StreamClosedEarly
    assert told.types == ["Created", "OutputTextDelta"]
    assert len(server.requests) == 1
    assert told.stream.current_response.output_text == "Héllo"


def test_a_request_after_a_broken_stream_has_its_retries(kind: str) -> None:
    policy = RetryPolicy(request_max_retries=2, stream_max_retries=1)
    with serving(sse(CREATED, end="fin"), refuse(503)) as server:
        provider = Provider(base_url=server.base_url, retry=policy)
        with Driven(kind, provider=provider) as driven:
            told = driven.tell()
    assert getattr(told.error, "status", None) == 503
    # The second attempt at the stream is a request of its own, repeated twice.
    assert len(server.requests) == 1 + 3
    assert told.types == ["Created"]


def test_it_is_repeated_if_the_caller_says_so(kind: str) -> None:
    with serving(sse(CREATED, DELTA), sse(CREATED, DELTA, COMPLETED)) as server:
        provider = Provider(base_url=server.base_url, retry=RetryPolicy(replay_after_output=True))
        with Driven(kind, provider=provider) as driven:
            told = driven.tell()
    assert told.error is None
    assert told.types.count("OutputTextDelta") == 2
    # What it came to is that of the last attempt alone.
    assert told.stream.current_response.output_text == "Héllo"
    assert told.stream.attempts == 2


def test_a_failure_before_output_is_not_told_when_it_is_overcome(kind: str) -> None:
    answers = (sse(CREATED, failed("strange")), sse(CREATED, DELTA, COMPLETED))
    with serving(*answers) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
    assert told.error is None
    assert told.types == ["Created", "Created", "OutputTextDelta", "Completed"]
    assert [retry.error.code for retry in driven.hooks.retries] == ["strange"]


@pytest.mark.parametrize(
    "noise",
    [b"data: {\n\n", b"data: [DONE]\n\n", b'data: {"type":"new"}\n\n', b"data: 5\n\n", b": x\n\n"],
)
def test_noise_is_no_failure(kind: str, noise: bytes) -> None:
    raw = b"data: " + CREATED + b"\n\n" + noise + b"data: " + COMPLETED + b"\n\n"
    with serving(sse(raw=raw)) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
    assert told.error is None
    assert told.types[-1] == "Completed"
    assert len(server.requests) == 1


def test_an_incomplete_response_is_returned_as_far_as_it_came(kind: str) -> None:
    with (
        serving(sse(CREATED, DELTA, INCOMPLETE)) as server,
        Driven(kind, server.base_url) as driven,
    ):
        final = driven.run(lambda client: _create(client))
    assert final.output_text == "Héllo"
    assert final.token_usage.total_tokens == 3
    assert not final.is_complete
    assert isinstance(final.outcome.error, ResponseIncompleteError)


async def _create(client: Any) -> Any:
    from tests.io.client.driving import REQUEST

    return await client.responses.create(REQUEST)


def test_a_server_that_closed_an_idle_connection_costs_no_attempt(kind: str) -> None:
    def close_after(peer: Any, request: Any) -> None:
        sse(CREATED, COMPLETED)(peer, request)
        peer.close()

    with serving(close_after) as server, Driven(kind, server.base_url) as driven:
        for _ in range(3):
            assert driven.tell().error is None
    assert server.connections == 3
    if kind.endswith("raw"):
        # httpx may take such a connection for a good one, which shows as a failure.
        assert driven.clock.slept == []


def test_a_turn_state_comes_back_with_the_next_attempt(kind: str) -> None:
    answers = (
        sse(CREATED, headers=[("x-codex-turn-state", "first")]),
        sse(CREATED, COMPLETED, headers=[("x-codex-turn-state", "second")]),
    )
    with serving(*answers) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
    assert [r.headers.get("x-codex-turn-state") for r in server.requests] == [None, "first"]
    assert told.stream.turn_state == "first"
