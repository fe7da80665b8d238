"""However the bytes of the peer are cut: equal events, equal outcome, equal bytes to send.

The two ends of a WebSocket, of HTTP, and all that is built on them get the same steps twice: bytes
of the peer, and sends of ours at fixed places between them. The bytes come once in one piece, once
in any pieces.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.utilities import generate_accept_token

from codex_proto.connections import (
    BinaryMessage,
    BodyData,
    Http1Connection,
    Http1ServerConnection,
    HttpLimits,
    InformationalResponse,
    Ping,
    RealtimeServerSocket,
    RealtimeSocket,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
    ResponsesExchange,
    ResponsesServerSocket,
    ResponsesServerStream,
    ResponsesSocket,
    SocketClosed,
    SocketOpened,
    TextMessage,
    UnaryExchange,
    WebSocketConnection,
    WebSocketLimits,
)
from codex_proto.errors import ConnectionClosed, LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.realtime import (
    RealtimeConversation,
    RealtimeError,
    RealtimeSessionConfig,
    create_response,
    decode_realtime_event,
)
from codex_proto.requests import ResponsesApiRequest
from codex_proto.responses import StreamFailed, decode_response_event
from codex_proto.testing.strategies import broken, pieces
from tests.connections.drive import NOW, merged
from tests.connections.mock_server import COMPLETED, CREATED, DELTA, ITEM
from tests.connections.samples import CODINGS, SSE, post, socket_request

CONFIG: Final = RealtimeSessionConfig(version="v2", instructions="Be brief.")
REALTIME: Final = HttpRequest("GET", "ws://localhost:8080/v1/realtime?model=m", [])
REQUEST: Final = ResponsesApiRequest(model="m", input="Hi")
# The nonce of the handshake and the masks of frames, which are the same each time here.
ZEROS: Final = bytes
ACCEPT: Final = generate_accept_token(b"AAAAAAAAAAAAAAAAAAAAAA==")

SWITCH: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
)
HANDSHAKE: Final = (
    b"GET /v1/responses HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
FAILED: Final = (
    b'{"type":"response.failed","response":{"id":"resp_1","error":'
    b'{"code":"server_error","message":"no"}}}'
)
REFUSED: Final = (
    b'{"event_id":"event_x","type":"error","error":{"type":"invalid_request_error",'
    b'"code":"invalid_api_key","message":"Incorrect API key provided: k.","param":null,'
    b'"event_id":null}}'
)
UPDATED: Final = b'{"type":"session.updated","session":{"id":"sess_1"}}'


# -- frames of the peer ---------------------------------------------------------------------------


def frame(
    opcode: int, payload: bytes, *, is_last: bool = True, is_client: bool = False, rsv: int = 0
) -> bytes:
    """A frame; one of a client has a mask of zeros."""
    size = len(payload)
    mask = 0x80 if is_client else 0
    head = bytes([(0x80 if is_last else 0) | rsv | opcode])
    if size < 126:
        head += bytes([mask | size])
    else:
        head += bytes([mask | 126]) + size.to_bytes(2, "big")
    return head + (ZEROS(4) if is_client else b"") + payload


def text(payload: bytes, **options: Any) -> bytes:
    return frame(1, payload, **options)


def close_frame(code: int | None = 1000, reason: bytes = b"", **options: Any) -> bytes:
    payload = b"" if code is None else code.to_bytes(2, "big") + reason
    return frame(8, payload, **options)


# -- steps, done twice ----------------------------------------------------------------------------

Send = Callable[[Any, float], Any]


class End(NamedTuple):
    """The end of the peer's bytes."""

    clean: bool


Step = bytes | Send | End


@dataclass
class Told:
    """What is seen of one run."""

    events: list[Any] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    deadlines: list[float | None] = field(default_factory=list)
    outcome: Any = None

    def seen(self) -> tuple[Any, ...]:
        return merged(self.events), self.sent, self.answers, self.deadlines, self.outcome


