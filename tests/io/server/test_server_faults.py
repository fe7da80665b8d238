"""Each fault that a script can have, as a client that is only a socket sees it."""

from __future__ import annotations

import json
import time
from itertools import accumulate
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.connections import ServedEndpoint
from codex_proto_io.server import (
    CutAfter,
    EmbeddedServer,
    Exchange,
    Pace,
    ScriptError,
    ServerLimits,
    refuse,
    say,
    stream,
)
from codex_proto_io.server import (
    _steps as steps,
)
from codex_proto_io.server._recordings import ResponsesRecording, bundled
from tests.plain_client import PlainClient, Seen, ask, dechunk, frames, post, text_frame, upgrade
from tests.socket_loops import PATIENCE
from tests.waiting import wait_until

CREATED = {"type": "response.created", "response": {"id": "r"}}
COMPLETED = {"type": "response.completed", "response": {"id": "r"}}
CREATE = json.dumps({"type": "response.create", "model": "m"})
# By how much clocks may differ, in seconds.
SLACK = 0.02
OPCODES = {0x81: "text", 0x82: "binary", 0x88: "close", 0x89: "ping", 0x8A: "pong"}


def play(*exchanges: Any, **options: Any) -> Seen:
    """Serve a script, ask once, and return what came."""
    with EmbeddedServer(list(exchanges), **options) as server:
        return ask(server, post())


# -- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 426, 429, 500, 502, 503, 599])
def test_a_status_with_headers_and_body(status: int) -> None:
    body = {} if status == 204 else {"text": "sorry"}
    step = {"do": "respond", "status": status, "headers": {"Retry-After": "7"}, **body}
    seen = play({"on": "POST /v1/responses", "steps": [step]})
    assert seen.answer.status == status
    assert seen.answer.headers["retry-after"] == "7"
    assert seen.answer.body == (b"" if status == 204 else b"sorry")
    assert seen.end == "fin"


def test_a_refusal_is_that_of_the_api() -> None:
    seen = play(refuse(429, "slow down", code="rate_limit_exceeded", resets_at=5))
    assert seen.answer.status == 429
    error = seen.answer.json["error"]
    assert (error["message"], error["code"]) == ("slow down", "rate_limit_exceeded")
    assert error["resets_at"] == 5
    assert seen.answer.headers["content-type"] == "application/json"


def test_a_refused_handshake() -> None:
    with EmbeddedServer(refuse(426, on="GET /v1/responses")) as server:
        seen = ask(server, upgrade(), until=b"}}", wait=0.3)
    assert seen.answer.status == 426
    assert seen.answer.json["error"]["type"] == "invalid_request_error"
    assert seen.end == "silent"


def test_a_failed_response() -> None:
    failed = {"type": "response.failed", "response": {"error": {"code": "slow_down"}}}
    answer = play(stream(CREATED, failed, headers={"x-request-id": "req_7"})).answer
    assert answer.headers["x-request-id"] == "req_7"
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.body.endswith(b'data: {"type":"response.failed","response":{"error":'
                                b'{"code":"slow_down"}}}\n\n')  # fmt: skip


def test_informational_answers_come_first() -> None:
    seen = play({"on": "*", "steps": [{"do": "head", "status": 103}, {"do": "answer"}]})
    assert seen.data.startswith(b"HTTP/1.1 103 ")
    assert b"HTTP/1.1 200 " in seen.data


def test_a_body_has_a_head_of_its_own() -> None:
    answer = play({"on": "*", "steps": [{"do": "body", "text": "data: 1\n\n"}]}).answer
    assert (answer.status, answer.body) == (200, b"data: 1\n\n")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_trailers() -> None:
    steps_ = [{"do": "body", "text": "x"}, {"do": "end", "headers": {"x-sum": "1"}}]
    assert play({"on": "*", "steps": steps_}).data.endswith(b"0\r\nx-sum: 1\r\n\r\n")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"text": "grüße"}, "grüße".encode()),
        ({"base64": "/wA="}, b"\xff\x00"),
        ({"json": {"a": [1, None]}}, b'{"a":[1,null]}'),
        ({"event": {"type": "t", "n": 1}}, b'event: t\ndata: {"type":"t","n":1}\n\n'),
        ({"text": "ab", "repeat": 3}, b"ababab"),
        ({}, b""),
    ],
)
def test_bytes_can_be_said_in_several_ways(content: Any, body: bytes) -> None:
    assert play({"on": "*", "steps": [{"do": "respond", **content}]}).answer.body == body


