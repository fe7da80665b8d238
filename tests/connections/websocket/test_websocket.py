"""A WebSocket, both ends: handshake, messages, limits, keepalive, goodbye."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.connections import (
    CLOSE_CODES,
    TRAILING_KEPT,
    BinaryMessage,
    Connection,
    HandshakeAccepted,
    HandshakeRefused,
    Http1ServerConnection,
    Ping,
    Pong,
    RequestReceived,
    TextMessage,
    WebSocketClosed,
    WebSocketConnection,
    WebSocketFailed,
    WebSocketLimits,
    WebSocketState,
    WebSocketTimeouts,
    explain_close,
    is_sendable_close_code,
)
from codex_proto.connections.websocket._deflate import (
    DeflateParameters,
    choose_offer,
    read_agreement,
)
from codex_proto.errors import (
    ConnectionFailed,
    ContentDecodingFailed,
    HeadersTooLarge,
    InvalidUtf8,
    KeepaliveTimeout,
    LocalProtocolError,
    MessageTooLarge,
    RemoteProtocolError,
    TimedOut,
)
from codex_proto.http import Headers, HttpRequest
from codex_proto.testing import bytewise, every
from codex_proto.testing.strategies import broken, chunkers, pieces
from tests.connections.drive import NOW, feed
from tests.connections.samples import CODINGS, post, socket_request

_OUTCOMES: Final = (HandshakeRefused, WebSocketClosed, WebSocketFailed)


def opened(
    *,
    compression: bool = True,
    limits: WebSocketLimits | None = None,
    timeouts: WebSocketTimeouts | None = None,
) -> tuple[WebSocketConnection, WebSocketConnection]:
    """A client's and a server's end, both open."""
    client, front = opened_with_front(compression=compression, limits=limits, timeouts=timeouts)
    assert front.websocket is not None
    return client, front.websocket


def opened_with_front(
    *,
    compression: bool = True,
    limits: WebSocketLimits | None = None,
    timeouts: WebSocketTimeouts | None = None,
) -> tuple[WebSocketConnection, Http1ServerConnection]:
    """A client's end, and what the server's end stands on."""
    client = WebSocketConnection(
        socket_request(), compression=compression, limits=limits, timeouts=timeouts
    )
    client.start(NOW)
    front = Http1ServerConnection()
    front.start(NOW)
    (request,) = front.receive_data(client.data_to_send(), NOW)
    assert isinstance(request, RequestReceived)
    assert request.is_upgrade
    front.accept(NOW, limits=limits, timeouts=timeouts)
    (accepted,) = client.receive_data(front.data_to_send(), NOW)
    assert isinstance(accepted, HandshakeAccepted)
    assert accepted.is_compressed is compression
    return client, front


def deflated() -> WebSocketConnection:
    """The client's end alone, with compression."""
    return opened()[0]


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv1: bool = False, mask: bool = False
) -> bytes:
    """One frame, as RFC 6455 5.2 has it."""
    first = (0x80 if fin else 0) | (0x40 if rsv1 else 0) | opcode
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        head = bytes([first, bit | size])
    elif size < 65536:
        head = bytes([first, bit | 126]) + struct.pack("!H", size)
    else:
        head = bytes([first, bit | 127]) + struct.pack("!Q", size)
    return head + (bytes(4) if mask else b"") + payload


def deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def failure_of(connection: WebSocketConnection, events: list[Any], code: int | None) -> Any:
    outcomes = [event for event in events if isinstance(event, _OUTCOMES)]
    assert len(outcomes) == 1
    failed = outcomes[0]
    assert failed == events[-1] == connection.outcome
    assert isinstance(failed, WebSocketFailed)
    assert failed.close_code == code
    assert connection.must_close
    assert connection.deadline() is None
    return failed.error


def sent_close(connection: WebSocketConnection, peer: WebSocketConnection) -> Any:
    return peer.receive_data(connection.data_to_send(), NOW)[-1]


# -- messages -----------------------------------------------------------------------------------

messages = st.lists(
    st.one_of(
        st.text(max_size=300).map(TextMessage.of),
        st.binary(max_size=300).map(BinaryMessage),
        st.integers(126, 70_000).map(lambda size: TextMessage(b"ab" * size)),
    ),
    max_size=5,
)


