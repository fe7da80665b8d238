"""Moves the bytes of a WebSocket: opens, reads, writes and leaves it.

The socket decides what is due and what it means.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Generic, TypeVar

from codex_proto.connections import SocketBase, SocketClosed, SocketOpened, WebSocketState
from codex_proto.errors import CodexError, ConnectionFailed
from codex_proto.http import Headers, HttpRequest
from codex_proto_io.core._effects import ByteStream, Effect, Operation, Receive, close, connect
from codex_proto_io.core._failures import equal_copy
from codex_proto_io.core._runtime import Runtime

__all__ = ["SocketDriver"]

E = TypeVar("E")


class SocketDriver(Generic[E]):
    """Drives one socket after another.

    `headers` are those of the last handshake, `ended` is the error that the last socket ended with.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime: Final = runtime
        self.socket: SocketBase[E] | None = None
        self.headers = Headers()
        self.ended: CodexError | None = None
        self._early: list[E] = []
        self._is_opened = False
        self._stream: ByteStream | None = None

    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.socket is not None and self.socket.state is WebSocketState.OPEN

    @property
    def stream(self) -> ByteStream | None:
        """The transport, or `None` without a connection."""
        return self._stream

    def open(self, request: HttpRequest, socket: SocketBase[E]) -> Operation[CodexError | None]:
        """Connect and make the handshake; return the error if that failed.

        The server may have closed the socket by then: what came with the handshake, the end
        included, is for `receive`.
        """
        clock = self.runtime.clock
        self.ended = None
        self._is_opened = False
        self.socket = socket
        socket.connect(clock.now())
        try:
            stream = yield from connect(request, socket.deadline())
        except CodexError as error:
            self.sort(socket.receive_error(equal_copy(error), clock.now()))
        else:
            if stream is None:
                self.sort(socket.handle_timeout(clock.now()))
            else:
                self._stream = stream
                socket.start(clock.now())
        self.write()
        early: list[E] = []
        while self.socket is socket and not self._is_opened and socket.closed is None:
            early += yield from self.receive()
        if self.socket is socket and self._is_opened:
            self._early = early
            return None
        ended = self.ended
        yield from self.drop()
        return ended or ConnectionFailed("The WebSocket was closed while it was being opened.")

    def wanted(self) -> Effect | None:
        """Return the effect that waits for bytes, the end or the deadline; `None` when closed."""
        if self.socket is None or self._stream is None:
            return None
        return Receive(self._stream, self.socket.deadline())

    def received(self, result: Any) -> list[E]:
        """Pass in bytes, `b""` for the end or `None` for the deadline; return the events."""
        socket, now = self.socket, self.runtime.clock.now()
        if socket is None:  # it was closed meanwhile
            return []
        if result is None:
            events = socket.handle_timeout(now)
        else:
            events = socket.receive_data(result, now) if result else socket.receive_eof(now)
        self.write()
        return self.sort(events)

    def failed(self, error: CodexError) -> list[E]:
        """Pass in the error of the connection; return its events."""
        socket = self.socket
        return [] if socket is None else self.sort(socket.receive_error(error, self._now()))

    def receive(self) -> Operation[list[E]]:
        """Wait for one effect and return its events, often an empty list.

        A socket that is closed has no more than what came with its handshake.
        """
        socket, effect = self.socket, self.wanted()
        if self._early or effect is None or (socket is not None and socket.closed is not None):
            early, self._early = self._early, []
            return early
        try:
            result = yield effect
        except CodexError as error:
            return self.failed(equal_copy(error)) if self.socket is socket else []
        return self.received(result) if self.socket is socket else []

    def _now(self) -> float:
        return self.runtime.clock.now()

    def write(self) -> None:
        """Queue the bytes that the socket has to send."""
        if self.socket is not None and self._stream is not None and self.socket.bytes_pending:
            self._stream.put(self.socket.data_to_send())

    def sort(self, events: Iterable[E | SocketOpened | SocketClosed]) -> list[E]:
        """Handle the events about the socket itself; return the others."""
        others: list[E] = []
        for event in events:
            if isinstance(event, SocketOpened):
                self._is_opened = True
                self.headers = event.headers
            elif isinstance(event, SocketClosed):
                self.ended = event.error
            else:
                others.append(event)
        return others

    # -- the end --------------------------------------------------------------------------------

    def drop(self) -> Operation[None]:
        """Close the socket if there is one, with a close frame if it is open."""
        stream = self.leave()
        if stream is not None:
            yield from close(stream)

    def abandon(self) -> Operation[None]:
        """Close the socket at once, without a close frame."""
        stream = self.leave()
        if stream is not None:
            stream.abort()
            yield from close(stream)

    def abort(self) -> None:
        """Close the socket without waiting."""
        stream = self.leave()
        if stream is not None:
            stream.abort()

    def leave(self) -> ByteStream | None:
        """Give up the socket; return its transport, with a close frame queued."""
        socket, stream = self.socket, self._stream
        if socket is not None and socket.closed is None:
            self.sort(socket.close(self.runtime.clock.now()))
        self.write()
        self.socket = self._stream = None
        self._early = []
        return stream
