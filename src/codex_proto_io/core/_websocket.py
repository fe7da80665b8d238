"""Moving the bytes of a WebSocket with a protocol on it: open, read, write, leave.

It decides nothing: what is due and what it means is the socket's to say.
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

    `headers` are those of the last handshake, `ended` is what the last socket ended with.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime: Final = runtime
        self.socket: SocketBase[E] | None = None
        self.headers = Headers()
        self.ended: CodexError | None = None
        self._early: list[E] = []
        self._stream: ByteStream | None = None

    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.socket is not None and self.socket.state is WebSocketState.OPEN

    @property
    def stream(self) -> ByteStream | None:
        """The transport, while there is one."""
        return self._stream

    def open(self, request: HttpRequest, socket: SocketBase[E]) -> Operation[CodexError | None]:
        """Connect, and shake hands; return why that was not possible."""
        clock = self.runtime.clock
        self.ended = None
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
        while self.socket is socket and not self.is_open() and socket.closed is None:
            self._early += yield from self.receive()
        if self.is_open():
            return None
        ended = self.ended
        yield from self.drop()
        return ended or ConnectionFailed("The WebSocket was closed while it was being opened.")

    def wanted(self) -> Effect | None:
        """What to wait for: bytes, the end, or the deadline; None without a connection."""
        if self.socket is None or self._stream is None:
            return None
        return Receive(self._stream, self.socket.deadline())

    def received(self, result: Any) -> list[E]:
        """Take what came: bytes, `b""` for the end, None for the deadline."""
        socket, now = self.socket, self.runtime.clock.now()
        if socket is None:  # it was left meanwhile
            return []
        if result is None:
            events = socket.handle_timeout(now)
        else:
            events = socket.receive_data(result, now) if result else socket.receive_eof(now)
        self.write()
        return self.sort(events)

    def failed(self, error: CodexError) -> list[E]:
        """Take how the connection broke."""
        socket = self.socket
        return [] if socket is None else self.sort(socket.receive_error(error, self._now()))

    def receive(self) -> Operation[list[E]]:
        """Wait for something to happen; return what it means, often nothing yet."""
        if self._early and self.is_open():
            early, self._early = self._early, []
            return early
        socket, effect = self.socket, self.wanted()
        if effect is None:
            return []
        try:
            result = yield effect
        except CodexError as error:
            return self.failed(equal_copy(error)) if self.socket is socket else []
        return self.received(result) if self.socket is socket else []

    def _now(self) -> float:
        return self.runtime.clock.now()

    def write(self) -> None:
        """Queue what the socket has to send."""
        if self.socket is not None and self._stream is not None and self.socket.bytes_pending:
            self._stream.put(self.socket.data_to_send())

    def sort(self, events: Iterable[E | SocketOpened | SocketClosed]) -> list[E]:
        """Take note of what is about the socket; return the rest."""
        told: list[E] = []
        for event in events:
            if isinstance(event, SocketOpened):
                self.headers = event.headers
            elif isinstance(event, SocketClosed):
                self.ended = event.error
            else:
                told.append(event)
        return told

    # -- the end --------------------------------------------------------------------------------

    def drop(self) -> Operation[None]:
        """Close the socket, if there is one, with a goodbye where it is open."""
        stream = self.leave()
        if stream is not None:
            yield from close(stream)

    def abandon(self) -> Operation[None]:
        """Close the socket at once."""
        stream = self.leave()
        if stream is not None:
            stream.abort()
            yield from close(stream)

    def abort(self) -> None:
        """Close the socket, and do not wait for it."""
        stream = self.leave()
        if stream is not None:
            stream.abort()

    def leave(self) -> ByteStream | None:
        """Have no socket any more; return its transport, with a goodbye in it."""
        socket, stream = self.socket, self._stream
        if socket is not None and socket.closed is None:
            self.sort(socket.close(self.runtime.clock.now()))
        self.write()
        self.socket = self._stream = None
        return stream
