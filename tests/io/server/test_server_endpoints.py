"""Every endpoint of the embedded server, asked by httpx: built-in answers and refusals."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from codex_proto.connections import ServedEndpoint
from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import RealtimeSessionConfig, call_request, read_call_reply
from codex_proto.requests import CompactionInput, MemorySummarizeInput, ResponsesApiRequest
from codex_proto.requests._models import decode_models
from codex_proto.responses import Completed, MalformedPart, ResponsesDecoder
from codex_proto_io.server import EmbeddedServer, ServerLimits
from codex_proto_io.server._recordings import bundled
from tests.plain_client import PlainClient, ask, post
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK: dict[str, Any] = {"model": "gpt-5.2", "input": "What is 2 + 2?"}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as server:
        yield server


@pytest.fixture(scope="module")
def http(server: EmbeddedServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as http:
        yield http


def test_a_stream_is_the_recording(server: EmbeddedServer, http: httpx.Client) -> None:
    decoder = ResponsesDecoder()
    with http.stream("POST", "/responses", json={**ASK, "stream": True}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        chunks = list(answer.iter_raw())
    assert b"".join(chunks) == bundled("text_answer.sse")
    for chunk in chunks:
        decoder.receive_data(chunk)
    assert isinstance(decoder.outcome, Completed)
    asked = server.requests[-1]
    assert asked.endpoint is ServedEndpoint.RESPONSES
    assert isinstance(asked.body, ResponsesApiRequest)
    assert (asked.body.model, asked.body.input) == ("gpt-5.2", "What is 2 + 2?")
    # The client may know first.
    wait_until(lambda: asked.outcome != "open")
    assert asked.outcome == "answered"


@pytest.mark.parametrize("stream", [False, None])
def test_a_whole_response_is_the_end_of_the_recording(
    http: httpx.Client, stream: bool | None
) -> None:
    answer = http.post("/responses", json=ASK if stream is None else {**ASK, "stream": stream})
    assert answer.status_code == 200
    response = answer.json()
    assert response["status"] == "completed"
    assert response["output"][-1]["content"][0]["text"] == "2 + 2 = 4."


def test_compaction_keeps_what_the_user_said(server: EmbeddedServer, http: httpx.Client) -> None:
    says = [
        {"type": "message", "role": role, "content": [{"type": "input_text", "text": role}]}
        for role in ("developer", "user")
    ]
    output = http.post("/responses/compact", json={"model": "m", "input": says}).json()["output"]
    assert [item["type"] for item in output] == ["message", "compaction"]
    assert output[0]["role"] == "user"
    assert isinstance(server.requests[-1].body, CompactionInput)
    short = http.post("/responses/compact", json={"model": "m", "input": "hi"}).json()["output"]
    assert short[0]["content"][0]["text"] == "hi"


def test_memories_have_a_summary_each(server: EmbeddedServer, http: httpx.Client) -> None:
    traces = [{"id": id, "metadata": {"source_path": "p"}, "items": [1, 2]} for id in ("a", "b")]
    answer = http.post("/memories/trace_summarize", json={"model": "m", "traces": traces})
    output = answer.json()["output"]
    assert len(output) == 2
    assert all(set(each) == {"trace_summary", "memory_summary"} for each in output)
    assert isinstance(server.requests[-1].body, MemorySummarizeInput)


def test_the_models_are_those_of_both_apis(http: httpx.Client) -> None:
    answer = http.get("/models", params={"client_version": "0.169.0"})
    assert answer.headers["etag"]
    models = decode_models(answer.content)
    assert not isinstance(models, MalformedPart)
    assert not any(isinstance(model, MalformedPart) or model.notes for model in models)
    slugs = [model.slug for model in models if not isinstance(model, MalformedPart)]
    assert slugs == [model["id"] for model in answer.json()["data"]]


@pytest.mark.parametrize(
    ("session", "base"),
    [
        (None, ""),
        (RealtimeSessionConfig(instructions="x", version="v1"), ""),
        (RealtimeSessionConfig(instructions="x", version="v1"), "https://a/backend-api"),
    ],
)
def test_a_call_has_an_answer_and_an_id(
    http: httpx.Client, session: RealtimeSessionConfig | None, base: str
) -> None:
    request = call_request("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n", session, base_url=base)
    answer = http.post(
        f"/{request.path}", content=request.body, headers={"content-type": request.content_type}
    )
    assert answer.status_code == 201
    reply = read_call_reply(answer.headers, answer.content)
    assert isinstance(reply.sdp, str)
    assert reply.sdp.startswith("v=0")
    assert isinstance(reply.call_id, str)


REFUSED: list[tuple[str, str, Any, int, str | None]] = [
    ("POST", "/nowhere", None, 404, "unknown_url"),
    ("GET", "/", None, 404, "unknown_url"),
    ("DELETE", "/responses", None, 405, "method_not_supported"),
    ("GET", "/responses/compact", None, 405, "method_not_supported"),
    ("GET", "/responses", None, 400, "websocket_expected"),
    ("GET", "/realtime", None, 400, "websocket_expected"),
    ("POST", "/responses", b"", 400, None),
    ("POST", "/responses", b"{", 400, None),
    ("POST", "/responses", b"[]", 400, None),
    ("POST", "/responses", b"{}", 400, None),
    ("POST", "/responses", b'{"model":1}', 400, None),
    ("POST", "/responses", b'{"model":"m","input":7}', 400, None),
    ("POST", "/responses", b"\xff", 400, None),
    ("POST", "/responses", b"[" * 100_000, 400, None),
    ("POST", "/responses/compact", b"null", 400, None),
    ("POST", "/memories/trace_summarize", b'{"model":"m"}', 400, None),
    ("POST", "/realtime/calls", b"hello", 400, None),
    ("POST", "/realtime/calls", b"", 400, None),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), REFUSED)
def test_what_is_not_understood_gets_the_errors_of_the_api(
    http: httpx.Client, method: str, path: str, body: bytes | None, status: int, code: str | None
) -> None:
    answer = http.request(method, path, content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert error["type"] == "invalid_request_error"
    assert isinstance(error["message"], str)
    assert (status == 405) is ("allow" in answer.headers)


def test_the_wrong_member_is_named(http: httpx.Client) -> None:
    error = http.post("/responses", json={"model": "m", "input": 7}).json()["error"]
    assert error["param"] == "input"
    assert http.post("/responses", json={}).json()["error"]["param"] == "model"


def test_compressed_requests_are_read(server: EmbeddedServer, http: httpx.Client) -> None:
    body = gzip.compress(json.dumps(ASK).encode())
    assert (
        http.post("/responses", content=body, headers={"content-encoding": "gzip"}).status_code
        == 200
    )
    assert json.loads(server.requests[-1].raw_body) == ASK


def test_a_failed_recording_is_a_response_that_failed() -> None:
    with EmbeddedServer(responses=bundled("rate_limited.sse")) as server:
        response = httpx.post(f"{server.url}/responses", json=ASK).json()
    assert response["status"] == "failed"


def test_a_recording_without_an_end_is_no_whole_response(tmp_path: Any) -> None:
    file = tmp_path / "cut.sse"
    file.write_bytes(b'data: {"type":"response.created","response":{"id":"r"}}\n\ndata: {"ty')
    with EmbeddedServer(responses=file) as server:
        assert httpx.post(f"{server.url}/responses", json=ASK).status_code == 500
        stream = httpx.post(f"{server.url}/responses", json={**ASK, "stream": True})
        assert stream.content == file.read_bytes()


def test_a_recording_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        EmbeddedServer(responses="nowhere.sse")


# -- the life of a server -----------------------------------------------------------------------


def test_it_runs_on_the_callers_loop() -> None:
    async def main() -> None:
        async with EmbeddedServer() as server, httpx.AsyncClient() as http:
            answers = await asyncio.gather(
                *(http.post(f"{server.url}/responses", json=ASK) for _ in range(20))
            )
            assert {answer.status_code for answer in answers} == {200}
            assert server.request_count == len(server.requests) == 20
        assert server.connections == 0
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_it_leaves_no_thread() -> None:
    before = threading.active_count()
    with EmbeddedServer() as server:
        port = server.port
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        ask(port, post())


def test_what_is_under_way_ends_with_it() -> None:
    with contextlib.ExitStack() as stack:
        stall = {"on": "*", "steps": [{"do": "stall"}]}
        # It would show if it waited for anything of that.
        limits = ServerLimits(close_timeout=60, keep_alive=60, request_timeout=60)
        server = stack.enter_context(EmbeddedServer(stall, limits=limits))
        with PlainClient(server) as client:
            client.send(post())
            wait_until(lambda: server.requests)
            began = time.monotonic()
            stack.close()
            assert time.monotonic() - began < 10
            assert client.see().end in ("fin", "rst")


def test_a_port_that_is_taken_is_told() -> None:
    before = threading.active_count()
    with (
        EmbeddedServer() as server,
        pytest.raises(OSError, match="address"),
        EmbeddedServer(port=server.port),
    ):
        raise AssertionError("not reached")
    assert threading.active_count() == before


def test_misuse_is_told() -> None:
    server = EmbeddedServer()
    with pytest.raises(LocalProtocolError, match="url: the server has not been started"):
        server.url  # noqa: B018
    with pytest.raises(LocalProtocolError, match="speed"):
        EmbeddedServer(speed=0)

    async def twice() -> None:
        async with server:
            await server.start()

    with pytest.raises(LocalProtocolError, match="start"):
        asyncio.run(twice())


def test_only_this_machine_reaches_it() -> None:
    with EmbeddedServer() as server:
        assert server.url == f"http://127.0.0.1:{server.port}/v1"


def test_ipv6_has_its_url() -> None:
    try:
        with EmbeddedServer(host="::1") as server:
            assert httpx.get(f"{server.url}/models").status_code == 200
            assert "[::1]" in server.url
    except OSError:
        pytest.skip("no IPv6 here")
