"""How deep JSON is nested, measured without decoding it.

A limit of our own makes the answer independent of the Python version and of how deep the caller's
stack happens to be.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["DEFAULT_MAX_DEPTH", "is_too_deep"]

# serde's limit, and far beyond what any event has.
DEFAULT_MAX_DEPTH: Final = 128

_ESCAPED_QUOTE_OR_BACKSLASH: Final = re.compile(rb'\\["\\]')
_BRACKETS: Final = b'[{]}"'
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(_BRACKETS))
_OPEN_OR_CLOSE: Final = bytes.maketrans(b"{}", b"[]")


def is_too_deep(payload: bytes, max_depth: int) -> bool:
    """Whether JSON is nested deeper than so many levels. Exact, and cheap where it cannot be.

    What is not balanced, and so no JSON, may pass for too deep.
    """
    size = len(payload)
    if size <= 2 * max_depth:
        return False
    # The number of brackets, by way of what is left without them: count() is several times slower.
    left = len(payload.replace(b"{", b"")) + len(payload.replace(b"[", b""))
    if 2 * size - left <= max_depth:
        return False
    # Inside strings brackets are text. Without escapes every quote begins or ends a string, and
    # most strings are empty once nothing but brackets is left.
    if _ESCAPED_QUOTE_OR_BACKSLASH.search(payload):
        payload = payload.replace(b"\\\\", b"").replace(b'\\"', b"")
    outline = payload.translate(_OPEN_OR_CLOSE, _NOT_BRACKETS).replace(b'""', b"")
    if b'"' in outline:
        outline = b"".join(outline.split(b'"')[::2])
    # Each round takes the innermost level away.
    for _ in range(max_depth):
        if not outline:
            return False
        outline = outline.replace(b"[]", b"")
    return bool(outline)
