"""The stream decoder: body bytes or WebSocket messages in, events with one outcome out (level 2).

Put together from three parts that are public on their own: `EventStreamDecoder` (framing),
`decode_response_event` (one message) and `ResponseStreamState` (what the events amount to). How
the bytes of a body pass through them is in `_body_reader`.
"""

from __future__ import annotations

from typing import NamedTuple

from codex_proto._input import as_bytes
from codex_proto._wire import DEFAULT_MAX_DEPTH, MalformedEvent
from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    EventTooLarge,
    LocalProtocolError,
    UnexpectedBinary,
)
from codex_proto.http import Headers, HeadersLike
from codex_proto.responses.stream._body_reader import BodyReader
from codex_proto.responses.stream._codex_view import CodexView
from codex_proto.responses.stream._derived import ResponseEvent
from codex_proto.responses.stream._header_events import (
    events_from_headers,
    request_id_from_headers,
    safety_treatment_from_headers,
    turn_state_from_headers,
)
from codex_proto.responses.stream._state import Outcome, Profile, StreamTransport
from codex_proto.responses.wire import decode_response_event
from codex_proto.sse import DEFAULT_MAX_EVENT_SIZE, DEFAULT_MAX_LINE_SIZE

__all__ = ["ResponseBlock", "ResponsesDecoder"]


class ResponseBlock(NamedTuple):
    """The exact bytes of one block of the stream, and the events that came of it (often one).

    A relay forwards every `raw`, whatever it makes of the events.
    """

    raw: bytes
    events: list[ResponseEvent]


