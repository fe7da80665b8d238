"""Escaping of text from a peer, so that it cannot control the terminal."""

from __future__ import annotations

import re

__all__ = ["shortened", "visible"]

# Control characters (C0, DEL, C1), those that change the direction of writing or break lines,
# invisible tags, and lone surrogates, which no encoding can write. CR is among them: it would let
# later text overwrite earlier text. Newline and tab are layout and stay.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_LAYOUT = re.compile("[\n\t]")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str, *, one_line: bool = False) -> str:
    """Return the text with every character that a terminal would obey shown as an escape.

    With `one_line` newlines and tabs are shown, too.
    """
    text = _UNSAFE.sub(_escape, text)
    return _LAYOUT.sub(_escape, text) if one_line else text


def shortened(text: str, limit: int = 60) -> str:
    """Return the text on one line, safe for a terminal, and cut after about `limit` characters."""
    if len(text) <= limit:
        return visible(text, one_line=True)
    return visible(text[: limit - 1], one_line=True) + "…"
