"""White space as upstream sees it.

Python's own `strip` also takes U+001C to U+001F, which Unicode does not count as white space.

Source: wire.md 8.5 and 8.6 (trimmed); the Unicode property White_Space.
"""

from __future__ import annotations

from typing import Final

__all__ = ["trim"]

_WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def trim(text: str) -> str:
    """Return the text without white space at its ends."""
    return text.strip(_WHITE_SPACE)
