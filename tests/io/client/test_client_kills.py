"""Servers that die at a random byte, tasks that are cancelled at a random moment, dead peers.

Whatever happens: one outcome, exceptions of ours, and nothing left behind (see conftest).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from codex_proto.connections import TextMessage
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.requests import NoAuth, Provider, ResponsesApiRequest, RetryPolicy
from codex_proto.responses import Completed, StreamFailed
from codex_proto_io.client import AsyncCodexClient, CodexClient
from codex_proto_io.core import Clock
from tests.io.client.driving import FALLING_SILENT, REQUEST, SILENCE, Driven, SimulatedClock, told
from tests.io.client.leftovers import open_sockets
from tests.io.client.scripted import (
    COMPLETED,
    CREATED,
    DELTA,
    ITEM,
    Peer,
    ScriptedServer,
    chunk,
    head,
    serving,
    sse,
    stall,
)
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ONCE: Final = RetryPolicy(request_max_retries=0, stream_max_retries=0)
EVENTS: Final = (CREATED, *[DELTA] * 5, ITEM, COMPLETED)
BODY: Final = b"".join(chunk(b"data: " + event + b"\n\n") for event in EVENTS) + chunk(b"")
WHOLE: Final = (
    head(200, [("content-type", "text/event-stream"), ("transfer-encoding", "chunked")])
    + b"\r\n"
    + BODY
    + b"0\r\n\r\n"
)


def dies(at: int, how: str) -> Any:
    """Answer the first request up to a byte, and the others whole."""
    first = threading.Lock()

    def answer(peer: Peer, request: Any) -> None:
        if first.acquire(blocking=False):
            peer.write(WHOLE[:at])
            peer.close(how)
        else:
            peer.write(WHOLE)
            peer.answered()

    return answer


@pytest.mark.parametrize("seed", range(12))
def test_a_server_that_dies_at_a_random_byte(kind: str, seed: int) -> None:
    rng = random.Random(seed)
    at, how = rng.randrange(len(WHOLE)), rng.choice(["fin", "rst"])
    with serving(dies(at, how)) as server, Driven(kind, server.base_url) as driven:
        result = driven.tell()
    check(result)
    # A reset may overtake what was sent before it.
    had_output = "OutputTextDelta" in result.types
    if result.error is not None:
        assert had_output
        assert len(server.requests) == 1
    else:
        assert result.types[-1] == "Completed"


def check(result: Any) -> None:
    outcome = result.stream.outcome
    assert isinstance(outcome, Completed | StreamFailed)
    if isinstance(outcome, Completed):
        assert result.error is None
        assert result.events[-1] is outcome
        assert result.types.count("Completed") == 1
    else:
        assert result.error == outcome.error
        assert isinstance(result.error, CodexError)
        assert not isinstance(result.error, LocalProtocolError)


@pytest.mark.parametrize("seed", range(8))
def test_a_websocket_that_dies_at_a_random_byte(kind: str, seed: int) -> None:
    rng = random.Random(seed)
    first = threading.Lock()

    def answer(peer: Peer, request: Any) -> None:
        if not request.is_upgrade:
            sse(*EVENTS)(peer, request)
            return
        is_first = first.acquire(blocking=False)
        websocket = peer.front.accept(time.monotonic())
        if is_first:
            data = peer.front.data_to_send()
            at = rng.randrange(len(data) + 900)
            peer.write(data[:at])
            at -= len(data)
            if at <= 0:
                peer.close(rng.choice(["fin", "rst"]))
                return
        peer.flush()
        if peer.message() is None:
            return
        for event in EVENTS:
            websocket.send(TextMessage(event), time.monotonic())
        data = peer.front.data_to_send()
        if is_first:
            peer.write(data[:at])
            peer.close(rng.choice(["fin", "rst"]))
        else:
            peer.write(data)
            while peer.next_event() is not None:
                pass

    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            return await told(connection.stream(REQUEST))

    with serving(answer) as server, Driven(kind, server.base_url) as driven:
        check(driven.run(scenario))


def slowly(peer: Peer, request: Any) -> None:
    """Answer over either, a little at a time."""
    if request.is_upgrade:
        peer.front.accept(time.monotonic())
        time.sleep(0.004)
        peer.flush()
        while peer.message() is not None:
            for event in EVENTS:
                time.sleep(0.002)
                peer.say(event)
    else:
        for at in range(0, len(WHOLE), 97):
            time.sleep(0.002)
            peer.write(WHOLE[at : at + 97])
        peer.answered()


@pytest.mark.parametrize("over", ["raw", "httpx", "websocket"])
def test_a_task_that_is_cancelled_at_a_random_moment(over: str) -> None:
    async def work(client: AsyncCodexClient) -> None:
        if over == "websocket":
            async with client.responses.connect() as connection:
                await connection.create(REQUEST)
                await connection.create(REQUEST)
        else:
            async with client.responses.stream(REQUEST) as stream:
                async for _ in stream:
                    pass
            await client.responses.create(REQUEST)

    async def main(base_url: str) -> None:
        rng = random.Random(7)
        transport: Any = "httpx" if over == "httpx" else "raw"
        async with AsyncCodexClient(
            base_url=base_url, auth=NoAuth(), transport=transport
        ) as client:
            for _ in range(40):
                task = asyncio.create_task(work(client))
                await asyncio.sleep(rng.random() * 0.12)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            # The client is none the worse for it.
            final = await client.responses.create(REQUEST)
            assert final.is_complete
        if over == "httpx":
            # Its generators are closed by the garbage collector, in tasks of their own.
            await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with serving(slowly) as server:
        asyncio.run(main(server.base_url))


def test_a_time_out_of_the_callers(kind: str) -> None:
    if not kind.startswith("async"):
        pytest.skip("of asyncio's")

    async def scenario(client: Any) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), client.responses.stream(REQUEST) as stream:
                async for _ in stream:
                    pass

    with serving(sse(CREATED, DELTA, end="open")) as server:
        with Driven(kind, server.base_url) as driven:
            driven.run(scenario)
            server.stopping.set()


@pytest.mark.parametrize("over", ["raw", "httpx"])
def test_a_unary_request_that_is_cancelled(over: Any) -> None:
    async def main(base_url: str) -> None:
        client = AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport=over)
        async with client:
            before = len(open_sockets())
            for _ in range(5):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await client.models.list()
            # Connections of the server's side are in this process, too: it has not noticed.
            await until(lambda: len(open_sockets()) - before <= server.connections)

    with serving(stall) as server:
        asyncio.run(main(server.base_url))
        server.stopping.set()


@pytest.mark.parametrize("how", ["next", "text_deltas", "raw", "final"])
def test_a_reader_that_goes_on_after_a_time_out_of_its_own(kind: str, how: str) -> None:
    """It must not take for the end of the response what is the end of its connection."""
    if not kind.startswith("async"):
        pytest.skip("of asyncio's")

    async def scenario(client: Any) -> None:
        async with client.responses.stream(REQUEST) as stream:
            pieces = {"text_deltas": stream.text_deltas, "raw": lambda: stream.raw}
            reader = pieces.get(how, lambda: stream)()
            with pytest.raises(TimeoutError):
                while True:
                    await asyncio.wait_for(anext(reader), 0.1)
            with pytest.raises(LocalProtocolError, match="was closed before"):
                await (stream.get_final_response() if how == "final" else anext(reader))
            if how == "next":
                with pytest.raises(StopAsyncIteration):
                    await anext(reader)

    with serving(sse(CREATED, DELTA, end="open")) as server:
        with Driven(kind, server.base_url, clock=Clock()) as driven:
            driven.run(scenario)
            server.stopping.set()


@pytest.mark.parametrize("over", ["raw", "httpx"])
@pytest.mark.parametrize("call", ["create", "stream"])
def test_a_response_that_is_over_when_its_reader_is_cancelled(over: Any, call: str) -> None:
    """The answer's end is waited for a little, so as to use the connection again."""

    async def read(client: AsyncCodexClient) -> None:
        if call == "create":
            await client.responses.create(REQUEST)
        else:
            async for _ in client.responses.stream(REQUEST):
                pass

    async def main(server: ScriptedServer) -> None:
        base_url = server.base_url
        async with AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport=over) as client:
            task = asyncio.create_task(read(client))
            await until(server.silent.is_set)
            # What is there has been read, too.
            await asyncio.sleep(0.1)
            before = len(open_sockets())
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: len(open_sockets()) == before - 1)

    with serving(sse(CREATED, COMPLETED, end="open")) as server:
        asyncio.run(main(server))
        server.stopping.set()


