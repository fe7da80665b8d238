"""The items of a response's output: messages, reasoning, tool calls and their outputs.

Every item is kept whole with its JSON; the classes by type follow with the item models.

Source: wire.md 3; spec/catalogue.json (response_items).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import Raw, Struct

from codex_proto.responses.wire import MalformedPart, decode_part

__all__ = ["Item", "UnknownItem", "decode_item", "decode_items"]


class UnknownItem(Struct, frozen=True, gc=False):
    """An item by its type and all of its JSON."""

    type: str
    raw: bytes


Item: TypeAlias = UnknownItem | MalformedPart


class _ItemHead(Struct, gc=False):
    type: str


def decode_item(field: str, raw: bytes | Raw) -> Item:
    """Decode one item; a `MalformedPart` where it is no object with a string `type`."""
    head: _ItemHead | MalformedPart = decode_part(field, raw, _ItemHead)
    if isinstance(head, MalformedPart):
        return head
    return UnknownItem(head.type, bytes(raw))


def decode_items(field: str, raw: bytes | Raw) -> tuple[Item, ...] | MalformedPart:
    """Decode a list of items, each for itself; null is an empty list."""
    members: list[msgspec.Raw] | MalformedPart | None = decode_part(
        field, raw, list[msgspec.Raw] | None
    )
    if isinstance(members, MalformedPart):
        return members
    return tuple(decode_item(field, member) for member in members or ())
