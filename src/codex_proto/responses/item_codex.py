"""An item as upstream has it after reading: the projection that the codex view hands on.

Decoding keeps more than upstream does: parts it drops the item for, members it does not have,
values it does not know. This takes all that away again, by the table of `item_policies`.

Source: wire.md 3.1 to 3.4.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, Struct

from codex_proto._wire.members import UnknownPart, is_list
from codex_proto.responses.item_control import Compaction, CompactionSummary
from codex_proto.responses.item_policies import POLICIES, Member, Policy, policy_of
from codex_proto.responses.item_unknown import UnknownItem
from codex_proto.responses.items import Item, KnownItem
from codex_proto.responses.wire import MalformedPart
from codex_proto.versions import WireVersion

__all__ = ["OTHER", "codex_item"]

OTHER: Final = UnknownItem("other", b'{"type":"other"}')
"""What upstream makes of any item of a type that it does not know."""

_OTHER_PART: Final = UnknownPart("other", b'{"type":"other"}')


class _DropsItemError(Exception):
    """Upstream cannot read this, and drops the item."""


def codex_item(
    item: Item, version: WireVersion = WireVersion.V2026_08
) -> KnownItem | UnknownItem | None:
    """The item as upstream reads it; None where upstream cannot and drops it.

    The result is of the same class, with the members that upstream has and no others; null and
    absent are one. A type that upstream does not know becomes `OTHER`.
    """
    if isinstance(item, MalformedPart):
        return None
    if isinstance(item, UnknownItem):
        return OTHER
    if any(note.field == "type" for note in item.notes):
        return None
    policy = policy_of(item, version)
    if policy is None:
        return OTHER
    try:
        members = _members(item, policy, version)
    except _DropsItemError:
        return None
    cls: Any = Compaction if isinstance(item, CompactionSummary) else type(item)
    known: KnownItem = cls(**members)
    return known


def _members(record: Struct, policy: Policy, version: WireVersion) -> dict[str, Any]:
    return {
        member.name: _read(member, getattr(record, member.name), version)
        for member in policy.members
        if version in member.read
    }


def _read(member: Member, value: Any, version: WireVersion) -> Any:
    if version is WireVersion.V2026_05 and member.default_in_may is not None:
        if value is None:
            raise _DropsItemError
        return member.default_in_may if value is UNSET else value
    if value is UNSET or (value is None and not member.may_be_null):
        if version in member.required:
            raise _DropsItemError
        return UNSET
    if not member.is_read(value):
        raise _DropsItemError
    if not member.parts:
        return value
    if isinstance(value, str):
        if not member.may_be_text:
            raise _DropsItemError
        return value
    if is_list(value):
        return tuple(_read_part(member, part, version) for part in value)
    return _read_part(member, value, version)


def _read_part(member: Member, part: object, version: WireVersion) -> Any:
    if isinstance(part, Struct) and type(part) in member.parts:
        policy = POLICIES[type(part)]
        if version in policy.known:
            return type(part)(**_members(part, policy, version))
    if member.unknown_parts:
        return _OTHER_PART
    raise _DropsItemError
