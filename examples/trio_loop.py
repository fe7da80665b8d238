"""One response under trio: the deadline is a cancel scope, and `b""` from a read is the end.

Try it: `python examples/trio_loop.py http://127.0.0.1:8080/v1 "What is 2 + 2?"`
"""

from __future__ import annotations

import math
import sys

import trio

from codex_proto.connections import Http1Connection, ResponsesExchange
from codex_proto.requests import Provider, ResponsesApiRequest, responses_request
from codex_proto.responses import OutputTextDelta, ResponseEvent, StreamFailed


async def step(exchange: ResponsesExchange, stream: trio.abc.Stream) -> list[ResponseEvent]:
    """Write pending bytes, and wait for bytes, the end, or the deadline."""
    data: bytes | bytearray | None = None
    deadline = exchange.deadline()
    try:
        await stream.send_all(exchange.data_to_send())
        with trio.CancelScope(deadline=math.inf if deadline is None else deadline):
            data = await stream.receive_some()
    except trio.BrokenResourceError:
        return exchange.receive_eof(trio.current_time(), clean=False)
    if data is None:
        return exchange.handle_timeout(trio.current_time())
    if not data:
        return exchange.receive_eof(trio.current_time())
    return exchange.receive_data(data, trio.current_time())


async def ask(base_url: str, question: str) -> str:
    """Ask a question; return the text of the answer."""
    body = ResponsesApiRequest(model="gpt-5.2", input=question)
    request = responses_request(body, Provider(base_url=base_url))
    exchange = ResponsesExchange(Http1Connection(), request)
    answer = ""
    async with await trio.open_tcp_stream(request.host, request.port) as stream:
        exchange.start(trio.current_time())
        while exchange.outcome is None:
            for event in await step(exchange, stream):
                if isinstance(event, OutputTextDelta):
                    answer += event.delta
    if isinstance(exchange.outcome, StreamFailed):
        raise exchange.outcome.error
    return answer


if __name__ == "__main__":
    print(trio.run(ask, sys.argv[1], sys.argv[2]))
