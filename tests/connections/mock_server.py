"""A server of all endpoints, by scripts: what it answers is what a test wants to see told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from codex_proto.connections import (
    EndpointRequest,
    Http1ServerConnection,
    HttpFailed,
    RequestReceived,
    ResponseCreateReceived,
    ResponsesServerSocket,
    ResponsesServerStream,
    ServedEndpoint,
    TextMessage,
    read_endpoint_request,
)
from codex_proto.requests import ResponseCreateWsRequest
from codex_proto.responses import MalformedPart, decode_response_event

__all__ = ["COMPLETED", "CREATED", "DELTA", "ITEM", "MockServer", "json_answer", "sse", "stream"]

CREATED: Final = b'{"type":"response.created","response":{"id":"resp_1"}}'
DELTA: Final = (
    b'{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,'
    b'"delta":"H\xc3\xa9llo"}'
)
ITEM: Final = (
    b'{"type":"response.output_item.done","output_index":0,"item":{"type":"message",'
    b'"role":"assistant","id":"m","content":[{"type":"output_text","text":"H\xc3\xa9llo"}]}}'
)
COMPLETED: Final = (
    b'{"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":1,'
    b'"output_tokens":2,"total_tokens":3}}}'
)

# What a script does with a request: answer it on the connection.
Script = Callable[[Http1ServerConnection, EndpointRequest, float], None]
# What a script sends for one request on a WebSocket.
SocketScript = Callable[["MockServer", ResponseCreateReceived, float], None]


def stream(*events: bytes) -> Script:
    """Answer with a stream of these events."""

    def answer(connection: Http1ServerConnection, request: EndpointRequest, now: float) -> None:
        assert not isinstance(request.body, MalformedPart)
        writer = ResponsesServerStream(connection, now, [("x-request-id", "req_1")])
        for event in events:
            writer.send(decode_response_event(event), now)
        writer.end(now)

    return answer


def sse(body: bytes, *, headers: Any = (), ends: bool = True) -> Script:
    """Answer with a stream of exactly these bytes, which may never end."""

    def answer(connection: Http1ServerConnection, request: EndpointRequest, now: float) -> None:
        writer = ResponsesServerStream(connection, now, headers)
        if body:
            writer.send_bytes(body, now)
        if ends:
            writer.end(now)

    return answer


def json_answer(status: int, body: bytes, headers: Any = ()) -> Script:
    """Answer as a whole."""

    def answer(connection: Http1ServerConnection, request: EndpointRequest, now: float) -> None:
        connection.respond(now, status, [("content-type", "application/json"), *headers], body)

    return answer


@dataclass
class MockServer:
    """Handles the events of one server's connection; give `handle` to a `Pair`."""

    script: Script | None = None
    messages: list[SocketScript] = field(default_factory=list)
    upgrade_headers: Any = ()
    compression: bool = True
    connection: Http1ServerConnection = field(default_factory=Http1ServerConnection)
    requests: list[EndpointRequest] = field(default_factory=list)
    created: list[ResponseCreateWsRequest] = field(default_factory=list)
    ends: list[Any] = field(default_factory=list)

    def handle(self, event: Any, now: float) -> None:
        match event:
            case RequestReceived():
                request = read_endpoint_request(event)
                self.requests.append(request)
                is_socket = request.endpoint in (
                    ServedEndpoint.RESPONSES_SOCKET,
                    ServedEndpoint.REALTIME_SOCKET,
                )
                if is_socket and self.script is None:
                    self.connection.accept(
                        now, headers=self.upgrade_headers, compression=self.compression
                    )
                elif self.script is not None:
                    self.script(self.connection, request, now)
            case TextMessage():
                self._answer(event, now)
            case HttpFailed():
                self.ends.append(event)
            case _:
                pass

    @property
    def socket(self) -> ResponsesServerSocket:
        websocket = self.connection.websocket
        assert websocket is not None
        return ResponsesServerSocket(websocket)

    def send(self, now: float, *messages: bytes) -> None:
        for message in messages:
            self.socket.websocket.send(TextMessage(message), now)

    def _answer(self, message: TextMessage, now: float) -> None:
        received = self.socket.read(message)
        if isinstance(received.request, ResponseCreateWsRequest):
            self.created.append(received.request)
        if self.messages:
            self.messages.pop(0)(self, received, now)
