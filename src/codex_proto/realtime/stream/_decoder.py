"""The realtime decoder: WebSocket messages in, events out, in one of two profiles (level 2).

It combines two parts that are public on their own: `decode_realtime_event` (one message) and the
views (the events that it yields). This module adds the end of a session, and a fast path for ASCII
messages, which nearly all are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast, overload

import msgspec

from codex_proto._input import as_bytes
from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    MalformedEvent,
    as_payload,
    check_payload,
    is_too_deep,
)
from codex_proto.errors import CodexError, EventTooLarge, LocalProtocolError, UnexpectedBinary
from codex_proto.realtime.stream._closing import SessionClosed
from codex_proto.realtime.stream._codex_view import CodexRealtimeView, FullRealtimeView
from codex_proto.realtime.stream._events import (
    HandoffRequested,
    NoopRequested,
    RealtimeError,
    RealtimeEvent,
)
from codex_proto.realtime.wire import DecodedRealtimeEvent, RealtimeVersion, RealtimeWireEvent
from codex_proto.realtime.wire._decode import check_max_depth, event_decoder
from codex_proto.realtime.wire._versions import check_version
from codex_proto.sse import DEFAULT_MAX_EVENT_SIZE

__all__ = ["FullRealtimeEvent", "RealtimeDecoder", "RealtimeOutcome", "RealtimeProfile"]

RealtimeProfile: TypeAlias = Literal["codex", "full"]
FullRealtimeEvent: TypeAlias = (
    DecodedRealtimeEvent | HandoffRequested | NoopRequested | RealtimeError | SessionClosed
)
"""What a decoder yields in profile `full`; in `codex` it is `RealtimeEvent`."""
E = TypeVar("E")
RealtimeOutcome: TypeAlias = RealtimeError | SessionClosed


def _refuse(_message: bytes | str) -> RealtimeWireEvent:
    """Replace the decode function after the end, so that the fast path needs no check."""
    raise msgspec.DecodeError


class RealtimeDecoder(Generic[E]):
    """Decodes one realtime session, message by message.

    Feed it text messages (`receive_message`) and what else the WebSocket reports (`receive_binary`,
    `receive_close`, `receive_eof`, `receive_error`). Every method returns the events to handle, in
    order, often one and sometimes no event. Bytes from the peer never raise. Next: pass the events
    to a `TranscriptAccumulator` or a `RealtimeConversation`, and stop the session when there is an
    `outcome`.

    Args:
        version: `v1` or `v2`, the version of the protocol that is spoken.
        profile: `codex` yields upstream's events (`RealtimeEvent`) and counts the rest in
            `left_out`; an `error` event is the outcome, since upstream ends the conversation on it
            (later messages are decoded nevertheless, as in upstream's reader). `full` yields every
            wire event, with a `HandoffRequested` or `NoopRequested` after the one that carries it,
            and a `SessionClosed` at the end; an `error` event is an ordinary event, as on the
            public API.
        max_event_size: bytes of one message, as in `ResponsesDecoder`.
        max_depth: levels of nesting that are read in one message.

    Raises:
        LocalProtocolError: an argument is out of range, or a message is fed after the end.
    """

    @overload
    def __init__(
        self: RealtimeDecoder[RealtimeEvent],
        version: RealtimeVersion,
        profile: Literal["codex"] = "codex",
        *,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
    ) -> None: ...
    @overload
    def __init__(
        self: RealtimeDecoder[FullRealtimeEvent],
        version: RealtimeVersion,
        profile: Literal["full"],
        *,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
    ) -> None: ...
    @overload
    def __init__(
        self: RealtimeDecoder[RealtimeEvent | FullRealtimeEvent],
        version: RealtimeVersion,
        profile: RealtimeProfile,
        *,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
    ) -> None: ...
    def __init__(
        self,
        version: RealtimeVersion,
        profile: RealtimeProfile = "codex",
        *,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
    ) -> None:
        check_version(version)
        check_max_depth(max_depth)
        if profile not in ("codex", "full"):
            raise LocalProtocolError(f"profile: must be 'codex' or 'full', not {profile!r}")
        if max_event_size < 1:
            raise LocalProtocolError(f"max_event_size: must be positive, not {max_event_size}")
        self._max_event_size = max_event_size
        self._max_depth = max_depth
        # A message this short cannot nest too deep: a level takes two bytes.
        self._shallow_size = 2 * max_depth
        # A text this short is within the limit, whatever its characters are.
        self._fast_size = max_event_size // 4
        self._codex = CodexRealtimeView(version) if profile == "codex" else None
        view = self._codex or FullRealtimeView(version)
        self._direct = view.direct
        self._gives = view.gives
        self._view: Callable[[DecodedRealtimeEvent], list[Any]] = view.receive_event
        decoding = event_decoder(version)
        self._decode: Callable[[bytes | str], Any] = decoding.decode
        self._decode_irregular = decoding.decode_irregular
        self._is_reading = True
        self._failure: RealtimeError | None = None
        self._closed: SessionClosed | None = None
        self._messages_discarded = 0

    # -- what is known --------------------------------------------------------------------------

    @property
    def outcome(self) -> RealtimeOutcome | None:
        """How the session ended: the first failure, else the close; None while it is open."""
        return self._failure or (self._codex and self._codex.failure) or self._closed

    @property
    def closed(self) -> SessionClosed | None:
        """The close code and reason of the connection; None while it is open."""
        return self._closed

    @property
    def left_out(self) -> dict[str, int]:
        """How many events of each class profile `codex` left out, by the name of the class."""
        return dict(self._codex.left_out) if self._codex else {}

    @property
    def messages_discarded(self) -> int:
        """Messages that came after a failure and were not decoded."""
        return self._messages_discarded

    # -- messages -------------------------------------------------------------------------------

    def receive_message(self, message: str | bytes | bytearray | memoryview) -> list[E]:
        """Take one whole text message, as text or as its UTF-8 bytes.

        Raises:
            LocalProtocolError: `message` is neither, or the session has been closed.
        """
        if type(message) is not bytes and type(message) is not str:
            return self._receive_message(
                message if isinstance(message, str) else as_bytes("message", message)
            )
        try:
            event: Any = self._decode(message)
        except DECODE_ERRORS:
            return self._receive_message(message)
        cls: Any = event.__class__
        if len(message) > self._fast_size:
            return self._receive_message(message, event)
        if cls in self._direct:
            return [event]
        give = self._gives.get(cls)
        if give is not None:
            return [give(event)]
        if message.isascii() and (
            len(message) <= self._shallow_size
            or not is_too_deep(
                message if type(message) is bytes else cast("str", message).encode(),
                self._max_depth,
            )
        ):
            return self._view(event)
        return self._receive_message(message, event)

    def _receive_message(self, message: bytes | str, event: Any = None) -> list[E]:
        """Take a message on the slow path, which checks everything.

        `event` is the result of the fast path; None if it failed.
        """
        if self._closed is not None:
            raise LocalProtocolError("receive_message: called after the end of the session")
        if not self._is_reading:
            self._messages_discarded += 1
            return []
        payload = message if type(message) is bytes else as_payload(message)
        if isinstance(payload, MalformedEvent):
            return self._view(payload)
        if len(payload) > self._max_event_size:
            return self._fail(
                EventTooLarge(limit_name="max_event_size", limit=self._max_event_size)
            )
        malformed = check_payload(payload, self._max_depth)
        if malformed is not None:
            return self._view(malformed)
        return self._view(self._decode_irregular(payload) if event is None else event)

    def receive_binary(self) -> list[E]:
        """Report that a binary message came, which the protocol does not have (wire.md 8.5).

        Raises:
            LocalProtocolError: the session has been closed.
        """
        if self._closed is not None:
            raise LocalProtocolError("receive_binary: called after the end of the session")
        return self._fail(UnexpectedBinary())

    # -- the end --------------------------------------------------------------------------------

    def receive_close(self, code: int | None = None, reason: str | None = None) -> list[E]:
        """Report that the WebSocket is closed, with the code and reason of the close frame.

        Only the first report of an end counts; later ones return an empty list.
        """
        if self._closed is not None:
            return []
        self._stop_reading()
        closed: Any = SessionClosed(code, reason)
        self._closed = closed
        return [] if self._codex else [closed]

    def receive_eof(self) -> list[E]:
        """Report that the connection has ended, close frame or not. May be called twice."""
        return self.receive_close()

    def receive_error(self, error: CodexError) -> list[E]:
        """Report that the transport failed or a deadline passed.

        Raises:
            LocalProtocolError: `error` is not a `CodexError`.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        if self._closed is not None:
            return []
        return self._fail(error)

    def _fail(self, error: CodexError) -> list[E]:
        """Stop reading; only the first failure of a session is reported."""
        if not self._is_reading:
            self._messages_discarded += 1
            return []
        self._stop_reading()
        failure: Any = RealtimeError(error.message, error=error)
        if not self.outcome:
            self._failure = failure
        return [failure]

    def _stop_reading(self) -> None:
        self._is_reading = False
        # The fast path has no check: this sends it to the slow path, which has.
        self._decode = _refuse
