"""One WebSocket, either end: handshake, messages, keepalive, goodbye; bytes in, events out.

wsproto does the framing. The client's end begins here; the server's comes from
`Http1ServerConnection.accept`.

Source: RFC 6455; RFC 7692; DESIGN section 5; wire.md 2.1 to 2.5.
"""

from __future__ import annotations

import enum
from typing import Final

from wsproto.frame_protocol import FrameProtocol

from codex_proto._input import as_bytes
from codex_proto.connections.base import ConnectionBase
from codex_proto.connections.close_codes import ABNORMAL, NORMAL, is_sendable_close_code
from codex_proto.connections.http1 import Http1Connection, Http1State
from codex_proto.connections.http1_events import (
    BodyData,
    ClientEvent,
    HttpFailed,
    ResponseComplete,
    ResponseHead,
    Upgraded,
)
from codex_proto.connections.options import (
    HttpLimits,
    HttpTimeouts,
    WebSocketLimits,
    WebSocketTimeouts,
)
from codex_proto.connections.states import StateTable
from codex_proto.connections.websocket_deflate import DeflateExtension, DeflateParameters
from codex_proto.connections.websocket_events import (
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
from codex_proto.connections.websocket_frames import CloseFrame, FrameReader, Received
from codex_proto.connections.websocket_handshake import ClientHandshake
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    KeepaliveTimeout,
    LocalProtocolError,
    RemoteProtocolError,
    TimedOut,
)
from codex_proto.http_request import HttpRequest, HttpResponse

__all__ = ["WEBSOCKET_STATES", "WebSocketConnection", "WebSocketState"]

_MAX_CONTROL: Final = 125
# How many bytes of a frame its header takes at most, with the mask.
_FRAME_HEADER: Final = 14


class WebSocketState(enum.Enum):
    """Where a WebSocket is."""

    NEW = "no transport yet"
    CONNECTING = "the transport is being connected"
    HANDSHAKE = "the handshake is sent; no answer yet"
    REFUSING = "the server refuses; the body of its answer is coming"
    OPEN = "messages go both ways"
    CLOSING = "our close frame is sent; the peer's is due"
    CLOSED = "over; close the transport"


_S = WebSocketState

WEBSOCKET_STATES: Final[StateTable[WebSocketState]] = StateTable(
    "WebSocketConnection",
    _S.NEW,
    calls={
        _S.NEW: {"connect": _S.CONNECTING, "start": _S.HANDSHAKE, "close": _S.CLOSED},
        _S.CONNECTING: {"start": _S.HANDSHAKE, "close": _S.CLOSED},
        _S.HANDSHAKE: {"receive_data": _S.HANDSHAKE, "close": _S.CLOSED},
        _S.REFUSING: {"receive_data": _S.REFUSING, "close": _S.CLOSED},
        _S.OPEN: {"send": _S.OPEN, "receive_data": _S.OPEN, "close": _S.CLOSING},
        _S.CLOSING: {"receive_data": _S.CLOSING, "close": _S.CLOSING},
        _S.CLOSED: {"receive_data": _S.CLOSED, "close": _S.CLOSED},
    },
    happenings={
        _S.NEW: {"accepted by us": _S.OPEN},
        _S.CONNECTING: {"failure": _S.CLOSED},
        _S.HANDSHAKE: {
            "accepted": _S.OPEN,
            "refusal": _S.REFUSING,
            "failure": _S.CLOSED,
        },
        _S.REFUSING: {"end of the refusal": _S.CLOSED, "failure": _S.CLOSED},
        _S.OPEN: {"close frame": _S.CLOSED, "end of input": _S.CLOSED, "failure": _S.CLOSED},
        _S.CLOSING: {
            "close frame": _S.CLOSED,
            "end of input": _S.CLOSED,
            "no close frame in time": _S.CLOSED,
            "failure": _S.CLOSED,
        },
    },
)


