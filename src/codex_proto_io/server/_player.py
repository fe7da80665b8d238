"""Plays the steps of an exchange on a channel.

Source: docs/server.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from codex_proto.connections import BinaryMessage, Ping, Pong, TextMessage
from codex_proto.http import Headers
from codex_proto_io.server._channel import Channel
from codex_proto_io.server._exchange import Exchange
from codex_proto_io.server._received import ReceivedMessage
from codex_proto_io.server._steps import (
    AcceptStep,
    AnswerStep,
    BodyStep,
    CloseStep,
    CutStep,
    EndStep,
    HeadStep,
    MessageStep,
    PingStep,
    PongStep,
    RawStep,
    ReceiveStep,
    RespondStep,
    StallStep,
    Step,
    WaitForCloseStep,
)

__all__ = ["Player"]

_EVENT_STREAM = Headers([("content-type", "text/event-stream; charset=utf-8")])


class Player:
    """Plays one exchange.

    Args:
        channel: the channel to the client.
        exchange: the exchange to play.
        files: the contents of the files that it names.
        speed: the factor by which it is played faster; infinite for no waits.
        answer: sends the built-in answer.
        next_message: waits for a message of the client, keeps it and returns it.
    """

    def __init__(
        self,
        channel: Channel,
        exchange: Exchange,
        *,
        files: Mapping[str, bytes],
        speed: float,
        answer: Callable[[], Awaitable[None]],
        next_message: Callable[[], Awaitable[ReceivedMessage]],
    ) -> None:
        self._channel = channel
        self._exchange = exchange
        self._files = files
        self._speed = speed
        self._answer = answer
        self._next_message = next_message
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self._is_open = False

    async def play(self) -> None:
        """Play the exchange to its end.

        Raises:
            ClientGone: the connection is over.
        """
        channel, exchange = self._channel, self._exchange
        channel.control(exchange.cut, exchange.pace)
        for step in exchange.steps or (AnswerStep(),):
            if step.after is not None:
                await channel.flush()
                await self._wait(step.after)
            await self._do(step)
        if self._is_open:
            channel.end()
        await channel.finish_cut()
        channel.control(None, None)

    async def _wait(self, seconds: float) -> None:
        # Wait until a point in time, so that the durations of steps do not add up.
        self._due += seconds / self._speed
        await self._channel.sleep(self._due - self._loop.time())

    async def _do(self, step: Step) -> None:
        channel = self._channel
        match step:
            case HeadStep() | BodyStep() | EndStep() | RespondStep():
                self._do_http(step)
            case (
                AcceptStep() | MessageStep() | PingStep() | PongStep() | CloseStep() | ReceiveStep()
            ):
                await self._do_socket(step)
            case AnswerStep():
                await self._answer()
            case RawStep():
                channel.raw(step.data(self._files))
            case CutStep():
                await channel.cut_now(step.how)
            case StallStep(seconds=None) | WaitForCloseStep():
                await channel.flush()
                await channel.wait_for_end()
            case StallStep(seconds=seconds):
                await channel.flush()
                await self._wait(seconds or 0.0)

    def _do_http(self, step: HeadStep | BodyStep | EndStep | RespondStep) -> None:
        channel = self._channel
        match step:
            case HeadStep():
                channel.head(step.status, step.fields)
                self._is_open = step.status >= 200
            case RespondStep():
                channel.respond(step.status, step.fields, step.data(self._files))
            case _:
                if not self._is_open:
                    channel.head(200, _EVENT_STREAM)
                    self._is_open = True
                if isinstance(step, BodyStep):
                    channel.body(step.data(self._files))
                else:
                    channel.end(step.fields)
                    self._is_open = False

    async def _do_socket(
        self, step: AcceptStep | MessageStep | PingStep | PongStep | CloseStep | ReceiveStep
    ) -> None:
        channel = self._channel
        if isinstance(step, AcceptStep):
            channel.accept(step.fields, subprotocol=step.subprotocol, compression=step.compression)
            return
        if channel.connection.websocket is None:
            channel.accept()
        match step:
            case MessageStep():
                data = step.data(self._files)
                channel.send(TextMessage(data) if step.is_text else BinaryMessage(data))
            case PingStep():
                channel.send(Ping(step.data(self._files)))
            case PongStep():
                channel.send(Pong(step.data(self._files)))
            case ReceiveStep():
                await channel.flush()
                await self._receive(step.type)
            case CloseStep():
                await channel.goodbye(step.code, step.reason)

    async def _receive(self, wanted: str | None) -> None:
        while True:
            message = await self._next_message()
            if wanted is None or message.type == wanted:
                break
        self._due = self._loop.time()
