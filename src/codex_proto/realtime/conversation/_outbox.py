"""Messages that wait to be sent, in their order, with a limit for each kind of sender.

Source: wire.md 8.7 (queues).
"""

from __future__ import annotations

import enum
from collections import Counter

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.wire import RealtimeCommand

__all__ = ["Lane", "Outbox"]


class Lane(enum.Enum):
    """Who sends: each has a number of messages that may wait."""

    AUDIO = "max_audio"
    TEXT = "max_text"
    OUTPUT = "max_output"
    ANSWERS = "max_answers"


class Outbox:
    """One queue for all, so that what is said first is sent first.

    Raises:
        LocalProtocolError: a limit leaves no room for what is sent at once.
    """

    __slots__ = ("_counts", "_limits", "_messages")

    def __init__(self, limits: dict[Lane, int]) -> None:
        for lane, limit in limits.items():
            # The answer to a handoff comes with a `response.create`.
            least = 2 if lane is Lane.ANSWERS else 1
            if limit < least:
                raise LocalProtocolError(f"{lane.value}: must be at least {least}, not {limit}")
        self._limits = limits
        self._messages: list[RealtimeCommand] = []
        self._counts: Counter[Lane] = Counter()

    def __len__(self) -> int:
        return len(self._messages)

    def is_full(self, lane: Lane, more: int = 1) -> bool:
        """Whether so many more messages of the lane would be too many."""
        return self._counts[lane] + more > self._limits[lane]

    def put(self, lane: Lane, message: RealtimeCommand) -> None:
        """Let a message wait; whether there is room is the caller's to ask."""
        self._messages.append(message)
        self._counts[lane] += 1

    def take(self) -> list[RealtimeCommand]:
        """Take out all that wait."""
        messages, self._messages = self._messages, []
        self._counts.clear()
        return messages
