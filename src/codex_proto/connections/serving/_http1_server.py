"""The server's end of one HTTP/1.1 connection: whole requests in, answers out, or a WebSocket.

It starts as HTTP and stays so until `accept` makes a WebSocket of it; from then on the same
`receive_data` returns the WebSocket's events, so that one loop of the caller drives both.

Source: RFC 9112; RFC 6455, 4.2; docs/architecture.md, "Connections".
"""

from __future__ import annotations

from typing import TypeAlias

from codex_proto.connections._options import (
    HttpLimits,
    HttpTimeouts,
    WebSocketLimits,
    WebSocketTimeouts,
)
from codex_proto.connections._trailing import TrailingData
from codex_proto.connections.http1 import HttpFailed, RequestReceived, ServerEvent, ServerMessage
from codex_proto.connections.serving._http1_server_states import Http1ServerState
from codex_proto.connections.serving._http_serving import HttpServing
from codex_proto.connections.serving._upgrade import upgrade
from codex_proto.connections.websocket import WebSocketConnection, WebSocketEvent
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.http import HeadersLike

__all__ = ["FrontEvent", "Http1ServerConnection"]

FrontEvent: TypeAlias = ServerEvent | WebSocketEvent


class Http1ServerConnection:
    """Reads requests from one client and writes the answers (docs/connections.md).

    Call `start`, feed `receive_data`, and answer each `RequestReceived`: with `send` of a
    `ResponseHead`, any number of `BodyData`, and `ResponseComplete`; with `respond`, which
    sends them all at once; or with `accept` where it `is_upgrade`. Pipelined requests are reported
    one after another. An invalid request is answered here (400, 408, 413, 431, 501) and reported
    as `HttpFailed`.

    Args:
        timeouts: how long to wait.
        limits: how much to accept; `max_body_size` None is 64 MiB here.
    """

    def __init__(
        self, *, timeouts: HttpTimeouts | None = None, limits: HttpLimits | None = None
    ) -> None:
        self._http = HttpServing(timeouts, limits)
        self._websocket: WebSocketConnection | None = None

    # -- what is known --------------------------------------------------------------------------

    @property
    def state(self) -> Http1ServerState:
        """Where the connection is; docs/connections.md has the table."""
        return self._http.state

    @property
    def request(self) -> RequestReceived | None:
        """The request that waits for its answer, or is being answered."""
        return self._http.request

    @property
    def websocket(self) -> WebSocketConnection | None:
        """The WebSocket that `accept` returned: send messages on it."""
        return self._websocket

    @property
    def outcome(self) -> HttpFailed | None:
        """How the connection failed; None if it did not."""
        return self._http.outcome

    @property
    def is_half_closed(self) -> bool:
        """Whether the client sends no more; it may still be reading."""
        return self._http.is_half_closed

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written."""
        if self._websocket is not None:
            return self._websocket.must_close
        return self.state is Http1ServerState.CLOSED

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        later = 0 if self._websocket is None else self._websocket.bytes_pending
        return self._http.bytes_pending + later

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when nothing is waiting."""
        later = b"" if self._websocket is None else self._websocket.data_to_send()
        return self._http.data_to_send() + later

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens (monotonic seconds), or None."""
        if self._websocket is not None:
            return self._websocket.deadline()
        return self._http.deadline()

    @property
    def trailing_data(self) -> bytes:
        """The first `TRAILING_KEPT` bytes of what the client sent after its last message."""
        return self.trailing.data

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were."""
        return self.trailing.size

    @property
    def trailing(self) -> TrailingData:
        """The trailing data, for a connection that is built on this one."""
        return (self._http if self._websocket is None else self._websocket).trailing

    # -- what the caller does -------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Report that a client is connected, TLS included. Next: feed `receive_data`.

        Raises:
            LocalProtocolError: the connection was started before.
        """
        self._http.start(now)

    def send(self, message: ServerMessage, now: float) -> None:
        """Send a part of the answer. Next: write `data_to_send()`.

        Without a `content-length` the body is chunked (or ends with the connection, for clients
        of HTTP/1.0). After `ResponseComplete` the next request may have arrived already:
        `deadline()` is then due at once, and `handle_timeout` returns the request.

        Raises:
            LocalProtocolError: that part is not due; the body is not as long as its
                `content-length`; HTTP does not allow a status or a field.
        """
        self._http.send(message, now)

    def respond(
        self,
        now: float,
        status: int,
        headers: HeadersLike = (),
        body: bytes | bytearray | memoryview = b"",
    ) -> None:
        """Answer the request as a whole.

        Raises:
            LocalProtocolError: as `send`.
        """
        self._http.respond(now, status, headers, body)

    def accept(
        self,
        now: float,
        *,
        headers: HeadersLike = (),
        subprotocol: str | None = None,
        compression: bool = True,
        timeouts: WebSocketTimeouts | None = None,
        limits: WebSocketLimits | None = None,
    ) -> WebSocketConnection:
        """Accept the request as a WebSocket, compressed if the client offers it; return it.

        Continue to feed this connection: its events are now those of the WebSocket. Send on the
        WebSocket. Frames that arrived with the request wait for `handle_timeout`, and `deadline()`
        is then due at once.

        Raises:
            LocalProtocolError: there is no request, or it does not ask for a WebSocket; the
                connection sets one of `headers`; the client does not offer `subprotocol`.
        """
        response, websocket = upgrade(
            self._http.check_accept(now),
            now,
            headers=headers,
            subprotocol=subprotocol,
            compression=compression,
            timeouts=timeouts,
            limits=limits,
        )
        rest = self._http.switch(response)
        self._websocket = websocket
        if rest:
            websocket.receive_later(rest)
        if self._http.is_half_closed:
            websocket.receive_eof_later()
        return websocket

    def close(self, now: float) -> list[FrontEvent]:
        """Close the connection from this side. Next: write what is left, close the transport.

        An answer in progress is cut off, which the client sees.
        """
        self._http.check_close(now)
        if self._websocket is not None:
            return [*self._websocket.close(now)]
        self._http.close()
        return []

    # -- what the peer does ----------------------------------------------------------------------

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[FrontEvent]:
        """Take bytes from the client; return the events they complete. `b""` has no effect.

        Raises:
            LocalProtocolError: the connection is not started, or has ended with `receive_eof`.
        """
        chunk = self._http.incoming(data, now)
        if self._websocket is not None:
            return [*self._websocket.receive_data(chunk, now)]
        return [*self._http.receive_data(chunk)]

    def receive_eof(self, now: float, clean: bool = True) -> list[FrontEvent]:
        """Report that the client sends no more.

        After a clean end the client may still read, and its request may be answered. Otherwise the
        connection is lost, and `HttpFailed` reports it if a request was in progress.

        Raises:
            LocalProtocolError: the connection is not started.
        """
        if self._websocket is None:
            return [*self._http.receive_eof(now, clean)]
        return [*self._websocket.receive_eof(now, clean)] if self._http.end_input(now) else []

    def receive_error(self, error: CodexError, now: float) -> list[FrontEvent]:
        """Report that the transport failed; `error` is the reason.

        Raises:
            LocalProtocolError: `error` is not a `CodexError`, or the connection is not started.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        if self._websocket is None:
            return [*self._http.receive_error(error, now)]
        self._http.end_input(now)
        return [*self._websocket.receive_error(error, now)]

    def handle_timeout(self, now: float) -> list[FrontEvent]:
        """Report that it is `now`: a deadline may have passed, or the next request may be read."""
        if self._websocket is not None:
            return [*self._websocket.handle_timeout(now)]
        return [*self._http.handle_timeout(now)]
