"""Many pieces of one text, one after another: what nearly all events of a stream are.

Where an item is known by its id, the next delta of the same type goes where the last one went. So
it is appended without looking for the item again. Any other event ends all runs, since it may be
about what they rely on.
"""

from __future__ import annotations

from typing import Any

from codex_proto.responses._drafts import ItemDraft
from codex_proto.responses._repeats import Repeats

__all__ = ["Run", "TextSize"]


class TextSize:
    """How many characters of unfinished items are held, of how many there may be."""

    __slots__ = ("left_out", "max", "size")

    def __init__(self, max_size: int) -> None:
        self.max = max_size
        self.size = 0
        self.left_out = 0

    def has_room_for(self, more: int) -> bool:
        """Return whether so many more characters can be held."""
        return self.size + more <= self.max


class Run:
    """Takes the deltas of one member of one item, as long as nothing else comes."""

    __slots__ = (
        "_add_content",
        "_add_text",
        "_cls",
        "_draft",
        "_index",
        "_index_name",
        "_item_id",
        "_place",
        "_repeats",
        "_total",
        "_where",
    )

    def __init__(
        self,
        event: Any,
        index_name: str | None,
        where: int,
        draft: ItemDraft,
        texts: list[str],
        repeats: Repeats,
        total: TextSize,
    ) -> None:
        self._cls: type[Any] = type(event)
        self._item_id = event.item_id
        self._place = event.output_index
        self._index_name = index_name
        self._index = None if index_name is None else getattr(event, index_name)
        self._where = where
        self._draft = draft
        self._repeats = repeats
        self._total = total
        self._add_text = texts.append
        self._add_content = repeats.contents.append

    def receive(self, event: Any) -> bool:
        """Take the next delta; return whether it belongs here."""
        index_name = self._index_name
        if (
            type(event) is not self._cls
            or event.output_index != self._place
            or event.item_id != self._item_id
            or (index_name is not None and getattr(event, index_name) != self._index)
            or event.wire_notes
        ):
            return False
        text = event.delta
        total = self._total
        size = total.size + len(text)
        if size > total.max:
            return False
        number = event.sequence_number
        if type(number) is int:
            repeats = self._repeats
            if repeats.is_rising:
                if number != repeats.next:
                    return False
                repeats.next = number + 1
                if repeats.where != self._where:
                    repeats.switch(self._where)
                self._add_content(hash(text))
        total.size = size
        self._draft.size += len(text)
        self._add_text(text)
        return True
