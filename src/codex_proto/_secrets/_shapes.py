r"""What a secret looks like in a text: a key's or token's form, or a value whose name says it.

Every row is a pattern that is searched for once from the beginning to the end, in time linear in
the text and about the same for every text of a length. For that,

- a pattern begins with its words or marks, and looks back from there: such a search knows what it
  may begin with, and passes over everything else several times faster than with `\b` in front;
- a repetition is possessive where something has to follow it, so that it is read once;
- what matches without its group is no secret. It is there to be passed over as a whole, where the
  next search would otherwise read the same bytes again.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from codex_proto._secrets._names import (
    LINE_NAMES,
    MEMBER_ENDINGS,
    MEMBER_LAST_WORDS,
    MEMBER_NAMES,
    VALUE_ENDINGS,
    VALUE_LAST_WORDS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codex_proto._secrets._spans import Span

__all__ = ["REDACTED", "find_credentials", "find_for_recording", "find_members"]

# What stands where a secret was.
REDACTED: Final = "[redacted]"


class _Shape(NamedTuple):
    """Something to search for."""

    # Its first group is the secret.
    pattern: str
    # Searched for in lowercase text; faster than a pattern that does so itself.
    ignores_case: bool = False


@cache
def _compiled(pattern: str) -> re.Pattern[bytes]:
    """Compile when it is first needed, which may be never: all take milliseconds."""
    return re.compile(pattern.encode())


def _alone(words: Iterable[str]) -> str:
    r"""Return a pattern for words at whose beginning a word begins, as with `\b`."""
    return "|".join(rf"{word}(?<!\w{word})" for word in words)


def _after(before: str, words: Iterable[str]) -> str:
    """Return a pattern for words that follow one of some characters."""
    return "|".join(f"{word}(?<=[{before}]{word})" for word in words)


def _not_after(before: str, words: Iterable[str]) -> str:
    """Return a pattern for words that do not follow one of some characters."""
    return "|".join(f"{word}(?<![{before}]{word})" for word in words)


_NOT_AGAIN: Final = rf"(?!{re.escape(REDACTED)})"
_VALUE_FOLLOWS: Final = rf"[\"']?+[ \t]*+[:=][ \t]*+[\"']?+{_NOT_AGAIN}"

# What stands behind `Bearer`: the characters of RFC 6750, section 2.1.
_BEARER: Final = r"[\w.~+/=-]{8,}"

_BY_FORM: Final = (
    # Keys by their prefix.
    _Shape(rf"((?:{_alone(('sk', 'rk', 'ek', 'pk', 'sess'))})[-_][\w-]{{12,}})"),
    # JSON web tokens. What only begins like one is passed over to its end.
    _Shape(r"(eyJ(?<!\weyJ)[\w-]{8,}+\.[\w-]{8,}(?:\.[\w-]*)?)|eyJ(?<!\weyJ)[\w-]*+"),
)
_IN_TEXT: Final = (
    # `Authorization: ...`, as it is echoed.
    _Shape(
        rf"(?:{_not_after('a-z0-9', LINE_NAMES)}){_VALUE_FOLLOWS}([^\r\n\"'<>]+)",
        ignores_case=True,
    ),
    # `api_key=...`, `"access_token": "..."`
    _Shape(
        rf"(?:{_not_after('a-z0-9', VALUE_ENDINGS)}|{_after('_-', VALUE_LAST_WORDS)})"
        rf"{_VALUE_FOLLOWS}([^\s\"'&,;{{}}<>\[\]]+)",
        ignores_case=True,
    ),
    # What a server says of a key that it does not take.
    _Shape(
        rf"key provided:[ \t]*+{_NOT_AGAIN}"
        # Up to the end, but without the full stop of the sentence.
        r"([^\s\"'](?:[^\s\"'.]++|\.(?![\s\"']|\Z))*+)",
        ignores_case=True,
    ),
    # With a digit, since a sentence may be about `Bearer authentication`.
    _Shape(
        rf"(?:{_alone(('bearer', 'agentassertion'))})[ \t]++(?=[^\s\"']*\d)({_BEARER})",
        ignores_case=True,
    ),
)
_IN_RECORDINGS: Final = (
    _Shape(rf" (?<=Bearer )({_BEARER})"),
    # Whose account it is.
    _Shape(rf"((?:{_alone(('org', 'proj', 'user', 'acct'))})[-_][A-Za-z0-9]{{8,}})"),
    # What opens a WebRTC connection, in the session description of a call.
    _Shape(r"a=ice-(?:pwd|ufrag):([^\s\\]+)"),
)


def _member(quote: str, value: str) -> _Shape:
    """Return a shape that looks at the name of a member only where one ends."""
    names = "|".join(
        f"(?<=[{before}]{word}{quote})"
        for before, words in (
            ('"', MEMBER_NAMES),
            ('"_-', MEMBER_ENDINGS),
            (r"\w-", MEMBER_LAST_WORDS),
        )
        for word in words
    )
    colon = rf"\s*+:\s*+{quote}"
    return _Shape(rf"{quote}(?={colon})(?:{names}){colon}({value}){quote}", ignores_case=True)


_MEMBERS: Final = (
    _member('"', r'(?:[^"\\]++|\\.)++'),
    # JSON that is a text inside of JSON.
    _member(r"\\" + '"', r'(?:[^"\\]++|\\\\.)++'),
)

_FOR_TEXT: Final = (*_IN_TEXT, *_BY_FORM)
_FOR_RECORDING: Final = (*_BY_FORM, *_IN_RECORDINGS, *_MEMBERS)


def find_credentials(data: bytes) -> list[Span]:
    """Return where a text has what looks like a credential, one shape after the other."""
    return _find(_FOR_TEXT, data)


def find_for_recording(data: bytes) -> list[Span]:
    """Return where bytes have what looks like something that a recording should not have.

    Besides credentials that is whose account it is. Values in running text are left alone, since
    what people and models write is no secret in this sense.
    """
    return _find(_FOR_RECORDING, data)


def find_members(data: bytes) -> list[Span]:
    """Return where JSON has the values of secret members, without their quotes."""
    return _find(_MEMBERS, data)


def _find(shapes: Iterable[_Shape], data: bytes) -> list[Span]:
    # Of bytes, this changes no length.
    lowered = data.lower()
    return [
        match.span(1)
        for pattern, ignores_case in shapes
        for match in _compiled(pattern).finditer(lowered if ignores_case else data)
        if match.lastindex
    ]
