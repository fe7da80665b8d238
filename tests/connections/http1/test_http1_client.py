"""The client's end of HTTP/1.1: what it writes, what it makes of answers, and of what is none."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.connections import (
    BodyData,
    Http1Connection,
    Http1State,
    HttpFailed,
    HttpLimits,
    HttpTimeouts,
    InformationalResponse,
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
    RemoteProtocolError,
    TimedOut,
    TooManyInformationalResponses,
)
from codex_proto.http import Headers, HttpRequest
from codex_proto.testing import bytewise, every
from codex_proto.testing.strategies import broken, pieces
from tests.connections.drive import NOW, feed, merged, waiting
from tests.connections.samples import CODINGS, SSE, get, post

CHUNKED: Final = (
    b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
    b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nx-trailer: t\r\n\r\n"
)
SIZED: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world"
UNSIZED: Final = b"HTTP/1.1 200 OK\r\n\r\nhello world"
REFUSED: Final = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\n\r\n{}"
EMPTY: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


def outcome_of(connection: Http1Connection, events: list[Any]) -> ResponseComplete | HttpFailed:
    """The one outcome, which is the last event and what the connection says, too."""
    outcomes = [event for event in events if isinstance(event, ResponseComplete | HttpFailed)]
    assert len(outcomes) == 1
    assert events[-1] == outcomes[0] == connection.outcome
    return outcomes[0]


def failure_of(connection: Http1Connection, events: list[Any]) -> Any:
    outcome = outcome_of(connection, events)
    assert isinstance(outcome, HttpFailed)
    assert connection.must_close
    assert connection.deadline() is None
    assert not connection.bytes_pending
    return outcome.error


# -- requests -----------------------------------------------------------------------------------


def test_a_request_is_written_with_what_http_needs() -> None:
    connection = Http1Connection()
    connection.start(NOW)
    connection.send(post(body=b"{}"), NOW)
    assert connection.bytes_pending == len(connection.data_to_send()) > 0
    assert connection.data_to_send() == b""
    connection = Http1Connection()
    connection.start(NOW)
    connection.send(post("/v1/responses?a=b", b"{}"), NOW)
    assert connection.data_to_send() == (
        b"POST /v1/responses?a=b HTTP/1.1\r\nhost: localhost:8080\r\n"
        b"content-type: application/json\r\nauthorization: Bearer secret\r\n"
        b"content-length: 2\r\n\r\n{}"
    )


def test_a_request_without_a_body_says_so_only_where_one_is_expected() -> None:
    for request, expected in ((get(), False), (post(body=b""), True)):
        connection = Http1Connection()
        connection.start(NOW)
        connection.send(request, NOW)
        assert (b"content-length: 0" in connection.data_to_send()) is expected


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ([("transfer-encoding", "chunked")], "transfer-encoding"),
        ([("upgrade", "websocket")], "upgrade"),
        ([("connection", "upgrade")], "connection"),
        ([("content-length", "7")], "content-length"),
        ([("host", "a"), ("host", "b")], "host"),
    ],
)
def test_headers_that_belong_to_the_connection_are_refused_and_nothing_changes(
    headers: list[tuple[str, str]], named: str
) -> None:
    connection = Http1Connection()
    connection.start(NOW)
    request = HttpRequest("POST", "http://localhost:8080/", headers, b"{}")
    with pytest.raises(LocalProtocolError, match=named):
        connection.send(request, NOW)
    assert connection.state is Http1State.IDLE
    assert not connection.bytes_pending
    connection.send(post(), NOW)


def test_a_connection_is_for_one_host() -> None:
    connection = waiting()
    feed(connection, [SIZED])
    with pytest.raises(LocalProtocolError, match="another scheme, host or port"):
        connection.send(HttpRequest("GET", "http://elsewhere/"), NOW)
    connection.send(get(), NOW)


def test_what_waits_to_be_written_has_a_limit() -> None:
    connection = Http1Connection(limits=HttpLimits(max_pending=100_000))
    connection.start(NOW)
    with pytest.raises(LocalProtocolError, match="max_pending"):
        connection.send(post(body=bytes(100_000)), NOW)
    assert connection.state is Http1State.IDLE
    connection.send(post(), NOW)


def test_the_callers_mistakes_name_what_is_wrong() -> None:
    connection = Http1Connection()
    with pytest.raises(LocalProtocolError, match=r"send.*NEW.*Http1Connection"):
        connection.send(post(), NOW)
    with pytest.raises(LocalProtocolError, match="receive_data"):
        connection.receive_data(b"", NOW)
    with pytest.raises(LocalProtocolError, match="receive_error"):
        connection.receive_error(ConnectionFailed("x"), NOW)
    for now in (float("nan"), float("inf"), "1", None, True):
        with pytest.raises(LocalProtocolError, match="now"):
            connection.start(now)  # type: ignore[arg-type]
    connection.start(NOW)
    with pytest.raises(LocalProtocolError, match="request"):
        connection.send("GET /", NOW)  # type: ignore[arg-type]
    connection.send(post(), NOW)
    with pytest.raises(LocalProtocolError, match="WAITING"):
        connection.send(post(), NOW)
    with pytest.raises(LocalProtocolError, match="data"):
        connection.receive_data("text", NOW)  # type: ignore[arg-type]
    connection.receive_eof(NOW)
    with pytest.raises(LocalProtocolError, match="after receive_eof"):
        connection.receive_data(b"x", NOW)
    with pytest.raises(LocalProtocolError, match="idle"):
        HttpTimeouts(idle=0)
    with pytest.raises(LocalProtocolError, match="max_header_size"):
        HttpLimits(max_header_size=-1)


# -- answers ------------------------------------------------------------------------------------


@given(st.data())
@pytest.mark.parametrize("answer", [CHUNKED, SIZED, REFUSED, EMPTY])
def test_any_cut_of_an_answer_gives_equal_events(answer: bytes, data: st.DataObject) -> None:
    once = waiting()
    expected = merged(feed(once, [answer]))
    assert isinstance(outcome_of(once, expected), ResponseComplete)
    connection = waiting()
    assert merged(feed(connection, data.draw(pieces(answer)))) == expected
    assert connection.state is Http1State.IDLE
    assert not connection.must_close


def test_an_answer_is_told_whole() -> None:
    events = merged(feed(waiting(), bytewise(CHUNKED)))
    assert events == [
        InformationalResponse(103, Headers([("link", "</a>")])),
        ResponseHead(200, Headers([("transfer-encoding", "chunked"), ("x-a", "1"), ("x-a", "2")])),
        BodyData(b"hello world"),
        ResponseComplete(Headers([("x-trailer", "t")])),
    ]


def test_a_body_without_a_length_ends_with_the_connection_if_that_ends_cleanly() -> None:
    connection = waiting()
    events = merged(feed(connection, bytewise(UNSIZED), end="fin"))
    assert events[1:] == [BodyData(b"hello world"), ResponseComplete()]
    assert connection.must_close
    connection = waiting()
    error = failure_of(connection, feed(connection, [UNSIZED], end="rst"))
    assert isinstance(error, ConnectionFailed)


def test_one_connection_serves_many_requests() -> None:
    connection = waiting()
    for answered in range(1, 5):
        assert connection.requests_sent == answered
        events = feed(connection, every(7)(CHUNKED if answered % 2 else SIZED))
        assert isinstance(outcome_of(connection, events), ResponseComplete)
        connection.send(post(), NOW)
        assert connection.outcome is None
        assert not connection.has_answered
        connection.data_to_send()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_a_server_that_closes_is_not_asked_again(answer: bytes) -> None:
    connection = waiting()
    assert isinstance(outcome_of(connection, feed(connection, [answer])), ResponseComplete)
    assert connection.must_close
    with pytest.raises(LocalProtocolError, match="CLOSED"):
        connection.send(post(), NOW)
    assert connection.receive_data(b"more", NOW) == []
    assert connection.trailing_data == b"more"
    assert connection.trailing_size == 4


def test_an_answer_before_all_is_written_ends_the_connection() -> None:
    connection = Http1Connection()
    connection.start(NOW)
    connection.send(post(body=bytes(1000)), NOW)
    assert isinstance(outcome_of(connection, feed(connection, [REFUSED])), ResponseComplete)
    assert connection.must_close
    assert not connection.bytes_pending


@pytest.mark.parametrize("cut", [0, 1])
def test_bytes_that_nobody_asked_for_end_the_connection_and_no_request(cut: int) -> None:
    connection = waiting()
    events = feed(connection, [SIZED[: len(SIZED) - cut], SIZED[len(SIZED) - cut :] + SIZED])
    assert isinstance(outcome_of(connection, events), ResponseComplete)
    assert connection.must_close
    assert connection.trailing_data == SIZED
    connection = waiting()
    feed(connection, [SIZED])
    assert feed(connection, [b"HTTP/1.1 408 Request Timeout\r\n\r\n"]) == []
    assert connection.must_close
    assert isinstance(connection.outcome, ResponseComplete)
    assert connection.trailing_data.startswith(b"HTTP/1.1 408")


def test_an_idle_connection_that_ends_says_nothing_and_must_close() -> None:
    for end in ("fin", "rst"):
        connection = waiting()
        feed(connection, [SIZED])
        assert feed(connection, [], end=end) == []
        assert connection.must_close
        assert isinstance(connection.outcome, ResponseComplete)


def test_no_bytes_are_no_end() -> None:
    connection = waiting()
    for position in range(len(SIZED)):
        assert connection.receive_data(b"", NOW) == []
        connection.receive_data(SIZED[position : position + 1], NOW)
    assert isinstance(connection.outcome, ResponseComplete)
    assert connection.receive_data(b"", NOW) == []
    assert not connection.must_close


# -- how it ends otherwise ----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["fin", "rst"])
@pytest.mark.parametrize("answer", [CHUNKED, SIZED, REFUSED])
def test_an_answer_cut_anywhere_has_one_outcome(answer: bytes, end: str) -> None:
    for position in range(len(answer)):
        connection = waiting()
        events = feed(connection, [answer[:position]], end=end)
        assert isinstance(failure_of(connection, events), ConnectionFailed)
        assert connection.receive_eof(NOW) == []
        assert connection.has_answered is (position > 0)


def test_a_transport_that_fails_is_told_in_the_callers_words() -> None:
    told = ConnectionFailed("no route to host")
    connection = Http1Connection()
    connection.connect(NOW)
    assert connection.receive_error(told, NOW) == [HttpFailed(told)]
    assert connection.must_close
    connection = waiting()
    assert failure_of(connection, connection.receive_error(told, NOW)) == told
    with pytest.raises(LocalProtocolError, match="error"):
        connection.receive_error(ValueError(), NOW)  # type: ignore[arg-type]


def test_closing_gives_a_request_that_is_under_way_its_outcome() -> None:
    for answer in (b"", SIZED[:-1]):
        connection = waiting()
        events = feed(connection, [answer]) + connection.close(NOW)
        assert isinstance(failure_of(connection, events), ConnectionFailed)
        assert connection.close(NOW) == []
    connection = waiting()
    feed(connection, [SIZED])
    assert connection.close(NOW) == []
    assert connection.must_close


@given(st.data())
@pytest.mark.parametrize("answer", [CHUNKED, SIZED, UNSIZED, REFUSED])
def test_no_bytes_raise_and_any_cut_of_them_gives_equal_events(
    answer: bytes, data: st.DataObject
) -> None:
    stream = data.draw(broken(answer))
    end = data.draw(st.sampled_from(["fin", "rst"]))
    once, cut = waiting(), waiting()
    expected = merged(feed(once, [stream], end=end))
    assert merged(feed(cut, data.draw(pieces(stream)), end=end)) == expected
    outcome_of(once, expected)
    assert once.must_close
    if isinstance(once.outcome, ResponseComplete):
        assert once.trailing_data == cut.trailing_data


# Hypothesis knows the bytes that stand in the code, and an answer made of them is no noise.
@given(
    st.binary(max_size=300).filter(lambda noise: not noise.startswith(b"HTTP/1.")),
    st.sampled_from(["fin", "rst"]),
)
@example(b"HTTP/0.0 200\n\n", "fin")
def test_noise_is_a_failure(noise: bytes, end: str) -> None:
    connection = waiting()
    failure_of(connection, feed(connection, bytewise(noise), end=end))


@pytest.mark.parametrize("status", [b"100 Continue", b"200 OK"])
def test_only_http_1_0_and_1_1_is_an_answer(status: bytes) -> None:
    for version in (f"{major}.{minor}" for major in range(10) for minor in range(10)):
        head = b"HTTP/%b %b\r\n\r\n" % (version.encode(), status)
        whole, cut = waiting(), waiting()
        events = feed(whole, [head])
        assert feed(cut, bytewise(head)) == events
        if version in ("1.0", "1.1"):
            assert whole.outcome is None
        else:
            assert isinstance(failure_of(whole, events), RemoteProtocolError)


# -- limits -------------------------------------------------------------------------------------

SMALL: Final = HttpLimits(max_header_size=1000, max_body_size=500)


def head_of(size: int) -> bytes:
    start, end = b"HTTP/1.1 200 OK\r\nx: ", b"\r\ncontent-length: 0\r\n\r\n"
    return start + b"a" * (size - len(start) - len(end)) + end


@pytest.mark.parametrize("chunk", [1, 13, 999, 1000, 1001, 10**6])
def test_headers_have_the_same_limit_however_they_come(chunk: int) -> None:
    for size, fits in ((999, True), (1000, True), (1002, False), (5000, False), (10**5, False)):
        connection = waiting(limits=SMALL)
        events = feed(connection, every(chunk)(head_of(size)))
        outcome = outcome_of(connection, events)
        assert isinstance(outcome, ResponseComplete) is fits
        if isinstance(outcome, HttpFailed):
            assert isinstance(outcome.error, HeadersTooLarge)
            assert outcome.error.limit_name == "max_header_size"
            assert outcome.error.limit == 1000


@pytest.mark.parametrize("chunk", [1, 100, 10**6])
def test_trailers_and_the_lines_of_chunks_have_the_limit_of_headers(chunk: int) -> None:
    start = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    for rest in (
        b"1;" + b"e" * 3000 + b"\r\nx\r\n0\r\n\r\n",
        b"1\r\nx\r\n0\r\nt: " + b"t" * 3000 + b"\r\n\r\n",
        b"0" * 3000,
    ):
        connection = waiting(limits=SMALL)
        error = failure_of(connection, feed(connection, every(chunk)(start + rest), end="fin"))
        assert isinstance(error, HeadersTooLarge)


@pytest.mark.parametrize("chunk", [1, 100, 10**6])
def test_answers_before_the_answer_are_counted(chunk: int) -> None:
    limits = HttpLimits(max_informational=3)
    connection = waiting(limits=limits)
    events = feed(connection, every(chunk)(b"HTTP/1.1 100 Continue\r\n\r\n" * 50))
    error = failure_of(connection, events)
    assert isinstance(error, TooManyInformationalResponses)
    assert error.limit == 3
    assert len(events) == 4
    connection = waiting(limits=limits)
    events = feed(connection, [b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + SIZED])
    assert isinstance(outcome_of(connection, events), ResponseComplete)


def test_a_body_may_have_a_limit() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 501\r\n\r\n" + bytes(501)
    for chunk in (1, 10**6):
        connection = waiting(limits=SMALL)
        events = feed(connection, every(chunk)(answer))
        assert isinstance(failure_of(connection, events), BodyTooLarge)
        assert merged(events)[1] == BodyData(bytes(500))


def test_a_switch_of_protocols_that_nobody_asked_for_is_a_failure() -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n"
    connection = waiting()
    assert isinstance(failure_of(connection, feed(connection, [answer])), RemoteProtocolError)


# -- compression --------------------------------------------------------------------------------


def compressed(coding: str, body: bytes, name: str = "") -> bytes:
    name = name or coding.rpartition(" ")[2]
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {name}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("chunk", [1, 3, 255, 10**6])
def test_bodies_are_decompressed_as_they_come(coding: str, chunk: int) -> None:
    connection = waiting()
    events = feed(connection, every(chunk)(compressed(coding, CODINGS[coding](SSE * 20))))
    assert isinstance(outcome_of(connection, events), ResponseComplete)
    assert b"".join(e.data for e in events if isinstance(e, BodyData)) == SSE * 20
    assert connection.state is Http1State.IDLE


def test_what_is_flushed_is_there_at_once() -> None:
    import zlib

    compressor = zlib.compressobj(wbits=31)
    connection = waiting()
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\n\r\n"
    assert len(feed(connection, [head])) == 1
    for _ in range(5):
        flushed = compressor.compress(SSE) + compressor.flush(zlib.Z_SYNC_FLUSH)
        assert merged(feed(connection, bytewise(flushed))) == [BodyData(SSE)]


def test_several_codings_are_taken_off_in_reverse() -> None:
    body = CODINGS["gzip"](CODINGS["zstd"](SSE))
    events = feed(waiting(), [compressed("", body, "identity, ZSTD ,, x-gzip")])
    assert merged(events)[1] == BodyData(SSE)


def test_members_and_frames_may_follow_each_other() -> None:
    for coding in ("gzip", "zstd"):
        body = CODINGS[coding](b"one") + CODINGS[coding](b"") + CODINGS[coding](b"two")
        for chunk in (1, 10**6):
            events = feed(waiting(), every(chunk)(compressed(coding, body)))
            assert merged(events)[1:] == [BodyData(b"onetwo"), ResponseComplete()]
    events = feed(waiting(), [compressed("gzip", CODINGS["gzip"](b"one") + bytes(100))])
    assert merged(events)[1:] == [BodyData(b"one"), ResponseComplete()]


def test_a_relay_may_have_bodies_as_they_are() -> None:
    body = CODINGS["gzip"](SSE)
    events = feed(waiting(decode_content=False), [compressed("gzip", body)])
    assert merged(events)[1] == BodyData(body)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("chunk", [1, 10**6])
def test_a_compressed_body_that_ends_early_is_a_failure(coding: str, chunk: int) -> None:
    body = CODINGS[coding](SSE * 20)
    for cut in (1, len(body) // 2, len(body) - 1):
        connection = waiting()
        events = feed(connection, every(chunk)(compressed(coding, body[:cut])))
        assert isinstance(failure_of(connection, events), ContentDecodingFailed)
    connection = waiting()
    events = feed(connection, [compressed(coding, b"")])
    assert isinstance(outcome_of(connection, events), ResponseComplete)


@given(st.data())
@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_broken_compression_gives_equal_events_however_it_comes(
    coding: str, data: st.DataObject
) -> None:
    body = data.draw(broken(CODINGS[coding](SSE * 20)))
    once, cut = waiting(), waiting()
    answer = compressed(coding, body)
    expected = merged(feed(once, [answer], end="fin"))
    outcome_of(once, expected)
    assert merged(feed(cut, data.draw(pieces(answer)), end="fin")) == expected


@given(st.data())
def test_broken_zstd_has_the_same_outcome_however_it_comes(data: st.DataObject) -> None:
    body = data.draw(broken(CODINGS["zstd"](SSE * 20)))
    once, cut = waiting(), waiting()
    answer = compressed("zstd", body)
    expected = outcome_of(once, feed(once, [answer], end="fin"))
    found = outcome_of(cut, feed(cut, data.draw(pieces(answer)), end="fin"))
    assert type(found) is type(expected)


@cache
def _bomb(coding: str) -> bytes:
    return CODINGS[coding](bytes(128 * 1024 * 1024))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("chunk", [10_000, 10**9])
def test_bombs_are_named(coding: str, chunk: int) -> None:
    body = _bomb(coding)
    assert len(body) < 200_000
    connection = waiting()
    events: list[Any] = []
    for piece in every(chunk)(compressed(coding, body)):
        events += connection.receive_data(piece, NOW)
    error = failure_of(connection, events)
    assert isinstance(error, DecompressionBomb)
    assert isinstance(error, LimitExceeded)
    assert error.limit_name == "max_expansion"
    assert sum(len(e.data) for e in events if isinstance(e, BodyData)) < 20 * 1024 * 1024


def test_a_bomb_in_a_bomb_is_one() -> None:
    body = CODINGS["gzip"](CODINGS["gzip"](bytes(200 * 1024 * 1024)))
    assert len(body) < 10_000
    connection = waiting()
    error = failure_of(connection, feed(connection, [compressed("", body, "gzip, gzip")]))
    assert isinstance(error, DecompressionBomb)


@pytest.mark.parametrize("name", ["br", "compress", "gzip, br", "gzip, gzip, gzip, gzip, gzip"])
def test_an_unknown_coding_is_named(name: str) -> None:
    connection = waiting()
    error = failure_of(connection, feed(connection, [compressed("", b"abc", name)]))
    assert isinstance(error, ContentDecodingFailed)


# -- time ---------------------------------------------------------------------------------------

TIMES: Final = HttpTimeouts(connect=1, first_byte=2, idle=3, total=60)


def test_the_transport_has_to_be_connected_in_time() -> None:
    connection = Http1Connection(timeouts=TIMES)
    connection.connect(NOW)
    assert connection.deadline() == NOW + 1
    assert connection.handle_timeout(NOW + 0.9) == []
    assert isinstance(failure_of(connection, connection.handle_timeout(NOW + 1)), TimedOut)
    connection = Http1Connection(timeouts=TIMES)
    connection.connect(NOW)
    connection.start(NOW)
    assert connection.deadline() is None


def test_each_wait_has_its_deadline() -> None:
    connection = waiting(timeouts=TIMES)
    assert connection.deadline() == NOW + 2
    connection.receive_data(SIZED[:5], NOW + 1)
    assert connection.deadline() == NOW + 4
    connection.receive_data(SIZED[5:10], NOW + 3.5)
    assert connection.deadline() == NOW + 4, "a head that drips"
    connection.receive_data(SIZED[10:-2], NOW + 3.9)
    assert connection.deadline() == NOW + 6.9
    connection.receive_data(SIZED[-2:-1], NOW + 6)
    assert connection.deadline() == NOW + 9
    error = failure_of(connection, connection.handle_timeout(NOW + 9))
    assert isinstance(error, IdleTimeout)
    assert connection.handle_timeout(NOW + 99) == []


def test_no_drip_outlives_the_total() -> None:
    connection = waiting(timeouts=TIMES)
    now = NOW
    connection.receive_data(UNSIZED, now)
    while (deadline := connection.deadline()) is not None and deadline > now + 2:
        now += 2
        connection.receive_data(b".", now)
    assert isinstance(failure_of(connection, connection.handle_timeout(NOW + 60)), TimedOut)


def test_without_a_limit_for_the_first_byte_the_idle_one_holds() -> None:
    connection = waiting(timeouts=HttpTimeouts(idle=7))
    assert connection.deadline() == NOW + 7
    assert isinstance(failure_of(connection, connection.handle_timeout(NOW + 7)), TimedOut)


def test_an_idle_connection_waits_for_nothing() -> None:
    connection = waiting(timeouts=TIMES)
    feed(connection, [SIZED])
    assert connection.deadline() is None
    assert connection.handle_timeout(NOW + 1000) == []
    assert connection.state is Http1State.IDLE


def test_a_clock_that_goes_backwards_stands_still() -> None:
    connection = waiting(timeouts=TIMES)
    connection.receive_data(UNSIZED, NOW + 2)
    assert connection.handle_timeout(NOW - 50) == []
    assert connection.deadline() == NOW + 5
    connection.receive_data(b"more", NOW - 50)
    assert connection.deadline() == NOW + 5
