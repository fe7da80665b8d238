"""From events to the response they amount to: items, text, usage and outcome.

Source: wire.md 1.5, 1.7, 1.11; observed.md, "Public recordings" (the Codex backend leaves the
terminal output empty, and the items are in the events before it).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from codex_proto._wire import DECODE_ERRORS, MalformedEvent, MalformedPart, Notes, is_list
from codex_proto.errors import LocalProtocolError
from codex_proto.items import CustomToolCall, FunctionCall, Item, Message, complete_item
from codex_proto.rate_limits import RateLimitSnapshot, merge_rate_limits
from codex_proto.responses._drafts import ItemDraft
from codex_proto.responses._identity import DraftIndex
from codex_proto.responses._merging import Account, id_of, merge_output
from codex_proto.responses._pieces import (
    DELTAS,
    DRAFTED,
    PIECES,
    Piece,
    PieceKind,
    part_piece,
)
from codex_proto.responses._repeats import Repeats
from codex_proto.responses._runs import Run, TextSize
from codex_proto.responses.stream import (
    ModelsEtag,
    Outcome,
    RateLimits,
    ResponseEvent,
    ServerModel,
    StreamFailed,
)
from codex_proto.responses.wire import (
    Completed,
    Created,
    LifecycleEvent,
    OutputItemAdded,
    OutputItemDone,
    Response,
    TokenUsage,
    WireEvent,
)

__all__ = ["DEFAULT_MAX_TEXT_SIZE", "FinalResponse", "ResponseBuilder"]

DEFAULT_MAX_TEXT_SIZE: Final = 64 * 1024 * 1024
"""Characters of text that a builder keeps of unfinished items."""

# What a peer can get wrong without end is noted so often; the last note counts the others.
_MOST_NOTES: Final = 64
# Bytes of what was wrong that its note has.
_NOTED_RAW: Final = 1_024
# A response that was interrupted is `Completed`, as upstream has it, and not whole.
_UNFINISHED: Final = frozenset({"incomplete", "failed", "cancelled"})


class FinalResponse(Struct, frozen=True, kw_only=True):
    """What a stream of events amounts to.

    `items` is the output in its order; an item that the server did not finish is there as far as
    it came. `outcome` is None while the response is open. `response` is the last response object
    that an event carried, decoded (or None, or it is malformed). `rate_limits`
    has one snapshot for each limit that was reported. `notes` lists what the server got wrong, and
    `is_whole` is False where something of the output may be missing because of it.
    """

    response_id: str | None = None
    server_model: str | None = None
    models_etag: str | None = None
    items: tuple[Item, ...] = ()
    token_usage: TokenUsage | None = None
    end_turn: bool | None = None
    rate_limits: tuple[RateLimitSnapshot, ...] = ()
    response: Response | None = None
    outcome: Outcome | None = None
    text_left_out: int = 0
    notes: Notes = Notes()
    is_whole: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether the response completed, and all of it is here."""
        return isinstance(self.outcome, Completed) and self.is_whole

    @property
    def output_text(self) -> str:
        """The text of all messages, joined without anything between them."""
        return "".join(item.text for item in self.items if isinstance(item, Message))


