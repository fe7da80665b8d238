"""One request over HTTP on its way through the recorder.

Source: docs/server.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

from codex_proto.connections import (
    BodyData,
    ClientEvent,
    Http1Connection,
    HttpFailed,
    HttpTimeouts,
    InformationalResponse,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
)
from codex_proto.errors import RemoteProtocolError
from codex_proto.http import HttpRequest
from codex_proto_io.cassettes._relay import answer_headers
from codex_proto_io.cassettes._tape import Tape
from codex_proto_io.cassettes._upstream import Read, Upstream
from codex_proto_io.server import Channel, ClientGone, CutKind

__all__ = ["HttpRelay"]

# The client decides for how long it waits; this is only so that nothing stays forever.
_TIMEOUTS: Final = HttpTimeouts(connect=None, idle=3600.0)


class HttpRelay:
    """Asks the server, and hands its answer on as it comes.

    Args:
        channel: to the client.
        tape: what is recorded.
        request: what to ask.
        received: what the client has asked.
    """

    def __init__(
        self, channel: Channel, tape: Tape, request: HttpRequest, received: RequestReceived
    ) -> None:
        del received
        self._channel = channel
        self._tape = tape
        self._request = request
        self._connection = Http1Connection(timeouts=_TIMEOUTS)
        self._upstream: Upstream[ClientEvent] | None = None

    async def open(self, tls: ssl.SSLContext | None, patience: float) -> None:
        """Connect to the server and send the request.

        Raises:
            OSError: it cannot be reached; `TimeoutError` where that takes too long.
            LocalProtocolError: the request cannot be sent.
        """
        upstream = await Upstream[ClientEvent].open(self._connection, self._request, tls, patience)
        self._upstream = upstream
        self._connection.send(self._request, asyncio.get_running_loop().time())

    async def close(self) -> None:
        """Close the connection to the server."""
        if self._upstream is not None:
            await self._upstream.close()

    async def run(self) -> None:
        """Hand the answer on, to its end.

        Raises:
            ClientGone: the client has left, or the server has broken the connection.
        """
        upstream = self._upstream
        if upstream is None:
            return
        gone = asyncio.ensure_future(self._channel.client_left())
        try:
            while True:
                reading = asyncio.ensure_future(upstream.read())
                try:
                    await asyncio.wait((reading, gone), return_when=asyncio.FIRST_COMPLETED)
                    if not reading.done():
                        self._tape.wait_for_close(asyncio.get_running_loop().time())
                        raise ClientGone
                    if await self._hand_on(reading.result()):
                        return
                finally:
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _hand_on(self, read: Read[ClientEvent]) -> bool:
        """Hand one read on; return whether the answer is whole."""
        tape, channel = self._tape, self._channel
        failure = next((each for each in read.events if isinstance(each, HttpFailed)), None)
        if failure is not None and isinstance(failure.error, RemoteProtocolError) and read.data:
            # What is no HTTP goes through as it is, with all that came with it.
            channel.raw(read.data)
            tape.raw(read.data, read.at)
            await self._break("fin", None)
        at: float | None = read.at
        for event in read.events:
            match event:
                case InformationalResponse() | ResponseHead():
                    headers = answer_headers(event.headers)
                    channel.head(event.status, headers)
                    tape.head(event.status, headers, at)
                case BodyData(data=data):
                    channel.body(data)
                    tape.body(data, at)
                case ResponseComplete():
                    channel.end(event.trailers)
                    tape.end(event.trailers, at)
                    await channel.flush()
                    return True
                case _:  # the failure; nobody has asked for an upgrade
                    await self._break("rst" if read.end == "rst" else "fin", at)
            at = None
        await channel.flush()
        return False

    async def _break(self, how: CutKind, at: float | None) -> None:
        self._tape.cut(how, at)
        await self._channel.cut_now(how)
