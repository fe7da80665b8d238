"""An item while it comes about: what was announced of it first, and the pieces that came since.

A draft takes an item's pieces in their order and can be asked for the item at any time; once the
server has sent the whole item, that is the answer.

Source: OpenAI API reference, Responses; wire.md 1.5 and 3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from codex_proto._wire import MalformedPart, is_list
from codex_proto.items import (
    CustomToolCall,
    FunctionCall,
    Item,
    Message,
    OutputText,
    Reasoning,
    ReasoningText,
    Refusal,
    SummaryText,
)
from codex_proto.responses.wire import (
    FunctionCallArgumentsDelta,
    FunctionCallArgumentsDone,
    OutputItemAdded,
    OutputItemDone,
    OutputTextDelta,
    OutputTextDone,
    ReasoningContentDelta,
    ReasoningContentDone,
    ReasoningSummaryDelta,
    ReasoningSummaryDone,
    RefusalDelta,
    RefusalDone,
    ToolCallInputDelta,
    ToolCallInputDone,
    WireEvent,
)

__all__ = ["DRAFTED", "ItemDraft"]

# Where in an item a piece belongs: the member, and for lists the place in it.
_TEXT: Final = "text"
_REFUSAL: Final = "refusal"
_SUMMARY: Final = "summary"
_REASONING: Final = "reasoning"
_ARGUMENTS: Final = "arguments"
_INPUT: Final = "input"

# Which member of an item an event is about, which attribute says where in it, which one holds the
# text, and whether it is all of the text.
_PIECES: Final[dict[type[WireEvent], tuple[str, str | None, str, bool]]] = {
    OutputTextDelta: (_TEXT, "content_index", "delta", False),
    OutputTextDone: (_TEXT, "content_index", "text", True),
    RefusalDelta: (_REFUSAL, "content_index", "delta", False),
    RefusalDone: (_REFUSAL, "content_index", "refusal", True),
    ReasoningSummaryDelta: (_SUMMARY, "summary_index", "delta", False),
    ReasoningSummaryDone: (_SUMMARY, "summary_index", "text", True),
    ReasoningContentDelta: (_REASONING, "content_index", "delta", False),
    ReasoningContentDone: (_REASONING, "content_index", "text", True),
    FunctionCallArgumentsDelta: (_ARGUMENTS, None, "delta", False),
    FunctionCallArgumentsDone: (_ARGUMENTS, None, "arguments", True),
    ToolCallInputDelta: (_INPUT, None, "delta", False),
    ToolCallInputDone: (_INPUT, None, "input", True),
}
DRAFTED: Final = frozenset({OutputItemAdded, OutputItemDone, *_PIECES})
"""The events that say something about an item's text."""

# The parts that a member consists of, and what makes one.
_PARTS: Final[dict[str, Callable[[str], Any]]] = {
    _TEXT: lambda text: OutputText(text=text, annotations=()),
    _REFUSAL: lambda text: Refusal(refusal=text),
    _SUMMARY: lambda text: SummaryText(text=text),
    _REASONING: lambda text: ReasoningText(text=text),
}


class ItemDraft:
    """One item of the output, reported whole (`OutputItemDone`) or piece by piece."""

    __slots__ = ("_pieces", "_start", "_whole")

    def __init__(self) -> None:
        self._start: Item | None = None
        self._whole: Item | None = None
        self._pieces: dict[tuple[str, int], list[str]] = {}

    @property
    def is_whole(self) -> bool:
        """Whether the server has sent all of the item."""
        return self._whole is not None

    def receive_event(self, event: WireEvent) -> int:
        """Take an event of `DRAFTED`; return how many more characters of text are held now."""
        about = _PIECES.get(type(event))
        if about is None:
            return self._receive_item(event)
        if self._whole is not None:
            return 0
        member, place, attribute, is_all = about
        index = getattr(event, place) if place is not None else 0
        text: str = getattr(event, attribute)
        key = (member, index if isinstance(index, int) else 0)
        pieces = self._pieces.get(key)
        if pieces is not None and not is_all:
            pieces.append(text)
            return len(text)
        self._pieces[key] = [text]
        return len(text) - sum(map(len, pieces or ()))

    def _receive_item(self, event: WireEvent) -> int:
        if isinstance(event, OutputItemAdded):
            self._start = event.item
        if not isinstance(event, OutputItemDone):
            return 0
        self._whole = event.item
        told_before = sum(len(piece) for pieces in self._pieces.values() for piece in pieces)
        self._pieces.clear()
        return -told_before

    def item(self) -> Item | None:
        """The item as far as it is known; None where nothing says what it is."""
        if self._whole is not None:
            return self._whole
        start = self._start
        texts = {key: "".join(pieces) for key, pieces in self._pieces.items()}
        if not texts or isinstance(start, MalformedPart):
            return start
        members = {member for member, _ in texts}
        if start is None:
            return _from_nothing(members, texts)
        match start:
            case Message() if not isinstance(start.content, str):
                content = _laid_over(start.content, {_TEXT, _REFUSAL}, texts)
                return msgspec.structs.replace(start, content=content)
            case Reasoning():
                return _with_reasoning(start, texts)
            case FunctionCall() if (_ARGUMENTS, 0) in texts:
                return msgspec.structs.replace(start, arguments=texts[_ARGUMENTS, 0])
            case CustomToolCall() if (_INPUT, 0) in texts:
                return msgspec.structs.replace(start, input=texts[_INPUT, 0])
            case _:
                return start


_IN_PROGRESS: Final = "in_progress"


def _from_nothing(members: set[str], texts: dict[tuple[str, int], str]) -> Item | None:
    """An item of which only pieces came: a message or a reasoning; a call needs its name."""
    if members & {_TEXT, _REFUSAL}:
        content = _laid_over((), {_TEXT, _REFUSAL}, texts)
        return Message(role="assistant", content=content, status=_IN_PROGRESS)
    if members & {_SUMMARY, _REASONING}:
        return _with_reasoning(Reasoning(summary=(), status=_IN_PROGRESS), texts)
    return None


def _with_reasoning(start: Reasoning, texts: dict[tuple[str, int], str]) -> Reasoning:
    summary = _laid_over(start.summary, {_SUMMARY}, texts)
    content = _laid_over(start.content or (), {_REASONING}, texts)
    return msgspec.structs.replace(start, summary=summary, content=content or start.content)


def _laid_over(
    parts: tuple[Any, ...], members: set[str], texts: dict[tuple[str, int], str]
) -> tuple[Any, ...]:
    """The parts with those put in that came in pieces, each at its place as far as it can be."""
    laid = list(parts) if is_list(parts) else []
    for member, index in sorted(key for key in texts if key[0] in members):
        part = _PARTS[member](texts[member, index])
        if 0 <= index < len(laid):
            laid[index] = part
        else:
            laid.append(part)
    return tuple(laid)
