"""Carriers of one HTTP exchange: over a socket of our own, or through an HTTP library.

A carrier moves bytes into an exchange and returns its events. The exchange decides whether the
answer is complete, whether it took too long and what it means.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from codex_proto.connections import ForeignHttpConnection, Http1Connection, HttpExchange
from codex_proto.errors import CodexError, TimedOut
from codex_proto.http import HttpRequest
from codex_proto_io.core._effects import (
    ByteStream,
    Effect,
    LibraryAnswer,
    Operation,
    ReadBody,
    Receive,
    close,
    close_answer,
    connect,
    fetch,
)
from codex_proto_io.core._failures import equal_copy
from codex_proto_io.core._runtime import Runtime

__all__ = ["Carrier", "LibraryCarrier", "SocketCarrier", "carrier_for", "in_http"]

E = TypeVar("E")

Make: TypeAlias = Callable[[Http1Connection], HttpExchange[E]]


class Carrier(Protocol[E]):
    """Moves the bytes of one exchange."""

    @property
    def exchange(self) -> HttpExchange[E]:
        """The exchange. Call `begin` first."""
        ...

    def begin(self) -> Operation[list[E]]:
        """Send the request and return the first events, if any."""
        ...

    def wanted(self) -> Effect | None:
        """Return the effect to wait for, or `None` when there is nothing left to wait for."""
        ...

    def received(self, result: Any) -> list[E]:
        """Pass in the result of the effect; return its events, often an empty list."""
        ...

    def failed(self, error: CodexError) -> list[E]:
        """Pass in the error that the effect raised; return its events."""
        ...

    @property
    def must_begin(self) -> bool:
        """Whether `begin` has to be called again, because the connection could not be used."""
        ...

    def receive(self) -> Operation[list[E]]:
        """Wait for one effect and return its events: `wanted`, then `received` or `failed`."""
        ...

    def finish(self) -> Operation[None]:
        """Read the rest of the answer after the outcome, and keep the connection."""
        ...

    def abandon(self) -> Operation[None]:
        """Close the connection at once."""
        ...

    def abort(self) -> None:
        """Close the connection as far as that is possible without waiting."""
        ...


class _Steps(ABC, Generic[E]):
    """Implements `receive` with `wanted`, `received` and `failed`."""

    must_begin = False

    @abstractmethod
    def begin(self) -> Operation[list[E]]: ...
    @abstractmethod
    def wanted(self) -> Effect | None: ...
    @abstractmethod
    def received(self, result: Any) -> list[E]: ...
    @abstractmethod
    def failed(self, error: CodexError) -> list[E]: ...

    def receive(self) -> Operation[list[E]]:
        """Wait for one effect and return its events, often an empty list."""
        effect = self.wanted()
        if effect is None:
            return []
        try:
            result = yield effect
        except CodexError as error:
            events = self.failed(equal_copy(error))
        else:
            events = self.received(result)
        if self.must_begin:
            events = yield from self.begin()
        return events


class SocketCarrier(_Steps[E]):
    """Carries an exchange over an `Http1Connection` and a socket, which are reused if possible."""

    def __init__(
        self, runtime: Runtime, request: HttpRequest, total: float | None, make: Make[E]
    ) -> None:
        self._runtime = runtime
        self._request = request
        self._total = total
        self._make = make
        self._stream: ByteStream | None = None
        self._is_reused = False
        self.exchange: HttpExchange[E]

    def begin(self) -> Operation[list[E]]:
        """Connect, unless an idle connection can be used, and queue the request."""
        kept = None if self.must_begin else self._runtime.idle.take(self._request)
        if kept is None:
            return (yield from self._restart())
        connection, self._stream = kept
        self._is_reused = True
        self.exchange = self._make(connection)
        self._start(self._stream)
        return []

    def _restart(self) -> Operation[list[E]]:
        clock = self._runtime.clock
        self._is_reused = self.must_begin = False
        timeouts = self._runtime.http_timeouts(self._total)
        self.exchange = self._make(Http1Connection(timeouts=timeouts))
        self.exchange.connect(clock.now())
        try:
            stream = yield from connect(self._request, self.exchange.deadline())
        except CodexError as error:
            return self.exchange.receive_error(equal_copy(error), clock.now())
        if stream is None:
            return self._time_out()
        self._stream = stream
        self._start(stream)
        return []

    def _start(self, stream: ByteStream) -> None:
        self.exchange.start(self._runtime.clock.now())
        stream.put(self.exchange.data_to_send())

    def wanted(self) -> Effect | None:
        """Return the effect that waits for bytes, the end of input or the deadline."""
        if self._stream is None:
            return None
        return Receive(self._stream, self.exchange.deadline())

    def received(self, result: Any) -> list[E]:
        """Pass in bytes, `b""` for the end or `None` for the deadline; return the events."""
        if result:
            return self.exchange.receive_data(result, self._runtime.clock.now())
        if result is None:
            return self._time_out()
        if self._was_closed_before():
            return self._give_up_connection()
        return self.exchange.receive_eof(self._runtime.clock.now())

    def failed(self, error: CodexError) -> list[E]:
        """Pass in the error of the connection; return its events."""
        if self._was_closed_before():
            return self._give_up_connection()
        return self.exchange.receive_error(error, self._runtime.clock.now())

    def _give_up_connection(self) -> list[E]:
        if self._stream is not None:
            self._stream.abort()
        self.must_begin = True
        return []

    def _time_out(self) -> list[E]:
        return self.exchange.handle_timeout(self._runtime.clock.now())

    def _was_closed_before(self) -> bool:
        """Whether the server closed the connection before it read the request."""
        return self._is_reused and not self.exchange.connection.has_answered

    def finish(self) -> Operation[None]:
        """Read until the connection is free or has to be closed."""
        while self._stream is not None and not self.exchange.is_done:
            yield from self.receive()
        stream, self._stream = self._stream, None
        if stream is None:
            return
        if self.exchange.must_close:
            yield from close(stream)
        else:
            self._runtime.idle.give(self._request, self.exchange.connection, stream)

    def abandon(self) -> Operation[None]:
        """Close the socket."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abort()
            yield from close(stream)

    def abort(self) -> None:
        """Close the socket without waiting."""
        if self._stream is not None:
            self._stream.abort()