def test_httpx_is_not_cancelled_while_it_closes() -> None:
    did: list[str] = []
    closing = asyncio.Event()

    class Body(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"data: " + CREATED + b"\n\n"
            await asyncio.Event().wait()

        async def aclose(self) -> None:
            did.append("begun")
            closing.set()
            await asyncio.sleep(0.05)
            did.append("done")

    async def main() -> None:
        answers = httpx.MockTransport(lambda request: httpx.Response(200, stream=Body()))
        async with httpx.AsyncClient(transport=answers) as theirs:
            client = AsyncCodexClient(base_url="http://x/v1", auth=NoAuth(), http_client=theirs)

            async def leave_early() -> None:
                async with client.responses.stream(REQUEST) as stream:
                    await anext(stream)

            task = asyncio.create_task(leave_early())
            await closing.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert did == ["begun", "done"]

    asyncio.run(main())


def test_a_program_that_is_interrupted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind != "sync-raw":
        pytest.skip("one is enough")
    from codex_proto_io.pumps import _sync as sync

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with serving(sse(CREATED, DELTA, end="open")) as server:
        client = CodexClient(base_url=server.base_url, auth=NoAuth(), transport="raw")
        stream = client.responses.stream(REQUEST)
        next(stream)
        next(stream)
        with monkeypatch.context() as patch:
            patch.setattr(sync, "_poll", interrupted)
            with pytest.raises(KeyboardInterrupt):
                next(stream)
        # No connection is left, though nobody has closed it.
        with pytest.raises(LocalProtocolError, match="was closed before"):
            next(stream)
        assert list(stream) == []
        client.close()
        server.stopping.set()


def test_a_coroutine_that_is_thrown_away() -> None:
    """As when an event loop is stopped in the middle: nothing can be awaited any more."""

    async def main(base_url: str) -> None:
        client = AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport="raw")
        stream = client.responses.stream(REQUEST)
        await anext(stream)
        await anext(stream)
        waiting = stream.__anext__()
        waiting.send(None)
        waiting.close()
        await asyncio.sleep(0.01)
        await client.close()

    with serving(sse(CREATED, DELTA, end="open")) as server:
        asyncio.run(main(server.base_url))
        server.stopping.set()


