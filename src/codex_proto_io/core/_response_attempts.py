"""One attempt at a response, over HTTP or over a conversation's WebSocket.

Source: wire.md 1.3, 2.3, 7.4 and 10.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from codex_proto.connections import Http1Connection, HttpExchange, ResponsesExchange
from codex_proto.errors import CodexError
from codex_proto.http import Headers
from codex_proto.requests import (
    RequestAttempt,
    ResponsesApiRequest,
    ResponsesOptions,
    WebSocketRequest,
    responses_request,
)
from codex_proto.responses import ResponseEvent, StreamFailed
from codex_proto_io.core._attempts import Attempts
from codex_proto_io.core._carriers import Carrier, carrier_for, in_http
from codex_proto_io.core._effects import Effect, Operation
from codex_proto_io.core._runtime import Runtime
from codex_proto_io.core._socket import ConversationSocket

__all__ = ["HttpAttempt", "ResponseAttempt", "SocketAttempt"]

# Seconds to wait for the end of an answer that has its outcome, so as to use the connection again.
# The end comes with the outcome or right after it; waiting longer than for a new connection, some
# three round trips with TLS, would be no gain.
_DRAIN: Final = 0.25


class Asked(Protocol):
    """What an attempt reads of the operation that it belongs to."""

    is_over: bool

    @property
    def runtime(self) -> Runtime:
        """The settings and connections of the client."""
        ...

    @property
    def request(self) -> ResponsesApiRequest:
        """The body of the request."""
        ...

    @property
    def options(self) -> ResponsesOptions:
        """The options of the request."""
        ...

    @property
    def attempts(self) -> Attempts:
        """The credentials of this attempt, and the number of attempts."""
        ...

    @property
    def gives_raw(self) -> bool | None:
        """Whether the caller reads bytes instead of events; `None` while that is open."""
        ...

    @property
    def is_prewarm(self) -> bool:
        """Whether the request only warms the server up."""
        ...


class ResponseAttempt(Protocol):
    """One attempt, over HTTP or a WebSocket."""

    @property
    def headers(self) -> Headers | None:
        """The header fields of the answer, or `None` before they arrived."""
        ...

    @property
    def status(self) -> int | None:
        """The status of the answer, or `None` before it arrived."""
        ...

    @property
    def has_response(self) -> bool:
        """Whether the response has begun, which is when the status is a success."""
        ...

    @property
    def turn_state(self) -> str | None:
        """The turn state that the next attempt has to send."""
        ...

    def begin(self) -> Operation[list[ResponseEvent]]:
        """Send the request and return the first events, if any."""
        ...

    def wanted(self) -> Effect | None:
        """Return the effect to wait for, or `None` when the connection is gone."""
        ...

    def received(self, result: Any) -> list[ResponseEvent]:
        """Pass in the result of the effect; return its events."""
        ...

    def failed(self, error: CodexError) -> list[ResponseEvent]:
        """Pass in the error that the effect raised; return its events."""
        ...

    @property
    def must_begin(self) -> bool:
        """Whether `begin` has to be called again, because the connection could not be used."""
        ...

    @property
    def is_socket(self) -> bool:
        """Whether the attempt is made over a WebSocket."""
        ...

    def raw_data(self) -> bytes:
        """Return the bytes of the stream since the last call."""
        ...

    def drop_raw(self) -> None:
        """Stop keeping the bytes of the stream."""
        ...

    def settle(self) -> Operation[None]:
        """Keep the connection after a failure if it is free, else close it at once."""
        ...

    def finish(self) -> Operation[None]:
        """Keep the connection after the outcome, if that does not take long."""
        ...

    def abandon(self) -> Operation[None]:
        """Close the connection at once."""
        ...

    def abort(self) -> None:
        """Close the connection as far as that is possible without waiting."""
        ...


class HttpAttempt:
    """One request over HTTP, moved by a carrier."""

    is_socket = False

    def __init__(self, operation: Asked) -> None:
        runtime = operation.runtime
        self._runtime = runtime
        self._operation = operation
        self._began = runtime.clock.now()
        self._number = operation.attempts.state.request_retries
        self._is_reported = False
        request = responses_request(
            operation.request,
            runtime.provider,
            operation.attempts.auth,
            operation.options,
            runtime.client,
        )
        self._request = in_http(request)
        self._exchange: ResponsesExchange | None = None
        self._carrier: Carrier[ResponseEvent] = carrier_for(runtime, self._request, self._make)

    def _make(self, connection: Http1Connection) -> HttpExchange[ResponseEvent]:
        self._exchange = ResponsesExchange(
            connection,
            self._request,
            profile=self._runtime.profile,
            idle_timeout=self._runtime.provider.stream_idle_timeout,
            idle_on=self._runtime.idle_on,
            keep_raw=self._operation.gives_raw is not False,
            drain=_DRAIN,
        )
        return self._exchange

    @property
    def headers(self) -> Headers | None:
        """The header fields of the answer, or `None` before they arrived."""
        return None if self._exchange is None else self._exchange.headers

    @property
    def status(self) -> int | None:
        """The status of the answer, or `None` before it arrived."""
        return None if self._exchange is None else self._exchange.status

    @property
    def has_response(self) -> bool:
        """Whether the response has begun, which is when the status is a success."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def turn_state(self) -> str | None:
        """The turn state that the next attempt has to send."""
        return None if self._exchange is None else self._exchange.turn_state

    def raw_data(self) -> bytes:
        """Return the bytes of the stream since the last call."""
        return b"" if self._exchange is None else self._exchange.raw_data()

    def drop_raw(self) -> None:
        """Stop keeping the bytes of the stream."""
        if self._exchange is not None:
            self._exchange.keep_raw = False
            self._exchange.raw_data()

    def begin(self) -> Operation[list[ResponseEvent]]:
        """Send the request and return the first events, if any."""
        events = yield from self._carrier.begin()
        self._report(events)
        return events

    def wanted(self) -> Effect | None:
        """Return the effect to wait for, or `None` when the connection is gone."""
        return self._carrier.wanted()

    def received(self, result: Any) -> list[ResponseEvent]:
        """Pass in the result of the effect; return its events."""
        events = self._carrier.received(result)
        if not self._is_reported:
            self._report(events)
        return events

    def failed(self, error: CodexError) -> list[ResponseEvent]:
        """Pass in the error that the effect raised; return its events."""
        events = self._carrier.failed(error)
        if not self._is_reported:
            self._report(events)
        return events

    @property
    def must_begin(self) -> bool:
        """Whether `begin` has to be called again, because the connection could not be used."""
        return self._carrier.must_begin

    def _report(self, events: list[ResponseEvent]) -> None:
        last = events[-1] if events else None
        error = last.error if isinstance(last, StreamFailed) else None
        if not self.has_response and error is None:
            return
        self._is_reported = True
        attempt = RequestAttempt(
            attempt=self._number,
            duration=self._runtime.clock.now() - self._began,
            status=self.status,
            # After a success in the head, the request itself did not fail.
            error=None if self.has_response else error,
            endpoint="responses",
        )
        self._runtime.telemetry.request(attempt)

    def settle(self) -> Operation[None]:
        """Keep the connection after a failure if it is free, else close it at once."""
        exchange = self._exchange
        if exchange is not None and exchange.is_done:
            yield from self.finish()
        else:
            yield from self._carrier.abandon()

    def finish(self) -> Operation[None]:
        """Keep the connection after the outcome, if that does not take long."""
        try:
            yield from self._carrier.finish()
        except GeneratorExit:
            self._carrier.abort()
            raise
        except BaseException:
            yield from self._carrier.abandon()
            raise

    def abandon(self) -> Operation[None]:
        """Close the connection at once."""
        yield from self._carrier.abandon()

    def abort(self) -> None:
        """Close the connection as far as that is possible without waiting."""
        self._carrier.abort()


