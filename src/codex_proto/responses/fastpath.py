"""The hot path: many plain blocks at once, with almost no Python per event.

Nearly every stream consists of blocks of one form, `event: <name>` LF `data: {...}` LF LF, or the
same without its first line, and mostly of long runs of one name. What stands between the payloads
of a run is then always the same bytes, so one split of the buffer at those bytes gives them all.
Blocks of other names stay behind in the pieces, are recognised by the line ends in them, and are
taken apart by lines. What fits neither is refused as a whole, and the framing decoder reads the
original bytes instead: this file decides nothing about meaning.

Why a refusal is never missed:

- A piece without CR and LF lies between two separators that are complete: blank line, `event`
  line, and `data: ` at the beginning of a line. So it is all of the value of the only data line of
  its block. JSON text that contains `data: ` has no line end before it, and is in no danger.
- Every other piece is put back into its block and read line by line. In a buffer without CR every
  LF is a line end and every line end an LF. CR LF is replaced first, and only if no CR stands
  elsewhere (CR CR LF would turn into a new CR LF).
- Each payload is decoded by itself, so nothing can reach from one into the next: two objects in
  one payload, or one object over two, fail as they must. A failure sends all payloads of the batch
  to the careful decoder, which says what is wrong in terms of the single payload.
- What msgspec does not look at (UTF-8 in skipped members, nesting) is checked for the whole batch:
  a buffer is valid UTF-8 if and only if each of its lines is.

Raw members of an event point into that event's own payload, never into the buffer.

Measured on the text workload (CPython 3.11, ns an event at 16 KiB reads): split at the separator
97, at LF with every third line 222, replace and split 330; a count of brackets 178, the lengths of
the payloads 20; `in` with an integer 15, with bytes 146.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from codex_proto.responses.decode import (
    DECODE_ERRORS,
    DecodedEvent,
    decode_strictly,
    is_too_deep,
)
from codex_proto.responses.wire import WireEvent

__all__ = [
    "PlainBlocks",
    "decode_payloads",
    "end_of_blocks",
    "end_of_first_block",
    "may_wait",
    "split_payloads",
]

# Larger reads are worth the batch functions; a larger unfinished block is worth the framing
# decoder, which joins its pieces once. So each byte is copied a bounded number of times.
SMALL: Final = 4096

_CR: Final = 0x0D
_LF: Final = 0x0A
_DATA: Final = b"data: "
# What stands between two payloads of plain blocks that have an event line. With a lookahead after
# the first character the search for it is memchr, which long payloads need.
_SEPARATORS: Final = {
    b"\n": re.compile(rb"\n(?=\n)\nevent:[^\r\n]*\ndata: "),
    b"\r\n": re.compile(rb"\r(?=\n)\n\r\nevent:[^\r\n]*\r\ndata: "),
}


def end_of_blocks(buffer: bytes) -> int:
    """Where the last blank line of a buffer ends, for line ends LF and CR LF; 0 for none."""
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


@lru_cache(maxsize=256)
def is_plain_header(header: bytes, line_end: bytes) -> bool:
    """Whether a block that begins like this has at most an `event` line before its data."""
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
        start = buffer.find(line_end) + len(line_end)
        if not buffer.startswith(_DATA, start):
            return None
        pieces = _SEPARATORS[line_end].split(buffer[start + len(_DATA) : end])
    elif buffer.startswith(_DATA):
        pieces = buffer[len(_DATA) : end].split(blank_line + _DATA)
    else:
        return None
    if any([_LF in piece for piece in pieces]):  # noqa: C419 - a list is twice as fast
        return None
    if line_end != b"\n" and any(_CR in piece for piece in pieces):
        return None
    return pieces


def decode_payloads(
    buffer: bytes, payloads: list[bytes], max_depth: int
) -> list[DecodedEvent] | None:
    """Decode the payloads of a buffer all at once; None if one of them wants a careful look."""
    try:
        if not buffer.isascii():
            str(buffer, "utf-8")
        # Spelled out, since most payloads are too short to be deep and a call is not.
        shallow = 2 * max_depth
        long_ones = [payload for payload in payloads if len(payload) > shallow]
        if any(is_too_deep(payload, max_depth) for payload in long_ones):
            return None
        return list(map(decode_strictly, payloads))
    except DECODE_ERRORS:
        return None


class PlainBlocks:
    """The same for reads of about one event, where what costs is each call.

    Takes small reads and keeps the unfinished block between them in `held`. It decodes events of
    `classes`, those that change nothing about the state of a stream, and leaves the bytes from the
    first other block on in `rest`, for the careful way. `size`, `blocks` and `last` tell what it
    has decoded.

    `header` and `blank_line` are what stood around the last payload, and most likely stand around
    the next one too (`frame_size` bytes together); the header is empty until one is known.
    """

    __slots__ = (
        "_classes",
        "_line_end",
        "_max_depth",
        "blank_line",
        "blocks",
        "frame_size",
        "header",
        "held",
        "last",
        "rest",
        "size",
    )

    def __init__(self, classes: frozenset[type[WireEvent]], max_depth: int) -> None:
        self._classes = classes
        self._max_depth = max_depth
        self.header = b""
        self._line_end = b""
        self.blank_line = b""
        # No block is that small.
        self.frame_size = -1
        self.held = b""
        self.rest = b""
        self.size = 0
        self.blocks = 0
        self.last: DecodedEvent | None = None

    def receive(self, data: bytes) -> list[DecodedEvent]:
        """Take a read that follows the last one; look at `rest` afterwards."""
        buffer = self.held + data if self.held else data
        self.held = b""
        events: list[DecodedEvent] = []
        while buffer:
            if not (self.header and buffer.startswith(self.header)) and not self._learn(buffer):
                break
            start = len(self.header)
            end = buffer.find(b"\n", start)
            if end < 0:
                self._wait(buffer)
                break
            end += 1 - len(self._line_end)
            if not buffer.startswith(self.blank_line, end):
                if buffer.endswith(self._line_end) and len(buffer) - end == len(self._line_end):
                    self._wait(buffer)
                else:
                    self.rest = buffer
                break
            payload = buffer[start:end]
            event = None if _CR in payload else self._decode(payload)
            if event is None:
                self.rest = buffer
                break
            events.append(event)
            self.last = event
            self.blocks += 1
            self.size += len(payload) + self.frame_size
            buffer = buffer[end + len(self.blank_line) :]
        return events

    def _decode(self, payload: bytes) -> WireEvent | None:
        try:
            if not payload.isascii():
                str(payload, "utf-8")
            if len(payload) > 2 * self._max_depth and is_too_deep(payload, self._max_depth):
                return None
            event = decode_strictly(payload)
        except DECODE_ERRORS:
            return None
        return event if type(event) in self._classes else None

    def _learn(self, buffer: bytes) -> bool:
        """Take note of what stands around the first payload; if False, nothing can be decoded."""
        start = buffer.find(b"{")
        line_feed = buffer.find(b"\n", start) if start >= 0 else -1
        if line_feed < 0:
            # The header or the payload is not whole yet. Or there is none.
            if end_of_blocks(buffer):
                self.rest = buffer
            else:
                self._wait(buffer)
            return False
        line_end = b"\r\n" if buffer[line_feed - 1] == _CR else b"\n"
        header = buffer[:start]
        if not is_plain_header(header, line_end):
            self.rest = buffer
            return False
        self.header = header
        self._line_end = line_end
        self.blank_line = line_end + line_end
        self.frame_size = start + len(self.blank_line)
        return True

    def _wait(self, buffer: bytes) -> None:
        if may_wait(buffer):
            self.held = buffer
        else:
            self.rest = buffer