class WebSocketConnection(ConnectionBase[WebSocketState]):
    """Speaks WebSocket over one connection (docs/connections.md).

    A client calls `start`, and after `HandshakeAccepted` may `send` messages; `receive_data` gives
    the peer's. Pings are answered without further ado, a flood of them once for all that came
    together. One event is the outcome: `WebSocketClosed`, `WebSocketFailed`, or
    `HandshakeRefused`; close the transport after it, when all is written.

    Args:
        request: a GET whose URL has the scheme ws or wss (http and https are taken for those),
            with the caller's own header fields; the handshake's are added.
        subprotocols: what to offer, the best first.
        compression: whether to offer permessage-deflate.
        timeouts: how long to wait.
        limits: how much to take and to send.

    Raises:
        LocalProtocolError: the request is no GET, or has a body.
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
        self._request = request
        self._handshake = ClientHandshake(subprotocols, compression=compression)
        # A refusal is an answer like any other, and read as one.
        self._http: Http1Connection | None = Http1Connection(
            timeouts=HttpTimeouts(connect=None, idle=self._timeouts.connect),
            limits=HttpLimits(
                max_header_size=self._limits.max_header_size,
                max_body_size=self._limits.max_refusal_size,
            ),
        )

    def _set_up(self, timeouts: WebSocketTimeouts | None, limits: WebSocketLimits | None) -> None:
        self._limits = WebSocketLimits() if limits is None else limits
        self._timeouts = WebSocketTimeouts() if timeouts is None else timeouts
        super().__init__(WEBSOCKET_STATES, self._limits.max_pending)
        self._reader: FrameReader | None = None
        self._writer: FrameProtocol | None = None
        self._outcome: WebSocketOutcome | None = None
        self._refusal: ResponseHead | None = None
        self._refusal_body = bytearray()
        self._is_client = True
        self._pong: bytes | None = None
        self._early = b""
        self._early_eof = False
        self._pings = 0
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

        `Http1ServerConnection.accept` calls this; so may you, if other code of yours has done the
        handshake.
        """
        self = cls.__new__(cls)
        self._set_up(timeouts, limits)
        self._http = None
        self._is_client = False
        self._timers.tick(now)
        self._subprotocol = subprotocol
        self._machine.happen("accepted by us")
        self._open(deflate)
        return self

    # -- what is known --------------------------------------------------------------------------

    @property
    def outcome(self) -> WebSocketOutcome | None:
        """How it ended; None until then."""
        return self._outcome

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written."""
        return self.state is _S.CLOSED

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that both sides have settled on."""
        return self._subprotocol

    @property
    def pings_received(self) -> int:
        """How many pings have come so far."""
        return self._pings

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        handshake = 0 if self._http is None else self._http.bytes_pending
        return handshake + len(self._out) + self._pong_size

    @property
    def _pong_size(self) -> int:
        if self._pong is None:
            return 0
        return 2 + len(self._pong) + (4 if self._is_client else 0)

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when there are none."""
        handshake = b"" if self._http is None else self._http.data_to_send()
        self._write_pong()
        return handshake + self._out.take()

    # -- the caller's doings --------------------------------------------------------------------

    def connect(self, now: float) -> None:
        """Say that the transport is being connected, so that `timeouts.connect` counts from here.

        Next: `start` when it is connected, `receive_error` when it cannot be.

        Raises:
            LocalProtocolError: it is not the first call.
        """
        self._call("connect", now)
        self._machine.call("connect")
        self._timers.arm("connect", self._timeouts.connect)

    def start(self, now: float) -> None:
        """Say that the transport is connected, TLS included; the handshake is to be written.

        Next: write `data_to_send()`, then feed `receive_data` until `HandshakeAccepted`.

        Raises:
            LocalProtocolError: it was started before; the request's fields are the connection's.
        """
        self._call("start", now)
        http = self._http
        if http is None:
            return
        # Twice over, should the first attempt have been refused for the request's fields.
        if http.state is Http1State.NEW:
            http.start(now)
        http.send_upgrade(self._request, now, self._handshake.fields)
        if self.state is _S.NEW:
            self._timers.arm("connect", self._timeouts.connect)
        self._machine.call("start")

    def send(self, message: TextMessage | BinaryMessage | Ping | Pong | str, now: float) -> None:
        """Send a message (text may be a `str`), or a ping or pong of the caller's own.

        Next: write `data_to_send()`.

        Raises:
            LocalProtocolError: it is not open; the message is larger than
                `max_outgoing_message_size`, which servers do not take; a text has no UTF-8; a ping
                has more than 125 bytes.
        """
        self._call("send", now)
        writer = self._writer
        if writer is None:
            return
        match message:
            case str() | TextMessage() | BinaryMessage():
                data = _payload(message)
                self._check_size(data)
                self._out.check_room("message", len(data) + _FRAME_HEADER)
                self._write_pong()
                self._write_message(writer, data, is_text=not isinstance(message, BinaryMessage))
            case Ping() | Pong():
                payload = as_bytes("payload", message.payload)
                if len(payload) > _MAX_CONTROL:
                    raise LocalProtocolError("payload: a ping or pong has at most 125 bytes")
                self._out.check_room("payload", len(payload) + _FRAME_HEADER)
                is_ping = isinstance(message, Ping)
                self._out.write(writer.ping(payload) if is_ping else writer.pong(payload))
            case _:
                raise LocalProtocolError(
                    f"message: must be text, TextMessage, BinaryMessage, Ping or Pong, not "
                    f"{type(message).__name__}"
                )

    def close(self, now: float, code: int = NORMAL, reason: str = "") -> list[WebSocketEvent]:
        """Say goodbye; before the handshake is done, only the transport is to be closed.

        Next: write `data_to_send()`, and go on reading until `WebSocketClosed`, for
        `timeouts.close` at most. A second call changes nothing.

        Raises:
            LocalProtocolError: a close frame cannot have that code, or not so long a reason.
        """
        self._call("close", now)
        if not isinstance(code, int) or not is_sendable_close_code(code):
            raise LocalProtocolError(f"code: a close frame cannot have {code!r}")
        if not isinstance(reason, str) or len(_utf8("reason", reason)) > _MAX_CONTROL - 2:
            raise LocalProtocolError("reason: must be text of at most 123 bytes in UTF-8")
        if self.state in (_S.CLOSING, _S.CLOSED):
            return []
        if self.state is not _S.OPEN:
            self._machine.call("close")
            self._outcome = WebSocketClosed(ABNORMAL, "", by_peer=False)
            self._end()
            return [self._outcome]
        self._write_close(code, reason)
        self._machine.call("close")
        self._timers.clear()
        self._timers.arm("close", self._timeouts.close)
        return []

    # -- the peer's doings ----------------------------------------------------------------------

    def receive_data(
        self, data: bytes | bytearray | memoryview, now: float
    ) -> list[WebSocketEvent]:
        """Take bytes of the peer's; return what they say. `b""` says nothing.

        Raises:
            LocalProtocolError: it is not started, or has ended with `receive_eof`.
        """
        chunk = self._incoming(data, now)
        if not chunk:
            return []
        return self._take_early() + self._receive(chunk)

    def receive_later(self, data: bytes) -> None:
        """Keep bytes that came with the handshake until `handle_timeout`, which is due at once."""
        self._early += data
        self._timers.arm("early", 0)

    def receive_eof_later(self) -> None:
        """Keep in mind that the peer has ended; `handle_timeout`, due at once, tells of it."""
        self._early_eof = True
        self._timers.arm("early", 0)

    def receive_eof(self, now: float, clean: bool = True) -> list[WebSocketEvent]:
        """Say that the peer sends no more; return the outcome if there is none yet.

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
        """Say that the transport failed, or could not be connected; `error` says how.

        Raises:
            LocalProtocolError: `error` is no `CodexError`, or nothing was begun.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        if self.state is _S.NEW:
            raise LocalProtocolError("receive_error: not in the state NEW of WebSocketConnection")
        self._timers.tick(now)
        self._eof = True
        events = self._fail(error)
        self._out.clear()
        return events

    def handle_timeout(self, now: float) -> list[WebSocketEvent]:
        """Say that it is `now`: a ping may be due, or an answer overdue."""
        self._timers.tick(now)
        match self._timers.expired():
            case None:
                return []
            case "early":
                return self._take_early()
            case "ping":
                self._write_ping()
                return []
            case "pong":
                seconds = self._timeouts.ping_timeout
                error = KeepaliveTimeout(f"The peer did not answer a ping within {seconds} s.")
                return self._fail(error, 1011)
            case "close":
                self._machine.happen("no close frame in time")
                return self._finish(WebSocketClosed(ABNORMAL, "", by_peer=False))
            case _:
                seconds = self._timeouts.connect
                if self.state is _S.REFUSING:
                    return self._finish_refusal()
                return self._fail(
                    TimedOut(f"The WebSocket handshake was not done within {seconds} seconds.")
                )

    # -- the handshake --------------------------------------------------------------------------

    def _receive(self, chunk: bytes) -> list[WebSocketEvent]:
        if self.state is _S.CLOSED:
            self._trailing.add(chunk)
            return []
        if self._reader is not None:
            return self._receive_frames(chunk)
        http = self._http
        if http is None:
            return []
        return self._receive_answer(http, http.receive_data(chunk, self._timers.now))

    def _receive_answer(
        self, http: Http1Connection, answer: list[ClientEvent]
    ) -> list[WebSocketEvent]:
        events: list[WebSocketEvent] = []
        for event in answer:
            match event:
                case Upgraded(head=head):
                    events += self._check_upgrade(head, http.take_rest())
                case ResponseHead():
                    self._refusal = event
                    self._machine.happen("refusal")
                case BodyData(data=data):
                    self._refusal_body += data
                case ResponseComplete():
                    events += self._finish_refusal()
                case HttpFailed(error=error):
                    refused = self._refusal is not None
                    events += self._finish_refusal() if refused else self._fail(error)
                case _:  # 1xx before the answer
                    pass
        if self.state is _S.CLOSED:
            self._trailing.add(http.trailing_data)
        return events

    def _check_upgrade(self, head: ResponseHead, rest: bytes) -> list[WebSocketEvent]:
        agreement = self._handshake.check(head.headers)
        if isinstance(agreement, RemoteProtocolError):
            return self._fail(agreement)
        self._http = None
        self._subprotocol = agreement.subprotocol
        self._machine.happen("accepted")
        self._open(agreement.deflate)
        accepted = HandshakeAccepted(
            head.headers, agreement.subprotocol, agreement.deflate is not None
        )
        return [accepted, *(self._receive_frames(rest) if rest else [])]

    def _finish_refusal(self) -> list[WebSocketEvent]:
        head = self._refusal
        if head is None:
            return []
        self._machine.happen("end of the refusal")
        response = HttpResponse(head.status, head.headers, bytes(self._refusal_body))
        return self._finish(HandshakeRefused(response))

    def _open(self, deflate: DeflateParameters | None) -> None:
        self._reader = FrameReader(
            is_client=self._is_client,
            deflate=deflate,
            max_message_size=self._limits.max_message_size,
        )
        extension = self._reader.extension
        extensions: list[DeflateExtension] = [] if extension is None else [extension]
        self._writer = FrameProtocol(self._is_client, [*extensions])
        self._timers.clear()
        self._timers.arm("ping", self._timeouts.ping_interval)

    # -- frames ---------------------------------------------------------------------------------

    def _take_early(self) -> list[WebSocketEvent]:
        early, self._early = self._early, b""
        self._timers.disarm("early")
        events = self._receive(early) if early else []
        if self._early_eof:
            self._early_eof, self._eof = False, True
            events += self._receive_end(clean=True)
        return events

    def _receive_frames(self, chunk: bytes) -> list[WebSocketEvent]:
        reader = self._reader
        if reader is None:
            return []
        if self.state is _S.OPEN:
            self._timers.disarm("pong")
            self._timers.arm("ping", self._timeouts.ping_interval)
        received, rest = reader.receive(chunk)
        events: list[WebSocketEvent] = []
        for event in received:
            events += self._take(event)
        if reader.failure is not None:
            events += self._fail(reader.failure, reader.close_code)
        self._trailing.add(rest)
        return events

    def _take(self, event: Received) -> list[WebSocketEvent]:
        match event:
            case Ping(payload=payload):
                self._pings += 1
                if self.state is _S.OPEN:
                    # Only the last of those that came together is answered (RFC 6455, 5.5.3).
                    self._pong = payload
                return [event]
            case CloseFrame():
                return self._receive_close(event)
            case _:
                return [event]

    def _receive_close(self, frame: CloseFrame) -> list[WebSocketEvent]:
        by_peer = self.state is _S.OPEN
        if by_peer:
            self._write_close(frame.code if is_sendable_close_code(frame.code) else None, "")
        self._machine.happen("close frame")
        return self._finish(WebSocketClosed(frame.code, frame.reason, by_peer=by_peer))

    def _receive_end(self, clean: bool) -> list[WebSocketEvent]:
        if self.state in (_S.OPEN, _S.CLOSING):
            by_peer = self.state is _S.OPEN
            self._machine.happen("end of input")
            self._out.clear()
            return self._finish(WebSocketClosed(ABNORMAL, "", by_peer=by_peer))
        http = self._http
        if http is None or self.state is _S.CLOSED:
            return []
        events = self._receive_answer(http, http.receive_eof(self._timers.now, clean))
        how = "was closed" if clean else "broke"
        return events + self._fail(ConnectionFailed(f"The connection {how} in the handshake."))

    # -- inside ---------------------------------------------------------------------------------

    def _check_size(self, data: bytes) -> None:
        limit = self._limits.max_outgoing_message_size
        if len(data) > limit:
            raise LocalProtocolError(
                f"message: has {len(data)} bytes, more than the {limit} of "
                "max_outgoing_message_size; the server would close the connection over it"
            )

    def _write_message(self, writer: FrameProtocol, data: bytes, *, is_text: bool) -> None:
        size = self._limits.max_frame_size
        if size is None or len(data) <= size:
            self._out.write(writer.send_data(data.decode() if is_text else data))
            return
        start = 0
        while start < len(data):
            end = _character_start(data, start, start + size) if is_text else start + size
            part = data[start:end]
            payload = part.decode() if is_text else part
            self._out.write(writer.send_data(payload, end >= len(data)))
            start = end

    def _write_pong(self) -> None:
        if self._pong is not None and self._writer is not None:
            self._out.write(self._writer.pong(self._pong))
        self._pong = None

    def _write_ping(self) -> None:
        if self._writer is not None:
            self._out.write(self._writer.ping(b""))
            self._timers.arm("pong", self._timeouts.ping_timeout)

    def _write_close(self, code: int | None, reason: str) -> None:
        if self._writer is not None:
            self._write_pong()
            self._out.write(self._writer.close(code, reason or None))

    def _fail(self, error: CodexError, close_code: int | None = None) -> list[WebSocketEvent]:
        if self._outcome is not None:
            return []
        if close_code is not None and self.state is _S.OPEN:
            self._write_close(close_code, "")
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
        self._refusal_body = bytearray()
        if self._http is not None:
            self._http.close(self._timers.now)
            self._http.data_to_send()


def _payload(message: str | TextMessage | BinaryMessage) -> bytes:
    if isinstance(message, str):
        return _utf8("message", message)
    data = as_bytes("data", message.data)
    if isinstance(message, TextMessage):
        try:
            data.decode()
        except UnicodeDecodeError:
            raise LocalProtocolError("data: a text message must be UTF-8") from None
    return data


def _utf8(argument: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError(f"{argument}: has a lone surrogate, which no UTF-8 has") from None


def _character_start(data: bytes, start: int, end: int) -> int:
    """The last place at or before `end` where a character begins, but after `start`."""
    if end >= len(data):
        return len(data)
    cut = end
    while cut > start and data[cut] & 0xC0 == 0x80:
        cut -= 1
    if cut > start:
        return cut
    # A frame smaller than one character: the whole of it all the same.
    cut = end
    while cut < len(data) and data[cut] & 0xC0 == 0x80:
        cut += 1
    return cut
