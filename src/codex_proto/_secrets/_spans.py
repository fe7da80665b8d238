"""Where secrets are in bytes: (start, end) pairs, and what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Span", "cover", "merge", "replace"]

Span: TypeAlias = tuple[int, int]


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, with those joined that overlap or touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def cover(data: bytes, spans: Iterable[Span]) -> bytes:
    """Return the bytes with an asterisk for each byte of a span, so that the length stays."""
    return _rebuild(data, [(start, end, b"*" * (end - start)) for start, end in merge(spans)])


def replace(data: bytes, spans: Iterable[Span], mark: bytes) -> bytes:
    """Return the bytes with a mark instead of each span, or of several that overlap."""
    return _rebuild(data, [(start, end, mark) for start, end in merge(spans)])


def _rebuild(data: bytes, parts: list[tuple[int, int, bytes]]) -> bytes:
    pieces: list[bytes] = []
    at = 0
    for start, end, mark in parts:
        pieces += (data[at:start], mark)
        at = end
    return b"".join((*pieces, data[at:]))
