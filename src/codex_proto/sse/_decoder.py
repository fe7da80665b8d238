"""`text/event-stream` without I/O: bytes in, events out (level 0).

The algorithm is the one of the WHATWG HTML standard, section 9.2.6, "Interpreting an event
stream". The encoder for the other direction lives in `eventstream_encoder`.

Three decisions that the standard leaves to the reader:

- An event is handed out as soon as its blank line is there. A CR that ends a chunk ends its line;
  should the next chunk begin with LF, that LF is the second half of the same line end.
- Lines are cut in bytes and only the text of finished fields is decoded, so a character that is
  spread over chunks is never torn, and JSON can be read from `data_bytes` without a detour.
- A block that the stream ends in the middle of is not an event. Its bytes stay in
  `trailing_data`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from codex_proto._input import as_bytes
from codex_proto.errors import EventTooLarge, LocalProtocolError
from codex_proto.sse._events import EventStreamBlock, ServerSentEvent

__all__ = [
    "DEFAULT_MAX_EVENT_SIZE",
    "DEFAULT_MAX_LINE_SIZE",
    "EventStreamDecoder",
]

# 64 MiB of data, and room for the other lines of the block. Peers that cap at 1 MiB break on real
# image and compaction events; what a peer can make us hold must still have an end.
DEFAULT_MAX_EVENT_SIZE: Final = 64 * 1024 * 1024 + 64 * 1024
DEFAULT_MAX_LINE_SIZE: Final = DEFAULT_MAX_EVENT_SIZE

_BOM: Final = b"\xef\xbb\xbf"
_CR: Final = 0x0D
_LF: Final = 0x0A
_SPACE: Final = 0x20
# Python refuses to turn more digits than this into an int under its strictest setting.
_MAX_RETRY_DIGITS: Final = 640
# What a line begins with that means something; a comment has no name.
_FIELDS: Final = frozenset({b"", b"data", b"event", b"id", b"retry"})
# Bytes of an ignored line that are kept: enough to recognise what was said.
_IGNORED_KEPT: Final = 1_024


class EventStreamDecoder:
    """Turns the bytes of an event stream into events, however they are cut.

    Feed `receive_data` (or `receive_blocks`, for relays) with what the transport gives, and
    `receive_eof` at its end. No bytes make it raise. Passing a limit is the one failure there is:
    it is sticky, `failure` says it, and nothing is decoded from there on.

    Args:
        max_line_size: bytes of one line, without its end.
        max_event_size: bytes of one block, each line end counted as one.

    Raises:
        LocalProtocolError: a limit is not positive; data is fed after `receive_eof`.
    """

    def __init__(
        self,
        *,
        max_line_size: int = DEFAULT_MAX_LINE_SIZE,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
    ) -> None:
        for name, value in (("max_line_size", max_line_size), ("max_event_size", max_event_size)):
            if value < 1:
                raise LocalProtocolError(f"{name}: must be at least 1 byte, not {value}")
        self._max_line_size = max_line_size
        self._max_event_size = max_event_size
        # The unfinished line, as it came in pieces: joined once, when its end arrives.
        self._pieces: list[bytes | bytearray] = []
        self._pieces_size = 0
        # The finished lines of the unfinished block, ends included, so that its bytes are exact.
        self._lines: list[bytes | bytearray] = []
        self._lines_size = 0
        # What those lines have said so far.
        self._data: list[bytes] = []
        self._event = b""
        self._id: bytes | None = None
        self._block_retry: int | None = None

        # Whether lines of JSON that are no field are data; see `take_bare_json`.
        self._takes_bare_json = False
        self._in_bare_json = False
        self._last_ignored = b""

        self._at_start = True
        self._skip_lf = False
        self._eof = False
        self._failure: EventTooLarge | None = None

        self._last_event_id = ""
        self._retry: int | None = None
        self._bytes_received = 0
        self._comments_received = 0
        self._events_received = 0

    @property
    def last_event_id(self) -> str:
        """The last event id string: what a reconnecting client sends as `Last-Event-ID`."""
        return self._last_event_id

    @property
    def retry(self) -> int | None:
        """The reconnection time the stream asked for, in milliseconds, or None."""
        return self._retry

    @property
    def bytes_received(self) -> int:
        """Bytes fed so far: the faintest sign of life."""
        return self._bytes_received

    @property
    def comments_received(self) -> int:
        """Comment lines seen so far, which servers send to keep a connection alive."""
        return self._comments_received

    @property
    def events_received(self) -> int:
        """Events handed out so far."""
        return self._events_received

    @property
    def failure(self) -> EventTooLarge | None:
        """The limit that the peer passed, or None. Once set it stays."""
        return self._failure

    @property
    def trailing_data(self) -> bytes:
        """The bytes of the unfinished last block, exactly as they came."""
        return b"".join(self._lines) + b"".join(self._pieces)

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[ServerSentEvent]:
        """Take the next bytes and return the events they finish, in order.

        Next: look at `failure`; call `receive_eof` when the stream has ended.
        """
        events: list[ServerSentEvent] = []
        for line in self._receive_lines("receive_data", data):
            event = self._end_block(line)
            if event is not None:
                events.append(event)
        return events

    def receive_blocks(self, data: bytes | bytearray | memoryview) -> list[EventStreamBlock]:
        """Take the next bytes and return the blocks they finish, in order, with their bytes."""
        blocks: list[EventStreamBlock] = []
        for line in self._receive_lines("receive_blocks", data):
            raw = b"".join(
                (*self._lines, line.removesuffix(b"\n") if line[-2:] == b"\r\n" else line)
            )
            blocks.append(EventStreamBlock(raw, self._end_block(line)))
        return blocks

    def receive_eof(self) -> None:
        """Report that the stream has ended; what is unfinished stays in `trailing_data`.

        May be called more than once.
        """
        self._eof = True

    # -- for the stream decoders of this package ------------------------------------------------

    @property
    def at_block_start(self) -> bool:
        """Whether nothing of an unfinished block is held (and no failure stands)."""
        return not (self._lines_size or self._pieces or self._skip_lf or self._failure)

    @property
    def unfinished_data(self) -> bytes:
        """The data that the unfinished last block would have had, its last line included."""
        data = self._data
        line = b"".join(self._pieces)
        if self._at_start:
            line = line.removeprefix(_BOM)
        name, _, value = line.partition(b":")
        if name == b"data":
            data = [*data, value.removeprefix(b" ")]
        elif name not in _FIELDS and self._is_bare_json(line):
            data = [*data, line]
        return b"\n".join(data)

    @property
    def unfinished_event(self) -> str:
        """What the `event` lines of the unfinished last block say."""
        return self._event.decode("utf-8", "replace") or "message"

    @property
    def last_ignored(self) -> bytes:
        """The last line that the standard ignores, or its beginning; see `take_bare_json`."""
        return self._last_ignored

    def take_bare_json(self) -> None:
        """Read lines that begin like JSON, and those after them in their block, as data.

        The standard ignores them, as it does any other line that is no field: of those the last
        is kept in `last_ignored`.
        """
        self._takes_bare_json = True

    def extend_line(self, data: bytes) -> bool:
        """Take bytes that do nothing but make the unfinished line longer; False if they do more.

        A large event in small reads is almost nothing but these.
        """
        if not self._pieces or _LF in data or _CR in data or self._failure is not None:
            return False
        self._bytes_received += len(data)
        _keep(self._pieces, data)
        self._pieces_size += len(data)
        self._check_limits(self._pieces_size)
        return True

    def pass_over(self) -> None:
        """Take note that whole blocks of the stream were decoded elsewhere."""
        self._at_start = False
        self._lines.clear()

    # -- lines ----------------------------------------------------------------------------------

    def _receive_lines(self, method: str, data: bytes | bytearray | memoryview) -> Iterator[bytes]:
        """Take in the lines of a chunk; stop at each blank line for the caller to end the block."""
        if self._eof:
            raise LocalProtocolError(f"{method}: called after receive_eof")
        chunk = as_bytes("data", data)
        self._bytes_received += len(chunk)
        if self._failure is not None:
            return
        if self._skip_lf and chunk:
            self._skip_lf = False
            if chunk[0] == _LF:
                self._lines.append(b"\n")
                chunk = chunk[1:]
        if not chunk:
            return
        # For bytes, splitlines knows exactly the three line ends of the standard.
        lines = chunk.splitlines(keepends=True)
        ends_in_cr = chunk[-1] == _CR
        unfinished = b"" if ends_in_cr or chunk[-1] == _LF else lines.pop()
        if self._pieces and lines:
            self._pieces.append(lines[0])
            lines[0] = b"".join(self._pieces)
            self._pieces.clear()
            self._pieces_size = 0
        for line in lines:
            if self._receive_line(line):
                yield line
            elif self.failure is not None:
                return
        if unfinished:
            _keep(self._pieces, unfinished)
            self._pieces_size += len(unfinished)
            self._check_limits(self._pieces_size)
        self._skip_lf = ends_in_cr

    def _receive_line(self, line: bytes) -> bool:
        """Take in one finished line; return whether it is the blank line that ends a block."""
        # By index, not by stripping and splitting: a line may be 64 MiB, and each copy counts.
        start = 0
        end = len(line) - (2 if line[-2:] == b"\r\n" else 1)
        if self._at_start:
            self._at_start = False
            start = len(_BOM) if line.startswith(_BOM) else 0
        if end and not self._check_limits(end):
            # The limit was passed inside this line: it stays in trailing_data.
            self._pieces.append(line)
            return False
        if start == end:
            return True
        _keep(self._lines, line)
        self._lines_size += end + 1
        colon = line.find(b":", start, end)
        if colon == start:
            self._comments_received += 1
        elif colon < 0:
            self._receive_field(line[start:end], b"", line)
        else:
            space = line[colon + 1] == _SPACE
            self._receive_field(line[start:colon], line[colon + 1 + space : end], line)
        return False

    def _check_limits(self, line_size: int) -> bool:
        """Whether a line of so many bytes (so far) fits, and with it the block it belongs to."""
        room = self._max_event_size - self._lines_size
        if line_size <= min(self._max_line_size, room):
            return True
        # Of two limits that it passed, the one that it passed first, wherever the chunks were cut.
        if self._max_line_size <= room:
            self._failure = EventTooLarge(limit_name="max_line_size", limit=self._max_line_size)
        else:
            self._failure = EventTooLarge(limit_name="max_event_size", limit=self._max_event_size)
        return False

    # -- fields and blocks ----------------------------------------------------------------------

    def _receive_field(self, name: bytes, value: bytes, line: bytes) -> None:
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value
        elif name == b"retry":
            if value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
                # bytes.isdigit() is true of ASCII digits only, as the standard asks.
                self._retry = self._block_retry = int(value)
        elif self._takes_bare_json:
            self._receive_other(line.rstrip(b"\r\n"))

    def _receive_other(self, line: bytes) -> None:
        if self._is_bare_json(line):
            self._in_bare_json = True
            self._data.append(line.removeprefix(_BOM))
        else:
            self._last_ignored = line[:_IGNORED_KEPT]

    def _is_bare_json(self, line: bytes) -> bool:
        return self._takes_bare_json and (
            self._in_bare_json or line.removeprefix(_BOM).startswith((b"{", b"["))
        )

    def _end_block(self, line: bytes) -> ServerSentEvent | None:
        """End the block at its blank line; return its event, if it has data."""
        if self._id is not None:
            self._last_event_id = self._id.decode("utf-8", "replace")
        event = None
        if self._data:
            self._events_received += 1
            event = ServerSentEvent.from_wire(
                self._event.decode("utf-8", "replace") or "message",
                b"\n".join(self._data),
                self._last_event_id,
                self._block_retry,
            )
        # The block was whole at the CR of its blank line: an LF after it belongs to the next.
        self._lines = [b"\n"] if line[-2:] == b"\r\n" else []
        self._lines_size = 0
        self._data = []
        self._event = b""
        self._id = None
        self._block_retry = None
        self._in_bare_json = False
        return event


# Pieces below the first size cost less when they are gathered in larger ones than as objects of
# their own; the second bounds what appending to such a gathering may have to move.
_TINY: Final = 512
_GATHERED: Final = 64 * 1024
# So many pieces are kept as they are: blocks of two or three lines, which nearly all are, are
# joined once and never gathered.
_FEW: Final = 8


def _keep(pieces: list[bytes | bytearray], piece: bytes) -> None:
    """Add a piece to those kept for one join, so that many tiny ones cost about their bytes."""
    if len(piece) >= _TINY:
        pieces.append(piece)
        return
    last = pieces[-1] if pieces else None
    if type(last) is bytearray and len(last) < _GATHERED:
        last += piece
    elif len(pieces) > _FEW:
        pieces.append(bytearray(piece))
    else:
        pieces.append(piece)
