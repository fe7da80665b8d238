"""The WebSocket of a conversation: opened when it is needed, used again, given up for HTTP.

Source: wire.md 2.1, 2.3, 2.8.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from codex_proto.auth import AuthProvider
from codex_proto.connections import ResponsesSocket, SocketClosed, SocketEvent, SocketOpened
from codex_proto.errors import CodexError, ConnectionFailed
from codex_proto.headers import Headers
from codex_proto.requests import ResponsesOptions, responses_upgrade
from codex_proto.responses import ResponseEvent, ResponsesSession
from codex_proto_io.core.effects import ByteStream, Operation, close, connect, receive
from codex_proto_io.core.runtime import Runtime

__all__ = ["ConversationSocket"]


class ConversationSocket:
    """Keeps one session, and a socket for it whenever there is one.

    Args:
        runtime: of the client.
        options: for the handshake, and for requests that come without any.
    """

    def __init__(self, runtime: Runtime, options: ResponsesOptions) -> None:
        provider = runtime.provider
        self.runtime: Final = runtime
        self.options: Final = options
        self.session: Final = ResponsesSession(
            provider.wire_version, runtime.profile, first_party=provider.is_first_party
        )
        self.uses_http = not provider.supports_websockets
        self.headers = Headers()
        self.socket: ResponsesSocket | None = None
        self._stream: ByteStream | None = None
        self._ended: CodexError | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a socket that takes requests."""
        return self.socket is not None and self.socket.is_ready

    def open(self, auth: AuthProvider, options: ResponsesOptions) -> Operation[CodexError | None]:
        """See to it that there is an open socket; return why there cannot be one."""
        self.catch_up()
        if self.is_open:
            return None
        yield from self.drop()
        runtime, clock = self.runtime, self.runtime.clock
        request = responses_upgrade(runtime.provider, auth, options, runtime.client)
        socket = ResponsesSocket(
            request,
            self.session,
            idle_timeout=runtime.provider.stream_idle_timeout,
            timeouts=runtime.websocket_timeouts(),
        )
        self._ended = None
        self.socket = socket
        socket.connect(clock.now())
        try:
            stream = yield from connect(request, socket.deadline())
        except CodexError as error:
            self._sort(socket.receive_error(error, clock.now()))
        else:
            if stream is None:
                self._sort(socket.handle_timeout(clock.now()))
            else:
                self._stream = stream
                socket.start(clock.now())
                stream.put(socket.data_to_send())
        while self.socket is socket and not socket.is_ready and socket.closed is None:
            yield from self.receive()
        if self.is_open:
            return None
        ended = self._ended
        yield from self.drop()
        return ended or ConnectionFailed("The WebSocket was closed while it was being opened.")

    def receive(self) -> Operation[list[ResponseEvent]]:
        """Wait for something to happen on the socket; return the events of the response."""
        socket, stream = self.socket, self._stream
        if socket is None or stream is None:
            return []
        self.write()
        failure: CodexError | None = None
        data: bytes | None = None
        try:
            data = yield from receive(stream, socket.deadline())
        except CodexError as error:
            failure = error
        now = self.runtime.clock.now()
        if failure is not None:
            events = socket.receive_error(failure, now)
        elif data is None:
            events = socket.handle_timeout(now)
        else:
            events = socket.receive_data(data, now) if data else socket.receive_eof(now)
        self.write()
        return self._sort(events)

    def write(self) -> None:
        """Queue what the socket has to send."""
        if self.socket is not None and self._stream is not None and self.socket.bytes_pending:
            self._stream.put(self.socket.data_to_send())

    # -- between responses ----------------------------------------------------------------------

    def rest(self) -> None:
        """Nobody reads for a while: answer pings meanwhile, where that is possible."""
        if self._stream is not None:
            self._stream.watch(self._while_resting)

    def catch_up(self) -> None:
        """Somebody reads again."""
        if self._stream is not None:
            self._stream.watch(None)

    def _while_resting(self, data: bytes) -> None:
        socket, now = self.socket, self.runtime.clock.now()
        if socket is None:
            return
        self._sort(socket.receive_data(data, now) if data else socket.receive_eof(now))
        self.write()

    def look(self) -> Operation[None]:
        """Read what has come while nobody did: pings, or the end of the connection."""
        while self._stream is not None and self.is_open and self._stream.has_input:
            yield from self.receive()

    # -- the end --------------------------------------------------------------------------------

    def drop(self) -> Operation[None]:
        """Close the socket, if there is one, with a goodbye where it is open."""
        stream = self._leave()
        if stream is not None:
            yield from close(stream)

    def abandon(self) -> Operation[None]:
        """Close the socket at once."""
        stream = self._leave()
        if stream is not None:
            stream.abort()
            yield from close(stream)

    def abort(self) -> None:
        """Close the socket, and do not wait for it."""
        stream = self._leave()
        if stream is not None:
            stream.abort()

    def _leave(self) -> ByteStream | None:
        socket, stream = self.socket, self._stream
        if socket is not None and socket.closed is None:
            socket.close(self.runtime.clock.now())
            self.write()
        elif not self.session.is_open and not self.session.needs_connection:
            self.session.disconnected()
        self.socket = self._stream = None
        return stream

    def _sort(self, events: Iterable[SocketEvent]) -> list[ResponseEvent]:
        told: list[ResponseEvent] = []
        for event in events:
            if isinstance(event, SocketOpened):
                self.headers = event.headers
            elif isinstance(event, SocketClosed):
                self._ended = event.error
            else:
                told.append(event)
        return told
