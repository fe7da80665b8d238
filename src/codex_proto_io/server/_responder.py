"""Answers requests by the script or with the built-in answers.

Source: docs/server.md.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from codex_proto.connections import (
    RequestReceived,
    ServedEndpoint,
    TextMessage,
    WebSocketClosed,
    WebSocketFailed,
    read_endpoint_request,
)
from codex_proto.http import Headers
from codex_proto_io.server._api_errors import api_error, socket_error
from codex_proto_io.server._builtin import Builtin
from codex_proto_io.server._channel import Channel
from codex_proto_io.server._exchange import Exchange
from codex_proto_io.server._outlet import ClientGone
from codex_proto_io.server._player import Player
from codex_proto_io.server._received import ReceivedMessage, ReceivedRequest, RequestOutcome
from codex_proto_io.server._script import ScriptRun

__all__ = ["Responder"]

_Answer: TypeAlias = Callable[[Channel, ReceivedMessage], Awaitable[None]]

_EXHAUSTED: Final = "script_exhausted"


class Responder:
    """Answers requests by a script or with the built-in answers.

    Args:
        builtin: the built-in answers.
        run: the state of the script.
        speed: the factor by which it is played faster.
        max_messages_kept: the number of messages of a WebSocket that are kept.
        on_request: called with every request, before it is answered.
    """

    def __init__(
        self,
        builtin: Builtin,
        run: ScriptRun,
        speed: float,
        *,
        max_messages_kept: int,
        on_request: Callable[[ReceivedRequest], None],
    ) -> None:
        self._builtin = builtin
        self._run = run
        self._speed = speed
        self._max_messages_kept = max_messages_kept
        self._on_request = on_request

    async def handle(self, channel: Channel, request: RequestReceived) -> None:
        """Answer a request, and all messages of a WebSocket.

        Raises:
            ClientGone: the connection is over.
        """
        received = ReceivedRequest(read_endpoint_request(request))
        self._on_request(received)
        try:
            await self._answer(channel, received)
            if channel.connection.websocket is not None:
                await self._converse(channel, received)
            await channel.flush()
            received.outcome = "answered"
        except ClientGone:
            await self._note_last_words(channel, received)
            raise
        finally:
            if received.outcome == "open":
                received.outcome = _how_it_broke_off(channel)

    async def _answer(self, channel: Channel, received: ReceivedRequest) -> None:
        request = received.request
        exchange = self._run.take(request.method, request.path, request.body)

        async def builtin() -> None:
            await self._builtin.answer(channel, received.received)

        if exchange is not None:
            await self._play(channel, received, exchange, builtin)
        elif not self._run.is_strict:
            await builtin()
        elif request.is_upgrade and self._run.expects_messages(request.method, request.path):
            channel.accept()
        else:
            body = api_error(_nothing_for(f"{request.method} {request.path}"), code=_EXHAUSTED)
            channel.respond(400, Headers([("content-type", "application/json")]), body)

    async def _converse(self, channel: Channel, received: ReceivedRequest) -> None:
        """Answer messages until the client ends the WebSocket."""
        respond: _Answer = self._builtin.respond
        if received.endpoint is ServedEndpoint.REALTIME_SOCKET:
            conversation = self._builtin.conversation(received.received)
            respond = conversation.respond
            if not self._run.is_strict:
                await conversation.begin(channel)
        await channel.flush()
        while True:
            message = await self._next_message(channel, received)
            await self._reply(channel, received, message, respond)
            await channel.flush()

    async def _reply(
        self,
        channel: Channel,
        received: ReceivedRequest,
        message: ReceivedMessage,
        answer: _Answer,
    ) -> None:
        request = received.request
        kind = message.type or ""
        exchange = self._run.take(request.method, request.path, message.data, kind)
        if exchange is not None:
            await self._play(channel, received, exchange, lambda: answer(channel, message))
        elif not self._run.is_strict:
            await answer(channel, message)
        else:
            error = socket_error(_nothing_for(f"a message {kind!r}"), code=_EXHAUSTED)
            channel.send(TextMessage(error))

    async def _play(
        self,
        channel: Channel,
        received: ReceivedRequest,
        exchange: Exchange,
        answer: Callable[[], Awaitable[None]],
    ) -> None:
        player = Player(
            channel,
            exchange,
            files=self._run.files,
            speed=self._speed,
            answer=answer,
            next_message=lambda: self._next_message(channel, received),
        )
        await player.play()

    async def _next_message(self, channel: Channel, received: ReceivedRequest) -> ReceivedMessage:
        event = await channel.receive()
        if isinstance(event, WebSocketClosed | WebSocketFailed):
            raise ClientGone
        message = ReceivedMessage.of(event, received.endpoint)
        received.messages.append(message)
        if len(received.messages) > self._max_messages_kept:
            del received.messages[0]
        return message

    async def _note_last_words(self, channel: Channel, received: ReceivedRequest) -> None:
        """Keep the messages that came before the client left, though they are not answered."""
        if channel.connection.websocket is None:
            return
        with contextlib.suppress(ClientGone, TimeoutError):
            while True:
                # What was received is returned without waiting.
                async with asyncio.timeout(0):
                    await self._next_message(channel, received)


def _how_it_broke_off(channel: Channel) -> RequestOutcome:
    if channel.was_cut:
        return "cut"
    websocket = channel.connection.websocket
    ended = None if websocket is None else websocket.outcome
    return "answered" if isinstance(ended, WebSocketClosed) and ended.is_clean else "gone"


def _nothing_for(what: str) -> str:
    return f"The script has nothing (more) for {what}."
