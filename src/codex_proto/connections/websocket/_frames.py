"""From bytes to whole WebSocket messages: fragments joined, inflated, counted, and valid UTF-8.

wsproto's frame decoder parses the frames. Their payloads are handled here instead (wsproto inflates
without a limit and decodes text per frame), so that a failure is the same however the bytes were
cut.

Source: RFC 6455, 5 and 8.1; RFC 7692.
"""

from __future__ import annotations

import codecs
import zlib
from typing import Final, NamedTuple

from wsproto.frame_protocol import Frame, FrameDecoder, Opcode, ParseFailed

from codex_proto._close_codes import (
    INVALID_DATA,
    MESSAGE_TOO_BIG,
    NO_STATUS,
    PROTOCOL_ERROR,
    is_sendable_close_code,
)
from codex_proto.connections.websocket._deflate import DeflateExtension, DeflateParameters, Inflater
from codex_proto.connections.websocket._events import (
    BinaryMessage,
    Ping,
    Pong,
    TextMessage,
    WebSocketMessage,
)
from codex_proto.errors import (
    CodexError,
    ContentDecodingFailed,
    InvalidUtf8,
    MessageTooLarge,
    RemoteProtocolError,
)

__all__ = ["CloseFrame", "FrameReader", "Received"]

# Bytes given to wsproto at once: payloads come in pieces of at most that size.
_SLICE: Final = 64 * 1024


class CloseFrame(NamedTuple):
    """The peer's close frame; no frame follows."""

    code: int
    reason: str


Received = WebSocketMessage | Ping | Pong | CloseFrame


class _Defect(Exception):
    """Stops the reading; never leaves this module."""

    def __init__(self, code: int, error: CodexError) -> None:
        super().__init__(error.message)
        self.code = code
        self.error = error


