"""The server stops at once, whoever is connected and whatever is under way."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto_io.server import EmbeddedServer, ServerLimits
from tests.certificates import certificate
from tests.plain_client import upgrade
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = 5.0
SCRIPTS: Any = {
    "idle": None,
    "stalled": [{"on": "*", "times": "always", "steps": [{"do": "accept"}, {"do": "stall"}]}],
    # More than fits into the buffers of the operating system, and nobody reads it.
    "in the middle of a write": [
        {"on": "*", "times": "always", "steps": [{"do": "message", "text": "x" * 8_000_000}]}
    ],
}


@contextlib.contextmanager
def clients(port: int, count: int, context: ssl.SSLContext | None = None) -> Iterator[list[Any]]:
    with contextlib.ExitStack() as stack:
        connected: list[Any] = []
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            if context is not None:
                sock = stack.enter_context(context.wrap_socket(sock, server_hostname="127.0.0.1"))
            connected.append(sock)
        yield connected


def wait_for(server: EmbeddedServer, count: int) -> None:
    wait_until(lambda: server.connections >= count and server.request_count >= count)
    time.sleep(0.05)


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("doing", SCRIPTS)
def test_with_websockets_open(doing: str, secure: bool) -> None:
    made = certificate() if secure else None
    server = EmbeddedServer(SCRIPTS[doing], tls=made and made.context)
    with contextlib.ExitStack() as stack:
        with server:
            opened = clients(server.port, 20, made and made.trusting())
            for sock in stack.enter_context(opened):
                sock.sendall(upgrade())
            wait_for(server, 20)
            began = time.monotonic()
        assert time.monotonic() - began < PROMPT
        assert server.connections == 0


def test_in_the_middle_of_handshakes() -> None:
    with contextlib.ExitStack() as stack:
        with EmbeddedServer(tls=certificate().context) as server:
            silent = stack.enter_context(clients(server.port, 20))
            # The last one has been accepted, and so have those before it.
            time.sleep(0.2)
            began = time.monotonic()
        assert time.monotonic() - began < PROMPT
        for sock in silent:
            sock.settimeout(PROMPT)
            with contextlib.suppress(ConnectionError):
                assert sock.recv(1) == b""


def test_in_the_middle_of_handshakes_on_the_callers_loop() -> None:
    async def main() -> None:
        server = EmbeddedServer(tls=certificate().context)
        await server.start()
        with clients(server.port, 20):
            await asyncio.sleep(0.1)
            assert len(asyncio.all_tasks()) > 1
            async with asyncio.timeout(PROMPT):
                await server.stop()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.parametrize("turns", range(5))
def test_clients_that_were_accepted_a_moment_ago(turns: int) -> None:
    async def main() -> None:
        server = EmbeddedServer()
        await server.start()
        with clients(server.port, 20) as connected:
            for _ in range(turns):
                await asyncio.sleep(0)
            async with asyncio.timeout(PROMPT):
                await server.stop()
            # Whoever is connected now would be served by nobody's server.
            assert asyncio.all_tasks() == {asyncio.current_task()}
            for sock in connected:
                sock.settimeout(PROMPT)
                with contextlib.suppress(ConnectionError):
                    assert await asyncio.to_thread(sock.recv, 1) == b""

    asyncio.run(main())


def test_clients_that_were_too_many_and_do_not_close() -> None:
    context = certificate()
    limits = ServerLimits(max_connections=1)
    with contextlib.ExitStack() as stack:
        with EmbeddedServer(tls=context.context, limits=limits) as server:
            stack.enter_context(clients(server.port, 4, context.trusting()))
            time.sleep(0.1)
            began = time.monotonic()
        assert time.monotonic() - began < PROMPT
