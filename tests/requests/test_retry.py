"""What is sent again: every row of what clients were seen to do, and a machine beside a model."""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionLimitReached,
    ContextWindowExceeded,
    EventTooLarge,
    HttpStatusError,
    IdleTimeout,
    InternalServerError,
    InvalidRequest,
    InvalidUtf8,
    LocalProtocolError,
    MalformedReply,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    ResponseIncompleteError,
    RetryLimit,
    ServerOverloaded,
    StreamClosedEarly,
    TimedOut,
    UnexpectedBinary,
    UsageLimitReached,
    UsageNotIncluded,
)
from codex_proto.refusals import error_from_response
from codex_proto.requests import (
    REACTIONS,
    Decision,
    Fallback,
    GiveUp,
    Resend,
    RetryAfter,
    RetryPolicy,
    RetryState,
    backoff,
    decide,
)
from codex_proto.responses import ROWS, MalformedEvent, ModelsEtag, Row, ServerModel, UnknownEvent

HTTP: Final = RetryState()
STREAMING: Final = HTTP.with_response()
WEBSOCKET: Final = RetryState(transport="websocket")
NO_REFRESH: Final = RetryPolicy(refresh_auth=False)


def play(state: RetryState, error: CodexError, *, streaming: bool = False) -> list[Decision]:
    """Every decision on a request that always fails with the same error."""
    decisions: list[Decision] = []
    while True:
        if streaming:
            state = state.with_response()
        decision = decide(state, error, now=100.0)
        decisions.append(decision)
        if isinstance(decision, GiveUp):
            return decisions
        state = decision.state
        assert len(decisions) < 1000, "it never ends"


def summary(decisions: list[Decision]) -> str:
    """A letter a decision: q request again, s stream again, r resend, f fallback, g give up."""
    letters = ""
    for decision in decisions:
        if isinstance(decision, RetryAfter):
            letters += "q" if decision.layer == "request" else "s"
        else:
            letters += {Resend: "r", Fallback: "f", GiveUp: "g"}[type(decision)]
    return letters


def refusal(status: int, body: str = "{}", headers: dict[str, str] | None = None) -> CodexError:
    return error_from_response(status, headers, body)


def coded(code: str) -> str:
    return f'{{"error":{{"code":"{code}","type":"{code}"}}}}'


# -- observed.md, "Responses stream" -------------------------------------------------------------

# What the later client does, row by row; `streaming`: whether the response had begun.
STREAM_ROWS: Final[list[tuple[str, CodexError, bool, str]]] = [
    ("rate limit, try again in", RateLimitExceeded("m", retry_after=1.5), True, "sssssg"),
    ("context length", ContextWindowExceeded(), True, "g"),
    ("quota", QuotaExceeded(), True, "g"),
    ("usage not included", UsageNotIncluded(), True, "g"),
    ("invalid prompt", InvalidRequest(), True, "g"),
    ("overloaded", ServerOverloaded(code="server_is_overloaded"), True, "g"),
    ("slow down", RateLimitExceeded(code="slow_down"), True, "sssssg"),
    ("any other code", ResponseFailedError("m", code="x"), True, "sssssg"),
    ("incomplete", ResponseIncompleteError(reason="max_output_tokens"), True, "g"),
    ("incomplete without a reason", ResponseIncompleteError(reason="unknown"), True, "g"),
    ("filtered", ResponseIncompleteError(reason="content_filter"), True, "sssssg"),
    ("429", refusal(429), False, "g"),
    ("429 usage limit", refusal(429, coded("usage_limit_reached")), False, "g"),
    ("429 with a time", refusal(429, headers={"retry-after": "2"}), False, "sssssg"),
    (
        "503 for reasons of policy",
        refusal(503, coded("policy_capacity_unavailable")),
        False,
        "qqqqg",
    ),
    ("404 no such model", refusal(404, coded("model_not_found")), False, "g"),
    ("500", refusal(500), False, "qqqqs" * 5 + "qqqqg"),
    ("503 overloaded", refusal(503, coded("server_is_overloaded")), False, "qqqqg"),
    ("400", refusal(400), False, "g"),
    ("401", refusal(401), False, "rsssssg"),
    ("404", refusal(404), False, "sssssg"),
    ("clean end", StreamClosedEarly(), True, "sssssg"),
    ("reset", ConnectionFailed("reset"), True, "sssssg"),
    ("no connection", ConnectionFailed("refused"), False, "qqqqs" * 5 + "qqqqg"),
    ("too slow", TimedOut("m"), False, "qqqqs" * 5 + "qqqqg"),
    ("idle", IdleTimeout("m"), True, "sssssg"),
    ("invalid UTF-8", InvalidUtf8(), True, "sssssg"),
    ("too large", EventTooLarge(limit_name="max_event_size", limit=1), True, "g"),
]