# -- time ---------------------------------------------------------------------------------------


def test_chunks_and_waits_are_as_in_the_script() -> None:
    chunks = [b"a" * 10, b"b" * 3000, b"xyz"]
    body = [steps.BodyStep(after=0.15, text=chunk.decode()) for chunk in chunks]
    seen = play(Exchange(on="*", steps=[steps.HeadStep(), *body]))
    assert dechunk(seen.data.partition(b"\r\n\r\n")[2]) == chunks
    # None is early. How late one is says more about the machine.
    for number, chunk in enumerate(chunks, 1):
        assert when(seen, chunk) > 0.15 * number - SLACK
    assert seen.times[-1] < PATIENCE


def when(seen: Seen, part: bytes) -> float:
    """The time of the read that brought the last byte of a part."""
    end = seen.data.index(part) + len(part)
    sizes = accumulate(map(len, seen.reads))
    return next(time for time, size in zip(seen.times, sizes, strict=True) if size >= end)


def test_what_has_no_wait_goes_out_together() -> None:
    seen = play(Exchange(on="*", steps=[steps.HeadStep(), *[steps.BodyStep(text="x" * 9)] * 5]))
    assert len(seen.reads) == 1


def test_time_can_be_sped_up() -> None:
    slow = stream(CREATED, COMPLETED, after=5.0)
    began = time.monotonic()
    play(slow, speed=100)
    assert time.monotonic() - began < 3
    began = time.monotonic()
    play(slow, speed=float("inf"))
    assert time.monotonic() - began < 3


def test_a_stall_ends_when_the_client_has_enough() -> None:
    with EmbeddedServer(
        [{"on": "*", "steps": [{"do": "body", "text": "x"}, {"do": "stall"}]}]
    ) as s:
        with PlainClient(s) as client:
            client.send(post())
            seen = client.see(until=b"1\r\nx\r\n", wait=0.3)
            assert (seen.end, seen.answer.body) == ("silent", b"x")
            assert [request.outcome for request in s.requests] == ["open"]
        wait_until(lambda: not s.connections)
        assert [request.outcome for request in s.requests] == ["gone"]


def test_a_stall_may_end_by_itself() -> None:
    seen = play({"on": "*", "steps": [{"do": "stall", "seconds": 0.3}, {"do": "answer"}]})
    assert 0.3 - SLACK < seen.times[0] < PATIENCE
    assert seen.answer.status == 200


def test_a_slow_drip() -> None:
    exchange = stream(CREATED, pace=Pace(size=16, every=0.01))
    seen = play(exchange)
    whole = play(stream(CREATED))
    assert seen.data == whole.data
    # A read may bring several pieces, if this side is late, but none before its time.
    assert len(seen.reads) > 2
    assert all(len(read) % 16 == 0 for read in seen.reads[:-1])
    for time_, size in zip(seen.times, accumulate(map(len, seen.reads)), strict=True):
        assert time_ > 0.01 * (size / 16 - 1) - SLACK


# -- cuts ---------------------------------------------------------------------------------------

WHOLE = play(stream(CREATED, COMPLETED)).data


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("after", [0, 1, 15, 130, len(WHOLE) - 1])
def test_a_cut_after_so_many_bytes(how: Any, after: int) -> None:
    with EmbeddedServer(stream(CREATED, COMPLETED, cut=CutAfter(after=after, how=how))) as server:
        seen = ask(server, post())
        assert (seen.data, seen.end) == (WHOLE[:after], how)
        wait_until(lambda: not server.connections)
        assert server.requests[0].outcome == "cut"


@given(after=st.integers(0, len(WHOLE)), size=st.integers(1, 200))
def test_wherever_the_cut_is_what_comes_before_it_is_there(after: int, size: int) -> None:
    cut = CutAfter(after=after, how="rst")
    seen = play(stream(CREATED, COMPLETED, cut=cut, pace=Pace(size=size)))
    assert seen.data == WHOLE[:after]
    assert seen.end == "rst"


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_cut_beyond_the_answer_is_at_its_end(how: Any) -> None:
    cut = CutAfter(after=10**9, how=how)
    with EmbeddedServer(stream(CREATED, COMPLETED, cut=cut)) as server:
        seen = ask(server, post(close=False))
    assert seen.end == how
    assert seen.answer.body == Seen([WHOLE], [0], "").answer.body


