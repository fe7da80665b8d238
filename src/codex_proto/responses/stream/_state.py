"""What a stream of decoded events amounts to: exactly one outcome, and nothing after it.

The one place that knows which events end a response and what an end without one means. It gets
events and ends, and knows nothing of bytes. SSE and WebSocket differ in two points
(docs/architecture.md, "Outcome"): on a WebSocket an `error` with a status ends the response at
once, and the next `response.created` after an outcome begins another response.

Source: wire.md 1.9, 2.5 and 2.7; docs/architecture.md, "Outcome". Where we differ from upstream on
purpose (it holds a failure back until the connection ends), docs/differences.md says so.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, cast

import msgspec
from msgspec import Raw

from codex_proto._wire import MalformedEvent, UnknownEvent, decode_part
from codex_proto.errors import (
    CodexError,
    ResponseCancelled,
    ResponseIncompleteError,
    StreamClosedEarly,
)
from codex_proto.responses.stream._body_events import BodyEvents
from codex_proto.responses.stream._derived import ResponseEvent, StreamFailed
from codex_proto.responses.stream._error_mapping import (
    classify_error_event,
    classify_failed,
    ends_at_once,
    error_from_websocket_error,
)
from codex_proto.responses.stream._other_names import OTHER_NAMES, by_another_name
from codex_proto.responses.stream._statuses import by_status, is_cancelled
from codex_proto.responses.wire import (
    ROWS,
    Completed,
    Created,
    DecodedEvent,
    ErrorEvent,
    Failed,
    Incomplete,
    LifecycleEvent,
    TokenUsage,
    WireEvent,
)
from codex_proto.responses.wire._decode import OutputEvent

__all__ = ["Outcome", "Profile", "ResponseStreamState", "StreamTransport"]

Outcome: TypeAlias = Completed | StreamFailed
Profile: TypeAlias = Literal["full", "codex"]
StreamTransport: TypeAlias = Literal["sse", "websocket"]

# Bytes of the unfinished last block that an error carries: enough to recognise a gateway's page.
LEFTOVER_SHOWN: Final = 4096
# Bytes that are kept of the last thing that could not be read.
UNREAD_KEPT: Final = 4096

# The one error event that ends a response on SSE at once in profile `codex` (wire.md 1.9).
_FLEX_UNAVAILABLE: Final = "flex_unavailable"

# Events that say nothing about the state but that output has begun.
_OUTPUT: Final = frozenset(row.cls for row in ROWS if row.is_output)


class ResponseStreamState:
    """Follows one response after another through its events.

    Feed `receive_events`; say how it ended with `receive_end`. `outcome` is None while the
    response is open; `response_id` and `last_sequence_number` are None until an event has them.
    In profile `codex` an `error` event ends what it ends upstream, and in `full` also whatever
    cannot go on after it.
    """

    def __init__(self, transport: StreamTransport, *, profile: Profile = "full") -> None:
        self.transport: StreamTransport = transport
        self._is_codex = profile == "codex"
        self._other_names: frozenset[str] = frozenset() if self._is_codex else OTHER_NAMES
        self.events_discarded = 0
        self.body = BodyEvents()
        self._message: bytes | str | None = None
        self._begin()

    def _begin(self) -> None:
        self.body.start_response()
        self.outcome: Outcome | None = None
        self.output_started = False
        self.last_event: WireEvent | UnknownEvent | None = None
        self.last_sequence_number: int | None = None
        self.response_id: str | None = None
        self._reported_error: CodexError | None = None
        self._unread = b""

    @property
    def started(self) -> bool:
        """Whether anything of this response has come."""
        return self.last_event is not None

    @property
    def last_event_type(self) -> str | None:
        """The wire type of the last event of this response."""
        return self.last_event.type if self.last_event is not None else None

    @property
    def unread(self) -> bytes:
        """The last thing that was sent and could not be read, or its beginning."""
        return b"" if self._is_codex else self._unread

    def receive_events(self, events: list[DecodedEvent]) -> list[ResponseEvent]:
        """Take the next events; return those to pass on, with the outcome in its place."""
        passed_on: list[ResponseEvent] = []
        for event in events:
            self._receive_event(event, passed_on)
        return passed_on

    def receive_message(self, event: DecodedEvent, message: bytes | str) -> list[ResponseEvent]:
        """The same for one message of a WebSocket; an error keeps the frame as it came."""
        self._message = message
        passed_on: list[ResponseEvent] = []
        self._receive_event(event, passed_on)
        self._message = None
        return passed_on

    def _receive_event(self, event: DecodedEvent, passed_on: list[ResponseEvent]) -> None:
        if self.outcome is not None:
            if self.transport == "sse" or not isinstance(event, Created):
                self.events_discarded += 1
                return
            self._begin()
        if type(event) is UnknownEvent:
            self.last_event = event
            if event.type not in self._other_names or (other := by_another_name(event)) is None:
                # It ends nothing, whatever it is.
                is_websocket = self.transport == "websocket"
                passed_on += self.body.receive_event(event, is_websocket=is_websocket)
                passed_on.append(event)
                return
            event = other
        elif isinstance(event, MalformedEvent):
            self._unread = event.raw[:UNREAD_KEPT]
            passed_on.append(event)
            return
        self.last_event = event
        self._note_number(event)
        if type(event) in _OUTPUT:
            self.output_started = True
        else:
            if isinstance(event, LifecycleEvent):
                if not self._is_codex:
                    self.last_event = event = by_status(event)
                if self.response_id is None:
                    self.response_id = event.response_id
            self.outcome = self._end(event)
        if not self._is_refusal(event):
            passed_on += self.body.receive_event(event, is_websocket=self.transport == "websocket")
        passed_on.append(event)
        if self.outcome is not None and self.outcome is not event:
            passed_on.append(self.outcome)

    def start_response(self) -> None:
        """Report that another request was sent: what comes now belongs to its response."""
        self._begin()

    def receive_output(self, last: OutputEvent) -> None:
        """Take note of events that show nothing but that output goes on; the last one will do."""
        self.output_started = True
        self.last_event = last
        self._note_number(last)

    def _note_number(self, event: WireEvent | UnknownEvent) -> None:
        if isinstance(event, WireEvent) and isinstance(event.sequence_number, int):
            self.last_sequence_number = event.sequence_number

    def receive_end(self, error: CodexError) -> list[ResponseEvent]:
        """Report that nothing more comes, and why; return the outcome if there was none yet.

        An `error` event that was reported before says more about the reason than the end itself.
        """
        if self.outcome is not None:
            return []
        reported = self._reported_error
        self.outcome = (
            StreamFailed(error) if reported is None else StreamFailed(reported, ended_by=error)
        )
        return [self.outcome]

    def receive_broken_event(self, error: CodexError) -> list[ResponseEvent]:
        """Take an event that cannot be decoded at all, and so ends the response."""
        if self.outcome is not None:
            self.events_discarded += 1
        return self.receive_end(error)

    def closed_early(self, leftover: bytes = b"", ignored: bytes = b"") -> StreamClosedEarly:
        """The error for an end that came too early, with all that is known of the response.

        `ignored` is the last line of a body that means nothing in an event stream.
        """
        unread = self.unread or ignored
        last = self.last_event
        if type(last) is UnknownEvent and b'"error"' in last.raw:
            unread = last.raw[:UNREAD_KEPT]
        return StreamClosedEarly(
            unread=b"" if self._is_codex else unread,
            last_event_type=self.last_event_type,
            response_id=self.response_id,
            output_started=self.output_started,
            leftover=leftover[:LEFTOVER_SHOWN],
        )

    # -- the events that may end a response -----------------------------------------------------

    def _end(self, event: DecodedEvent) -> Outcome | None:
        """The outcome that an event makes of an open response, if it makes one."""
        match event:
            case Completed():
                return event
            case Failed():
                return StreamFailed(_failure(event))
            case Incomplete(reason="interrupted"):
                return _interrupted(event)
            case Incomplete() if not self._is_codex and is_cancelled(event):
                return StreamFailed(_cancellation(event, self.response_id))
            case Incomplete():
                return StreamFailed(_incompleteness(event))
            case ErrorEvent():
                return self._receive_error_event(event)
            case _:
                return None

    def _is_refusal(self, event: DecodedEvent) -> bool:
        """Whether it stands for an answer of HTTP, and is looked at for nothing else."""
        return isinstance(event, ErrorEvent) and self.outcome is not None

    def _receive_error_event(self, event: ErrorEvent) -> StreamFailed | None:
        """Remember an error; one that nothing can follow is the end."""
        error = classify_error_event(event, self._message, response_id=self.response_id)
        ending: CodexError | None = error
        if self._is_codex:
            ending = self._ending_as_codex(event, error)
        elif self.transport == "sse" and not ends_at_once(error):
            ending = None
        self._reported_error = ending or error
        return None if ending is None else StreamFailed(ending)

    def _ending_as_codex(self, event: ErrorEvent, error: CodexError) -> CodexError | None:
        """By April's rules: on a WebSocket a refusal ends the response, on SSE one code does."""
        if self.transport == "websocket":
            return error_from_websocket_error(event, self._message, response_id=self.response_id)
        return error if event.error_code == _FLEX_UNAVAILABLE else None


def _failure(event: Failed) -> CodexError:
    return classify_failed(event.error, event.response_id)


def _cancellation(event: Incomplete, response_id: str | None) -> CodexError:
    usage = event.token_usage
    return ResponseCancelled(
        response_id=event.response_id or response_id,
        token_usage=usage if isinstance(usage, TokenUsage) else None,
    )


def _incompleteness(event: Incomplete) -> CodexError:
    usage = event.token_usage
    return ResponseIncompleteError(
        reason=event.reason or "unknown",
        response_id=event.response_id,
        token_usage=usage if isinstance(usage, TokenUsage) else None,
    )


def _interrupted(event: Incomplete) -> Completed:
    """A response that the caller interrupted is complete as far as it goes (wire.md 2.9)."""
    # The reason was found in it.
    raw = cast("Raw", event.raw_response)
    members = decode_part("response", raw, dict[str, Raw])
    members["end_turn"] = Raw(b"false")
    response = Raw(msgspec.json.encode(members))
    shared = {
        name: getattr(event, name) for name in event.__struct_fields__ if name != "raw_response"
    }
    return Completed(raw_response=response, **shared)
