"""The server's end of Responses: typed events written as a stream, or on a WebSocket.

Both writers use an `Http1ServerConnection`, which the driver feeds, and have no buffer of their
own. The order of events is not checked: a mock may send a wrong one on purpose.

Source: wire.md 1, 2 and 4.2.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from codex_proto._wire import MalformedEvent, MalformedPart
from codex_proto.connections.http1 import BodyData, ResponseComplete, ResponseHead
from codex_proto.connections.serving._http1_server import Http1ServerConnection
from codex_proto.connections.websocket import TextMessage, WebSocketConnection
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike
from codex_proto.requests import ResponseCreateWsRequest, decode_request
from codex_proto.responses.wire import DecodedEvent, encode_response_event
from codex_proto.sse import EventStreamEncoder, ServerSentEvent

__all__ = ["ResponseCreateReceived", "ResponsesServerSocket", "ResponsesServerStream"]


class ResponsesServerStream:
    """Answers the request of a connection with a stream of events.

    Args:
        connection: a connection whose request waits for its answer.
        now: monotonic seconds.
        headers: more header fields; `content-type` is added.
        status: of the answer.

    Next: `send` events, then `end`; and write the connection's `data_to_send()`.

    Raises:
        LocalProtocolError: no request waits, or a field cannot be sent.
    """

    def __init__(
        self,
        connection: Http1ServerConnection,
        now: float,
        headers: HeadersLike = (),
        *,
        status: int = 200,
    ) -> None:
        fields = Headers.of(headers)
        if "content-type" not in fields:
            fields = Headers([("content-type", "text/event-stream"), *fields])
        connection.send(ResponseHead(status, fields), now)
        self.connection: Final = connection
        self._encoder = EventStreamEncoder()

    def send(self, event: DecodedEvent, now: float) -> None:
        """Write an event, with its type in the `event:` line.

        Raises:
            LocalProtocolError: the stream has ended, or an event line cannot hold the type.
        """
        payload = encode_response_event(event)
        name = "message" if isinstance(event, MalformedEvent) else event.type
        if b"\r" in payload:
            # A line end as received: JSON has it only between its tokens.
            payload = payload.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        block = ServerSentEvent.from_wire(name or "message", payload, "", None)
        self.send_bytes(self._encoder.encode(block), now)

    def send_comment(self, now: float, text: str = "") -> None:
        """Write a comment, which keeps the connection alive.

        Raises:
            LocalProtocolError: the stream has ended, or the text has a line end.
        """
        self.send_bytes(self._encoder.encode_comment(text), now)

    def send_bytes(self, data: bytes, now: float) -> None:
        """Write bytes of the body unchanged.

        Raises:
            LocalProtocolError: the stream has ended.
        """
        self.connection.send(BodyData(data), now)

    def end(self, now: float) -> None:
        """End the answer; the connection is then ready for the next request.

        Raises:
            LocalProtocolError: the stream has ended.
        """
        self.connection.send(ResponseComplete(), now)


class ResponseCreateReceived(NamedTuple):
    """A client's message, decoded: a request for a response, or another message.

    `request` is a `MalformedPart` for any other message, such as an interrupt (its `field` is
    `type` then); `raw` has its bytes.
    """

    request: ResponseCreateWsRequest | MalformedPart
    raw: bytes

    def __repr__(self) -> str:
        return f"ResponseCreateReceived(request={self.request!r}, raw=<{len(self.raw)} bytes>)"


class ResponsesServerSocket:
    """Answers the requests of a WebSocket with events.

    Args:
        websocket: what `Http1ServerConnection.accept` returned.
    """

    def __init__(self, websocket: WebSocketConnection) -> None:
        if not isinstance(websocket, WebSocketConnection):
            raise LocalProtocolError("websocket: must be a WebSocketConnection")
        self.websocket: Final = websocket

    def read(self, message: TextMessage) -> ResponseCreateReceived:
        """Return a message of the client, decoded; its bytes never raise."""
        return ResponseCreateReceived(
            decode_request(message.data, ResponseCreateWsRequest), message.data
        )

    def send(self, event: DecodedEvent, now: float) -> None:
        """Write an event as a text message.

        Raises:
            LocalProtocolError: the WebSocket is not open, or its outgoing buffer is full.
        """
        self.websocket.send(TextMessage(encode_response_event(event)), now)
