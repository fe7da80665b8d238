"""Both ends of each connection, driven in any order, with bytes that arrive in any portions.

The models are simple: what one side sent whole is what the other gets, in order; each request has
at most one outcome, and exactly one once the connection is at its end; calls that the table of
states does not have raise, and change nothing.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from codex_proto.connections import (
    EXCHANGE_STATES,
    BinaryMessage,
    BodyData,
    HandshakeRefused,
    Http1Connection,
    Http1ServerConnection,
    Http1ServerState,
    Http1State,
    HttpFailed,
    HttpTimeouts,
    Ping,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
    ResponsesExchange,
    ResponsesSocket,
    SocketClosed,
    SocketOpened,
    TextMessage,
    WebSocketClosed,
    WebSocketConnection,
    WebSocketFailed,
    WebSocketState,
    WebSocketTimeouts,
)
from codex_proto.connections._states import StateTable
from codex_proto.connections.http1._states import HTTP1_CLIENT_STATES
from codex_proto.connections.serving._http1_server_states import HTTP1_SERVER_STATES
from codex_proto.connections.websocket._states import WEBSOCKET_STATES
from codex_proto.errors import CodexError, ConnectionFailed, LocalProtocolError
from codex_proto.requests import ResponsesApiRequest
from codex_proto.responses import Completed, StreamFailed
from tests.connections.mock_server import COMPLETED, CREATED, DELTA, ITEM, MockServer
from tests.connections.samples import post, socket_request

SETTINGS: Final = settings(stateful_step_count=40)
TIMES: Final = HttpTimeouts(first_byte=40, idle=30, total=200, keep_alive=100)

_SNAPSHOT: Final = ("state", "bytes_pending", "must_close", "trailing_data", "trailing_size")


def snapshot(connection: Any) -> tuple[Any, ...]:
    told = [getattr(connection, name) for name in _SNAPSHOT]
    return (*told, connection.deadline(), getattr(connection, "outcome", None))


def calls_of(table: StateTable[Any]) -> set[str]:
    return {row.trigger for row in table.rows() if row.is_call}


def legal_calls(table: StateTable[Any], state: Any) -> set[str]:
    return {row.trigger for row in table.rows() if row.is_call and row.state is state}


class TwoEnds(RuleBasedStateMachine):
    """Two connections, and the bytes on their way in between."""

    client: Any
    server: Any

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.to_server, self.to_client = bytearray(), bytearray()
        self.ended: dict[str, bool] = {"client": False, "server": False}
        self.told: dict[str, list[Any]] = {"client": [], "server": []}
        self.set_up()
        self.server.start(self.now)
        self.client.start(self.now)

    def set_up(self) -> None:
        raise NotImplementedError

    def on_client(self, event: Any) -> None:
        """What the client's side does with an event."""

    def on_server(self, event: Any) -> None:
        """What the server's side does with an event."""

    def hear(self, side: str, events: list[Any]) -> None:
        for event in events:
            self.told[side].append(event)
            (self.on_client if side == "client" else self.on_server)(event)

    def collect(self) -> None:
        if not self.ended["server"]:
            self.to_server += self.client.data_to_send()
        if not self.ended["client"]:
            self.to_client += self.server.data_to_send()

    @rule(size=st.integers(1, 3000))
    def deliver_to_server(self, size: int) -> None:
        self.collect()
        data = bytes(self.to_server[:size])
        del self.to_server[:size]
        if not self.ended["server"]:
            self.hear("server", self.server.receive_data(data, self.now))

    @rule(size=st.integers(1, 3000))
    def deliver_to_client(self, size: int) -> None:
        self.collect()
        data = bytes(self.to_client[:size])
        del self.to_client[:size]
        if not self.ended["client"]:
            self.hear("client", self.client.receive_data(data, self.now))

    @rule(seconds=st.sampled_from([0.0, 0.0, 1.0, 10.0, 50.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for side, connection in (("client", self.client), ("server", self.server)):
            for _ in range(20):
                deadline = connection.deadline()
                if deadline is None or deadline > self.now:
                    break
                self.hear(side, connection.handle_timeout(self.now))
            else:
                raise AssertionError("a deadline that never passes")

    @precondition(lambda self: not self.ended["client"])
    @rule(clean=st.booleans(), chance=st.integers(0, 7))
    def end_for_client(self, clean: bool, chance: int) -> None:
        if chance == 0:
            self.ended["client"] = True
            self.hear("client", self.client.receive_eof(self.now, clean))
            assert self.client.receive_eof(self.now, clean) == []

    @precondition(lambda self: not self.ended["server"])
    @rule(clean=st.booleans(), chance=st.integers(0, 7))
    def end_for_server(self, clean: bool, chance: int) -> None:
        if chance == 0:
            self.ended["server"] = True
            self.hear("server", self.server.receive_eof(self.now, clean))
            assert self.server.receive_eof(self.now, clean) == []

    @rule(noise=st.binary(min_size=1, max_size=6), chance=st.integers(0, 15))
    def spoil(self, noise: bytes, chance: int) -> None:
        if chance == 0:
            self.to_client += noise
        elif chance == 1:
            self.to_server += noise

    @invariant()
    def bytes_that_are_told_of_are_there(self) -> None:
        for connection in (self.client, self.server):
            pending = connection.bytes_pending
            assert pending >= 0
            deadline = connection.deadline()
            assert deadline is None or isinstance(deadline, float | int)

    def refuse(self, connection: Any, call: Any) -> None:
        before = snapshot(connection)
        with pytest.raises(LocalProtocolError):
            call()
        assert snapshot(connection) == before


class HttpEnds(TwoEnds):
    """Requests and answers over HTTP/1.1."""

    def set_up(self) -> None:
        self.client = Http1Connection(timeouts=TIMES)
        self.server = Http1ServerConnection(timeouts=TIMES)
        self.sent = 0
        self.spoilt = False

    @rule(body=st.binary(max_size=200))
    def ask(self, body: bytes) -> None:
        request = post(body=body)
        if self.client.state is Http1State.IDLE:
            self.client.send(request, self.now)
            self.sent += 1
        else:
            self.refuse(self.client, lambda: self.client.send(request, self.now))

    @rule(
        message=st.sampled_from(
            [ResponseHead(200), ResponseHead(404), BodyData(b"x" * 50), ResponseComplete()]
        )
    )
    def answer(self, message: Any) -> None:
        call = f"send {type(message).__name__}"
        if call in legal_calls(HTTP1_SERVER_STATES, self.server.state):
            self.server.send(message, self.now)
        else:
            self.refuse(self.server, lambda: self.server.send(message, self.now))

    @rule()
    def answer_at_once(self) -> None:
        if self.server.state is Http1ServerState.REQUESTED:
            self.server.respond(self.now, 200, body=b"all of it")
        else:
            self.refuse(self.server, lambda: self.server.respond(self.now, 200))

    @rule()
    def start_again(self) -> None:
        self.refuse(self.client, lambda: self.client.start(self.now))
        self.refuse(self.client, lambda: self.client.connect(self.now))
        self.refuse(self.server, lambda: self.server.start(self.now))
        self.refuse(self.server, lambda: self.server.accept(self.now))

    @rule(chance=st.integers(0, 15), which=st.sampled_from(["client", "server"]))
    def close(self, chance: int, which: str) -> None:
        if chance == 0:
            connection = getattr(self, which)
            self.hear(which, connection.close(self.now))
            assert connection.must_close

    @rule(chance=st.integers(0, 15))
    def fail(self, chance: int) -> None:
        if chance == 0:
            self.hear("client", self.client.receive_error(ConnectionFailed("x"), self.now))
            self.ended["client"] = True
            assert self.client.must_close

    @invariant()
    def a_request_has_one_outcome(self) -> None:
        outcomes = [
            event
            for event in self.told["client"]
            if isinstance(event, ResponseComplete | HttpFailed)
        ]
        is_open = self.client.state in (Http1State.WAITING, Http1State.RECEIVING)
        assert len(outcomes) == self.sent - is_open
        assert (self.client.outcome is None) == (is_open or not self.sent)
        if outcomes and not is_open:
            assert self.client.outcome == outcomes[-1]

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        if self.client.state in (Http1State.IDLE, Http1State.CLOSED):
            assert self.client.deadline() is None
        else:
            assert self.client.deadline() is not None
        if self.server.must_close:
            assert self.server.deadline() is None


class WebSocketEnds(TwoEnds):
    """Messages, pings and goodbyes."""

    def set_up(self) -> None:
        times = WebSocketTimeouts(ping_interval=60, ping_timeout=20)
        self.client = WebSocketConnection(socket_request(), timeouts=times)
        self.server = Http1ServerConnection()
        self.times = times
        self.sent: dict[str, list[Any]] = {"client": [], "server": []}
        self.is_spoilt = False

    def on_server(self, event: Any) -> None:
        if isinstance(event, RequestReceived) and event.is_upgrade:
            self.server.accept(self.now, timeouts=self.times)

    def end_of(self, which: str) -> WebSocketConnection | None:
        found = self.client if which == "client" else self.server.websocket
        assert found is None or isinstance(found, WebSocketConnection)
        return found

    @rule(
        which=st.sampled_from(["client", "server"]),
        message=st.one_of(
            st.text(max_size=50).map(TextMessage.of),
            st.binary(max_size=50).map(BinaryMessage),
            st.just(TextMessage(b"large " * 500)),
            st.just(Ping(b"p")),
        ),
    )
    def say(self, which: str, message: Any) -> None:
        end = self.end_of(which)
        if end is None:
            return
        if end.state is WebSocketState.OPEN:
            end.send(message, self.now)
            if not isinstance(message, Ping):
                self.sent[which].append(message)
        else:
            self.refuse(end, lambda: end.send(message, self.now))

    @rule(which=st.sampled_from(["client", "server"]), chance=st.integers(0, 9))
    def say_goodbye(self, which: str, chance: int) -> None:
        end = self.end_of(which)
        if end is None:
            return
        self.refuse(end, lambda: end.close(self.now, 1005))
        if chance == 0:
            self.hear(which, end.close(self.now, 4000, "bye"))

    @rule(noise=st.binary(min_size=1, max_size=6), chance=st.integers(0, 15))
    def spoil(self, noise: bytes, chance: int) -> None:
        self.is_spoilt = self.is_spoilt or chance in (0, 1)
        super().spoil(noise, chance)

    @invariant()
    def messages_arrive_in_order(self) -> None:
        if self.is_spoilt:
            return
        for sender, receiver in (("client", "server"), ("server", "client")):
            received = [
                event
                for event in self.told[receiver]
                if isinstance(event, TextMessage | BinaryMessage)
            ]
            assert received == self.sent[sender][: len(received)]

    @invariant()
    def there_is_one_end(self) -> None:
        for which in ("client", "server"):
            end = self.end_of(which)
            ends = [
                event
                for event in self.told[which]
                if isinstance(event, HandshakeRefused | WebSocketClosed | WebSocketFailed)
            ]
            assert len(ends) <= 1
            if end is None:
                continue
            assert len(ends) == (end.state is WebSocketState.CLOSED)
            assert end.outcome == (ends[0] if ends else None)
            assert end.must_close == bool(ends)
            if ends:
                assert self.told[which][-1] == ends[0]
                assert end.deadline() is None


class ExchangeEnds(TwoEnds):
    """One response over HTTP."""

    def set_up(self) -> None:
        self.client = ResponsesExchange(
            Http1Connection(timeouts=TIMES), post(), idle_timeout=20, drain=5
        )
        self.server = Http1ServerConnection(timeouts=TIMES)

    @rule(event=st.sampled_from([CREATED, DELTA, ITEM, COMPLETED, b"oops"]))
    def stream(self, event: bytes) -> None:
        if self.server.state is Http1ServerState.REQUESTED:
            self.server.send(ResponseHead(200), self.now)
        if self.server.state is Http1ServerState.RESPONDING:
            self.server.send(BodyData(b"data: " + event + b"\n\n"), self.now)

    @rule(chance=st.integers(0, 3))
    def end_stream(self, chance: int) -> None:
        if self.server.state is Http1ServerState.RESPONDING and chance == 0:
            self.server.send(ResponseComplete(), self.now)

    @rule(chance=st.integers(0, 9), status=st.sampled_from([400, 429, 500]))
    def refuse_request(self, chance: int, status: int) -> None:
        if self.server.state is Http1ServerState.REQUESTED and chance == 0:
            self.server.respond(self.now, status, body=b"no")

    @rule(chance=st.integers(0, 15))
    def give_up(self, chance: int) -> None:
        self.refuse(self.client, lambda: self.client.start(self.now))
        if chance == 0:
            self.hear("client", self.client.close(self.now))

    @invariant()
    def there_is_one_outcome_and_nothing_after_it(self) -> None:
        told = self.told["client"]
        outcomes = [event for event in told if isinstance(event, Completed | StreamFailed)]
        assert len(outcomes) <= 1
        assert self.client.outcome == (outcomes[0] if outcomes else None)
        if outcomes:
            assert told[-1] == outcomes[0]
        if self.client.is_done:
            assert outcomes
            assert self.client.deadline() is None
            ready = self.client.connection.state is Http1State.IDLE
            assert ready or self.client.must_close
        else:
            assert self.client.deadline() is not None


class SocketEnds(TwoEnds):
    """Responses over one WebSocket."""

    def set_up(self) -> None:
        self.client = ResponsesSocket(socket_request(), idle_timeout=30)
        self.mock = MockServer()
        self.server = self.mock.connection
        self.sent = 0
        self.given_up = 0

    def on_server(self, event: Any) -> None:
        self.mock.handle(event, self.now)

    @rule()
    def ask(self) -> None:
        request = ResponsesApiRequest(model="m", input="Hi")
        if self.client.is_ready:
            self.hear("client", self.client.send(request, self.now))
            self.sent += 1
        else:
            self.refuse(self.client, lambda: self.client.send(request, self.now))

    @rule(event=st.sampled_from([CREATED, DELTA, ITEM, COMPLETED, b"oops", b'{"type":"error"}']))
    def answer(self, event: bytes) -> None:
        websocket = self.server.websocket
        if websocket is not None and websocket.state is WebSocketState.OPEN:
            self.mock.send(self.now, event)

    @rule(chance=st.integers(0, 9))
    def refuse_response(self, chance: int) -> None:
        if chance == 0:
            self.answer(b'{"type":"error","status":500}')

    @rule(chance=st.integers(0, 15))
    def give_up(self, chance: int) -> None:
        if chance == 0:
            self.hear("client", self.client.close(self.now))

    @invariant()
    def each_request_has_one_outcome(self) -> None:
        told = self.told["client"]
        outcomes = [event for event in told if isinstance(event, Completed | StreamFailed)]
        assert len(outcomes) == self.sent - self.client.session.is_open
        closed = [event for event in told if isinstance(event, SocketClosed)]
        assert len(closed) == self.client.must_close
        if closed:
            assert told[-1] == closed[0] == self.client.closed
            assert not self.client.session.is_open
            assert isinstance(closed[0].error, CodexError | None)
        assert sum(isinstance(event, SocketOpened) for event in told) <= 1


def test_the_machines_know_the_calls_of_the_tables() -> None:
    assert {"connect", "start", "send", "receive_data", "close"} == calls_of(HTTP1_CLIENT_STATES)
    assert {"connect", "start", "send", "receive_data", "close"} == calls_of(WEBSOCKET_STATES)
    assert {"connect", "start", "receive_data", "close"} == calls_of(EXCHANGE_STATES)
    assert "accept" in calls_of(HTTP1_SERVER_STATES)


TestHttpEnds = HttpEnds.TestCase
TestWebSocketEnds = WebSocketEnds.TestCase
TestExchangeEnds = ExchangeEnds.TestCase
TestSocketEnds = SocketEnds.TestCase
for _case in (TestHttpEnds, TestWebSocketEnds, TestExchangeEnds, TestSocketEnds):
    _case.settings = SETTINGS
del _case
