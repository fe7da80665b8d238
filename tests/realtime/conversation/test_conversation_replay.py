"""Real sessions once more: the server's frames in, and the client's frames come out.

What the application did (the agent's answers, the typed text, the audio) was the recording's, and
so is when: the script says which of the client's frames follows which input.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from codex_proto.realtime import (
    ConversationEnded,
    HandoffRequested,
    RealtimeConversation,
    RealtimeDecoder,
    RealtimeSessionConfig,
    TranscriptAccumulator,
    delegation_from_handoff,
    encode_client_message,
)
from codex_proto.versions import WireVersion
from tests.realtime.client_frames import CAPTURES, difference

Script = list[Callable[[RealtimeConversation], object]]

V1: Final[Script] = [
    lambda it: it.agent_final("agent answer 1"),
    lambda it: it.send_text("hello v1"),
]
V2: Final[Script] = [
    lambda it: it.agent_final("agent answer 1"),
    lambda it: it.complete_turn(),
    lambda it: it.send_text("typed by user"),
    lambda it: it.send_audio("BQYH"),
    lambda it: it.agent_final("agent answer 2"),
    lambda it: it.complete_turn(),
]


def replay(capture: str) -> tuple[list[Any], list[str], RealtimeConversation]:
    """Feed the server's frames; return what the client says, and what reaches the agent."""
    version: Any = "v1" if "v1" in capture else "v2"
    in_may = capture.startswith("e-128")
    mode: Any = "transcription" if capture.endswith("transcription") else "conversational"
    instructions = "backend prompt\n\nstartup context"
    decoder = RealtimeDecoder(version)
    transcript = TranscriptAccumulator()
    conversation = RealtimeConversation(
        version, wire=WireVersion.V2026_05 if in_may else WireVersion.V2026_08
    )
    conversation.configure(
        RealtimeSessionConfig(version=version, mode=mode, instructions=instructions)
    )
    script = iter({"v1-basic": V1, "v2-basic": V2}.get(capture.partition("__")[2], []))
    said = [json.loads(encode_client_message(each)) for each in conversation.messages_to_send()]
    delegations: list[str] = []
    frames = CAPTURES[capture]["frames"]
    for place, frame in enumerate(frames):
        if frame["dir"] == "s2c":
            for event in decoder.receive_message(json.dumps(frame["message"])):
                got = conversation.receive_event(transcript.receive_event(event))
                delegations += [
                    envelope
                    for each in got
                    if isinstance(each, HandoffRequested)
                    and (envelope := delegation_from_handoff(each)) is not None
                ]
        elif place >= len(said) + sum(each["dir"] == "s2c" for each in frames[:place]):
            # The client said something that no frame of the server's made it say.
            next(script)(conversation)
        said += map(json.loads, map(encode_client_message, conversation.messages_to_send()))
        # Said in time, and not before the server's frame that made the client say it.
        due = sum(each["dir"] == "c2s" for each in frames[: place + 1])
        assert due <= len(said) <= due + 1
    assert next(script, None) is None
    return said, delegations, conversation


@pytest.mark.parametrize("capture", [name for name in CAPTURES if name.startswith("e-")])
def test_the_client_says_what_the_real_one_said(capture: str) -> None:
    said, delegations, conversation = replay(capture)
    recorded = [each["message"] for each in CAPTURES[capture]["frames"] if each["dir"] == "c2s"]
    assert len(said) == len(recorded)
    for ours, theirs in zip(said, recorded, strict=True):
        assert difference(ours, theirs) is None
    assert delegations == CAPTURES[capture].get("delegations", [])
    if "v1" in capture:
        assert conversation.ended == ConversationEnded("error", "upstream boom")
    else:
        assert conversation.is_running
    assert conversation.counts == type(conversation.counts)()
