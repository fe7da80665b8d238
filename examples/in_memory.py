"""A test without a network: both ends in memory, a slow line, and a connection that breaks.

Try it: `python -m pytest examples/in_memory.py`
"""

from __future__ import annotations

from typing import Any

from codex_proto.connections import (
    Http1Connection,
    Http1ServerConnection,
    RequestReceived,
    ResponsesExchange,
    ResponsesServerStream,
)
from codex_proto.errors import StreamClosedEarly
from codex_proto.http import HttpRequest
from codex_proto.responses import (
    Completed,
    Created,
    OutputTextDelta,
    StreamFailed,
    decode_response_event,
)
from codex_proto.testing import Cut, Pair, Side, bytewise

REQUEST = HttpRequest("POST", "http://localhost/v1/responses", body=b'{"model":"gpt-5.2"}')
EVENTS = (
    b'{"type":"response.created","response":{"id":"resp_1"}}',
    b'{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"Hello"}',
    b'{"type":"response.completed","response":{"id":"resp_1"}}',
)


def run(cut: Cut | None = None) -> tuple[Pair, Any]:
    """Run a request to a server in memory, byte by byte, with half a second of latency."""
    server = Http1ServerConnection()

    def serve(event: Any, now: float) -> None:
        if isinstance(event, RequestReceived):
            stream = ResponsesServerStream(server, now)
            for message in EVENTS:
                stream.send(decode_response_event(message), now)
            stream.end(now)

    exchange = ResponsesExchange(Http1Connection(), REQUEST)
    pair = Pair(
        Side(exchange, latency=0.5, chunker=bytewise), Side(server, serve, latency=0.5, cut=cut)
    )
    pair.start()
    pair.run(until=pair.now + 5)
    return pair, exchange.outcome


def test_it_arrives() -> None:
    pair, outcome = run()
    assert [type(event) for event in pair.client.events] == [Created, OutputTextDelta, Completed]
    assert isinstance(outcome, Completed)
    assert pair.now == 1001.0


def test_it_breaks() -> None:
    _, outcome = run(Cut(after=250))
    assert isinstance(outcome, StreamFailed)
    assert isinstance(outcome.error, StreamClosedEarly)
    assert outcome.error.response_id == "resp_1"
