"""Secrets that are known because somebody sent them, and where they are in bytes."""

from __future__ import annotations

from bisect import insort
from operator import neg
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codex_proto._secrets._spans import Span

__all__ = ["MIN_LENGTH", "KnownSecrets"]

# Shorter ones are too likely to be something else, such as a word.
MIN_LENGTH: Final = 6
# Up to so many it is faster to search for each.
_FEW: Final = 64


class KnownSecrets:
    """Texts to search for, as bytes; each has at least `MIN_LENGTH` of them."""

    __slots__ = ("_lengths", "_values")

    def __init__(self) -> None:
        self._values: dict[bytes, None] = {}
        # How long the secrets with this beginning are, the longest first.
        self._lengths: dict[bytes, list[int]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: bytes) -> None:
        """Search for this one too."""
        if len(value) < MIN_LENGTH or value in self._values:
            return
        self._values[value] = None
        lengths = self._lengths.setdefault(value[:MIN_LENGTH], [])
        if len(value) not in lengths:
            insort(lengths, len(value), key=neg)

    def find(self, data: bytes) -> Iterator[Span]:
        """Yield where they are; of several at the same place the longest may be the only one."""
        return self._find_each(data) if len(self._values) <= _FEW else self._find_all(data)

    def _find_each(self, data: bytes) -> Iterator[Span]:
        for value in self._values:
            start = data.find(value)
            while start >= 0:
                yield start, start + len(value)
                start = data.find(value, start + 1)

    def _find_all(self, data: bytes) -> Iterator[Span]:
        """Look once at every place, however many secrets there are."""
        beginnings = self._lengths
        places = range(len(data) - MIN_LENGTH + 1)
        for start in [at for at in places if data[at : at + MIN_LENGTH] in beginnings]:
            for length in beginnings[data[start : start + MIN_LENGTH]]:
                if data[start : start + length] in self._values:
                    yield start, start + length
                    break
