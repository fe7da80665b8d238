"""Whole exchanges of ours with ourselves: every endpoint, every outcome, every cut."""

from __future__ import annotations

import functools
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.connections import (
    EndpointRequest,
    ExchangeState,
    Http1Connection,
    Http1ServerConnection,
    Http1State,
    HttpLimits,
    HttpTimeouts,
    Reply,
    RequestFailed,
    ResponsesExchange,
    ResponsesServerStream,
    UnaryExchange,
)
from codex_proto.errors import (
    ApiError,
    BodyTooLarge,
    CodexError,
    ConnectionFailed,
    ContextWindowExceeded,
    CyberPolicy,
    FlexUnavailable,
    HeadersTooLarge,
    HttpStatusError,
    IdleTimeout,
    InternalServerError,
    InvalidRequest,
    LocalProtocolError,
    MalformedReply,
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
from codex_proto.http import HttpRequest, HttpResponse
from codex_proto.realtime import call_request, read_call_reply
from codex_proto.requests import (
    CompactionInput,
    MemorySummarizeInput,
    Provider,
    RawMemory,
    RawMemoryMetadata,
    ResponsesApiRequest,
    compact_request,
    memories_request,
    models_request,
    read_compaction,
    read_memories,
    read_models,
    responses_request,
)
from codex_proto.responses import Completed, ResponsesDecoder, StreamFailed
from codex_proto.testing import Cut, Pair, Side, bytewise, every, whole
from codex_proto.testing.strategies import chunkers
from tests.connections.mock_server import (
    COMPLETED,
    CREATED,
    DELTA,
    ITEM,
    MockServer,
    json_answer,
    sse,
    stream,
)
from tests.connections.samples import get

PROVIDER: Final = Provider(base_url="http://localhost:8080/v1")
REQUEST: Final = responses_request(ResponsesApiRequest(model="m", input="Hi"), PROVIDER)


def failed(code: str, message: str = "no") -> bytes:
    error = {"code": code, "message": message}
    return json.dumps(
        {"type": "response.failed", "response": {"id": "resp_1", "error": error}}
    ).encode()


def incomplete(reason: str | None) -> bytes:
    details = None if reason is None else {"reason": reason}
    response = {"id": "resp_1", "incomplete_details": details}
    return json.dumps({"type": "response.incomplete", "response": response}).encode()


def error_body(**members: Any) -> bytes:
    return json.dumps({"error": members}).encode()


def block(event: bytes) -> bytes:
    return b"data: " + event + b"\n\n"


# The rows of observed.md's table ("Responses stream"): what the server does, and our outcome.
STREAMS: Final[dict[str, tuple[Any, Any]]] = {
    "completed": (stream(CREATED, DELTA, ITEM, COMPLETED), Completed),
    "rate_limit_exceeded": (
        stream(CREATED, failed("rate_limit_exceeded", "Please try again in 1.5s.")),
        RateLimitExceeded,
    ),
    "context_length_exceeded": (
        stream(CREATED, failed("context_length_exceeded")),
        ContextWindowExceeded,
    ),
    "insufficient_quota": (stream(CREATED, failed("insufficient_quota")), QuotaExceeded),
    "usage_not_included": (stream(CREATED, failed("usage_not_included")), UsageNotIncluded),
    "invalid_prompt": (stream(CREATED, failed("invalid_prompt")), InvalidRequest),
    "server_is_overloaded": (stream(CREATED, failed("server_is_overloaded")), ServerOverloaded),
    "slow_down": (stream(CREATED, failed("slow_down")), RateLimitExceeded),
    "cyber_policy": (stream(CREATED, failed("cyber_policy")), CyberPolicy),
    "flex_unavailable": (stream(CREATED, failed("flex_unavailable")), FlexUnavailable),
    "other code": (stream(CREATED, failed("something_else")), ResponseFailedError),
    "max_output_tokens": (
        stream(CREATED, DELTA, incomplete("max_output_tokens")),
        ResponseIncompleteError,
    ),
    "content_filter": (stream(CREATED, incomplete("content_filter")), ResponseIncompleteError),
    "no reason": (stream(CREATED, incomplete(None)), ResponseIncompleteError),
    "interrupted": (stream(CREATED, incomplete("interrupted")), Completed),
    "failed, then completed": (
        stream(CREATED, failed("rate_limit_exceeded"), COMPLETED),
        RateLimitExceeded,
    ),
    "an early end": (stream(CREATED, DELTA), StreamClosedEarly),
    "nothing": (sse(b""), StreamClosedEarly),
    "an error event": (
        stream(CREATED, b'{"type":"error","message":"oh"}'),
        ResponseFailedError,
    ),
    "garbage between": (
        sse(
            block(CREATED)
            + block(b"{oops")
            + block(b"[DONE]")
            + block(b'{"type":"never.heard.of"}')
            + block(b"7")
            + block(COMPLETED)
        ),
        Completed,
    ),
    "no blank line at the end": (sse(block(CREATED) + block(COMPLETED)[:-2]), Completed),
    "a page": (
        sse(b"<html>busy</html>", headers=[("content-type", "text/html")]),
        StreamClosedEarly,
    ),
    "400": (json_answer(400, error_body(message="bad")), InvalidRequest),
    "400 cyber": (json_answer(400, error_body(code="cyber_policy")), CyberPolicy),
    "401": (json_answer(401, error_body(message="who?")), HttpStatusError),
    "403": (json_answer(403, b"Cloudflare blocked"), HttpStatusError),
    "404": (json_answer(404, b""), HttpStatusError),
    "429": (json_answer(429, error_body(message="slow"), [("retry-after", "7")]), RetryLimit),
    "429 usage": (
        json_answer(429, error_body(type="usage_limit_reached", resets_at=99)),
        UsageLimitReached,
    ),
    "500": (json_answer(500, b"oh"), InternalServerError),
    "502": (json_answer(502, b"<html>"), HttpStatusError),
    "503": (json_answer(503, error_body(code="server_is_overloaded")), ServerOverloaded),
    "204": (json_answer(204, b""), StreamClosedEarly),
    "302": (json_answer(302, b"", [("location", "http://elsewhere/")]), HttpStatusError),
}


def pair_of(
    exchange: Any,
    mock: MockServer,
    chunker: Any = whole,
    *,
    cut: Cut | None = None,
    client_cut: Cut | None = None,
) -> Pair:
    client = Side(exchange, chunker=chunker, latency=0.01, cut=client_cut)
    server = Side(mock.connection, mock.handle, chunker=chunker, latency=0.01, cut=cut)
    return Pair(client, server)


def check_outcome(exchange: Any, events: list[Any], expected: Any) -> None:
    """Exactly one outcome, the last event, and of the expected kind."""
    outcomes = [event for event in events if isinstance(event, Completed | StreamFailed)]
    assert len(outcomes) == 1
    assert events[-1] is outcomes[0]
    assert exchange.outcome == outcomes[0]
    found = outcomes[0]
    assert isinstance(found.error if isinstance(found, StreamFailed) else found, expected)


@pytest.mark.parametrize("profile", ["full", "codex"])
@pytest.mark.parametrize("name", STREAMS)
def test_every_outcome_comes_once_however_bytes_are_cut(name: str, profile: Any) -> None:
    script, expected = STREAMS[name]
    if (name, profile) == ("an error event", "codex"):
        expected = StreamClosedEarly  # upstream does not look at such events
    told: list[list[Any]] = []
    for chunker in (whole, bytewise, every(7)):
        mock = MockServer(script)
        exchange = ResponsesExchange(Http1Connection(), REQUEST, profile=profile)
        pair = pair_of(exchange, mock, chunker)
        pair.start()
        pair.run(until=pair.now + 5)
        check_outcome(exchange, pair.client.events, expected)
        assert exchange.is_done
        assert exchange.connection.state is Http1State.IDLE, "ready for the next"
        told.append(pair.client.events)
        (request,) = mock.requests
        assert request.request.body == REQUEST.body
        assert isinstance(request.body, ResponsesApiRequest)
    assert told[0] == told[1] == told[2]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "how"),
    # What a reset leaves of an answer differs less than the answers do.
    [*((name, "fin") for name in STREAMS), *((name, "rst") for name in ("completed", "500"))],
)
def test_an_exchange_cut_after_any_byte_has_one_outcome(name: str, how: Any) -> None:
    script, expected = STREAMS[name]
    whole_pair = pair_of(ResponsesExchange(Http1Connection(), REQUEST), MockServer(script))
    whole_pair.start()
    whole_pair.run(until=whole_pair.now + 5)
    answer = bytes(whole_pair.server.sent)
    head = answer.index(b"\r\n\r\n") + 4
    # Two of them have their heads cut at every byte; those of the others are hardly different.
    places = range(0 if name in ("completed", "500") else head - 2, len(answer) + 1)
    for after in places:
        exchange = ResponsesExchange(Http1Connection(), REQUEST)
        pair = pair_of(exchange, MockServer(script), cut=Cut(after, how))
        pair.start()
        pair.run()
        events = pair.client.events
        lost = StreamClosedEarly if after >= head else ConnectionFailed
        is_refusal = not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204"))
        if how == "rst":
            # What was on its way is lost, so it may be nothing.
            check_outcome(exchange, events, CodexError | Completed)
        elif is_refusal:
            check_outcome(exchange, events, ApiError if after >= head else lost)
            told: Any = exchange.outcome
            assert after < len(answer) or isinstance(told.error, expected)
        elif after < head:
            check_outcome(exchange, events, lost)
        else:
            check_outcome(exchange, events, StreamClosedEarly | ResponseFailedError | expected)
        assert exchange.is_done
        assert exchange.must_close


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_request_cut_after_any_byte_has_one_outcome_on_both_sides(how: Any) -> None:
    size = len(REQUEST.body) + 200
    for after in range(0, size, 3):
        exchange = ResponsesExchange(Http1Connection(), REQUEST)
        mock = MockServer(STREAMS["completed"][0])
        pair = pair_of(exchange, mock, client_cut=Cut(after, how))
        pair.start()
        pair.run()
        check_outcome(exchange, pair.client.events, CodexError | Completed)
        assert len(mock.ends) <= 1
        assert mock.connection.must_close


