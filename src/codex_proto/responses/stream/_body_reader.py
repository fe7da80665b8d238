"""The body of an SSE response as it goes through framing and decoding: fast where it is plain.

The choice between the fast path and the framing decoder, and the accounts that both keep. What is
held for the one and what has passed by the other is known here and nowhere else.
"""

from __future__ import annotations

from typing import Final, cast

import msgspec

from codex_proto._input import as_bytes
from codex_proto._wire import MalformedEvent, MalformedPart, Notes, UnknownEvent
from codex_proto.errors import LocalProtocolError
from codex_proto.responses.stream._codex_view import CodexView
from codex_proto.responses.stream._derived import ResponseEvent
from codex_proto.responses.stream._fastpath import (
    LARGE,
    SMALL,
    PlainBlockReader,
    decode_payloads,
    end_of_blocks,
    end_of_first_block,
    may_wait,
    split_payloads,
)
from codex_proto.responses.stream._state import ResponseStreamState, StreamTransport
from codex_proto.responses.wire import DecodedEvent, decode_response_event
from codex_proto.responses.wire._decode import OutputEvent, decode_unusual_event
from codex_proto.sse import EventStreamDecoder

__all__ = ["BodyReader"]

_DONE: Final = b"[DONE]"


class BodyReader(PlainBlockReader):
    """Reads the body of one response for a `ResponsesDecoder`, which holds it."""

    def __init__(
        self, *, view: CodexView | None, max_event_size: int, max_line_size: int, max_depth: int
    ) -> None:
        super().__init__(
            max_depth=max_depth, max_size=min(max_line_size, max_event_size), view=view
        )
        self.framing = EventStreamDecoder(
            max_line_size=max_line_size, max_event_size=max_event_size
        )
        self.max_event_size = max_event_size
        self.state = ResponseStreamState("sse", profile="full" if view is None else "codex")
        self.transport: StreamTransport | None = None
        self.is_ended = False
        self.done_markers = 0

    def receive_blocks(
        self, data: bytes | bytearray | memoryview
    ) -> list[tuple[bytes, list[ResponseEvent]]]:
        """Take body bytes; return each block with its events."""
        self.use("sse", "receive_blocks")
        self._account_for_plain_blocks()
        blocks: list[tuple[bytes, list[ResponseEvent]]] = []
        for held in (self._take_held(), as_bytes("data", data)):
            for block in self.framing.receive_blocks(held):
                events: list[ResponseEvent] = []
                if block.event is not None and not self._is_done_marker(block.event.data_bytes):
                    event = decode_response_event(block.event.data_bytes, max_depth=self.max_depth)
                    events = self.state.receive_events([event])
                blocks.append((block.raw, self.seen(events)))
        failure = self.seen(self._conclude([]))
        return [*blocks, (b"", failure)] if failure else blocks

    def receive_eof(self) -> list[ResponseEvent]:
        """Take the end of the body; return the outcome if it is new. May be called twice."""
        if self.is_ended:
            return []
        self.end()
        self.release()
        self.framing.receive_eof()
        last = self._unfinished_event()
        events = self.state.receive_events([last]) if last is not None else []
        leftover = self.framing.trailing_data.removeprefix(b"\n")
        return self.seen(events + self.state.receive_end(self.state.closed_early(leftover)))

    def end(self) -> None:
        """Note that nothing more will come."""
        self.is_ended = True
        self._is_plain = False

    def _receive_data(self, data: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        return self.seen(self._take_data(data))

    def _take_data(self, data: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        # First what nearly all reads of a large event are.
        if type(data) is bytes and not self.is_ended and self.framing.extend_line(data):
            return [] if self.framing.failure is None else self._conclude([])
        self.use("sse", "receive_data")
        chunk = as_bytes("data", data)
        self._account_for_plain_blocks()
        if len(chunk) <= LARGE:
            return self._receive_chunk(chunk)
        events: list[ResponseEvent] = []
        for start in range(0, len(chunk), LARGE):
            events += self._receive_chunk(chunk[start : start + LARGE])
        return events

    def _receive_chunk(self, chunk: bytes) -> list[ResponseEvent]:
        buffer = self._held + chunk if self._held else chunk
        self._held = b""
        end = end_of_blocks(buffer)
        events = self._receive_whole_blocks(buffer, end) if end else []
        rest = buffer[end:]
        if rest and self._can_hold(rest):
            self._held = rest
        elif rest:
            events += self._receive_framed(rest)
        events = self._conclude(events)
        self._is_plain = (
            self._max_size >= 2 * SMALL
            and self.state.outcome is None
            and self.framing.at_block_start
        )
        return events

    def seen(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        """What the profile makes of the events."""
        return events if self.view is None else self.view.receive_events(events)

    def use(self, transport: StreamTransport, method: str) -> None:
        self._is_plain = False
        if self.is_ended:
            raise LocalProtocolError(f"{method}: called after the end of the stream")
        if self.transport is None:
            self.transport = self.state.transport = transport
        elif self.transport != transport:
            raise LocalProtocolError(f"{method}: this decoder is already fed over {self.transport}")

    def _conclude(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        """Add the outcome of a limit that the framing decoder has run into."""
        failure = self.framing.failure
        return events if failure is None else events + self.state.receive_end(failure)

    def _can_hold(self, rest: bytes) -> bool:
        """Whether an unfinished block may wait, because no event can be whole in it already."""
        return may_wait(rest) and len(rest) <= self._max_size and self.framing.at_block_start

    def _receive_whole_blocks(self, buffer: bytes, end: int) -> list[ResponseEvent]:
        """Take the whole blocks up to `end`: all at once if they are plain, else by lines."""
        events: list[ResponseEvent] = []
        if not self.framing.at_block_start:
            # Only what it holds the beginning of has to go through the framing decoder.
            first_end = end_of_first_block(buffer)
            events = self._receive_framed(buffer[:first_end])
            buffer, end = buffer[first_end:], end - first_end
        if not end:
            return events
        payloads = split_payloads(buffer, end)
        if payloads is None or end > self._max_size or not self.framing.at_block_start:
            return events + self._receive_framed(buffer[:end])
        batch = decode_payloads(buffer, payloads, self.max_depth)
        if batch is None or self.state.outcome is not None:
            return events + self._take_payloads(payloads)
        self.framing.pass_over()
        self.state.receive_output(cast("OutputEvent", batch[-1]))
        return [*events, *batch]

    def _receive_payloads(self, payloads: list[bytes]) -> list[ResponseEvent]:
        return self.seen(self._take_payloads(payloads))

    def _take_payloads(self, payloads: list[bytes]) -> list[ResponseEvent]:
        self._account_for_plain_blocks()
        self.framing.pass_over()
        decoded = [
            decode_unusual_event(payload, max_depth=self.max_depth)
            for payload in payloads
            if payload != _DONE or not self._is_done_marker(payload)
        ]
        self._is_unusual = bool(decoded) and type(decoded[-1]) is UnknownEvent
        events = self.state.receive_events(decoded)
        if self.state.outcome is not None:
            self._is_plain = False
        return events

    def _receive_framed(self, data: bytes) -> list[ResponseEvent]:
        decoded = [
            decode_response_event(event.data_bytes, max_depth=self.max_depth)
            for event in self.framing.receive_data(data)
            if not self._is_done_marker(event.data_bytes)
        ]
        return self.state.receive_events(decoded)

    def _is_done_marker(self, data: bytes) -> bool:
        if data != _DONE:
            return False
        self.done_markers += 1
        return True

    def _take_held(self) -> bytes:
        held, self._held = self._held, b""
        return held

    def _account_for_plain_blocks(self) -> None:
        """Tell the framing decoder and the state what has passed by them, before they go on."""
        if self._last_plain is not None:
            self.framing.pass_over()
            self.state.receive_output(self._last_plain)
            self._last_plain = None

    def release(self) -> None:
        """Give what waits for the fast path to the framing decoder, so that its word is the last.

        No event can be whole in it: it is held only while that is so.
        """
        self._account_for_plain_blocks()
        if self._held:
            self._is_plain = False
            self.framing.receive_data(self._take_held())

    def _unfinished_event(self) -> DecodedEvent | None:
        data = self.framing.unfinished_data
        # Upstream loses it, as the standard says.
        if (
            self.view is not None
            or not data
            or self.framing.failure is not None
            or self.state.outcome is not None
        ):
            return None
        event = decode_response_event(data, max_depth=self.max_depth)
        if isinstance(event, MalformedEvent):
            return None
        note = MalformedPart(
            field="", reason="the stream ended before the blank line of this event"
        )
        if isinstance(event, UnknownEvent):
            return UnknownEvent(event.type, event.raw, Notes((note,)))
        return msgspec.structs.replace(event, wire_notes=Notes((*event.notes, note)))
