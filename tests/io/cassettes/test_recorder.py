"""What the recorder writes, and that playing it again is what was recorded."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import stat
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
import websockets.sync.client
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codex_proto.connections import Http1ServerConnection
from codex_proto.errors import LocalProtocolError
from codex_proto_io.cassettes import Recorder, Secrets
from codex_proto_io.server import EmbeddedServer, Script, ServerLimits, say, stream
from codex_proto_io.server import _steps as steps
from codex_proto_io.server._recordings import bundled
from tests.plain_client import PlainClient, Seen, ask, dechunk, frames, post, text_frame, upgrade
from tests.socket_loops import PATIENCE
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codex_proto_io.server import Exchange

CREATE = json.dumps({"type": "response.create", "model": "m"})
LIMITS = ServerLimits(close_timeout=0.2)


def recorded(
    tmp_path: Path, script: Any, ask_it: Callable[[Any], Any], **options: Any
) -> tuple[Any, list[Exchange]]:
    """Record what a client does with a scripted server; return what it saw, and the exchanges."""
    out = tmp_path / "recording.jsonl"
    out.unlink(missing_ok=True)
    with (
        EmbeddedServer(script, limits=LIMITS) as server,
        Recorder(server.url, out, limits=LIMITS, **options) as recorder,
    ):
        seen = ask_it(recorder)
        wait_until(lambda: recorder.connections == 0)
        assert recorder.problems == ()
    return seen, list(Script.load(out).exchanges)


def replayed(tmp_path: Path, ask_it: Callable[[Any], Any], **options: Any) -> Any:
    """Play the recording, with the same client."""
    with EmbeddedServer(tmp_path / "recording.jsonl", limits=LIMITS, **options) as server:
        seen = ask_it(server)
        assert server.script.remaining == ()
    return seen


def kinds(exchange: Exchange) -> list[str]:
    return [type(step).__name__.removesuffix("Step") for step in exchange.steps]


def chunks(seen: Seen) -> list[bytes]:
    return dechunk(seen.data.partition(b"\r\n\r\n")[2])


# -- HTTP ---------------------------------------------------------------------------------------


def test_a_stream_is_played_as_it_was_recorded(tmp_path: Path) -> None:
    events = [{"type": "response.created"}, {"type": "grüße"}, {"type": "response.completed"}]
    script = stream(*events, after=0.15, headers={"x-request-id": "req_1"})
    first, (exchange,) = recorded(tmp_path, script, lambda recorder: ask(recorder, post()))
    assert first.answer.body.count(b"data: ") == 3
    assert kinds(exchange) == ["Head", "Body", "Body", "Body", "End"]
    waits = [step.after or 0 for step in exchange.steps[1:4]]
    # A recorder that was late for one is early for the next; together they are what they were.
    assert all(0 < wait < PATIENCE for wait in waits)
    assert sum(waits) > 0.3
    assert exchange.on == "POST /v1/responses"
    assert exchange.request is not None
    assert exchange.request.text == '{"model": "m", "stream": true}'

    again = replayed(tmp_path, lambda server: ask(server, post()))
    assert again.data == first.data
    assert chunks(again) == chunks(first)
    assert again.end == first.end
    assert sum(waits) - 0.02 < again.times[-1] < PATIENCE

    slow = [msgspec.structs.replace(step, after=(step.after or 0) * 100) for step in exchange.steps]
    slowed = Script([msgspec.structs.replace(exchange, steps=slow)])
    (tmp_path / "recording.jsonl").write_bytes(slowed.dumps())
    fast = replayed(tmp_path, lambda server: ask(server, post()), speed=float("inf"))
    assert fast.data == first.data
    assert fast.times[-1] < PATIENCE < sum(waits) * 100


@settings(max_examples=15)
@given(
    st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=6),
    st.sampled_from(["end", "fin", "rst"]),
)
def test_whatever_the_bytes_are(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], end: str
) -> None:
    # What looks like a secret is covered, and so is not what it was.
    assume(Secrets().mask(b"".join(parts)) == b"".join(parts))
    tmp_path = tmp_path_factory.mktemp("any")
    body = [steps.BodyStep(after=0.02, base64=steps.Spoken.binary(part).base64) for part in parts]
    last = steps.EndStep() if end == "end" else steps.CutStep(after=0.02, how=end)  # type: ignore[arg-type]
    script = {"on": "*", "steps": [steps.HeadStep(), *body, last]}
    given_script = Script.of([steps_exchange(script)])
    first, _ = recorded(tmp_path, given_script, lambda recorder: ask(recorder, post()))
    again = replayed(tmp_path, lambda server: ask(server, post()))
    assert again.data == first.data
    assert chunks(again) == chunks(first)
    assert b"".join(chunks(first)) == b"".join(parts)
    assert (again.end == "rst") is (first.end == "rst") is (end == "rst")


def steps_exchange(value: dict[str, Any]) -> Any:
    from codex_proto_io.server import Exchange

    return Exchange(on=value["on"], steps=value["steps"])


@pytest.mark.parametrize("status", [200, 400, 401, 426, 429, 500, 503])
def test_refusals(tmp_path: Path, status: int) -> None:
    step = {"do": "respond", "status": status, "headers": {"retry-after": "3"}, "json": {"a": 1}}
    first, (exchange,) = recorded(
        tmp_path, {"on": "*", "steps": [step]}, lambda recorder: ask(recorder, post())
    )
    assert first.answer.status == status
    assert exchange.steps[0].status == status  # type: ignore[union-attr]
    again = replayed(tmp_path, lambda server: ask(server, post()))
    assert again.data == first.data
    assert again.answer.headers["content-length"] == "7"


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("at", ["head", "body"])
def test_a_cut_is_played_as_a_cut(tmp_path: Path, how: str, at: str) -> None:
    body = [] if at == "head" else [{"do": "body", "text": "data: 1\n\n"}]
    script = {"on": "*", "steps": [*body, {"do": "cut", "after": 0.05, "how": how}]}
    first, (exchange,) = recorded(tmp_path, script, lambda recorder: ask(recorder, post()))
    assert exchange.steps[-1] == steps.CutStep(after=exchange.steps[-1].after, how=how)  # type: ignore[arg-type]
    again = replayed(tmp_path, lambda server: ask(server, post()))
    assert (again.data, again.end) == (first.data, first.end)
    assert first.end == how


def test_garbage_is_played_as_garbage(tmp_path: Path) -> None:
    script = {"on": "*", "steps": [{"do": "raw", "text": "no HTTP at all\r\n\r\n"}, {"do": "cut"}]}
    first, (exchange,) = recorded(tmp_path, script, lambda recorder: ask(recorder, post()))
    assert first.data == b"no HTTP at all\r\n\r\n"
    assert kinds(exchange) == ["Raw", "Cut"]
    again = replayed(tmp_path, lambda server: ask(server, post()))
    assert (again.data, again.end) == (first.data, first.end)


def test_a_client_that_leaves_early(tmp_path: Path) -> None:
    script = {"on": "*", "steps": [{"do": "body", "text": "x"}, {"do": "stall"}]}

    def leave(server: Any) -> Seen:
        with PlainClient(server) as client:
            client.send(post())
            return client.see(until=b"x\r\n")

    first, (exchange,) = recorded(tmp_path, script, leave)
    assert kinds(exchange)[-1] == "WaitForClose"
    again = replayed(tmp_path, leave)
    assert again.data == first.data


def test_a_recorder_that_is_stopped_writes_what_it_has(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    script = {"on": "*", "steps": [{"do": "body", "text": "x"}, {"do": "stall"}]}
    with EmbeddedServer(script) as server, Recorder(server.url, out) as recorder:
        client = PlainClient(recorder.port)
        client.send(post())
        client.see(until=b"x\r\n")
    client.socket.close()
    (exchange,) = Script.load(out).exchanges
    assert kinds(exchange) == ["Head", "Body", "Cut"]


def test_compressed_answers_are_recorded_as_text(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(b"data: 1\n\n")
    head = {"content-encoding": "gzip", "content-length": str(len(packed))}
    body = steps.BodyStep(base64=base64.b64encode(packed).decode())
    script = [steps_exchange({"on": "*", "steps": [steps.HeadStep(headers=head), body]})]
    first, (exchange,) = recorded(tmp_path, script, lambda recorder: ask(recorder, post()))
    assert first.answer.body == b"data: 1\n\n"
    assert "content-encoding" not in first.answer.headers
    assert [step.text for step in exchange.steps if isinstance(step, steps.BodyStep)] == [
        "data: 1\n\n"
    ]


def test_paths_below_the_upstreams_own(tmp_path: Path) -> None:
    with (
        EmbeddedServer() as server,
        Recorder(f"{server.origin}/backend/codex", tmp_path / "r.jsonl") as recorder,
    ):
        ask(recorder, post("/v1/responses?model=x"))
        ask(recorder, post("/elsewhere"))
        assert [each.request.target for each in server.requests] == [
            "/backend/codex/responses?model=x", "/elsewhere"
        ]  # fmt: skip
    assert [each.on for each in Script.load(tmp_path / "r.jsonl").exchanges] == [
        "POST /v1/responses", "POST /elsewhere"
    ]  # fmt: skip


def test_a_server_that_cannot_be_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    out = tmp_path / "r.jsonl"
    with Recorder(f"http://127.0.0.1:{port}/v1", out) as recorder:
        for request in (post(), upgrade()):
            seen = ask(recorder, request, until=b"}}")
            assert seen.answer.status == 502
            assert seen.answer.json["error"]["type"] == "server_error"
    assert [kinds(each) for each in Script.load(out).exchanges] == [["Respond"], ["Respond"]]


def test_a_request_that_cannot_be_handed_on_leaves_no_connection(tmp_path: Path) -> None:
    with (
        EmbeddedServer(limits=LIMITS) as server,
        Recorder(server.url, tmp_path / "out", limits=LIMITS) as recorder,
    ):
        refused = ask(recorder, b"CONNECT /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", wait=1)
        assert refused.answer.status == 502
        wait_until(lambda: recorder.connections == 0)
        wait_until(lambda: server.connections == 0)


def test_what_is_too_much_is_left_out(tmp_path: Path) -> None:
    script = {"on": "*", "steps": [{"do": "body", "after": 0.3, "text": "x" * 600}] * 3}
    first, (exchange,) = recorded(
        tmp_path, script, lambda recorder: ask(recorder, post()), max_exchange_size=1500
    )
    assert len(first.answer.body) == 1800
    # A recorder that is late may have read two at once, and leaves out both or none.
    kept = [str(step.text) for step in exchange.steps if isinstance(step, steps.BodyStep)]
    assert 600 <= len("".join(kept)) <= 1500
    assert kinds(exchange) == ["Head", *["Body"] * len(kept), "Cut"]
    assert exchange.note is not None
    assert "max_exchange_size" in exchange.note


def test_many_at_once(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"

    async def main() -> None:
        async with (
            EmbeddedServer() as server,
            Recorder(server.url, out) as recorder,
            httpx.AsyncClient() as http,
        ):
            body = {"model": "m", "stream": True}
            url = f"{recorder.url}/responses"
            answers = await asyncio.gather(*(http.post(url, json=body) for _ in range(20)))
            assert {each.content for each in answers} == {bundled("text_answer.sse")}
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert len(Script.load(out).exchanges) == 20


# -- WebSockets ---------------------------------------------------------------------------------


def converse(server: Any, *, compression: str | None = "deflate") -> list[Any]:
    """Two requests on a WebSocket of an independent client; everything that it is told."""
    heard: list[Any] = []
    with websockets.sync.client.connect(
        f"ws://127.0.0.1:{server.port}/v1/responses", compression=compression, proxy=None
    ) as websocket:
        for generate in (False, True):
            websocket.send(
                json.dumps({"type": "response.create", "model": "m", "generate": generate})
            )
            while not heard or b'"type":"response.completed"' not in heard[-1][:40]:
                heard.append(websocket.recv(timeout=PATIENCE, decode=False))
            heard.append(b"--")
    return heard


@pytest.mark.parametrize("compression", ["deflate", None])
def test_a_websocket_is_played_as_it_was_recorded(tmp_path: Path, compression: str | None) -> None:
    first, (exchange,) = recorded(tmp_path, None, lambda r: converse(r, compression=compression))
    assert kinds(exchange)[:3] == ["Accept", "Receive", "Message"]
    assert kinds(exchange)[-1] == "WaitForClose"
    assert kinds(exchange).count("Receive") == 2
    # Played to a client with and without compression.
    for other in ("deflate", None):
        again = replayed(tmp_path, partial(converse, compression=other))
        assert again == first


def talk(server: Any) -> Seen:
    with PlainClient(server) as client:
        client.send(upgrade())
        head = client.see(until=b"\r\n\r\n")
        client.send(text_frame(CREATE))
        seen = client.see()
        rest = head.data.partition(b"\r\n\r\n")[2]
        return Seen([rest, *seen.reads], [0, *seen.times], seen.end)


@pytest.mark.parametrize(
    "end",
    [
        {"do": "close", "code": 1013, "reason": "later"},
        {"do": "close", "code": None},
        {"do": "cut", "how": "fin"},
        {"do": "cut", "how": "rst"},
    ],
    ids=["code", "no code", "fin", "rst"],
)
def test_every_kind_of_message_and_end(tmp_path: Path, end: dict[str, Any]) -> None:
    script = {
        "on": "GET /v1/responses",
        "steps": [
            {"do": "accept", "headers": {"x-models-etag": "e"}},
            {"do": "receive"},
            {"do": "message", "text": "grüße"},
            {"do": "message", "base64": "/wA="},
            {"do": "ping", "after": 0.1, "text": "p"},
            {"do": "pong", "text": "q"},
            {**end, "after": 0.1},
        ],
    }
    first, (exchange,) = recorded(tmp_path, script, talk)
    assert kinds(exchange) == [
        "Accept", "Receive", "Message", "Message", "Ping", "Pong", end["do"].capitalize()
    ]  # fmt: skip
    assert isinstance(exchange.steps[0], steps.AcceptStep)
    assert exchange.steps[0].fields.get("x-models-etag") == "e"
    told = frames(first.data)
    assert first.end == ("rst" if end.get("how") == "rst" else "fin")
    assert told[:4] == [(0x81, "grüße".encode()), (0x82, b"\xff\0"), (0x89, b"p"), (0x8A, b"q")]
    again = replayed(tmp_path, talk)
    assert frames(again.data) == told
    assert again.end == first.end


def test_a_refused_handshake(tmp_path: Path) -> None:
    step = {"do": "respond", "status": 426, "headers": {"x-a": "b"}, "json": {"error": {}}}
    script = {"on": "*", "steps": [step]}
    refused = partial(ask, request=upgrade(), until=b'{"error":{}}')
    first, (exchange,) = recorded(tmp_path, script, refused)
    assert first.answer.status == 426
    assert kinds(exchange) == ["Respond"]
    again = replayed(tmp_path, refused)
    assert again.data == first.data


def test_garbage_on_a_websocket(tmp_path: Path) -> None:
    garbage = {"do": "raw", "after": 0.1, "base64": "/////w=="}
    script = {"on": "*", "steps": [{"do": "accept"}, {"do": "receive"}, garbage, {"do": "cut"}]}
    first, (exchange,) = recorded(tmp_path, script, talk)
    assert kinds(exchange) == ["Accept", "Receive", "Raw", "Cut"]
    assert first.data == b"\xff" * 4
    assert replayed(tmp_path, talk).data == first.data


def test_a_server_that_does_not_read_makes_the_client_wait(tmp_path: Path) -> None:
    # 64 MB: more than all the buffers on the way.
    messages = text_frame(b"x" * 64_000) * 1000
    limits = ServerLimits(max_waiting_messages=4, close_timeout=0.2)

    def accept(listener: socket.socket, done: threading.Event) -> None:
        with listener.accept()[0] as sock:
            front = Http1ServerConnection()
            front.start(0.0)
            while front.request is None:
                front.receive_data(sock.recv(65536), 0.0)
            front.accept(0.0)
            sock.sendall(front.data_to_send())
            done.wait(PATIENCE)

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener, done))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        try:
            with Recorder(url, tmp_path / "out", limits=limits) as recorder:
                with PlainClient(recorder) as client:
                    client.send(upgrade("/v1/realtime"))
                    client.see(until=b"\r\n\r\n")
                    client.socket.settimeout(1.0)
                    with pytest.raises(TimeoutError):
                        client.socket.sendall(messages)
                # It notices that the client is gone, all the same.
                done.set()
                wait_until(lambda: recorder.connections == 0)
        finally:
            done.set()
            thread.join()


def test_subprotocols_are_settled_between_the_two(tmp_path: Path) -> None:
    script = {"on": "*", "steps": [{"do": "accept", "subprotocol": "realtime"}, {"do": "close"}]}
    protocols = "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.abcdefghijkl\r\n"

    def offer(server: Any) -> Seen:
        return ask(server, upgrade("/v1/realtime", more=protocols))

    first, (exchange,) = recorded(tmp_path, script, offer)
    assert b"sec-websocket-protocol: realtime\r\n" in first.data.lower()
    assert exchange.steps[0].subprotocol == "realtime"  # type: ignore[union-attr]
    assert b"abcdefghijkl" not in (tmp_path / "recording.jsonl").read_bytes()
    again = replayed(tmp_path, offer)
    assert b"sec-websocket-protocol: realtime\r\n" in again.data.lower()


def test_the_time_of_an_answer_counts_from_its_question(tmp_path: Path) -> None:
    script = say({"type": "x"}, after=0.1, close=1000)

    def hesitate(server: Any) -> Seen:
        with PlainClient(server) as client:
            client.send(upgrade())
            client.see(until=b"\r\n\r\n")
            time.sleep(0.5)
            client.send(text_frame(CREATE))
            return client.see()

    first, (exchange,) = recorded(tmp_path, script, hesitate)
    assert kinds(exchange) == ["Accept", "Receive", "Message", "Close"]
    # As long as it was for the client, who counts from its question, too.
    assert 0.08 < (exchange.steps[2].after or 0) < first.times[0] + 0.02
    # However long this client takes, the answer does.
    assert 0.08 < replayed(tmp_path, hesitate).times[0] < PATIENCE


def test_what_comes_together_over_http_goes_out_together(tmp_path: Path) -> None:
    script = {"on": "*", "steps": [{"do": "body", "text": "x"}, {"do": "end", "after": 0.1}]}
    first, (exchange,) = recorded(tmp_path, script, lambda recorder: ask(recorder, post()))
    assert [step.after is None for step in exchange.steps] == [False, True, False]
    again = replayed(tmp_path, lambda server: ask(server, post()))
    assert again.data == first.data
    # In two writes, which may be one read if this side is late.
    assert len(first.reads) <= 2
    assert len(again.reads) <= 2
    assert again.times[-1] > (exchange.steps[2].after or 0) - 0.02


def test_what_comes_together_goes_out_together(tmp_path: Path) -> None:
    events = [{"type": str(number)} for number in range(5)]
    _, (exchange,) = recorded(tmp_path, say(*events, close=1000), talk)
    messages = [step for step in exchange.steps if isinstance(step, steps.MessageStep)]
    assert [step.after is None for step in messages] == [False, True, True, True, True]


# -- the file -----------------------------------------------------------------------------------


def test_the_file_is_for_its_owner_only_and_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    Recorder("http://127.0.0.1:1/v1", out).close()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        Recorder("http://127.0.0.1:1/v1", out)
    assert Script.load(out) == Script(otherwise="error")


def test_what_is_no_upstream(tmp_path: Path) -> None:
    for url in ("", "example.com", "ftp://x", "http://user:password@host/"):
        with pytest.raises(LocalProtocolError, match="url: "):
            Recorder(url, tmp_path / "r.jsonl")
    assert not (tmp_path / "r.jsonl").exists()


def test_a_line_is_there_as_soon_as_the_exchange_is_over(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    before = threading.active_count()
    with EmbeddedServer() as server, Recorder(server.url, out) as recorder:
        ask(recorder, post())
        wait_until(lambda: recorder.exchanges == 1)
        assert out.read_bytes().count(b"\n") == 2
    assert threading.active_count() == before
