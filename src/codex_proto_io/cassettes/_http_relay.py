"""Relays one request over HTTP through the recorder.

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

# The client decides how long it waits; this only makes sure that no connection stays forever.
_TIMEOUTS: Final = HttpTimeouts(connect=None, idle=3600.0)


class HttpRelay:
    """Sends a request to the server and forwards its answer as it comes.

    Args:
        channel: the channel to the client.
        tape: the recording of the exchange.
        request: the request to the server.
        received: the request of the client.
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
            OSError: the server cannot be reached; `TimeoutError` where that takes too long.
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
        """Forward the answer to its end.

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
                    if await self._forward(reading.result()):
                        return
                finally:
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _forward(self, read: Read[ClientEvent]) -> bool:
        """Forward one read; return whether the answer is complete."""
        tape, channel = self._tape, self._channel
        failure = next((each for each in read.events if isinstance(each, HttpFailed)), None)
        if failure is not None and isinstance(failure.error, RemoteProtocolError) and read.data:
            # Bytes that are not HTTP are forwarded as they are, with the rest of the read.
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
                case _:  # the failure; an upgrade was not requested
                    await self._break("rst" if read.end == "rst" else "fin", at)
            at = None
        await channel.flush()
        return False

    async def _break(self, how: CutKind, at: float | None) -> None:
        self._tape.cut(how, at)
        await self._channel.cut_now(how)
