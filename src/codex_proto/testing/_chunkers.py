"""Ways to cut bytes, as networks do: nothing may depend on them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TypeAlias

__all__ = ["Chunker", "at", "bytewise", "every", "whole"]

# Cuts bytes into pieces that make the same bytes when they are joined.
Chunker: TypeAlias = Callable[[bytes], list[bytes]]


def whole(data: bytes) -> list[bytes]:
    """Leave it in one piece."""
    return [data]


def bytewise(data: bytes) -> list[bytes]:
    """Cut it into single bytes."""
    return [data[position : position + 1] for position in range(len(data))]


def every(size: int) -> Chunker:
    """Return what cuts into pieces of that many bytes."""

    def cut(data: bytes) -> list[bytes]:
        return [data[start : start + size] for start in range(0, len(data), size)]

    return cut


def at(*positions: int) -> Chunker:
    """Return what cuts at those positions of the data, wherever they lie inside it."""

    def cut(data: bytes) -> list[bytes]:
        return _cut_at(data, positions)

    return cut


def _cut_at(data: bytes, positions: Iterable[int]) -> list[bytes]:
    inside = sorted({position for position in positions if 0 < position < len(data)})
    edges = [0, *inside, len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]
