"""The hot path: many plain blocks at once, with almost no Python per event.

Nearly every stream consists of blocks of one form, `event: <name>` LF `data: {...}` LF LF, or the
same without its first line, or either with CR LF. What stands between two payloads is then a blank
line, perhaps an `event` line, and `data: `, so one split of the buffer at all such places gives
the payloads. What does not fit the form is refused as a whole, and the framing decoder reads the
original bytes instead: this file decides nothing about meaning.

Why a refusal is never missed:

- A piece without CR and LF lies between two separators that are complete: blank line, `event`
  line, and `data: ` at the beginning of a line. So it is all of the value of the only data line of
  its block. JSON text that contains `data: ` has no line end before it, and is in no danger. If
  any piece has a line end in it, the whole buffer is refused.
- Only events that show output are decoded here. They change nothing about the state of a stream,
  so nobody has to look at them one by one; any other event in the batch is a failure.
- Each payload is decoded by itself, so nothing can reach from one into the next: two objects in
  one payload, or one object over two, fail as they must. A failure sends all payloads of the batch
  to the careful decoder, which says what is wrong in terms of the single payload.
- What msgspec does not look at (UTF-8 in skipped members, nesting) is checked for the whole batch:
  lines are valid UTF-8 together if and only if each of them is.

Raw members of an event point into that event's own payload, never into the buffer.

docs/performance.md has what was measured, and what was tried and left out.
"""

from __future__ import annotations

import re
from typing import Final, cast

from codex_proto._wire import DECODE_ERRORS, is_too_deep
from codex_proto.responses.stream._codex_view import CodexView
from codex_proto.responses.stream._derived import ResponseEvent
from codex_proto.responses.wire import ROWS
from codex_proto.responses.wire._decode import OutputEvent, output_decoder

__all__ = [
    "PlainBlockReader",
    "decode_payloads",
    "end_of_blocks",
    "end_of_first_block",
    "may_wait",
    "split_payloads",
]

# Larger reads are worth the batch functions; a larger unfinished block is worth the framing
# decoder, which joins its pieces once. So each byte is copied a bounded number of times.
SMALL: Final = 4096
# Larger ones still are taken in pieces of this size, so that the copies made of them stay small.
LARGE: Final = 64 * 1024

_CR: Final = 0x0D
_LF: Final = 0x0A
_DATA: Final = b"data: "
_KNOWN_HEADERS: Final = frozenset(f"event: {row.type}\ndata: ".encode() for row in ROWS)
# What stands between two payloads of plain blocks that have an event line. With a lookahead after
# the first character the search for it is memchr, which long payloads need; nothing is given back
# of the event's name once it is matched.
_SEPARATORS: Final = {
    b"\n": re.compile(rb"\n(?=\n)\nevent:.*+\ndata: "),
    b"\r\n": re.compile(rb"\r(?=\n)\n\r\nevent:[^\r\n]*+\r\ndata: "),
}


def end_of_blocks(buffer: bytes) -> int:
    """Where the last blank line of a buffer ends, for line ends LF and CR LF; 0 without one."""
    end = buffer.rfind(b"\n\n") + 2
    if _CR in buffer:
        end = max(end, buffer.rfind(b"\n\r\n") + 3)
    return end if end > 3 else 0


def end_of_first_block(buffer: bytes) -> int:
    """Where the first blank line ends in a buffer that has one; the first may be the last."""
    end = buffer.find(b"\n\n") + 2
    if _CR in buffer:
        crlf = buffer.find(b"\n\r\n") + 3
        if crlf > 2 and (end < 2 or crlf < end):
            return crlf
    return end


def may_wait(buffer: bytes) -> bool:
    """Whether bytes without a blank line may wait for more: no event can be whole in them.

    A CR that no LF follows could be a line end of its own, and the second of two.
    """
    return len(buffer) <= SMALL and (
        _CR not in buffer or buffer.count(b"\r") == buffer.count(b"\r\n")
    )


