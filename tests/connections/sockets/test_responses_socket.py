"""Responses over a WebSocket of ours to a server of ours: observed.md's table, and every cut."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given

from codex_proto import MalformedEvent
from codex_proto.connections import (
    BinaryMessage,
    ResponsesSocket,
    SocketClosed,
    SocketOpened,
    WebSocketLimits,
    WebSocketState,
    WebSocketTimeouts,
)
from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionLimitReached,
    HttpStatusError,
    IdleTimeout,
    InternalServerError,
    InvalidRequest,
    KeepaliveTimeout,
    LocalProtocolError,
    MessageTooLarge,
    PreviousResponseNotFound,
    RateLimitExceeded,
    ResponseFailedError,
    ResponseIncompleteError,
    RetryLimit,
    ServerOverloaded,
    TimedOut,
    UnexpectedBinary,
    UsageLimitReached,
)
from codex_proto.requests import Provider, ResponsesApiRequest, responses_upgrade
from codex_proto.responses import Completed, ServerModel, StreamFailed
from codex_proto.sessions import ResponsesSession
from codex_proto.testing import Cut, Pair, Side, bytewise, every, whole
from codex_proto.testing.strategies import chunkers
from tests.connections.mock_server import COMPLETED, CREATED, DELTA, ITEM, MockServer, json_answer

UPGRADE: Final = responses_upgrade(Provider(base_url="http://localhost:8080/v1"))
REQUEST: Final = ResponsesApiRequest(model="m", input="Hi")


def say(*messages: bytes) -> Any:
    """A script that answers a request with these messages."""

    def answer(mock: MockServer, received: Any, now: float) -> None:
        mock.send(now, *messages)

    return answer


def close(code: int) -> Any:
    def answer(mock: MockServer, received: Any, now: float) -> None:
        mock.send(now, CREATED)
        mock.socket.websocket.close(now, code, "why")

    return answer


def binary(mock: MockServer, received: Any, now: float) -> None:
    mock.socket.websocket.send(BinaryMessage(b"\x00"), now)


def error(**members: Any) -> bytes:
    return json.dumps({"type": "error", **members}).encode()


class Client:
    """A socket that sends requests one after another, as soon as it may."""

    def __init__(self, socket: ResponsesSocket, requests: list[ResponsesApiRequest]) -> None:
        self.socket = socket
        self.requests = list(requests)
        self.first_events: list[Any] = []

    def handle(self, event: Any, now: float) -> None:
        if isinstance(event, SocketOpened | Completed) and self.requests and self.socket.is_ready:
            self.first_events += self.socket.send(self.requests.pop(0), now)


def run(
    mock: MockServer,
    requests: int = 1,
    chunker: Any = whole,
    *,
    cut: Cut | None = None,
    until: float | None = 5,
    **options: Any,
) -> tuple[ResponsesSocket, list[Any], Client, Pair]:
    socket = ResponsesSocket(UPGRADE, **options)
    client = Client(socket, [REQUEST] * requests)
    pair = Pair(
        Side(socket, client.handle, chunker=chunker, latency=0.01),
        Side(mock.connection, mock.handle, chunker=chunker, latency=0.01, cut=cut),
    )
    pair.start()
    pair.run(until=None if until is None else pair.now + until)
    return socket, pair.client.events, client, pair


def outcomes_of(events: list[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, Completed | StreamFailed)]


# What the server does with a request, and our outcome.
ANSWERS: Final[dict[str, tuple[Any, Any]]] = {
    "completed": (say(CREATED, DELTA, ITEM, COMPLETED), Completed),
    "no JSON between": (say(CREATED, b"{oops", b"7", b'{"type":"new"}', COMPLETED), Completed),
    "error with status": (
        say(error(status=429, error={"type": "usage_limit_reached"})),
        UsageLimitReached,
    ),
    "error with status_code": (say(error(status_code=400)), InvalidRequest),
    "429": (say(error(status=429)), RetryLimit),
    "500": (say(CREATED, error(status=500)), InternalServerError),
    "error without status": (say(CREATED, error(message="x")), ResponseFailedError),
    "error with a final code": (say(error(code="server_is_overloaded")), ServerOverloaded),
    "error with headers inside": (
        say(error(error={"status": "429", "headers": {"retry-after": "2"}})),
        RetryLimit,
    ),
    "connection limit": (
        say(error(error={"code": "websocket_connection_limit_reached"})),
        ConnectionLimitReached,
    ),
    "previous response": (
        say(error(status=400, error={"code": "previous_response_not_found"})),
        PreviousResponseNotFound,
    ),
    "failed": (
        say(
            CREATED,
            b'{"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded",'
            b'"message":"try again in 2s"}}}',
        ),
        RateLimitExceeded,
    ),
    "incomplete": (
        say(CREATED, b'{"type":"response.incomplete","response":{}}'),
        ResponseIncompleteError,
    ),
    "binary": (binary, UnexpectedBinary),
    "close": (close(1001), ConnectionClosed),
    "close with a code of its own": (close(4001), ConnectionClosed),
}


@pytest.mark.parametrize("compression", [True, False])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_outcome_comes_once_however_bytes_are_cut(name: str, compression: bool) -> None:
    script, expected = ANSWERS[name]
    told: list[list[Any]] = []
    for chunker in (whole, bytewise, every(3)):
        socket, events, _, _ = run(
            MockServer(messages=[script]), 1, chunker, compression=compression
        )
        (outcome,) = outcomes_of(events)
        assert outcome == socket.outcome
        assert isinstance(events[0], SocketOpened)
        # Its headers hold an answer to our nonce.
        told.append(events[1:])
        if isinstance(outcome, Completed):
            assert expected is Completed
            assert socket.is_ready
            assert events[-1] is outcome
            continue
        assert isinstance(outcome.error, expected)
        assert isinstance(events[-1], SocketClosed)
        assert socket.must_close
        assert not socket.is_ready
        if name.startswith("close"):
            assert isinstance(outcome.error, ConnectionClosed)
            assert outcome.error.close_reason == "why"
            assert outcome.error.response_id == "resp_1"
    assert told[0] == told[1] == told[2]


@pytest.mark.exhaustive
@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("name", ["completed", "close", "500"])
def test_a_conversation_cut_after_any_byte_has_one_outcome_a_request(name: str, how: Any) -> None:
    first, second = ANSWERS["completed"][0], ANSWERS[name][0]
    _, _, _, pair = run(MockServer(messages=[first, second], compression=False), 2)
    # The handshake is the same in all of them.
    start = 0 if name == "completed" else bytes(pair.server.sent).index(b"\r\n\r\n") + 2
    for after in range(start, len(pair.server.sent) + 1):
        mock = MockServer(messages=[first, second], compression=False)
        socket, events, client, _ = run(mock, 2, cut=Cut(after, how), until=None)
        sent = 2 - len(client.requests)
        outcomes = outcomes_of(events)
        assert len(outcomes) == sent
        assert isinstance(events[-1], SocketClosed)
        assert sum(isinstance(event, SocketClosed) for event in events) == 1
        assert socket.closed == events[-1]
        for outcome in outcomes:
            assert isinstance(outcome, Completed) or isinstance(outcome.error, CodexError)
        assert socket.must_close


@given(chunkers(), chunkers())
def test_many_requests_on_one_socket(first: Any, second: Any) -> None:
    mock = MockServer(
        messages=[say(CREATED, DELTA, ITEM, COMPLETED)] * 4,
        upgrade_headers=[("openai-model", "gpt-x")],
    )
    socket = ResponsesSocket(UPGRADE)
    client = Client(socket, [REQUEST] * 4)
    pair = Pair(
        Side(socket, client.handle, chunker=first),
        Side(mock.connection, mock.handle, chunker=second),
    )
    pair.start()
    pair.run(until=pair.now + 5)
    assert len(outcomes_of(pair.client.events)) == 4
    assert client.first_events == [ServerModel("gpt-x")] * 4
    assert len(mock.created) == 4
    assert mock.created[0].input


def test_a_request_builds_on_the_response_before_it() -> None:
    mock = MockServer(messages=[say(CREATED, COMPLETED)] * 3)
    socket = ResponsesSocket(UPGRADE)
    pair = Pair(Side(socket), Side(mock.connection, mock.handle))
    pair.start()
    pair.run(until=pair.now + 1)
    assert socket.prewarm(REQUEST, pair.now) == []
    pair.run(until=pair.now + 1)
    socket.send(REQUEST, pair.now)
    pair.run(until=pair.now + 1)
    assert socket.prewarm(REQUEST, pair.now) is None
    assert next(request.generate for request in mock.created) is False
    assert mock.created[1].previous_response_id == "resp_1"
    assert len(outcomes_of(pair.client.events)) == 2


def test_a_session_outlives_its_socket() -> None:
    session = ResponsesSession()
    for script, expected in (ANSWERS["connection limit"], ANSWERS["completed"]):
        assert session.needs_connection
        mock = MockServer(messages=[script])
        socket, events, _, _ = run(mock, session=session)
        (outcome,) = outcomes_of(events)
        found = outcome if isinstance(outcome, Completed) else outcome.error
        assert isinstance(found, expected)
        assert len(mock.created) == 1
        assert socket.session is session
    assert not session.needs_connection


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (426, b"", HttpStatusError),
        (404, b"", HttpStatusError),
        (401, b'{"error":{"message":"who?"}}', HttpStatusError),
        (500, b"oh", InternalServerError),
        (429, b'{"error":{"type":"usage_limit_reached"}}', UsageLimitReached),
        (200, b"", HttpStatusError),
    ],
)
@pytest.mark.parametrize("chunker", [whole, bytewise])
def test_a_refused_handshake_is_mapped_with_its_body(
    status: int, body: bytes, expected: Any, chunker: Any
) -> None:
    socket, events, client, _ = run(MockServer(json_answer(status, body)), 1, chunker)
    (closed,) = events
    assert isinstance(closed, SocketClosed)
    assert isinstance(closed.error, expected)
    assert closed.error.status == status
    assert closed.error.body == body.decode()
    assert closed.error.url == UPGRADE.url
    assert client.requests
    assert socket.must_close


def test_a_socket_that_cannot_be_made_says_so() -> None:
    socket = ResponsesSocket(UPGRADE, timeouts=WebSocketTimeouts(connect=3))
    socket.connect(0)
    assert socket.deadline() == 3
    (closed,) = socket.handle_timeout(3)
    assert isinstance(closed, SocketClosed)
    assert isinstance(closed.error, TimedOut)
    socket = ResponsesSocket(UPGRADE)
    socket.connect(0)
    assert socket.receive_error(ConnectionFailed("no"), 0) == [SocketClosed(ConnectionFailed("no"))]


# -- time and size ------------------------------------------------------------------------------


def test_silence_while_a_response_is_open_ends_it() -> None:
    mock = MockServer(messages=[say(CREATED)])
    _socket, events, _, _ = run(mock, until=400, idle_timeout=50)
    (outcome,) = outcomes_of(events)
    assert isinstance(outcome.error, IdleTimeout)
    assert isinstance(events[-1], SocketClosed)


def test_silence_between_requests_is_nothing() -> None:
    mock = MockServer(messages=[say(CREATED, COMPLETED)])
    socket, events, _, _pair = run(mock, until=5000)
    assert socket.deadline() is None
    assert socket.is_ready
    assert isinstance(events[-1], Completed)


def test_messages_break_the_silence() -> None:
    mock = MockServer(messages=[say(CREATED)])
    socket, _, _, pair = run(mock, until=1, idle_timeout=50)
    for _ in range(5):
        pair.run(until=pair.now + 40)
        pair.now += 40
        mock.send(pair.now, DELTA)
        pair.run(until=pair.now + 1)
        assert socket.outcome is None
    mock.send(pair.now, COMPLETED)
    pair.run(until=pair.now + 1)
    assert isinstance(socket.outcome, Completed)


def test_a_peer_that_is_gone_is_found_out_by_pings() -> None:
    socket = ResponsesSocket(UPGRADE, timeouts=WebSocketTimeouts(ping_interval=5, ping_timeout=5))
    mock = MockServer()
    pair = Pair(Side(socket), Side(mock.connection, mock.handle))
    pair.start()
    pair.run(until=pair.now + 1)
    socket.send(REQUEST, pair.now)
    pair.run(until=pair.now + 60)
    assert not outcomes_of(pair.client.events), "pings are answered"
    pair.server.is_closed = True
    pair.run(until=pair.now + 60)
    assert isinstance(socket.outcome, StreamFailed)
    assert isinstance(socket.outcome.error, KeepaliveTimeout)


def test_a_request_of_more_than_16_mib_is_refused_and_the_socket_goes_on() -> None:
    mock = MockServer(messages=[say(CREATED, COMPLETED)] * 2)
    socket, _, _, pair = run(mock)
    large = ResponsesApiRequest(model="m", input="a" * (17 * 1024 * 1024))
    with pytest.raises(LocalProtocolError, match="max_outgoing_message_size"):
        socket.send(large, pair.now)
    assert socket.is_ready
    socket.send(REQUEST, pair.now)
    pair.run(until=pair.now + 1)
    assert isinstance(socket.outcome, Completed)
    assert not mock.created[-1].previous_response_id


def test_a_message_beyond_the_limit_ends_the_response() -> None:
    mock = MockServer(messages=[say(CREATED, b'"' + b"a" * 2000 + b'"')])
    _socket, events, _, _ = run(mock, limits=WebSocketLimits(max_message_size=1000))
    (outcome,) = outcomes_of(events)
    assert isinstance(outcome.error, MessageTooLarge)


# -- the caller ---------------------------------------------------------------------------------


def test_closing_gives_an_open_response_its_outcome_at_once() -> None:
    mock = MockServer(messages=[say(CREATED, DELTA)])
    socket, _, _, pair = run(mock)
    (outcome,) = socket.close(pair.now)
    assert isinstance(outcome, StreamFailed)
    assert isinstance(outcome.error, ConnectionFailed)
    assert socket.state is WebSocketState.CLOSING
    pair.run(until=pair.now + 60)
    assert pair.client.events[-1] == SocketClosed(None)
    assert len(outcomes_of(pair.client.events)) == 0
    assert socket.close(pair.now) == []


def test_calls_out_of_turn_name_the_state() -> None:
    socket = ResponsesSocket(UPGRADE)
    for call in (socket.send, socket.prewarm):
        with pytest.raises(LocalProtocolError, match="NEW"):
            call(REQUEST, 0)
    mock = MockServer(messages=[say(CREATED)])
    socket, _, _, pair = run(mock)
    with pytest.raises(LocalProtocolError, match="response is open"):
        socket.send(REQUEST, pair.now)
    assert socket.interrupt(pair.now)
    assert not socket.interrupt(pair.now)
    pair.run(until=pair.now + 1)
    with pytest.raises(LocalProtocolError, match="session"):
        ResponsesSocket(UPGRADE, "session")  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match="idle_timeout"):
        ResponsesSocket(UPGRADE, idle_timeout=0)


def test_malformed_messages_are_events() -> None:
    _, events, _, _ = run(MockServer(messages=[ANSWERS["no JSON between"][0]]))
    assert sum(isinstance(event, MalformedEvent) for event in events) == 2
