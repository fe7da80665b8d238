"""The connection to the server that is recorded, with the time of each read.

Source: docs/architecture.md, "Connections" and "Drivers".
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from typing import Any, Final, Generic, TypeVar

from codex_proto.connections import Connection
from codex_proto.http import HttpRequest
from codex_proto_io._environment import tls_context

__all__ = ["Read", "Upstream"]

E = TypeVar("E")

# Reads that wait for the client before the server has to: some 4 MiB.
_MAX_WAITING: Final = 64


class Read(Generic[E]):
    """One read: its bytes, their events and its time.

    `end` is how the server has ended the connection, or `None`.
    """

    def __init__(self, data: bytes, events: list[E], at: float, end: str | None) -> None:
        self.data = data
        self.events = events
        self.at = at
        self.end = end


class Upstream(asyncio.Protocol, Generic[E]):
    """Drives a client connection: call `open`, then `read` until its end, then `close`."""

    def __init__(self, connection: Connection[E]) -> None:
        self.connection: Final = connection
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[bytes | None, bool, float]] = deque()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._lost = asyncio.Event()
        self._has_ended = False

    @classmethod
    async def open(
        cls,
        connection: Connection[E],
        request: HttpRequest,
        tls: ssl.SSLContext | None,
        patience: float,
    ) -> Upstream[E]:
        """Connect to the host of the request and start the connection.

        Raises:
            LocalProtocolError: the environment names certificates that cannot be used.
            OSError: the server cannot be reached.
            TimeoutError: it was not reached in `patience` seconds.
        """
        loop = asyncio.get_running_loop()
        context = (tls or tls_context()) if request.is_secure else None
        async with asyncio.timeout(patience):
            _, upstream = await loop.create_connection(
                lambda: cls(connection), request.host, request.port, ssl=context
            )
        connection.start(loop.time())
        return upstream

    # -- called by asyncio ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the transport is connected."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called with the bytes of a read, which is kept."""
        self._keep(data, clean=True)
        if len(self._waiting) >= _MAX_WAITING and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Called when the server sends no more; keeps the end."""
        self._keep(None, clean=True)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the socket is closed; keeps the end unless it came before."""
        self._keep(None, clean=exc is None)
        self._writable.set()
        self._lost.set()

    def pause_writing(self) -> None:
        """Called when the server does not read fast enough."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Called when it does again."""
        self._writable.set()

    def _keep(self, data: bytes | None, *, clean: bool) -> None:
        if not self._has_ended:
            self._has_ended = data is None
            self._waiting.append((data, clean, self._loop.time()))
            self._arrived.set()

    # -- called by the relays -------------------------------------------------------------------

    def flush(self) -> None:
        """Write the bytes that the connection has to send."""
        data = self.connection.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    @property
    def is_writable(self) -> bool:
        """Whether the server reads what is written fast enough."""
        return self._writable.is_set()

    async def writable(self) -> None:
        """Wait until the server has read enough, or is gone."""
        await self._writable.wait()

    async def read(self) -> Read[E]:
        """Return the next read, or the events of a timer."""
        connection = self.connection
        self.flush()
        while not self._waiting:
            self._arrived.clear()
            deadline = connection.deadline()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._arrived.wait()
            except TimeoutError:
                now = max(self._loop.time(), deadline or 0.0)
                events = connection.handle_timeout(now)
                self.flush()
                if events:
                    return Read(b"", events, now, None)
        data, clean, at = self._waiting.popleft()
        self._resume()
        if data is None:
            events = connection.receive_eof(at, clean)
        else:
            events = connection.receive_data(data, at)
        self.flush()
        end = None if data is not None else "fin" if clean else "rst"
        return Read(data or b"", events, at, end)

    def _resume(self) -> None:
        transport: Any = self._transport
        if transport is not None and not transport.is_closing() and not transport.is_reading():
            transport.resume_reading()

    async def close(self) -> None:
        """Write what is queued, such as a close frame, and close the socket."""
        self.flush()
        if self._transport is not None:
            self._transport.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._lost.wait()
            self._transport.abort()
