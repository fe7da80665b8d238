"""Two accounts of the same item, or of the same output, made into one.

Servers report an item in pieces, as a whole, and once more at the end; each of these may lack what
another has. What is made of them lacks nothing that one of them had. Where both have a member and
they differ, the later account is right, unless its text is only the beginning of the earlier one.

Source: docs/architecture.md, "Identity of items".
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Struct

from codex_proto._wire import DECODE_ERRORS, Notes, UnknownPart, is_list
from codex_proto.items import (
    CodeInterpreterCall,
    CustomToolCall,
    FunctionCall,
    Item,
    McpCall,
    Message,
    OutputText,
    Reasoning,
    Refusal,
)

__all__ = [
    "Account",
    "call_id_of",
    "id_of",
    "is_json",
    "merge_items",
    "merge_output",
    "part_texts_of",
    "text_of",
]

S = TypeVar("S", bound=Struct)

# The members that are read piece by piece, of which one account may have the beginning only.
_TEXTS: Final = frozenset({"arguments", "code", "diff", "input", "refusal", "result", "text"})

# More parts than that are no message of a model's.
_SEARCHED: Final = 16


class Account(NamedTuple):
    """An item as the events reported it, and whether one of them had all of it."""

    item: Item
    is_whole: bool


# -- one item -----------------------------------------------------------------------------------


def merge_items(later: Item, earlier: Item | None) -> Item:
    """Return the later account of an item, with what only the earlier one has."""
    if earlier is None or type(later) is not type(earlier) or later == earlier:
        return later
    return _merged(later, earlier)


def _merged(later: S, earlier: S) -> S:
    changes: dict[str, Any] = {}
    # A text that was no text is worth less than one that was.
    doubtful = {note.field for note in getattr(later, "wire_notes", None) or ()} & _TEXTS
    for name in later.__struct_fields__:
        ours, theirs = getattr(later, name), getattr(earlier, name)
        if ours is theirs:
            continue
        is_doubtful = name in doubtful and not _is_empty(name, theirs)
        richer = theirs if is_doubtful else _richer(name, ours, theirs)
        if richer is not ours:
            changes[name] = richer
    return msgspec.structs.replace(later, **changes) if changes else later


def _richer(name: str, ours: Any, theirs: Any) -> Any:
    if _is_empty(name, theirs) or name == "status":
        return ours if not _is_empty(name, ours) or _is_empty(name, theirs) else theirs
    if _is_empty(name, ours):
        is_doubled = name == "arguments" and bool(ours) and not is_json(theirs)
        return ours if is_doubled else theirs
    if isinstance(ours, Notes):
        return Notes(dict.fromkeys((*theirs, *ours)))
    if isinstance(ours, str) and isinstance(theirs, str):
        if name == "arguments" and is_json(ours) and not is_json(theirs):
            # Pieces that came late, or twice, are behind what the server sent as a whole.
            return ours
        is_longer = name in _TEXTS and len(theirs) > len(ours) and theirs.startswith(ours)
        return theirs if is_longer else ours
    if name in {"content", "summary"} and is_list(theirs):
        # Text alone is what callers send; in an output it is not what a part would be.
        return _merged_parts(ours, theirs) if is_list(ours) else theirs
    return ours


def is_json(text: str) -> bool:
    """Return whether a text is one JSON document."""
    try:
        msgspec.json.decode(text)
    except DECODE_ERRORS:
        return False
    return True


def _is_empty(name: str, value: Any) -> bool:
    if value is UNSET or value is None or value in ("", ()):
        return True
    return name == "arguments" and isinstance(value, str) and value.strip() == "{}"


def _merged_parts(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    parts = [
        _merged_part(part, theirs[index]) if index < len(theirs) else part
        for index, part in enumerate(ours)
    ]
    parts += _not_in(theirs[len(ours) :], "".join(map(_part_text, parts)))
    return ours if all(map(_is_same, parts, ours)) and len(parts) == len(ours) else tuple(parts)


def _not_in(parts: tuple[Any, ...], text: str) -> list[Any]:
    """Return the parts that are not in a text: what was a part there may be in another one here."""
    if "".join(map(_part_text, parts)) in text:
        return []
    # Each one is a search through all of the text.
    searched = [part for part in parts[:_SEARCHED] if _part_text(part) not in text]
    return searched + [part for part in parts[_SEARCHED:] if _part_text(part)]


def _merged_part(ours: Any, theirs: Any) -> Any:
    if type(ours) is type(theirs) and isinstance(ours, Struct):
        return _merged(ours, theirs)
    is_readable = not isinstance(ours, UnknownPart) or ours.type
    return ours if is_readable else theirs


def _is_same(one: object, other: object) -> bool:
    return one is other


# -- what tells items apart ---------------------------------------------------------------------


def id_of(item: Item) -> str | None:
    """Return the item's id, None without one."""
    found = getattr(item, "id", None)
    return found if isinstance(found, str) and found else None


def call_id_of(item: Item) -> str | None:
    """Return the id by which a call is answered, None without one."""
    found = getattr(item, "call_id", None)
    return found if isinstance(found, str) and found else None


