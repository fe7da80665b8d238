"""The server's end of HTTP/1.1: whole requests, answers, and answers to what is no request."""

from __future__ import annotations

from typing import Any, Final

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.connections import (
    BodyData,
    Http1ServerConnection,
    Http1ServerState,
    HttpFailed,
    HttpLimits,
    HttpTimeouts,
    InformationalResponse,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
)
from codex_proto.errors import (
    BodyTooLarge,
    ConnectionFailed,
    ContentDecodingFailed,
    DecompressionBomb,
    HeadersTooLarge,
    IdleTimeout,
    LimitExceeded,
    LocalProtocolError,
    TimedOut,
)
from codex_proto.http import Headers
from codex_proto.testing import bytewise, every
from codex_proto.testing.strategies import broken, pieces
from tests.connections.drive import NOW, feed
from tests.connections.samples import CODINGS

SIZED: Final = (
    b"POST /v1/responses?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world"
)
CHUNKED: Final = (
    b"POST /v1/responses?x=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
)
GET: Final = b"GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n"
HEAD: Final = b"HEAD /v1/models HTTP/1.1\r\nHost: h\r\n\r\n"
OLD: Final = b"GET /v1/models HTTP/1.0\r\n\r\n"


def serving(**options: Any) -> Http1ServerConnection:
    connection = Http1ServerConnection(**options)
    connection.start(NOW)
    return connection