@given(
    messages,
    st.booleans(),
    st.sampled_from([None, 1, 2, 7, 125, 1000]),
    chunkers(),
    st.booleans(),
)
def test_messages_arrive_as_they_were_sent(
    sent: list[Any], compression: bool, frame_size: int | None, chunker: Any, from_client: bool
) -> None:
    if sum(len(message.data) for message in sent) > 5000 and frame_size in (1, 2, 7):
        frame_size = 1000
    client, server = opened(
        compression=compression, limits=WebSocketLimits(max_frame_size=frame_size)
    )
    sender, receiver = (client, server) if from_client else (server, client)
    for message in sent:
        sender.send(message, NOW)
    data = sender.data_to_send()
    cut = chunker(data) if len(data) < 20_000 else every(4096)(data)
    assert feed(receiver, cut) == sent
    assert receiver.outcome is None


def test_text_may_be_a_str() -> None:
    client, server = opened()
    client.send("grüße", NOW)
    (message,) = server.receive_data(client.data_to_send(), NOW)
    assert isinstance(message, TextMessage)
    assert message.text == "grüße"


def test_frames_are_cut_between_characters() -> None:
    client, server = opened(compression=False, limits=WebSocketLimits(max_frame_size=2))
    server.send("aé€𝄞z", NOW)
    data = server.data_to_send()
    assert feed(client, bytewise(data)) == [TextMessage.of("aé€𝄞z")]


def test_compression_pays_and_remembers() -> None:
    client, _server = opened()
    text = "the same words again and again, " * 50
    sizes = []
    for _ in range(2):
        client.send(text, NOW)
        sizes.append(client.bytes_pending)
        client.data_to_send()
    assert sizes[0] < len(text) / 5
    assert sizes[1] < sizes[0]


def test_a_ping_between_the_fragments_of_a_compressed_message_costs_nothing() -> None:
    payload = deflate(b"hello world, hello world")
    client = deflated()
    events = feed(
        client,
        [
            frame(1, payload[:5], fin=False, rsv1=True),
            frame(9, b"p"),
            frame(0, payload[5:9], fin=False),
            frame(10, b"q"),
            frame(0, payload[9:]),
        ],
    )
    assert events == [Ping(b"p"), Pong(b"q"), TextMessage(b"hello world, hello world")]


def test_messages_with_and_without_compression_may_follow_each_other() -> None:
    client = deflated()
    data = frame(1, b"plain") + frame(2, deflate(b"packed"), rsv1=True) + frame(1, b"")
    # An empty message of deflate, and one whose stream ends (RFC 7692, 7.2.3.6 and 7.2.3.4).
    data += frame(1, b"\x00", rsv1=True)
    data += frame(1, bytes.fromhex("f348cdc9c9070000"), rsv1=True)
    data += frame(1, deflate(b"on"), rsv1=True)
    expected = [
        TextMessage(b"plain"),
        BinaryMessage(b"packed"),
        TextMessage(b""),
        TextMessage(b""),
        TextMessage(b"Hello"),
        TextMessage(b"on"),
    ]
    assert feed(client, [data]) == expected
    assert feed(deflated(), bytewise(data)) == expected


# -- what we refuse to send ---------------------------------------------------------------------


