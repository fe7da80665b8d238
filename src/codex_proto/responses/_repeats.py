"""Events that come a second time, because a stream was resumed or doubled.

Servers number the events of a response, and one that is asked for the rest of a response may begin
before where it broke off. Others number nothing, or give every event the same number. So an event
is a repeated one only if the numbers have risen strictly until then, its own is not above the last,
and the same event was first seen under it.

Source: OpenAI API reference, Responses (`starting_after`); docs/servers.md.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Final

from codex_proto.responses.wire import WireEvent

__all__ = ["Repeats"]

_MEMBERS: Final = (
    "item_id",
    "output_index",
    "content_index",
    "summary_index",
    "delta",
    "text",
    "arguments",
    "input",
    "code",
    "refusal",
    "raw_item",
    "raw_part",
    "raw_response",
)


class Repeats:
    """Remembers the numbers of a response's events, and what came under each: 16 bytes an event."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._events = array("q")
        self._is_rising = True

    def is_repeated(self, event: WireEvent) -> bool:
        """Take the next event; return whether it has been there before."""
        number = event.sequence_number
        if type(number) is not int or not self._is_rising:
            return False
        numbers = self._numbers
        if not numbers or number > numbers[-1]:
            if not -_LARGEST <= number <= _LARGEST:
                return False
            numbers.append(number)
            self._events.append(_digest(event))
            return False
        if len(numbers) > 1:
            at = bisect_left(numbers, number)
            if numbers[at] == number and self._events[at] == _digest(event):
                return True
        self._is_rising = False
        return False

    def begun_again(self, event: WireEvent) -> Repeats:
        """Return what to go on with after an event that begins another response."""
        fresh = Repeats()
        fresh.is_repeated(event)
        return fresh


# Numbers that fit into the array, with room to spare.
_LARGEST: Final = 2**62


def _digest(event: WireEvent) -> int:
    values, raw = _members_of(type(event))
    if not raw:
        return hash((type(event), values(event)))
    return hash((type(event), values(event), *(bytes(getattr(event, name) or b"") for name in raw)))


@cache
def _members_of(cls: type[WireEvent]) -> tuple[Callable[[WireEvent], object], tuple[str, ...]]:
    """What reads the members of a class that tell its events apart, and which are raw JSON."""
    fields = [name for name in _MEMBERS if name in cls.__struct_fields__]
    raw = tuple(name for name in fields if name.startswith("raw_"))
    # One member more, since there has to be one.
    return attrgetter("sequence_number", *(name for name in fields if name not in raw)), raw