def run(make: Callable[[], Any], steps: list[Step], cut: Callable[[bytes], list[bytes]]) -> Told:
    """Do the steps; bytes of the peer come in the pieces of `cut`."""
    told = Told()
    with mock.patch.object(os, "urandom", ZEROS):
        connection = make()
        connection.start(NOW)
        for step in steps:
            _do(connection, step, cut, told)
            told.sent.append(connection.data_to_send())
            told.deadlines.append(connection.deadline())
        for name in ("outcome", "closed", "state", "must_close", "status", "subprotocol"):
            told.answers.append((name, repr(getattr(connection, name, None))))
    told.outcome = (connection.state, connection.must_close, connection.bytes_pending)
    return told


def _do(connection: Any, step: Step, cut: Callable[[bytes], list[bytes]], told: Told) -> None:
    if isinstance(step, bytes):
        for piece in cut(step):
            told.events += _react(connection, connection.receive_data(piece, NOW))
            due = connection.deadline()
            while due is not None and due <= NOW:
                told.events += _react(connection, connection.handle_timeout(NOW))
                due = connection.deadline()
    elif isinstance(step, End):
        told.events += connection.receive_eof(NOW, step.clean)
    else:
        try:
            told.answers.append(repr(step(connection, NOW)))
        except LocalProtocolError as error:
            told.answers.append(error.message)
        due = connection.deadline()
        while due is not None and due <= NOW:
            told.events += _react(connection, connection.handle_timeout(NOW))
            due = connection.deadline()


def _react(connection: Any, events: list[Any]) -> list[Any]:
    """Accept a handshake, as the program of a server does."""
    for event in events:
        if isinstance(event, RequestReceived) and event.is_upgrade:
            connection.accept(NOW)
    return events


def whole(data: bytes) -> list[bytes]:
    return [data]


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


# -- known places ---------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_a_failed_response_and_a_close_frame(cut: Any) -> None:
    data = text(CREATED) + text(FAILED) + close_frame(1000)
    ask = partial(ResponsesSocket.send, request=REQUEST)
    steps: list[Step] = [b"", SWITCH, lambda socket, now: ask(socket, now=now), data]
    told = run(partial(ResponsesSocket, socket_request()), steps, cut)
    assert isinstance(told.events[-2], StreamFailed)
    # We closed it, and the server's close frame is its answer.
    assert told.events[-1] == SocketClosed(None)
    assert told.sent[-1] == close_frame(1000, is_client=True)


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_a_realtime_session_that_is_refused_in_one_segment(cut: Any) -> None:
    data = SWITCH + text(REFUSED) + close_frame(3000, b"invalid_request_error.invalid_api_key")
    told = run(partial(RealtimeSocket, REALTIME, config=CONFIG), [b"", data], cut)
    opened, error, *_, closed = told.events
    assert isinstance(opened, SocketOpened)
    assert isinstance(error, RealtimeError)
    assert error.message == "Incorrect API key provided: k."
    assert isinstance(closed, SocketClosed)
    assert isinstance(closed.error, ConnectionClosed)
    assert closed.error.close_code == 3000
    assert b"session.update" in told.sent[1]


@pytest.mark.parametrize(
    ("config", "limits"),
    [
        (CONFIG, WebSocketLimits(max_outgoing_message_size=50)),
        (CONFIG, WebSocketLimits(max_pending=400)),
        (RealtimeSessionConfig(version="v2", instructions="\ud800"), None),
    ],
)
def test_a_config_that_cannot_be_sent_is_refused_before_anything_is_received(
    config: Any, limits: Any
) -> None:
    with pytest.raises(LocalProtocolError, match="config: "):
        RealtimeSocket(REALTIME, config=config, limits=limits)


def test_a_conversation_of_another_version_or_one_that_has_ended() -> None:
    with pytest.raises(LocalProtocolError, match="conversation: is of version v1"):
        RealtimeSocket(REALTIME, config=CONFIG, conversation=RealtimeConversation("v1"))
    conversation = RealtimeConversation("v2")
    conversation.close()
    make = partial(RealtimeSocket, REALTIME, config=CONFIG, conversation=conversation)
    told = run(make, [b"", SWITCH], whole)
    assert [type(event) for event in told.events] == [SocketOpened]
    assert told.sent[-1] == close_frame(1000, is_client=True)