def test_what_is_larger_than_servers_take_is_refused_before_it_is_sent() -> None:
    client, server = opened()
    limit = 16 * 1024 * 1024
    with pytest.raises(LocalProtocolError, match=r"16777217 bytes.*max_outgoing_message_size"):
        client.send("a" * (limit + 1), NOW)
    with pytest.raises(LocalProtocolError, match="max_outgoing_message_size"):
        client.send("é" * (limit // 2 + 1), NOW)
    assert not client.bytes_pending
    client.send("a" * limit, NOW)
    (message,) = feed(server, [client.data_to_send()])
    assert len(message.data) == limit


def test_what_waits_to_be_written_has_a_limit() -> None:
    client, _server = opened(compression=False, limits=WebSocketLimits(max_pending=1000))
    client.send("a" * 900, NOW)
    with pytest.raises(LocalProtocolError, match="max_pending"):
        client.send("a" * 900, NOW)
    client.data_to_send()
    client.send("a" * 900, NOW)


def test_the_callers_mistakes_name_what_is_wrong() -> None:
    with pytest.raises(LocalProtocolError, match="GET"):
        WebSocketConnection(post())
    with pytest.raises(LocalProtocolError, match="subprotocols"):
        WebSocketConnection(socket_request(), subprotocols=("a b",))
    with pytest.raises(LocalProtocolError, match="request"):
        WebSocketConnection("ws://localhost")  # type: ignore[arg-type]
    client = WebSocketConnection(socket_request())
    with pytest.raises(LocalProtocolError, match=r"send: .*NEW"):
        client.send("x", NOW)
    client.start(NOW)
    with pytest.raises(LocalProtocolError, match=r"send: .*HANDSHAKE"):
        client.send("x", NOW)
    client, server = opened()
    for message, named in (
        (TextMessage(b"\xff"), "UTF-8"),
        ("\ud800", "surrogate"),
        (Ping(bytes(126)), "125"),
        (Pong(bytes(126)), "125"),
        (b"bytes", "message"),
    ):
        with pytest.raises(LocalProtocolError, match=named):
            client.send(message, NOW)  # type: ignore[arg-type]
    for code in (0, 999, 1004, 1005, 1006, 1015, 2000, 5000, "1000"):
        with pytest.raises(LocalProtocolError, match="code"):
            client.close(NOW, code)  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match="reason"):
        client.close(NOW, 1000, "é" * 62)
    assert not client.bytes_pending
    assert client.state is WebSocketState.OPEN
    client.send(TextMessage.of("still"), NOW)
    assert feed(server, [client.data_to_send()]) == [TextMessage.of("still")]
    headers = [("connection", "x"), ("sec-websocket-key", "x"), ("upgrade", "x")]
    for header in headers:
        request = HttpRequest("GET", "ws://localhost/", [header])
        with pytest.raises(LocalProtocolError, match=header[0]):
            WebSocketConnection(request).start(NOW)


# -- the peer's mistakes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code", "error"),
    [
        (frame(3), 1002, RemoteProtocolError),
        (frame(1, b"x", mask=True), 1002, RemoteProtocolError),
        (frame(0, b"x"), 1002, RemoteProtocolError),
        (frame(1, b"x", fin=False) + frame(1, b"y"), 1002, RemoteProtocolError),
        (frame(9, b"x", fin=False), 1002, RemoteProtocolError),
        (frame(9, bytes(126)), 1002, RemoteProtocolError),
        (frame(9, b"x", rsv1=True), 1002, RemoteProtocolError),
        (frame(1, b"x", fin=False) + frame(0, b"y", rsv1=True), 1002, RemoteProtocolError),
        (b"\xa1\x00", 1002, RemoteProtocolError),
        (b"\x81\x7e\x00\x01x", 1002, RemoteProtocolError),
        (b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 1002, RemoteProtocolError),
        (frame(8, b"x"), 1002, RemoteProtocolError),
        (frame(8, struct.pack("!H", 1005)), 1002, RemoteProtocolError),
        (frame(8, struct.pack("!H", 100)), 1002, RemoteProtocolError),
        (frame(8, struct.pack("!H", 1000) + b"\xff"), 1007, InvalidUtf8),
        (frame(1, b"ab\xff"), 1007, InvalidUtf8),
        (frame(1, b"\xc3", fin=False) + frame(0, b"x"), 1007, InvalidUtf8),
        (frame(1, b"\xc3"), 1007, InvalidUtf8),
        (frame(1, b"\xed\xa0\x80"), 1007, InvalidUtf8),
        (frame(1, deflate(b"\xff"), rsv1=True), 1007, InvalidUtf8),
        (frame(1, b"\xff\xff\xff", rsv1=True), 1007, ContentDecodingFailed),
        (frame(1, bytes(2000)), 1009, MessageTooLarge),
        (frame(1, bytes(600), fin=False) + frame(0, bytes(600)), 1009, MessageTooLarge),
        (frame(1, deflate(bytes(2000)), rsv1=True), 1009, MessageTooLarge),
    ],
)
@pytest.mark.parametrize("chunk", [1, 10**6])
def test_what_the_peer_does_wrong_is_a_value_and_it_is_told(
    data: bytes, code: int, error: type, chunk: int
) -> None:
    client, server = opened(limits=WebSocketLimits(max_message_size=1000))
    client.data_to_send()
    events = feed(client, every(chunk)(frame(1, b"before") + data))
    assert events[0] == TextMessage(b"before")
    assert isinstance(failure_of(client, events, code), error)
    assert sent_close(client, server) == WebSocketClosed(code)
    assert client.receive_data(b"more", NOW) == []
    assert client.trailing_data.endswith(b"more")


