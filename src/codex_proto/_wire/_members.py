"""Records whose members may be wrong one by one, and parts of an unknown type.

The fast way decodes a record at one go, with msgspec. Where that fails, `decode_loosely` reads the
same JSON once more along the type: lists element by element, records member by member. A member
the record stands or falls with makes it fail; any other is left at its default and reported in the
record's `notes`. A part of an unknown type becomes an `UnknownPart` with all of its JSON.

Source: docs/architecture.md, "Rules"; wire.md 0.1.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple, TypeGuard, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Raw, Struct, UnsetType

from codex_proto._json import DECODE_ERRORS
from codex_proto._secrets import redact_text
from codex_proto._wire._values import (
    NO_NOTES,
    NOTES_KEY,
    Lazy,
    MalformedPart,
    Notes,
    RareRaw,
    T,
    Value,
)

__all__ = [
    "IsVital",
    "LazyRecord",
    "Noted",
    "UnknownPart",
    "decode_loosely",
    "decode_part_loosely",
    "decode_record",
    "encode_lossless",
    "is_list",
    "split_members",
    "write_part",
]

# Everything that msgspec raises on bad input: wrong types, bad JSON, bad UTF-8, too deep.

# Whether a record of that class stands or falls with the member of that attribute name. A member
# without a default is vital in any case.
IsVital = Callable[[type[Struct], str], bool]


class UnknownPart:
    """A part of a type that this version does not know: its type, and all of its JSON.

    It stands instead of the typed part, compares by value, and is written as it came.
    """

    # Not a Struct: msgspec would read and write it as a record, which it is not.
    __slots__ = ("raw", "type")
    __match_args__ = ("type", "raw")

    type: str
    raw: bytes

    def __init__(self, type: str, raw: bytes) -> None:
        object.__setattr__(self, "type", type)
        object.__setattr__(self, "raw", bytes(raw))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"UnknownPart is immutable, and so is {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"UnknownPart is immutable, and so is {name!r}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UnknownPart):
            return NotImplemented
        return self.type == other.type and self.raw == other.raw

    def __hash__(self) -> int:
        return hash((UnknownPart, self.type, self.raw))

    def __repr__(self) -> str:
        return redact_text(f"UnknownPart(type={self.type!r}, raw={self.raw!r})")

    def __reduce__(self) -> tuple[Any, ...]:
        return (UnknownPart, (self.type, self.raw))

    def __replace__(self, **changes: Any) -> UnknownPart:
        own: dict[str, Any] = {"type": self.type, "raw": self.raw}
        return UnknownPart(**{**own, **changes})


class Noted(Value, frozen=True, kw_only=True, gc=False):
    """A record that can say which of its members the peer got wrong (usually none)."""

    wire_notes: Notes | UnsetType = msgspec.field(default=UNSET, name=NOTES_KEY)

    @property
    def notes(self) -> Notes:
        """The members that were left at their defaults, with their JSON."""
        return self.wire_notes or NO_NOTES


# -- reading ------------------------------------------------------------------------------------


class _Plan(NamedTuple):
    """What a type allows, for the slow way."""

    decode: Callable[[bytes | Raw], Any]
    tagged: dict[str, type[Struct]]
    record: type[Struct] | None
    element: Any


class _Member(NamedTuple):
    name: str
    wire_name: str
    type: Any
    is_required: bool
    is_rare: bool


_decode_list: Final = msgspec.json.Decoder(list[Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode
split_members: Final = msgspec.json.Decoder(dict[str, Raw]).decode
"""The members of an object, each with its JSON; of a name that comes twice the last one."""


def decode_loosely(
    type_: Any, raw: bytes | Raw, is_vital: IsVital, *, completes: bool = False
) -> Any:
    """Decode JSON to `type_`, keeping whatever can be kept.

    With `completes`, a member that a record cannot be without is made up where it is missing or
    wrong (null, or an empty list or text), and an element that is no part is an `UnknownPart`
    without a type. Raises one of `DECODE_ERRORS` where nothing can be kept.
    """
    plan = _plan(type_)
    try:
        return plan.decode(raw)
    except DECODE_ERRORS:
        start = bytes(raw).lstrip(b" \t\r\n")[:1]
        if start == b"[" and plan.element is not None:
            return tuple(
                _decode_element(plan.element, each, is_vital, completes)
                for each in _decode_list(raw)
            )
        if start == b"{" and plan.tagged:
            return _decode_tagged(plan.tagged, raw, is_vital, completes)
        if start == b"{" and plan.record is not None:
            return decode_record(plan.record, split_members(raw), is_vital, completes=completes)
        raise


def _decode_element(type_: Any, raw: Raw, is_vital: IsVital, completes: bool) -> Any:
    try:
        return decode_loosely(type_, raw, is_vital, completes=completes)
    except DECODE_ERRORS:
        if completes and _plan(type_).tagged:
            return UnknownPart("", bytes(raw))
        raise


def decode_record(
    cls: type[Struct],
    members: dict[str, Raw],
    is_vital: IsVital,
    *notes: MalformedPart,
    completes: bool = False,
) -> Any:
    """Decode each member for itself, so that a wrong one does not cost the others.

    `notes` are put before those that are made here. Raises one of `DECODE_ERRORS` for a member
    the record cannot be without, unless it `completes` records (see `decode_loosely`).
    """
    values: dict[str, Any] = {}
    found = list(notes)
    for member in _members(cls):
        raw = members.get(member.wire_name)
        if raw is None:
            if not member.is_required:
                continue
            if not completes:
                raise msgspec.ValidationError(f"Object missing required field `{member.wire_name}`")
            values[member.name] = _stand_in(member.type)
            found.append(MalformedPart(field=member.wire_name, reason="missing"))
            continue
        if member.is_rare:
            values[member.name] = raw
            continue
        try:
            values[member.name] = decode_loosely(member.type, raw, is_vital, completes=completes)
        except DECODE_ERRORS as error:
            if completes and member.is_required:
                values[member.name] = _stand_in(member.type)
            elif member.is_required or is_vital(cls, member.name):
                raise msgspec.ValidationError(f"{error} - in `{member.wire_name}`") from error
            found.append(MalformedPart(field=member.wire_name, reason=str(error), raw=bytes(raw)))
    if found:
        values["wire_notes"] = Notes(found)
    return cls(**values)


def _is_minor(_cls: type[Struct], _name: str) -> bool:
    """No record of these stands or falls with a member."""
    return False


def decode_part_loosely(field: str, raw: bytes | Raw, type_: Any) -> Any:
    """Decode one member's JSON to records that are right or wrong member by member.

    A wrong member stays at its default and is in the `notes` of its record. Returns a
    `MalformedPart` only where nothing of it can be kept, as where no object is.
    """
    try:
        return decode_loosely(type_, raw, _is_minor)
    except DECODE_ERRORS as error:
        return MalformedPart(field=field, reason=str(error), raw=bytes(raw))


class LazyRecord(Lazy[T]):
    """A `Lazy` member whose records are read member by member (`decode_part_loosely`)."""

    __slots__ = ()

    def _decode(self, raw: Raw) -> T | MalformedPart | None:
        part: T | MalformedPart | None = decode_part_loosely(self._name, raw, self._type | None)
        return part


@cache
def _stand_in(type_: Any) -> Any:
    """The emptiest value of a type: null, or a list, text or object with nothing in it."""
    for raw in (b"null", b"[]", b'""', b"{}"):
        try:
            return _plan(type_).decode(raw)
        except DECODE_ERRORS:
            continue
    raise msgspec.ValidationError("Nothing can stand in for this member")


def _decode_tagged(
    tagged: dict[str, type[Struct]], raw: bytes | Raw, is_vital: IsVital, completes: bool
) -> Any:
    members = split_members(raw)
    if "type" not in members:
        raise msgspec.ValidationError("Object missing required field `type`")
    tag = _decode_text(members["type"])
    cls = tagged.get(tag)
    if cls is None:
        return UnknownPart(tag, bytes(raw))
    return decode_record(cls, members, is_vital, completes=completes)


@cache
def _plan(type_: Any) -> _Plan:
    tagged: dict[str, type[Struct]] = {}
    record: type[Struct] | None = None
    element: Any = None
    for branch in _branches(type_):
        if isinstance(branch, type) and issubclass(branch, Struct):
            tag = branch.__struct_config__.tag
            if tag is None and NOTES_KEY in branch.__struct_encode_fields__:
                record = branch
            elif tag is None:
                # It has no place for notes, and so is right or wrong as a whole.
                continue
            else:
                tagged[str(tag)] = branch
        elif get_origin(branch) is tuple:
            element = get_args(branch)[0]
    return _Plan(msgspec.json.Decoder(type_).decode, tagged, record, element)


def _branches(type_: Any) -> Iterator[Any]:
    if get_origin(type_) in (Union, types.UnionType):
        for branch in get_args(type_):
            yield from _branches(branch)
    else:
        yield type_


@cache
def _members(cls: type[Struct]) -> tuple[_Member, ...]:
    return tuple(
        _Member(
            field.name,
            field.encode_name,
            # UNSET is nothing that JSON could hold, and msgspec refuses it outside of a field.
            _without_unset(field.type),
            field.default is NODEFAULT and field.default_factory is NODEFAULT,
            _without_unset(field.type) == RareRaw,
        )
        for field in msgspec.structs.fields(cls)
        if field.encode_name != NOTES_KEY
    )


def _without_unset(type_: Any) -> Any:
    branches = tuple(branch for branch in _branches(type_) if branch is not UnsetType)
    return Union[branches]  # noqa: UP007 - built from a tuple


# -- writing ------------------------------------------------------------------------------------


def write_part(value: Any) -> Raw:
    """For msgspec's `enc_hook`: what is no record of msgspec's own."""
    if isinstance(value, UnknownPart):
        return Raw(value.raw)
    raise NotImplementedError(f"{type(value).__name__} is nothing that JSON can hold")


_encode: Final = msgspec.json.Encoder(enc_hook=write_part).encode
_NOTES_MEMBER: Final = f'"{NOTES_KEY}":'.encode()


def is_list(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a list of the wire (a tuple here)."""
    return isinstance(value, tuple)


def encode_lossless(value: Any) -> bytes:
    """Encode records as the JSON that decodes to equal ones; notes go back in their places."""
    encoded = _encode(value)
    return encoded if _NOTES_MEMBER not in encoded else _encode(_with_notes(value))


def _with_notes(value: Any) -> Any:
    if is_list(value):
        return [_with_notes(each) for each in value]
    if not isinstance(value, Struct):
        return value
    config = value.__struct_config__
    members: dict[str, Any] = {}
    if config.tag_field is not None:
        members[config.tag_field] = config.tag
    for name, wire_name in zip(
        value.__struct_fields__, value.__struct_encode_fields__, strict=True
    ):
        member = getattr(value, name)
        if member is not UNSET and wire_name != NOTES_KEY:
            members[wire_name] = _with_notes(member)
    for note in getattr(value, "wire_notes", UNSET) or ():
        if note.raw:
            members[note.field] = Raw(note.raw)
        else:
            # The note says that the member is not there, though it should be.
            members.pop(note.field, None)
    return members