@given(chunkers(), st.sampled_from(["full", "codex"]), st.data())
def test_a_stream_of_any_events_is_told_as_the_decoder_tells_it(
    chunker: Any, profile: Any, data: st.DataObject
) -> None:
    error = b'{"type":"error","message":"oh"}'
    some = [CREATED, DELTA, ITEM, b"{", b"7", b"\xff", error, incomplete(None), failed("x")]
    events = data.draw(st.lists(st.sampled_from(some), max_size=6))
    body = b"".join(map(block, events)) + data.draw(st.sampled_from([b"", block(COMPLETED)]))
    exchange = ResponsesExchange(Http1Connection(), REQUEST, profile=profile)
    pair = pair_of(exchange, MockServer(sse(body)), chunker)
    pair.start()
    pair.run(until=pair.now + 5)
    decoder = ResponsesDecoder(profile)
    told = decoder.receive_headers([]) + decoder.receive_data(body) + decoder.receive_eof()
    ends = [isinstance(event, Completed | StreamFailed) for event in told]
    assert pair.client.events == told[: ends.index(True) + 1]


# -- one connection, many exchanges -------------------------------------------------------------


def test_exchanges_follow_each_other_on_one_connection() -> None:
    connection = Http1Connection()
    mock = MockServer()
    pair = Pair(Side(connection), Side(mock.connection, mock.handle))
    pair.server.connection.start(pair.now)
    for number, name in enumerate([*STREAMS, *STREAMS]):
        mock.script, expected = STREAMS[name]
        exchange = ResponsesExchange(connection, REQUEST)
        pair.client.connection, pair.client.events = exchange, []
        exchange.start(pair.now)
        pair.run(until=pair.now + 5)
        check_outcome(exchange, pair.client.events, expected)
        assert exchange.is_done
        assert not exchange.must_close
        assert connection.requests_sent == number + 1