EXPECTS: Final = (
    b"POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"
)


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_a_client_that_waits_for_a_go_ahead_and_does_not_wait(cut: Any) -> None:
    told = run(Http1ServerConnection, [EXPECTS], cut)
    assert told.sent[0].startswith(b"HTTP/1.1 100 ")


# -- every class, any cut -------------------------------------------------------------------------


def _send(method: str, *arguments: Any) -> Send:
    """A send of ours, whatever comes of it."""
    return lambda connection, now: getattr(connection, method)(*arguments, now)


def _on_websocket(message: Any) -> Send:
    """A message on the WebSocket of a server's connection."""

    def send(connection: Any, now: float) -> Any:
        if connection.websocket is None:
            return None
        return connection.websocket.send(message, now)

    return send


def _responses_event(connection: Any, now: float) -> Any:
    if connection.websocket is None:
        return None
    event = decode_response_event(CREATED)
    return ResponsesServerSocket(connection.websocket).send(event, now)


def _realtime_event(connection: Any, now: float) -> Any:
    if connection.websocket is None:
        return None
    event = decode_realtime_event(UPDATED, "v2")
    return RealtimeServerSocket(connection.websocket).send(event, now)


def _respond(connection: Any, now: float) -> Any:
    return connection.respond(now, 200, [], b"all of it")


def _close(connection: Any, now: float) -> Any:
    # The end of a response is reported by an event as well.
    return repr(connection.close(now))


def _close_websocket(connection: Any, now: float) -> Any:
    return None if connection.websocket is None else connection.websocket.close(now, 4000, "bye")


def frames(*payloads: bytes, is_client: bool) -> st.SearchStrategy[bytes]:
    """What a peer may send on a WebSocket, in and out of order, right and wrong."""
    some = partial(frame, is_client=is_client)
    return st.sampled_from(
        [
            *(some(1, payload) for payload in payloads),
            some(1, b"{oops"),
            some(1, b"first ", is_last=False) + some(9, b"p") + some(0, b"last"),
            some(1, "H\u00e9llo".encode()[:2], is_last=False) + some(0, b"\xa9llo"),
            some(2, b"\0\1"),
            some(9, b"ping"),
            some(9, b"pong?") + some(9, b"pong!"),
            some(10, b"pong"),
            some(8, b"\x03\xe8"),
            some(8, b""),
            some(8, b"\x0b\xb8why"),
            some(8, b"\x03"),
            some(8, b"\x03\xe8\xff"),
            some(1, b"not \xff UTF-8"),
            some(0, b"continues nothing"),
            some(3, b"no such opcode"),
            some(1, b"rsv", rsv=0x40),
            some(1, b"x" * 700),
        ]
    )


class Case(NamedTuple):
    """One class: how to make it, what its peer sends first, and later, and what we send."""

    make: Callable[[], Any]
    opening: list[Step]
    data: st.SearchStrategy[bytes]
    sends: list[Send]


def _conversation() -> RealtimeSocket:
    return RealtimeSocket(REALTIME, config=CONFIG, conversation=RealtimeConversation("v2"))


