"""A conversation with an agent, on the recorded messages of a server.

It combines the realtime parts of the library as an application does: the decoder, the transcript,
the conversation, and the agent, which answers at once here.
"""

from __future__ import annotations

from collections.abc import Sequence

from codex_proto.realtime import (
    ConversationEvent,
    HandoffRequested,
    RealtimeCommand,
    RealtimeConversation,
    RealtimeDecoder,
    RealtimeSessionConfig,
    TranscriptAccumulator,
    delegation_from_handoff,
    parse_delegation,
)
from codex_proto_io.cli._conclusion import Conclusion, counted

__all__ = ["DemoConversation"]

_INSTRUCTIONS = "Be brief."


class DemoConversation:
    """An application of a session: messages of the server in, its own messages out.

    It is a feed, so that the dialogue can be shown like any other.
    """

    is_live = False

    def __init__(self) -> None:
        self.bytes_received = 0
        self._decoder = RealtimeDecoder("v2")
        self._transcript = TranscriptAccumulator()
        self._conversation = RealtimeConversation("v2")
        self._conversation.configure(RealtimeSessionConfig(instructions=_INSTRUCTIONS))
        self._handoffs = 0

    def receive_data(self, data: bytes) -> list[ConversationEvent]:
        """Take one message of the server; return the events for the application."""
        self.bytes_received += len(data)
        events: list[ConversationEvent] = []
        for event in self._decoder.receive_message(data):
            events += self._conversation.receive_event(self._transcript.receive_event(event))
        for handoff in [each for each in events if isinstance(each, HandoffRequested)]:
            self._handoffs += 1
            self._ask_agent(handoff)
        return events

    def messages_to_send(self) -> list[RealtimeCommand]:
        """Remove and return the messages to send to the server."""
        return self._conversation.messages_to_send()

    def receive_eof(self) -> Sequence[ConversationEvent]:
        """End the session, as the user would."""
        return self._conversation.close()

    def _ask_agent(self, handoff: HandoffRequested) -> None:
        """Let the agent read the envelope and answer, and end its turn."""
        delegation = parse_delegation(delegation_from_handoff(handoff) or "")
        request = "nothing" if delegation is None else delegation.input
        self._conversation.agent_final(f"Done: {request}", handoff.handoff_id)
        self._conversation.complete_turn(handoff.handoff_id)

    def problem(self) -> str | None:
        """Return how the conversation failed, or None."""
        ended = self._conversation.ended
        return ended.message if ended is not None and ended.reason == "error" else None

    def conclusion(self) -> Conclusion:
        """Return how the conversation ended."""
        problem = self.problem()
        if problem is not None:
            return Conclusion(f"The conversation failed: {problem}.", is_good=False)
        (handoffs,) = counted([(self._handoffs, "handoff", "handoffs")]) or ["no handoff"]
        return Conclusion(f"The conversation is over, with {handoffs} to the agent.", is_good=True)

    def remarks(self) -> list[str]:
        """Return no remarks."""
        return []