@pytest.mark.parametrize(
    ("error", "streaming", "expected"),
    [row[1:] for row in STREAM_ROWS],
    ids=[r[0] for r in STREAM_ROWS],
)
def test_over_http(error: CodexError, streaming: bool, expected: str) -> None:
    assert summary(play(HTTP, error, streaming=streaming)) == expected


# -- observed.md, "Responses over WebSocket" -----------------------------------------------------

# `then`: what follows once HTTP has taken over.
SOCKET_ROWS: Final[list[tuple[str, CodexError, str]]] = [
    ("429 as a frame", refusal(429), "g"),
    ("429 with a time", refusal(429, headers={"retry-after": "2"}), "sssssf" + "sssssg"),
    ("400 as a frame", refusal(400), "g"),
    ("500 as a frame or answer", refusal(500), "sssssf" + "qqqqs" * 5 + "qqqqg"),
    ("connection limit", ConnectionLimitReached(), "rrrrrf" + "rrrrr" + "g"),
    ("previous response", PreviousResponseNotFound(), "rrrrrf" + "rrrrr" + "g"),
    ("handshake 426", refusal(426), "f" + "sssssg"),
    ("handshake 404", refusal(404), "sssssf" + "sssssg"),
    ("handshake 401", refusal(401), "rsssssf" + "sssssg"),
    ("handshake 429 usage limit", refusal(429, coded("usage_limit_reached")), "g"),
    ("closed by the server", ConnectionClosed(close_code=1000), "sssssf" + "sssssg"),
    ("binary", UnexpectedBinary(), "sssssf" + "sssssg"),
    ("no connection", ConnectionFailed("m"), "sssssf" + "qqqqs" * 5 + "qqqqg"),
    ("too slow a handshake", TimedOut("m"), "sssssf" + "qqqqs" * 5 + "qqqqg"),
    ("context length", ContextWindowExceeded(), "g"),
]


@pytest.mark.parametrize(
    ("error", "expected"), [row[1:] for row in SOCKET_ROWS], ids=[r[0] for r in SOCKET_ROWS]
)
def test_over_a_websocket(error: CodexError, expected: str) -> None:
    assert summary(play(WEBSOCKET, error)) == expected


# -- observed.md, "Compaction"; unary requests ----------------------------------------------------


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal(500), "qqqqg"),
        (refusal(429), "g"),
        (refusal(401), "rg"),
        (refusal(404), "g"),
        (MalformedReply(status=200), "g"),
        (ConnectionFailed("m"), "qqqqg"),
    ],
    ids=["500", "429", "401", "404", "no output", "no connection"],
)
def test_unary_requests(error: CodexError, expected: str) -> None:
    assert summary(play(RetryState(is_unary=True), error)) == expected


# -- delays -------------------------------------------------------------------------------------


def test_the_waits_that_were_seen() -> None:
    delays = [d.delay for d in play(STREAMING, StreamClosedEarly(), streaming=True)[:-1]]  # type: ignore[union-attr]
    assert delays == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2])


def test_what_the_server_asks_for_goes_first() -> None:
    for error in (
        RateLimitExceeded("m", retry_after=1.5),
        InternalServerError(status=500, retry_after=1.5),
    ):
        decision = decide(HTTP, error, now=100.0, random=0.99)
        assert isinstance(decision, RetryAfter)
        assert (decision.delay, decision.at) == (1.5, 101.5)
    now = decide(STREAMING, RateLimitExceeded("m", retry_after=0.0), now=100.0)
    assert isinstance(now, RetryAfter)
    assert now.at == 100.0
    resend = decide(WEBSOCKET, ConnectionLimitReached(retry_after=2.0), now=0.0)
    assert isinstance(resend, Resend)
    assert resend.delay == 2.0