def compressed(payload: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(1, packed[:-4], rsv=0x40)


COMPRESSED_SWITCH: Final = SWITCH.replace(
    b"\r\n\r\n",
    b"\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\r\n",
)
COMPRESSED: Final = st.sampled_from(
    [
        compressed(b"hello"),
        compressed(b""),
        compressed(b"x" * 5000),
        compressed(b"not \xff UTF-8"),
        frame(1, b"\xff\xff", rsv=0x40),
    ]
)
LIMITS: Final = WebSocketLimits(max_message_size=600)
RESPONSES: Final = frames(CREATED, DELTA, ITEM, COMPLETED, FAILED, is_client=False)
TALK: Final = frames(UPDATED, REFUSED, b'{"type":"response.created"}', is_client=False)
FROM_CLIENT: Final = frames(b'{"type":"response.create"}', is_client=True)
ASK: Final = _send("send", REQUEST)
SAY: Final = _send("send", create_response())
TEXT: Final = TextMessage(b"hello")

SOCKETS: Final[dict[str, Case]] = {
    "WebSocketConnection": Case(
        partial(WebSocketConnection, socket_request(), limits=LIMITS, compression=False),
        [SWITCH],
        frames(b"hello", is_client=False),
        [_send("send", TEXT), _send("send", BinaryMessage(b"b")), _send("send", Ping()), _close],
    ),
    "WebSocketConnection, compressed": Case(
        partial(WebSocketConnection, socket_request(), limits=LIMITS),
        [COMPRESSED_SWITCH],
        frames(b"hello", is_client=False) | COMPRESSED,
        [_send("send", TEXT), _close],
    ),
    "WebSocketConnection of a server": Case(
        Http1ServerConnection,
        [HANDSHAKE],
        frames(b"hello", is_client=True),
        [_on_websocket(TEXT), _on_websocket(Ping(b"p")), _close_websocket, _respond],
    ),
    "ResponsesSocket": Case(
        partial(ResponsesSocket, socket_request(), limits=LIMITS, compression=False),
        [SWITCH],
        RESPONSES,
        [ASK, ASK, _send("prewarm", REQUEST), _send("interrupt"), _close],
    ),
    "ResponsesSocket with a response": Case(
        partial(ResponsesSocket, socket_request(), limits=LIMITS, compression=False),
        [SWITCH, ASK],
        RESPONSES,
        [ASK, _send("interrupt"), _close],
    ),
    "ResponsesServerSocket": Case(
        Http1ServerConnection, [HANDSHAKE], FROM_CLIENT, [_responses_event, _close_websocket]
    ),
    "RealtimeSocket": Case(
        partial(RealtimeSocket, REALTIME, config=CONFIG), [SWITCH], TALK, [SAY, SAY, _close]
    ),
    "RealtimeSocket that joins": Case(
        partial(RealtimeSocket, REALTIME, profile="full"), [SWITCH], TALK, [SAY, SAY, _close]
    ),
    "RealtimeSocket with a conversation": Case(
        _conversation, [SWITCH], TALK, [SAY, _send("flush"), _close]
    ),
    "RealtimeServerSocket": Case(
        Http1ServerConnection, [HANDSHAKE], FROM_CLIENT, [_realtime_event, _close_websocket]
    ),
}


@st.composite
def steps_of(draw: st.DrawFn, case: Case) -> list[Step]:
    """The peer's bytes, some of them together with the opening, and our sends between them."""
    steps: list[Step] = [b"", *case.opening]
    sends: st.SearchStrategy[Step] = st.sampled_from(case.sends)
    for step in draw(st.lists(case.data | sends, max_size=8)):
        last = steps[-1]
        if isinstance(step, bytes) and isinstance(last, bytes):
            steps[-1] = last + step
        else:
            steps.append(step)
    if draw(st.integers(0, 9)) == 0:
        steps = [draw(broken(step)) if isinstance(step, bytes) and step else step for step in steps]
    end = draw(st.sampled_from([None, End(clean=True), End(clean=False)]))
    # A send after the end is answered, too.
    return steps if end is None else [*steps, end, draw(sends)]


def check(case: Case, data: st.DataObject) -> None:
    steps = data.draw(steps_of(case))
    expected = run(case.make, steps, whole)
    told = run(case.make, steps, lambda step: data.draw(pieces(step)))
    assert told.seen() == expected.seen()
    assert run(case.make, steps, bytewise).seen() == expected.seen()


@pytest.mark.parametrize("name", SOCKETS)
@given(data=st.data())
def test_any_cut_of_a_sockets_bytes(name: str, data: st.DataObject) -> None:
    check(SOCKETS[name], data)


def answer(
    body: bytes = b"", *headers: bytes, status: bytes = b"200 OK", sized: bool = True
) -> bytes:
    fields = [*headers, *([b"Content-Length: %d" % len(body)] if sized else [])]
    return b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"", body])


