"""Which item an event is about: by id, by place, or by what is open.

Servers name an item by its id, by the id of its call, by its place in the output, by several of
these, by others in each event, or not at all. The rules, in their order:

1. the id of the call, or of the item, that an earlier event had;
2. the place, if the item there has the type that the event is about, and no id says otherwise;
3. the last item of that type that is not whole yet, if neither id nor place says otherwise;
4. a new item.

What belongs to one item must never reach another: an agent would run a call with the arguments of
a different one. So where two rules could be meant, the item is a new one, and a note says so.

Source: docs/servers.md, "Which item an event is about"; docs/architecture.md, "Identity of items".
"""

from __future__ import annotations

from typing import Final

from codex_proto.items import Item, UnknownItem
from codex_proto.responses._drafts import ItemDraft
from codex_proto.responses._merging import call_id_of, text_of
from codex_proto.responses._pieces import Piece

__all__ = ["DraftIndex"]


class DraftIndex:
    """The drafts of one response, in the order in which they were first heard of.

    Attributes:
        drafts: all of them.
        doubts: how often an event could have been about an item and was taken to be about another.
    """

    def __init__(self) -> None:
        self.drafts: list[ItemDraft] = []
        self.doubts = 0
        self._announced: list[ItemDraft] = []
        self._by_id: dict[tuple[str, str], ItemDraft] = {}
        self._by_call_id: dict[tuple[str, str], ItemDraft] = {}
        # Ids that several items have at the same time.
        self._shared_ids: set[tuple[str, str]] = set()
        self._by_place: dict[tuple[str, int], ItemDraft] = {}
        # By type, the last one on top; those that are whole are taken off when they come up.
        self._open: dict[str, list[ItemDraft]] = {}
        self._last_whole: dict[str, ItemDraft] = {}
        # Items of unknown types may have pieces of any.
        self._unknown: dict[str, ItemDraft] = {}

    # -- an item --------------------------------------------------------------------------------

    def for_start(self, item: Item, item_id: str | None, place: int | None) -> ItemDraft:
        """Return the draft of an item that is announced."""
        type_, call_id = _type_of(item), call_id_of(item)
        draft = self._known(type_, item_id, call_id)
        if draft is None or draft.is_whole or _is_used_again(draft, place):
            draft = self._unannounced(type_, item_id, call_id, place)
        if draft is None:
            before = self._last_open(type_)
            draft = self._new(type_)
            draft.rival = before if before is not None and before.waits_for_pieces() else None
        if not draft.is_announced:
            self._announced.append(draft)
        self._name(draft, item_id, call_id, place)
        if isinstance(item, UnknownItem) and item_id is not None:
            self._unknown[item_id] = draft
        return draft

    def _unannounced(
        self, type_: str, item_id: str | None, call_id: str | None, place: int | None
    ) -> ItemDraft | None:
        """Return the draft of pieces that came before the item that they belong to."""
        if place is not None:
            draft = self._by_place.get((type_, place))
            if draft and _is_orphan(draft) and _may_be(draft, item_id, call_id, place):
                return draft
        draft = self._last_open(type_)
        if draft is None or not _is_orphan(draft) or (draft.ids and item_id):
            return None
        return draft if _may_be(draft, item_id, call_id, place) else None

    def for_whole(self, item: Item, item_id: str | None, place: int | None) -> ItemDraft:
        """Return the draft of an item that came whole, never one that is whole already."""
        type_, call_id = _type_of(item), call_id_of(item)
        draft = self._known(type_, item_id, call_id)
        if draft is None or draft.is_whole:
            text = text_of(item)
            at_place = None if place is None else self._by_place.get((type_, place))
            candidates = [
                each
                for each in (at_place, *self._last_open_ones(type_))
                if each is not None
                and _may_be(each, item_id, call_id, place)
                and each.is_beginning_of(text)
            ]
            same = next((each for each in candidates if each.is_text(text)), None)
            draft = same or next(iter(candidates), None)
        if draft is None:
            draft = self._new(type_)
        if not draft.is_announced:
            self._announced.append(draft)
        self._name(draft, item_id, call_id, place)
        self._last_whole[type_] = draft
        return draft

    def _known(self, type_: str, item_id: str | None, call_id: str | None) -> ItemDraft | None:
        if call_id is not None:
            draft = self._by_call_id.get((type_, call_id))
            if draft is not None:
                return draft
        draft = self._by_id.get((type_, item_id)) if item_id is not None else None
        if draft is None or (call_id and draft.call_id and draft.call_id != call_id):
            return None
        return draft

    # -- a piece --------------------------------------------------------------------------------

    def for_piece(
        self, piece: Piece, type_: str, item_id: str | None, place: int | None, call_id: str | None
    ) -> ItemDraft:
        """Return the draft that a piece of an item of this type belongs to."""
        if item_id in self._unknown:
            return self._unknown[item_id]
        draft = self._known_for_piece(piece, type_, item_id, place, call_id)
        if draft is None:
            if place is not None:
                draft = self._at_place(piece, type_, item_id, place)
            else:
                draft = self._without_place(piece, type_, item_id)
        if draft is None:
            draft = self._new(type_)
        self._name(
            draft, None if draft.ids and item_id not in draft.ids else item_id, call_id, place
        )
        return draft

    def _known_for_piece(
        self, piece: Piece, type_: str, item_id: str | None, place: int | None, call_id: str | None
    ) -> ItemDraft | None:
        draft = self._known(type_, item_id, call_id)
        if item_id is None or call_id is not None:
            return draft
        if draft is None:
            # Some servers name the call where the item should be named.
            return self._by_call_id.get((type_, item_id))
        if place is not None and draft.place not in (None, place):
            at_place = self._by_place.get((type_, place))
            return at_place if at_place is not None and item_id in at_place.ids else draft
        if place is None and (type_, item_id) in self._shared_ids:
            return self._if_sure(draft, piece, item_id)
        return draft

    def _at_place(
        self, piece: Piece, type_: str, item_id: str | None, place: int
    ) -> ItemDraft | None:
        draft = self._by_place.get((type_, place))
        if draft is not None:
            return self._if_sure(draft, piece, item_id, place)
        # Servers that give a place to the pieces only: the item that has this place by the order
        # in which they were announced, or the last one.
        nth = self._announced[place] if place < len(self._announced) else None
        if nth is not None and _is_without_place(nth, type_) and _may_have(nth, piece, item_id):
            return nth
        last = self._last_open(type_)
        if last is None or not _is_without_place(last, type_):
            return None
        return self._if_sure(last, piece, item_id)

    def _without_place(self, piece: Piece, type_: str, item_id: str | None) -> ItemDraft | None:
        draft = self._last_open(type_)
        if draft is None:
            # The end of a text that came after the whole item, or the beginning of another one.
            draft = self._last_whole.get(type_)
            is_late = draft is not None and piece.is_all and draft.has_whole_text(piece.text)
            return draft if is_late else None
        if item_id is not None and draft.ids and not draft.is_announced:
            # The ids are all that tells these apart.
            return None
        return self._if_sure(draft, piece, item_id)

    def _if_sure(
        self, draft: ItemDraft, piece: Piece, item_id: str | None, place: int | None = None
    ) -> ItemDraft:
        """Return the draft if no other one can have the piece, else a new one."""
        rival = draft.rival
        is_contested = (
            rival is not None
            and draft.is_announced
            and (place is None or rival.place in (None, place))
        )
        if not is_contested and _may_have(draft, piece, item_id):
            return draft
        self.doubts += 1
        doubtful = self._new(draft.item_type)
        doubtful.rival = draft
        return doubtful

    # -- what is known --------------------------------------------------------------------------

    def _new(self, type_: str) -> ItemDraft:
        draft = ItemDraft(type_)
        self.drafts.append(draft)
        self._open.setdefault(type_, []).append(draft)
        return draft

    def _last_open(self, type_: str) -> ItemDraft | None:
        waiting = self._open.get(type_)
        while waiting:
            if not waiting[-1].is_whole:
                return waiting[-1]
            waiting.pop()
        return None

    def _last_open_ones(self, type_: str) -> list[ItemDraft]:
        """The last items that are not whole, the last one first: so many that it costs little."""
        if self._last_open(type_) is None:
            return []
        last = self._open[type_][-_FEW:]
        return [draft for draft in reversed(last) if not draft.is_whole]

    def _name(
        self, draft: ItemDraft, item_id: str | None, call_id: str | None, place: int | None
    ) -> None:
        """Note the names that an event has for the draft."""
        type_ = draft.item_type
        if item_id is not None:
            if draft.ids and draft.ids[0] == item_id:
                draft.has_stable_id = True
            if item_id not in draft.ids and len(draft.ids) < _FEW:
                draft.ids.append(item_id)
                before = self._by_id.get((type_, item_id))
                if before is not None and not before.is_whole:
                    self._shared_ids.add((type_, item_id))
            self._by_id[type_, item_id] = draft
        if call_id is not None and draft.call_id is None:
            draft.call_id = call_id
            self._by_call_id[type_, call_id] = draft
        if place is not None:
            if draft.place is None:
                draft.place = place
            self._by_place[type_, place] = draft

    def in_order(self) -> list[ItemDraft]:
        """Return the drafts by place if each has one of its own, else as they were heard of."""
        places = {draft.place for draft in self.drafts}
        if None in places or len(places) < len(self.drafts):
            return self.drafts
        return sorted(self.drafts, key=lambda draft: draft.place or 0)


