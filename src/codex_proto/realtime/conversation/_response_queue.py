"""The model's responses: one at a time, and at most one more waits (version 2).

Source: wire.md 8.7 (response queue).
"""

from __future__ import annotations

from codex_proto.realtime.conversation._tables import RESPONSES, ResponseInput, ResponsePhase
from codex_proto.realtime.stream import ResponseCancelled, ResponseDone

__all__ = ["ResponseQueue"]


class ResponseQueue:
    """Decides when `response.create` may be sent. Several waiting requests become one."""

    __slots__ = ("_cancelled", "state")

    state: ResponsePhase

    def __init__(self) -> None:
        self.state = ResponsePhase.IDLE
        self._cancelled: str | None = None

    def take(self, happened: ResponseInput) -> bool:
        """Run the table; return whether to send `response.create` now."""
        self.state, sends = RESPONSES[self.state][happened]
        return sends

    def receive_event(self, happened: ResponseInput, event: object) -> bool:
        """Run the table for an event of the server.

        A response that is cancelled and then done ends once: the second event must not end the
        next response, which may have begun between them.
        """
        cancelled, self._cancelled = self._cancelled, None
        if isinstance(event, ResponseCancelled):
            self._cancelled = event.response_id
        elif isinstance(event, ResponseDone) and cancelled not in (None, event.response_id):
            self._cancelled = cancelled
        elif isinstance(event, ResponseDone) and cancelled is not None:
            return False
        return self.take(happened)
