r"""Finds the records inside a text: the JSON, or the Python `dict`, that a gateway put there.

`litellm.RateLimitError: AzureException - {"error":{...}}`, `Error code: 400 - {'error': ...}`,
`b'{\n  "error": ...}'`. Source: docs/servers.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import msgspec

from codex_proto.errors import DECODE_ERRORS

__all__ = ["decode_any", "embedded_records"]

# How many records of a text are tried.
_TRIED: Final = 4
# A quote that is never closed matches alone, and ends the search.
_PART: Final = re.compile(
    r"""[{}]|"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|["']""",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"""\\(["'\\/nrt])""")
_PYTHON: Final = re.compile(
    r"""'((?:[^'\\]|\\.)*+)'|"(?:[^"\\]|\\.)*+"|-?\b(None|True|False|NaN|Infinity)\b""",
    re.DOTALL,
)
_IN_QUOTES: Final = re.compile(r"""\\x([0-9a-fA-F]{2})|\\'|\\.|\"""", re.DOTALL)
_JSON_WORDS: Final = {"True": "true", "False": "false"}
# Half of a character, as where a server cut a text; the pairs are there to be passed over.
_HALF: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_BLANKS: Final = {"n": "\n", "r": "\r", "t": "\t"}

# One number beyond all floats does not cost the record.
decode_any: Final = msgspec.json.Decoder(object, float_hook=float).decode


def embedded_records(text: str) -> Iterator[dict[str, Any]]:
    """Yield the first few records of a text, in order."""
    for form in (text, _unescaped(text) if "\\" in text else ""):
        for found in _objects(form):
            value = _decoded(found)
            if value is not None:
                yield value


def _objects(text: str) -> Iterator[str]:
    """Yield each text from a brace to the one that closes it."""
    end = 0
    for _ in range(_TRIED):
        start = text.find("{", end)
        if start < 0:
            return
        end = _end(text, start)
        if end < 0:
            return
        yield text[start:end]


def _end(text: str, start: int) -> int:
    depth = 0
    for found in _PART.finditer(text, start):
        part = found[0]
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
            if not depth:
                return found.end()
        elif len(part) == 1:
            return -1
    return -1


def _decoded(text: str) -> dict[str, Any] | None:
    for form in (text, _HALF.sub(_whole, _PYTHON.sub(_as_json, text))):
        try:
            value: object = decode_any(form)
        except DECODE_ERRORS:
            continue
        return cast("dict[str, Any]", value) if isinstance(value, dict) else None
    return None


def _as_json(found: re.Match[str]) -> str:
    if found[2] is not None:
        return _JSON_WORDS.get(found[2], "null")
    inner = found[0][1:-1] if found[1] is None else found[1]
    return f'"{_IN_QUOTES.sub(_escape, inner)}"'


def _whole(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else "\\ufffd"


def _escape(found: re.Match[str]) -> str:
    if found[1] is not None:
        return f"\\u00{found[1]}"
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])


def _unescaped(text: str) -> str:
    """Remove one level of backslashes: the text may be part of a literal."""
    return _ESCAPED.sub(lambda found: _BLANKS.get(found[1], found[1]), text)
