"""The client's end of one HTTP/1.1 connection: one request after another, bytes in, events out.

h11 does the framing. This module adds the states of a reusable connection, deadlines, limits that
do not depend on how bytes are cut, decompression, and exactly one outcome for each request.

Source: RFC 9112; docs/architecture.md, "Connections"; wire.md 6.2 and 7.3.
"""

from __future__ import annotations

from typing import Final

import h11

from codex_proto.connections._base import ConnectionBase
from codex_proto.connections._options import HttpLimits, HttpTimeouts
from codex_proto.connections.http1._content_reader import ContentReader
from codex_proto.connections.http1._events import (
    BodyData,
    ClientEvent,
    HttpFailed,
    HttpOutcome,
    InformationalResponse,
    ResponseComplete,
    ResponseHead,
    Upgraded,
)
from codex_proto.connections.http1._h11_reader import H11Event, H11Reader, joined
from codex_proto.connections.http1._requests import RequestWriter
from codex_proto.connections.http1._states import HTTP1_CLIENT_STATES, Http1State
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    IdleTimeout,
    LocalProtocolError,
    TimedOut,
    TooManyInformationalResponses,
)
from codex_proto.http import Headers, HttpRequest

__all__ = ["Http1Connection"]


_S = Http1State
# Looked up once: it is needed for each piece of a body.
_RECEIVING: Final = Http1State.RECEIVING