class LibraryCarrier(_Steps[E]):
    """Carries an exchange through an HTTP library such as httpx."""

    def __init__(
        self, runtime: Runtime, request: HttpRequest, total: float | None, make: Make[E]
    ) -> None:
        self._runtime = runtime
        self._request = request
        self._connection: Final = ForeignHttpConnection(timeouts=runtime.http_timeouts(total))
        self._answer: LibraryAnswer | None = None
        self.exchange: HttpExchange[E] = make(self._connection)

    def begin(self) -> Operation[list[E]]:
        """Send the request and wait for the head of its answer."""
        clock = self._runtime.clock
        connection, exchange = self._connection, self.exchange
        exchange.start(clock.now())
        try:
            answer = yield from fetch(self._request, connection.timeouts, exchange.deadline())
        except CodexError as error:
            return exchange.receive_error(equal_copy(error), clock.now())
        if answer is None:
            return self._time_out()
        self._answer = answer
        now = clock.now()
        head = connection.receive_head(answer.status, answer.headers, now)
        return exchange.receive_http(head, now)

    def wanted(self) -> Effect | None:
        """Return the effect that waits for bytes of the body, its end or the deadline."""
        if self._answer is None:
            return None
        return ReadBody(self._answer, self.exchange.deadline())

    def received(self, result: Any) -> list[E]:
        """Pass in bytes, `b""` for the end or `None` for the deadline; return the events."""
        if result is None:
            return self._time_out()
        connection, now = self._connection, self._runtime.clock.now()
        if connection.must_close:
            return []
        happened = connection.receive_body(result, now) if result else connection.receive_end(now)
        return self.exchange.receive_http(happened, now)

    def failed(self, error: CodexError) -> list[E]:
        """Pass in the error of the library; return its events."""
        return self.exchange.receive_error(error, self._runtime.clock.now())

    def _time_out(self) -> list[E]:
        now = self._runtime.clock.now()
        events = self.exchange.handle_timeout(now)
        if events or self.exchange.is_done:
            return events
        # After a time-out of the library itself, the answer cannot be read any further.
        error = TimedOut("The HTTP library waited for too long.")
        return self.exchange.receive_error(error, now)

    def finish(self) -> Operation[None]:
        """Read the rest, so that the library can use the connection again."""
        while self._answer is not None and not self.exchange.is_done:
            yield from self.receive()
        yield from self.abandon()

    def abandon(self) -> Operation[None]:
        """Close the answer, and with it the connection."""
        answer, self._answer = self._answer, None
        if answer is not None:
            yield from close_answer(answer)

    def abort(self) -> None:
        """Do nothing: a library cannot close an answer without waiting."""


def carrier_for(
    runtime: Runtime, request: HttpRequest, make: Make[E], total: float | None = None
) -> Carrier[E]:
    """Return the carrier of a request for this client; `total` limits all of it, in seconds."""
    kind = LibraryCarrier[E] if runtime.has_library else SocketCarrier[E]
    return kind(runtime, request, total, make)


def in_http(request: HttpRequest) -> HttpRequest:
    """Return the request with an HTTP scheme: a base URL may have a WebSocket scheme."""
    if request.scheme in ("http", "https"):
        return request
    return request.replace(url=f"http{request.url[2:]}")
