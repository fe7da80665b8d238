"""Wire events about the items of the conversation.

Source: OpenAI API reference, Realtime; wire.md 8.5.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw

from codex_proto._wire import Lazy, Opt
from codex_proto.realtime.wire._base import RealtimeWireEvent

__all__ = [
    "ConversationItemAddedEvent",
    "ConversationItemCreatedEvent",
    "ConversationItemDeletedEvent",
    "ConversationItemDoneEvent",
    "ConversationItemRetrievedEvent",
    "ConversationItemTruncatedEvent",
]


class RealtimeItemEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """Carries a whole item of the conversation."""

    raw_item: Raw = msgspec.field(name="item")

    item = Lazy[Any](object)


class PlacedItemEvent(RealtimeItemEvent, frozen=True, kw_only=True, gc=False):
    """An item and the one before it: `previous_item_id` is null for the first."""

    previous_item_id: Opt[str] = UNSET


class ConversationItemAddedEvent(
    PlacedItemEvent, frozen=True, kw_only=True, gc=False, tag="conversation.item.added"
):
    """The conversation has a new item; its content may still follow."""


class ConversationItemCreatedEvent(
    PlacedItemEvent, frozen=True, kw_only=True, gc=False, tag="conversation.item.created"
):
    """The same as `conversation.item.added`, under its beta name."""


class ConversationItemDoneEvent(
    PlacedItemEvent, frozen=True, kw_only=True, gc=False, tag="conversation.item.done"
):
    """An item is whole. The function call of a handoff comes this way."""


class ConversationItemRetrievedEvent(
    RealtimeItemEvent, frozen=True, kw_only=True, gc=False, tag="conversation.item.retrieved"
):
    """The answer to `conversation.item.retrieve`."""


class ConversationItemDeletedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="conversation.item.deleted"
):
    """The answer to `conversation.item.delete`."""

    item_id: Opt[str] = UNSET


class ConversationItemTruncatedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="conversation.item.truncated"
):
    """The answer to `conversation.item.truncate`; the rest was never heard."""

    item_id: Opt[str] = UNSET
    content_index: Opt[int] = UNSET
    audio_end_ms: Opt[int] = UNSET
