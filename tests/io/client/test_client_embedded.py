"""Every method of the clients against the embedded server: what a user has from the first day."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.errors import RateLimitExceeded, StreamClosedEarly
from codex_proto.realtime import RealtimeSessionConfig
from codex_proto.requests import (
    CompactionInput,
    MemorySummarizeInput,
    NoAuth,
    RawMemory,
    RawMemoryMetadata,
    ResponsesApiRequest,
)
from codex_proto_io.client import AsyncCodexClient
from codex_proto_io.server import CutAfter, EmbeddedServer, stream
from tests.io.client.driving import REQUEST, Driven

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as running:
        yield running


async def everything(client: Any) -> None:
    async with client.responses.stream(REQUEST) as events:
        texts = [text async for text in events.text_deltas()]
    final = await client.responses.create(REQUEST)
    assert final.is_complete
    assert final.output_text == "".join(texts) != ""
    assert final.token_usage.total_tokens > 0

    async with client.responses.connect() as connection:
        await connection.prewarm(REQUEST)
        first = await connection.create(REQUEST)
        more = ResponsesApiRequest(model="gpt-5.2", input=[*REQUEST.items, *first.items])
        second = await connection.create(more)
        assert first.output_text == second.output_text == final.output_text
        assert not connection.uses_http

    compacted = await client.compact(CompactionInput(model="m", input="Hi"))
    assert [type(item).__name__ for item in compacted.output] == ["Message", "Compaction"]
    memory = RawMemory(id="1", metadata=RawMemoryMetadata(source_path="/s"), items=[{"a": 1}])
    (summary,) = await client.memories.summarize(
        MemorySummarizeInput(model="m", raw_memories=[memory])
    )
    assert summary.trace_summary
    models = await client.models.list(client_version="0.128.0")
    assert models.find("gpt-5.2") is not None

    async with client.realtime.connect(RealtimeSessionConfig()) as talk:
        event = await anext(talk)
        assert type(event).__name__ == "SessionUpdated"
        await talk.send_text("Hi")
    call = await client.realtime.create_call("v=0", RealtimeSessionConfig(), avas=False)
    assert call.sdp.startswith("v=0")
    async with call.connect() as talk:
        await anext(talk)


def test_everything(kind: str, server: EmbeddedServer) -> None:
    with Driven(kind, server.url) as driven:
        driven.run(everything)
        assert driven.clock.slept == []
    assert {request.path for request in server.requests} >= {"/v1/responses", "/v1/models"}


def test_everything_on_one_loop() -> None:
    async def main() -> None:
        async with EmbeddedServer() as running:
            for transport in ("raw", "httpx"):
                async with AsyncCodexClient(
                    base_url=running.url,
                    auth=NoAuth(),
                    transport=transport,
                ) as client:
                    await everything(client)

    asyncio.run(main())


def test_a_script_with_faults(kind: str) -> None:
    limited = {
        "type": "response.failed",
        "response": {
            "id": "r",
            "error": {"code": "rate_limit_exceeded", "message": "try again in 1.5s"},
        },
    }
    delta = {"type": "response.output_text.delta", "delta": "Hi", "output_index": 0}
    script = [
        stream(limited),
        # In the middle of the body: after a whole one the connection would be used again.
        stream(*[delta] * 20, cut=CutAfter(after=400)),
        *[stream(limited)] * 6,
    ]
    with EmbeddedServer(script) as running, Driven(kind, running.url) as driven:
        assert isinstance(driven.tell().error, StreamClosedEarly)
        assert isinstance(driven.tell().error, RateLimitExceeded)
        assert driven.tell().error is None
    assert driven.clock.slept == pytest.approx([1.5] * 6, abs=0.1)


def test_many_at_once() -> None:
    async def main() -> None:
        async with EmbeddedServer() as running:
            async with AsyncCodexClient(base_url=running.url, auth=NoAuth()) as client:
                finals = await asyncio.gather(
                    *(client.responses.create(REQUEST) for _ in range(150))
                )
        assert all(final.is_complete for final in finals)

    asyncio.run(main())
