"""The entries of a transcript, limited to a number of bytes.

Source: wire.md 8.6 (the cap).
"""

from __future__ import annotations

from collections import deque
from typing import Final

from codex_proto.realtime.stream import TranscriptEntry
from codex_proto.realtime.wire._text import ELLIPSIS, end_of, size_of

__all__ = ["Entries"]

# What an entry takes beside its role and text, as in `role: text` and a line end.
_OVERHEAD: Final = 3


class _Entry:
    """One growing entry: its text in pieces, so that a delta costs only its own size."""

    __slots__ = ("_pieces", "role", "size")

    def __init__(self, role: str, text: str) -> None:
        self.role = role
        self._pieces = [text]
        self.size = self._size_with(text)

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    @text.setter
    def text(self, text: str) -> None:
        self._pieces = [text]
        self.size = self._size_with(text)

    def append(self, text: str) -> None:
        self._pieces.append(text)
        self.size += size_of(text)

    def shorten(self, size: int) -> None:
        """Keep the end of the text, so that the entry takes at most `size` bytes."""
        room = size - self._size_with(ELLIPSIS)
        self.text = ELLIPSIS + end_of(self.text, room)

    def _size_with(self, text: str) -> int:
        return len(self.role) + size_of(text) + _OVERHEAD


class Entries:
    """Entries in the order they began. Beyond `max_size` bytes the oldest are dropped.

    The last one stays, but only the end of its text, after `…`. Cutting it after several pieces
    has the same result as cutting it after each, so it is cut only occasionally, and before it is
    read.
    """

    def __init__(self, max_size: int | None) -> None:
        self._max_size = max_size
        self._entries: deque[_Entry] = deque()
        self._size = 0
        self._bytes_dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_dropped(self) -> int:
        """How many bytes `max_size` dropped."""
        self._shorten_last()
        return self._bytes_dropped

    def as_tuple(self) -> tuple[TranscriptEntry, ...]:
        """Return the entries as values."""
        self._shorten_last()
        return tuple(TranscriptEntry(entry.role, entry.text) for entry in self._entries)

    def ends_with(self, role: str) -> bool:
        """Whether the last entry is of that role."""
        return bool(self._entries) and self._entries[-1].role == role

    def add(self, role: str, text: str) -> None:
        """Begin a new entry."""
        entry = _Entry(role, text)
        self._entries.append(entry)
        self._size += entry.size
        self._drop_oldest()

    def extend_last(self, text: str) -> None:
        """Add to the text of the last entry."""
        last = self._entries[-1]
        before = last.size
        last.append(text)
        self._size += last.size - before
        self._drop_oldest()
        if self._max_size is not None and self._size > 2 * self._max_size:
            self._shorten_last()

    def replace_last(self, text: str) -> None:
        """Replace the text of the last entry."""
        last = self._entries[-1]
        self._size -= last.size
        last.text = text
        self._size += last.size
        self._drop_oldest()

    def clear(self) -> None:
        """Remove all entries."""
        self._entries.clear()
        self._size = 0

    def _drop_oldest(self) -> None:
        while self._max_size is not None and self._size > self._max_size and len(self) > 1:
            oldest = self._entries.popleft()
            self._size -= oldest.size
            self._bytes_dropped += oldest.size

    def _shorten_last(self) -> None:
        if self._max_size is None or self._size <= self._max_size or not self._entries:
            return
        # All other entries are dropped already.
        last = self._entries[-1]
        last.shorten(self._max_size)
        self._bytes_dropped += self._size - last.size
        self._size = last.size