def test_a_connection_in_use_takes_no_second_exchange() -> None:
    connection = Http1Connection()
    first = ResponsesExchange(connection, REQUEST)
    first.start(1)
    second = ResponsesExchange(connection, REQUEST)
    with pytest.raises(LocalProtocolError, match="WAITING"):
        second.start(1)
    assert second.outcome is None
    with pytest.raises(LocalProtocolError, match=r"start: .*ACTIVE"):
        first.start(1)
    with pytest.raises(LocalProtocolError, match=r"receive_data: .*NEW"):
        second.receive_data(b"", 1)


def test_an_answer_that_does_not_end_costs_the_connection_but_not_the_outcome() -> None:
    exchange = ResponsesExchange(Http1Connection(), REQUEST, drain=2)
    pair = pair_of(exchange, MockServer(sse(block(CREATED) + block(COMPLETED), ends=False)))
    pair.start()
    pair.run(until=pair.now + 1)
    check_outcome(exchange, pair.client.events, Completed)
    assert exchange.state is ExchangeState.SETTLED
    assert exchange.deadline() is not None
    pair.run(until=pair.now + 5)
    assert exchange.is_done
    assert exchange.must_close
    assert len(pair.client.events) == 2


def test_a_comment_of_the_servers_writer_breaks_the_silence_and_is_no_event() -> None:
    def answer(connection: Http1ServerConnection, request: EndpointRequest, now: float) -> None:
        writer = ResponsesServerStream(connection, now)
        writer.send_comment(now, "still here")
        with pytest.raises(LocalProtocolError, match="text"):
            writer.send_comment(now, "two\nlines")
        writer.end(now)

    pair = pair_of(ResponsesExchange(Http1Connection(), REQUEST), MockServer(answer))
    pair.start()
    pair.run()
    check_outcome(pair.client.connection, pair.client.events, StreamClosedEarly)
    assert b": still here\n" in pair.server.sent
    exchange = ResponsesExchange(Http1Connection(), REQUEST)
    exchange.start(0)
    exchange.data_to_send()
    exchange.receive_data(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nmore", 0)
    assert (exchange.trailing_data, exchange.trailing_size) == (b"more", 4)


def test_giving_up_is_an_outcome() -> None:
    for settled in (False, True):
        exchange = ResponsesExchange(Http1Connection(), REQUEST)
        mock = MockServer(sse(block(CREATED) + (block(COMPLETED) if settled else b""), ends=False))
        pair = pair_of(exchange, mock)
        pair.start()
        pair.run(until=pair.now + 0.5)
        events = pair.client.events + exchange.close(pair.now)
        check_outcome(exchange, events, Completed if settled else ConnectionFailed)
        assert exchange.must_close
        assert exchange.close(pair.now) == []
    fresh = ResponsesExchange(Http1Connection(), REQUEST)
    (event,) = fresh.close(1)
    check_outcome(fresh, [event], ConnectionFailed)


# -- time ---------------------------------------------------------------------------------------


def silent_after(body: bytes, **options: Any) -> tuple[ResponsesExchange, list[Any], float]:
    exchange = ResponsesExchange(Http1Connection(), REQUEST, **options)
    pair = pair_of(exchange, MockServer(sse(body, ends=False)))
    began = pair.now
    pair.start()
    pair.run(until=pair.now + 1000)
    return exchange, pair.client.events, pair.now - began


def test_a_silent_stream_is_given_up() -> None:
    exchange, events, took = silent_after(block(CREATED), idle_timeout=10)
    check_outcome(exchange, events, IdleTimeout)
    assert 10 <= took < 12
    exchange, events, took = silent_after(block(CREATED))
    check_outcome(exchange, events, TimedOut)
    assert 300 <= took < 302


@pytest.mark.parametrize(
    ("idle_on", "dripped", "survives"),
    [
        ("events", block(DELTA), True),
        ("events", block(b'{"type":"response.in_progress","response":{}}'), True),
        ("events", b"event: ping\ndata: {}\n\n", True),
        ("events", b"data:\n\n", True),
        ("events", b": comment\n\n", False),
        ("events", b"d", False),
        ("comments", b": comment\n\n", True),
        ("comments", block(DELTA), True),
        ("comments", b"d", False),
        ("bytes", b"d", True),
    ],
)
@pytest.mark.parametrize("profile", ["full", "codex"])
def test_what_breaks_the_silence_is_configured(
    idle_on: Any, dripped: bytes, survives: bool, profile: Any
) -> None:
    exchange = ResponsesExchange(
        Http1Connection(), REQUEST, idle_timeout=10, idle_on=idle_on, profile=profile
    )
    exchange.start(0)
    exchange.data_to_send()
    exchange.receive_data(b"HTTP/1.1 200 OK\r\n\r\n" + block(CREATED), 0)
    now = 0.0
    while exchange.outcome is None and now < 100:
        now += 6
        deadline = exchange.deadline()
        if deadline is not None and deadline <= now:
            exchange.handle_timeout(deadline)
        else:
            exchange.receive_data(dripped, now)
    assert (exchange.outcome is None) is survives
    if not survives:
        assert isinstance(exchange.outcome, StreamFailed)
        assert isinstance(exchange.outcome.error, IdleTimeout)
        assert exchange.must_close


def test_a_refusal_whose_body_drips_is_told_in_time() -> None:
    connection = Http1Connection(timeouts=HttpTimeouts(idle=10))
    exchange = ResponsesExchange(connection, REQUEST)
    exchange.start(0)
    exchange.data_to_send()
    exchange.receive_data(b"HTTP/1.1 500 Oh\r\ncontent-length: 1000\r\n\r\n", 0)
    now = 0.0
    events: list[Any] = []
    while not events:
        now += 3
        deadline = exchange.deadline()
        assert deadline is not None
        if deadline <= now:
            events = exchange.handle_timeout(deadline)
        else:
            events = exchange.receive_data(b"x", now)
    assert now <= 15
    check_outcome(exchange, events, InternalServerError)


def test_a_refusal_without_end_is_cut() -> None:
    exchange = ResponsesExchange(Http1Connection(), REQUEST)
    exchange.start(0)
    exchange.data_to_send()
    events = exchange.receive_data(b"HTTP/1.1 500 Oh\r\n\r\n" + b"x" * 300_000, 0)
    check_outcome(exchange, events, InternalServerError)


@pytest.mark.parametrize("chunk", [10_000, 10**6])
def test_a_whole_answer_that_is_a_refusal_without_end_is_told_once(chunk: int) -> None:
    exchange = unary("models")
    exchange.start(0)
    exchange.data_to_send()
    events: list[Any] = []
    for piece in every(chunk)(b"HTTP/1.1 500 Oh\r\n\r\n" + b"x" * 900_000):
        events += exchange.receive_data(piece, 0)
    events += exchange.receive_eof(0)
    (outcome,) = events
    assert isinstance(outcome, RequestFailed)
    assert isinstance(outcome.error, InternalServerError)


def test_a_transport_that_cannot_be_made_is_an_outcome() -> None:
    exchange = ResponsesExchange(Http1Connection(timeouts=HttpTimeouts(connect=5)), REQUEST)
    exchange.connect(0)
    assert exchange.deadline() == 5
    check_outcome(exchange, exchange.handle_timeout(5), TimedOut)
    exchange = ResponsesExchange(Http1Connection(), REQUEST)
    exchange.connect(0)
    check_outcome(exchange, exchange.receive_error(ConnectionFailed("no"), 1), ConnectionFailed)
    with pytest.raises(LocalProtocolError, match="NEW"):
        ResponsesExchange(Http1Connection(), REQUEST).receive_error(ConnectionFailed("no"), 1)


def test_limits_of_the_connection_are_outcomes() -> None:
    exchange = ResponsesExchange(Http1Connection(limits=HttpLimits(max_header_size=100)), REQUEST)
    exchange.start(0)
    events = exchange.receive_data(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200, 0)
    check_outcome(exchange, events, HeadersTooLarge)


def test_options_that_cannot_be_are_refused() -> None:
    wrong: list[dict[str, Any]] = [{"idle_on": "x"}, {"profile": "x"}, {"idle_timeout": 0}]
    for options in [*wrong, {"drain": -1}]:
        with pytest.raises(LocalProtocolError, match=next(iter(options))):
            ResponsesExchange(Http1Connection(), REQUEST, **options)
    with pytest.raises(LocalProtocolError, match="connection"):
        ResponsesExchange(None, REQUEST)  # type: ignore[arg-type]


# -- endpoints whose answer is read as a whole --------------------------------------------------

MEMORY: Final = RawMemory(id="t", metadata=RawMemoryMetadata(source_path="p"), items=[])
CALL: Final = call_request("v=0\r\n")
UNARY: Final[dict[str, tuple[HttpRequest, Any, bytes]]] = {
    "models": (
        models_request(PROVIDER, client_version="1.2.3"),
        read_models,
        b'{"models":[{"slug":"m","display_name":"M"}]}',
    ),
    "compact": (
        compact_request(CompactionInput(model="m", input="Hi"), PROVIDER),
        read_compaction,
        b'{"output":[{"type":"compaction_summary","encrypted_content":"x"}]}',
    ),
    "memories": (
        memories_request(MemorySummarizeInput(model="m", raw_memories=[MEMORY]), PROVIDER),
        read_memories,
        b'{"output":[{"trace_summary":"a","memory_summary":"b"}]}',
    ),
    "call": (
        HttpRequest(
            "POST",
            "http://localhost:8080/v1/realtime/calls",
            [("content-type", CALL.content_type)],
            CALL.body,
        ),
        lambda response: read_call_reply(response.headers, response.body),
        b"v=0\r\n",
    ),
    "anything": (get("/v1/other"), lambda response: response.body, b"text"),
}


def unary(name: str) -> UnaryExchange[Any]:
    request, read, _ = UNARY[name]
    return UnaryExchange(Http1Connection(), request, read)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("chunker", [whole, bytewise])
def test_unary_endpoints_give_their_output(name: str, chunker: Any) -> None:
    request, read, body = UNARY[name]
    exchange = unary(name)
    mock = MockServer(json_answer(200, body))
    pair = pair_of(exchange, mock, chunker)
    pair.start()
    pair.run(until=pair.now + 5)
    (reply,) = pair.client.events
    assert reply == exchange.outcome
    assert isinstance(reply, Reply)
    assert reply.response.body == body
    assert reply.output == read(HttpResponse(200, [], body))
    assert not isinstance(reply.output, CodexError)
    assert exchange.connection.state is Http1State.IDLE
    (served,) = mock.requests
    assert served.request.target == request.target
    assert name == "anything" or served.endpoint is not None


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_unary_exchange_cut_after_any_byte_has_one_outcome(name: str, how: Any) -> None:
    for status, size in ((200, 300), (500, 300)):
        for after in range(0, size, 1 if name == "models" else 3):
            exchange = unary(name)
            mock = MockServer(json_answer(status, UNARY[name][2]))
            pair = pair_of(exchange, mock, cut=Cut(after, how))
            pair.start()
            pair.run()
            (outcome,) = pair.client.events
            assert outcome == exchange.outcome
            if not isinstance(outcome, Reply):
                assert isinstance(
                    outcome.error, ConnectionFailed | RemoteProtocolError | InternalServerError
                )


def test_what_is_no_output_is_a_failure() -> None:
    for name in ("models", "compact", "memories"):
        for body in (b"", b"{", b"[]", b"\xff", b'{"other":1}'):
            exchange = unary(name)
            pair = pair_of(exchange, MockServer(json_answer(200, body)))
            pair.start()
            pair.run(until=pair.now + 5)
            (outcome,) = pair.client.events
            assert isinstance(outcome, RequestFailed), (name, body)
            assert isinstance(outcome.error, MalformedReply)


def test_a_whole_answer_has_a_limit_and_a_time() -> None:
    request, read, _ = UNARY["models"]
    exchange = UnaryExchange(Http1Connection(), request, read, max_body_size=100)
    exchange.start(0)
    (outcome,) = exchange.receive_data(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(101), 0)
    assert isinstance(outcome, RequestFailed)
    assert isinstance(outcome.error, BodyTooLarge)
    connection = Http1Connection(timeouts=HttpTimeouts(total=5))
    exchange = UnaryExchange(connection, request, functools.partial(read, url=request.url))
    exchange.start(0)
    exchange.receive_data(b"HTTP/1.1 200 OK\r\n\r\n{", 4)
    assert exchange.deadline() == 5
    (outcome,) = exchange.handle_timeout(5)
    assert isinstance(outcome, RequestFailed)
    assert isinstance(outcome.error, TimedOut)
    with pytest.raises(LocalProtocolError, match="max_body_size"):
        UnaryExchange(connection, request, read, max_body_size=0)
