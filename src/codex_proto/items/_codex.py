"""An item as upstream has it after reading: the projection that the codex view hands on.

Decoding keeps more than upstream does: parts it drops the item for, members it does not have,
values it does not know. This takes all that away again, by the table of `item_policies`.

Source: wire.md 3.1 to 3.4.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, Struct

from codex_proto._wire import MalformedPart, UnknownPart, is_list
from codex_proto.items._control import Compaction, CompactionSummary
from codex_proto.items._decoding import Item, KnownItem
from codex_proto.items._policies import POLICIES, Member, Policy, policy_of
from codex_proto.items._unknown import UnknownItem
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
    members: dict[str, Any] = {}
    for member, is_required in _read_members(policy, version):
        value = getattr(record, member.name)
        if member.default_in_may is not None and version is WireVersion.V2026_05:
            if value is None:
                raise _DropsItemError
            members[member.name] = member.default_in_may if value is UNSET else value
        elif value is UNSET or (value is None and not member.may_be_null):
            if is_required:
                raise _DropsItemError
        elif not member.is_read(value):
            raise _DropsItemError
        else:
            members[member.name] = _read(member, value, version) if member.parts else value
    return members


# By identity: there is one policy for each class, and comparing two compares all they hold.
_PLANS: Final[dict[tuple[int, WireVersion], tuple[tuple[Member, bool], ...]]] = {
    (id(policy), version): tuple(
        (member, version in member.required) for member in policy.members if version in member.read
    )
    for policy in POLICIES.values()
    for version in WireVersion
}


def _read_members(policy: Policy, version: WireVersion) -> tuple[tuple[Member, bool], ...]:
    """The members that a version reads, and whether it drops the item for want of one."""
    return _PLANS[id(policy), version]


def _read(member: Member, value: Any, version: WireVersion) -> Any:
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
