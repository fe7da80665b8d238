"""One HTTP request and its answer over an `Http1Connection`, reported in events of a higher level.

All endpoints share this: an answer without a success status is collected and becomes an error;
there is exactly one outcome in every case; and the rest of the answer is read after it, so that
the connection can be used again.

Source: wire.md 6.2 to 6.4; docs/architecture.md, "Outcome" and "Connections".
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from typing import Final, Generic, TypeVar

from codex_proto.connections._states import Machine, StateTable
from codex_proto.connections._timers import Timers, check_duration
from codex_proto.connections.http1 import (
    BodyData,
    ClientEvent,
    Http1Connection,
    Http1State,
    HttpFailed,
    ResponseComplete,
    ResponseHead,
)
from codex_proto.errors import CodexError, ConnectionFailed, LocalProtocolError
from codex_proto.http import Headers, HttpRequest
from codex_proto.refusals import error_from_response

__all__ = ["EXCHANGE_STATES", "ExchangeState", "HttpExchange"]

E = TypeVar("E")

# Bytes of a refusal's body that are read: errors keep 64 Ki characters of it, of at most four
# bytes each.
_MAX_REFUSAL: Final = 256 * 1024
# Seconds to wait for the end of an answer after its outcome: several round trips, and too short for
# a user to think that the program hangs.
DEFAULT_DRAIN: Final = 1.0


class ExchangeState(enum.Enum):
    """Where an exchange is."""

    NEW = "nothing has been sent"
    CONNECTING = "the transport is being connected"
    ACTIVE = "the request is sent; its outcome is open"
    SETTLED = "the outcome is reported; the rest of the answer is being read"
    DONE = "over; the connection may be used again unless it must close"


_S = ExchangeState

EXCHANGE_STATES: Final[StateTable[ExchangeState]] = StateTable(
    "HttpExchange",
    _S.NEW,
    calls={
        _S.NEW: {"connect": _S.CONNECTING, "start": _S.ACTIVE, "close": _S.DONE},
        _S.CONNECTING: {"start": _S.ACTIVE, "close": _S.DONE},
        _S.ACTIVE: {"receive_data": _S.ACTIVE, "close": _S.DONE},
        _S.SETTLED: {"receive_data": _S.SETTLED, "close": _S.DONE},
        _S.DONE: {"receive_data": _S.DONE, "close": _S.DONE},
    },
    occurrences={
        _S.CONNECTING: {"outcome": _S.SETTLED},
        _S.ACTIVE: {"outcome": _S.SETTLED},
        _S.SETTLED: {"end of the answer": _S.DONE, "drain timeout": _S.DONE},
    },
)


class HttpExchange(ABC, Generic[E]):
    """The part of an exchange that is the same for all endpoints.

    It keeps the contract of a connection: drive it until it has its outcome and `is_done`.

    Args:
        connection: one that is new, being connected, or idle; it belongs to this exchange until
            `is_done`.
        request: what to send.
        drain: seconds to read on for the end of the answer after the outcome, so that the
            connection can be used again; then it is closed. None sets no limit.
    """

    def __init__(
        self,
        connection: Http1Connection,
        request: HttpRequest,
        *,
        drain: float | None = DEFAULT_DRAIN,
    ) -> None:
        if not isinstance(connection, Http1Connection):
            raise LocalProtocolError("connection: must be an Http1Connection")
        check_duration("drain", drain)
        self.connection: Final = connection
        self.request: Final = request
        self._drain = drain
        self._machine = Machine(EXCHANGE_STATES)
        self._timers = Timers()
        self._head: ResponseHead | None = None
        self._is_success = False
        self._refusal = bytearray()

    # -- what is known --------------------------------------------------------------------------

    @property
    def state(self) -> ExchangeState:
        """Where the exchange is; docs/connections.md has the table."""
        return self._machine.state

    @property
    @abstractmethod
    def _has_outcome(self) -> bool: ...

    @property
    def is_done(self) -> bool:
        """Whether the connection is free: for the next exchange, unless `must_close`."""
        return self.state is _S.DONE

    @property
    def status(self) -> int | None:
        """The status of the answer, None until its head has come."""
        return None if self._head is None else self._head.status

    @property
    def headers(self) -> Headers | None:
        """The header fields of the answer, None until its head has come."""
        return None if self._head is None else self._head.headers

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written."""
        return self.connection.must_close

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        return self.connection.bytes_pending

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when nothing is waiting."""
        return self.connection.data_to_send()

    @property
    def trailing_data(self) -> bytes:
        """The first bytes of what the server sent after the end of its answer."""
        return self.connection.trailing_data

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were."""
        return self.connection.trailing_size

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens (monotonic seconds), or None."""
        own, theirs = self._timers.next(), self.connection.deadline()
        if own is None or theirs is None:
            return theirs if own is None else own
        return min(own, theirs)

    # -- what the caller does -------------------------------------------------------------------

    def connect(self, now: float) -> None:
        """Report that the transport is being connected; `HttpTimeouts.connect` starts here.

        Raises:
            LocalProtocolError: the exchange or its connection has begun.
        """
        self._machine.check("connect")
        self._timers.tick(now)
        self.connection.connect(now)
        self._machine.call("connect")

    def start(self, now: float) -> None:
        """Send the request, on a transport that is connected. Next: write `data_to_send()`.

        Raises:
            LocalProtocolError: the exchange was started before; the connection is in use, or used
                up; or the request cannot be sent on it.
        """
        self._machine.check("start")
        self._timers.tick(now)
        if self.connection.state in (Http1State.NEW, Http1State.CONNECTING):
            self.connection.start(now)
        self.connection.send(self.request, now)
        self._machine.call("start")

    def close(self, now: float) -> list[E]:
        """Give up and close the connection; this is the outcome if there was none yet.

        An exchange with an outcome `is_done` soon; closing it earlier loses the connection.
        """
        self._machine.check("close")
        self._timers.tick(now)
        is_done = self.is_done
        events: list[E] = []
        if not is_done:
            self.connection.close(now)
            if not self._has_outcome:
                error = ConnectionFailed("The request was given up here, by the caller.")
                events = self._on_error(error)
        self._machine.call("close")
        self._timers.clear()
        return events

    # -- what the peer does ----------------------------------------------------------------------

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[E]:
        """Take bytes from the server; return the events they complete. `b""` has no effect.

        Raises:
            LocalProtocolError: the exchange is not started, or has ended with `receive_eof`.
        """
        self._machine.check("receive_data")
        events = self.connection.receive_data(data, now)
        self._timers.tick(now)
        return self._translate(events)

    def receive_eof(self, now: float, clean: bool = True) -> list[E]:
        """Report that the server sends no more; return the outcome if there was none yet.

        `clean` is False for a reset or any other error. May be called more than once.

        Raises:
            LocalProtocolError: the exchange is not started; see `receive_error`.
        """
        self._machine.check("receive_data")
        events = self.connection.receive_eof(now, clean)
        self._timers.tick(now)
        return self._translate(events)

    def receive_http(self, events: list[ClientEvent], now: float) -> list[E]:
        """Take events of the connection, where something else feeds it (`ForeignHttpConnection`).

        Raises:
            LocalProtocolError: the exchange is not started.
        """
        self._machine.check("receive_data")
        self._timers.tick(now)
        return self._translate(events)

    def receive_error(self, error: CodexError, now: float) -> list[E]:
        """Report that the transport failed, or could not be connected; `error` is the reason.

        Raises:
            LocalProtocolError: `error` is not a `CodexError`, or nothing has begun.
        """
        if self.state is _S.NEW:
            raise LocalProtocolError("receive_error: not allowed in the state NEW of HttpExchange")
        events = self.connection.receive_error(error, now)
        self._timers.tick(now)
        return self._translate(events)

    def handle_timeout(self, now: float) -> list[E]:
        """Report that it is `now`; return the outcome if a deadline has passed."""
        events = self._translate(self.connection.handle_timeout(now))
        self._timers.tick(now)
        name = self._timers.expired()
        if name == "drain":
            self.connection.close(now)
            self._machine.happen("drain timeout")
        elif name is not None:
            events += self._on_timeout(name)
            self.connection.close(now)
            self._settle()
        return events

    # -- what endpoints do differently ----------------------------------------------------------

    @abstractmethod
    def _on_success(self, head: ResponseHead) -> list[E]:
        """Handle the head of a successful answer."""

    @abstractmethod
    def _on_body(self, data: bytes) -> list[E]:
        """Handle the next bytes of its body."""

    @abstractmethod
    def _on_end(self) -> list[E]:
        """Handle the regular end of its body."""

    @abstractmethod
    def _on_broken(self, error: CodexError) -> list[E]:
        """Handle a body that ended too early."""

    @abstractmethod
    def _on_error(self, error: CodexError) -> list[E]:
        """Handle an error, which is the outcome."""

    def _on_timeout(self, name: str) -> list[E]:
        """Handle a deadline of the endpoint, or that of an error response's body."""
        del name
        return self._refuse()

    # -- inside ---------------------------------------------------------------------------------

    def _translate(self, received: list[ClientEvent]) -> list[E]:
        events: list[E] = []
        for event in received:
            if not self._has_outcome:
                events += self._take(event)
        self._settle()
        return events

    def _take(self, event: ClientEvent) -> list[E]:
        match event:
            case BodyData(data=data):
                return self._on_body(data) if self._is_success else self._on_refusal(data)
            case ResponseHead():
                self._head = event
                self._is_success = event.is_success
                return self._on_success(event) if event.is_success else []
            case ResponseComplete():
                return self._on_end() if self._is_success else self._refuse()
            case HttpFailed(error=error):
                if self._head is None:
                    return self._on_error(error)
                # The status is more useful than the loss of the rest of the body.
                return self._on_broken(error) if self._is_success else self._refuse()
            case _:  # 1xx before the answer
                return []

    def _on_refusal(self, data: bytes) -> list[E]:
        if not self._refusal:
            # It has to be complete in its time, even if bytes keep coming.
            self._timers.arm("refusal", self.connection.timeouts.idle)
        self._refusal += data
        return self._refuse() if len(self._refusal) > _MAX_REFUSAL else []

    def _refuse(self) -> list[E]:
        head = self._head
        if head is None:
            return []
        body = bytes(self._refusal[:_MAX_REFUSAL])
        self._refusal = bytearray()
        return self._on_error(
            error_from_response(head.status, head.headers, body, self.request.url)
        )

    def _settle(self) -> None:
        """After the outcome, wait for the end of the answer for at most `drain` seconds."""
        if not self._has_outcome:
            return
        if self.state in (_S.CONNECTING, _S.ACTIVE):
            self._machine.happen("outcome")
            self._timers.clear()
            self._timers.arm("drain", self._drain)
        is_free = self.connection.state not in (Http1State.WAITING, Http1State.RECEIVING)
        if self.state is _S.SETTLED and is_free:
            self._machine.happen("end of the answer")
            self._timers.clear()
