"""The server's end of one HTTP/1.1 connection: whole requests in, answers out, or a WebSocket.

It starts as HTTP and stays so until `accept` makes a WebSocket of it; from then on the same
`receive_data` gives the WebSocket's events, so that one loop of the caller's drives both.

Source: RFC 9112; RFC 6455, 4.2; docs/architecture.md, "Connections".
"""

from __future__ import annotations

from typing import Final, TypeAlias

import h11

from codex_proto._input import as_bytes
from codex_proto.connections._base import ConnectionBase
from codex_proto.connections._options import (
    HttpLimits,
    HttpTimeouts,
    WebSocketLimits,
    WebSocketTimeouts,
)
from codex_proto.connections._trailing import TrailingData
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
from codex_proto.connections.http1._content_reader import ContentReader
from codex_proto.connections.http1._h11_reader import H11Event, H11Reader
from codex_proto.connections.http1._responses import Answer, AnswerWriter
from codex_proto.connections.serving._http1_server_states import (
    HTTP1_SERVER_STATES,
    Http1ServerState,
)
from codex_proto.connections.websocket import WebSocketConnection, WebSocketEvent
from codex_proto.connections.websocket._handshake import asks_for_websocket, handshake_response
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    IdleTimeout,
    LimitExceeded,
    LocalProtocolError,
    TimedOut,
)
from codex_proto.http import Headers, HeadersLike, legal_headers, written_headers

__all__ = ["FrontEvent", "Http1ServerConnection"]

FrontEvent: TypeAlias = ServerEvent | WebSocketEvent

_DEFAULT_MAX_BODY: Final = 64 * 1024 * 1024


_S = Http1ServerState


