"""Text as upstream handles it: white space, and sizes in bytes.

Source: wire.md 8.5, 8.6 and 8.8 (trimmed; limits in bytes); the Unicode property White_Space.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ELLIPSIS", "end_of", "size_of", "start_of", "trim"]

ELLIPSIS: Final = "…"
"""Marks where a text was cut."""

_WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def trim(text: str) -> str:
    """Return the text without white space at its ends.

    Python's own `strip` also removes U+001C to U+001F, which are not white space here.
    """
    return text.strip(_WHITE_SPACE)


def size_of(text: str) -> int:
    """Return the size of a text in bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def end_of(text: str, size: int) -> str:
    """Return the longest end of a text that takes at most `size` bytes of UTF-8."""
    if text.isascii():
        return text[len(text) - min(max(size, 0), len(text)) :]
    encoded = text.encode("utf-8", "surrogatepass")
    start = len(encoded) - min(max(size, 0), len(encoded))
    while start < len(encoded) and encoded[start] & 0xC0 == 0x80:
        start += 1
    return encoded[start:].decode("utf-8", "surrogatepass")


def start_of(text: str, size: int) -> str:
    """Return the longest start of a text that takes at most `size` bytes of UTF-8."""
    if text.isascii():
        return text[: max(size, 0)]
    encoded = text.encode("utf-8", "surrogatepass")
    end = min(max(size, 0), len(encoded))
    while 0 < end < len(encoded) and encoded[end] & 0xC0 == 0x80:
        end -= 1
    return encoded[:end].decode("utf-8", "surrogatepass")
