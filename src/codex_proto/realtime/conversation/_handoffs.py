"""The handoff that the agent works on, and the calls that have been answered.

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

A session has dozens of calls, and a repeated call is one of the last few. This is far more than
both, and takes at most 256 KiB.
"""

# Ids have some 30 characters. A longer one, up to the size of a message, is not kept.
_LONGEST_ID: Final = 256


class Handoffs:
    """Runs the table of handoffs, and keeps the active one."""

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
        """Return the action that this input would cause."""
        return self._table[self.state][happened][1]

    def request(self, handoff_id: str) -> HandoffAction | None:
        """Take a handoff of the server; return the action, or None for a repeated call.

        A handoff of version 1 may be repeated: no answer completes it.
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
        """Record an output of the agent."""
        self.state = self._table[self.state][HandoffInput.OUTPUT][0]

    def complete(self) -> str | None:
        """End the agent's turn; return the active handoff if it has to be answered."""
        active, self.active = self.active, None
        self.state, action = self._table[self.state][HandoffInput.COMPLETE]
        return active if action is HandoffAction.ANSWER else None

    def answer(self, call_id: str) -> bool:
        """Record that a call is answered; return False if it was answered before."""
        key = _key(call_id)
        if key in self._answered:
            return False
        self._answered[key] = None
        if len(self._answered) > MAX_ANSWERED:
            del self._answered[next(iter(self._answered))]
        return True


def _key(call_id: str) -> str | bytes:
    """Return the id, or the digest of a long one."""
    if len(call_id) <= _LONGEST_ID:
        return call_id
    return sha256(call_id.encode("utf-8", "surrogatepass")).digest()
