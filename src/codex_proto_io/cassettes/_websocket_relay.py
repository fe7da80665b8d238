"""Relays one WebSocket through the recorder.

Source: docs/server.md.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Final

from codex_proto.connections import (
    ABNORMAL,
    NO_STATUS,
    BinaryMessage,
    HandshakeAccepted,
    HandshakeRefused,
    Ping,
    Pong,
    RequestReceived,
    TextMessage,
    WebSocketClosed,
    WebSocketConnection,
    WebSocketEvent,
    WebSocketFailed,
    WebSocketLimits,
    WebSocketState,
    WebSocketTimeouts,
    is_sendable_close_code,
)
from codex_proto.errors import RemoteProtocolError
from codex_proto.http import HttpRequest
from codex_proto_io.cassettes._relay import answer_headers, handshake_headers
from codex_proto_io.cassettes._tape import Tape
from codex_proto_io.cassettes._upstream import Read, Upstream
from codex_proto_io.server import Channel, ClientGone, CutKind

__all__ = ["WebSocketRelay"]

_TIMEOUTS: Final = WebSocketTimeouts(connect=60.0, close=2.0)
_LIMITS: Final = WebSocketLimits(max_outgoing_message_size=64 * 1024 * 1024)


class WebSocketRelay:
    """Opens a WebSocket to the server and forwards the messages of both sides.

    Args:
        channel: the channel to the client.
        tape: the recording of the exchange.
        request: the handshake to send.
        received: the client's handshake.
    """

    def __init__(
        self, channel: Channel, tape: Tape, request: HttpRequest, received: RequestReceived
    ) -> None:
        self._channel = channel
        self._tape = tape
        self._request = request
        offered = ",".join(received.headers.get_all("sec-websocket-protocol"))
        self._offers_deflate = "permessage-deflate" in (
            received.headers.get("sec-websocket-extensions") or ""
        )
        self._connection = WebSocketConnection(
            request,
            subprotocols=tuple(each.strip() for each in offered.split(",") if each.strip()),
            compression=self._offers_deflate,
            timeouts=_TIMEOUTS,
            limits=_LIMITS,
        )
        self._upstream: Upstream[WebSocketEvent] | None = None
        self._is_accepted = False

    async def open(self, tls: ssl.SSLContext | None, patience: float) -> None:
        """Connect to the server and begin the handshake.

        Raises:
            OSError: the server cannot be reached; `TimeoutError` where that takes too long.
            LocalProtocolError: the handshake cannot be sent.
        """
        self._upstream = await Upstream[WebSocketEvent].open(
            self._connection, self._request, tls, patience
        )

    async def close(self) -> None:
        """Close the connection to the server."""
        if self._upstream is not None:
            await self._upstream.close()

    async def run(self) -> None:
        """Forward the messages of both sides to the end.

        Raises:
            ClientGone: one of the sides has ended it.
        """
        upstream = self._upstream
        if upstream is None:
            return
        reading: asyncio.Future[Read[WebSocketEvent]] = asyncio.ensure_future(upstream.read())
        listening: asyncio.Future[Any] = asyncio.ensure_future(self._channel.client_left())
        try:
            while True:
                await asyncio.wait((reading, listening), return_when=asyncio.FIRST_COMPLETED)
                if listening.done():
                    if not self._is_accepted:
                        self._tape.wait_for_close(asyncio.get_running_loop().time())
                        raise ClientGone
                    await self._say(upstream, listening.result())
                    listening = asyncio.ensure_future(self._listen(upstream))
                if reading.done():
                    was_accepted = self._is_accepted
                    if await self._forward(reading.result()):
                        return
                    reading = asyncio.ensure_future(upstream.read())
                    if self._is_accepted and not was_accepted:
                        listening.cancel()
                        listening = asyncio.ensure_future(self._listen(upstream))
        finally:
            for task in (reading, listening):
                task.cancel()
            await asyncio.gather(reading, listening, return_exceptions=True)

    # -- from the client ------------------------------------------------------------------------

    async def _listen(self, upstream: Upstream[WebSocketEvent]) -> object:
        """Forward messages of the client, which has to wait while the server reads too slowly."""
        if not upstream.is_writable:
            waits = (
                asyncio.ensure_future(upstream.writable()),
                asyncio.ensure_future(self._channel.client_left()),
            )
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()
                await asyncio.gather(*waits, return_exceptions=True)
        return await self._channel.receive()

    async def _say(self, upstream: Upstream[WebSocketEvent], event: object) -> None:
        now = asyncio.get_running_loop().time()
        match event:
            case TextMessage(data=data) | BinaryMessage(data=data):
                self._tape.receive(data, is_text=isinstance(event, TextMessage), at=now)
                if self._connection.state is WebSocketState.OPEN:
                    self._connection.send(event, now)
                    upstream.flush()
            case _:
                self._tape.wait_for_close(now)
                await self._close_upstream(upstream, event)
                raise ClientGone

    async def _close_upstream(self, upstream: Upstream[WebSocketEvent], event: object) -> None:
        if isinstance(event, WebSocketClosed) and event.is_clean:
            code = event.code if is_sendable_close_code(event.code) else 1000
            self._connection.close(asyncio.get_running_loop().time(), code, event.reason)
            while not self._connection.must_close:
                read = await upstream.read()
                if read.end is not None:
                    break

    # -- from the server ------------------------------------------------------------------------

    async def _forward(self, read: Read[WebSocketEvent]) -> bool:
        """Forward one read; return whether it ended without a WebSocket."""
        tape, channel = self._tape, self._channel
        failure = next((each for each in read.events if isinstance(each, WebSocketFailed)), None)
        if failure is not None and isinstance(failure.error, RemoteProtocolError) and read.data:
            channel.raw(read.data)
            tape.raw(read.data, read.at)
            await self._break("fin", None)
        at: float | None = read.at
        for event in read.events:
            match event:
                case HandshakeAccepted():
                    self._accept(event, read.at)
                case HandshakeRefused(response=response):
                    headers = answer_headers(response.headers)
                    fields = [field for field in headers if field[0] != "content-length"]
                    channel.respond(response.status, type(headers)(fields), response.body)
                    tape.respond(response.status, type(headers)(fields), response.body, read.at)
                    await channel.flush()
                    return True
                case TextMessage(data=data) | BinaryMessage(data=data):
                    channel.send(event)
                    tape.message(data, is_text=isinstance(event, TextMessage), at=at)
                case Ping(payload=payload):
                    channel.send(event)
                    tape.ping(payload, at)
                case Pong(payload=payload):
                    channel.send(event)
                    tape.pong(payload, at)
                case WebSocketClosed(code=code, reason=reason) if code != ABNORMAL:
                    told = None if code == NO_STATUS else code
                    tape.close(told, reason, at)
                    await channel.goodbye(told, reason)
                case _:
                    await self._break("rst" if read.end == "rst" else "fin", at)
            at = None
        await channel.flush()
        return False

    def _accept(self, event: HandshakeAccepted, at: float) -> None:
        headers = handshake_headers(event.headers)
        self._channel.accept(
            headers, subprotocol=event.subprotocol, compression=event.is_compressed
        )
        self._tape.accept(headers, event.subprotocol, at)
        self._is_accepted = True

    async def _break(self, how: CutKind, at: float | None) -> None:
        self._tape.cut(how, at)
        await self._channel.cut_now(how)
