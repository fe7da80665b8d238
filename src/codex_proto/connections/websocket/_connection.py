"""One WebSocket, either end: handshake, messages, keepalive, close; bytes in, events out.

wsproto does the framing. The client's end begins here; the server's comes from
`Http1ServerConnection.accept`.

Source: RFC 6455; RFC 7692; docs/architecture.md, "Connections"; wire.md 2.1 to 2.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from codex_proto._close_codes import ABNORMAL, NORMAL, is_sendable_close_code
from codex_proto.connections._base import ConnectionBase
from codex_proto.connections._options import WebSocketLimits, WebSocketTimeouts
from codex_proto.connections.websocket._deflate import DeflateParameters
from codex_proto.connections.websocket._events import (
    BinaryMessage,
    HandshakeAccepted,
    HandshakeRefused,
    Ping,
    Pong,
    TextMessage,
    WebSocketClosed,
    WebSocketEvent,
    WebSocketFailed,
    WebSocketOutcome,
)
from codex_proto.connections.websocket._messages import MessagePhase
from codex_proto.connections.websocket._opening import Accepted, ClientOpening
from codex_proto.connections.websocket._states import WEBSOCKET_STATES, WebSocketState
from codex_proto.connections.websocket._writer import utf8
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    KeepaliveTimeout,
    LocalProtocolError,
    TimedOut,
)
from codex_proto.http import HttpRequest, HttpResponse

__all__ = ["WebSocketConnection"]

# RFC 6455, 5.5: 125 bytes, of which the code takes two.
_MAX_REASON: Final = 123


_S = WebSocketState


class WebSocketConnection(ConnectionBase[WebSocketState]):
    """Speaks WebSocket over one connection (docs/connections.md).

    A client calls `start`, and after `HandshakeAccepted` may `send` messages; `receive_data`
    returns the peer's. Pings are answered automatically, several that arrive together once. One
    event is the outcome: `WebSocketClosed`, `WebSocketFailed`, or `HandshakeRefused`; close the
    transport after it, when all is written.

    Args:
        request: a GET whose URL has the scheme ws or wss (http and https are aliases),
            with the caller's own header fields; the handshake's are added.
        subprotocols: what to offer, in order of preference.
        compression: whether to offer permessage-deflate.
        timeouts: how long to wait.
        limits: how much to accept and to send.

    Raises:
        LocalProtocolError: the request is not a GET, or has a body.
    """

    def __init__(
        self,
        request: HttpRequest,
        *,
        subprotocols: tuple[str, ...] = (),
        compression: bool = True,
        timeouts: WebSocketTimeouts | None = None,
        limits: WebSocketLimits | None = None,
    ) -> None:
        if not isinstance(request, HttpRequest):
            raise LocalProtocolError(
                f"request: must be an HttpRequest, not {type(request).__name__}"
            )
        if request.method != "GET" or request.body:
            raise LocalProtocolError("request: a WebSocket begins with a GET without a body")
        self._set_up(timeouts, limits)
        self._opening: ClientOpening | None = ClientOpening(
            request, subprotocols, compression=compression, limits=self._limits
        )

    def _set_up(self, timeouts: WebSocketTimeouts | None, limits: WebSocketLimits | None) -> None:
        self._limits = WebSocketLimits() if limits is None else limits
        self._timeouts = WebSocketTimeouts() if timeouts is None else timeouts
        super().__init__(WEBSOCKET_STATES, self._limits.max_pending)
        self._messages: MessagePhase | None = None
        self._outcome: WebSocketOutcome | None = None
        self._is_client = True
        self._early = b""
        self._early_eof = False
        self._subprotocol: str | None = None

    @classmethod
    def accepted(
        cls,
        now: float,
        *,
        deflate: DeflateParameters | None = None,
        subprotocol: str | None = None,
        timeouts: WebSocketTimeouts | None = None,
        limits: WebSocketLimits | None = None,
    ) -> WebSocketConnection:
        """Return the server's end of a WebSocket whose handshake is done, in the state `OPEN`.

        `Http1ServerConnection.accept` calls this; call it yourself if other code has done the
        handshake.
        """
        self = cls.__new__(cls)
        self._set_up(timeouts, limits)
        self._opening = None
        self._is_client = False
        self._timers.tick(now)
        self._subprotocol = subprotocol
        self._machine.happen("accepted by this side")
        self._open(deflate)
        return self

    # -- what is known --------------------------------------------------------------------------

    @property
    def outcome(self) -> WebSocketOutcome | None:
        """How the WebSocket ended; None until then."""
        return self._outcome

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written."""
        return self.state is _S.CLOSED

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that both sides agreed on, or None."""
        return self._subprotocol

    @property
    def pings_received(self) -> int:
        """How many pings have been received."""
        return 0 if self._messages is None else self._messages.pings_received

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        opening = 0 if self._opening is None else self._opening.bytes_pending
        later = 0 if self._messages is None else self._messages.bytes_pending
        return opening + len(self._out) + later

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when nothing is waiting."""
        opening = b"" if self._opening is None else self._opening.data_to_send()
        if self._messages is not None:
            self._messages.flush()
        return opening + self._out.take()

    # -- what the caller does -------------------------------------------------------------------

    def connect(self, now: float) -> None:
        """Report that the transport is being connected; `timeouts.connect` counts from here.

        Next: `start` when it is connected, `receive_error` when it cannot be.

        Raises:
            LocalProtocolError: it is not the first call.
        """
        self._call("connect", now)
        self._machine.call("connect")
        self._timers.arm("connect", self._timeouts.connect)

    def start(self, now: float) -> None:
        """Report that the transport is connected, TLS included; the handshake is to be written.

        Next: write `data_to_send()`, then feed `receive_data` until `HandshakeAccepted`.

        Raises:
            LocalProtocolError: it was started before; the request has fields that the connection
                sets.
        """
        self._call("start", now)
        if self._opening is not None:
            self._opening.start(now)
        if self.state is _S.NEW:
            self._timers.arm("connect", self._timeouts.connect)
        self._machine.call("start")

    def send(self, message: TextMessage | BinaryMessage | Ping | Pong | str, now: float) -> None:
        """Send a message (text may be a `str`), or a ping or pong.

        Next: write `data_to_send()`.

        Raises:
            LocalProtocolError: it is not open; the message is larger than
                `max_outgoing_message_size`, the limit of servers; a text is not valid UTF-8;
                a ping has more than 125 bytes.
        """
        self._call("send", now)
        if self._messages is not None:
            self._messages.send(message)

    def close(self, now: float, code: int = NORMAL, reason: str = "") -> list[WebSocketEvent]:
        """Begin to close; before the end of the handshake only the transport has to be closed.

        Next: write `data_to_send()`, and go on reading until `WebSocketClosed`, for
        `timeouts.close` at most. A second call changes nothing.

        Raises:
            LocalProtocolError: a close frame cannot have that code, or the reason is too long.
        """
        self._call("close", now)
        if not isinstance(code, int) or not is_sendable_close_code(code):
            raise LocalProtocolError(f"code: a close frame cannot have {code!r}")
        if not isinstance(reason, str) or len(utf8("reason", reason)) > _MAX_REASON:
            raise LocalProtocolError("reason: must be text of at most 123 bytes in UTF-8")
        if self.state in (_S.CLOSING, _S.CLOSED):
            return []
        if self.state is not _S.OPEN:
            self._machine.call("close")
            self._outcome = WebSocketClosed(ABNORMAL, "", by_peer=False)
            self._end()
            return [self._outcome]
        if self._messages is not None:
            self._messages.close(code, reason)
        self._machine.call("close")
        self._timers.clear()
        self._timers.arm("close", self._timeouts.close)
        return []

    # -- what the peer does ----------------------------------------------------------------------

    def receive_data(
        self, data: bytes | bytearray | memoryview, now: float
    ) -> list[WebSocketEvent]:
        """Take bytes from the peer; return the events they complete. `b""` has no effect.

        Raises:
            LocalProtocolError: it is not started, or has ended with `receive_eof`.
        """
        return [*self.receive_each(data, now)]

    def receive_each(
        self, data: bytes | bytearray | memoryview, now: float
    ) -> Iterator[WebSocketEvent]:
        """Take bytes as `receive_data` does, but yield the events; take all of them.

        A later frame has no effect before the events of earlier ones were taken, so that what is
        sent on an event does not depend on what arrived with it.

        Raises:
            LocalProtocolError: as `receive_data`, at once.
        """
        chunk = self._incoming(data, now)
        return chain(self._take_early(), self._receive(chunk)) if chunk else iter(())

    def receive_later(self, data: bytes) -> None:
        """Keep bytes that came with the handshake until `handle_timeout`, which is due at once."""
        self._early += data
        self._timers.arm("early", 0)

    def receive_eof_later(self) -> None:
        """Record that the peer has ended; `handle_timeout`, due at once, reports it."""
        self._early_eof = True
        self._timers.arm("early", 0)

    def receive_eof(self, now: float, clean: bool = True) -> list[WebSocketEvent]:
        """Report that the peer sends no more; return the outcome if there was none yet.

        `clean` is False for a reset or any other error. May be called more than once.

        Raises:
            LocalProtocolError: the transport was never connected; see `receive_error`.
        """
        self._call("receive_data", now)
        if self._eof:
            return []
        events = self._take_early()
        self._eof = True
        return events + self._receive_end(clean)

    def receive_error(self, error: CodexError, now: float) -> list[WebSocketEvent]:
        """Report that the transport failed, or could not be connected; `error` is the reason.

        Raises:
            LocalProtocolError: `error` is not a `CodexError`, or nothing has begun.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        if self.state is _S.NEW:
            raise LocalProtocolError(
                "receive_error: not allowed in the state NEW of WebSocketConnection"
            )
        self._timers.tick(now)
        self._eof = True
        events = self._fail(error)
        self._out.clear()
        return events

    def handle_timeout(self, now: float) -> list[WebSocketEvent]:
        """Report that it is `now`: a ping may be due, or an answer overdue."""
        self._timers.tick(now)
        match self._timers.expired():
            case None:
                return []
            case "early":
                return self._take_early()
            case "ping":
                if self._messages is not None:
                    self._messages.ping()
                return []
            case "pong":
                seconds = self._timeouts.ping_timeout
                error = KeepaliveTimeout(f"The peer did not answer a ping within {seconds} s.")
                return self._fail(error, 1011)
            case "close":
                self._machine.happen("no close frame in time")
                return self._finish(WebSocketClosed(ABNORMAL, "", by_peer=False))
            case _:
                return self._end_opening()

    # -- the handshake --------------------------------------------------------------------------

    def _receive(self, chunk: bytes) -> Iterator[WebSocketEvent]:
        if self.state is _S.CLOSED:
            self._trailing.add(chunk)
        elif self._messages is not None:
            yield from self._receive_frames(self._messages, chunk)
        elif self._opening is not None:
            answer = self._opening.receive_data(chunk, self._timers.now)
            yield from self._take_answer(self._opening, answer)

    def _take_answer(
        self, opening: ClientOpening, answer: Accepted | HttpResponse | CodexError | None
    ) -> Iterator[WebSocketEvent]:
        if opening.is_refused and self.state is _S.HANDSHAKE:
            self._machine.happen("refusal")
        match answer:
            case None:
                pass
            case Accepted():
                yield self._accept(answer)
                if answer.rest:
                    yield from self._receive(answer.rest)
            case HttpResponse():
                self._machine.happen("end of the refusal")
                self._trailing.add_all(opening.trailing)
                yield from self._finish(HandshakeRefused(answer))
            case _:
                self._trailing.add_all(opening.trailing)
                yield from self._fail(answer)

    def _accept(self, accepted: Accepted) -> HandshakeAccepted:
        deflate = accepted.agreement.deflate
        self._opening = None
        self._subprotocol = accepted.agreement.subprotocol
        self._machine.happen("accepted")
        self._open(deflate)
        return HandshakeAccepted(accepted.headers, self._subprotocol, deflate is not None)

    def _end_opening(self) -> list[WebSocketEvent]:
        """End a handshake that takes too long."""
        opening = self._opening
        refusal = None if opening is None else opening.give_up(self._timers.now)
        if opening is not None and refusal is not None:
            return [*self._take_answer(opening, refusal)]
        seconds = self._timeouts.connect
        return self._fail(
            TimedOut(f"The WebSocket handshake was not done within {seconds} seconds.")
        )

    def _open(self, deflate: DeflateParameters | None) -> None:
        self._messages = MessagePhase(
            self._machine,
            self._timers,
            self._out,
            is_client=self._is_client,
            deflate=deflate,
            timeouts=self._timeouts,
            limits=self._limits,
        )

    # -- frames ---------------------------------------------------------------------------------

    def _take_early(self) -> list[WebSocketEvent]:
        early, self._early = self._early, b""
        self._timers.disarm("early")
        events = [*self._receive(early)] if early else []
        if self._early_eof:
            self._early_eof, self._eof = False, True
            events += self._receive_end(clean=True)
        return events

    def _receive_frames(self, messages: MessagePhase, chunk: bytes) -> Iterator[WebSocketEvent]:
        received, rest = messages.receive(chunk)
        self._trailing.add(rest)
        for each in received:
            event = messages.take(each)
            if isinstance(event, WebSocketClosed):
                self._finish(event)
            yield event
        if messages.failure is not None:
            yield from self._fail(messages.failure, messages.failure_code)

    def _receive_end(self, clean: bool) -> list[WebSocketEvent]:
        if self.state in (_S.OPEN, _S.CLOSING):
            by_peer = self.state is _S.OPEN
            self._machine.happen("end of input")
            self._out.clear()
            return self._finish(WebSocketClosed(ABNORMAL, "", by_peer=by_peer))
        if self._opening is None or self.state is _S.CLOSED:
            return []
        answer = self._opening.receive_eof(self._timers.now, clean)
        events = [*self._take_answer(self._opening, answer)]
        how = "was closed" if clean else "broke"
        return events + self._fail(ConnectionFailed(f"The connection {how} in the handshake."))

    # -- inside ---------------------------------------------------------------------------------

    def _fail(self, error: CodexError, close_code: int | None = None) -> list[WebSocketEvent]:
        if self._outcome is not None:
            return []
        if close_code is not None and self.state is _S.OPEN and self._messages is not None:
            self._messages.close(close_code)
        elif self.state is _S.CLOSING:
            close_code = None
        self._machine.happen("failure")
        return self._finish(WebSocketFailed(error, close_code))

    def _finish(self, outcome: WebSocketOutcome) -> list[WebSocketEvent]:
        self._outcome = outcome
        self._end()
        return [outcome]

    def _end(self) -> None:
        self._timers.clear()
        if self._opening is not None:
            self._opening.give_up(self._timers.now)
            self._opening.data_to_send()
