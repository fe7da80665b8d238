"""What goes over a WebSocket, as values: one side sends the messages that the other receives."""

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
    """The server takes part: messages may be sent.

    `headers` are those of its answer (101), `is_compressed` whether permessage-deflate is in use.
    """

    headers: Headers
    subprotocol: str | None = None
    is_compressed: bool = False


class HandshakeRefused(Struct, frozen=True):
    """The server gave another answer than 101, which is the outcome.

    The body is decompressed, and cut where it is too long or was not whole in time.
    `error_from_response(status, headers, body, url)` says what it means.
    """

    response: HttpResponse


class TextMessage(Value, frozen=True):
    """One whole text message: its UTF-8 bytes, which are valid."""

    data: bytes

    @classmethod
    def of(cls, text: str) -> "TextMessage":
        """Make a message of text."""
        return cls(text.encode())

    @property
    def text(self) -> str:
        """The message as text."""
        return self.data.decode()


class BinaryMessage(Value, frozen=True):
    """One whole binary message."""

    data: bytes


class Ping(Struct, frozen=True):
    """A ping of the peer's, which is answered without further ado; or one to send."""

    payload: bytes = b""


class Pong(Struct, frozen=True):
    """An answer to a ping, or a sign of life without one."""

    payload: bytes = b""


class WebSocketClosed(Struct, frozen=True):
    """It is closed, which is the outcome.

    Attributes:
        code: of the peer's close frame; 1005 where it had none, 1006 where no frame came.
        reason: what the frame said besides.
        by_peer: whether the peer began with it.
    """

    code: int
    reason: str = ""
    by_peer: bool = True

    @property
    def is_clean(self) -> bool:
        """Whether both sides have said goodbye."""
        return self.code != 1006

    @property
    def explanation(self) -> str:
        """What the code means."""
        return explain_close(self.code)


class WebSocketFailed(Struct, frozen=True):
    """It broke, or the peer broke the rules: the outcome.

    `close_code` is the code that was sent to the peer, None where none could be sent.
    """

    error: CodexError
    close_code: int | None = None


WebSocketMessage: TypeAlias = TextMessage | BinaryMessage
WebSocketOutcome: TypeAlias = HandshakeRefused | WebSocketClosed | WebSocketFailed
WebSocketEvent: TypeAlias = HandshakeAccepted | WebSocketMessage | Ping | Pong | WebSocketOutcome
