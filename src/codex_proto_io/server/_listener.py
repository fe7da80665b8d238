"""Listens on a port and makes a channel for each client.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from typing import Any, Final

from codex_proto_io.server._api_errors import api_error
from codex_proto_io.server._channel import Channel, RequestHandler
from codex_proto_io.server._limits import ServerLimits

__all__ = ["Listener"]

# The last ones: a fault of a script shows in a few, and a server may run for days.
_PROBLEMS_KEPT: Final = 1000


class Listener:
    """A listening socket and its channels, on one event loop.

    Args:
        handler: answers each request.
        limits: the limits on clients.
        tls: the TLS context, to serve https.
    """

    def __init__(
        self, handler: RequestHandler, limits: ServerLimits, tls: ssl.SSLContext | None = None
    ) -> None:
        self._handler = handler
        self._limits = limits
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._channels: set[Channel] = set()
        self._refusals: set[_Refusal] = set()
        # asyncio makes a connection in a task of its own, which includes the TLS handshake.
        self._arrivals: set[asyncio.Task[Any]] = set()
        self.problems: Final[deque[str]] = deque(maxlen=_PROBLEMS_KEPT)
        self.host = ""
        self.port = 0

    @property
    def url(self) -> str:
        """The URL that it listens on."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self._tls is None else 'https'}://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """The number of clients that are connected."""
        return len(self._channels)

    async def start(self, host: str, port: int) -> None:
        """Start to listen; port 0 takes any free one.

        Raises:
            OSError: the port cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._make,
            host,
            port,
            backlog=self._limits.max_connections,
            ssl=self._tls,
            ssl_handshake_timeout=None if self._tls is None else self._limits.request_timeout,
        )
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    def _make(self) -> asyncio.Protocol:
        task = asyncio.current_task()
        if task is not None:
            self._arrivals.add(task)
            task.add_done_callback(self._arrivals.discard)
        if len(self._channels) >= self._limits.max_connections:
            return _Refusal(self._refusals)
        # Under TLS a channel begins when the handshake is done, which may be never.
        return Channel(
            self._handler,
            self._limits,
            on_begin=self._channels.add,
            on_end=self._channels.discard,
            on_problem=self.problems.append,
        )

    async def stop(self) -> None:
        """Stop listening and end all connections."""
        server, self._server = self._server, None
        if server is None:
            return
        # A client that was just accepted is known here only after the next turn of the loop, and
        # asyncio would leave it to the garbage collector.
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):
            for sock in server.sockets:
                loop.remove_reader(sock.fileno())
        await asyncio.sleep(0)
        server.close()
        while self._channels or self._arrivals or self._refusals:
            arrivals = tuple(self._arrivals)
            for task in arrivals:
                task.cancel()
            await asyncio.gather(*arrivals, return_exceptions=True)
            for refusal in tuple(self._refusals):
                refusal.stop()
            await asyncio.gather(*(channel.stop() for channel in tuple(self._channels)))
            await asyncio.sleep(0)
        await server.wait_closed()


class _Refusal(asyncio.Protocol):
    """Refuses a client beyond the limit on connections."""

    def __init__(self, refusals: set[_Refusal]) -> None:
        self._refusals = refusals
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        body = api_error("Too many connections (max_connections).", type="server_error")
        head = (
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._refusals.add(self)
            transport.write(head + body)
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._refusals.discard(self)

    def stop(self) -> None:
        """Stop waiting for the client to read the answer."""
        if self._transport is not None:
            self._transport.abort()
