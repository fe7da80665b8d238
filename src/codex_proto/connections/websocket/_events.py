"""The messages and events of a WebSocket: one side sends what the other receives."""

from typing import TypeAlias

from msgspec import Struct

from codex_proto._close_codes import explain_close
from codex_proto._wire import Value
from codex_proto.errors import CodexError
from codex_proto.http import Headers, HttpResponse

__all__ = [
    "BinaryMessage",
    "HandshakeAccepted",
    "HandshakeRefused",
    "Ping",
    "Pong",
    "TextMessage",
    "WebSocketClosed",
    "WebSocketEvent",
    "WebSocketFailed",
    "WebSocketMessage",
    "WebSocketOutcome",
]


class HandshakeAccepted(Struct, frozen=True):
    """The server accepted the handshake: messages may be sent.

    `headers` are those of its answer (101), `is_compressed` is whether permessage-deflate is used.
    """

    headers: Headers
    subprotocol: str | None = None
    is_compressed: bool = False


class HandshakeRefused(Struct, frozen=True):
    """The server answered with another status than 101, which is the outcome.

    The body is decompressed, and cut if it is too long or was not complete in time.
    `error_from_response(status, headers, body, url)` maps it to an error.
    """

    response: HttpResponse


class TextMessage(Value, frozen=True):
    """One whole text message; `data` is valid UTF-8."""

    data: bytes

    @classmethod
    def of(cls, text: str) -> "TextMessage":
        """Return a message with this text."""
        return cls(text.encode())

    @property
    def text(self) -> str:
        """The message as text."""
        return self.data.decode()


class BinaryMessage(Value, frozen=True):
    """One whole binary message."""

    data: bytes


class Ping(Struct, frozen=True):
    """A ping from the peer, which is answered automatically; or one to send."""

    payload: bytes = b""


class Pong(Struct, frozen=True):
    """An answer to a ping, or an unsolicited pong."""

    payload: bytes = b""


class WebSocketClosed(Struct, frozen=True):
    """The WebSocket was closed, which is the outcome.

    Attributes:
        code: the code of the peer's close frame; 1005 if it had no code, 1006 without a frame.
        reason: the text of the close frame.
        by_peer: whether the peer began to close.
    """

    code: int
    reason: str = ""
    by_peer: bool = True

    @property
    def is_clean(self) -> bool:
        """Whether both sides sent a close frame."""
        return self.code != 1006

    @property
    def explanation(self) -> str:
        """What the code means."""
        return explain_close(self.code)


class WebSocketFailed(Struct, frozen=True):
    """The connection or the peer failed, which is the outcome.

    `close_code` is the code that was sent to the peer; None if no close frame could be sent.
    """

    error: CodexError
    close_code: int | None = None


WebSocketMessage: TypeAlias = TextMessage | BinaryMessage
WebSocketOutcome: TypeAlias = HandshakeRefused | WebSocketClosed | WebSocketFailed
WebSocketEvent: TypeAlias = HandshakeAccepted | WebSocketMessage | Ping | Pong | WebSocketOutcome
