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
# With a single number nothing has risen yet.
_RISEN: Final = 2


class Repeats:
    """Remembers the numbers of a response's events, and what came under each: 16 bytes an event."""

    def __init__(self) -> None:
        self.numbers = array("q")
        self.contents = array("q")
        self.last = -_LARGEST
        # A number between the last one and this is a new one: none is, once they do not rise.
        self.limit = _LARGEST

    def receive(self, number: int, content: int) -> bool:
        """Take the next event's number and a hash of its content; return whether it is repeated."""
        if self.last < number < self.limit:
            self.last = number
            self.numbers.append(number)
            self.contents.append(content)
            return False
        if len(self.numbers) >= _RISEN and self.limit == _LARGEST:
            at = bisect_left(self.numbers, number)
            if (
                at < len(self.numbers)
                and self.numbers[at] == number
                and self.contents[at] == content
            ):
                return True
        self.limit = -_LARGEST
        return False

    def is_repeated(self, event: WireEvent) -> bool:
        """Take an event that carries more than a piece of text."""
        number = event.sequence_number
        return type(number) is int and self.receive(number, _digest(event))


def _digest(event: WireEvent) -> int:
    members: list[Any] = [type(event)]
    for name in _MEMBERS:
        value = getattr(event, name, None)
        if isinstance(value, Raw):
            view = memoryview(value)
            value = (view.nbytes, bytes(view[:_LOOKED_AT]))
        members.append(value)
    return hash(tuple(members))
