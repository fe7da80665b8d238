"""The requests and messages that a server received."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from codex_proto.connections import (
    EndpointRequest,
    RequestReceived,
    ServedEndpoint,
    TextMessage,
    WebSocketMessage,
)
from codex_proto.errors import DECODE_ERRORS
from codex_proto.http import Headers
from codex_proto.realtime import RealtimeCommand, decode_client_message
from codex_proto.requests import (
    CompactionInput,
    MemorySummarizeInput,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    decode_request,
)
from codex_proto.responses import MalformedEvent, MalformedPart, UnknownEvent

__all__ = ["MessageRequest", "ReceivedMessage", "ReceivedRequest", "type_of"]

RequestOutcome: TypeAlias = Literal["open", "answered", "cut", "gone"]
MessageRequest: TypeAlias = (
    ResponseCreateWsRequest | MalformedPart | RealtimeCommand | UnknownEvent | MalformedEvent
)
_Body: TypeAlias = ResponsesApiRequest | CompactionInput | MemorySummarizeInput | MalformedPart


@dataclass(frozen=True)
class ReceivedMessage:
    """A message of a client on a WebSocket: its bytes (`data`), and whether they are text.

    `request` is the decoded message: on a Responses WebSocket a `ResponseCreateWsRequest`, or a
    `MalformedPart` if it cannot be read; in a realtime session the client's message, an
    `UnknownEvent` or a `MalformedEvent`. It is `None` for binary messages.
    """

    data: bytes
    is_text: bool = True
    request: MessageRequest | None = None

    @classmethod
    def of(cls, message: WebSocketMessage, endpoint: ServedEndpoint | None) -> ReceivedMessage:
        """Decode a message that came at an endpoint; its bytes never raise."""
        data = message.data
        if not isinstance(message, TextMessage):
            return cls(data, is_text=False)
        if endpoint is ServedEndpoint.RESPONSES_SOCKET:
            return cls(data, request=decode_request(data, ResponseCreateWsRequest))
        if endpoint is ServedEndpoint.REALTIME_SOCKET:
            return cls(data, request=decode_client_message(data))
        return cls(data)

    @property
    def type(self) -> str | None:
        """The `type` of its JSON object, or `None`."""
        return type_of(self.data)


@dataclass
class ReceivedRequest:
    """A request, as bytes and decoded, and how its answer ended.

    Attributes:
        received: the request as received, and its decoded form.
        messages: the client's messages on a WebSocket so far, the last `max_messages_kept`.
        outcome: `open` until the answer has ended; then `answered` (a WebSocket: closed by both
            sides), `cut` if a script cut the connection, or `gone` if the client broke it.
    """

    received: EndpointRequest
    messages: list[ReceivedMessage] = field(default_factory=list[ReceivedMessage])
    outcome: RequestOutcome = "open"

    @property
    def request(self) -> RequestReceived:
        """The request as received."""
        return self.received.request

    @property
    def endpoint(self) -> ServedEndpoint | None:
        """The endpoint of the request, or `None` if it is not served."""
        return self.received.endpoint

    @property
    def method(self) -> str:
        """The method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self.request.path

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return self.request.headers

    @property
    def raw_body(self) -> bytes:
        """The bytes of the body, decompressed."""
        return self.request.body

    @property
    def body(self) -> _Body | None:
        """The decoded body, or `None` if the endpoint has no type for it."""
        return self.received.body


class _Typed(msgspec.Struct):
    type: str


def type_of(message: bytes) -> str | None:
    """Return the `type` of a JSON object, or `None`."""
    try:
        return msgspec.json.decode(message, type=_Typed).type
    except DECODE_ERRORS:
        return None
