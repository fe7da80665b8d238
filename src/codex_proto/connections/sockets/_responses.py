"""Responses over one WebSocket: one request after another, each with exactly one outcome.

Source: wire.md 2; observed.md, "Responses over WebSocket"; docs/architecture.md, "Connections".
"""

from __future__ import annotations

from typing import Final, TypeAlias

from codex_proto.connections._options import DEFAULT_IDLE, WebSocketLimits, WebSocketTimeouts
from codex_proto.connections._timers import check_duration
from codex_proto.connections.sockets._base import SocketBase
from codex_proto.connections.sockets._events import SocketClosed, SocketOpened
from codex_proto.connections.websocket import (
    HandshakeAccepted,
    WebSocketClosed,
    WebSocketOutcome,
    WebSocketState,
)
from codex_proto.errors import CodexError, ConnectionFailed, IdleTimeout, LocalProtocolError
from codex_proto.http import Headers, HttpRequest
from codex_proto.requests import ResponsesApiRequest, ResponsesOptions
from codex_proto.responses.stream import Outcome, ResponseEvent
from codex_proto.sessions import ResponsesSession, SessionRequest

__all__ = ["ResponsesSocket", "SocketEvent"]

SocketEvent: TypeAlias = ResponseEvent | SocketOpened | SocketClosed

_NO_OPTIONS: Final = ResponsesOptions()


class ResponsesSocket(SocketBase[ResponseEvent]):
    """Requests responses over one WebSocket (docs/connections.md).

    Call `start`; after `SocketOpened`, `send` a request, pass on what it returns, and feed
    `receive_data` until `outcome`; then the next. A response that fails ends the socket, as
    in upstream: a close frame is sent, and another socket can continue the same session.

    Args:
        request: the handshake, as `responses_upgrade` makes it.
        session: the state that spans sockets; give the same one to the next. A new one by default.
        idle_timeout: seconds without a message while a response is open; None sets no limit.
        compression: whether to offer permessage-deflate.
        timeouts: how long the WebSocket waits.
        limits: how much it accepts and sends.
    """

    def __init__(
        self,
        request: HttpRequest,
        session: ResponsesSession | None = None,
        *,
        idle_timeout: float | None = DEFAULT_IDLE,
        compression: bool = True,
        timeouts: WebSocketTimeouts | None = None,
        limits: WebSocketLimits | None = None,
    ) -> None:
        check_duration("idle_timeout", idle_timeout)
        if session is not None and not isinstance(session, ResponsesSession):
            raise LocalProtocolError("session: must be a ResponsesSession")
        super().__init__(request, compression=compression, timeouts=timeouts, limits=limits)
        self.session: Final = ResponsesSession() if session is None else session
        self._idle_timeout = idle_timeout
        self._headers = Headers()

    @property
    def outcome(self) -> Outcome | None:
        """How the last response ended; None while one is open, and before the first."""
        return self.session.outcome

    @property
    def is_ready(self) -> bool:
        """Whether a request may be sent now."""
        return (
            self.state is WebSocketState.OPEN
            and not self.session.is_open
            and not self.session.needs_connection
        )

    # -- requests -------------------------------------------------------------------------------

    def send(
        self,
        request: ResponsesApiRequest,
        now: float,
        options: ResponsesOptions = _NO_OPTIONS,
        *,
        now_unix: float | None = None,
    ) -> list[ResponseEvent]:
        """Send a request, or the part that the server does not have yet; return its first events.

        These events come from the headers of the handshake; upstream repeats them with every
        response. Next: write `data_to_send()`, then feed `receive_data`.

        Raises:
            LocalProtocolError: the socket is not open, another response is, or the request cannot
                be sent; a message of more than 16 MiB (`max_outgoing_message_size`) cannot. After
                that last one the next request is sent whole.
        """
        self._check_open("send")
        self._timers.tick(now)
        return self._send(self.session.send(request, options, now_unix=now_unix), now)

    def prewarm(
        self,
        request: ResponsesApiRequest,
        now: float,
        options: ResponsesOptions = _NO_OPTIONS,
        *,
        now_unix: float | None = None,
    ) -> list[ResponseEvent] | None:
        """Send a request that only warms the server up; return None where it is of no use.

        Its response is like any other, without output: wait for its outcome.

        Raises:
            LocalProtocolError: as `send`.
        """
        self._check_open("prewarm")
        self._timers.tick(now)
        message = self.session.prewarm(request, options, now_unix=now_unix)
        return None if message is None else self._send(message, now)

    def interrupt(self, now: float) -> bool:
        """Stop the open response, if that is possible now; return whether it is.

        The response then ends with a `Completed` whose `end_turn` is false.

        Raises:
            LocalProtocolError: the socket is not open.
        """
        self._check_open("interrupt")
        self._timers.tick(now)
        message = self.session.interrupt()
        if message is not None:
            self.websocket.send(message, now)
        return message is not None

    def _send(self, message: SessionRequest, now: float) -> list[ResponseEvent]:
        try:
            self.websocket.send(message.text, now)
        except LocalProtocolError as error:
            # The session has recorded it as sent; restart it on the same connection.
            self.session.receive_error(error)
            self.session.connected(self._headers)
            raise
        self._timers.arm("silence", self._idle_timeout)
        return message.events

    # -- what comes -----------------------------------------------------------------------------

    def _on_opened(self, event: HandshakeAccepted) -> list[ResponseEvent]:
        self._headers = event.headers
        self.session.connected(event.headers)
        return []

    def _on_text(self, data: bytes) -> list[ResponseEvent]:
        if self._timers.next() is not None:
            self._timers.arm("silence", self._idle_timeout)
        return self._conclude(self.session.receive_message(data))

    def _on_binary(self) -> list[ResponseEvent]:
        return self._conclude(self.session.receive_binary())

    def _on_ended(self, outcome: WebSocketOutcome, error: CodexError | None) -> list[ResponseEvent]:
        if self.session.needs_connection:
            return []
        if isinstance(outcome, WebSocketClosed):
            has_code = outcome.code not in (1005, 1006)
            code = outcome.code if has_code else None
            return self.session.receive_close(code, outcome.reason if has_code else None)
        failed = error or ConnectionFailed("The WebSocket has ended.")
        return self.session.receive_error(failed)

    def _on_given_up(self) -> list[ResponseEvent]:
        if self.session.needs_connection:
            return []
        error = ConnectionFailed("The WebSocket was closed here, by the caller.")
        return self.session.receive_error(error)

    def _on_silence(self) -> list[ResponseEvent]:
        error = IdleTimeout(f"The WebSocket was silent for {self._idle_timeout} seconds.")
        return self._conclude(self.session.receive_error(error))

    def _conclude(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        if not self.session.is_open:
            self._timers.clear()
        if self.session.needs_connection and self.state is WebSocketState.OPEN:
            # Later messages could not be assigned to the next response.
            self.websocket.close(self._timers.now)
        return events
