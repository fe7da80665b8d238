"""Whatever clients do, the server goes on, and nothing of them stays."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_proto_io.server import CutAfter, EmbeddedServer, Exchange, Pace, ServerLimits
from tests.plain_client import PlainClient, post, text_frame, upgrade
from tests.waiting import until, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE = text_frame('{"type":"response.create","model":"m"}')
PIECES = (
    post(close=False), upgrade(), upgrade("/v1/realtime"), CREATE, text_frame("{}"),
    text_frame(b"\xff"), text_frame(b"", 0x88), text_frame(b"x", 0x89), text_frame(b"", 0x8A),
    b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n", b"POST /v1/responses HTTP/1.0\r\n\r\n",
    b"\x16\x03\x01\x02\x00", b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(limits=ServerLimits(close_timeout=0.5)) as server:
        yield server
        wait_until(lambda: not server.connections)
        assert server.problems == ()


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=40), max_size=6),
    st.sampled_from(["close", "half", "reset", "wait"]),
)
def test_whatever_is_sent(server: EmbeddedServer, sent: list[bytes], end: str) -> None:
    import socket
    import struct

    with PlainClient(server) as client:
        with contextlib.suppress(ConnectionError):
            for data in sent:
                client.send(data)
            if end == "half":
                client.socket.shutdown(socket.SHUT_WR)
                client.see(wait=1)
            elif end == "wait":
                client.see(wait=0.02)
        if end == "reset":
            linger = struct.pack("ii", 1, 0)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert server.problems == ()


def test_many_clients_with_faults_leave_nothing() -> None:
    """Streams, WebSockets and cuts at random, all at once: the same numbers before and after."""
    chance = random.Random(7)

    def exchange(on: str, message: str | None) -> Exchange:
        how: Any = chance.choice(["fin", "rst"])
        cut = CutAfter(after=chance.randrange(20_000), how=how)
        pace = Pace(size=chance.randrange(500, 5000))
        return Exchange(on=on, message=message, cut=cut, pace=chance.choice([None, pace]))

    script = [exchange("POST /v1/responses", None) for _ in range(100)]
    script += [exchange("GET /v1/responses", "response.create") for _ in range(100)]

    async def one(server: EmbeddedServer, number: int) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(post() if number % 2 else upgrade() + CREATE)
            await writer.drain()
            if number % 5 == 0:
                await asyncio.sleep(chance.random() / 50)
                return "left"
            while await asyncio.wait_for(reader.read(65536), 20):
                pass
        except ConnectionError:
            return "rst"
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return "fin"

    async def main() -> None:
        limits = ServerLimits(close_timeout=0.5)
        async with EmbeddedServer(script, limits=limits) as server:
            for _ in range(2):
                ends = await asyncio.gather(*(one(server, number) for number in range(100)))
                assert {"left", "rst", "fin"} == set(ends)
            await until(lambda: not server.connections and len(asyncio.all_tasks()) == 1)
            assert server.problems == ()
            assert {request.outcome for request in server.requests} <= {"answered", "cut", "gone"}
        gc.collect()

    asyncio.run(main())
