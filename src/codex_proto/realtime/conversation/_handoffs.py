"""The handoff that the agent works on, and the calls that have had their answer.

Source: wire.md 8.7.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from codex_proto.realtime.conversation._tables import HANDOFFS, Handoff, HandoffAction, HandoffInput
from codex_proto.realtime.wire import RealtimeVersion

__all__ = ["MAX_ANSWERED", "Handoffs"]

MAX_ANSWERED: Final = 1024
"""How many calls are remembered as answered, so that none is answered twice.

A session has dozens of calls, and what the server repeats is one of the last few: this is far
beyond both, and at most 256 KiB.
"""

# Ids have some 30 characters. One can be as long as a message, which is not to be kept.
_LONGEST_ID: Final = 256


class Handoffs:
    """Keeps to the table of handoffs, and knows which one is active."""

    __slots__ = ("_answered", "_table", "_version", "active", "state")

    active: str | None
    """The id of the active handoff."""
    state: Handoff

    def __init__(self, version: RealtimeVersion) -> None:
        self._version = version
        self._table = HANDOFFS[version]
        self._answered: dict[str | bytes, None] = {}
        self.active = None
        self.state = Handoff.NONE

    def peek(self, happened: HandoffInput) -> HandoffAction:
        """What would be done about it."""
        return self._table[self.state][happened][1]

    def request(self, handoff_id: str) -> HandoffAction | None:
        """The server hands something over; None for a call that it makes once more.

        A handoff of version 1 may come as often as the server likes: nothing answers it for good.
        """
        if self._version == "v2" and (
            handoff_id == self.active or _key(handoff_id) in self._answered
        ):
            return None
        self.state, action = self._table[self.state][HandoffInput.REQUESTED]
        if action is HandoffAction.ADOPT:
            self.active = handoff_id
        return action

    def report(self) -> None:
        """The agent has said something."""
        self.state = self._table[self.state][HandoffInput.OUTPUT][0]

    def complete(self) -> str | None:
        """The agent's turn is over. Returns the handoff that was active and is to be answered."""
        active, self.active = self.active, None
        self.state, action = self._table[self.state][HandoffInput.COMPLETE]
        return active if action is HandoffAction.ANSWER else None

    def answer(self, call_id: str) -> bool:
        """A call is about to be answered. Returns False where it has its answer already."""
        key = _key(call_id)
        if key in self._answered:
            return False
        self._answered[key] = None
        if len(self._answered) > MAX_ANSWERED:
            del self._answered[next(iter(self._answered))]
        return True


def _key(call_id: str) -> str | bytes:
    """Return what distinguishes an id: the id itself, or the digest of a long one."""
    if len(call_id) <= _LONGEST_ID:
        return call_id
    return sha256(call_id.encode("utf-8", "surrogatepass")).digest()
