"""Every method of the clients over real sockets, sync and async, our own connections and httpx."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest

from codex_proto.errors import (
    CodexError,
    HttpStatusError,
    InternalServerError,
    LocalProtocolError,
    MalformedReply,
    RetryLimit,
)
from codex_proto.requests import (
    BearerAuth,
    ClientInfo,
    CompactionInput,
    Compression,
    MemorySummarizeInput,
    NoAuth,
    Provider,
    RawMemory,
    RawMemoryMetadata,
    ResponsesApiRequest,
    ResponsesOptions,
)
from codex_proto.responses import StreamFailed
from codex_proto_io.client import AsyncCodexClient, CodexClient
from tests.io.client.driving import REQUEST, Driven
from tests.io.client.scripted import (
    COMPLETED,
    CREATED,
    DELTA,
    ITEM,
    accept,
    refuse,
    serving,
    sse,
    stall,
)

WHOLE = sse(CREATED, DELTA, ITEM, COMPLETED, headers=[("x-request-id", "req_1")])
MEMORY = RawMemory(id="1", metadata=RawMemoryMetadata(source_path="/s"), items=[{"a": 1}])


def test_stream(kind: str) -> None:
    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        told = driven.tell()
        stream = told.stream
        assert told.types == ["Created", "OutputTextDelta", "OutputItemDone", "Completed"]
        assert stream.status == 200
        assert stream.request_id == "req_1"
        assert stream.response_headers.get("content-type") == "text/event-stream"
        assert stream.usage.total_tokens == 3
        assert stream.outcome is told.events[-1]
        assert stream.attempts == 1


def test_headers_are_there_when_it_is_entered(kind: str) -> None:
    async def scenario(client: Any) -> None:
        stream = client.responses.stream(REQUEST)
        assert stream.response_headers is None
        async with stream:
            assert stream.request_id == "req_1"

    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)


def test_a_stream_needs_no_context(kind: str) -> None:
    async def scenario(client: Any) -> list[Any]:
        return [event async for event in client.responses.stream(REQUEST)]

    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        for _ in range(3):
            assert len(driven.run(scenario)) == 4
    # Each was read to its end, which left the connection to the next.
    assert server.connections == 1


def test_create(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.responses.create(REQUEST)

    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        final = driven.run(scenario)
    assert final.output_text == "Héllo"
    assert final.is_complete
    assert final.token_usage.total_tokens == 3
    assert len(final.items) == 1


def test_text_deltas_and_then_the_final_response(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.responses.stream(REQUEST) as stream:
            texts = [text async for text in stream.text_deltas()]
            return texts, await stream.get_final_response()

    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        texts, final = driven.run(scenario)
    assert texts == ["Héllo"]
    assert final.output_text == "Héllo"


@pytest.mark.parametrize("entered", [False, True])
def test_raw(kind: str, entered: bool) -> None:
    async def scenario(client: Any) -> Any:
        stream = client.responses.stream(REQUEST)
        if entered:
            await stream.__aenter__()
        data = [chunk async for chunk in stream.raw]
        await stream.close()
        with pytest.raises(LocalProtocolError, match="not as both"):
            await anext(stream)
        return b"".join(data), stream

    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        data, stream = driven.run(scenario)
    blocks = [b"data: " + event + b"\n\n" for event in (CREATED, DELTA, ITEM, COMPLETED)]
    assert data == b"".join(blocks)
    assert stream.usage.total_tokens == 3
    assert stream.current_response.output_text == "Héllo"


def test_raw_bytes_come_before_the_exception(kind: str) -> None:
    async def scenario(client: Any) -> bytes:
        data = b""
        with pytest.raises(CodexError):
            async with client.responses.stream(REQUEST) as stream:
                async for chunk in stream.raw:
                    data += chunk
        return data

    with serving(sse(CREATED, DELTA)) as server, Driven(kind, server.base_url) as driven:
        data = driven.run(scenario)
    assert data.count(b"data: ") == 2
    assert len(server.requests) == 1


def test_leaving_early_closes_the_connection(kind: str) -> None:
    gone = threading.Event()

    def answer(peer: Any, request: Any) -> None:
        peer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        data = b"data: " + CREATED + b"\n\n"
        peer.write(b"%x\r\n%s\r\n" % (len(data), data))
        if peer.next_event() is None or peer.is_ended:
            gone.set()
        peer.close()

    async def scenario(client: Any) -> None:
        async with client.responses.stream(REQUEST) as stream:
            await anext(stream)
        assert await asyncio.to_thread(gone.wait, 5)

    with serving(answer) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
        # At once: nothing was waited for.
        assert driven.clock.skipped < 1


def test_a_closed_stream_ends(kind: str) -> None:
    async def scenario(client: Any) -> list[Any]:
        stream = client.responses.stream(REQUEST)
        async with stream:
            await anext(stream)
        return [event async for event in stream]

    with serving(WHOLE) as server, Driven(kind, server.base_url) as driven:
        assert driven.run(scenario) == []


def test_compact(kind: str) -> None:
    body = b'{"output":[{"type":"compaction","encrypted_content":"x"}]}'

    async def scenario(client: Any) -> Any:
        empty = await client.compact(CompactionInput(model="m"))
        assert empty.output == ()
        return await client.compact(CompactionInput(model="m", input="Hi"))

    with serving(refuse(200, body)) as server, Driven(kind, server.base_url) as driven:
        output = driven.run(scenario)
    assert [type(item).__name__ for item in output.output] == ["Compaction"]
    assert [request.path for request in server.requests] == ["/v1/responses/compact"]


def test_compact_fails_as_upstream_does(kind: str) -> None:
    async def scenario(client: Any) -> None:
        await client.compact(CompactionInput(model="m", input="Hi"))

    for answer, error, attempts in (
        (refuse(200, b"{}"), MalformedReply, 1),
        (refuse(500), InternalServerError, 5),
        (refuse(429), RetryLimit, 1),
    ):
        with serving(answer) as server, Driven(kind, server.base_url) as driven:
            with pytest.raises(error):
                driven.run(scenario)
        assert len(server.requests) == attempts


def test_memories(kind: str) -> None:
    body = b'{"output":[{"trace_summary":"t","memory_summary":"m"}]}'

    async def scenario(client: Any) -> Any:
        none = MemorySummarizeInput(model="m", raw_memories=())
        assert await client.memories.summarize(none) == ()
        return await client.memories.summarize(
            MemorySummarizeInput(model="m", raw_memories=[MEMORY])
        )

    with serving(refuse(200, body)) as server, Driven(kind, server.base_url) as driven:
        (summary,) = driven.run(scenario)
    assert summary.trace_summary == "t"
    assert [request.path for request in server.requests] == ["/v1/memories/trace_summarize"]


def test_models(kind: str) -> None:
    body = b'{"models":[{"slug":"gpt-5.2"}]}'

    async def scenario(client: Any) -> Any:
        return await client.models.list(client_version="0.128.0")

    with serving(refuse(200, body, [("etag", "e1")])) as server:
        with Driven(kind, server.base_url) as driven:
            models = driven.run(scenario)
    assert models.find("gpt-5.2") is not None
    assert models.etag == "e1"
    assert server.requests[0].target == "/v1/models?client_version=0.128.0"


def test_what_is_sent_is_the_same_whoever_sends_it() -> None:
    seen = {}
    options = ResponsesOptions(
        session_id="s", extra_headers=[("x-more", "1")], compression=Compression.ZSTD
    )
    for kind in ("sync-raw", "sync-httpx", "async-raw", "async-httpx"):
        with serving(WHOLE) as server:
            client_info = ClientInfo(originator="me", user_agent="me/1")
            with Driven(
                kind, server.base_url, auth=BearerAuth("sk-x"), client_info=client_info
            ) as driven:
                driven.tell(lambda client: client.responses.stream(REQUEST, options))
            (request,) = server.requests
            fields = sorted(field for field in request.headers if field[0] != "host")
            seen[kind] = (request.method, request.target, fields, request.body)
    first = seen.pop("sync-raw")
    assert all(each == first for each in seen.values()), (first, seen)
    assert ("authorization", "Bearer sk-x") in first[2]
    assert json.loads(first[3])["model"] == "gpt-5.2"


# -- credentials --------------------------------------------------------------------------------


def test_credentials_are_refreshed_once(kind: str) -> None:
    def by_key(peer: Any, request: Any) -> None:
        good = request.headers.get("authorization") == "Bearer new"
        (WHOLE if good else refuse(401, b"no"))(peer, request)

    asked: list[CodexError] = []

    def refresh(error: CodexError) -> Any:
        asked.append(error)
        return BearerAuth("new")

    with serving(by_key) as server:
        with Driven(kind, server.base_url, auth=BearerAuth("old"), refresh_auth=refresh) as driven:
            assert driven.tell().error is None
            assert driven.tell().error is None
    assert len(asked) == 1
    assert asked[0].status == 401  # type: ignore[attr-defined]
    assert len(server.requests) == 3
    assert driven.clock.slept == []


def test_no_other_credentials_leave_the_retries(kind: str) -> None:
    with serving(refuse(401)) as server:
        with Driven(kind, server.base_url, refresh_auth=lambda _: None) as driven:
            assert type(driven.tell().error) is HttpStatusError
    assert len(server.requests) == 6


def test_a_coroutine_may_refresh() -> None:
    asked = 0

    async def refresh(error: CodexError) -> Any:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return BearerAuth("new")

    def by_key(peer: Any, request: Any) -> None:
        good = request.headers.get("authorization") == "Bearer new"
        (WHOLE if good else refuse(401, b"no"))(peer, request)

    async def main(base_url: str) -> None:
        async with AsyncCodexClient(
            base_url=base_url, api_key="old", refresh_auth=refresh, transport="raw"
        ) as client:
            finals = await asyncio.gather(*(client.responses.create(REQUEST) for _ in range(20)))
        assert all(final.is_complete for final in finals)

    with serving(by_key) as server:
        asyncio.run(main(server.base_url))
    # A refresh token may be good only once.
    assert asked == 1


def test_a_coroutine_may_not_refresh_for_a_thread() -> None:
    async def refresh(error: CodexError) -> Any:
        return BearerAuth("new")

    with (
        serving(refuse(401)) as server,
        CodexClient(
            base_url=server.base_url, api_key="old", refresh_auth=refresh, transport="raw"
        ) as client,
        pytest.raises(LocalProtocolError, match="AsyncCodexClient"),
    ):
        client.responses.create(REQUEST)


# -- the caller's mistakes ----------------------------------------------------------------------


def test_a_hook_that_returns_a_key_in_place_of_credentials(kind: str) -> None:
    hook: Any = lambda error: "sk-SECRET"  # noqa: E731
    with serving(refuse(401), WHOLE) as server:
        arguments: Any = {"api_key": "old", "refresh_auth": hook}
        with Driven(kind, server.base_url, **arguments) as driven:
            error = driven.tell().error
            assert isinstance(error, LocalProtocolError)
            assert error.message == (
                "refresh_auth: must return credentials such as BearerAuth, not str"
            )
            # The client is none the worse for it.
            assert driven.tell().error is None


@pytest.mark.parametrize("cls", [CodexClient, AsyncCodexClient])
def test_a_missing_key_is_told_before_anything_happens(
    cls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LocalProtocolError, match="OPENAI_API_KEY"):
        cls()
    monkeypatch.setenv("OPENAI_API_KEY", "  ")
    with pytest.raises(LocalProtocolError, match="OPENAI_API_KEY"):
        cls()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1\n")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert cls().provider.base_url == "http://127.0.0.1:9/v1"
    assert cls(base_url="http://127.0.0.1:8/v1").provider.base_url == "http://127.0.0.1:8/v1"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"provider": Provider(), "base_url": "http://x/v1"}, "base_url"),
        ({"api_key": "x"}, "api_key"),
        ({"transport": "carrier pigeon"}, "transport"),
        ({"transport": "raw", "http_client": object()}, "http_client"),
        ({"profile": "some"}, "profile"),
        ({"auth": "sk-..."}, "auth"),
        ({"refresh_auth": NoAuth()}, "refresh_auth"),
    ],
)
def test_arguments_that_do_not_fit(arguments: Any, word: str) -> None:
    for cls in (CodexClient, AsyncCodexClient):
        with pytest.raises(LocalProtocolError, match=f"^{word}:"):
            cls(**{"auth": NoAuth(), **arguments})


def test_requests_that_are_none(kind: str) -> None:
    with Driven(kind, "http://127.0.0.1:9/v1") as driven:
        with pytest.raises(LocalProtocolError, match="request"):
            driven.client.responses.stream({"model": "m"})
        with pytest.raises(LocalProtocolError, match="stream"):
            driven.client.responses.stream(ResponsesApiRequest(model="m", stream=False))


def test_a_closed_client_begins_nothing(kind: str) -> None:
    async def scenario(client: Any) -> None:
        await client.close()
        with pytest.raises(LocalProtocolError, match="is closed"):
            await client.responses.create(REQUEST)
        with pytest.raises(LocalProtocolError, match="is closed"):
            await client.models.list()

    with Driven(kind, "http://127.0.0.1:9/v1") as driven:
        driven.run(scenario)


# -- clients of the user's ----------------------------------------------------------------------


def test_an_httpx_client_of_the_users_own() -> None:
    with serving(WHOLE) as server, httpx.Client(headers={"x-mine": "1"}) as theirs:
        with CodexClient(base_url=server.base_url, auth=NoAuth(), http_client=theirs) as client:
            assert client.responses.create(REQUEST).is_complete
        assert not theirs.is_closed
        assert server.requests[0].headers.get("x-mine") == "1"

    async def main(base_url: str) -> None:
        async with (
            httpx.AsyncClient() as theirs,
            AsyncCodexClient(base_url=base_url, auth=NoAuth(), http_client=theirs) as client,
        ):
            final = await client.responses.create(REQUEST)
            assert final.is_complete

    with serving(WHOLE) as server:
        asyncio.run(main(server.base_url))


def test_an_httpx_client_without_a_network() -> None:
    body = b"".join(b"data: " + event + b"\n\n" for event in (CREATED, DELTA, COMPLETED))
    answers = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    with httpx.Client(transport=answers) as theirs:
        client = CodexClient(base_url="https://x/v1", auth=NoAuth(), http_client=theirs)
        assert client.responses.create(REQUEST).output_text == "Héllo"


def test_exceptions_of_foreign_clients_are_not_ours() -> None:
    class Strange(Exception):
        pass

    def raising(request: Any) -> Any:
        raise Strange

    with httpx.Client(transport=httpx.MockTransport(raising)) as theirs:
        client = CodexClient(base_url="https://x/v1", auth=NoAuth(), http_client=theirs)
        with pytest.raises(Strange):
            client.responses.create(REQUEST)


def test_two_readers_of_one_stream() -> None:
    async def main(base_url: str) -> None:
        async with AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport="raw") as client:
            stream = client.responses.stream(REQUEST)
            first = asyncio.create_task(anext(stream))
            await asyncio.sleep(0.05)
            with pytest.raises(LocalProtocolError, match="another task or thread"):
                await anext(stream)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first

    with serving(stall) as server:
        asyncio.run(main(server.base_url))
        server.stopping.set()


def test_get_final_response_raises_what_the_events_carry(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.responses.stream(REQUEST) as stream:
            with pytest.raises(CodexError) as caught:
                await stream.get_final_response()
            return caught.value, stream

    with serving(sse(CREATED, DELTA)) as server, Driven(kind, server.base_url) as driven:
        error, stream = driven.run(scenario)
    assert isinstance(stream.outcome, StreamFailed)
    assert error == stream.outcome.error
    assert error is not stream.outcome.error


def test_a_key_beyond_ascii_is_sent_as_it_is(kind: str) -> None:
    key = "clé-de-l'été"

    async def scenario(client: Any) -> None:
        await client.responses.create(REQUEST)
        await client.models.list()
        async with client.responses.connect() as connection:
            await connection.create(REQUEST)

    answers = (WHOLE, refuse(200, b'{"models":[]}'), accept([CREATED, COMPLETED]))
    with serving(*answers) as server:
        with Driven(kind, server.base_url, auth=BearerAuth(key)) as driven:
            driven.run(scenario)
        told = [request.headers.get("authorization") for request in server.requests]
    assert told == [f"Bearer {key}"] * 3