@pytest.mark.parametrize("state", [HTTP, STREAMING, WEBSOCKET])
def test_a_wait_beyond_the_limit_is_the_callers_to_decide(state: RetryState) -> None:
    for error in (ResponseFailedError(retry_after=3601.0), refusal_with_delay(500, 3601.0)):
        assert decide(state, error, now=0.0) == GiveUp(error=error, state=state)
    policy = RetryPolicy(max_server_delay=math.ldexp(1, 100))
    patient = msgspec.structs.replace(state, policy=policy)
    assert isinstance(decide(patient, ResponseFailedError(retry_after=3601.0), 0.0), RetryAfter)


def refusal_with_delay(status: int, delay: float) -> CodexError:
    return InternalServerError(status=status, retry_after=delay)


@given(
    base=st.floats(0, 10),
    attempt=st.integers(-1, 2000),
    random=st.floats(0, 1, exclude_max=True),
)
def test_backoff(base: float, attempt: int, random: float) -> None:
    delay = backoff(base, attempt, random)
    assert 0 <= delay <= 2**64 / 1000
    if 0 < attempt < 40:
        middle = base * 2 ** (attempt - 1)
        assert middle * 0.9 - 0.001001 <= delay <= middle * 1.1 + 1e-9
    if attempt <= 0:
        assert delay == math.floor(base * 1000) / 1000
    assert backoff(base, attempt, 0.0) <= delay


def test_backoff_is_cut_to_milliseconds() -> None:
    assert backoff(0.2, 0, 0.7) == 0.2
    assert backoff(0.2, 1, 0.0) == 0.18
    assert backoff(0.2, 1, 0.999) == 0.219
    assert backoff(0.0001, 1, 0.5) == 0.0
    assert backoff(1.0, 100_000, 0.5) == (2**64 - 1) / 1000


# -- output -------------------------------------------------------------------------------------

EVERY_ERROR: Final[list[CodexError]] = [
    *(row[1] for row in STREAM_ROWS),
    *(row[1] for row in SOCKET_ROWS),
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("state", [HTTP, WEBSOCKET], ids=["http", "websocket"])
def test_nothing_is_repeated_once_output_has_begun(state: RetryState, error: CodexError) -> None:
    after = state.with_output()
    assert decide(after, error, now=0.0) == GiveUp(error=error, state=after)
    policy = RetryPolicy(replay_after_output=True)
    replaying = msgspec.structs.replace(after, policy=policy)
    before = msgspec.structs.replace(state, policy=policy).with_response()
    assert type(decide(replaying, error, now=0.0)) is type(decide(before, error, now=0.0))


def test_an_error_may_know_itself_that_output_had_begun() -> None:
    error = StreamClosedEarly(output_started=True)
    assert isinstance(decide(STREAMING, error, now=0.0), GiveUp)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)
def test_which_events_are_output(row: Row) -> None:
    # What is in them does not matter, and constructors take anything.
    members: dict[str, Any] = {
        field.name: msgspec.Raw(b"{}") if field.name == "raw_response" else None
        for field in msgspec.structs.fields(row.cls)
    }
    event = row.cls(**members)
    state = HTTP.after_event(event)
    assert state.response_started
    assert state.output_started is row.is_output
    assert state.with_output().after_event(event) == state.with_output()


def test_what_is_not_in_the_registry() -> None:
    assert HTTP.after_event(UnknownEvent("x", b"{}")).output_started
    for silent in (MalformedEvent("r", b""), ServerModel("m"), ModelsEtag("e")):
        assert HTTP.after_event(silent) == HTTP.with_response()
    assert STREAMING.with_response() is STREAMING