class Http1Connection(ConnectionBase[Http1State]):
    """Sends requests over one connection and reads the answers (docs/connections.md).

    Call `start`, then `send` a request, then feed received bytes to `receive_data` until one of its
    events is the outcome: `ResponseComplete` or `HttpFailed`. While `state` is `IDLE` after that
    and `must_close` is False, `send` the next.

    Args:
        timeouts: how long to wait.
        limits: how much to accept.
        decode_content: whether to decompress bodies; a relay may set it to False.
    """

    def __init__(
        self,
        *,
        timeouts: HttpTimeouts | None = None,
        limits: HttpLimits | None = None,
        decode_content: bool = True,
    ) -> None:
        self._limits = HttpLimits() if limits is None else limits
        self._timeouts = HttpTimeouts() if timeouts is None else timeouts
        super().__init__(HTTP1_CLIENT_STATES, self._limits.max_pending)
        self._decode_content = decode_content
        self._h11 = h11.Connection(
            h11.CLIENT, max_incomplete_event_size=self._limits.max_header_size
        )
        self._reader = H11Reader(self._h11, self._limits.max_header_size)
        self._writer = RequestWriter(self._h11, self._out, self._limits.max_header_size)
        self._outcome: HttpOutcome | None = None
        self._begin_response()

    def _begin_response(self) -> None:
        self._head: ResponseHead | None = None
        self._informational = 0
        self._body: ContentReader | None = None
        self._has_answered = False

    # -- what is known --------------------------------------------------------------------------

    @property
    def outcome(self) -> HttpOutcome | None:
        """How the last request ended; None while it is in progress, and before the first."""
        return self._outcome

    @property
    def must_close(self) -> bool:
        """Whether the connection cannot be used again: close the transport, open another."""
        return self.state is _S.CLOSED

    @property
    def timeouts(self) -> HttpTimeouts:
        """How long the connection waits."""
        return self._timeouts

    @property
    def requests_sent(self) -> int:
        """How many requests have been sent; more than one means the connection was used again."""
        return self._writer.count

    @property
    def has_answered(self) -> bool:
        """Whether a byte of the answer to the last request has arrived.

        If a reused connection breaks before that, the server probably closed it before it saw the
        request, which may then be sent over another connection at once.
        """
        return self._has_answered

    # -- what the caller does -------------------------------------------------------------------

    def connect(self, now: float) -> None:
        """Report that the transport is being connected; `timeouts.connect` starts here.

        Next: `start` when it is connected, `receive_error` when it cannot be.

        Raises:
            LocalProtocolError: it is not the first call.
        """
        self._call("connect", now)
        self._machine.call("connect")
        self._timers.arm("connect", self._timeouts.connect)

    def start(self, now: float) -> None:
        """Report that the transport is connected, TLS included. Next: `send`.

        Raises:
            LocalProtocolError: the connection was started before.
        """
        self._call("start", now)
        self._machine.call("start")
        self._timers.disarm("connect")

    def send(self, request: HttpRequest, now: float) -> None:
        """Send a request; header fields that HTTP needs are added where they are missing.

        Next: write `data_to_send()`, then feed `receive_data`.

        Raises:
            LocalProtocolError: another request is in progress, or the connection is not open;
                `request` is for another host than the ones before, or its headers belong to the
                connection (`transfer-encoding`, `upgrade`, ...).
        """
        self.send_upgrade(request, now, ())

    def send_upgrade(
        self, request: HttpRequest, now: float, upgrade: tuple[tuple[str, str], ...]
    ) -> None:
        """Send a request with the fields of a switch of protocols, such as a WebSocket handshake.

        The event `Upgraded` reports that the server switches; `take_rest` returns what follows.

        Raises:
            LocalProtocolError: as `send`.
        """
        self._call("send", now)
        self._writer.write(request, upgrade)
        self._machine.call("send")
        self._begin_request()

    def _begin_request(self) -> None:
        self._outcome = None
        self._begin_response()
        first = self._timeouts.first_byte
        self._timers.arm("first_byte", self._timeouts.idle if first is None else first)
        self._timers.arm("total", self._timeouts.total)

    def close(self, now: float) -> list[ClientEvent]:
        """Close the connection from this side; a request in progress fails.

        Next: write what is left, if anything, and close the transport.
        """
        self._call("close", now)
        events = self._fail(ConnectionFailed("The connection was closed here, by the caller."))
        self._machine.call("close")
        self._timers.clear()
        return events

    def take_rest(self) -> bytes:
        """Return the bytes after the switch of protocols, once.

        Raises:
            LocalProtocolError: the server has not switched.
        """
        if self.state is not _S.SWITCHED:
            raise LocalProtocolError(
                f"take_rest: not allowed in the state {self.state.name} of Http1Connection"
            )
        return self._reader.take_rest()

    # -- what the peer does ----------------------------------------------------------------------

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[ClientEvent]:
        """Take bytes from the server; return the events they complete. `b""` has no effect.

        Raises:
            LocalProtocolError: the connection is not started, or has ended with `receive_eof`.
        """
        chunk = self._incoming(data, now)
        if not chunk:
            return []
        if self.state is _S.IDLE:
            # No request was sent: the server reports that it closes, or breaks the protocol.
            self._machine.happen("unexpected data")
            self._timers.clear()
        if self.state in (_S.CLOSED, _S.SWITCHED):
            self._trailing.add(chunk)
            return []
        self._note_arrival()
        events = self._translate(self._reader.receive(chunk))
        return events + self._conclude_reading()

    def receive_eof(self, now: float, clean: bool = True) -> list[ClientEvent]:
        """Report that the server sends no more; return the outcome if a request was in progress.

        `clean` is False for a reset or any other error. May be called more than once.

        Raises:
            LocalProtocolError: the transport was never connected; see `receive_error`.
        """
        self._call("receive_data", now)
        if self._eof:
            return []
        self._eof = True
        events: list[ClientEvent] = []
        if clean and self.state is _S.RECEIVING:
            events = self._translate(self._reader.receive_eof())
        events += self._fail(self._broken_off(clean))
        if self.state is not _S.CLOSED:
            self._machine.happen("end of input")
            self._timers.clear()
        return events

    def receive_error(self, error: CodexError, now: float) -> list[ClientEvent]:
        """Report that the transport failed, or could not be connected; `error` is the reason.

        Raises:
            LocalProtocolError: `error` is not a `CodexError`, or `connect` was not called.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        if self.state is _S.NEW:
            raise LocalProtocolError(
                "receive_error: not allowed in the state NEW of Http1Connection"
            )
        self._timers.tick(now)
        self._eof = True
        events = self._fail(error)
        self._machine.happen("failure")
        self._timers.clear()
        self._out.clear()
        return events

    def handle_timeout(self, now: float) -> list[ClientEvent]:
        """Report that it is `now`; return the failure if a deadline has passed."""
        self._timers.tick(now)
        name = self._timers.expired()
        if name is None:
            return []
        waits = {
            "connect": ("connection was not made", self._timeouts.connect),
            "first_byte": (
                "answer did not begin",
                self._timeouts.idle
                if self._timeouts.first_byte is None
                else self._timeouts.first_byte,
            ),
            "idle": ("server sent nothing more", self._timeouts.idle),
            "total": ("answer was not whole", self._timeouts.total),
        }
        what, seconds = waits[name]
        cls = IdleTimeout if name == "idle" else TimedOut
        return self._fail(cls(f"The {what} within {seconds} seconds."))

    # -- inside ---------------------------------------------------------------------------------

    def _note_arrival(self) -> None:
        if self._machine.state is not _RECEIVING:
            self._timers.disarm("first_byte")
            # A head has to be complete in its time, so that one sent slowly does not last for ever.
            if self._has_answered:
                return
            self._has_answered = True
        self._timers.arm("idle", self._timeouts.idle)

    def _translate(self, events: list[H11Event]) -> list[ClientEvent]:
        translated: list[ClientEvent] = []
        for event in joined(events):
            if self.state not in (_S.WAITING, _S.RECEIVING):
                break
            match event:
                case h11.InformationalResponse():
                    translated += self._receive_informational(event)
                case h11.Response():
                    translated.append(self._receive_head(event))
                case h11.Data():
                    translated += self._receive_body(bytes(event.data))
                case h11.EndOfMessage():
                    translated += self._receive_end(event)
                case _:  # a request: h11 does not read one as a client
                    pass
        return translated

    def _receive_informational(self, event: h11.InformationalResponse) -> list[ClientEvent]:
        headers = Headers(list(event.headers))
        if event.status_code == 101:
            self._machine.happen("switch of protocols")
            self._timers.clear()
            return [Upgraded(ResponseHead(101, headers))]
        self._informational += 1
        if self._informational > self._limits.max_informational:
            limit = self._limits.max_informational
            return self._fail(
                TooManyInformationalResponses(
                    f"The server sent more than {limit} 1xx responses and no final one.",
                    limit_name="max_informational",
                    limit=limit,
                )
            )
        self._timers.arm("idle", self._timeouts.idle)
        return [InformationalResponse(event.status_code, headers)]

    def _receive_head(self, event: h11.Response) -> ResponseHead:
        return self._begin_body(ResponseHead(event.status_code, Headers(list(event.headers))))

    def _begin_body(self, head: ResponseHead) -> ResponseHead:
        self._machine.happen("response head")
        self._body = ContentReader(
            head.headers,
            max_size=self._limits.max_body_size,
            max_expansion=self._limits.max_expansion,
            decode=self._decode_content,
        )
        self._timers.arm("idle", self._timeouts.idle)
        self._head = head
        return head

    def _receive_body(self, data: bytes) -> list[ClientEvent]:
        body = self._body
        if body is None:
            return []
        events: list[ClientEvent] = [*map(BodyData, body.receive(data))]
        return events if body.failure is None else events + self._fail(body.failure)

    def _receive_end(self, event: h11.EndOfMessage) -> list[ClientEvent]:
        broken = None if self._body is None else self._body.finish()
        if broken is not None:
            return self._fail(broken)
        self._outcome = ResponseComplete(Headers(list(event.headers)))
        self._timers.clear()
        # A server that answers before it has read the request may never read the rest of it.
        if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE and not self._out:
            self._h11.start_next_cycle()
            self._machine.happen("end of a response")
        else:
            self._machine.happen("end of the last response")
            self._out.clear()
        return [self._outcome]

    def _conclude_reading(self) -> list[ClientEvent]:
        """Check for a failure and for bytes left over, after bytes were read."""
        events: list[ClientEvent] = []
        if self._reader.failure is not None:
            events += self._fail(self._reader.failure)
        rest = b""
        if self.state in (_S.IDLE, _S.CLOSED):
            rest = self._reader.take_rest()
        if self.state is _S.IDLE:
            if rest:
                self._machine.happen("unexpected data")
            else:
                self._reader.resume()
        self._trailing.add(rest)
        return events

    def _broken_off(self, clean: bool) -> CodexError:
        how = "was closed" if clean else "broke"
        when = {
            _S.WAITING: "in its head" if self._has_answered else "before the answer",
            _S.RECEIVING: "in the body",
        }.get(self.state, "")
        return ConnectionFailed(f"The connection {how} {when}.")

    def _fail(self, error: CodexError) -> list[ClientEvent]:
        """Close the connection; return the failure if a request is in progress."""
        is_open = self.state in (_S.WAITING, _S.RECEIVING)
        if self.state in (_S.CONNECTING, _S.WAITING, _S.RECEIVING):
            is_new = self.state is _S.CONNECTING
            self._machine.happen("failure")
            self._timers.clear()
            self._out.clear()
            if is_open or is_new:
                self._outcome = HttpFailed(error)
                return [self._outcome]
        return []
