"""What `ResponsesSocket` and `RealtimeSocket` share: a WebSocket that carries a protocol.

The WebSocket below keeps the contract of connections. This class converts its events to those of
the protocol, maps a refusal to an error, and adds the protocol's own deadlines.

Source: docs/architecture.md, "Connections"; wire.md 2.1, 2.5 and 8.2.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from codex_proto._close_codes import ABNORMAL
from codex_proto.connections._options import WebSocketLimits, WebSocketTimeouts
from codex_proto.connections._timers import Timers
from codex_proto.connections.sockets._events import SocketClosed, SocketOpened
from codex_proto.connections.websocket import (
    BinaryMessage,
    HandshakeAccepted,
    HandshakeRefused,
    TextMessage,
    WebSocketClosed,
    WebSocketConnection,
    WebSocketEvent,
    WebSocketFailed,
    WebSocketOutcome,
    WebSocketState,
)
from codex_proto.errors import CodexError, ConnectionClosed, LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.refusals import error_from_response

__all__ = ["SocketBase"]

E = TypeVar("E")


class SocketBase(ABC, Generic[E]):
    """A client's WebSocket with a protocol on it."""

    def __init__(
        self,
        request: HttpRequest,
        *,
        compression: bool,
        timeouts: WebSocketTimeouts | None,
        limits: WebSocketLimits | None,
    ) -> None:
        self.websocket: Final = WebSocketConnection(
            request, compression=compression, timeouts=timeouts, limits=limits
        )
        self.request: Final = request
        self._timers = Timers()
        self._closed: SocketClosed | None = None

    # -- what is known --------------------------------------------------------------------------

    @property
    def state(self) -> WebSocketState:
        """Where the WebSocket is; docs/connections.md has the table."""
        return self.websocket.state

    @property
    def closed(self) -> SocketClosed | None:
        """How the socket ended; None until then."""
        return self._closed

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written."""
        return self.websocket.must_close

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        return self.websocket.bytes_pending

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when nothing is waiting."""
        return self.websocket.data_to_send()

    @property
    def trailing_data(self) -> bytes:
        """The first bytes of what the server sent after its last frame."""
        return self.websocket.trailing_data

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were."""
        return self.websocket.trailing_size

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens (monotonic seconds), or None."""
        both = (self._timers.next(), self.websocket.deadline())
        return min((at for at in both if at is not None), default=None)

    # -- what the caller does -------------------------------------------------------------------

    def connect(self, now: float) -> None:
        """Report that the transport is being connected: `timeouts.connect` counts from here.

        Raises:
            LocalProtocolError: it is not the first call.
        """
        self.websocket.connect(now)

    def start(self, now: float) -> None:
        """Report that the transport is connected, TLS included.

        Next: write `data_to_send()`, then feed `receive_data` until `SocketOpened`.

        Raises:
            LocalProtocolError: it was started before.
        """
        self.websocket.start(now)

    def close(self, now: float, code: int = 1000, reason: str = "") -> list[E | SocketClosed]:
        """Begin to close; a response in progress gets its outcome at once.

        Next: write `data_to_send()`, and read on until `SocketClosed` if you like.

        Raises:
            LocalProtocolError: a close frame cannot have that code or reason.
        """
        was_open = self.state is WebSocketState.OPEN
        events = self.websocket.close(now, code, reason)
        self._timers.tick(now)
        self._timers.clear()
        reported = self._on_given_up() if was_open else []
        return [*reported, *self._translate_ends(events)]

    # -- what the peer does ----------------------------------------------------------------------

    def receive_data(
        self, data: bytes | bytearray | memoryview, now: float
    ) -> list[E | SocketOpened | SocketClosed]:
        """Take bytes from the server; return the events they complete. `b""` has no effect.

        Raises:
            LocalProtocolError: the socket is not started, or has ended with `receive_eof`.
        """
        # One by one: what is sent on an event does not depend on the frames after it.
        events = self.websocket.receive_each(data, now)
        self._timers.tick(now)
        return self._translate(events)

    def receive_eof(self, now: float, clean: bool = True) -> list[E | SocketOpened | SocketClosed]:
        """Report that the server sends no more; `clean` is False for a reset or any other error.

        Raises:
            LocalProtocolError: the transport was never connected; see `receive_error`.
        """
        events = self.websocket.receive_eof(now, clean)
        self._timers.tick(now)
        return self._translate(events)

    def receive_error(self, error: CodexError, now: float) -> list[E | SocketOpened | SocketClosed]:
        """Report that the transport failed, or could not be connected; `error` is the reason.

        Raises:
            LocalProtocolError: `error` is not a `CodexError`, or nothing has begun.
        """
        events = self.websocket.receive_error(error, now)
        self._timers.tick(now)
        return self._translate(events)

    def handle_timeout(self, now: float) -> list[E | SocketOpened | SocketClosed]:
        """Report that it is `now`; return the events of a deadline that has passed."""
        events = self._translate(self.websocket.handle_timeout(now))
        self._timers.tick(now)
        if self._timers.expired() is not None:
            events += self._on_silence()
        return events

    # -- what protocols do differently ----------------------------------------------------------

    @abstractmethod
    def _on_opened(self, event: HandshakeAccepted) -> list[E]:
        """Handle the end of the handshake."""

    @abstractmethod
    def _on_text(self, data: bytes) -> list[E]:
        """Handle a whole text message."""

    @abstractmethod
    def _on_binary(self) -> list[E]:
        """Handle a binary message, which neither protocol has."""

    @abstractmethod
    def _on_ended(self, outcome: WebSocketOutcome, error: CodexError | None) -> list[E]:
        """Handle the end of the WebSocket."""

    @abstractmethod
    def _on_given_up(self) -> list[E]:
        """Handle `close` by the caller."""

    @abstractmethod
    def _on_silence(self) -> list[E]:
        """Handle a deadline of the protocol itself."""

    # -- inside ---------------------------------------------------------------------------------

    def _translate(self, events: Iterable[WebSocketEvent]) -> list[E | SocketOpened | SocketClosed]:
        reported: list[E | SocketOpened | SocketClosed] = []
        for event in events:
            match event:
                case HandshakeAccepted():
                    reported += [SocketOpened(event.headers), *self._on_opened(event)]
                case TextMessage(data=data):
                    reported += self._on_text(data)
                case BinaryMessage():
                    reported += self._on_binary()
                case _:
                    reported += self._translate_ends([event])
        return reported

    def _translate_ends(self, events: list[WebSocketEvent]) -> list[E | SocketClosed]:
        reported: list[E | SocketClosed] = []
        for event in events:
            if isinstance(event, HandshakeRefused | WebSocketClosed | WebSocketFailed):
                self._timers.clear()
                error = self._error_of(event)
                self._closed = SocketClosed(error)
                reported += [*self._on_ended(event, error), self._closed]
        return reported

    def _error_of(self, outcome: WebSocketOutcome) -> CodexError | None:
        match outcome:
            case HandshakeRefused(response=response):
                return error_from_response(
                    response.status, response.headers, response.body, self.request.url
                )
            case WebSocketFailed(error=error):
                return error
            case WebSocketClosed(code=code, reason=reason, by_peer=by_peer):
                if not by_peer:
                    return None
                received_code = None if code == ABNORMAL else code
                return ConnectionClosed(
                    f"The WebSocket was closed ({code}): {outcome.explanation}.",
                    close_code=received_code,
                    close_reason=reason if received_code is not None else None,
                )

    def _check_open(self, call: str) -> None:
        if self.state is not WebSocketState.OPEN:
            raise LocalProtocolError(
                f"{call}: not allowed in the state {self.state.name} of {type(self).__name__}; "
                "it must be OPEN"
            )