def test_the_next_stream_starts_without_output() -> None:
    state = RetryState(policy=RetryPolicy(replay_after_output=True)).with_output()
    decision = decide(state, StreamClosedEarly(), now=0.0)
    assert not decision.state.output_started
    assert not decision.state.response_started
    assert state.with_output() is state


# -- the policy ---------------------------------------------------------------------------------


def test_a_429_is_repeated_only_where_that_is_asked_for() -> None:
    asked = RetryState(policy=RetryPolicy(retry_429=True))
    assert summary(play(asked, refusal(429))) == "qqqqg"


def test_what_may_be_turned_off() -> None:
    policy = RetryPolicy(retry_5xx=False, retry_transport=False, refresh_auth=False)
    state = RetryState(policy=policy)
    assert summary(play(state, refusal(500))) == "sssssg"
    assert summary(play(state, refusal(503, coded("server_is_overloaded")))) == "g"
    assert summary(play(state, ConnectionFailed("m"))) == "sssssg"
    assert summary(play(state, refusal(401))) == "sssssg"
    none = RetryState(policy=RetryPolicy(request_max_retries=0, stream_max_retries=0))
    assert summary(play(none, refusal(500))) == "g"
    socket = msgspec.structs.replace(none, transport="websocket")
    assert summary(play(socket, refusal(500))) == "fg"


def test_credentials_are_asked_for_once() -> None:
    decision = decide(HTTP, refusal(401), now=5.0)
    assert decision == Resend(
        delay=0.0,
        at=5.0,
        refresh_auth=True,
        state=msgspec.structs.replace(HTTP, auth_asked=True),
    )
    again = decide(decision.state, refusal(401), now=5.0)
    assert isinstance(again, RetryAfter)
    # A success in between does not buy another refresh: a server that says 101 and then 401 would
    # keep us asking for ever.
    later = decide(again.state.with_response(), refusal(401), now=5.0)
    assert not isinstance(later, Resend)


def test_what_a_resend_changes() -> None:
    for error in (ConnectionLimitReached(), PreviousResponseNotFound()):
        decision = decide(WEBSOCKET, error, now=1.0)
        assert isinstance(decision, Resend)
        assert (decision.new_connection, decision.full_input) == (True, True)
        assert not decision.refresh_auth
        assert decision.at == 1.0 + decision.delay


def test_a_fallback_begins_anew_over_http() -> None:
    state = msgspec.structs.replace(WEBSOCKET, stream_retries=5, auth_asked=True)
    decision = decide(state, StreamClosedEarly(), now=0.0)
    assert decision == Fallback(state=RetryState(auth_asked=True))


def test_the_server_saying_an_error_in_a_stream_is_no_refusal() -> None:
    error = ResponseFailedError("m", status=500)
    assert summary(play(HTTP, error, streaming=True)) == "sssssg"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((None, StreamClosedEarly(), 0.0), "state"),
        ((HTTP, ValueError("x"), 0.0), "error"),
        ((HTTP, StreamClosedEarly(), 0.0, 1.0), "random"),
        ((HTTP, StreamClosedEarly(), 0.0, -0.1), "random"),
        ((HTTP, StreamClosedEarly(), 0.0, math.nan), "random"),
    ],
)
def test_mistakes(arguments: Any, name: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{name}: "):
        decide(*arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("request_max_retries", -1),
        ("request_max_retries", True),
        ("stream_max_retries", 1.5),
        ("base_delay", -0.1),
        ("base_delay", math.inf),
        ("base_delay", "1"),
        ("max_server_delay", math.nan),
    ],
)
def test_mistakes_in_a_policy(name: str, value: Any) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{name}: "):
        RetryPolicy(**{name: value})


def test_the_callers_own_mistake_is_never_repeated() -> None:
    assert isinstance(decide(HTTP, LocalProtocolError("m"), now=0.0), GiveUp)


def test_every_row_of_the_table_is_reached() -> None:
    errors = [
        *EVERY_ERROR,
        UsageLimitReached(status=429),
        RetryLimit(status=429),
        HttpStatusError(status=502),
    ]
    reached = {
        next(row.name for row in REACTIONS if row.is_meant(error, state))
        for error in errors
        for state in (HTTP, WEBSOCKET)
    }
    assert reached == {row.name for row in REACTIONS}
    assert REACTIONS[-1].is_meant(CodexError("m"), HTTP)


