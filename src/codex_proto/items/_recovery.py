"""Items that lack what they need, decoded with something empty in its place.

Upstream drops such an item, and so `decode_item` says that it is malformed. Whoever collects a
response needs what is there all the same: the rest may come in pieces, or with the end.

Source: docs/architecture.md, "Identity of items".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw, Struct

from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    MalformedPart,
    check_payload,
    decode_record,
    split_members,
)
from codex_proto.items._decoding import ITEM_CLASSES, Item
from codex_proto.items._unknown import UnknownItem

__all__ = ["complete_item"]

_decode_text: Final = msgspec.json.Decoder(str).decode

# What an item without a type is taken for, by the first of these members that it has.
_TYPES_BY_MEMBER: Final = {
    "arguments": "function_call",
    "input": "custom_tool_call",
    "summary": "reasoning",
    "content": "message",
    "role": "message",
}


def complete_item(item: Item) -> Item:
    """Return a malformed item as far as it can be read, any other item as it is.

    Members that the item cannot be without are null, or an empty list or text, where they are
    missing or wrong; an item without a readable `type` is taken for what its members show. The
    `notes` of the item say so. What cannot be read even so stays a `MalformedPart`.
    """
    if not isinstance(item, MalformedPart) or check_payload(item.raw, DEFAULT_MAX_DEPTH):
        return item
    try:
        members = split_members(item.raw)
        type_, notes = _type_of(members)
        cls = ITEM_CLASSES.get(type_)
        if cls is None:
            return UnknownItem(type_, item.raw) if not notes else item
        notes += _as_text(members)
        completed: Item = decode_record(cls, members, _is_minor, *notes, completes=True)
    except DECODE_ERRORS:
        return item
    return completed


def _as_text(members: dict[str, Raw]) -> list[MalformedPart]:
    """Replace what a call passes to its tool by the JSON text that it should be."""
    notes: list[MalformedPart] = []
    for name in ("arguments", "input"):
        raw = bytes(members.get(name, b""))
        if raw.startswith(b"{"):
            members[name] = Raw(msgspec.json.encode(raw.decode("utf-8", "replace")))
            notes.append(MalformedPart(field=name, reason="read as its JSON", raw=raw))
    return notes


def _is_minor(_cls: type[Struct], _name: str) -> bool:
    return False


def _type_of(members: Mapping[str, Raw]) -> tuple[str, list[MalformedPart]]:
    raw = bytes(members.get("type", b""))
    try:
        return _decode_text(raw), []
    except DECODE_ERRORS:
        note = MalformedPart(field="type", reason="taken from the other members", raw=raw)
        found = next((name for name in _TYPES_BY_MEMBER if name in members), "")
        return _TYPES_BY_MEMBER.get(found, ""), [note]