@pytest.mark.parametrize("is_refused", [False, True])
def test_what_trails_is_counted_beyond_what_is_kept(is_refused: bool) -> None:
    if is_refused:
        client = handshake()
        feed(client, [REFUSAL + b"a" * (TRAILING_KEPT + 5)])
        ends: list[Connection[Any]] = [client]
    else:
        client, front = opened_with_front()
        feed(client, [frame(8) + b"a" * (TRAILING_KEPT + 5)])
        feed(front, [frame(8, mask=True) + b"a" * (TRAILING_KEPT + 5)])
        ends = [client, front]
    for end in ends:
        end.receive_data(b"bb", NOW)
        assert end.trailing_data == b"a" * TRAILING_KEPT
        assert end.trailing_size == TRAILING_KEPT + 7


def test_a_bomb_of_deflate_is_stopped_at_the_limit() -> None:
    bomb = deflate(bytes(256 * 1024 * 1024))
    assert len(bomb) < 300_000
    for chunk in (1000, 10**6):
        client = deflated()
        events = feed(client, every(chunk)(frame(2, bomb, rsv1=True)))
        error = failure_of(client, events, 1009)
        assert isinstance(error, MessageTooLarge)
        assert (error.limit_name, error.limit) == ("max_message_size", 64 * 1024 * 1024)


def test_tiny_frames_do_not_add_up_to_much() -> None:
    client, _server = opened(compression=False)
    feed(client, [frame(1, b"", fin=False)])
    assert feed(client, [frame(0, b"ab", fin=False) * 50_000]) == []
    (message,) = feed(client, [frame(0)])
    assert len(message.data) == 100_000


@given(st.data())
def test_no_bytes_raise_and_any_cut_of_them_gives_equal_events(data: st.DataObject) -> None:
    payload = deflate(b"hello world" * 10)
    stream = (
        frame(1, "grüße".encode())
        + frame(9, b"ping")
        + frame(1, payload[:9], fin=False, rsv1=True)
        + frame(0, payload[9:])
        + frame(2, b"\x00\xff" * 100)
        + frame(8, struct.pack("!H", 1001) + b"bye")
    )
    noise = data.draw(broken(stream))
    end = data.draw(st.sampled_from(["fin", "rst"]))
    limits = WebSocketLimits(max_message_size=150)
    once, cut = opened(limits=limits)[0], opened(limits=limits)[0]
    expected = feed(once, [noise], end=end)
    assert sum(isinstance(event, _OUTCOMES) for event in expected) == 1
    assert isinstance(expected[-1], _OUTCOMES)
    assert feed(cut, data.draw(pieces(noise)), end=end) == expected
    assert once.state is cut.state is WebSocketState.CLOSED


# -- pings --------------------------------------------------------------------------------------


def test_a_ping_is_answered_and_a_flood_once() -> None:
    client, server = opened()
    assert server.receive_data(frame(9, b"a", mask=True), NOW) == [Ping(b"a")]
    assert server.bytes_pending == 3
    assert server.data_to_send() == frame(10, b"a")
    flood = b"".join(frame(9, b"%d" % number, mask=True) for number in range(10_000))
    for piece in every(1000)(flood):
        server.receive_data(piece, NOW)
    assert server.data_to_send() == frame(10, b"9999")
    assert server.pings_received == 10_001
    client.receive_data(frame(9, b"x"), NOW)
    client.send("after", NOW)
    assert feed(server, [client.data_to_send()]) == [Pong(b"x"), TextMessage(b"after")]


def test_a_ping_is_answered_before_goodbye_and_not_after_it() -> None:
    _client, server = opened(compression=False)
    server.receive_data(frame(9, b"a", mask=True), NOW)
    server.close(NOW, 1000)
    assert server.data_to_send() == frame(10, b"a") + frame(8, struct.pack("!H", 1000))
    server.receive_data(frame(9, b"b", mask=True), NOW)
    assert server.data_to_send() == b""
    _client, server = opened(compression=False)
    closing = frame(8, struct.pack("!H", 1001), mask=True)
    server.receive_data(frame(9, b"a", mask=True) + closing, NOW)
    assert server.data_to_send() == frame(10, b"a") + frame(8, struct.pack("!H", 1001))