def text_of(item: Item) -> str:
    """Return what an item says or passes to a tool, empty where it is about neither."""
    match item:
        case Message(content=str() as text):
            return text
        case Message(content=parts):
            return "".join(map(_part_text, parts))
        case Reasoning():
            return "".join(map(_part_text, (*item.summary, *(item.content or ()))))
        case FunctionCall() | McpCall():
            return "" if _is_empty("arguments", item.arguments) else item.arguments or ""
        case CustomToolCall():
            return item.input or ""
        case CodeInterpreterCall():
            return item.code or ""
        case _:
            return ""


def part_texts_of(item: Item) -> tuple[str, ...]:
    """Return the texts of the parts that an item consists of."""
    parts = (*_list(item, "content"), *_list(item, "summary"))
    return tuple(map(_part_text, parts))


def _list(item: Item, name: str) -> tuple[Any, ...]:
    value = getattr(item, name, None)
    return value if is_list(value) else ()


def _part_text(part: object) -> str:
    if isinstance(part, OutputText):
        return part.text or ""
    text = part.refusal if isinstance(part, Refusal) else getattr(part, "text", "")
    return text if isinstance(text, str) else ""


def _kind(item: Item) -> tuple[str, str]:
    """What has to be the same of two accounts: the type, and of a call its name."""
    name = getattr(item, "name", None)
    return getattr(item, "type", ""), name if isinstance(name, str) else ""


# -- the output ---------------------------------------------------------------------------------


def merge_output(
    accounts: Sequence[Account], terminal: Sequence[Item]
) -> tuple[tuple[Item, ...], bool]:
    """Merge what the events reported with the list at the end; return it, and whether it is sure.

    In the order of the list; an item that it lacks comes after the one it came after before. An
    item that the list does not have, and that no event had whole either, may be one of the list
    that nothing shows to be the same: then the output is not sure.
    """
    pairs = _Pairs(accounts, terminal)
    pairs.join(_ids(call_id_of))
    pairs.join(_ids(id_of))
    pairs.join(lambda item: (_kind(item), text_of(item)))
    pairs.join_in_order(by_text=True)
    pairs.join_in_order(by_text=False)
    followers: dict[int, list[Item]] = defaultdict(list)
    paired = set(pairs.partners.values())
    unpaired = {_kind(item)[0] for at, item in enumerate(terminal) if at not in paired}
    last = -1
    is_sure = True
    for at, account in enumerate(accounts):
        partner = pairs.partners.get(at)
        if partner is None:
            followers[last].append(account.item)
            is_sure &= account.is_whole or _kind(account.item)[0] not in unpaired
        else:
            last = partner
    earlier = {partner: accounts[at].item for at, partner in pairs.partners.items()}
    merged = list(followers[-1])
    for at, item in enumerate(terminal):
        merged.append(merge_items(item, earlier.get(at)))
        merged += followers[at]
    return tuple(merged), is_sure


def _ids(of: Callable[[Item], str | None]) -> Callable[[Item], Any]:
    def key(item: Item) -> Any:
        found = of(item)
        return None if found is None else (getattr(item, "type", ""), found)

    return key


class _Pairs:
    """Which item of the list is which of those that were reported, each used once."""

    def __init__(self, accounts: Sequence[Account], terminal: Sequence[Item]) -> None:
        self._accounts = accounts
        self._terminal = terminal
        # Once: the same account is compared with many items.
        self._texts = [text_of(account.item) for account in accounts]
        self._free_accounts = dict.fromkeys(range(len(accounts)))
        self._free_items = dict.fromkeys(range(len(terminal)))
        self.partners: dict[int, int] = {}

    def join(self, key: Callable[[Item], Any]) -> None:
        """Pair what has the same key (None is no key), in order."""
        waiting: dict[Any, deque[int]] = defaultdict(deque)
        for at in self._free_accounts:
            found = key(self._accounts[at].item)
            if found is not None:
                waiting[found].append(at)
        for at in list(self._free_items):
            candidates = waiting.get(key(self._terminal[at]))
            while candidates:
                candidate = candidates.popleft()
                if self._are_compatible(candidate, at):
                    self._pair(candidate, at)
                    break

    def join_in_order(self, *, by_text: bool) -> None:
        """Pair the first of a type with the first of that type, as long as they fit.

        They do if one of their texts is the beginning of the other, or else if the item was not
        reported whole.
        """
        waiting: dict[str, deque[int]] = defaultdict(deque)
        for at in self._free_accounts:
            waiting[_kind(self._accounts[at].item)[0]].append(at)
        for at in list(self._free_items):
            candidates = waiting[_kind(self._terminal[at])[0]]
            if (
                candidates
                and self._are_compatible(candidates[0], at)
                and self._fits(candidates[0], at, by_text)
            ):
                self._pair(candidates.popleft(), at)

    def _fits(self, account: int, item: int, by_text: bool) -> bool:
        if not by_text:
            return not self._accounts[account].is_whole
        one, other = self._texts[account], text_of(self._terminal[item])
        return one.startswith(other) or other.startswith(one)

    def _are_compatible(self, account: int, item: int) -> bool:
        """Whether nothing shows two accounts to be of different items: an id of a call, a name."""
        one, other = self._accounts[account].item, self._terminal[item]
        ids = {call_id_of(one), call_id_of(other)} - {None}
        names = {_kind(one)[1], _kind(other)[1]} - {""}
        return len(ids) < 2 and len(names) < 2 and _kind(one)[0] == _kind(other)[0]

    def _pair(self, account: int, item: int) -> None:
        self.partners[account] = item
        del self._free_accounts[account]
        del self._free_items[item]
