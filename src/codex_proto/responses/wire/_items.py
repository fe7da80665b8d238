"""Wire events about the items of the output and their parts: added, done.

Source: OpenAI API reference, Responses; wire.md 1.5.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw

from codex_proto._wire import Lazy, Opt
from codex_proto.items import Item, decode_item
from codex_proto.responses.wire._base import WireEvent

__all__ = [
    "ContentEvent",
    "ContentPartAdded",
    "ContentPartDone",
    "ContentPartEvent",
    "ItemEvent",
    "OutputItemAdded",
    "OutputItemDone",
]


class OutputItemEvent(WireEvent, frozen=True, kw_only=True, gc=False):
    """An item of the output, at place `output_index`."""

    raw_item: Raw = msgspec.field(name="item")
    output_index: Opt[int] = UNSET

    @property
    def item(self) -> Item:
        """The item, or a `MalformedPart` where it is not one."""
        return decode_item("item", self.raw_item)


class OutputItemAdded(
    OutputItemEvent, frozen=True, kw_only=True, gc=False, tag="response.output_item.added"
):
    """An item begins; its content follows in deltas."""

    codex_name = "OutputItemAdded"


class OutputItemDone(
    OutputItemEvent, frozen=True, kw_only=True, gc=False, tag="response.output_item.done"
):
    """An item is whole: what to keep of a response."""

    codex_name = "OutputItemDone"


class ItemEvent(WireEvent, frozen=True, kw_only=True, gc=False):
    """Belongs to the item `item_id` at place `output_index` of the output.

    `obfuscation` of deltas, padding that hides the length of the piece from an onlooker, is not
    kept.
    """

    item_id: Opt[str] = UNSET
    output_index: Opt[int] = UNSET


class ContentEvent(ItemEvent, frozen=True, kw_only=True, gc=False):
    """Belongs to the part `content_index` of an item's content."""

    content_index: Opt[int] = UNSET


class ContentPartEvent(ContentEvent, frozen=True, kw_only=True, gc=False):
    """A part of an item's content."""

    raw_part: Raw = msgspec.field(name="part")

    part = Lazy[Any](object)


class ContentPartAdded(
    ContentPartEvent, frozen=True, kw_only=True, gc=False, tag="response.content_part.added"
):
    """A part of an item's content begins."""


class ContentPartDone(
    ContentPartEvent, frozen=True, kw_only=True, gc=False, tag="response.content_part.done"
):
    """A part of an item's content is whole."""
