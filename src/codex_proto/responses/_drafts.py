"""An item while it comes about: what was announced of it first, and the pieces that came since.

A draft takes an item's pieces in their order and can be asked for the item at any time. Once the
server has sent the whole item, that is the answer, with what only the pieces had.

Source: OpenAI API reference, Responses; wire.md 1.5 and 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from codex_proto._wire import is_list
from codex_proto.items import (
    CodeInterpreterCall,
    ContentPart,
    CustomToolCall,
    FunctionCall,
    ImageGenerationCall,
    Item,
    McpCall,
    Message,
    OutputText,
    Reasoning,
    ReasoningText,
    Refusal,
    SummaryText,
)
from codex_proto.responses._merging import is_json, merge_items, part_texts_of, text_of
from codex_proto.responses._pieces import (
    ARGUMENTS,
    CODE,
    IMAGE,
    INPUT,
    PARTS,
    REASONING,
    REFUSAL,
    SUMMARY,
    TEXT,
    Piece,
)

__all__ = ["ItemDraft"]

S = TypeVar("S", bound=Struct)

_IN_PROGRESS: Final = "in_progress"

_NEW_PARTS: Final[dict[str, Callable[[str], Any]]] = {
    TEXT: lambda text: OutputText(text=text, annotations=()),
    REFUSAL: lambda text: Refusal(refusal=text),
    SUMMARY: lambda text: SummaryText(text=text),
    REASONING: lambda text: ReasoningText(text=text),
}

# An item of which only pieces came. A call is known by its name and id only, which are empty then.
_NEW_ITEMS: Final[dict[str, Callable[[str, str], Item]]] = {
    "message": lambda _name, _id: Message(role="assistant", content=(), status=_IN_PROGRESS),
    "reasoning": lambda _name, _id: Reasoning(summary=(), status=_IN_PROGRESS),
    "function_call": lambda name, call_id: FunctionCall(
        name=name, call_id=call_id, arguments="", status=_IN_PROGRESS
    ),
    "custom_tool_call": lambda name, call_id: CustomToolCall(
        name=name, call_id=call_id, input="", status=_IN_PROGRESS
    ),
    "mcp_call": lambda name, _id: McpCall(name=name or msgspec.UNSET, status=_IN_PROGRESS),
    "code_interpreter_call": lambda _name, _id: CodeInterpreterCall(status=_IN_PROGRESS),
    "image_generation_call": lambda _name, _id: ImageGenerationCall(status=_IN_PROGRESS),
}


_JSON_CALLS: Final = frozenset({"function_call", "mcp_call"})
_NOTHING: Final = Message(role="", content="")


class ItemDraft:
    """One item of the output, reported whole (`OutputItemDone`) or piece by piece.

    Attributes:
        item_type: the item's type; the types of an item are the same in all events about it.
        ids: the ids that the server gave it, the first one first.
        has_stable_id: whether an id came twice, so that another id means another item.
        call_id: of a call, by which it is answered.
        name: of a call, where an event about a piece had it.
        place: the place in the output that the server gave it, None without one.
        is_announced: whether an event carried the item itself.
        is_closed: whether the one member of a call that comes in pieces has come whole.
        is_whole: whether the server has sent all of the item.
        is_hollow: whether the whole item has no text, so that pieces which come later are its text.
        size: characters of the pieces that are held.
        rival: an item of this type that could have waited for pieces when this one began.
    """

    __slots__ = (
        "_measured",
        "_parts",
        "_pieces",
        "_start",
        "_waits",
        "_whole",
        "_whole_texts",
        "call_id",
        "has_stable_id",
        "ids",
        "is_announced",
        "is_closed",
        "is_hollow",
        "is_whole",
        "item_type",
        "name",
        "place",
        "rival",
        "size",
    )

    def __init__(self, item_type: str) -> None:
        self.item_type = item_type
        self.ids: list[str] = []
        self.has_stable_id = False
        self.call_id: str | None = None
        self.name: str | None = None
        self.place: int | None = None
        self.is_announced = False
        self.is_closed = False
        self.is_whole = False
        self.is_hollow = False
        self.size = 0
        self.rival: ItemDraft | None = None
        self._start: Item | None = None
        self._whole: Item | None = None
        self._pieces: dict[tuple[str, int], list[str]] = {}
        # Of each member: how many of its pieces have been measured, and how long they are.
        self._measured: dict[tuple[str, int], tuple[int, int]] = {}
        self._whole_texts: frozenset[str] | None = None
        self._waits: bool | None = None
        self._parts: dict[tuple[str, int], ContentPart] = {}

    @property
    def has_pieces(self) -> bool:
        """Whether a piece of the item has come."""
        return bool(self._pieces)

    def waits_for_pieces(self) -> bool:
        """Return whether pieces without a name may belong to this item, though another one began.

        Arguments that are whole as JSON wait for nothing more. Of other texts nobody knows: one
        that has begun is taken to be over when the next item begins.
        """
        # Judged once, when the next item begins: the text may be long, and many items begin.
        if self._waits is None:
            self._waits = self._may_wait()
        return self._waits and not self.is_closed

    def _may_wait(self) -> bool:
        if self.is_closed or self.rival is not None:
            return not self.is_closed
        so_far = text_of(self.item() or _NOTHING)
        if self.item_type not in _JSON_CALLS:
            return not so_far
        self.is_closed = is_json(so_far)
        return not self.is_closed

    def is_beginning_of(self, text: str) -> bool:
        """Whether the pieces so far may be the first ones of an item with this text."""
        return self.size <= len(text) and text.startswith(text_of(self.item() or _NOTHING))

    def is_text(self, text: str) -> bool:
        """Whether the pieces so far are all of this text."""
        return self.size <= len(text) and text == text_of(self.item() or _NOTHING) != ""

    def has_whole_text(self, text: str) -> bool:
        """Whether the item is whole, and this is its text or that of one of its parts."""
        if self._whole_texts is None and self._whole is not None:
            self._whole_texts = frozenset((text_of(self._whole), *part_texts_of(self._whole)))
        return self._whole_texts is not None and text in self._whole_texts

    def receive_start(self, item: Item) -> None:
        """Take the item as it is announced."""
        self.is_announced = True
        self._start = merge_items(item, self._start)

    def receive_whole(self, item: Item) -> int:
        """Take the whole item; return how many more characters of text are held now."""
        self.is_announced = True
        self._whole = merge_items(item, self.item())
        self._whole_texts = None
        self.is_whole = True
        is_image = isinstance(item, ImageGenerationCall)
        has_arguments = bool(getattr(self._whole, "arguments", None))
        self.is_hollow = not (is_image or has_arguments or text_of(self._whole))
        return -self.forget_pieces()

    def forget_pieces(self) -> int:
        """Forget the pieces; return how many characters they were."""
        size, self.size = self.size, 0
        self._pieces.clear()
        self._measured.clear()
        self._parts.clear()
        self._start = None
        return size

    def texts(self, member: str, index: int) -> list[str]:
        """Return the pieces of a member's text, to append to."""
        return self._pieces.setdefault((member, index), [])

    def growth(self, piece: Piece) -> int:
        """Return how many more characters would be held with this piece."""
        return len(piece.text) - (self._length(piece) if piece.is_all else 0)

    def _length(self, piece: Piece) -> int:
        """How long a member is, of which only the new pieces have to be measured."""
        key = (piece.member, piece.place)
        texts = self._pieces.get(key, [])
        count, length = self._measured.get(key, (0, 0))
        length += sum(map(len, texts[count:]))
        self._measured[key] = (len(texts), length)
        return length

    def append(self, piece: Piece) -> int:
        """Take the next piece of a member's text; return how many more characters are held now."""
        if piece.text:
            self.texts(piece.member, piece.place).append(piece.text)
            self.size += len(piece.text)
        return len(piece.text)

    def replace(self, piece: Piece) -> int:
        """Take all of a member's text; return how many more characters are held now.

        A text that is only the beginning of what has come changes nothing.
        """
        key = (piece.member, piece.place)
        if piece.part is not None:
            self._parts[key] = piece.part
        held = self._pieces.get(key, [])
        length = self._length(piece)
        if len(piece.text) < length:
            if len(held[0]) < len(piece.text):
                held[:] = ["".join(held)]
                self._measured[key] = (1, length)
            if held[0].startswith(piece.text):
                return 0
        if piece.text or held or piece.part is None:
            self._pieces[key] = [piece.text]
            self._measured[key] = (1, len(piece.text))
        self.size += len(piece.text) - length
        return len(piece.text) - length

    def item(self) -> Item | None:
        """Return the item as far as it is known; None where nothing says what it is."""
        if self._whole is not None and not self._pieces:
            return self._whole
        start = self._start if self._whole is None else self._whole
        if start is None and self.item_type in _NEW_ITEMS:
            start = _NEW_ITEMS[self.item_type](self.name or "", self.call_id or "")
        texts = {key: "".join(pieces) for key, pieces in self._pieces.items()}
        if start is None or not (texts or self._parts):
            return start
        match start:
            case Message():
                content = self._laid_over(_parts_of(start.content), {TEXT, REFUSAL}, texts)
                return msgspec.structs.replace(start, content=content)
            case Reasoning():
                summary = self._laid_over(_parts_of(start.summary), {SUMMARY}, texts)
                content = self._laid_over(_parts_of(start.content), {REASONING}, texts)
                return msgspec.structs.replace(
                    start, summary=summary, content=content or start.content
                )
            case FunctionCall() | McpCall():
                return _with_text(start, "arguments", texts.get((ARGUMENTS, 0)))
            case CustomToolCall():
                return _with_text(start, "input", texts.get((INPUT, 0)))
            case CodeInterpreterCall():
                return _with_text(start, "code", texts.get((CODE, 0)))
            case ImageGenerationCall():
                return _with_text(start, "result", texts.get((IMAGE, 0)))
            case _:
                return start

    def _laid_over(
        self, parts: tuple[Any, ...], members: set[str], texts: dict[tuple[str, int], str]
    ) -> tuple[Any, ...]:
        """The parts with those that came in pieces, each at its place as far as it can be."""
        laid = list(parts)
        taken: set[int] = set()
        for member, index in self._keys(members, texts):
            part = self._part(member, index, texts.get((member, index)))
            if 0 <= index < len(laid) and index not in taken and _is_replaced(laid[index], part):
                laid[index] = part
                taken.add(index)
            else:
                taken.add(len(laid))
                laid.append(part)
        return tuple(laid)

    def _keys(self, members: set[str], texts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        # By the place; of two members at one place the one that came first.
        order = {key: at for at, key in enumerate(dict.fromkeys((*texts, *self._parts)))}
        keys = [key for key in order if key[0] in members]
        return sorted(keys, key=lambda key: (key[1], order[key]))

    def _part(self, member: str, index: int, text: str | None) -> Any:
        part: Any = self._parts.get((member, index))
        if part is None:
            return _NEW_PARTS[member](text or "")
        return part if not text else _with_text(part, PARTS[type(part)][2], text)


def _parts_of(content: Any) -> tuple[Any, ...]:
    if isinstance(content, str) and content:
        return (OutputText(text=content, annotations=()),)
    return content if is_list(content) else ()


def _is_replaced(old: object, new: object) -> bool:
    """Whether a part of an announced item is the one whose pieces came since."""
    if type(old) is type(new):
        return True
    known = PARTS.get(type(old))
    return known is not None and not getattr(old, known[2])


def _with_text(item: S, name: str, text: str | None) -> S:
    return item if not text else msgspec.structs.replace(item, **{name: text})
