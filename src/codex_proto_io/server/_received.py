"""What a server was asked for, as its owner sees it."""

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
    """A message of a client's on a WebSocket: its bytes (`data`), and whether they are text.

    `request` is what it asks for: on a Responses WebSocket a `ResponseCreateWsRequest`, or a
    `MalformedPart` where it is none that can be read; in a realtime session the client's message,
    an `UnknownEvent` or a `MalformedEvent`. It is None for binary messages.
    """

    data: bytes
    is_text: bool = True
    request: MessageRequest | None = None

    @classmethod
    def of(cls, message: WebSocketMessage, endpoint: ServedEndpoint | None) -> ReceivedMessage:
        """Read a message that came at that endpoint; its bytes never raise."""
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
        """The `type` of its JSON; None where it has none."""
        return type_of(self.data)


@dataclass
class ReceivedRequest:
    """A request: what came, what it asks for, and how its answer ended.

    Attributes:
        received: what the server has read, and what that asks for.
        messages: what the client has sent on a WebSocket so far, the last `max_messages_kept`.
        outcome: `open` until the answer has ended; then `answered` (a WebSocket: closed by both
            sides), `cut` where a script broke the connection, or `gone` where the client did.
    """

    received: EndpointRequest
    messages: list[ReceivedMessage] = field(default_factory=list[ReceivedMessage])
    outcome: RequestOutcome = "open"

    @property
    def request(self) -> RequestReceived:
        """The request as it came."""
        return self.received.request

    @property
    def endpoint(self) -> ServedEndpoint | None:
        """Which endpoint it is for; None for none that is served."""
        return self.received.endpoint

    @property
    def method(self) -> str:
        """Its method."""
        return self.request.method

    @property
    def path(self) -> str:
        """Its path, without the query."""
        return self.request.path

    @property
    def headers(self) -> Headers:
        """Its header fields."""
        return self.request.headers

    @property
    def raw_body(self) -> bytes:
        """The bytes of its body, decompressed."""
        return self.request.body

    @property
    def body(self) -> _Body | None:
        """Its body, typed, where the endpoint has such a type."""
        return self.received.body


class _Typed(msgspec.Struct):
    type: str


def type_of(message: bytes) -> str | None:
    """The `type` of a JSON object; None where there is none."""
    try:
        return msgspec.json.decode(message, type=_Typed).type
    except DECODE_ERRORS:
        return None
