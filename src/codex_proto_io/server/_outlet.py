"""Writes to the socket of one client, at the pace and up to the cut of a script.

Source: docs/server.md.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from codex_proto_io.server._exchange import CutAfter, Pace
from codex_proto_io.server._limits import ServerLimits
from codex_proto_io.server._sockets import bytes_unsent, close_with_rst
from codex_proto_io.server._steps import CutKind

__all__ = ["ClientGone"]

# Bytes of one write; after each it is seen whether the client is still there. As many as the
# pumps read at once, so that a large answer is not cut smaller than it has to be.
_MAX_WRITE: Final = 256 * 1024
# Seconds until a RST goes out although the client has not got all bytes before it. On loopback
# that takes milliseconds, unless the client does not read: that must not hold up the server.
_RST_PATIENCE: Final = 2.0
# Seconds between two looks at whether it has: there is no event for it.
_RST_LOOK: Final = 0.005


class ClientGone(Exception):
    """The connection is over, ended by the client or by a cut: nothing more can be sent."""


class Stalled(ClientGone):
    """Nothing more is sent, but the connection stays open."""


class Outlet:
    """Writes what was added to a socket, and ends the connection at the cut.

    Args:
        limits: the time-outs for a client that does not read or does not close.
        lost: set when the socket is closed.
        ended: set when the client has sent its last byte.
    """

    def __init__(self, limits: ServerLimits, lost: asyncio.Event, ended: asyncio.Event) -> None:
        self._limits = limits
        self._lost = lost
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._waiting = bytearray()
        self._writing = asyncio.Lock()
        self._cut: CutAfter | None = None
        self._pace: Pace | None = None
        self._written = 0
        self._is_silent = False
        self.is_over = False
        """Whether nothing may be sent any more."""
        self.was_cut = False
        """Whether the connection was cut here, on purpose."""

    def attach(self, transport: asyncio.Transport) -> None:
        """Write to `transport` from now on."""
        self._transport = transport
        # With a limit of 0, `flush` knows that the bytes have left this process. Under TLS it would
        # mean that nothing may ever be written.
        is_tls = transport.get_extra_info("ssl_object") is not None
        transport.set_write_buffer_limits(high=1 if is_tls else 0, low=0)

    def pause(self) -> None:
        """Called when the client does not read fast enough."""
        self._writable.clear()

    def resume(self) -> None:
        """Called when it does again, or is gone."""
        self._writable.set()

    def control(self, cut: CutAfter | None, pace: Pace | None) -> None:
        """Set the cut and the pace of what is written from here on."""
        self._cut, self._pace, self._written = cut, pace, 0

    def add(self, data: bytes) -> None:
        """Queue bytes for the next `flush`."""
        self._waiting += data

    async def flush(self) -> None:
        """Write what was added, and wait until the operating system has taken it.

        Raises:
            ClientGone: the socket is closed, the client does not read, or the cut was reached.
        """
        async with self._writing:
            data = bytes(self._waiting)
            self._waiting.clear()
            if data:
                await self._write(data)

    async def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds.

        Raises:
            ClientGone: the socket was closed meanwhile.
        """
        if seconds <= 0:
            await asyncio.sleep(0)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._lost.wait()
        self._check()

    # -- ending ---------------------------------------------------------------------------------

    async def cut_now(self, how: CutKind) -> None:
        """End the connection here, when all is written.

        Raises:
            ClientGone: always.
        """
        await self.flush()
        await self._break(CutAfter(after=0, how=how))

    async def finish_cut(self) -> None:
        """End the connection if the cut lies behind the last byte."""
        await self.flush()
        if self._cut is not None and self._cut.how != "stall":
            await self._break(self._cut)

    async def linger(self) -> None:
        """Send the end of the output, and wait for the end of the client's, but not for long."""
        transport = self._transport
        if transport is None:
            return
        # Closing a socket with unread bytes would reset it (RST), so the client's last bytes are
        # read first.
        if transport.can_write_eof():
            # asyncio reports later that the client has broken the connection.
            with contextlib.suppress(OSError):
                transport.write_eof()
        else:
            transport.close()
        if not transport.is_closing() and not transport.is_reading():
            transport.resume_reading()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_timeout):
                await self._ended.wait()

    # -- internals ---------------------------------------------------------------------------------

    async def _write(self, data: bytes) -> None:
        if self._is_silent:
            raise Stalled
        size = _MAX_WRITE if self._pace is None else self._pace.size
        pause = 0.0 if self._pace is None else self._pace.every
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            cut = self._cut
            left = None if cut is None else cut.after - self._written
            if cut is not None and left is not None and len(piece) >= left:
                await self._put(piece[: max(left, 0)])
                await self._break(cut)
            await self._put(piece)
            # Also for zero seconds, so that other tasks run.
            await self.sleep(pause if start + size < len(data) else 0.0)

    async def _put(self, piece: bytes) -> None:
        transport = self._check()
        if not piece:
            return
        transport.write(piece)
        self._written += len(piece)
        if not self._writable.is_set():
            try:
                async with asyncio.timeout(self._limits.write_timeout):
                    await self._writable.wait()
            except TimeoutError:
                self.is_over = True
                transport.abort()
                raise ClientGone from None
        self._check()

    def _check(self) -> asyncio.Transport:
        transport = self._transport
        is_open = transport is not None and not transport.is_closing()
        if transport is None or not is_open or self._lost.is_set() or self.is_over:
            raise ClientGone
        return transport

    async def _break(self, cut: CutAfter) -> None:
        transport = self._transport
        self.was_cut = True
        if transport is None:
            raise ClientGone
        if cut.how == "stall":
            self._is_silent = True
            raise Stalled
        self.is_over = True
        if cut.how == "rst":
            await self._all_sent(transport)
            close_with_rst(transport)
        else:
            await self.linger()
            transport.abort()
        raise ClientGone

    async def _all_sent(self, transport: asyncio.Transport) -> None:
        """Wait until the client's side has all bytes: a RST would take them back."""
        for _ in range(int(_RST_PATIENCE / _RST_LOOK)):
            if self._lost.is_set() or not bytes_unsent(transport):
                return
            await asyncio.sleep(_RST_LOOK)
