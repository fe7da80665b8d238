"""The body of an SSE response as it goes through framing and decoding: fast where it is plain.

The choice between the fast path and the framing decoder, and the accounts that both keep. What is
held for the one and what has passed by the other is known here and nowhere else.
"""

from __future__ import annotations

from typing import Final, cast

from codex_proto._input import as_bytes
from codex_proto._wire import MalformedEvent, UnknownEvent
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
from codex_proto.responses.stream._raw_members import BLANKS, BOM, noted
from codex_proto.responses.stream._recovery import Recovery, is_stream, may_be_others
from codex_proto.responses.stream._state import (
    LEFTOVER_SHOWN,
    Profile,
    ResponseStreamState,
    StreamTransport,
)
from codex_proto.responses.wire import DecodedEvent, decode_response_event
from codex_proto.responses.wire._decode import OutputEvent, decode_unusual_event
from codex_proto.sse import EventStreamDecoder, ServerSentEvent

__all__ = ["BodyReader"]

_DONE: Final = b"[DONE]"
# Bytes of a body that are kept until its first event, since all of it may be one error.
_OPENING_KEPT: Final = 64 * 1024
# As many bytes of it, behind blanks, show whether it is a stream.
_ENOUGH: Final = len(b"event:")


class BodyReader(PlainBlockReader):
    """Reads the body of one response for a `ResponsesDecoder`, which holds it."""

    def __init__(
        self,
        *,
        view: CodexView | None,
        ends_as: Profile,
        max_event_size: int,
        max_line_size: int,
        max_depth: int,
    ) -> None:
        super().__init__(
            max_depth=max_depth, max_size=min(max_line_size, max_event_size), view=view
        )
        self.framing = EventStreamDecoder(
            max_line_size=max_line_size, max_event_size=max_event_size
        )
        self.max_event_size = max_event_size
        self.state = ResponseStreamState("sse", profile=ends_as)
        # None where nothing is read but what upstream reads.
        self.recovery = Recovery(max_depth=max_depth) if ends_as == "full" else None
        self._opening: bytearray | None = None
        if self.recovery is not None:
            self.framing.take_bare_json()
            self._opening = bytearray()
        self._is_undecided = True
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
        chunk = as_bytes("data", data)
        self._keep_opening(chunk)
        for held in (self._take_held(), chunk):
            for block in self.framing.receive_blocks(held):
                events: list[ResponseEvent] = []
                if block.event is not None:
                    events = self.state.receive_events(self._decode_framed([block.event]))
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
        events = self.state.receive_events(self._unfinished_events())
        leftover = self.framing.trailing_data.removeprefix(b"\n")
        if self.recovery is not None and self._opening and not self.state.started:
            opening = bytes(self._opening)
            events += self.state.receive_events(self.recovery.read_body(opening))
            leftover = opening[:LEFTOVER_SHOWN]
        ignored = self.framing.last_ignored
        return self.seen(
            events + self.state.receive_end(self.state.closed_early(leftover, ignored))
        )

    @property
    def last_sequence_number(self) -> int | None:
        """The number of the last event of the response that had one."""
        last = self._last_plain
        if last is not None and isinstance(last.sequence_number, int):
            return last.sequence_number
        return self.state.last_sequence_number

    def end(self) -> None:
        """Note that nothing more will come."""
        self.is_ended = True
        self._is_plain = False

    def _receive_data(self, data: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        if self._opening is not None and not self.is_ended:
            self._keep_opening(as_bytes("data", data))
        return self.seen(self._take_data(data))

    def _keep_opening(self, data: bytes) -> None:
        """Keep the beginning of a body that has no event yet and does not look like a stream."""
        if self._opening is None or self.state.started:
            self._opening = None
            return
        room = _OPENING_KEPT - len(self._opening)
        if room <= 0:
            return
        self._opening += data[:room] if self._opening else data[:room].lstrip(BLANKS)
        if self._is_undecided:
            start = self._opening[:_OPENING_KEPT].removeprefix(BOM).lstrip(BLANKS)
            self._is_undecided = len(start) < _ENOUGH
            if is_stream(start):
                self._opening = None

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
            and (self._opening is None or self.state.started)
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
            return events + self._take_payloads(payloads, buffer[:end])
        self.framing.pass_over()
        self.state.receive_output(cast("OutputEvent", batch[-1]))
        return [*events, *batch]

    def _receive_payloads(self, payloads: list[bytes], buffer: bytes) -> list[ResponseEvent]:
        return self.seen(self._take_payloads(payloads, buffer))

    def _take_payloads(self, payloads: list[bytes], buffer: bytes) -> list[ResponseEvent]:
        self._account_for_plain_blocks()
        self.framing.pass_over()
        decoded = [
            decode_unusual_event(payload, max_depth=self.max_depth)
            for payload in payloads
            if payload != _DONE or not self._is_done_marker(payload)
        ]
        if len(decoded) == 1 and type(decoded[0]) is UnknownEvent:
            self._is_unusual = True
            is_odd = not "response." <= decoded[0].type < "response/"
        else:
            self._is_unusual = bool(decoded) and type(decoded[-1]) is UnknownEvent
            is_odd = may_be_others(decoded)
        if is_odd and self.recovery is not None:
            # The `event` lines are not among the payloads.
            blocks = EventStreamDecoder().receive_data(buffer)[: len(payloads)]
            names = [block.event for block in blocks if block.data_bytes != _DONE]
            decoded = self._recover(self.recovery, decoded, names)
        events = self.state.receive_events(decoded)
        if self.state.outcome is not None:
            self._is_plain = False
        return events

    def _receive_framed(self, data: bytes) -> list[ResponseEvent]:
        return self.state.receive_events(self._decode_framed(self.framing.receive_data(data)))

    def _decode_framed(self, blocks: list[ServerSentEvent]) -> list[DecodedEvent]:
        events = [block for block in blocks if not self._is_done_marker(block.data_bytes)]
        decoded = [
            decode_response_event(event.data_bytes, max_depth=self.max_depth) for event in events
        ]
        if self.recovery is not None and may_be_others(decoded):
            return self._recover(self.recovery, decoded, [event.event for event in events])
        return decoded

    @staticmethod
    def _recover(
        recovery: Recovery, decoded: list[DecodedEvent], names: list[str]
    ) -> list[DecodedEvent]:
        """Read once more what is no event; `names` are those of the `event` lines."""
        recovered: list[DecodedEvent] = []
        for event, name in zip(decoded, names, strict=True):
            recovered += recovery.read(event, name)
        return recovered

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

    def _unfinished_events(self) -> list[DecodedEvent]:
        data = self.framing.unfinished_data
        # Upstream loses it, as the standard says.
        if (
            self.view is not None
            or not data
            or self.framing.failure is not None
            or self.state.outcome is not None
        ):
            return []
        event = decode_response_event(data, max_depth=self.max_depth)
        events = [event]
        if self.recovery is not None:
            events = self.recovery.read(event, self.framing.unfinished_event)
        return [
            noted(event, "the stream ended before the blank line of this event")
            for event in events
            if not isinstance(event, MalformedEvent)
        ]