def is_plain_header(header: bytes, line_end: bytes) -> bool:
    """Whether a block that begins like this has at most an `event` line before its data."""
    if header in _KNOWN_HEADERS:
        return line_end == b"\n"
    event_line = header.removesuffix(_DATA)
    if event_line == header:
        return False
    if not event_line:
        return True
    name = event_line.removesuffix(line_end)
    return name != event_line and name.startswith(b"event:") and not {_CR, _LF} & set(name)


def split_payloads(buffer: bytes, end: int) -> list[bytes] | None:
    """The payload of each block up to `end`; None unless all of it is plain blocks."""
    line_end = b"\r\n" if _CR in buffer else b"\n"
    blank_line = line_end + line_end
    end -= len(blank_line)
    if not buffer.startswith(blank_line, end):
        return None
    if buffer.startswith(b"event:"):
        start = buffer.find(line_end) + len(line_end) + len(_DATA)
    else:
        start = len(_DATA)
    header = buffer[:start]
    if not is_plain_header(header, line_end):
        return None
    if start > len(_DATA):
        pieces = _SEPARATORS[line_end].split(buffer[start:end])
    else:
        pieces = buffer[start:end].split(blank_line + _DATA)
    joined = b"".join(pieces)
    if _LF in joined or (line_end != b"\n" and _CR in joined):
        return None
    return pieces


def decode_payloads(
    buffer: bytes, payloads: list[bytes], max_depth: int
) -> list[ResponseEvent] | None:
    """Decode the payloads of a buffer all at once; None if one of them wants a careful look."""
    try:
        if not buffer.isascii():
            # Not the buffer itself, which may end inside a character.
            str(b"\n".join(payloads), "utf-8")
        events: list[ResponseEvent] = list(map(output_decoder(), payloads))
    except DECODE_ERRORS:
        return None
    shallow = 2 * max_depth
    long_ones = [payload for payload in payloads if len(payload) > shallow]
    # One after the other JSON texts are as deep as the deepest of them.
    return None if long_ones and is_too_deep(b"".join(long_ones), max_depth) else events


