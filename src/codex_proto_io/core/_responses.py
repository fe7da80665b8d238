"""One response, over one or more attempts: the queue of its events, and its outcome.

Source: wire.md 1.9, 2.8, 6.7, 7.4; observed.md, "Responses stream".
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.http import Headers
from codex_proto.requests import ResponsesApiRequest, ResponsesOptions
from codex_proto.responses import (
    Completed,
    ErrorEvent,
    Failed,
    FinalResponse,
    Incomplete,
    Outcome,
    ResponseBuilder,
    ResponseEvent,
    StreamFailed,
    request_id_from_headers,
)
from codex_proto_io.core._attempts import Attempts
from codex_proto_io.core._effects import Operation
from codex_proto_io.core._failures import equal_copy
from codex_proto_io.core._response_attempts import HttpAttempt, ResponseAttempt, SocketAttempt
from codex_proto_io.core._runtime import Runtime
from codex_proto_io.core._socket import ConversationSocket

__all__ = ["ResponseOperation"]

# The events of an outcome, which are not yielded when there is another attempt.
_LAST_WORDS: Final = (Failed, Incomplete, ErrorEvent, StreamFailed)


class ResponseOperation:
    """One request for a response, with its retries.

    Call `open`. Then call `fill` and take events from the queue, until it is empty and `is_over` is
    true; then raise `error` if it is set. Call `close` in any case.

    Args:
        runtime: the settings and connections of the client.
        request: the body of the request.
        options: the options of the request.
        socket: the conversation whose WebSocket to use, or `None` for HTTP.
        is_prewarm: whether the request only warms the server up.
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
            raise LocalProtocolError("request: stream must not be False")
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
        self._is_filling = False
        self.is_over = False
        self.is_closed = False
        self.outcome: Outcome | None = None
        self.error: CodexError | None = None
        self.headers: Headers | None = None
        self.status: int | None = None
        self.builder = ResponseBuilder()
        self._attempt: ResponseAttempt | None = None

    # -- state --------------------------------------------------------------------------

    @property
    def request_id(self) -> str | None:
        """The request id of the server."""
        return None if self.headers is None else request_id_from_headers(self.headers)

    @property
    def turn_state(self) -> str | None:
        """The turn state that the next request of the turn has to send."""
        return self.options.turn_state

    def snapshot(self) -> FinalResponse:
        """Return the response that the events so far make up."""
        return self.builder.build()

    # -- actions -----------------------------------------------------------------------

    def open(self) -> Operation[None]:
        """Make attempts until a response has begun, or the operation has failed."""
        yield from self._guard(self._until_begun())

    def choose(self, *, raw: bool) -> None:
        """Choose to read bytes or events; until then both are kept.

        Raises:
            LocalProtocolError: the other one was chosen before, or `raw` is true on a WebSocket.
        """
        if self.gives_raw is raw:
            return
        if self.gives_raw is not None:
            raise LocalProtocolError("stream: read it as events or as raw bytes, not as both")
        if raw and self.attempts.state.transport != "http":
            raise LocalProtocolError("raw: is available for streams over HTTP only")
        self.gives_raw = raw
        if raw:
            self.queue.clear()
            self._note_raw()
        else:
            self.raw.clear()
            if self._attempt is not None:
                self._attempt.drop_raw()

    def fill(self) -> Operation[None]:
        """Read until the queue is not empty or the response is over.

        Raises:
            LocalProtocolError: another task or thread is reading the stream.
        """
        if self._is_filling:
            raise LocalProtocolError("stream: another task or thread is reading it")
        # Returned as it is: one more generator would cost time for each piece of a stream.
        return self._guard(self._until_filled())

    def close(self) -> Operation[None]:
        """End the operation: keep the connection if the response is over, else close it at once."""
        was_over, self.is_over, self.is_closed = self.is_over, True, True
        attempt, self._attempt = self._attempt, None
        self.queue.clear()
        self.raw.clear()
        self.error = None
        if attempt is not None:
            yield from attempt.finish() if was_over else attempt.abandon()

    def interrupt(self) -> bool:
        """Ask the server to stop, on a WebSocket; return whether that is possible now."""
        return self.socket is not None and not self.is_over and self.socket.interrupt()

    # -- internals ---------------------------------------------------------------------------------

    def _guard(self, steps: Operation[None]) -> Operation[None]:
        """Run the steps, and close the connection if they raise."""
        try:
            yield from steps
        except GeneratorExit:
            self._break_off()
            if self._attempt is not None:
                self._attempt.abort()
            raise
        except BaseException as error:
            self._break_off(error)
            attempt, self._attempt = self._attempt, None
            if attempt is not None:
                yield from attempt.abandon()
            raise

    def _break_off(self, error: BaseException | None = None) -> None:
        """End the operation with an error, which a caller who goes on reading receives."""
        was_over, self.is_over = self.is_over, True
        if not was_over and not isinstance(error, CodexError):
            self.error = LocalProtocolError(
                "stream: was closed before the response was over, when reading it was broken off"
            )

    def _until_begun(self) -> Operation[None]:
        while not (self.is_over or self.queue or self.raw or self.headers is not None):
            yield from self._advance()

    def _until_filled(self) -> Operation[None]:
        queue, raw = self.queue, self.raw
        self._is_filling = True
        try:
            while not (self.is_over or queue or raw):
                yield from self._advance()
            if self.is_over and not (queue or raw):
                attempt, self._attempt = self._attempt, None
                if attempt is not None:
                    yield from attempt.finish()
        finally:
            self._is_filling = False

    def _advance(self) -> Operation[None]:
        """Run one step: begin an attempt, or wait for the next effect of one."""
        attempt, runtime = self._attempt, self.runtime
        began = runtime.clock.now() if runtime.telemetry.has_polls else 0.0
        if attempt is None:
            attempt = self._begin_attempt()
            if attempt is None:
                self.is_over = True
                return
            events = yield from attempt.begin()
        else:
            # Like `receive`, without one more generator for each piece of a stream.
            effect = attempt.wanted()
            if effect is None:
                raise LocalProtocolError("stream: its connection was closed")
            try:
                result = yield effect
            except CodexError as error:
                events = [] if self.is_closed else attempt.failed(equal_copy(error))
            else:
                events = [] if self.is_closed else attempt.received(result)
            if not events and attempt.must_begin:
                events = yield from attempt.begin()
        if self.is_closed:
            return
        last = self._take(attempt, events, began)
        if last is not None:
            yield from self._fail(attempt, events, last)

    def _take(
        self, attempt: ResponseAttempt, events: list[ResponseEvent], began: float
    ) -> StreamFailed | None:
        """Deliver events, unless the last of them reports a failure, which is returned."""
        has_output = self.attempts.state.output_started
        if not has_output:
            self._note(attempt)
        if events:
            telemetry = self.runtime.telemetry
            if telemetry.has_polls:
                duration = self.runtime.clock.now() - began
                telemetry.polled(events, duration, is_socket=attempt.is_socket)
            last = events[-1]
            if isinstance(last, StreamFailed):
                return last
            if not has_output:
                self._note_output(events)
            self._deliver(events)
            if isinstance(last, Completed):
                self.outcome = last
                self.is_over = True
        if self.gives_raw is not False:
            self._take_raw(attempt)
        return None

    def _begin_attempt(self) -> ResponseAttempt | None:
        self.runtime.check_open()
        self.attempts.begin()
        self._attempt = self._new_attempt()
        return self._attempt

    def _new_attempt(self) -> ResponseAttempt | None:
        if self.attempts.state.transport == "websocket" and self.socket is not None:
            return SocketAttempt(self, self.socket)
        if self.socket is not None:
            self.socket.uses_http = True
            self.options = _with_turn_state(self.options, self.socket.session.turn_state)
        return None if self.is_prewarm else HttpAttempt(self)

    def _note(self, attempt: ResponseAttempt) -> None:
        """Take over the head of the answer, if it has arrived."""
        if attempt.headers is not None and self.headers is not attempt.headers:
            self.headers = attempt.headers
            self.status = attempt.status
            if attempt.has_response:
                self.attempts.state = self.attempts.state.with_response()
        self.options = _with_turn_state(self.options, attempt.turn_state)

    def _note_output(self, events: list[ResponseEvent]) -> None:
        """Note the first output: from then on only the policy may repeat the attempt."""
        state = self.attempts.state
        for event in events:
            state = state.after_event(event)
        self.attempts.state = state

    def _deliver(self, events: list[ResponseEvent]) -> None:
        self.builder.receive_events(events)
        if not self.gives_raw:
            self.queue.extend(events)

    def _take_raw(self, attempt: ResponseAttempt) -> None:
        if self.gives_raw is not False:
            data = attempt.raw_data()
            if data:
                self.raw.append(data)
                self._note_raw()

    def _note_raw(self) -> None:
        if self.raw and self.gives_raw:
            # From here on another attempt would repeat bytes that were yielded.
            self.attempts.state = self.attempts.state.with_output()

    def _fail(
        self, attempt: ResponseAttempt, events: list[ResponseEvent], last: StreamFailed
    ) -> Operation[None]:
        self._note_output(events[:-1])
        had_output = self.attempts.state.output_started
        self._attempt = None
        yield from attempt.settle()
        error = yield from self.attempts.recover(last.error)
        if self.is_closed:
            return
        if error is None:
            if not self.gives_raw:
                self.raw.clear()
            if had_output:
                # The policy restarts the stream: all events are yielded again from the beginning.
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
        self.error = error
        self.is_over = True


def _with_turn_state(options: ResponsesOptions, turn_state: str | None) -> ResponsesOptions:
    """Return the options with the first turn state that was received (wire.md 1.3)."""
    if turn_state is None or options.turn_state is not None:
        return options
    return msgspec.structs.replace(options, turn_state=turn_state)