class ResponseBuilder:
    """Collects the events of one response; ask `build` at any time, also after it broke off.

    Feed it what a `ResponsesDecoder` of either profile gives. The items come from their
    `OutputItemDone`, from what was announced of them first, from their pieces, and from the list in
    the last event: what one of these lacks the others give. An event that comes a second time
    because a stream was resumed changes nothing.

    Args:
        max_text_size: characters of text to keep of items that are not whole. What is beyond it
            is left out and counted in `text_left_out`.

    Raises:
        LocalProtocolError: `max_text_size` is negative.
    """

    def __init__(self, *, max_text_size: int = DEFAULT_MAX_TEXT_SIZE) -> None:
        if max_text_size < 0:
            raise LocalProtocolError(f"max_text_size: must not be negative, not {max_text_size}")
        self._max_text_size = max_text_size
        self._server_model: str | None = None
        self._models_etag: str | None = None
        self._rate_limits: dict[str | None, RateLimitSnapshot] = {}
        self._begin()

    def _begin(self) -> None:
        self._index = DraftIndex()
        self._repeats = Repeats()
        self._runs: dict[object, Run] = {}
        self._text = TextSize(self._max_text_size)
        self._last: LifecycleEvent | None = None
        self._is_created = False
        self._outcome: Outcome | None = None
        self._notes: dict[MalformedPart, None] = {}
        self._notes_left_out = 0
        self._events_lost = 0
        self._items_done = 0

    def receive_events(self, events: Iterable[ResponseEvent]) -> None:
        """Take several events, as decoders give them."""
        runs = self._runs
        for event in events:
            if type(event) in DELTAS:
                run = runs.get(event.output_index)  # type: ignore[union-attr] # as DELTAS says
                if run is not None and run.receive(event):
                    continue
            self.receive_event(event)
            runs = self._runs

    def receive_event(self, event: ResponseEvent) -> None:
        """Take the next event. Another `Created` begins another response."""
        cls = type(event)
        if cls in DELTAS:
            run = self._runs.get(event.output_index)  # type: ignore[union-attr] # as DELTAS says
            if run is not None and run.receive(event):
                return
        elif self._runs:
            self._runs.clear()
        kind = PIECES.get(cls)  # type: ignore[arg-type] # other events are no keys
        if kind is not None:
            self._receive_piece(event, kind)
        elif isinstance(event, WireEvent):
            if not self._repeats.is_repeated(event):
                self._receive_whole_event(event)
        else:
            self._receive_other(event)

    def _receive_whole_event(self, event: WireEvent) -> None:
        if event.wire_notes:
            self._note(*event.wire_notes)
        if isinstance(event, OutputItemAdded | OutputItemDone):
            self._receive_item(event)
        elif type(event) in DRAFTED:
            found = part_piece(event)
            if found is not None:
                self._take(event, found[1], found[0])
        else:
            self._receive_other(event)

    def _receive_other(self, event: ResponseEvent) -> None:
        match event:
            case StreamFailed():
                self._outcome = event
            case LifecycleEvent():
                if isinstance(event, Created):
                    # The first one may come late: what came before it is of the same response.
                    if self._is_created or self._outcome is not None:
                        self._begin()
                        self._repeats.is_repeated(event)
                    self._is_created = True
                self._last = event
                if isinstance(event, Completed):
                    self._outcome = event
            case ServerModel(model=model):
                self._server_model = model
            case ModelsEtag(etag=etag):
                self._models_etag = etag
            case RateLimits(snapshot=snapshot):
                before = self._rate_limits.get(snapshot.limit_id)
                self._rate_limits[snapshot.limit_id] = merge_rate_limits(before, snapshot)
            case MalformedEvent(reason=reason, raw=raw):
                self._events_lost += 1
                self._note(MalformedPart(field="", reason=reason, raw=raw))
            case _:
                pass

    @property
    def items(self) -> tuple[Item, ...]:
        """The output so far, from the events about its items alone."""
        return tuple(account.item for account in self._accounts())

    def _accounts(self) -> list[Account]:
        drafts = ((draft, draft.item()) for draft in self._index.in_order())
        return [Account(item, draft.is_whole) for draft, item in drafts if item is not None]

    def build(self) -> FinalResponse:
        """Return what the events so far amount to."""
        last = self._last
        response = last.response if last is not None else None
        whole = response if isinstance(response, Response) else None
        usage = last.token_usage if last is not None else None
        notes = dict(self._notes)
        notes.update(dict.fromkeys(_notes_of(response)))
        accounts = self._accounts()
        terminal = whole.output if whole is not None else ()
        if isinstance(terminal, MalformedPart):
            notes[terminal] = None
            terminal = ()
        listed = [complete_item(item) for item in terminal]
        readable = [item for item in listed if not isinstance(item, MalformedPart)]
        notes.update((item, None) for item in listed if isinstance(item, MalformedPart))
        items, is_sure = merge_output(accounts, readable)
        for item in items:
            notes.update(dict.fromkeys(_notes_of(item)))
        if self._notes_left_out:
            more = f"{self._notes_left_out} more of this kind"
            notes[MalformedPart(field="", reason=more)] = None
        if self._index.doubts:
            notes[_doubts(self._index.doubts)] = None
        is_sure &= (
            not self._events_lost or bool(terminal) or all(each.is_whole for each in accounts)
        )
        is_sure &= whole is None or whole.status not in _UNFINISHED
        is_sure &= not any(map(_is_cut_off, items))
        # What cannot be read is one of the items that were reported elsewhere, or it is lost.
        is_sure &= len(items) >= max(len(listed), self._items_done)
        return FinalResponse(
            response_id=last.response_id if last is not None else None,
            server_model=self._server_model,
            models_etag=self._models_etag,
            items=items,
            token_usage=usage if isinstance(usage, TokenUsage) else None,
            end_turn=last.end_turn if isinstance(last, Completed) else None,
            rate_limits=tuple(self._rate_limits.values()),
            response=whole,
            outcome=self._outcome,
            text_left_out=self._text.left_out,
            notes=Notes(notes),
            is_whole=is_sure and not self._index.doubts and not self._text.left_out,
        )

    def _note(self, *notes: MalformedPart) -> None:
        for note in notes:
            if note in self._notes:
                continue
            if len(self._notes) >= _MOST_NOTES:
                self._notes_left_out += 1
            elif len(note.raw) <= _NOTED_RAW:
                self._notes[note] = None
            else:
                self._notes[msgspec.structs.replace(note, raw=note.raw[:_NOTED_RAW])] = None

    # -- items and pieces -----------------------------------------------------------------------

    def _receive_piece(self, event: Any, kind: PieceKind) -> None:
        item_type, member, index_name, text_name, is_all = kind
        text = getattr(event, text_name)
        index = getattr(event, index_name) if index_name is not None else 0
        if type(index) is not int:
            index = 0
        item_id, place, number = event.item_id, event.output_index, event.sequence_number
        where = hash((kind, item_id, place, index))
        if type(number) is int and self._repeats.receive(number, where, hash(text)):
            return
        if event.wire_notes:
            self._note(*event.wire_notes)
        draft = self._take(event, Piece(member, index, text, is_all), item_type)
        if not is_all and draft.has_stable_id and not draft.is_whole:
            texts = draft.texts(member, index)
            self._runs[place] = Run(
                event, index_name, where, draft, texts, self._repeats, self._text
            )

    def _receive_item(self, event: OutputItemAdded | OutputItemDone) -> None:
        item = complete_item(event.item)
        self._items_done += isinstance(event, OutputItemDone)
        if isinstance(item, MalformedPart):
            self._note(item)
            return
        item_id, place = id_of(item), _place(event.output_index)
        if item_id is None:
            item_id, inner = _names_inside(event.raw_item)
            place = inner if place is None else place
        if isinstance(event, OutputItemAdded):
            self._index.for_start(item, item_id, place).receive_start(item)
        else:
            draft = self._index.for_whole(item, item_id, place)
            self._text.size += draft.receive_whole(item)

    def _take(self, event: Any, piece: Piece, item_type: str) -> ItemDraft:
        item_id = event.item_id
        call_id = getattr(event, "call_id", None)
        draft = self._index.for_piece(
            piece,
            item_type,
            item_id if isinstance(item_id, str) and item_id else None,
            _place(event.output_index),
            call_id if isinstance(call_id, str) and call_id else None,
        )
        name = getattr(event, "name", None)
        if isinstance(name, str) and name:
            draft.name = name
        if draft.is_whole and not draft.is_hollow:
            return draft
        if not self._text.has_room_for(draft.growth(piece)):
            self._text.left_out += len(piece.text)
        elif piece.is_all:
            self._text.size += draft.replace(piece)
        else:
            self._text.size += draft.append(piece)
        return draft