class PlainBlockReader:
    """Reads body data that comes about one event at a time, where each line of Python counts.

    The base of `BodyReader`: its `receive_data` is here, so that little stands between the caller
    and the decoding of one event. It knows two cases, a read that is one whole block like
    an earlier one, and a read that finishes one block and may begin another (or finishes none).
    Whatever else a read is, `_receive_data` sees to it, together with what is held.
    """

    def __init__(self, *, max_depth: int, max_size: int, view: CodexView | None) -> None:
        # None for the full profile, so that it pays next to nothing for the other one.
        self.view = view
        self.max_depth = max_depth
        # In a buffer up to the one size no limit can be passed. An event up to the other size
        # cannot be too deep: the event itself is one level, each further one takes two brackets.
        self._max_size = max_size
        self._harmless_size = _SMALLEST_EVENT + 2 * max_depth - 1
        self._decode = output_decoder()
        # Whether the response is open and the framing decoder at the start of a block. It stays
        # there as long as blocks are read here; what is unfinished waits in `_held`.
        self._is_plain = False
        self._held: bytes = b""
        # What stood around the last payload and most likely stands around the next one too, and
        # the same for the other kinds of blocks, by what they begin with.
        self._header, self._blank_line, self._frame_size = _FIRST_FRAME
        self._frames: dict[bytes, tuple[bytes, bytes, int]] = {_DATA: _FIRST_FRAME}
        # Whether the last event was of an unknown type, as the next one will be then: to
        # learn that from an exception each time would cost as much as all the rest.
        self._is_unusual = False
        # The last event that was read here since `_receive_data` was asked last.
        self._last_plain: OutputEvent | None = None

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        """Take the next bytes of an SSE body, cut anywhere; return the events they finish."""
        if not self._is_plain:
            return self._receive_data(data)
        # The two cases have much in common, and are spelled out all the same: a method for what
        # they share would cost as much as all the checks in it.
        held = self._held
        if held:
            # A read that goes on with a block, and finishes one block or none.
            try:
                buffer = held + data
            except TypeError:
                return self._receive_data(data)
            if len(buffer) > SMALL:
                return self._receive_many(buffer, data)
            # One call, where `rfind` and slices take twice the time.
            block, blank_line, rest = buffer.rpartition(b"\n\n")
            if _CR in buffer:
                return self._receive_data(data)
            if not blank_line:
                self._held = buffer
                return []
            payload = block.removeprefix(self._header)
            if len(payload) == len(block):
                payload = self._reframe(block + blank_line)
            if _LF in payload:
                return self._receive_many(buffer, data)
            try:
                if not payload.isascii():
                    str(payload, "utf-8")
                event = self._decode(payload)
            except DECODE_ERRORS:
                if not payload:
                    return self._receive_many(buffer, data)
                self._held = rest
                return self._receive_payloads([payload], buffer)
            if len(block) > self._harmless_size and is_too_deep(payload, self.max_depth):
                return self._receive_data(data)
            self._held = rest
            self._last_plain = event
            return [event] if self.view is None else self.view.receive_event(event)

        # A read that is one block, since the server flushes each.
        if type(data) is not bytes:
            return self._receive_data(data)
        payload = data.removeprefix(self._header).removesuffix(self._blank_line)
        if len(payload) + self._frame_size != len(data):
            payload = self._reframe(data)
        if _LF in payload or _CR in payload:
            return self._receive_many(data, data)
        if self._is_unusual and payload and len(data) <= self._max_size:
            return self._receive_payloads([payload], data)
        try:
            if not payload.isascii():
                str(payload, "utf-8")
            event = self._decode(payload)
        except DECODE_ERRORS:
            if not payload or len(data) > self._max_size:
                return self._receive_many(data, data)
            return self._receive_payloads([payload], data)
        if len(payload) > self._harmless_size and (
            len(data) > self._max_size or is_too_deep(payload, self.max_depth)
        ):
            return self._receive_data(data)
        self._last_plain = event
        return [event] if self.view is None else self.view.receive_event(event)

    def _receive_many(
        self, buffer: bytes, data: bytes | bytearray | memoryview
    ) -> list[ResponseEvent]:
        """Take a read of many blocks, whose end is held for the next one."""
        end = buffer.rfind(b"\n\n") + 2
        if end < 2 or _CR in buffer or len(buffer) > min(self._max_size, 2 * LARGE):
            return self._receive_data(data)
        payloads = split_payloads(buffer, end)
        if payloads is None:
            return self._receive_data(data)
        self._held = buffer[end:]
        events = decode_payloads(buffer, payloads, self.max_depth)
        if events is None:
            return self._receive_payloads(payloads, buffer)
        self._last_plain = cast("OutputEvent", events[-1])
        return events if self.view is None else self.view.receive_events(events)

    def _receive_data(self, data: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        """Take any read, with `_held` before it."""
        raise NotImplementedError

    def _receive_payloads(self, payloads: list[bytes], buffer: bytes) -> list[ResponseEvent]:
        """Take payloads of plain blocks that want a careful look; `buffer` begins with them."""
        raise NotImplementedError

    def _reframe(self, block: bytes) -> bytes:
        """The payload of a block of another kind than the last; empty if it is no plain block."""
        header = block[: block.find(b"{")]
        frame = self._frames.get(header)
        if frame is None:
            line_end = b"\r\n" if _CR in block else b"\n"
            if (
                len(header) > _LONGEST_HEADER
                or len(self._frames) >= _FRAMES
                or not is_plain_header(header, line_end)
            ):
                return b""
            frame = (header, 2 * line_end, len(header) + 2 * len(line_end))
            self._frames[header] = frame
        self._header, self._blank_line, self._frame_size = frame
        payload = block.removeprefix(header).removesuffix(self._blank_line)
        return payload if len(payload) + self._frame_size == len(block) else b""


_SMALLEST_EVENT: Final = len(b'{"type":"","":}') + min(
    len(row.type) for row in ROWS if row.is_output
)
_FIRST_FRAME: Final = (_DATA, b"\n\n", len(_DATA) + 2)
# More kinds of blocks than the protocol has, so that a peer cannot fill the table.
_FRAMES: Final = 256
# With a small payload the block passes no limit that lets a few reads pass.
_LONGEST_HEADER: Final = 256