def test_a_cut_may_be_silence() -> None:
    cut = CutAfter(after=50, how="stall")
    with EmbeddedServer(stream(CREATED, COMPLETED, cut=cut)) as server:
        with PlainClient(server) as client:
            client.send(post())
            seen = client.see(until=WHOLE[:50], wait=0.3)
        assert (seen.data, seen.end) == (WHOLE[:50], "silent")
        wait_until(lambda: not server.connections)


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_step_can_cut(how: str) -> None:
    body = {"do": "body", "text": "x" * 100_000}
    seen = play({"on": "*", "steps": [body, {"do": "cut", "how": how}]})
    assert seen.end == how
    assert seen.answer.body == b"x" * 100_000


def test_a_large_answer_is_cut_where_it_should_be() -> None:
    after = 5_000_000
    exchange = {
        "on": "*",
        "steps": [{"do": "body", "text": "x" * 1000, "repeat": 20_000}],
        "cut": {"after": after, "how": "rst"},
    }
    seen = play(exchange)
    assert (len(seen.data), seen.end) == (after, "rst")


def test_a_promise_that_is_not_kept() -> None:
    head = {"do": "head", "headers": {"content-length": "10"}}
    seen = play({"on": "*", "steps": [head, {"do": "body", "text": "123"}, {"do": "cut"}]})
    assert seen.answer.headers["content-length"] == "10"
    assert (seen.answer.body, seen.end) == (b"123", "fin")


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01 no HTTP", b"HTTP/9 !\r\n\r\n", bytes(100)])
def test_garbage_in_place_of_an_answer(garbage: bytes) -> None:
    raw = steps.RawStep(base64=steps.Spoken.binary(garbage).base64)
    seen = play(Exchange(on="*", steps=[raw, steps.CutStep()]))
    assert (seen.data, seen.end) == (garbage, "fin")


def test_garbage_in_a_body() -> None:
    body = [{"do": "body", "text": "x"}, {"do": "raw", "text": "zz\r\n"}, {"do": "cut"}]
    assert play({"on": "*", "steps": body}).data.endswith(b"1\r\nx\r\nzz\r\n")


# -- WebSockets ---------------------------------------------------------------------------------


def converse(
    script: Any,
    *messages: bytes,
    until: bytes | None = None,
    wait: float | None = None,
    path: str = "/v1/responses",
) -> Seen:
    """Open a WebSocket, send frames, and return what came after the handshake: all, or `until`."""
    limits = ServerLimits(close_timeout=0.2)
    with EmbeddedServer(script, limits=limits) as server, PlainClient(server) as client:
        client.send(b"".join((upgrade(path), *messages)))
        seen = client.see(until=until, wait=wait)
    head, _, rest = seen.data.partition(b"\r\n\r\n")
    assert b" 101 " in head
    return Seen([rest], seen.times[-1:], seen.end)


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4999])
def test_close_codes(code: int) -> None:
    script = say(CREATED, close=code)
    with EmbeddedServer(script) as server:
        with PlainClient(server) as client:
            client.send(upgrade() + text_frame(CREATE))
            payload = code.to_bytes(2, "big")
            seen = client.see(until=b"\x88\x02" + payload)
            told = frames(seen.data.partition(b"\r\n\r\n")[2])
            assert [OPCODES[opcode] for opcode, _ in told] == ["text", "close"]
            client.send(text_frame(payload, 0x88))
            assert client.see().end == "fin"
        wait_until(lambda: not server.connections)
        assert server.requests[0].outcome == "answered"


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535])
def test_close_codes_that_should_not_be(code: int) -> None:
    close = {"do": "close", "code": code, "reason": "why"}
    script = {"on": "GET /v1/responses", "message": "*", "steps": [close]}
    seen = converse(script, text_frame(CREATE))
    assert frames(seen.data) == [(0x88, code.to_bytes(2, "big") + b"why")]
    assert seen.end == "fin"


def test_a_close_frame_without_a_code() -> None:
    script = {"on": "GET /v1/responses", "steps": [{"do": "close", "code": None}]}
    seen = converse(script, text_frame(b"", 0x88))
    assert frames(seen.data) == [(0x88, b"")]
    assert seen.end == "fin"


def test_every_kind_of_frame() -> None:
    talk = [
        {"do": "accept", "headers": {"x-models-etag": "e"}},
        {"do": "message", "json": {"type": "a"}},
        {"do": "message", "base64": "/w=="},
        {"do": "ping", "text": "p"},
        {"do": "pong"},
        {"do": "message", "text": ""},
        {"do": "cut", "how": "rst"},
    ]
    seen = converse({"on": "GET /v1/realtime", "steps": talk}, path="/v1/realtime")
    assert frames(seen.data) == [
        (0x81, b'{"type":"a"}'), (0x82, b"\xff"), (0x89, b"p"), (0x8A, b""), (0x81, b"")
    ]  # fmt: skip
    assert seen.end == "rst"


