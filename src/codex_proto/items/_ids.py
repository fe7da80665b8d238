"""Ids of items: what they begin with, which of them are sent, and how new ones are given.

Source: wire.md 3.7.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from codex_proto.errors import LocalProtocolError
from codex_proto.items._base import PassthroughMetadata, ResponseItem

__all__ = ["ID_PREFIXES", "is_sendable_id", "stamp_create_time", "with_new_id"]

ItemT = TypeVar("ItemT", bound=ResponseItem)

ID_PREFIXES: Final[dict[str, str]] = {
    "additional_tools": "at",
    "agent_message": "amsg",
    "compaction": "cmp",
    "compaction_summary": "cmp",
    "context_compaction": "cmp",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "function_call": "fc",
    "function_call_output": "fco",
    "image_generation_call": "ig",
    "local_shell_call": "lsh",
    "message": "msg",
    "reasoning": "rs",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
    "web_search_call": "ws",
}
"""What a generated id begins with, by the wire type of its item."""

# The types whose items are stamped with the time they were made, besides what people wrote.
_STAMPED: Final = frozenset(
    {"agent_message", "function_call_output", "custom_tool_call_output", "tool_search_output"}
)
_STAMPED_ROLES: Final = frozenset({"user", "developer"})


def is_sendable_id(id: Any) -> bool:
    """Whether an id has the form that servers take: a prefix, an underscore, and a rest."""
    if not isinstance(id, str):
        return False
    prefix, _, rest = id.partition("_")
    return bool(prefix and rest)


def with_new_id(item: ItemT, unique: str) -> ItemT:
    """The item with an id of its own, made of its prefix and `unique` (Codex takes a UUID v7).

    An item that has an id keeps it.

    Raises:
        LocalProtocolError: `unique` is empty, or the item is of a type that has no ids.
    """
    if item.id:
        return item
    if not unique:
        raise LocalProtocolError("unique: must not be empty")
    prefix = ID_PREFIXES.get(item.type)
    if prefix is None:
        raise LocalProtocolError(f"item: items of type {item.type} have no generated ids")
    return msgspec.structs.replace(item, id=f"{prefix}_{unique}")


def stamp_create_time(item: ItemT, now_unix: float) -> ItemT:
    """The item with the time it was made, where Codex says it and the item does not say yet.

    `now_unix` is in seconds since 1970. Messages of user and developer, messages of agents, and
    outputs of tools are stamped; everything else comes back as it is.
    """
    role = getattr(item, "role", None)
    if item.type not in _STAMPED and not (item.type == "message" and role in _STAMPED_ROLES):
        return item
    passthrough = item.passthrough or PassthroughMetadata()
    if passthrough.create_time or passthrough.create_time == 0:
        return item
    stamped = msgspec.structs.replace(passthrough, create_time=now_unix)
    return msgspec.structs.replace(item, passthrough=stamped)