def test_a_peer_that_is_half_open(kind: str) -> None:
    """It takes the connection and nothing else: no byte is read there, none is sent."""
    # More than the buffers of both sides take.
    request = ResponsesApiRequest(model="m", input="x" * 12_000_000)

    def asleep(self: Peer) -> Any:
        self.server.stopping.wait(60)

    with serving(stall) as server:
        Peer.request, kept = asleep, Peer.request  # type: ignore[method-assign]
        try:
            provider = Provider(base_url=server.base_url, retry=ONCE)
            with Driven(kind, provider=provider, patience=SILENCE) as driven:
                began = time.monotonic()
                result = driven.tell(lambda client: client.responses.stream(request))
                assert time.monotonic() - began < 20
                assert type(result.error).__name__ == "TimedOut"

                async def by_socket(client: Any) -> None:
                    async with client.responses.connect() as connection:
                        with pytest.raises(CodexError):
                            await connection.preconnect()

                driven.run(by_socket)
        finally:
            server.stopping.set()
            Peer.request = kept  # type: ignore[method-assign]


def test_an_answer_that_comes_before_the_request_is_read(kind: str) -> None:
    """A server that refuses a large request at once must be heard, not waited for."""
    request = ResponsesApiRequest(model="m", input="x" * 12_000_000)

    def early(self: Peer) -> Any:
        self.sock.recv(1024)
        self.write(head(413, [("content-length", "4")]) + b"\r\nlong")
        self.server.stopping.wait(10)
        return None

    with serving(stall) as server:
        Peer.request, kept = early, Peer.request  # type: ignore[method-assign]
        try:
            provider = Provider(base_url=server.base_url, retry=ONCE)
            with Driven(kind, provider=provider, patience=FALLING_SILENT) as driven:
                result = driven.tell(lambda client: client.responses.stream(request))
        finally:
            server.stopping.set()
            Peer.request = kept  # type: ignore[method-assign]
    if kind.endswith("raw"):
        assert getattr(result.error, "status", None) == 413, result.error
    else:
        # httpx writes it all before it reads.
        assert result.error is not None


def test_a_stream_nobody_reads_is_not_buffered() -> None:
    """Backpressure is TCP's: the server cannot write more than the network holds."""
    written = 0
    piece = chunk(b": " + b"x" * 65_530 + b"\n\n")

    def flood(peer: Peer, request: Any) -> None:
        nonlocal written
        peer.write(WHOLE[: WHOLE.index(b"\r\n\r\n") + 4])
        peer.write(chunk(b"data: " + CREATED + b"\n\n"))
        peer.sock.settimeout(0.3)
        try:
            while written < 100_000_000:
                peer.sock.sendall(piece)
                written += len(piece)
        except OSError:
            pass
        peer.close("rst")

    async def main(base_url: str) -> None:
        async with AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport="raw") as client:
            async with client.responses.stream(REQUEST) as stream:
                await anext(stream)
                await asyncio.sleep(0.8)

    with serving(flood) as server:
        asyncio.run(main(server.base_url))
    assert written < 20_000_000


def test_a_simulated_clock_only_jumps() -> None:
    clock = SimulatedClock()
    before = clock.now()
    clock.passed(before + 100)
    assert clock.now() == pytest.approx(before + 100, abs=1)
