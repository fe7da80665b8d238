"""What the views show of a conversation that a client has."""

from __future__ import annotations

from codex_proto.realtime import ConversationEnded, HandoffRequested
from codex_proto_io.cli._live import LiveConversation, LiveResponses


def test_a_conversation_is_concluded_by_its_end() -> None:
    live = LiveConversation()
    assert live.conclusion().sentence == "The conversation failed: it was interrupted."
    live.collect([HandoffRequested("h", "i", "a request"), ConversationEnded("requested")])
    assert live.problem() is None
    assert live.conclusion().sentence == "The conversation is over, with 1 handoff to the agent."
    assert live.conclusion().is_good


def test_nothing_is_fed_to_a_feed_that_a_client_has() -> None:
    live = LiveResponses()
    assert live.receive_data(b"x") == live.receive_eof() == ()
    assert live.remarks() == []


def test_a_conversation_that_fails_says_why() -> None:
    live = LiveConversation()
    live.collect([ConversationEnded("error", "no more audio")])
    assert live.conclusion().sentence == "The conversation failed: no more audio."
    assert not live.conclusion().is_good
