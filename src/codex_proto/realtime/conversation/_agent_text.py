"""The prefix and the length limit of a text before it goes into a conversation.

Source: wire.md 8.7 and 8.11.
"""

from __future__ import annotations

from typing import Final

from codex_proto.realtime.wire._text import end_of, size_of, start_of

__all__ = [
    "BACKEND_PREFIX",
    "DEFAULT_OUTPUT_BUDGET",
    "MIN_OUTPUT_BUDGET",
    "USER_PREFIX",
    "cut_middle",
    "with_prefix",
]

USER_PREFIX: Final = "[USER] "
BACKEND_PREFIX: Final = "[BACKEND] "

# 1000 tokens at upstream's estimate of four bytes each.
DEFAULT_OUTPUT_BUDGET: Final = 4000
# Room for the mark of the cut, and some text on either side of it.
MIN_OUTPUT_BUDGET: Final = 64


def with_prefix(prefix: str, text: str) -> str:
    """Return the text with the prefix, once; an empty text stays empty."""
    return text if not text or text.startswith(prefix) else prefix + text


def cut_middle(text: str, max_bytes: int) -> str:
    """Return the text, cut in the middle to at most `max_bytes` bytes of UTF-8.

    A mark between the beginning and the end states how many bytes were left out.
    """
    size = size_of(text)
    if size <= max_bytes:
        return text
    room = max_bytes - size_of(_mark(size))
    head = start_of(text, room // 2)
    tail = end_of(text, room - room // 2)
    return f"{head}{_mark(size - size_of(head) - size_of(tail))}{tail}"


def _mark(left_out: int) -> str:
    return f" … [{left_out} bytes left out] … "
