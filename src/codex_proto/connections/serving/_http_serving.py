"""The server's end of HTTP/1.1: whole requests in, answers out.

`Http1ServerConnection` is built on it, and adds the WebSocket after `accept`.

Source: RFC 9112; docs/architecture.md, "Connections".
"""

from __future__ import annotations

import h11

from codex_proto._input import as_bytes
from codex_proto.connections._base import ConnectionBase
from codex_proto.connections._options import DEFAULT_MAX_BODY, HttpLimits, HttpTimeouts
from codex_proto.connections.http1 import (
    BodyData,
    HttpFailed,
    InformationalResponse,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
    ServerEvent,
    ServerMessage,
)
from codex_proto.connections.http1._h11_reader import H11Event, H11Reader
from codex_proto.connections.http1._responses import Answer, AnswerWriter
from codex_proto.connections.serving._http1_server_states import (
    HTTP1_SERVER_STATES,
    Http1ServerState,
)
from codex_proto.connections.serving._request_reader import RequestReader
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    IdleTimeout,
    LimitExceeded,
    LocalProtocolError,
    TimedOut,
)
from codex_proto.http import Headers, HeadersLike, legal_headers

__all__ = ["HttpServing"]

_S = Http1ServerState


class HttpServing(ConnectionBase[Http1ServerState]):
    """Reads the requests of one client and writes the answers, by the contract of connections."""

    def __init__(self, timeouts: HttpTimeouts | None, limits: HttpLimits | None) -> None:
        self._limits = HttpLimits() if limits is None else limits
        self._timeouts = HttpTimeouts() if timeouts is None else timeouts
        super().__init__(HTTP1_SERVER_STATES, self._limits.max_pending)
        self._max_body = self._limits.max_body_size or DEFAULT_MAX_BODY
        self._h11 = h11.Connection(
            h11.SERVER, max_incomplete_event_size=self._limits.max_header_size
        )
        self._reader = H11Reader(self._h11, self._limits.max_header_size)
        self._writer = AnswerWriter(self._h11, self._out)
        self._answer: Answer | None = None
        self._outcome: HttpFailed | None = None
        self._incoming_request: RequestReader | None = None

    @property
    def request(self) -> RequestReceived | None:
        """The request that waits for its answer, or is being answered."""
        if self._incoming_request is None or self.state not in (_S.REQUESTED, _S.RESPONDING):
            return None
        return self._incoming_request.request

    @property
    def outcome(self) -> HttpFailed | None:
        """How the connection failed; None if it did not."""
        return self._outcome

    @property
    def is_half_closed(self) -> bool:
        """Whether the client sends no more."""
        return self._eof

    # -- from the caller ------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Begin to wait for a request."""
        self._call("start", now)
        self._machine.call("start")
        self._timers.arm("keep_alive", self._timeouts.keep_alive)

    def send(self, message: ServerMessage, now: float) -> None:
        """Send a part of the answer."""
        if not isinstance(
            message, InformationalResponse | ResponseHead | BodyData | ResponseComplete
        ):
            raise LocalProtocolError(
                f"message: must be a part of an answer, not {type(message).__name__}"
            )
        call = f"send {type(message).__name__}"
        self._call(call, now)
        match message:
            case InformationalResponse():
                self._writer.inform(message)
            case ResponseHead():
                self._send_head(message)
            case BodyData():
                if self._answer is not None:
                    self._writer.write(self._answer, message)
            case ResponseComplete():
                self._send_end(message)

    def respond(
        self,
        now: float,
        status: int,
        headers: HeadersLike,
        body: bytes | bytearray | memoryview,
    ) -> None:
        """Send an answer as a whole."""
        content = as_bytes("body", body)
        fields = legal_headers("headers", headers)
        head = ResponseHead(status, Headers([*fields, ("content-length", str(len(content)))]))
        if "content-length" in fields:
            raise LocalProtocolError("headers: 'content-length' is set by respond")
        self._out.check_room("body", len(content) + self._limits.max_header_size)
        self.send(head, now)
        if content:
            self.send(BodyData(content), now)
        self.send(ResponseComplete(), now)

    def check_accept(self, now: float) -> RequestReceived | None:
        """Check a call of `accept`; return the request to accept."""
        self._call("accept", now)
        return self.request

    def switch(self, response: h11.InformationalResponse) -> bytes:
        """Write the last answer of HTTP; return the bytes that followed the request."""
        self._machine.call("accept")
        self._timers.clear()
        self._out.write(self._h11.send(response))
        return self._reader.take_rest()

    def check_close(self, now: float) -> None:
        """Check a call of `close`."""
        self._call("close", now)

    def close(self) -> None:
        """Close the connection; an answer in progress is cut off."""
        self._machine.call("close")
        self._timers.clear()

    # -- from the peer --------------------------------------------------------------------------

    def incoming(self, data: bytes | bytearray | memoryview, now: float) -> bytes:
        """Check a call of `receive_data`; return the data as bytes."""
        return self._incoming(data, now)

    def end_input(self, now: float) -> bool:
        """Check `receive_eof` or `receive_error`; return whether the input was still open."""
        self._call("receive_data", now)
        was_open, self._eof = not self._eof, True
        return was_open

    def receive_data(self, chunk: bytes) -> list[ServerEvent]:
        """Take bytes from the client; return the events they complete."""
        if not chunk:
            return []
        if self.state is _S.CLOSED:
            self._trailing.add(chunk)
            return []
        events = self._catch_up()
        self._note_arrival()
        return [*events, *self._read(self._reader.receive(chunk))]

    def receive_eof(self, now: float, clean: bool) -> list[ServerEvent]:
        """Handle the end of the client's input."""
        self._call("receive_data", now)
        if self._eof:
            return []
        # A request that arrived before the end is read first.
        caught_up = self._catch_up()
        self._eof = True
        return [*caught_up, *self._receive_last(clean)]

    def _receive_last(self, clean: bool) -> list[ServerEvent]:
        if self.state is _S.IDLE and self._reader.is_idle:
            self._machine.happen("end of input")
            self._timers.clear()
            return []
        if clean and self.state in (_S.REQUESTED, _S.RESPONDING):
            return []
        if self.state is _S.CLOSED:
            self._drop(clean)
            return []
        how = "was closed in" if clean else "broke during"
        what = "request" if self.state in (_S.IDLE, _S.READING) else "answer"
        events = self._fail(ConnectionFailed(f"The connection {how} the {what}."))
        self._drop(clean)
        return events

    def receive_error(self, error: CodexError, now: float) -> list[ServerEvent]:
        """Handle a failure of the transport."""
        self.end_input(now)
        events = self._fail(error) if self.state is not _S.CLOSED else []
        self._out.clear()
        return events

    def handle_timeout(self, now: float) -> list[ServerEvent]:
        """Handle the deadlines that have passed."""
        self._timers.tick(now)
        match self._timers.expired():
            case None:
                return []
            case "next":
                return self._read_next()
            case "keep_alive":
                self._machine.happen("keep-alive timeout")
                self._timers.clear()
                return []
            case "total":
                return self._fail(TimedOut(_late("answer", self._timeouts.total)))
            case _:
                self._writer.refuse(408)
                return self._fail(IdleTimeout(_late("request", self._timeouts.idle)))

    # -- inside ---------------------------------------------------------------------------------

    def _note_arrival(self) -> None:
        if self.state is _S.IDLE:
            self._timers.disarm("keep_alive")
            if self._reader.is_idle:
                # From here on the head has to be complete in its time, even if bytes keep coming.
                self._timers.arm("idle", self._timeouts.idle)
        elif self.state is _S.READING:
            self._timers.arm("idle", self._timeouts.idle)

    def _catch_up(self) -> list[ServerEvent]:
        """Read the next request if it has arrived already, before new bytes."""
        return self._read_next() if self._timers.take("next") else []

    def _read_next(self) -> list[ServerEvent]:
        self._timers.arm("keep_alive", self._timeouts.keep_alive)
        if not self._reader.is_idle:
            self._timers.disarm("keep_alive")
            self._timers.arm("idle", self._timeouts.idle)
        events = self._read(self._reader.resume())
        if self._eof and self.state in (_S.IDLE, _S.READING):
            # The input has ended: a further request stays incomplete.
            if self.state is _S.READING or not self._reader.is_idle:
                return events + self._fail(
                    ConnectionFailed("The connection was closed in the request.")
                )
            self._machine.happen("end of input")
            self._timers.clear()
        return events

    def _read(self, events: list[H11Event]) -> list[ServerEvent]:
        reported: list[ServerEvent] = []
        for event in events:
            if self.state not in (_S.IDLE, _S.READING):
                break
            match event:
                case h11.Request():
                    self._receive_head(event)
                case h11.Data():
                    reported += self._receive_body(bytes(event.data))
                case h11.EndOfMessage():
                    reported += self._receive_end()
                case _:  # an answer: h11 does not read one as a server
                    pass
        failure = self._reader.failure
        if failure is not None and self.state in (_S.IDLE, _S.READING):
            self._writer.refuse(self._reader.status_hint)
            reported += self._fail(failure)
        elif self._reader.held > self._limits.max_pipelined and self.state is not _S.CLOSED:
            limit = self._limits.max_pipelined
            reported += self._fail(LimitExceeded(limit_name="max_pipelined", limit=limit))
        return reported

    def _receive_head(self, event: h11.Request) -> None:
        self._machine.happen("request head")
        request = RequestReader(event, self._max_body, self._limits)
        self._incoming_request = request
        self._timers.arm("idle", self._timeouts.idle)
        # Even where the body came with the head: what is sent does not depend on that.
        if request.expects_continue:
            self._out.write(self._h11.send(h11.InformationalResponse(status_code=100, headers=[])))

    def _receive_body(self, data: bytes) -> list[ServerEvent]:
        failure = None if self._incoming_request is None else self._incoming_request.receive(data)
        return [] if failure is None else self._refuse(failure)

    def _receive_end(self) -> list[ServerEvent]:
        if self._incoming_request is None:
            return []
        request = self._incoming_request.finish()
        if isinstance(request, CodexError):
            return self._refuse(request)
        self._machine.happen("request")
        self._timers.clear()
        self._timers.arm("total", self._timeouts.total)
        return [request]

    def _refuse(self, failure: CodexError) -> list[ServerEvent]:
        self._writer.refuse(413 if isinstance(failure, LimitExceeded) else 400)
        return self._fail(failure)

    def _send_head(self, head: ResponseHead) -> None:
        method = "" if self._incoming_request is None else self._incoming_request.request.method
        self._answer = self._writer.begin(method, head)
        self._machine.call("send ResponseHead")

    def _send_end(self, message: ResponseComplete) -> None:
        if self._answer is not None:
            self._writer.end(self._answer, message)
        self._timers.clear()
        if self._writer.is_reusable and not (self._eof and not self._reader.held):
            self._h11.start_next_cycle()
            self._machine.happen("end of a response")
            # A request that arrived already is read by handle_timeout, due at once.
            self._timers.arm("next", 0)
        else:
            self._machine.happen("end of the last response")

    def _fail(self, error: CodexError) -> list[ServerEvent]:
        self._machine.happen("failure")
        self._timers.clear()
        self._outcome = HttpFailed(error)
        return [self._outcome]

    def _drop(self, clean: bool) -> None:
        if not clean:
            self._out.clear()


def _late(what: str, seconds: float | None) -> str:
    return f"The {what} was not whole within {seconds} seconds."
