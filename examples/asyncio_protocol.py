"""One response over a WebSocket, as an `asyncio.Protocol`.

Try it: `python examples/asyncio_protocol.py http://127.0.0.1:8080/v1 "What is 2 + 2?"`
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from codex_proto.connections import ResponsesSocket, SocketClosed, SocketOpened
from codex_proto.requests import Provider, ResponsesApiRequest, responses_upgrade
from codex_proto.responses import Completed, OutputTextDelta, StreamFailed


class Asking(asyncio.Protocol):
    def __init__(self, socket: ResponsesSocket, question: ResponsesApiRequest) -> None:
        self.socket, self.question, self.answer = socket, question, ""
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[str] = self.loop.create_future()
        self.timer = self.loop.call_soon(lambda: None)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.socket.start(self.loop.time())
        self.after([])

    def data_received(self, data: bytes) -> None:
        self.after(self.socket.receive_data(data, self.loop.time()))

    def connection_lost(self, exc: Exception | None) -> None:
        self.after(self.socket.receive_eof(self.loop.time(), clean=exc is None))

    def after(self, events: list[Any]) -> None:
        for event in events:
            match event:
                case SocketOpened():
                    self.socket.send(self.question, self.loop.time())
                case OutputTextDelta(delta=text):
                    self.answer += text
                case Completed():
                    self.done.set_result(self.answer)
                    self.socket.close(self.loop.time())
                case StreamFailed(error=error) | SocketClosed(error=error) if not self.done.done():
                    self.done.set_exception(error or EOFError())
        self.transport.write(self.socket.data_to_send())
        self.timer.cancel()
        if (at := self.socket.deadline()) is not None:
            self.timer = self.loop.call_at(at, self.expire)
        if self.socket.must_close:
            self.transport.close()

    def expire(self) -> None:
        self.after(self.socket.handle_timeout(self.loop.time()))


async def ask(base_url: str, question: str) -> str:
    """Ask a question; return the text of the answer."""
    upgrade = responses_upgrade(Provider(base_url=base_url))
    asking = Asking(ResponsesSocket(upgrade), ResponsesApiRequest(model="gpt-5.2", input=question))
    await asking.loop.create_connection(lambda: asking, upgrade.host, upgrade.port)
    try:
        return await asking.done
    finally:
        asking.transport.close()
        await asyncio.sleep(0)


if __name__ == "__main__":
    print(asyncio.run(ask(sys.argv[1], sys.argv[2])))