def read(data: bytes, method: str = "GET") -> list[Any]:
    """What an independent client makes of an answer."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("host", "h")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    events: list[Any] = []
    while True:
        event = client.next_event()
        if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
            return events
        events.append(event)


def status_and_body(data: bytes, method: str = "GET") -> tuple[int, bytes]:
    events = read(data, method)
    body = b"".join(bytes(event.data) for event in events if isinstance(event, h11.Data))
    return events[0].status_code, body


# -- requests -----------------------------------------------------------------------------------


@given(st.data())
@pytest.mark.parametrize("request_bytes", [SIZED, CHUNKED])
def test_a_request_comes_whole_however_it_is_cut(request_bytes: bytes, data: st.DataObject) -> None:
    connection = serving()
    (event,) = feed(connection, data.draw(pieces(request_bytes)))
    assert (event.method, event.path, event.query) == ("POST", "/v1/responses", "x=1")
    assert event.body == b"hello world"
    assert event == connection.request
    assert not event.is_upgrade
    assert connection.state is Http1ServerState.REQUESTED


@pytest.mark.parametrize("coding", CODINGS)
def test_bodies_of_requests_are_decompressed(coding: str) -> None:
    body = CODINGS[coding](b"hello" * 100)
    name = coding.rpartition(" ")[2].encode()
    head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-encoding: %s\r\ncontent-length: %d\r\n\r\n"
    (event,) = feed(serving(), [head % (name, len(body)) + body])
    assert event.body == b"hello" * 100


def test_who_waits_for_a_go_ahead_gets_it() -> None:
    connection = serving()
    head, body = SIZED[:-11], SIZED[-11:]
    feed(connection, [head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")])
    assert connection.data_to_send().startswith(b"HTTP/1.1 100 ")
    assert len(feed(connection, [body])) == 1


def test_requests_ahead_of_their_turn_wait_for_it() -> None:
    connection = serving()
    events = feed(connection, bytewise(SIZED + GET + GET))
    answered: list[str] = []
    while events:
        (event,) = events
        answered.append(event.path)
        connection.respond(NOW, 200, body=event.path.encode())
        assert connection.deadline() == NOW
        events = connection.handle_timeout(NOW)
    assert answered == ["/v1/responses", "/v1/models", "/v1/models"]
    assert connection.data_to_send().count(b"HTTP/1.1 200") == 3
    assert connection.state is Http1ServerState.IDLE


@pytest.mark.parametrize("clean", [True, False])
def test_what_comes_before_the_next_request_is_read_does_not_overtake_it(clean: bool) -> None:
    connection = serving()
    feed(connection, [GET + GET + GET[:10]])
    connection.respond(NOW, 200)
    (second,) = connection.receive_data(GET[10:], NOW)
    assert isinstance(second, RequestReceived)
    connection.respond(NOW, 200)
    third, *ended = connection.receive_eof(NOW, clean)
    assert isinstance(third, RequestReceived)
    assert len(ended) == (0 if clean else 1)
    if clean:
        connection.respond(NOW, 200)
        assert connection.data_to_send().count(b"HTTP/1.1 200") == 3
    assert connection.must_close


def test_requests_ahead_of_their_turn_have_a_limit() -> None:
    connection = serving(limits=HttpLimits(max_pipelined=1000))
    events = feed(connection, every(100)(GET * 50))
    assert isinstance(events[0], RequestReceived)
    assert isinstance(events[1], HttpFailed)
    assert isinstance(events[1].error, LimitExceeded)
    assert events[1].error.limit_name == "max_pipelined"
    assert connection.must_close


# -- answers ------------------------------------------------------------------------------------


def test_an_answer_may_come_in_parts() -> None:
    connection = serving()
    feed(connection, [GET])
    connection.send(InformationalResponse(103, Headers([("link", "x")])), NOW)
    connection.send(ResponseHead(200, Headers([("x-a", "1")])), NOW)
    connection.send(BodyData(b"hello"), NOW)
    connection.send(BodyData(b""), NOW)
    connection.send(BodyData(b" world"), NOW)
    connection.send(ResponseComplete(Headers([("x-t", "1")])), NOW)
    early, head, *data, end = read(connection.data_to_send())
    assert early.status_code == 103
    assert (head.status_code, head.reason) == (200, b"OK")
    assert (b"transfer-encoding", b"chunked") in list(head.headers)
    assert b"".join(bytes(part.data) for part in data) == b"hello world"
    assert list(end.headers) == [(b"x-t", b"1")]


def test_fields_beyond_ascii_are_written_as_latin_1() -> None:
    connection = serving()
    connection.receive_data(GET, NOW)
    fields = Headers([("x-told", "Zürich")])
    connection.send(InformationalResponse(103, fields), NOW)
    connection.send(ResponseHead(200, fields), NOW)
    connection.send(ResponseComplete(fields), NOW)
    written = connection.data_to_send().lower()
    assert written.count("x-told: zürich\r\n".encode("latin-1")) == 3


def test_a_handshake_with_fields_beyond_ascii() -> None:
    connection = serving()
    connection.receive_data(
        b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
        NOW,
    )
    connection.accept(NOW, headers=[("x-told", "Zürich")])
    assert "zürich\r\n".encode("latin-1") in connection.data_to_send().lower()


def test_an_answer_without_a_length_to_an_old_client_ends_with_the_connection() -> None:
    connection = serving()
    feed(connection, [OLD])
    connection.send(ResponseHead(200), NOW)
    connection.send(BodyData(b"hello"), NOW)
    connection.send(ResponseComplete(Headers([("x-t", "1")])), NOW)
    assert connection.must_close
    data = connection.data_to_send()
    assert data.endswith(b"\r\n\r\nhello")
    assert b"chunked" not in data


def test_an_answer_to_head_has_no_body() -> None:
    connection = serving()
    feed(connection, [HEAD])
    connection.respond(NOW, 200, body=b"hello")
    assert status_and_body(connection.data_to_send(), "HEAD") == (200, b"")
    assert connection.state is Http1ServerState.IDLE


@pytest.mark.parametrize(
    ("head", "messages", "named"),
    [
        (ResponseHead(99), [], "status"),
        (ResponseHead(200, Headers([("transfer-encoding", "chunked")])), [], "transfer-encoding"),
        (ResponseHead(200, Headers([("a", "b\r\nc: d")])), [], "'a'"),
        (ResponseHead(200, Headers([("content-length", "x")])), [], "content-length"),
        (ResponseHead(200, Headers([("content-length", "3")])), [BodyData(b"1234")], "longer"),
        (ResponseHead(200, Headers([("content-length", "3")])), [ResponseComplete()], "shorter"),
        (ResponseHead(204), [BodyData(b"1")], "body"),
        (
            ResponseHead(200, Headers([("content-length", "0")])),
            [ResponseComplete(Headers([("a", "b")]))],
            "trailers",
        ),
    ],
)
def test_an_answer_that_http_does_not_allow_is_refused_and_nothing_changes(
    head: ResponseHead, messages: list[Any], named: str
) -> None:
    connection = serving()
    feed(connection, [GET])
    *legal, illegal = [head, *messages]
    for message in legal:
        connection.send(message, NOW)
    state, pending = connection.state, connection.bytes_pending
    with pytest.raises(LocalProtocolError, match=named):
        connection.send(illegal, NOW)
    assert (connection.state, connection.bytes_pending) == (state, pending)
    if head.status == 200 and "content-length" in head.headers and messages:
        size = int(head.headers.get("content-length") or 0)
        connection.send(BodyData(bytes(size)), NOW)
        connection.send(ResponseComplete(), NOW)
        assert status_and_body(connection.data_to_send()) == (200, bytes(size))


def test_calls_out_of_turn_name_the_state() -> None:
    connection = serving()
    with pytest.raises(LocalProtocolError, match=r"send ResponseHead: .*IDLE"):
        connection.send(ResponseHead(200), NOW)
    with pytest.raises(LocalProtocolError, match=r"accept: .*IDLE"):
        connection.accept(NOW)
    with pytest.raises(LocalProtocolError, match="message"):
        connection.send("HTTP/1.1 200 OK", NOW)  # type: ignore[arg-type]
    feed(connection, [GET])
    with pytest.raises(LocalProtocolError, match="does not ask for a WebSocket"):
        connection.accept(NOW)
    with pytest.raises(LocalProtocolError, match="see accept"):
        connection.send(InformationalResponse(101), NOW)
    with pytest.raises(LocalProtocolError, match="content-length"):
        connection.respond(NOW, 200, [("content-length", "5")], b"hello")
    connection.respond(NOW, 200)
    assert status_and_body(connection.data_to_send()) == (200, b"")


# -- ends ---------------------------------------------------------------------------------------


def test_a_client_that_has_said_all_still_gets_its_answers() -> None:
    connection = serving()
    events = feed(connection, [GET + GET], end="fin")
    assert len(events) == 1
    assert connection.is_half_closed
    assert connection.state is Http1ServerState.REQUESTED
    connection.respond(NOW, 200, body=b"one")
    assert len(connection.handle_timeout(NOW)) == 1
    connection.respond(NOW, 200, body=b"two")
    assert connection.must_close
    assert connection.data_to_send().count(b"HTTP/1.1 200") == 2


def test_a_client_that_is_gone_is_told_of() -> None:
    for data in (GET, GET[:10], SIZED[:-1]):
        connection = serving()
        *_, failed = feed(connection, [data], end="rst")
        assert isinstance(failed, HttpFailed)
        assert isinstance(failed.error, ConnectionFailed)
        assert connection.outcome == failed
        assert connection.must_close
        assert not connection.bytes_pending
    for end in ("fin", "rst"):
        connection = serving()
        assert feed(connection, [], end=end) == []
        assert connection.must_close
        assert connection.outcome is None


@pytest.mark.parametrize("request_bytes", [SIZED, CHUNKED, GET + SIZED])
def test_a_request_cut_anywhere_is_one_failure(request_bytes: bytes) -> None:
    for end in ("fin", "rst"):
        for position in range(1, len(request_bytes)):
            connection = serving()
            events = feed(connection, [request_bytes[:position]], end=end)
            for _ in range(3):
                if connection.request is not None:
                    connection.respond(NOW, 200)
                if connection.deadline() is not None:
                    events += connection.handle_timeout(NOW)
            failures = [event for event in events if isinstance(event, HttpFailed)]
            is_whole = position == len(GET) and request_bytes.startswith(GET) and end == "fin"
            assert len(failures) == (0 if is_whole else 1), (position, events)
            assert connection.must_close


@given(st.data())
@pytest.mark.parametrize("request_bytes", [SIZED, CHUNKED, GET])
def test_no_bytes_raise_and_any_cut_gives_equal_events(
    request_bytes: bytes, data: st.DataObject
) -> None:
    stream = data.draw(broken(request_bytes))
    end = data.draw(st.sampled_from(["", "fin", "rst"]))
    once, cut = serving(), serving()
    expected = feed(once, [stream], end=end)
    assert feed(cut, data.draw(pieces(stream)), end=end) == expected
    assert once.state is cut.state
    assert once.data_to_send() == cut.data_to_send()


@pytest.mark.parametrize(
    ("request_bytes", "status", "error"),
    [
        (b"nonsense\r\n\r\n", 400, None),
        (b"GET / HTTP/1.1\r\n\r\n", 400, None),
        (b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: gzip\r\n\r\n", 501, None),
        (b"GET / HTTP/1.1\r\nhost: h\r\nx: " + b"a" * 5000 + b"\r\n\r\n", 431, HeadersTooLarge),
        (
            b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2000\r\n\r\n" + bytes(2000),
            413,
            BodyTooLarge,
        ),
        (
            b"POST / HTTP/1.1\r\nhost: h\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
            400,
            ContentDecodingFailed,
        ),
    ],
)
@pytest.mark.parametrize("chunk", [1, 10**6])
def test_what_is_no_request_is_answered_and_told(
    request_bytes: bytes, status: int, error: type | None, chunk: int
) -> None:
    connection = serving(limits=HttpLimits(max_header_size=1000, max_body_size=1000))
    (failed,) = feed(connection, every(chunk)(request_bytes))
    assert isinstance(failed, HttpFailed)
    assert error is None or isinstance(failed.error, error)
    assert connection.must_close
    assert status_and_body(connection.data_to_send())[0] == status


def test_a_bomb_is_refused() -> None:
    body = CODINGS["zstd"](bytes(100 * 1024 * 1024))
    head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-encoding: zstd\r\ncontent-length: %d\r\n\r\n"
    connection = serving()
    (failed,) = feed(connection, [head % len(body) + body])
    assert isinstance(failed, HttpFailed)
    assert isinstance(failed.error, DecompressionBomb)
    assert status_and_body(connection.data_to_send())[0] == 413


# -- time ---------------------------------------------------------------------------------------


def test_each_wait_has_its_deadline() -> None:
    times = HttpTimeouts(idle=3, total=10, keep_alive=5)
    connection = serving(timeouts=times)
    assert connection.deadline() == NOW + 5
    assert connection.handle_timeout(NOW + 5) == []
    assert connection.must_close
    assert connection.outcome is None

    connection = serving(timeouts=times)
    connection.receive_data(GET[:5], NOW + 1)
    assert connection.deadline() == NOW + 4
    connection.receive_data(GET[5:9], NOW + 3)
    assert connection.deadline() == NOW + 4, "a head that drips"
    (failed,) = connection.handle_timeout(NOW + 4)
    assert isinstance(failed, HttpFailed)
    assert isinstance(failed.error, IdleTimeout)
    assert status_and_body(connection.data_to_send())[0] == 408

    connection = serving(timeouts=times)
    feed(connection, [GET])
    assert connection.deadline() == NOW + 10
    (failed,) = connection.handle_timeout(NOW + 10)
    assert isinstance(failed, HttpFailed)
    assert isinstance(failed.error, TimedOut)
    assert connection.must_close