# -- a machine beside a model -------------------------------------------------------------------


class Retrying(RuleBasedStateMachine):
    """Any errors in any order: budgets hold, output stays, and it all comes to an end."""

    def __init__(self) -> None:
        super().__init__()
        self.state = RetryState()
        self.over: GiveUp | None = None
        self.streams = 0
        self.requests = 0
        self.refreshes = 0
        self.fallbacks = 0
        self.has_begun = False
        self.has_output = False

    @rule(
        socket=st.booleans(),
        policy=st.builds(
            RetryPolicy,
            request_max_retries=st.integers(0, 3),
            stream_max_retries=st.integers(0, 3),
            retry_429=st.booleans(),
            retry_5xx=st.booleans(),
            retry_transport=st.booleans(),
            replay_after_output=st.booleans(),
            refresh_auth=st.booleans(),
        ),
        is_unary=st.booleans(),
    )
    def begin(self, socket: bool, policy: RetryPolicy, is_unary: bool) -> None:
        self.__init__()  # type: ignore[misc]
        transport: Any = "websocket" if socket and not is_unary else "http"
        self.state = RetryState(policy=policy, transport=transport, is_unary=is_unary)

    @precondition(lambda self: self.over is None)
    @rule()
    def response(self) -> None:
        self.state = self.state.with_response()
        self.has_begun = True

    @precondition(lambda self: self.over is None)
    @rule()
    def output(self) -> None:
        self.state = self.state.with_output()
        self.has_begun = self.has_output = True

    @precondition(lambda self: self.over is None)
    @rule(
        error=st.sampled_from(EVERY_ERROR),
        now=st.floats(0, 1e6),
        random=st.floats(0, 1, exclude_max=True),
    )
    def fail(self, error: CodexError, now: float, random: float) -> None:
        before = self.state
        decision = decide(before, error, now, random)
        assert decision == decide(before, error, now, random)
        match decision:
            case GiveUp():
                assert decision.error is error
                self.over = decision
                return
            case RetryAfter(layer="request"):
                assert before.transport == "http"
                assert not self.has_begun
                self.requests += 1
                assert decision.attempt == self.requests <= before.policy.request_max_retries
            case RetryAfter():
                self.next_stream(decision.attempt)
                assert error.retryable
            case Resend(refresh_auth=True):
                self.refreshes += 1
                assert before.policy.refresh_auth
            case Resend():
                self.next_stream(decision.state.stream_retries)
            case Fallback():
                assert before.transport == "websocket"
                self.fallbacks += 1
                self.streams = self.requests = 0
                self.has_begun = False
        if not before.policy.replay_after_output:
            assert not self.has_output
        if not isinstance(decision, Fallback):
            assert decision.at == now + decision.delay
            assert decision.delay >= 0
        self.has_output = self.has_output and not self.has_begun
        self.state = decision.state
        self.has_begun, self.has_output = self.state.response_started, self.state.output_started

    def next_stream(self, attempt: int) -> None:
        assert not self.state.is_unary
        self.streams += 1
        self.requests = 0
        self.has_begun = False
        assert attempt == self.streams <= self.state.policy.stream_max_retries

    @invariant()
    def budgets_hold(self) -> None:
        assert self.refreshes <= 1
        assert self.fallbacks <= 1
        assert self.state.request_retries == self.requests
        assert self.state.stream_retries == self.streams


Retrying.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestRetrying = Retrying.TestCase


@given(data=st.data(), socket=st.booleans())
def test_it_always_ends(data: st.DataObject, socket: bool) -> None:
    state = WEBSOCKET if socket else HTTP
    for _ in range(2 * 6 * 5 + 3):
        decision = decide(state, data.draw(st.sampled_from(EVERY_ERROR)), now=0.0)
        if isinstance(decision, GiveUp):
            return
        state = decision.state
        if data.draw(st.booleans()):
            state = state.with_response()
    raise AssertionError("more attempts than all budgets allow")
