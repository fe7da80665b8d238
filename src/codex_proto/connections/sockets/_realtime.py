"""A realtime session over one WebSocket: session.update first, events with their transcript.

Source: wire.md 8.1 to 8.7 and 8.10; observed.md, "Realtime"; docs/architecture.md, "Realtime" and
"Connections".
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from codex_proto._close_codes import ABNORMAL, NO_STATUS
from codex_proto._wire import MalformedEvent, UnknownEvent
from codex_proto.connections._options import WebSocketLimits, WebSocketTimeouts
from codex_proto.connections._timers import check_duration
from codex_proto.connections.sockets._base import SocketBase
from codex_proto.connections.websocket import (
    HandshakeAccepted,
    TextMessage,
    WebSocketClosed,
    WebSocketConnection,
    WebSocketOutcome,
    WebSocketState,
)
from codex_proto.errors import CodexError, ConnectionFailed, IdleTimeout, LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.realtime.conversation import (
    ConversationEnded,
    RealtimeConversation,
    ResponseDeferred,
)
from codex_proto.realtime.setup import RealtimeSessionConfig, session_update
from codex_proto.realtime.stream import (
    FullRealtimeEvent,
    RealtimeDecoder,
    RealtimeEvent,
    RealtimeProfile,
)
from codex_proto.realtime.transcript import TranscriptAccumulator
from codex_proto.realtime.wire import (
    DecodedRealtimeEvent,
    RealtimeCommand,
    RealtimeVersion,
    decode_client_message,
    encode_client_message,
    encode_realtime_event,
)

__all__ = ["RealtimeServerSocket", "RealtimeSocket", "RealtimeSocketEvent"]

# The largest size of the header of a client's frame.
_FRAME_HEADER: Final = 14

RealtimeSocketEvent: TypeAlias = (
    RealtimeEvent | FullRealtimeEvent | ResponseDeferred | ConversationEnded
)
"""What a session reports, beside `SocketOpened` and `SocketClosed`."""


class RealtimeSocket(SocketBase[RealtimeSocketEvent]):
    """Speaks realtime over one WebSocket (docs/connections.md).

    Call `start`; once the socket is open, the `session.update` of `config` is sent first. `send`
    messages, feed `receive_data`. A handoff comes with its transcript: this socket accumulates it
    (in profile `codex`).

    With a `conversation` the events go through it, and its messages are sent. After each call on
    the conversation itself, call `flush`. When the conversation ends, the socket is closed.

    Args:
        request: the handshake: the URL of `realtime_url`, or of `sideband_url` to join a call, with
            the fields of `handshake_headers`.
        version: `v1` or `v2`, the version of the protocol that is spoken.
        config: the configuration of the session; None sends nothing, for joining a call.
        profile: `codex` or `full`, as of `RealtimeDecoder`.
        conversation: a conversation of the same version; it needs profile `codex`.
        transcript: the accumulator; a new one by default. Give the old one to the next socket.
        idle_timeout: seconds without a message; None sets no limit, since sessions may be silent.
        compression: whether to offer permessage-deflate; upstream does not.
        timeouts: how long the WebSocket waits.
        limits: how much it accepts and sends.

    Raises:
        LocalProtocolError: arguments do not fit each other.
    """

    def __init__(
        self,
        request: HttpRequest,
        version: RealtimeVersion = "v2",
        *,
        config: RealtimeSessionConfig | None = None,
        profile: RealtimeProfile = "codex",
        conversation: RealtimeConversation | None = None,
        transcript: TranscriptAccumulator | None = None,
        idle_timeout: float | None = None,
        compression: bool = False,
        timeouts: WebSocketTimeouts | None = None,
        limits: WebSocketLimits | None = None,
    ) -> None:
        check_duration("idle_timeout", idle_timeout)
        if config is not None and config.version != version:
            raise LocalProtocolError(f"config: is of version {config.version}, not {version}")
        if conversation is not None and profile != "codex":
            raise LocalProtocolError("conversation: needs profile 'codex'")
        if conversation is not None and conversation.version != version:
            raise LocalProtocolError(f"conversation: is of version {conversation.version}")
        super().__init__(request, compression=compression, timeouts=timeouts, limits=limits)
        self._decoder: RealtimeDecoder[Any] = RealtimeDecoder(version, profile)
        self._config = config
        # Written once before it is due: what cannot be sent is a mistake in the arguments.
        self._first = None if config is None else _first_message(config, limits)
        self._idle_timeout = idle_timeout
        self.conversation: Final = conversation
        self.transcript: Final = TranscriptAccumulator() if transcript is None else transcript

    # -- what the caller does -------------------------------------------------------------------

    def send(self, message: RealtimeCommand | UnknownEvent | str, now: float) -> None:
        """Send a message, as a value or as its JSON. Next: write `data_to_send()`.

        Raises:
            LocalProtocolError: the socket is not open, or the message cannot be sent.
        """
        self._check_open("send")
        text = message if isinstance(message, str) else encode_client_message(message)
        self.websocket.send(text, now)
        self._timers.tick(now)

    def flush(self, now: float) -> list[RealtimeSocketEvent]:
        """Send the messages of the conversation; call it after each call on the conversation.

        Returns the end of the conversation if its messages cannot be sent.

        Raises:
            LocalProtocolError: there is no conversation.
        """
        if self.conversation is None:
            raise LocalProtocolError("flush: there is no conversation")
        self._timers.tick(now)
        return self._flush()

    def _flush(self) -> list[RealtimeSocketEvent]:
        conversation = self.conversation
        if conversation is None or self.state is not WebSocketState.OPEN:
            return []
        reported: list[RealtimeSocketEvent] = []
        for command in conversation.messages_to_send():
            try:
                self.websocket.send(encode_client_message(command), self._timers.now)
            except LocalProtocolError as error:
                # Too much is waiting, or the message is too large; no message may be skipped.
                reported += conversation.receive_error(error)
                break
        if not conversation.is_running:
            self.websocket.close(self._timers.now)
        return reported

    # -- what comes -----------------------------------------------------------------------------

    def _on_opened(self, event: HandshakeAccepted) -> list[RealtimeSocketEvent]:
        del event
        self._timers.arm("silence", self._idle_timeout)
        conversation = self.conversation
        if conversation is None and self._first is not None:
            self.websocket.send(self._first, self._timers.now)
        elif conversation is not None and conversation.is_running and self._config is not None:
            conversation.configure(self._config)
        return self._flush()

    def _on_text(self, data: bytes) -> list[RealtimeSocketEvent]:
        self._timers.arm("silence", self._idle_timeout)
        return self._seen(self._decoder.receive_message(data))

    def _on_binary(self) -> list[RealtimeSocketEvent]:
        return self._seen(self._decoder.receive_binary())

    def _on_ended(
        self, outcome: WebSocketOutcome, error: CodexError | None
    ) -> list[RealtimeSocketEvent]:
        if self._decoder.closed is not None:
            return []
        if not isinstance(outcome, WebSocketClosed):
            return self._seen(
                self._decoder.receive_error(error or ConnectionFailed("The WebSocket has ended."))
            )
        has_code = outcome.code not in (NO_STATUS, ABNORMAL)
        code = outcome.code if has_code else None
        reported = self._seen(
            self._decoder.receive_close(code, outcome.reason if has_code else None)
        )
        if self.conversation is not None:
            reported += self.conversation.receive_eof()
        return reported

    def _on_given_up(self) -> list[RealtimeSocketEvent]:
        return [] if self.conversation is None else [*self.conversation.close()]

    def _on_silence(self) -> list[RealtimeSocketEvent]:
        error = IdleTimeout(f"The session was silent for {self._idle_timeout} seconds.")
        reported = self._seen(self._decoder.receive_error(error))
        self.websocket.close(self._timers.now)
        return reported

    def _seen(self, events: list[Any]) -> list[RealtimeSocketEvent]:
        reported: list[RealtimeSocketEvent] = []
        for event in events:
            accumulated = self.transcript.receive_event(event)
            if self.conversation is None:
                reported.append(accumulated)
            else:
                reported += self.conversation.receive_event(accumulated)
        return reported + self._flush()


def _first_message(config: RealtimeSessionConfig, limits: WebSocketLimits | None) -> str:
    text = encode_client_message(session_update(config))
    allowed = WebSocketLimits() if limits is None else limits
    size = len(text.encode())
    if size > min(allowed.max_outgoing_message_size, allowed.max_pending - _FRAME_HEADER):
        raise LocalProtocolError(
            f"config: its session.update has {size} bytes, more than max_outgoing_message_size "
            "or max_pending allows"
        )
    return text


class RealtimeServerSocket:
    """The server's end of a realtime session: reads a client's messages, writes events.

    Args:
        websocket: what `Http1ServerConnection.accept` returned.
    """

    def __init__(self, websocket: WebSocketConnection) -> None:
        if not isinstance(websocket, WebSocketConnection):
            raise LocalProtocolError("websocket: must be a WebSocketConnection")
        self.websocket: Final = websocket

    def read(self, message: TextMessage) -> RealtimeCommand | UnknownEvent | MalformedEvent:
        """Return the client's message, decoded; its bytes never raise."""
        return decode_client_message(message.data)

    def send(self, event: DecodedRealtimeEvent, now: float) -> None:
        """Write an event as a text message.

        Raises:
            LocalProtocolError: the WebSocket is not open, or its outgoing buffer is full.
        """
        self.websocket.send(TextMessage(encode_realtime_event(event)), now)
