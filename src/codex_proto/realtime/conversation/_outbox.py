"""Messages that wait to be sent, in order, with a limit for each kind of sender.

Source: wire.md 8.7 (queues).
"""

from __future__ import annotations

import enum
from collections import Counter

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.wire import RealtimeCommand

__all__ = ["Lane", "Outbox"]


class Lane(enum.Enum):
    """The sender; each has its own limit of waiting messages."""

    AUDIO = "max_audio"
    TEXT = "max_text"
    OUTPUT = "max_output"
    ANSWERS = "max_answers"


class Outbox:
    """One queue for all senders, so that messages are sent in the order they were made.

    Raises:
        LocalProtocolError: a limit is smaller than what one call sends.
    """

    __slots__ = ("_counts", "_limits", "_messages")

    def __init__(self, limits: dict[Lane, int]) -> None:
        for lane, limit in limits.items():
            # The answer to a handoff is sent together with a `response.create`.
            least = 2 if lane is Lane.ANSWERS else 1
            if limit < least:
                raise LocalProtocolError(f"{lane.value}: must be at least {least}, not {limit}")
        self._limits = limits
        self._messages: list[RealtimeCommand] = []
        self._counts: Counter[Lane] = Counter()

    def __len__(self) -> int:
        return len(self._messages)

    def is_full(self, lane: Lane, more: int = 1) -> bool:
        """Whether `more` messages would exceed the limit of the lane."""
        return self._counts[lane] + more > self._limits[lane]

    def put(self, lane: Lane, message: RealtimeCommand) -> None:
        """Add a message; the caller checks `is_full` first."""
        self._messages.append(message)
        self._counts[lane] += 1

    def take(self) -> list[RealtimeCommand]:
        """Remove and return all messages."""
        messages, self._messages = self._messages, []
        self._counts.clear()
        return messages