def test_a_silent_peer_is_pinged_and_given_up() -> None:
    times = WebSocketTimeouts(ping_interval=10, ping_timeout=4)
    client, server = opened(timeouts=times)
    assert client.deadline() == NOW + 10
    client.receive_data(frame(1, b"x"), NOW + 5)
    assert client.deadline() == NOW + 15
    assert client.handle_timeout(NOW + 15) == []
    assert feed(server, [client.data_to_send()]) == [Ping(b"")]
    assert client.deadline() == NOW + 19
    client.receive_data(server.data_to_send(), NOW + 16)
    assert client.deadline() == NOW + 26
    client.handle_timeout(NOW + 26)
    error = failure_of(client, client.handle_timeout(NOW + 30), 1011)
    assert isinstance(error, KeepaliveTimeout)
    assert isinstance(error, TimedOut)


# -- goodbye ------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_client", [True, False])
def test_both_sides_say_goodbye(from_client: bool) -> None:
    client, server = opened()
    first, second = (client, server) if from_client else (server, client)
    assert first.close(NOW, 4000, "énough") == []
    assert first.state is WebSocketState.CLOSING
    assert first.deadline() == NOW + 10
    second.send("crossing", NOW)
    (closed,) = feed(second, bytewise(first.data_to_send()))
    assert closed == WebSocketClosed(4000, "énough", by_peer=True)
    assert closed.is_clean
    assert second.must_close
    events = feed(first, bytewise(second.data_to_send()))
    assert events == [TextMessage(b"crossing"), WebSocketClosed(4000, "", by_peer=False)]
    assert first.must_close
    assert first.receive_eof(NOW) == second.receive_eof(NOW) == []
    assert first.close(NOW) == []


def test_a_goodbye_without_a_code_is_one() -> None:
    client = deflated()
    (closed,) = feed(client, [frame(8)])
    assert closed == WebSocketClosed(1005)
    assert closed.is_clean
    assert client.data_to_send()[:2] == b"\x88\x80"


def test_a_peer_that_does_not_answer_a_goodbye_is_left() -> None:
    for end in ("fin", "rst", "time"):
        client, _server = opened()
        client.close(NOW)
        events = client.handle_timeout(NOW + 10) if end == "time" else feed(client, [], end=end)
        assert events == [WebSocketClosed(1006, by_peer=False)]
        assert client.must_close


@pytest.mark.parametrize("end", ["fin", "rst"])
def test_a_connection_that_breaks_says_so(end: str) -> None:
    for cut in (0, 1, 5):
        client = deflated()
        events = feed(client, [frame(1, b"message")[:cut]], end=end)
        assert events == [WebSocketClosed(1006)]
        assert not events[0].is_clean
        assert "broke" in events[0].explanation


def test_all_close_codes_are_explained() -> None:
    for code in range(6000):
        assert explain_close(code)
    assert all(not row.meaning.endswith(".") for row in CLOSE_CODES.values())
    assert [code for code in range(900, 1020) if is_sendable_close_code(code)] == [
        *range(1000, 1004),
        *range(1007, 1015),
    ]


# -- the handshake ------------------------------------------------------------------------------


def test_the_handshake_asks_for_what_real_clients_ask_for() -> None:
    client = WebSocketConnection(socket_request("/v1/responses?a=b"), subprotocols=("one", "two"))
    client.start(NOW)
    lines = client.data_to_send().decode().split("\r\n")
    assert lines[0] == "GET /v1/responses?a=b HTTP/1.1"
    assert "host: localhost:8080" in lines
    assert "authorization: Bearer secret" in lines
    assert "upgrade: websocket" in lines
    assert "sec-websocket-version: 13" in lines
    assert "sec-websocket-extensions: permessage-deflate; client_max_window_bits" in lines
    assert "sec-websocket-protocol: one, two" in lines
    assert not any(line.startswith("content-length") for line in lines)


def test_a_subprotocol_is_settled_on() -> None:
    client = WebSocketConnection(socket_request(), subprotocols=("one", "two"))
    client.start(NOW)
    front = Http1ServerConnection()
    front.start(NOW)
    front.receive_data(client.data_to_send(), NOW)
    with pytest.raises(LocalProtocolError, match="does not offer"):
        front.accept(NOW, subprotocol="three")
    with pytest.raises(LocalProtocolError, match="sec-websocket-accept"):
        front.accept(NOW, headers=[("sec-websocket-accept", "x")])
    server = front.accept(NOW, subprotocol="two", headers=[("x-a", "b")])
    (accepted,) = client.receive_data(front.data_to_send(), NOW)
    assert isinstance(accepted, HandshakeAccepted)
    assert accepted.subprotocol == client.subprotocol == server.subprotocol == "two"
    assert accepted.headers.get("x-a") == "b"