class Http1ServerConnection(ConnectionBase[Http1ServerState]):
    """Reads requests from one client and writes the answers (docs/connections.md).

    Call `start`, feed `receive_data`, and answer each `RequestReceived`: with `send` of a
    `ResponseHead`, `BodyData` as often as you like, and `ResponseComplete`; with `respond`, which
    is all of them at once; or with `accept` where it `is_upgrade`. A client that asks for several
    things at once gets them one after another. What is no request is answered here (400, 408,
    413, 431, 501) and told as `HttpFailed`.

    Args:
        timeouts: how long to wait.
        limits: how much to take; `max_body_size` None is 64 MiB here.
    """

    def __init__(
        self, *, timeouts: HttpTimeouts | None = None, limits: HttpLimits | None = None
    ) -> None:
        self._limits = HttpLimits() if limits is None else limits
        self._timeouts = HttpTimeouts() if timeouts is None else timeouts
        super().__init__(HTTP1_SERVER_STATES, self._limits.max_pending)
        self._max_body = self._limits.max_body_size or _DEFAULT_MAX_BODY
        self._h11 = h11.Connection(
            h11.SERVER, max_incomplete_event_size=self._limits.max_header_size
        )
        self._reader = H11Reader(self._h11, self._limits.max_header_size)
        self._websocket: WebSocketConnection | None = None
        self._writer = AnswerWriter(self._h11, self._out)
        self._answer: Answer | None = None
        self._outcome: HttpFailed | None = None
        self._begin_request()

    def _begin_request(self) -> None:
        self._request: RequestReceived | None = None
        self._reading: ContentReader | None = None
        self._body = bytearray()

    # -- what is known --------------------------------------------------------------------------

    @property
    def request(self) -> RequestReceived | None:
        """The request that waits for its answer, or is being answered."""
        return self._request if self.state in (_S.REQUESTED, _S.RESPONDING) else None

    @property
    def websocket(self) -> WebSocketConnection | None:
        """The WebSocket that `accept` has made of it: send on that one."""
        return self._websocket

    @property
    def outcome(self) -> HttpFailed | None:
        """What went wrong with the connection, if anything did."""
        return self._outcome

    @property
    def is_half_closed(self) -> bool:
        """Whether the client has said all it has to say; it may still be listening."""
        return self._eof

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written."""
        if self._websocket is not None:
            return self._websocket.must_close
        return self.state is _S.CLOSED

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        later = 0 if self._websocket is None else self._websocket.bytes_pending
        return len(self._out) + later

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when there are none."""
        later = b"" if self._websocket is None else self._websocket.data_to_send()
        return self._out.take() + later

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens (monotonic seconds), or None."""
        if self._websocket is not None:
            return self._websocket.deadline()
        return self._timers.next()

    @property
    def trailing_data(self) -> bytes:
        """The first `TRAILING_KEPT` bytes of what the client sent after its last word here."""
        return self._now_trailing.data

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were."""
        return self._now_trailing.size

    @property
    def _now_trailing(self) -> TrailingData:
        return self._trailing if self._websocket is None else self._websocket.trailing

    # -- the caller's doings --------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Say that a client is connected, TLS included. Next: feed `receive_data`.

        Raises:
            LocalProtocolError: the connection was started before.
        """
        self._call("start", now)
        self._machine.call("start")
        self._timers.arm("keep_alive", self._timeouts.keep_alive)

    def send(self, message: ServerMessage, now: float) -> None:
        """Send a part of the answer. Next: write `data_to_send()`.

        Without a `content-length` the body is chunked (or ends with the connection, for clients
        of HTTP/1.0). After `ResponseComplete` the next request may be there already: `deadline()`
        then asks for `handle_timeout` at once, which returns it.

        Raises:
            LocalProtocolError: it is not the time for that part; the body is not as long as its
                `content-length` says; HTTP does not allow a status or a field.
        """
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
        headers: HeadersLike = (),
        body: bytes | bytearray | memoryview = b"",
    ) -> None:
        """Answer the request as a whole.

        Raises:
            LocalProtocolError: as `send`.
        """
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
        """Accept the request as a WebSocket, compressed if the client offers it; return that.

        Go on feeding this connection: its events are those of the WebSocket now. Send on the
        WebSocket. Frames that came with the request wait for `handle_timeout`, which `deadline()`
        then asks for at once.

        Raises:
            LocalProtocolError: there is no request, or it is none for a WebSocket; `headers` are
                not the caller's to set; the client does not offer `subprotocol`.
        """
        self._call("accept", now)
        request = self._request
        if request is None or not request.is_upgrade:
            raise LocalProtocolError("accept: the request does not ask for a WebSocket")
        fields, deflate = handshake_response(
            request.headers, legal_headers("headers", headers), subprotocol, compression=compression
        )
        response = h11.InformationalResponse(
            status_code=101, headers=written_headers(fields), reason=b"Switching Protocols"
        )
        websocket = WebSocketConnection.accepted(
            now, deflate=deflate, subprotocol=subprotocol, timeouts=timeouts, limits=limits
        )
        self._machine.call("accept")
        self._timers.clear()
        self._out.write(self._h11.send(response))
        self._websocket = websocket
        rest = self._reader.take_rest()
        if rest:
            websocket.receive_later(rest)
        if self._eof:
            websocket.receive_eof_later()
        return websocket

    def close(self, now: float) -> list[FrontEvent]:
        """End the connection from this side. Next: write what is left, close the transport.

        An answer that is under way is cut off there, which the client sees.
        """
        self._call("close", now)
        if self._websocket is not None:
            return [*self._websocket.close(now)]
        self._machine.call("close")
        self._timers.clear()
        return []

    # -- the peer's doings ----------------------------------------------------------------------

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[FrontEvent]:
        """Take bytes of the client's; return what they say. `b""` says nothing.

        Raises:
            LocalProtocolError: the connection is not started, or has ended with `receive_eof`.
        """
        chunk = self._incoming(data, now)
        if self._websocket is not None:
            return [*self._websocket.receive_data(chunk, now)]
        if not chunk:
            return []
        if self.state is _S.CLOSED:
            self._trailing.add(chunk)
            return []
        events = self._catch_up()
        self._note_arrival()
        return [*events, *self._read(self._reader.receive(chunk))]

    def receive_eof(self, now: float, clean: bool = True) -> list[FrontEvent]:
        """Say that the client sends no more.

        Cleanly: it may still listen, and what it asked for may be answered. Not cleanly: nobody
        is there, and `HttpFailed` says so if something was under way.

        Raises:
            LocalProtocolError: the connection is not started.
        """
        self._call("receive_data", now)
        if self._eof:
            return []
        if self._websocket is not None:
            self._eof = True
            return [*self._websocket.receive_eof(now, clean)]
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

    def receive_error(self, error: CodexError, now: float) -> list[FrontEvent]:
        """Say that the transport failed; `error` says how.

        Raises:
            LocalProtocolError: `error` is no `CodexError`, or the connection is not started.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        self._call("receive_data", now)
        self._eof = True
        if self._websocket is not None:
            return [*self._websocket.receive_error(error, now)]
        events = self._fail(error) if self.state is not _S.CLOSED else []
        self._out.clear()
        return [*events]

    def handle_timeout(self, now: float) -> list[FrontEvent]:
        """Say that it is `now`: a deadline may have passed, or the next request may be read."""
        if self._websocket is not None:
            return [*self._websocket.handle_timeout(now)]
        self._timers.tick(now)
        match self._timers.expired():
            case None:
                return []
            case "next":
                return [*self._read_next()]
            case "keep_alive":
                self._machine.happen("keep-alive timeout")
                self._timers.clear()
                return []
            case "total":
                return [*self._fail(TimedOut(_late("answer", self._timeouts.total)))]
            case _:
                self._writer.refuse(408)
                return [*self._fail(IdleTimeout(_late("request", self._timeouts.idle)))]

    # -- inside ---------------------------------------------------------------------------------

    def _note_arrival(self) -> None:
        if self.state is _S.IDLE:
            self._timers.disarm("keep_alive")
            if self._reader.is_idle:
                # From here on the head has to come in its time, however often a byte of it does.
                self._timers.arm("idle", self._timeouts.idle)
        elif self.state is _S.READING:
            self._timers.arm("idle", self._timeouts.idle)

    def _catch_up(self) -> list[ServerEvent]:
        """Read the next request if it has come already, before anything else is read."""
        return self._read_next() if self._timers.take("next") else []

    def _read_next(self) -> list[ServerEvent]:
        self._timers.arm("keep_alive", self._timeouts.keep_alive)
        if not self._reader.is_idle:
            self._timers.disarm("keep_alive")
            self._timers.arm("idle", self._timeouts.idle)
        events = self._read(self._reader.resume())
        if self._eof and self.state in (_S.IDLE, _S.READING):
            # The client has said all: what there is of a further request stays a piece.
            if self.state is _S.READING or not self._reader.is_idle:
                return events + self._fail(
                    ConnectionFailed("The connection was closed in the request.")
                )
            self._machine.happen("end of input")
            self._timers.clear()
        return events

    def _read(self, events: list[H11Event]) -> list[ServerEvent]:
        told: list[ServerEvent] = []
        for event in events:
            if self.state not in (_S.IDLE, _S.READING):
                break
            match event:
                case h11.Request():
                    self._receive_head(event)
                case h11.Data():
                    told += self._receive_body(bytes(event.data))
                case h11.EndOfMessage():
                    told += self._receive_end()
                case _:  # an answer: h11 does not read one as a server
                    pass
        failure = self._reader.failure
        if failure is not None and self.state in (_S.IDLE, _S.READING):
            self._writer.refuse(self._reader.status_hint)
            told += self._fail(failure)
        elif self._reader.held > self._limits.max_pipelined and self.state is not _S.CLOSED:
            limit = self._limits.max_pipelined
            told += self._fail(LimitExceeded(limit_name="max_pipelined", limit=limit))
        return told

    def _receive_head(self, event: h11.Request) -> None:
        self._begin_request()
        self._machine.happen("request head")
        headers = Headers(list(event.headers))
        self._request = RequestReceived(
            event.method.decode("ascii"), event.target.decode("ascii"), headers
        )
        self._reading = ContentReader(
            headers, max_size=self._max_body, max_expansion=self._limits.max_expansion
        )
        self._timers.arm("idle", self._timeouts.idle)
        if self._h11.they_are_waiting_for_100_continue:
            self._out.write(self._h11.send(h11.InformationalResponse(status_code=100, headers=[])))

    def _receive_body(self, data: bytes) -> list[ServerEvent]:
        if self._reading is None:
            return []
        for piece in self._reading.receive(data):
            self._body += piece
        return self._check_body(self._reading.failure)

    def _check_body(self, failure: CodexError | None) -> list[ServerEvent]:
        if failure is None:
            return []
        self._writer.refuse(413 if isinstance(failure, LimitExceeded) else 400)
        return self._fail(failure)

    def _receive_end(self) -> list[ServerEvent]:
        broken = self._check_body(None if self._reading is None else self._reading.finish())
        if broken or self._request is None:
            return broken
        head = self._request
        is_upgrade = asks_for_websocket(head.method, head.headers) and not self._body
        self._request = RequestReceived(
            head.method, head.target, head.headers, bytes(self._body), is_upgrade
        )
        self._body = bytearray()
        self._machine.happen("request")
        self._timers.clear()
        self._timers.arm("total", self._timeouts.total)
        return [self._request]

    def _send_head(self, head: ResponseHead) -> None:
        method = "" if self._request is None else self._request.method
        self._answer = self._writer.begin(method, head)
        self._machine.call("send ResponseHead")

    def _send_end(self, message: ResponseComplete) -> None:
        if self._answer is not None:
            self._writer.end(self._answer, message)
        self._timers.clear()
        if self._writer.is_reusable and not (self._eof and not self._reader.held):
            self._h11.start_next_cycle()
            self._machine.happen("end of a response")
            # What came already is read by handle_timeout, at once.
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
