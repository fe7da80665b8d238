"""Our clients against a server that has nothing of ours: uvicorn, httptools and `websockets`."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
import uvicorn

from codex_proto.errors import RetryLimit, StreamClosedEarly
from codex_proto.items import FunctionCallOutput
from codex_proto.realtime import (
    ConversationEnded,
    HandoffRequested,
    RealtimeSessionConfig,
    delegation_from_handoff,
)
from codex_proto.requests import (
    BearerAuth,
    CompactionInput,
    MemorySummarizeInput,
    Provider,
    RawMemory,
    RawMemoryMetadata,
    ResponsesApiRequest,
    RetryPolicy,
)
from tests.certificates import certificate
from tests.io.client.driving import REQUEST, Driven, told
from tests.io.client.scripted import COMPLETED, CREATED, DELTA, ITEM
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


PATIENCE: Final = 10.0
TEXT: Final = "Héllo" * 200
DONE: Final = ITEM.replace("Héllo".encode(), TEXT.encode())
TURN: Final = (CREATED, *[DELTA] * 200, DONE, COMPLETED)
SSE: Final = b"".join(b"data: " + event + b"\n\n" for event in TURN)
WHOLE: Final = {
    "/v1/responses/compact": {"output": [{"type": "compaction", "encrypted_content": "x"}]},
    "/v1/memories/trace_summarize": {"output": [{"trace_summary": "t", "memory_summary": "m"}]},
    "/v1/models": {"models": [{"slug": "gpt-5.2"}]},
}
HANDOFF: Final = {
    "type": "conversation.item.done",
    "item": {
        "id": "i2",
        "type": "function_call",
        "name": "background_agent",
        "call_id": "call_1",
        "arguments": '{"prompt":"fix it"}',
    },
}
HEARD: Final = {
    "type": "conversation.item.input_audio_transcription.completed",
    "item_id": "i",
    "content_index": 0,
    "transcript": "fix it",
}


class Application:
    """An ASGI application that answers as the API does; the model's name says how."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.sockets = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["path"] == "/v1/realtime":
            await self._realtime(receive, send)
        else:
            await self._responses(receive, send)

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        assert (b"authorization", b"Bearer sk-1") in scope["headers"]
        question = json.loads(body or b"null")
        self.requests.append((scope["path"], question))
        model = question["model"] if question else ""
        status, headers, parts = 200, [(b"x-request-id", b"req_1")], [SSE]
        if scope["path"] in WHOLE:
            parts = [json.dumps(WHOLE[scope["path"]]).encode()]
        elif model == "busy" and len(self.requests) == 1:
            status, parts = 503, [b'{"error":{"message":"overloaded"}}']
        elif model == "limited":
            status, parts = 429, [b'{"error":{"message":"slow down"}}']
            headers.append((b"retry-after", b"3"))
        elif model == "packed":
            packed = gzip.compress(SSE)
            headers.append((b"content-encoding", b"gzip"))
            parts = [packed[start : start + 11] for start in range(0, len(packed), 11)]
        elif model == "short":
            parts = [SSE[: len(SSE) // 2]]
        else:
            parts = [SSE[start : start + 97] for start in range(0, len(SSE), 97)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    async def _opened(self, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        self.sockets += 1
        await send({"type": "websocket.accept", "headers": [(b"x-models-etag", b"e1")]})

    async def _message(self, receive: Any) -> Any:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return None
        question = json.loads(message["text"])
        self.requests.append((question["type"], question))
        return question

    async def _responses(self, receive: Any, send: Any) -> None:
        await self._opened(receive, send)
        while (question := await self._message(receive)) is not None:
            for event in TURN:
                await send({"type": "websocket.send", "text": event.decode()})
                if question["model"] == "short":
                    await send({"type": "websocket.close", "code": 1012, "reason": "restarting"})
                    return

    async def _realtime(self, receive: Any, send: Any) -> None:
        await self._opened(receive, send)
        while (question := await self._message(receive)) is not None:
            answers: list[Any] = []
            if question["type"] == "session.update":
                answers = [{"type": "session.updated", "session": {"id": "sess_1"}}]
            elif question["type"] == "conversation.item.create":
                answers = [HEARD, HANDOFF]
            for answer in answers:
                await send({"type": "websocket.send", "text": json.dumps(answer)})


@contextlib.contextmanager
def serving(scheme: str) -> Iterator[tuple[str, Application]]:
    """A server of uvicorn in a thread of its own: its base URL, and what it saw."""
    app = Application()
    config = uvicorn.Config(
        app, http="httptools", ws="websockets-sansio", log_level="critical", lifespan="off"
    )
    config.load()
    if scheme == "https":
        config.ssl = certificate().context
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        thread = threading.Thread(target=server.run, args=([sock],))
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield f"{scheme}://127.0.0.1:{sock.getsockname()[1]}/v1", app
        finally:
            # It cannot be stopped while it is closing a connection.
            began = time.monotonic()
            while server.server_state.connections and time.monotonic() - began < PATIENCE:
                time.sleep(0.002)
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture(params=["http", "https"])
def independent(request: pytest.FixtureRequest) -> Iterator[tuple[str, Application]]:
    with serving(request.param) as found:
        yield found


@pytest.fixture
def driven(kind: str, independent: tuple[str, Application]) -> Iterator[Driven]:
    base_url, _ = independent
    arguments: dict[str, Any] = {}
    if base_url.startswith("https"):
        arguments["ssl_context"] = certificate().trusting()
    policy = RetryPolicy(request_max_retries=1, stream_max_retries=1)
    provider = Provider(base_url=base_url, retry=policy)
    with Driven(kind, provider=provider, auth=BearerAuth("sk-1"), **arguments) as client:
        yield client


@pytest.fixture
def app(independent: tuple[str, Application]) -> Application:
    return independent[1]


def asking(model: str) -> ResponsesApiRequest:
    return ResponsesApiRequest(model=model, input="Hi")


@pytest.mark.parametrize("model", ["gpt-5.2", "packed", "busy"])
def test_a_stream(driven: Driven, app: Application, model: str) -> None:
    seen = driven.tell(lambda client: client.responses.stream(asking(model)))
    assert seen.error is None
    assert seen.types == ["Created", *["OutputTextDelta"] * 200, "OutputItemDone", "Completed"]
    assert seen.stream.request_id == "req_1"
    assert seen.stream.current_response.output_text == TEXT
    assert len(app.requests) == (2 if model == "busy" else 1)


def test_a_refusal(driven: Driven) -> None:
    seen = driven.tell(lambda client: client.responses.stream(asking("limited")))
    assert isinstance(seen.error, RetryLimit)
    assert seen.error.retry_after == 3
    assert seen.error.request_id == "req_1"


def test_a_stream_that_stops_short(driven: Driven, app: Application) -> None:
    seen = driven.tell(lambda client: client.responses.stream(asking("short")))
    assert isinstance(seen.error, StreamClosedEarly)
    assert seen.types[:2] == ["Created", "OutputTextDelta"]
    assert len(app.requests) == 1


def test_leaving_early_and_asking_again(driven: Driven, app: Application) -> None:
    async def scenario(client: Any) -> None:
        for _ in range(3):
            async with client.responses.stream(REQUEST) as stream:
                await anext(stream)
        final = await client.responses.create(REQUEST)
        assert final.output_text == TEXT

    driven.run(scenario)
    assert len(app.requests) == 4


def test_what_is_answered_as_a_whole(driven: Driven, app: Application) -> None:
    async def scenario(client: Any) -> None:
        compacted = await client.compact(CompactionInput(model="m", input="Hi"))
        assert [item.type for item in compacted.output] == ["compaction"]
        memories = [
            RawMemory(id="1", metadata=RawMemoryMetadata(source_path="p"), items=[{"a": 1}])
        ]
        (summary,) = await client.memories.summarize(
            MemorySummarizeInput(model="m", raw_memories=memories)
        )
        assert summary.memory_summary == "m"
        models = await client.models.list(client_version="0.128.0")
        assert models.find("gpt-5.2") is not None

    driven.run(scenario)
    assert [path for path, _ in app.requests] == list(WHOLE)


def test_two_turns_over_one_websocket(driven: Driven, app: Application) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            first = await connection.create(REQUEST)
            output = FunctionCallOutput(call_id="c", output="done")
            items = [*REQUEST.items, *first.items, output]
            second = await connection.create(ResponsesApiRequest(model="gpt-5.2", input=items))
            assert first.output_text == second.output_text == TEXT
            assert not connection.uses_http

    driven.run(scenario)
    assert app.sockets == 1
    (_, whole), (_, increment) = app.requests
    assert "previous_response_id" not in whole
    assert increment["previous_response_id"] == "resp_1"
    assert [item["type"] for item in increment["input"]] == ["function_call_output"]


def test_a_websocket_that_is_closed_in_the_middle(driven: Driven, app: Application) -> None:
    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            return await told(connection.stream(asking("short"))), connection.uses_http

    seen, uses_http = driven.run(scenario)
    # Nothing was put out, so it was asked twice there, and then over HTTP.
    assert app.sockets == 2
    assert uses_http
    assert isinstance(seen.error, StreamClosedEarly)


def test_a_spoken_session_and_its_handoff(driven: Driven, app: Application) -> None:
    async def scenario(client: Any) -> Any:
        async with client.realtime.connect(RealtimeSessionConfig()) as talk:
            events = [await anext(talk)]
            await talk.send_audio(b"\0\0" * 2400)
            await talk.send_text("please")
            events += [await anext(talk), await anext(talk)]
            await talk.agent_final("done", events[-1].handoff_id)
        return events, talk.ended

    events, ended = driven.run(scenario)
    assert ended == ConversationEnded("requested")
    handoff = events[-1]
    assert isinstance(handoff, HandoffRequested)
    assert delegation_from_handoff(handoff) == (
        "<realtime_delegation>\n  <input>fix it</input>\n"
        "  <transcript_delta>user: fix it</transcript_delta>\n</realtime_delegation>"
    )
    assert [name for name, _ in app.requests][:3] == [
        "session.update",
        "input_audio_buffer.append",
        "conversation.item.create",
    ]


def test_many_at_once(independent: tuple[str, Application]) -> None:
    from codex_proto_io.client import AsyncCodexClient

    base_url, app = independent
    context = certificate().trusting() if base_url.startswith("https") else None

    async def main() -> list[Any]:
        async with AsyncCodexClient(
            auth=BearerAuth("sk-1"), base_url=base_url, ssl_context=context
        ) as client:
            return await asyncio.gather(*(client.responses.create(REQUEST) for _ in range(40)))

    finals = asyncio.run(main())
    assert [final.output_text for final in finals] == [TEXT] * 40
    assert len(app.requests) == 40
