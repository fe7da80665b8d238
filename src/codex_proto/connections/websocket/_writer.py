"""Outgoing messages, pings and close frames: checked, fragmented, masked, compressed.

Source: RFC 6455, 5; wire.md 2.3.
"""

from __future__ import annotations

from wsproto.frame_protocol import FrameProtocol

from codex_proto._input import as_bytes
from codex_proto.connections._options import WebSocketLimits
from codex_proto.connections._outgoing import OutgoingBuffer
from codex_proto.connections.websocket._deflate import DeflateExtension
from codex_proto.connections.websocket._events import BinaryMessage, Ping, Pong, TextMessage
from codex_proto.errors import LocalProtocolError

__all__ = ["FrameWriter", "utf8"]

_MAX_CONTROL = 125
# The largest size of a frame header in bytes, mask included.
_FRAME_HEADER = 14
_MASK = 4


class FrameWriter:
    """Writes the frames of one WebSocket into its outgoing buffer.

    The answer to a ping waits until bytes are taken out, so that many pings get one answer.
    """

    def __init__(
        self,
        out: OutgoingBuffer,
        *,
        is_client: bool,
        extension: DeflateExtension | None,
        limits: WebSocketLimits,
    ) -> None:
        self._out = out
        self._is_client = is_client
        self._limits = limits
        self._protocol = FrameProtocol(is_client, [] if extension is None else [extension])
        self._pong: bytes | None = None

    @property
    def pending(self) -> int:
        """Bytes of the answer to a ping that waits."""
        if self._pong is None:
            return 0
        return 2 + len(self._pong) + (_MASK if self._is_client else 0)

    def send(self, message: TextMessage | BinaryMessage | Ping | Pong | str) -> None:
        """Write a message.

        Raises:
            LocalProtocolError: it is not a message, too large, or not valid UTF-8; nothing is
            written then.
        """
        match message:
            case str() | TextMessage() | BinaryMessage():
                data = _payload(message)
                self._check_size(data)
                self._out.check_room("message", len(data) + _FRAME_HEADER)
                self.flush_pong()
                self._write(data, is_text=not isinstance(message, BinaryMessage))
            case Ping() | Pong():
                payload = as_bytes("payload", message.payload)
                if len(payload) > _MAX_CONTROL:
                    raise LocalProtocolError("payload: a ping or pong has at most 125 bytes")
                self._out.check_room("payload", len(payload) + _FRAME_HEADER)
                is_ping = isinstance(message, Ping)
                write = self._protocol.ping if is_ping else self._protocol.pong
                self._out.write(write(payload))
            case _:
                raise LocalProtocolError(
                    "message: must be text, TextMessage, BinaryMessage, Ping or Pong, not "
                    f"{type(message).__name__}"
                )

    def answer(self, payload: bytes) -> None:
        """Answer a ping; it replaces earlier ones that are not answered yet."""
        self._pong = payload

    def flush_pong(self) -> None:
        """Write the waiting answer to a ping."""
        if self._pong is not None:
            self._out.write(self._protocol.pong(self._pong))
        self._pong = None

    def ping(self) -> None:
        """Write a ping."""
        self._out.write(self._protocol.ping(b""))

    def close(self, code: int | None, reason: str = "") -> None:
        """Write the close frame; no other frame may follow it."""
        self.flush_pong()
        self._out.write(self._protocol.close(code, reason or None))

    def _check_size(self, data: bytes) -> None:
        limit = self._limits.max_outgoing_message_size
        if len(data) > limit:
            raise LocalProtocolError(
                f"message: has {len(data)} bytes, more than the {limit} of "
                "max_outgoing_message_size; the server would close the connection over it"
            )

    def _write(self, data: bytes, *, is_text: bool) -> None:
        size = self._limits.max_frame_size or len(data)
        start = 0
        while True:
            end = _character_start(data, start, start + size) if is_text else start + size
            part = data[start:end]
            is_last = end >= len(data)
            self._out.write(self._protocol.send_data(part.decode() if is_text else part, is_last))
            if is_last:
                return
            start = end


def utf8(argument: str, text: str) -> bytes:
    """Return a text of the caller as UTF-8.

    Raises:
        LocalProtocolError: the text has a lone surrogate.
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError(
            f"{argument}: has a lone surrogate, which UTF-8 cannot encode"
        ) from None


def _payload(message: str | TextMessage | BinaryMessage) -> bytes:
    if isinstance(message, str):
        return utf8("message", message)
    data = as_bytes("data", message.data)
    if isinstance(message, TextMessage):
        try:
            str(data, "utf-8")
        except UnicodeDecodeError:
            raise LocalProtocolError("data: a text message must be valid UTF-8") from None
    return data


def _character_start(data: bytes, start: int, end: int) -> int:
    """Return the last position at or before `end`, but after `start`, where a character begins."""
    if end >= len(data):
        return len(data)
    cut = end
    while cut > start and data[cut] & 0xC0 == 0x80:
        cut -= 1
    if cut > start:
        return cut
    # A frame smaller than one character is sent as it is.
    cut = end
    while cut < len(data) and data[cut] & 0xC0 == 0x80:
        cut += 1
    return cut
