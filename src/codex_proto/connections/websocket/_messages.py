"""The messages of an open WebSocket, in both directions, until it is closed.

Source: RFC 6455, 5.5, 6 and 7; docs/architecture.md, "Connections".
"""

from __future__ import annotations

from typing import TypeAlias

from codex_proto._close_codes import is_sendable_close_code
from codex_proto.connections._options import WebSocketLimits, WebSocketTimeouts
from codex_proto.connections._outgoing import OutgoingBuffer
from codex_proto.connections._states import Machine
from codex_proto.connections._timers import Timers
from codex_proto.connections.websocket._deflate import DeflateParameters
from codex_proto.connections.websocket._events import (
    BinaryMessage,
    Ping,
    Pong,
    TextMessage,
    WebSocketClosed,
)
from codex_proto.connections.websocket._frames import CloseFrame, FrameReader, Received
from codex_proto.connections.websocket._states import WebSocketState
from codex_proto.connections.websocket._writer import FrameWriter
from codex_proto.errors import CodexError

__all__ = ["MessagePhase"]

_MessageEvent: TypeAlias = TextMessage | BinaryMessage | Ping | Pong | WebSocketClosed

_S = WebSocketState


class MessagePhase:
    """The open phase of a WebSocket: a reader and a writer of frames, and the pings.

    State and timers belong to the connection; the timers are restarted here.
    """

    def __init__(
        self,
        machine: Machine[WebSocketState],
        timers: Timers,
        out: OutgoingBuffer,
        *,
        is_client: bool,
        deflate: DeflateParameters | None,
        timeouts: WebSocketTimeouts,
        limits: WebSocketLimits,
    ) -> None:
        self._machine = machine
        self._timers = timers
        self._timeouts = timeouts
        self._reader = FrameReader(
            is_client=is_client, deflate=deflate, max_message_size=limits.max_message_size
        )
        self._writer = FrameWriter(
            out, is_client=is_client, extension=self._reader.extension, limits=limits
        )
        self.pings_received = 0
        timers.clear()
        timers.arm("ping", timeouts.ping_interval)

    @property
    def failure(self) -> CodexError | None:
        """The peer's violation of the protocol; nothing is read after it."""
        return self._reader.failure

    @property
    def failure_code(self) -> int | None:
        """The code of the close frame that answers it."""
        return self._reader.close_code

    @property
    def bytes_pending(self) -> int:
        """Bytes that are not in the outgoing buffer yet."""
        return self._writer.pending

    def flush(self) -> None:
        """Write them there."""
        self._writer.flush_pong()

    def send(self, message: TextMessage | BinaryMessage | Ping | Pong | str) -> None:
        """Write a message.

        Raises:
            LocalProtocolError: it cannot be sent; nothing is written then.
        """
        self._writer.send(message)

    def ping(self) -> None:
        """Write a ping, which the peer has to answer in time."""
        self._writer.ping()
        self._timers.arm("pong", self._timeouts.ping_timeout)

    def close(self, code: int | None, reason: str = "") -> None:
        """Write the close frame."""
        self._writer.close(code, reason)

    def receive(self, chunk: bytes) -> tuple[list[Received], bytes]:
        """Read bytes of the peer; return what is in them, and what follows the close frame.

        Nothing has an effect yet: `take` each in turn, and check `failure` after the last.
        """
        if self._machine.state is _S.OPEN:
            self._timers.disarm("pong")
            self._timers.arm("ping", self._timeouts.ping_interval)
        return self._reader.receive(chunk)

    def take(self, received: Received) -> _MessageEvent:
        """Answer a ping or a close frame if it is one; return the event."""
        match received:
            case Ping(payload=payload):
                self.pings_received += 1
                if self._machine.state is _S.OPEN:
                    # Only the last of several that arrive together is answered (RFC 6455, 5.5.3).
                    self._writer.answer(payload)
                return received
            case CloseFrame():
                return self._receive_close(received)
            case _:
                return received

    def _receive_close(self, frame: CloseFrame) -> WebSocketClosed:
        by_peer = self._machine.state is _S.OPEN
        if by_peer:
            self._writer.close(frame.code if is_sendable_close_code(frame.code) else None)
        self._machine.happen("close frame")
        return WebSocketClosed(frame.code, frame.reason, by_peer=by_peer)