def handshake(**options: Any) -> WebSocketConnection:
    client = WebSocketConnection(socket_request(), **options)
    client.start(NOW)
    client.data_to_send()
    return client


REFUSAL: Final = (
    b"HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\n"
    b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
)


@given(st.data())
def test_a_refusal_is_told_with_its_body(data: st.DataObject) -> None:
    client = handshake()
    (refused,) = feed(client, data.draw(pieces(REFUSAL)))
    assert isinstance(refused, HandshakeRefused)
    assert refused == client.outcome
    assert refused.response.status == 426
    assert refused.response.body == b"hello world"
    assert refused.response.headers.get("content-type") == "application/json"
    assert client.must_close
    assert client.receive_eof(NOW) == []


@pytest.mark.parametrize("end", ["fin", "rst"])
def test_a_handshake_cut_anywhere_has_one_outcome(end: str) -> None:
    front = Http1ServerConnection()
    front.start(NOW)
    accepted = WebSocketConnection(socket_request())
    accepted.start(NOW)
    front.receive_data(accepted.data_to_send(), NOW)
    front.accept(NOW)
    for answer in (REFUSAL, front.data_to_send()):
        for position in range(len(answer)):
            client = handshake()
            events = feed(client, [answer[:position]], end=end)
            assert len(events) == 1
            assert events[0] == client.outcome
            is_refusal = answer is REFUSAL and b"\r\n\r\n" in answer[:position]
            assert isinstance(events[0], HandshakeRefused) is is_refusal
            if isinstance(events[0], WebSocketFailed):
                assert isinstance(events[0].error, ConnectionFailed | RemoteProtocolError)


def test_a_refusal_is_cut_where_it_is_too_long_or_too_late() -> None:
    limits = WebSocketLimits(max_refusal_size=10, max_header_size=500)
    head = b"HTTP/1.1 500 Oh\r\n\r\n"
    client = handshake(limits=limits)
    (refused,) = feed(client, [head + bytes(100)])
    assert isinstance(refused, HandshakeRefused)
    assert refused.response.body == bytes(10)
    client = handshake(limits=limits)
    assert feed(client, [head + b"abc"]) == []
    assert client.deadline() == NOW + 15
    (refused,) = client.handle_timeout(NOW + 15)
    assert isinstance(refused, HandshakeRefused)
    assert refused.response.body == b"abc"
    client = handshake(limits=limits)
    events = feed(client, [b"HTTP/1.1 500 Oh\r\nx: " + b"a" * 1000 + b"\r\n\r\n"])
    assert isinstance(failure_of(client, events, None), HeadersTooLarge)
    packed = CODINGS["gzip"](b"why")
    client = handshake()
    (refused,) = feed(
        client, [b"HTTP/1.1 400 No\r\ncontent-encoding: gzip\r\n\r\n" + packed], end="fin"
    )
    assert refused.response.body == b"why"


def test_a_handshake_has_to_be_done_in_time() -> None:
    client = WebSocketConnection(socket_request(), timeouts=WebSocketTimeouts(connect=5))
    client.connect(NOW)
    client.start(NOW + 2)
    assert client.deadline() == NOW + 5
    assert isinstance(failure_of(client, client.handle_timeout(NOW + 5), None), TimedOut)
    client = WebSocketConnection(socket_request())
    client.connect(NOW)
    error = ConnectionFailed("no route")
    assert failure_of(client, client.receive_error(error, NOW), None) == error
    client = handshake()
    assert client.close(NOW) == [WebSocketClosed(1006, by_peer=False)]