class SocketAttempt:
    """One request on the conversation's WebSocket, which is opened if needed."""

    is_socket = True
    must_begin = False

    def __init__(self, operation: Asked, socket: ConversationSocket) -> None:
        self._operation = operation
        self._socket = socket
        self.status: int | None = None
        self.headers: Headers | None = None
        self.has_response = False

    @property
    def turn_state(self) -> str | None:
        """The turn state that the next attempt has to send."""
        # The session keeps the turn state and sends it.
        return None

    def raw_data(self) -> bytes:
        """Return the bytes of the stream since the last call."""
        return b""

    def drop_raw(self) -> None:
        """Stop keeping the bytes of the stream."""

    def begin(self) -> Operation[list[ResponseEvent]]:
        """Send the request and return the first events, if any."""
        operation, conversation = self._operation, self._socket
        clock, telemetry = operation.runtime.clock, operation.runtime.telemetry
        began = clock.now()
        conversation.take(self)
        before = conversation.socket
        error = yield from conversation.ensure(operation.attempts.auth, operation.options)
        reused = before is not None and conversation.socket is before
        events: list[ResponseEvent] | None = None
        if error is None:
            events = conversation.send(
                operation.request, operation.options, is_prewarm=operation.is_prewarm
            )
            self.headers, self.has_response, self.status = conversation.headers, True, 101
            if events is None:
                operation.is_over = True
        telemetry.ws_request(
            WebSocketRequest(duration=clock.now() - began, connection_reused=reused, error=error)
        )
        return [StreamFailed(error)] if error is not None else events or []

    def wanted(self) -> Effect | None:
        """Return the effect to wait for, or `None` when the connection is gone."""
        return self._socket.wanted()

    def received(self, result: Any) -> list[ResponseEvent]:
        """Pass in the result of the effect; return its events."""
        return self._socket.received(result)

    def failed(self, error: CodexError) -> list[ResponseEvent]:
        """Pass in the error that the effect raised; return its events."""
        return self._socket.failed(error)

    def settle(self) -> Operation[None]:
        """Keep the connection after a failure if it is free, else close it at once."""
        if self._socket.release(self):
            yield from self._socket.drop()

    def finish(self) -> Operation[None]:
        """Keep the connection after the outcome, if that does not take long."""
        if not self._socket.release(self):
            return
        if self._socket.is_ready():
            self._socket.rest()
        else:
            yield from self._socket.drop()

    def abandon(self) -> Operation[None]:
        """Close the connection at once."""
        if self._socket.release(self):
            yield from self._socket.abandon()

    def abort(self) -> None:
        """Close the connection as far as that is possible without waiting."""
        if self._socket.release(self):
            self._socket.abort()