def test_garbage_on_a_websocket() -> None:
    script = {"on": "*", "steps": [{"do": "accept"}, {"do": "raw", "text": "\x01\x02garbage"}]}
    garbage = b"\x01\x02garbage"
    assert converse(script, until=garbage, wait=0.1).data == garbage


def test_frames_with_invalid_text() -> None:
    script = {"on": "*", "steps": [{"do": "accept"}, {"do": "raw", "base64": "gQH/"}]}
    assert frames(converse(script, until=b"\xff", wait=0.1).data) == [(0x81, b"\xff")]


def test_messages_of_some_type_only() -> None:
    talk = [{"do": "receive", "type": "b"}, {"do": "message", "text": "got b"}]
    script = {"on": "GET /v1/realtime", "steps": [{"do": "accept"}, *talk]}
    sent = [text_frame(json.dumps({"type": type})) for type in "aab"]
    seen = converse(script, *sent, path="/v1/realtime", until=b"got b")
    assert frames(seen.data)[0] == (0x81, b"got b")


def test_each_message_has_its_exchange_and_then_the_built_in_answer() -> None:
    failed = {"type": "error", "status": 429, "error": {"code": "x"}}
    script = [say(failed), say(CREATED, COMPLETED, times=2)]
    last = ResponsesRecording(bundled("text_answer.sse")).messages[-1]
    seen = converse(script, *[text_frame(CREATE)] * 4, until=last, wait=0.1)
    types = [json.loads(data)["type"] for _, data in frames(seen.data)]
    turns = ["response.created", "response.completed"] * 2
    assert types[:5] == ["error", *turns]
    assert types[-1] == "response.completed"
    assert len(types) > 100


@pytest.mark.parametrize("how", ["fin", "rst", "stall"])
def test_a_cut_in_a_frame(how: Any) -> None:
    last = msgspec.json.encode(COMPLETED)
    whole = converse(say(CREATED, COMPLETED), text_frame(CREATE), until=last).data
    after = len(whole) - 3
    seen = converse(
        say(CREATED, COMPLETED, cut=CutAfter(after=after, how=how)),
        text_frame(CREATE),
        until=whole[:after],
        wait=0.3 if how == "stall" else PATIENCE,
    )
    assert seen.data == whole[:after]
    assert seen.end == ("silent" if how == "stall" else how)


def test_a_cut_in_the_handshake() -> None:
    script = {"on": "GET /v1/responses", "cut": {"after": 20, "how": "rst"}}
    with EmbeddedServer(script) as server:
        seen = ask(server, upgrade())
    assert (len(seen.data), seen.end) == (20, "rst")


def test_a_message_is_waited_for() -> None:
    talk = [{"do": "accept"}, {"do": "receive"}, {"do": "message", "after": 0.2, "text": "x"}]
    with (
        EmbeddedServer({"on": "*", "steps": talk}) as server,
        PlainClient(server) as client,
    ):
        client.send(upgrade())
        client.see(until=b"\r\n\r\n")
        assert client.see(wait=0.3).reads == []
        client.send(text_frame("hello"))
        seen = client.see(until=b"x")
        assert 0.2 - SLACK < seen.times[0] < PATIENCE
        (request,) = server.requests
        assert request.endpoint is ServedEndpoint.RESPONSES_SOCKET
        assert [message.data for message in request.messages] == [b"hello"]


# -- what cannot be -----------------------------------------------------------------------------


def test_what_http_cannot_say_is_told_at_the_end() -> None:
    head = {"do": "head", "headers": {"content-length": "1"}}
    script = {"on": "*", "steps": [head, {"do": "body", "text": "123"}]}
    with (
        pytest.raises(ScriptError, match="could not be played: data: the body is longer"),
        EmbeddedServer(script) as server,
    ):
        ask(server, post())
    assert server.problems


def test_a_websocket_for_somebody_who_wants_none() -> None:
    script = {"on": "*", "steps": [{"do": "accept"}]}
    with (
        pytest.raises(ScriptError, match="does not ask for a WebSocket"),
        EmbeddedServer(script) as server,
    ):
        ask(server, post())


def test_problems_do_not_hide_what_a_test_has_found() -> None:
    def test() -> None:
        with EmbeddedServer({"on": "*", "steps": [{"do": "accept"}]}) as server:
            ask(server, post())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        test()
