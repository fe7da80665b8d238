"""Items as JSON: as a version of the protocol sends them, or with everything they hold.

Source: wire.md 3.1 to 3.5, 3.7, 4.4; the table is `item_policies`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct

from codex_proto._wire import MalformedPart, UnknownPart, encode_lossless, is_list, write_part
from codex_proto.errors import LocalProtocolError
from codex_proto.items._base import ResponseItem
from codex_proto.items._policies import POLICIES, Member, Policy, policy_of
from codex_proto.items._unknown import UnknownItem
from codex_proto.versions import WireVersion

__all__ = ["encode_item", "encode_item_lossless"]

_encode: Final = msgspec.json.Encoder(enc_hook=write_part).encode


def encode_item(
    item: ResponseItem | UnknownItem,
    version: WireVersion = WireVersion.V2026_08,
    *,
    first_party: bool = True,
    azure_ids: bool = False,
) -> bytes:
    """Encode an item as `version` sends it: its members, in its order, and no others.

    Members that upstream drops (a message's status, annotations, ...) are left out. An item of a
    type that the version does not know goes out with everything it holds. `first_party=False`
    leaves out what only OpenAI's own servers are sent. `azure_ids=True` puts the id at the end,
    where May 2026 does so for Azure with `store` (wire.md 4.4); August has no such rule.

    Raises:
        LocalProtocolError: `item` is no item, or holds what JSON cannot.
    """
    if not isinstance(item, ResponseItem):
        return encode_item_lossless(item)
    policy = policy_of(item, version)
    if policy is None:
        return encode_item_lossless(item)
    members = _members(item, policy, version, first_party)
    if azure_ids and version is WireVersion.V2026_05 and policy.azure_id and item.id:
        members["id"] = item.id
    try:
        return _encode(members)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise LocalProtocolError(f"item: cannot be written as JSON: {error}") from error


def encode_item_lossless(item: ResponseItem | UnknownItem) -> bytes:
    """Encode an item with everything it holds: the inverse of `decode_item`.

    Raises:
        LocalProtocolError: `item` is no item, or holds what JSON cannot.
    """
    if isinstance(item, UnknownItem):
        return item.raw
    if isinstance(item, MalformedPart):
        raise LocalProtocolError("item: a MalformedPart is no item and cannot be sent")
    if not isinstance(item, ResponseItem):
        raise LocalProtocolError(f"item: must be an item, not {type(item).__name__}")
    try:
        return encode_lossless(item)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise LocalProtocolError(f"item: cannot be written as JSON: {error}") from error


def _members(
    record: Struct, policy: Policy, version: WireVersion, first_party: bool
) -> dict[str, Any]:
    config = record.__struct_config__
    wire_names = dict(zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True))
    members: dict[str, Any] = {}
    if config.tag_field is not None:
        members[config.tag_field] = policy.written_as or config.tag
    for member in policy.members:
        if version not in member.written or (member.first_party and not first_party):
            continue
        value = getattr(record, member.name)
        if _is_absent(member, value):
            if member.null_when_absent:
                members[wire_names[member.name]] = None
        elif member.is_sent(value):
            members[wire_names[member.name]] = _sent(value, version, first_party)
    return members


def _is_absent(member: Member, value: Any) -> bool:
    return value is UNSET or (value is None and not member.may_be_null)


def _sent(value: Any, version: WireVersion, first_party: bool) -> Any:
    if is_list(value):
        return [_sent(each, version, first_party) for each in value]
    if isinstance(value, Struct):
        policy = POLICIES.get(type(value))
        if policy is None or version not in policy.known:
            return Raw(encode_lossless(value))
        return _members(value, policy, version, first_party)
    if isinstance(value, UnknownPart):
        return Raw(value.raw)
    return value