GOOD: Final = {
    "upgrade": "websocket",
    "connection": "Upgrade",
}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"upgrade": "h2c"}, "another protocol"),
        ({"connection": "close"}, "connection"),
        ({"sec-websocket-accept": "AAAA"}, "accept"),
        ({"sec-websocket-protocol": "none"}, "subprotocol"),
        ({"sec-websocket-extensions": "x-other"}, "extensions"),
        ({"sec-websocket-extensions": "permessage-deflate; unknown"}, "extensions"),
        ({"sec-websocket-extensions": "permessage-deflate; server_max_window_bits=99"}, "exten"),
        ({"sec-websocket-extensions": "permessage-deflate; server_max_window_bits"}, "extensions"),
        ({"sec-websocket-extensions": "permessage-deflate, permessage-deflate"}, "extensions"),
        ({"sec-websocket-extensions": "permessage-deflate; client_max_window_bits"}, "extens"),
    ],
)
def test_a_wrong_answer_to_the_handshake_is_a_failure(changed: dict[str, str], named: str) -> None:
    client = WebSocketConnection(socket_request())
    client.start(NOW)
    front = Http1ServerConnection()
    front.start(NOW)
    (request,) = front.receive_data(client.data_to_send(), NOW)
    assert isinstance(request, RequestReceived)
    front.accept(NOW, compression=False)
    lines = front.data_to_send().decode().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if line)
    answer = "".join(f"{name}: {value}\r\n" for name, value in (fields | changed).items())
    events = feed(client, [f"{lines[0]}\r\n{answer}\r\n".encode()])
    error = failure_of(client, events, None)
    assert isinstance(error, RemoteProtocolError)
    assert named in error.message


def test_a_client_that_offers_no_compression_takes_none() -> None:
    client = WebSocketConnection(socket_request(), compression=False)
    client.start(NOW)
    assert b"deflate" not in client.data_to_send()


def test_frames_that_come_with_the_handshake_are_not_lost() -> None:
    client = WebSocketConnection(socket_request(), compression=False)
    client.start(NOW)
    early = frame(1, b"early", mask=True)
    front = Http1ServerConnection()
    front.start(NOW)
    front.receive_data(client.data_to_send() + early[:4], NOW)
    front.receive_data(early[4:] + frame(9, b"p", mask=True), NOW)
    assert front.receive_eof(NOW) == []
    server = front.accept(NOW)
    assert front.deadline() == NOW
    events = front.handle_timeout(NOW)
    assert events == [TextMessage(b"early"), Ping(b"p"), WebSocketClosed(1006)]
    assert front.must_close
    assert server.outcome == events[-1]
    client.receive_data(front.data_to_send()[:0], NOW)
    accepted = opened(compression=False)
    assert accepted[0].outcome is None


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        ("", None),
        ("x-webkit-deflate-frame", None),
        ("permessage-deflate", DeflateParameters()),
        ("permessage-deflate; client_max_window_bits", DeflateParameters()),
        ('permessage-deflate; client_max_window_bits="10"', DeflateParameters()),
        (
            "permessage-deflate; server_max_window_bits=10",
            DeflateParameters(server_max_window_bits=10),
        ),
        ("permessage-deflate; server_max_window_bits=8", None),
        ("permessage-deflate; server_max_window_bits=7", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; a=b, permessage-deflate", DeflateParameters()),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            DeflateParameters(True, True),
        ),
        ("permessage-deflate; server_no_context_takeover=1", None),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits", None),
    ],
)
def test_a_server_agrees_on_what_it_can_do(offer: str, agreed: DeflateParameters | None) -> None:
    assert choose_offer(offer) == agreed
    if agreed is not None:
        assert read_agreement(agreed.answer()) == agreed


@given(
    st.builds(
        DeflateParameters,
        st.booleans(),
        st.booleans(),
        st.integers(9, 15),
        st.integers(8, 15),
    ),
    st.lists(st.text(max_size=200), max_size=4),
)
def test_all_parameters_of_compression_work(
    parameters: DeflateParameters, texts: list[str]
) -> None:
    client = deflated()
    client._open(parameters)
    server = WebSocketConnection.accepted(NOW, deflate=parameters)
    for text in texts:
        client.send(text, NOW)
        server.send(text * 3, NOW)
    assert feed(server, [client.data_to_send()]) == [TextMessage.of(text) for text in texts]
    assert feed(client, [server.data_to_send()]) == [TextMessage.of(text * 3) for text in texts]


def test_headers_of_a_handshake_may_be_any() -> None:
    request = Headers([("sec-websocket-key", "\xff")])
    assert not __import__(
        "codex_proto.connections.websocket._handshake", fromlist=["x"]
    ).asks_for_websocket("GET", request)