class ResponsesDecoder:
    """Decodes one Responses stream (on a WebSocket: one after another).

    Feed it either body bytes of an SSE response (`receive_data`, or `receive_blocks` for relays)
    or WebSocket messages (`receive_message`), and say how it ended (`receive_eof`,
    `receive_close`, `receive_error`). Every method returns the events to handle, in order. Among
    them is exactly one outcome per response, `Completed` or `StreamFailed`, and nothing comes
    after it; `outcome` is the same event once it is there.

    Args:
        profile: `full`, every event of the wire and what the stream says besides; or `codex`,
            what upstream gives and nothing else (`CodexView`).
        ends_as: whose rules say what ends a response, and how much is read of what foreign servers
            send: by default those of `profile`. Profile `full` that ends as `codex` is what a
            `CodexView` takes, where one stands outside of the decoder.
        max_event_size: bytes of one block of the stream or one message.
        max_line_size: bytes of one line of the stream.
        max_depth: levels of nesting that are read in one message.

    Raises:
        LocalProtocolError: an argument is out of range; both ways of feeding are mixed; data is
            fed after the end. No bytes of the peer's make any method raise.
    """

    def __init__(
        self,
        profile: Profile = "full",
        *,
        ends_as: Profile | None = None,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_line_size: int = DEFAULT_MAX_LINE_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
    ) -> None:
        if profile not in ("full", "codex"):
            raise LocalProtocolError(f"profile: must be 'full' or 'codex', not {profile!r}")
        if ends_as not in (None, "full", "codex") or (profile, ends_as) == ("codex", "full"):
            raise LocalProtocolError(f"ends_as: must be 'codex' or as profile, not {ends_as!r}")
        if max_depth < 1:
            raise LocalProtocolError(f"max_depth: must be at least 1, not {max_depth}")
        self._reader = BodyReader(
            view=CodexView() if profile == "codex" else None,
            ends_as=ends_as or profile,
            max_event_size=max_event_size,
            max_line_size=max_line_size,
            max_depth=max_depth,
        )
        self._gives_blocks = False
        self._has_headers = False
        self._request_id: str | None = None

    # -- what is known --------------------------------------------------------------------------

    @property
    def outcome(self) -> Outcome | None:
        """How the response ended; None while it is open."""
        return (
            self._reader.state.outcome if self._reader.view is None else self._reader.view.outcome
        )

    @property
    def response_id(self) -> str | None:
        """The id of the response, None until an event has it."""
        return self._reader.state.response_id

    @property
    def last_sequence_number(self) -> int | None:
        """The number of the last event that had one, None before: where to resume a response."""
        return self._reader.last_sequence_number

    @property
    def turn_state(self) -> str | None:
        """The turn state that the next request of the turn sends, or None.

        From `x-codex-turn-state`, in the headers or in the messages of a WebSocket; the first
        that was reported stays (wire.md 1.3, 2.6).
        """
        return self._reader.state.body.turn_state

    @property
    def request_id(self) -> str | None:
        """What the server calls the request in its headers, None where they do not say."""
        return self._request_id

    @property
    def comments_received(self) -> int:
        """Comment lines seen so far: the server is alive, without anything to say."""
        self._reader.release()
        return self._reader.framing.comments_received

    @property
    def events_discarded(self) -> int:
        """Events that came after an outcome and were not handed out."""
        return self._reader.state.events_discarded

    @property
    def done_markers(self) -> int:
        """`[DONE]` markers, which some gateways send and which are no events."""
        recovery = self._reader.recovery
        return self._reader.done_markers + (0 if recovery is None else recovery.done_markers)

    @property
    def keepalives(self) -> int:
        """Blocks and messages that say nothing but that the server is alive (profile `full`)."""
        return 0 if self._reader.recovery is None else self._reader.recovery.keepalives

    @property
    def trailing_data(self) -> bytes:
        """The bytes of the unfinished last block.

        After `receive_blocks` they are all that follows the last block that it gave.
        """
        self._reader.release()
        data = self._reader.framing.trailing_data
        # Otherwise not the LF of a CR LF whose CR has ended the block before.
        return data if self._gives_blocks else data.removeprefix(b"\n")

    # -- headers --------------------------------------------------------------------------------

    def receive_headers(
        self, headers: HeadersLike, transport: StreamTransport = "sse"
    ) -> list[ResponseEvent]:
        """Take the headers of the answer; return the events that they carry, in upstream's order.

        Once, and before anything else. `headers` is a mapping or pairs, text or bytes, in any
        spelling. `transport` is `websocket` where they are those of a handshake, which tell no
        rate limits; every further response on it repeats their events upstream
        (`events_from_headers`).

        Raises:
            LocalProtocolError: headers or data have been fed before.
        """
        if self._has_headers or self._reader.transport is not None or self._reader.is_ended:
            raise LocalProtocolError("receive_headers: must be called once, before any data")
        fields = Headers.of(headers)
        self._has_headers = True
        self._reader.transport = self._reader.state.transport = transport
        self._request_id = request_id_from_headers(fields)
        self._reader.state.body.turn_state = turn_state_from_headers(fields)
        self._reader.state.body.receive_treatment(safety_treatment_from_headers(fields))
        events = events_from_headers(fields, transport)
        if self._reader.view is not None and transport == "sse":
            return self._reader.view.receive_header_events(events)
        return [*events]

    # -- a body, as bytes -----------------------------------------------------------------------

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        """Take the next bytes of an SSE body, cut anywhere; return the events they finish."""
        return self._reader.receive_data(data)

    def receive_blocks(self, data: bytes | bytearray | memoryview) -> list[ResponseBlock]:
        """Like `receive_data`, with the exact bytes of each block beside its events.

        Blocks without events (comments, `[DONE]`, what follows the outcome) are there as well.
        A failure that belongs to no block comes with empty bytes.
        """
        self._gives_blocks = True
        return [ResponseBlock(raw, events) for raw, events in self._reader.receive_blocks(data)]

    def receive_eof(self) -> list[ResponseEvent]:
        """Report that the body, or the connection, has ended; return the outcome if it is new.

        An unfinished last block that holds one whole event is decoded all the same, with a note
        that says so. May be called more than once.
        """
        return self._reader.receive_eof()

    # -- messages -------------------------------------------------------------------------------

    def receive_message(self, message: str | bytes | bytearray | memoryview) -> list[ResponseEvent]:
        """Take one whole WebSocket text message, as text or as its UTF-8 bytes."""
        self._reader.use("websocket", "receive_message")
        if isinstance(message, str):
            size = len(message) if message.isascii() else len(message.encode(errors="replace"))
        else:
            message = as_bytes("message", message)
            size = len(message)
        if size > self._reader.max_event_size:
            limit = EventTooLarge(limit_name="max_event_size", limit=self._reader.max_event_size)
            return self._reader.seen(self._reader.state.receive_broken_event(limit))
        event = decode_response_event(message, max_depth=self._reader.max_depth)
        if isinstance(event, MalformedEvent) and self._reader.recovery is not None:
            recovered = self._reader.recovery.read(event)
            if len(recovered) != 1:
                return self._reader.seen(self._reader.state.receive_events(recovered))
            event = recovered[0]
        return self._reader.seen(self._reader.state.receive_message(event, message))

    def start_response(self) -> None:
        """Report that another request was sent: what comes now belongs to its response.

        Needed only where a response may begin otherwise than with `response.created`, as one that
        is refused does. Without it such messages count as what follows the earlier outcome.

        Raises:
            LocalProtocolError: a response is still open, or this is no WebSocket.
        """
        self._reader.use("websocket", "start_response")
        if self._reader.state.started and self.outcome is None:
            raise LocalProtocolError("start_response: the response before it is still open")
        self._reader.state.start_response()
        if self._reader.view is not None:
            self._reader.view.start_response()

    def receive_binary(self) -> list[ResponseEvent]:
        """Report that a binary message came, which the protocol does not have (wire.md 2.5)."""
        self._reader.use("websocket", "receive_binary")
        return self._reader.seen(self._reader.state.receive_broken_event(UnexpectedBinary()))

    def receive_close(
        self, code: int | None = None, reason: str | None = None
    ) -> list[ResponseEvent]:
        """Report that the peer closed the WebSocket, with what its close frame said."""
        self._reader.use("websocket", "receive_close")
        self._reader.end()
        closed = ConnectionClosed(
            close_code=code,
            close_reason=reason,
            last_event_type=self._reader.state.last_event_type,
            response_id=self._reader.state.response_id,
            output_started=self._reader.state.output_started,
            unread=self._reader.state.unread,
        )
        return self._reader.seen(self._reader.state.receive_end(closed))

    # -- any transport --------------------------------------------------------------------------

    def receive_error(self, error: CodexError) -> list[ResponseEvent]:
        """Report that the transport failed or a deadline passed; the error becomes the outcome.

        Raises:
            LocalProtocolError: `error` is no `CodexError`.
        """
        if not isinstance(error, CodexError):
            raise LocalProtocolError(f"error: must be a CodexError, not {type(error).__name__}")
        self._reader.end()
        return self._reader.seen(self._reader.state.receive_end(error))
