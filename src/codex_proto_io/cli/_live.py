"""Feeds for events that a client reads from a service, as the views need them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from codex_proto.realtime import ConversationEnded, HandoffRequested
from codex_proto_io.cli._conclusion import Conclusion, Outcomes, counted

__all__ = ["LiveConversation", "LiveResponses"]


class _Live:
    """A feed without input: the client reads the bytes."""

    is_live = True
    bytes_received = 0

    def receive_data(self, data: bytes) -> Sequence[object]:  # noqa: ARG002 - as feeds have it
        """Return no events."""
        return ()

    def receive_eof(self) -> Sequence[object]:
        """Return no events."""
        return ()

    def remarks(self) -> list[str]:
        """Return no remarks."""
        return []


class LiveResponses(_Live):
    """Responses, by their outcomes."""

    def __init__(self) -> None:
        self.outcomes = Outcomes()

    def problem(self) -> str | None:
        """Return why a response did not complete, or None."""
        return self.outcomes.problem()

    def conclusion(self) -> Conclusion:
        """Return how the responses ended."""
        return self.outcomes.conclusion()


class LiveConversation(_Live):
    """A realtime conversation, by its handoffs and its end."""

    def __init__(self) -> None:
        self._handoffs = 0
        self._ended: ConversationEnded | None = None

    def collect(self, events: Iterable[object]) -> None:
        """Count the handoffs and keep the end among the events."""
        for event in events:
            if isinstance(event, HandoffRequested):
                self._handoffs += 1
            elif isinstance(event, ConversationEnded):
                self._ended = event

    def problem(self) -> str | None:
        """Return how the conversation failed, or None."""
        if self._ended is None:
            return "it was interrupted"
        if self._ended.reason == "requested":
            return None
        return self._ended.message or self._ended.reason

    def conclusion(self) -> Conclusion:
        """Return how the conversation ended."""
        problem = self.problem()
        if problem is not None:
            return Conclusion(f"The conversation failed: {problem}.", is_good=False)
        (handoffs,) = counted([(self._handoffs, "handoff", "handoffs")]) or ["no handoff"]
        return Conclusion(f"The conversation is over, with {handoffs} to the agent.", is_good=True)