_FEW: Final = 8


def _type_of(item: Item) -> str:
    return getattr(item, "type", "")


def _is_orphan(draft: ItemDraft) -> bool:
    """Whether its pieces can only be those of an item that is still to be announced."""
    return not draft.is_announced and draft.rival is None


def _is_without_place(draft: ItemDraft, type_: str) -> bool:
    return draft.item_type == type_ and draft.place is None and draft.is_announced


def _is_used_again(draft: ItemDraft, place: int | None) -> bool:
    """Whether an item that is announced under a known id is another one than the draft."""
    if not draft.is_announced or draft.place == place:
        return False
    return draft.has_pieces or (draft.place is not None and place is not None)


def _may_be(draft: ItemDraft, item_id: str | None, call_id: str | None, place: int | None) -> bool:
    """Whether nothing shows that an item is another one than this draft."""
    if draft.is_whole or (call_id and draft.call_id and call_id != draft.call_id):
        return False
    if place is not None and draft.place is not None and place != draft.place:
        return False
    return not (item_id and draft.has_stable_id and item_id not in draft.ids)


def _may_have(draft: ItemDraft, piece: Piece, item_id: str | None) -> bool:
    """Whether nothing shows that a piece belongs to another item than this draft."""
    if item_id and draft.has_stable_id and item_id not in draft.ids:
        return False
    if draft.is_whole:
        return piece.is_all and draft.has_whole_text(piece.text)
    return not draft.is_closed or piece.is_all
