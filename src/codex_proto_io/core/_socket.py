"""The WebSocket of a conversation: opened when needed, reused, and given up for HTTP.

Source: wire.md 2.1, 2.3, 2.8.
"""

from __future__ import annotations

from typing import Final

from codex_proto.connections import ResponsesSocket
from codex_proto.errors import CodexError, ConnectionFailed, LocalProtocolError
from codex_proto.requests import (
    AuthProvider,
    ResponsesApiRequest,
    ResponsesOptions,
    responses_upgrade,
)
from codex_proto.responses import ResponseEvent
from codex_proto.sessions import ResponsesSession
from codex_proto_io.core._effects import ByteStream, Operation
from codex_proto_io.core._failures import equal_copy
from codex_proto_io.core._runtime import Runtime
from codex_proto_io.core._websocket import SocketDriver

__all__ = ["ConversationSocket"]


class ConversationSocket(SocketDriver[ResponseEvent]):
    """Keeps one session, and its socket while one is open.

    Args:
        runtime: the settings and connections of the client.
        options: for the handshake, and for requests without options of their own.
    """

    def __init__(self, runtime: Runtime, options: ResponsesOptions) -> None:
        super().__init__(runtime)
        provider = runtime.provider
        self.options: Final = options
        self.session: Final = ResponsesSession(
            provider.wire_version, runtime.profile, first_party=provider.is_first_party
        )
        self.uses_http = not provider.supports_websockets
        self.is_closed = False
        self._owner: object | None = None

    def take(self, owner: object) -> None:
        """Reserve the socket for `owner`.

        Raises:
            LocalProtocolError: another response uses it, or the conversation is closed.
        """
        if self.is_closed:
            raise LocalProtocolError("connection: is closed")
        if self._owner is not None:
            raise LocalProtocolError(
                "connection: another response is open on it; read it to its end, or close it"
            )
        self._owner = owner

    def release(self, owner: object) -> bool:
        """Release the socket; return whether it was reserved for `owner`."""
        is_owner = self._owner is owner
        if is_owner:
            self._owner = None
        return is_owner

    def ensure(self, auth: AuthProvider, options: ResponsesOptions) -> Operation[CodexError | None]:
        """Open a socket unless one takes requests; return the error if that is not possible."""
        self._read_again()
        stream = self.stream
        while stream is not None and self.is_ready() and stream.has_input:
            # Read pings, or the end of the connection, before a request is sent.
            yield from self.receive()
        if self.is_ready():
            return None
        yield from self.drop()
        runtime = self.runtime
        request = responses_upgrade(runtime.provider, auth, options, runtime.client)
        socket = ResponsesSocket(
            request,
            self.session,
            idle_timeout=runtime.provider.stream_idle_timeout,
            timeouts=runtime.websocket_timeouts(),
        )
        error = yield from self.open(request, socket)
        if error is None and socket.closed is not None:
            # Closed together with the handshake, before there was a request.
            error = self.ended or ConnectionFailed("The WebSocket was closed while it was opened.")
            yield from self.drop()
        return error

    def preconnect(self) -> Operation[None]:
        """Open the socket before the first request.

        Raises:
            CodexError: it could not be opened.
        """
        if self.uses_http:
            return
        self.take(self)
        try:
            error = yield from self.ensure(self.runtime.credentials.auth, self.options)
            self.rest()
        except GeneratorExit:
            self.abort()
            raise
        except BaseException:
            yield from self.abandon()
            raise
        finally:
            self.release(self)
        if error is not None:
            raise equal_copy(error)

    def close(self) -> Operation[None]:
        """Close the conversation and its socket; this ends a response in progress."""
        self.is_closed = True
        yield from self.drop()

    def is_ready(self) -> bool:
        """Whether a request can be sent now."""
        return isinstance(self.socket, ResponsesSocket) and self.socket.is_ready

    def send(
        self, request: ResponsesApiRequest, options: ResponsesOptions, *, is_prewarm: bool
    ) -> list[ResponseEvent] | None:
        """Queue a request; return its first events, or `None` for a prewarm that is not needed."""
        socket, clock = self.socket, self.runtime.clock
        if not isinstance(socket, ResponsesSocket):
            raise LocalProtocolError("send: the socket is not open")
        send = socket.prewarm if is_prewarm else socket.send
        events = send(request, clock.now(), options, now_unix=clock.unix())
        self.write()
        return events

    def interrupt(self) -> bool:
        """Ask the server to stop the response; return whether that is possible now."""
        socket = self.socket
        if not isinstance(socket, ResponsesSocket) or not self.is_open():
            return False
        is_done = socket.interrupt(self.runtime.clock.now())
        self.write()
        return is_done

    # -- between responses ----------------------------------------------------------------------

    def rest(self) -> None:
        """Answer pings while no response is read, where that is possible."""
        if self.stream is not None:
            self.stream.watch(self._while_resting)

    def _read_again(self) -> None:
        if self.stream is not None:
            self.stream.watch(None)

    def _while_resting(self, data: bytes) -> None:
        socket, now = self.socket, self.runtime.clock.now()
        if socket is not None:
            self.sort(socket.receive_data(data, now) if data else socket.receive_eof(now))
            self.write()

    def leave(self) -> ByteStream | None:
        """Give up the socket, and report that to the session; return its transport."""
        stream = super().leave()
        if not self.session.is_open and not self.session.needs_connection:
            self.session.disconnected()
        return stream
