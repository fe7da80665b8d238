"""Values that stand for what the peer left out, got wrong, or knows and we do not.

How a member of the JSON becomes an attribute:

- absent on the wire: `msgspec.UNSET` (which is false), and absent again when encoded;
- `null` on the wire: None, and `null` again when encoded;
- large or open members: kept as the raw bytes in `raw_<name>` and decoded by asking for `<name>`,
  which gives the value, a `MalformedPart`, or None where the wire had nothing or `null`. Asking
  never raises;
- a member the class does not know is ignored, as everywhere in these protocols (wire.md 0.1).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, overload

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._hashing import hash_members
from codex_proto._json import DECODE_ERRORS
from codex_proto._secrets import redact_text

__all__ = [
    "NOTES_KEY",
    "NO_NOTES",
    "Lazy",
    "MalformedEvent",
    "MalformedPart",
    "Notes",
    "Opt",
    "RareRaw",
    "UnknownEvent",
    "Value",
    "brief",
    "decode_part",
]

T = TypeVar("T")

# Present, null, or absent: three different things on the wire, and in the command's output.
Opt: TypeAlias = T | UnsetType | None

if TYPE_CHECKING:
    RareRaw: TypeAlias = Raw
else:
    # A type that no JSON has: where the member is there after all, decoding fails, and the second
    # look at the message keeps it. So a member that hardly any event has costs the others nothing.
    RareRaw = Literal["codex_proto: never"]


class Value(Struct, frozen=True):
    """A record that can be hashed and shown whatever its members hold; the base of open ones.

    msgspec's own hash raises for raw JSON, lists and dicts, and its `repr` shows where raw JSON is
    in memory.
    """

    def __hash__(self) -> int:
        members = (getattr(self, name) for name in self.__struct_fields__)
        return hash_members(type(self), members)

    def __repr__(self) -> str:
        shown = (
            f"{name}={brief(value)}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not UNSET
        )
        return redact_text(f"{type(self).__name__}({', '.join(shown)})")


class MalformedPart(Value, frozen=True, kw_only=True, gc=False):
    """A part of an otherwise sound event that could not be understood.

    `field` is the part's name on the wire, `reason` says what is wrong with it, `raw` is its JSON.
    """

    field: str
    reason: str
    raw: bytes = b""


class Notes(tuple[MalformedPart, ...]):
    """The members of an event that were left at their defaults because the peer got them wrong.

    A class of its own, so that no JSON of a peer's can ever be decoded into one.
    """

    __slots__ = ()


NO_NOTES = Notes()
# The colon keeps it clear of every name that the protocol uses.
NOTES_KEY = "codex_proto:notes"


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


def decode_part(field: str, raw: bytes | Raw, type_: Any) -> Any:
    """Decode one member's JSON to `type_`; a `MalformedPart` where that cannot be done."""
    try:
        return _decoder(type_).decode(raw)
    except DECODE_ERRORS as error:
        return MalformedPart(field=field, reason=str(error), raw=bytes(raw))


class Lazy(Generic[T]):
    """A member that is decoded when it is asked for, each time again (nothing is cached).

    Reads `raw_<name>`; gives the value, `MalformedPart`, or None for absent and `null`.
    """

    __slots__ = ("_name", "_raw_name", "_type")

    def __init__(self, type_: type[T]) -> None:
        self._type = type_

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._raw_name = f"raw_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> Lazy[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T | MalformedPart | None: ...
    def __get__(self, instance: object | None, owner: type) -> Lazy[T] | T | MalformedPart | None:
        if instance is None:
            return self
        raw = getattr(instance, self._raw_name)
        if not isinstance(raw, Raw):
            return None
        return self._decode(raw)

    def _decode(self, raw: Raw) -> T | MalformedPart | None:
        part: T | MalformedPart | None = decode_part(self._name, raw, self._type | None)
        return part


class UnknownEvent(Value, frozen=True, gc=False):
    """An event of a type that this version does not know: its type, and all of its JSON."""

    type: str
    raw: bytes
    notes: Notes = NO_NOTES


class MalformedEvent(Value, frozen=True, gc=False):
    """A message that is no event: why, and all of its bytes."""

    reason: str
    raw: bytes


_BRIEF = 60


def brief(value: object) -> str:
    """A member as a `repr` shows it: of raw JSON the beginning only."""
    if isinstance(value, Raw):
        raw = bytes(value)
        more = f"... {len(raw)} bytes" if len(raw) > _BRIEF else ""
        return f"<{raw[:_BRIEF].decode('utf-8', 'replace')}{more}>"
    return repr(value)
