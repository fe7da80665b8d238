"""HTTP header fields as one immutable value, however the caller's HTTP library keeps them.

`Headers` takes mappings and pairs, text and bytes, any spelling of names, and repeated fields. It
never judges what is in them: a name or value that HTTP would not allow is kept, and only found or
read by those who ask for exactly it.

Source: wire.md 1.3 and 2.7; observed.md, "Responses stream" (of duplicate headers the first wins).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol, TypeAlias, cast, final

import msgspec
from msgspec import Raw

from codex_proto._json import DECODE_ERRORS
from codex_proto.errors import LocalProtocolError

__all__ = ["Headers", "HeadersLike", "headers_from_json", "is_header_name"]

HeaderText: TypeAlias = str | bytes


class HasItems(Protocol):
    """A mapping, or anything else that gives its fields by `items()`."""

    def items(self) -> Iterable[tuple[HeaderText, HeaderText]]:
        """Name and value of each field."""
        ...


# What every function here that reads headers takes.
HeadersLike: TypeAlias = HasItems | Iterable[tuple[HeaderText, HeaderText]]

# RFC 9110, 5.6.2: the characters of a field name.
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# What upstream's HTTP library turns into text: printable ASCII, blanks, tabs.
_READABLE: Final = re.compile(r"[\t -~]*")
# What it takes for a value at all: no control characters but the tab.
_ALLOWED: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@final
class Headers:
    """The header fields of one message: found by name in any spelling, in their order.

    Takes what HTTP libraries have: a mapping, pairs of name and value (tuples or lists), or an
    object with `multi_items()` or `items()`; names and values as text or bytes. Bytes become text
    as Latin-1, so that no bytes are refused. Iterating gives pairs of lower-case name and value.

    Two are equal when they have the same fields in the same order. A `repr` shows names only,
    since values may be secrets.

    Raises:
        LocalProtocolError: `headers` is nothing of the kind.
    """

    __slots__ = ("_first", "_pairs")

    _first: dict[str, str]
    _pairs: tuple[tuple[str, str], ...]

    def __init__(self, headers: HeadersLike = ()) -> None:
        pairs = tuple(_pair(field) for field in _fields(headers))
        object.__setattr__(self, "_pairs", pairs)
        # Backwards, so that the first of several is what stays.
        object.__setattr__(self, "_first", dict(reversed(pairs)))

    @classmethod
    def of(cls, headers: HeadersLike) -> Headers:
        """Return `headers` itself where it already is a `Headers`, a new one otherwise."""
        return headers if isinstance(headers, Headers) else cls(headers)

    def get(self, name: str) -> str | None:
        """Return the first value of that name as it came, or None."""
        return self._first.get(_lower(name))

    def get_text(self, name: str) -> str | None:
        """Return the first value of that name if it is printable ASCII, None otherwise.

        The value of a field outside ASCII is not defined; upstream treats such a field as absent,
        and so does whatever this library reads from headers. A later field of the same name does
        not take its place.
        """
        value = self._first.get(_lower(name))
        return value if value is not None and _READABLE.fullmatch(value) else None

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return all values of that name as they came, in their order."""
        wanted = _lower(name)
        return tuple(value for key, value in self._pairs if key == wanted)

    def names(self) -> tuple[str, ...]:
        """Return the different names in lower case, in the order of their first fields."""
        return tuple(dict.fromkeys(name for name, _ in self._pairs))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _lower(name) in self._first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return self._pairs == other._pairs if isinstance(other, Headers) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._pairs)

    def __repr__(self) -> str:
        return f"Headers(<{', '.join(name for name, _ in self._pairs)}>)"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Headers are immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Headers are immutable: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return (Headers, (self._pairs,))


def is_header_name(name: str) -> bool:
    """Whether HTTP allows a field of that name."""
    return _NAME.fullmatch(name) is not None


def headers_from_json(raw: bytes | Raw) -> Headers | None:
    """Read the `headers` object of a WebSocket event; None where the JSON is no object.

    Texts, numbers (as they are spelt) and booleans become values. All else is left out, and so
    are names and values that HTTP does not allow. Of names that differ only in case the last
    stays (wire.md 2.7), and its value stands at the place of the first.
    """
    try:
        members = _decode_members(raw)
    except DECODE_ERRORS:
        return None
    fields: dict[str, str] = {}
    for name, member in members.items():
        value = _scalar_text(bytes(member))
        if value is not None and _ALLOWED.fullmatch(value) and is_header_name(name):
            fields[_lower(name)] = value
    return Headers(fields)


_decode_members: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode


def _scalar_text(member: bytes) -> str | None:
    if member[:1] in (b"{", b"[", b"n"):
        return None
    if not member.startswith(b'"'):
        return member.decode("ascii")
    try:
        return _decode_text(member)
    except DECODE_ERRORS:
        return None


def _fields(headers: Any) -> Iterable[Any]:
    # httpx joins repeated fields with commas in `items()`, and has this to tell them apart.
    for method in ("multi_items", "items"):
        items: Any = getattr(headers, method, None)
        if callable(items):
            return cast("Iterable[Any]", items())
    if isinstance(headers, str | bytes | bytearray) or not hasattr(headers, "__iter__"):
        raise LocalProtocolError(
            f"headers: must be a mapping or pairs, not {type(headers).__name__}"
        )
    fields: Iterable[Any] = headers
    return fields


def _pair(field: Any) -> tuple[str, str]:
    # A text of two characters would unpack as well.
    if not isinstance(field, tuple | list) or len(cast("tuple[Any, ...]", field)) != 2:
        raise LocalProtocolError("headers: must be a mapping, or pairs of name and value")
    name, value = cast("tuple[Any, Any]", field)
    return _lower(_text(name)), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes | bytearray):
        return value.decode("latin-1")
    raise LocalProtocolError(
        f"headers: names and values must be text or bytes, not {type(value).__name__}"
    )


def _lower(name: str) -> str:
    # Only ASCII letters have two cases in a field name: `str.lower` makes a `k` of U+212A.
    return name.lower() if name.isascii() else name.translate(_LOWER)