def chunked(body: bytes, size: int, trailers: bytes = b"") -> bytes:
    """The body in chunks, with an extension and trailers."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return (
        b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts)
        + b"0\r\n"
        + trailers
        + b"\r\n"
    )


_CHUNKED: Final = b"Transfer-Encoding: chunked"
ANSWERS: Final = st.sampled_from(
    [
        answer(SSE),
        answer(chunked(SSE, 50), _CHUNKED, sized=False),
        answer(chunked(SSE, 7, b"x-end: 1\r\n"), _CHUNKED, sized=False),
        answer(SSE, sized=False),
        answer(SSE, b"Connection: close"),
        answer(SSE[:200]),
        *(
            answer(CODINGS[coding](SSE), b"Content-Encoding: " + coding.encode())
            for coding in ("gzip", "deflate")
        ),
        answer(b"broken", b"Content-Encoding: gzip"),
        answer(b'{"error":{"message":"no"}}', status=b"429 Too Many Requests"),
        answer(b"x" * 5000, status=b"500 Oops"),
        answer(status=b"204 No Content", sized=False),
        answer(status=b"100 Continue", sized=False),
        answer(status=b"103 Early Hints", sized=False),
        answer(status=b"101 Switching Protocols", sized=False),
        answer(b"", b"X: " + b"y" * 1500),
        answer(b"{}", _CHUNKED),
        b"HTTP/1.1 200\r\n",
        b"more",
    ]
)
REQUESTS: Final = st.sampled_from(
    [
        EXPECTS,
        EXPECTS.replace(b"Length: 2", b"Length: 900"),
        EXPECTS.replace(b"{}", b"").replace(b"Length: 2", b"Length: 0"),
        EXPECTS.replace(b"1.1", b"1.0"),
        EXPECTS.replace(b"Length: 2", b"Length: 4"),
        b"GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n",
        b"HEAD /v1/models HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 1500 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(SSE, 9),
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        + chunked(b"", 9),
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"GET / HTTP/9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        HANDSHAKE,
        b"more",
    ]
)
SMALL: Final = HttpLimits(max_header_size=1000, max_body_size=2000, max_pipelined=600)
# What waits for an answer is limited until the caller answers, and where a read ends decides when
# that is: an upgrade with more behind it than the limit is refused in one read, taken in two.
SERVER: Final = HttpLimits(max_header_size=1000, max_body_size=2000)


def _exchange(**options: Any) -> ResponsesExchange:
    return ResponsesExchange(Http1Connection(limits=SMALL), post(), **options)


def _unary() -> UnaryExchange[bytes]:
    connection = Http1Connection(limits=SMALL)
    return UnaryExchange(connection, post(), lambda response: response.body, max_body_size=300)


def _stream_event(connection: Any, now: float) -> None:
    stream = ResponsesServerStream(connection, now)
    stream.send(decode_response_event(CREATED), now)
    stream.send_comment(now)


HTTP: Final[dict[str, Case]] = {
    "Http1Connection": Case(
        partial(Http1Connection, limits=SMALL),
        [_send("send", post())],
        ANSWERS,
        [_send("send", post()), _send("send", post()), _close],
    ),
    "ResponsesExchange": Case(_exchange, [], ANSWERS, [_close]),
    "ResponsesExchange, profile codex": Case(
        partial(_exchange, profile="codex"), [], ANSWERS, [_close]
    ),
    "UnaryExchange": Case(_unary, [], ANSWERS, [_close]),
    "Http1ServerConnection": Case(
        partial(Http1ServerConnection, limits=SERVER),
        [],
        REQUESTS,
        [
            _respond,
            _respond,
            _send("send", ResponseHead(200)),
            _send("send", BodyData(b"part")),
            _send("send", ResponseComplete()),
            _send("send", InformationalResponse(103)),
            _close,
        ],
    ),
    "ResponsesServerStream": Case(
        partial(Http1ServerConnection, limits=SERVER),
        [],
        REQUESTS,
        [_stream_event, _send("send", ResponseComplete()), _respond],
    ),
}


@pytest.mark.parametrize("name", HTTP)
@given(data=st.data())
def test_any_cut_of_the_bytes_of_http(name: str, data: st.DataObject) -> None:
    check(HTTP[name], data)