class FrameReader:
    """Reads the frames of one WebSocket.

    `failure` and `close_code` are set when the peer breaks the rules or a limit. After that, and
    after its close frame, `receive` returns further bytes as the rest.
    """

    def __init__(
        self, *, is_client: bool, deflate: DeflateParameters | None, max_message_size: int
    ) -> None:
        self.failure: CodexError | None = None
        self.close_code = PROTOCOL_ERROR
        self.extension = None
        self._inflater = None
        if deflate is not None:
            self.extension = DeflateExtension(deflate, is_client=is_client)
            self._inflater = Inflater(deflate, is_client=is_client)
        extensions = [] if self.extension is None else [self.extension]
        self._decoder = FrameDecoder(is_client, [*extensions])
        self._max_size = max_message_size
        self._is_closed = False
        self._begin_message(None)

    def _begin_message(self, opcode: Opcode | None) -> None:
        self._opcode = opcode
        self._is_frame_open = False
        self._is_compressed = False
        self._message = bytearray()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def receive(self, data: bytes) -> tuple[list[Received], bytes]:
        """Take bytes; return the messages they complete, and the bytes after a close frame."""
        received: list[Received] = []
        for start in range(0, len(data), _SLICE):
            self._decoder.receive_bytes(data[start : start + _SLICE])
            try:
                self._read(received)
            except _Defect as defect:
                self.failure, self.close_code = defect.error, defect.code
            if self._is_closed or self.failure is not None:
                rest = bytes(self._decoder.buffer.buffer) + data[start + _SLICE :]
                return received, rest
        return received, b""

    def _read(self, received: list[Received]) -> None:
        while not self._is_closed:
            try:
                frame = self._decoder.process_buffer()
            except ParseFailed as error:
                text = f"The peer broke the WebSocket protocol: {error}."
                raise _Defect(int(error.code), RemoteProtocolError(text)) from None
            if frame is None:
                return
            event = self._take(frame)
            if event is not None:
                received.append(event)

    def _take(self, frame: Frame) -> Received | None:
        payload = frame.payload
        if not isinstance(payload, bytes | bytearray):  # wsproto's decoder returns bytes only
            return None
        match frame.opcode:
            case Opcode.PING:
                return Ping(bytes(payload))
            case Opcode.PONG:
                return Pong(bytes(payload))
            case Opcode.CLOSE:
                self._is_closed = True
                return _close_frame(bytes(payload))
            case _:
                data = bytes(payload)
                return self._take_whole(frame, data) or self._take_data(frame, data)

    def _take_whole(self, frame: Frame, data: bytes) -> WebSocketMessage | None:
        """Handle the common case: a message of one frame that arrived in one piece."""
        if (
            not (frame.frame_finished and frame.message_finished)
            or frame.opcode is Opcode.CONTINUATION
            or self._opcode is not None
            or len(data) > self._max_size
            or (self.extension is not None and self.extension.is_compressed)
        ):
            return None
        if frame.opcode is Opcode.BINARY:
            return BinaryMessage(data)
        try:
            str(data, "utf-8")
        except UnicodeDecodeError:
            return None
        return TextMessage(data)

    def _take_data(self, frame: Frame, payload: bytes) -> WebSocketMessage | None:
        self._check_order(frame)
        if self._inflater is not None and self._is_compressed:
            self._inflate(payload, is_last=frame.frame_finished and frame.message_finished)
        else:
            self._append(payload)
        if not (frame.frame_finished and frame.message_finished):
            return None
        return self._finish_message()

    def _check_order(self, frame: Frame) -> None:
        if not self._is_frame_open:
            is_continuation = frame.opcode is Opcode.CONTINUATION
            if is_continuation != (self._opcode is not None):
                what = (
                    "continues without a beginning" if is_continuation else "begins inside another"
                )
                text = f"The peer broke the WebSocket protocol: a message {what}."
                raise _Defect(PROTOCOL_ERROR, RemoteProtocolError(text))
            if not is_continuation:
                self._begin_message(frame.opcode)
                self._is_compressed = self.extension is not None and self.extension.is_compressed
        self._is_frame_open = not frame.frame_finished

    def _inflate(self, payload: bytes, *, is_last: bool) -> None:
        inflater = self._inflater
        if inflater is None:
            return
        try:
            for piece in inflater.receive(payload):
                self._append(piece)
            if is_last:
                for piece in inflater.finish():
                    self._append(piece)
        except zlib.error as error:
            text = f"The peer's compressed message is broken: {error}."
            raise _Defect(INVALID_DATA, ContentDecodingFailed(text)) from None

    def _append(self, data: bytes) -> None:
        room = self._max_size - len(self._message)
        fitting = data if len(data) <= room else data[:room]
        self._check_text(fitting)
        if len(data) > room:
            error = MessageTooLarge(limit_name="max_message_size", limit=self._max_size)
            raise _Defect(MESSAGE_TOO_BIG, error)
        self._message += data

    def _check_text(self, data: bytes, *, is_last: bool = False) -> None:
        if self._opcode is not Opcode.TEXT:
            return
        try:
            self._utf8.decode(data, is_last)
        except UnicodeDecodeError:
            error = InvalidUtf8("The peer sent a text message that is not valid UTF-8.")
            raise _Defect(INVALID_DATA, error) from None

    def _finish_message(self) -> WebSocketMessage:
        self._check_text(b"", is_last=True)
        data, opcode = bytes(self._message), self._opcode
        self._begin_message(None)
        return TextMessage(data) if opcode is Opcode.TEXT else BinaryMessage(data)


def _close_frame(payload: bytes) -> CloseFrame:
    if not payload:
        return CloseFrame(NO_STATUS, "")
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not is_sendable_close_code(code):
        text = "The peer broke the WebSocket protocol: its close frame has an invalid code."
        raise _Defect(PROTOCOL_ERROR, RemoteProtocolError(text))
    try:
        return CloseFrame(code, payload[2:].decode())
    except UnicodeDecodeError:
        error = InvalidUtf8("The peer's close frame has a reason that is not valid UTF-8.")
        raise _Defect(INVALID_DATA, error) from None
