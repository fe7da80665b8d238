"""One response, over as many attempts as it takes: events in a queue, and how it ended.

Source: wire.md 1.9, 2.8, 6.7, 7.4; observed.md ("Responses stream").
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Protocol

import msgspec

from codex_proto import Completed, ErrorEvent, Failed, Incomplete, StreamFailed
from codex_proto.connections import HttpExchange, ResponsesExchange
from codex_proto.connections.http1 import Http1Connection
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.headers import Headers
from codex_proto.requests import ResponsesApiRequest, ResponsesOptions, responses_request
from codex_proto.responses import FinalResponse, Outcome, ResponseBuilder, ResponseEvent
from codex_proto.responses.header_events import request_id_from_headers
from codex_proto.telemetry import RequestAttempt, WebSocketRequest
from codex_proto_io.core.attempts import Attempts
from codex_proto_io.core.carriers import Carrier, carrier_for, in_http
from codex_proto_io.core.effects import Effect, Operation
from codex_proto_io.core.failures import as_value
from codex_proto_io.core.runtime import Runtime
from codex_proto_io.core.socket import ConversationSocket

__all__ = ["ResponseOperation"]

# Seconds to wait for the end of an answer that has its outcome, so as to use the connection again.
_DRAIN: Final = 0.25
# What tells of the outcome, and is not told when there is another attempt.
_LAST_WORDS: Final = (Failed, Incomplete, ErrorEvent, StreamFailed)


class ResponseOperation:
    """One call for a response.

    `open` it, then `fill` the queue and take events from it until it is empty and `is_over`; then
    `error` is what is to be raised, if anything. `close` it in any case.

    Args:
        runtime: of the client.
        request: what to ask for.
        options: beside the body.
        socket: the conversation whose WebSocket to use, None for HTTP.
        is_prewarm: whether it is only to warm the server up.
    """

    def __init__(
        self,
        runtime: Runtime,
        request: ResponsesApiRequest,
        options: ResponsesOptions,
        socket: ConversationSocket | None = None,
        *,
        is_prewarm: bool = False,
    ) -> None:
        if not isinstance(request, ResponsesApiRequest):
            raise LocalProtocolError(
                f"request: must be a ResponsesApiRequest, not {type(request).__name__}"
            )
        if request.stream is False:
            raise LocalProtocolError("request: stream must not be False: it is read as a stream")
        over_http = socket is None or socket.uses_http
        self.runtime: Final = runtime
        self.request: Final = request
        self.options = options
        self.socket: Final = socket
        self.is_prewarm: Final = is_prewarm
        self.attempts: Final = Attempts(
            runtime, "responses", runtime.retry_state("http" if over_http else "websocket")
        )
        self.queue: Final[deque[ResponseEvent]] = deque()
        self.raw: Final[deque[bytes]] = deque()
        self.gives_raw: bool | None = None
        self.is_over = False
        self.is_closed = False
        self.outcome: Outcome | None = None
        self.error: CodexError | None = None
        self.headers: Headers | None = None
        self.status: int | None = None
        self.builder = ResponseBuilder()
        self._attempt: _Attempt | None = None

    # -- what is known --------------------------------------------------------------------------

    @property
    def request_id(self) -> str | None:
        """What the server calls the request."""
        return None if self.headers is None else request_id_from_headers(self.headers)

    @property
    def turn_state(self) -> str | None:
        """What the next request of the turn has to say."""
        return self.options.turn_state

    def snapshot(self) -> FinalResponse:
        """What the events so far amount to."""
        return self.builder.build()

    # -- what can be done -----------------------------------------------------------------------

    def open(self) -> Operation[None]:
        """Go on until a response has begun, or has failed for good."""
        yield from self._guard(self._until_begun())

    def choose(self, *, raw: bool) -> None:
        """Say whether bytes are wanted in place of events; until then both are kept.

        Raises:
            LocalProtocolError: the other was chosen before, or there are no bytes, as on a
                WebSocket.
        """
        if self.gives_raw is raw:
            return
        if self.gives_raw is not None:
            raise LocalProtocolError("stream: is read as events or as raw bytes, not as both")
        if raw and self.attempts.state.transport != "http":
            raise LocalProtocolError("raw: is for streams over HTTP")
        self.gives_raw = raw
        if raw:
            self.queue.clear()
            self._note_raw()
        else:
            self.raw.clear()
            if self._attempt is not None:
                self._attempt.drop_raw()

    def fill(self) -> Operation[None]:
        """Go on until something is in the queue, or the response is over and done with."""
        yield from self._guard(self._until_filled())

    def close(self) -> Operation[None]:
        """Be done with it: at once where it is not over, else so that the connection is kept."""
        was_over, self.is_over, self.is_closed = self.is_over, True, True
        attempt, self._attempt = self._attempt, None
        self.queue.clear()
        self.raw.clear()
        self.error = None
        if attempt is not None:
            yield from attempt.finish() if was_over else attempt.abandon()

    def interrupt(self) -> bool:
        """Ask the server to stop; return whether that is possible now. Only on a WebSocket."""
        return self.socket is not None and not self.is_over and self.socket.interrupt()

    # -- inside ---------------------------------------------------------------------------------

    def _guard(self, steps: Operation[None]) -> Operation[None]:
        """Whatever is raised on the way, leave no connection behind."""
        try:
            yield from steps
        except GeneratorExit:
            self.is_over = True
            if self._attempt is not None:
                self._attempt.abort()
            raise
        except BaseException:
            self.is_over = True
            attempt, self._attempt = self._attempt, None
            if attempt is not None:
                yield from attempt.abandon()
            raise

    def _until_begun(self) -> Operation[None]:
        while not (self.is_over or self.queue or self.raw or self.headers is not None):
            yield from self._advance()

    def _until_filled(self) -> Operation[None]:
        while not (self.is_over or self.queue or self.raw):
            yield from self._advance()
        if self.is_over and not (self.queue or self.raw):
            attempt, self._attempt = self._attempt, None
            if attempt is not None:
                yield from attempt.finish()

    def _advance(self) -> Operation[None]:
        """One step: begin an attempt, or take what comes of it."""
        attempt, began = self._attempt, self.runtime.clock.now()
        if attempt is None:
            attempt = self._begin_attempt()
            if attempt is None:
                self.is_over = True
                return
            events = yield from attempt.begin()
        else:
            # What `receive` does, without a generator more for each piece of a stream.
            effect = attempt.wanted()
            if effect is None:
                raise LocalProtocolError("stream: its connection was closed")
            try:
                result = yield effect
            except CodexError as error:
                events = [] if self.is_closed else attempt.failed(as_value(error))
            else:
                events = [] if self.is_closed else attempt.received(result)
            if attempt.must_begin:
                events = yield from attempt.begin()
        if self.is_closed:
            return
        last = self._take(attempt, events, began)
        if last is not None:
            yield from self._fail(attempt, events, last)

    def _take(
        self, attempt: _Attempt, events: list[ResponseEvent], began: float
    ) -> StreamFailed | None:
        """Hand events on, unless the last of them tells of a failure, which is returned."""
        if not self.attempts.state.output_started:
            self._note(attempt)
        if events:
            telemetry = self.runtime.telemetry
            if telemetry.has_polls:
                duration = self.runtime.clock.now() - began
                telemetry.polled(events, duration, is_socket=attempt.is_socket)
            last = events[-1]
            if isinstance(last, StreamFailed):
                return last
            self._deliver(events)
            if isinstance(last, Completed):
                self.outcome = last
                self.is_over = True
        if self.gives_raw is not False:
            self._take_raw(attempt)
        return None

    def _begin_attempt(self) -> _Attempt | None:
        self.runtime.check_open()
        self.attempts.begin()
        self._attempt = self._new_attempt()
        return self._attempt

    def _new_attempt(self) -> _Attempt | None:
        if self.attempts.state.transport == "websocket" and self.socket is not None:
            return _SocketAttempt(self, self.socket)
        if self.socket is not None:
            self.socket.uses_http = True
            self.options = _with_turn_state(self.options, self.socket.session.turn_state)
        return None if self.is_prewarm else _HttpAttempt(self)

    def _note(self, attempt: _Attempt) -> None:
        """What the head of the answer has told, if it is there by now."""
        if attempt.headers is not None and self.headers is not attempt.headers:
            self.headers = attempt.headers
            self.status = attempt.status
            if attempt.has_response:
                self.attempts.state = self.attempts.state.with_response()
        self.options = _with_turn_state(self.options, attempt.turn_state)

    def _deliver(self, events: list[ResponseEvent]) -> None:
        state = self.attempts.state
        if not state.output_started:
            for event in events:
                state = state.after_event(event)
            self.attempts.state = state
        self.builder.receive_events(events)
        if not self.gives_raw:
            self.queue.extend(events)

    def _take_raw(self, attempt: _Attempt) -> None:
        if self.gives_raw is not False:
            data = attempt.raw_data()
            if data:
                self.raw.append(data)
                self._note_raw()

    def _note_raw(self) -> None:
        if self.raw and self.gives_raw:
            # From here on a repetition would repeat bytes that are handed on.
            self.attempts.state = self.attempts.state.with_output()

    def _fail(
        self, attempt: _Attempt, events: list[ResponseEvent], last: StreamFailed
    ) -> Operation[None]:
        state = self.attempts.state
        for event in events[:-1]:
            state = state.after_event(event)
        self.attempts.state = state
        self._attempt = None
        yield from attempt.settle()
        told = yield from self.attempts.recover(last.error)
        if self.is_closed:
            return
        if told is None:
            if not self.gives_raw:
                self.raw.clear()
            if state.output_started:
                # Asked for by the policy: what comes now is all of it, from the beginning.
                self.builder = ResponseBuilder()
                self.queue.extend(event for event in events if not isinstance(event, _LAST_WORDS))
            else:
                self._deliver([event for event in events if not isinstance(event, _LAST_WORDS)])
            self.headers = None
            return
        self._deliver(events[:-1])
        self._take_raw(attempt)
        self.builder.receive_event(last)
        self.outcome = last
        self.error = told
        self.is_over = True


# -- one attempt --------------------------------------------------------------------------------


class _Attempt(Protocol):
    """One attempt, over one transport or the other."""

    @property
    def headers(self) -> Headers | None: ...
    @property
    def status(self) -> int | None: ...
    @property
    def has_response(self) -> bool: ...
    @property
    def turn_state(self) -> str | None: ...
    def begin(self) -> Operation[list[ResponseEvent]]: ...
    def wanted(self) -> Effect | None: ...
    def received(self, result: Any) -> list[ResponseEvent]: ...
    def failed(self, error: CodexError) -> list[ResponseEvent]: ...
    @property
    def must_begin(self) -> bool: ...
    @property
    def is_socket(self) -> bool: ...
    def raw_data(self) -> bytes: ...
    def drop_raw(self) -> None: ...
    def settle(self) -> Operation[None]:
        """After a failure: keep the connection if it is free, else close it at once."""
        ...

    def finish(self) -> Operation[None]:
        """After the outcome: keep the connection if that does not take long."""
        ...

    def abandon(self) -> Operation[None]: ...
    def abort(self) -> None: ...


class _HttpAttempt:
    is_socket = False

    def __init__(self, operation: ResponseOperation) -> None:
        runtime = operation.runtime
        self._runtime = runtime
        self._operation = operation
        self._began = runtime.clock.now()
        self._number = operation.attempts.state.request_retries
        self._is_told = False
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
        return None if self._exchange is None else self._exchange.headers

    @property
    def status(self) -> int | None:
        return None if self._exchange is None else self._exchange.status

    @property
    def has_response(self) -> bool:
        return self.status is not None and 200 <= self.status <= 299

    @property
    def turn_state(self) -> str | None:
        return None if self._exchange is None else self._exchange.turn_state

    def raw_data(self) -> bytes:
        return b"" if self._exchange is None else self._exchange.raw_data()

    def drop_raw(self) -> None:
        if self._exchange is not None:
            self._exchange.keep_raw = False
            self._exchange.raw_data()

    def begin(self) -> Operation[list[ResponseEvent]]:
        events = yield from self._carrier.begin()
        self._tell(events)
        return events

    def wanted(self) -> Effect | None:
        return self._carrier.wanted()

    def received(self, result: Any) -> list[ResponseEvent]:
        events = self._carrier.received(result)
        if not self._is_told:
            self._tell(events)
        return events

    def failed(self, error: CodexError) -> list[ResponseEvent]:
        events = self._carrier.failed(error)
        if not self._is_told:
            self._tell(events)
        return events

    @property
    def must_begin(self) -> bool:
        return self._carrier.must_begin

    def _tell(self, events: list[ResponseEvent]) -> None:
        last = events[-1] if events else None
        error = last.error if isinstance(last, StreamFailed) else None
        if not self.has_response and error is None:
            return
        self._is_told = True
        attempt = RequestAttempt(
            attempt=self._number,
            duration=self._runtime.clock.now() - self._began,
            status=self.status,
            # After a success in the head it is no failure of the request.
            error=None if self.has_response else error,
            endpoint="responses",
        )
        self._runtime.telemetry.request(attempt)

    def settle(self) -> Operation[None]:
        exchange = self._exchange
        if exchange is not None and exchange.is_done:
            yield from self._carrier.finish()
        else:
            yield from self._carrier.abandon()

    def finish(self) -> Operation[None]:
        yield from self._carrier.finish()

    def abandon(self) -> Operation[None]:
        yield from self._carrier.abandon()

    def abort(self) -> None:
        self._carrier.abort()


class _SocketAttempt:
    is_socket = True
    must_begin = False

    def __init__(self, operation: ResponseOperation, socket: ConversationSocket) -> None:
        self._operation = operation
        self._socket = socket
        self.status: int | None = None
        self.headers: Headers | None = None
        self.has_response = False

    @property
    def turn_state(self) -> str | None:
        # The session keeps it, and tells it by itself.
        return None

    def raw_data(self) -> bytes:
        return b""

    def drop_raw(self) -> None:
        pass

    def begin(self) -> Operation[list[ResponseEvent]]:
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
        return self._socket.wanted()

    def received(self, result: Any) -> list[ResponseEvent]:
        return self._socket.received(result)

    def failed(self, error: CodexError) -> list[ResponseEvent]:
        return self._socket.failed(error)

    def settle(self) -> Operation[None]:
        if self._socket.release(self):
            yield from self._socket.drop()

    def finish(self) -> Operation[None]:
        if not self._socket.release(self):
            return
        if self._socket.is_ready():
            self._socket.rest()
        else:
            yield from self._socket.drop()

    def abandon(self) -> Operation[None]:
        if self._socket.release(self):
            yield from self._socket.abandon()

    def abort(self) -> None:
        if self._socket.release(self):
            self._socket.abort()


def _with_turn_state(options: ResponsesOptions, turn_state: str | None) -> ResponsesOptions:
    """The first value that was told stays (wire.md 1.3)."""
    if turn_state is None or options.turn_state is not None:
        return options
    return msgspec.structs.replace(options, turn_state=turn_state)
