"""Events that come a second time, because a stream was resumed or doubled.

Servers number the events of a response, and one that is asked for the rest of a response may begin
before where it broke off. Others number nothing, or give every event the same number. So an event
is a repeated one only if the numbers have risen strictly until then, its own is not above the last,
and the same event was first seen under it.

Source: OpenAI API reference, Responses (`starting_after`); docs/servers.md.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any, Final

from msgspec import Raw

from codex_proto.responses.wire import WireEvent

__all__ = ["Repeats"]

# Of an event that is no piece of text: what tells it from another one of its type.
_MEMBERS: Final = ("item_id", "output_index", "raw_item", "raw_part", "raw_response")
# Numbers that fit into the array, with room to spare.
_LARGEST: Final = 2**62
# Bytes of raw JSON that are compared, beside its size: ids and types come first.
_LOOKED_AT: Final = 256
# Where events belong that are no pieces of a text: their contents say it.
_OTHER: Final = -1
# With a single number nothing has risen yet.
_RISEN: Final = 2


class Repeats:
    """Remembers the numbers of a response's events, and what came under each.

    Numbers that follow one another are remembered by the first of them, and so is where a piece
    belongs as long as the next one belongs there, too; so that hardly more than a hash of the text
    is left to remember of each event.

    Attributes:
        is_rising: whether the numbers have risen so far; otherwise nothing is remembered any more.
        next: the number after the last one.
        where: where the last event belongs.
        contents: a hash of each event's content.
    """

    def __init__(self) -> None:
        self.is_rising = True
        self.next = -_LARGEST
        self.where: int | None = None
        self.contents: list[int] = []
        # At which event a number does not follow the one before, and where that changes.
        self._firsts = array("q")
        self._first_numbers = array("q")
        self._switches = array("q")
        self._places = array("q")

    def receive(self, number: int, where: int, content: int) -> bool:
        """Take the number of the next event and hashes; return whether it is a repeated one."""
        if not self.is_rising:
            return False
        if self.next <= number < _LARGEST:
            if number != self.next:
                self._firsts.append(len(self.contents))
                self._first_numbers.append(number)
            self.next = number + 1
            if where != self.where:
                self.switch(where)
            self.contents.append(content)
            return False
        self.is_rising = len(self.contents) >= _RISEN and self._was(number, where, content)
        return self.is_rising

    def switch(self, where: int) -> None:
        """Note that the next event belongs elsewhere than the last one."""
        self.where = where
        self._switches.append(len(self.contents))
        self._places.append(where)

    def _was(self, number: int, where: int, content: int) -> bool:
        run = bisect_right(self._first_numbers, number) - 1
        if run < 0:
            return False
        at = self._firsts[run] + number - self._first_numbers[run]
        end = self._firsts[run + 1] if run + 1 < len(self._firsts) else len(self.contents)
        if at >= end or self.contents[at] != content:
            return False
        return self._places[bisect_right(self._switches, at) - 1] == where

    def is_repeated(self, event: WireEvent) -> bool:
        """Take an event that carries more than a piece of text."""
        number = event.sequence_number
        return type(number) is int and self.receive(number, _OTHER, _digest(event))


def _digest(event: WireEvent) -> int:
    members: list[Any] = [type(event)]
    for name in _MEMBERS:
        value = getattr(event, name, None)
        if isinstance(value, Raw):
            view = memoryview(value)
            value = (view.nbytes, bytes(view[:_LOOKED_AT]))
        members.append(value)
    return hash(tuple(members))