class _Names(Struct, gc=False):
    """Where some servers put what names an item, instead of beside it."""

    item_id: Any = None
    output_index: Any = None


_decode_names: Final = msgspec.json.Decoder(_Names).decode


def _names_inside(raw: Raw) -> tuple[str | None, int | None]:
    try:
        names = _decode_names(raw)
    except DECODE_ERRORS:
        return None, None
    item_id = names.item_id
    return item_id if isinstance(item_id, str) and item_id else None, _place(names.output_index)


def _place(index: object) -> int | None:
    """A place in the output; what is no place (-1, a text) is None."""
    return index if type(index) is int and index >= 0 else None


def _notes_of(part: Any) -> Iterable[MalformedPart]:
    """The notes of a record and of the parts that an item consists of."""
    if isinstance(part, MalformedPart):
        yield part
        return
    yield from getattr(part, "wire_notes", None) or ()
    for name in ("content", "summary", "usage", "error"):
        inner = getattr(part, name, None)
        for each in inner if is_list(inner) else (inner,):
            yield from getattr(each, "wire_notes", None) or ()


def _is_cut_off(item: Item) -> bool:
    """Whether it cannot be all of the item: a call of nothing, or what the server broke off."""
    if isinstance(item, FunctionCall | CustomToolCall) and not item.name:
        return True
    return getattr(item, "status", None) == "incomplete"


def _doubts(count: int) -> MalformedPart:
    reason = f"{count} pieces could belong to several items, and were taken for another one's"
    return MalformedPart(field="item_id", reason=reason)
