"""Whatever happens in whatever order: what was taken is sent once, in order, and within limits."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    Admission,
    AudioFrame,
    AudioOut,
    ConversationEnded,
    HandoffRequested,
    InputAudioSpeechStarted,
    NoopRequested,
    RealtimeConversation,
    RealtimeError,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
    SessionUpdated,
    encode_client_message,
)

IDS: Final = st.sampled_from(["a", "b", "c"])
FRAMES: Final = st.builds(
    AudioFrame, st.text(max_size=4), st.integers(0, 9), st.integers(0, 3), st.integers(0, 9), IDS
)
EVENTS: Final = st.one_of(
    st.builds(SessionUpdated, IDS),
    st.builds(ResponseCreated, st.none() | IDS),
    st.builds(ResponseDone, st.none() | IDS),
    st.builds(ResponseCancelled, st.none() | IDS),
    st.builds(HandoffRequested, IDS, IDS, st.text(max_size=3)),
    st.builds(NoopRequested, IDS, IDS),
    st.builds(InputAudioSpeechStarted, st.none() | IDS),
    st.builds(
        AudioOut,
        st.builds(
            AudioFrame, st.text(max_size=4), st.integers(0, 9), st.integers(0, 3), IDS.map(len), IDS
        ),
    ),
)
ENDS: Final = st.sampled_from(["eof", "error", "close", "server's error", "refused"])
SAID: Final = st.sampled_from(["audio", "text", "progress", "final"])
STEP: Final = st.one_of(
    st.tuples(st.just("event"), EVENTS),
    st.tuples(st.just("event"), st.builds(NoopRequested, st.uuids().map(str), IDS)),
    st.tuples(SAID, st.none()),
    st.tuples(SAID, st.none()),
    st.tuples(st.sampled_from(["complete", "respond", "drain"]), st.none()),
)
# One end at most in most runs: after it there is little to see.
STEPS: Final = st.builds(
    lambda before, ends, after: [*before, *(("end", each) for each in ends), *after],
    st.lists(STEP, max_size=40),
    st.lists(ENDS, max_size=1),
    st.lists(STEP | st.tuples(st.just("end"), ENDS), max_size=20),
)
LIMITS: Final = {"max_audio": 2, "max_text": 1, "max_output": 2, "max_answers": 3}


def payload(message: Any) -> str | None:
    """The marked word that the application said, in whichever message it went."""
    text = encode_client_message(message)
    plain = json.loads(text)
    match plain:
        case {"type": "input_audio_buffer.append", "audio": audio}:
            return str(audio)
        case {"type": "conversation.handoff.append", "output_text": words}:
            return str(words).rpartition("\n")[2]
        case {"item": {"content": [{"text": words}]}}:
            return str(words).rpartition(" ")[2]
        case _:
            return None


def drain(conversation: RealtimeConversation) -> list[str]:
    payloads = map(payload, conversation.messages_to_send())
    return [each for each in payloads if each is not None]


@given(st.sampled_from(["v1", "v2"]), STEPS)
def test_what_is_taken_is_sent_once_and_in_order(version: Any, steps: Any) -> None:
    conversation = RealtimeConversation(version, **LIMITS)  # type: ignore[arg-type]
    taken: list[str] = []
    sent: list[str] = []
    waiting: Counter[str] = Counter()
    reason: str | None = None
    for number, (what, value) in enumerate(steps):
        word = f"{number:04}"
        calls = {
            "audio": lambda word=word: conversation.send_audio(word),
            "text": lambda word=word: conversation.send_text(word),
            "progress": lambda word=word: conversation.agent_progress(word),
            "final": lambda word=word: conversation.agent_final(word),
        }
        if what in calls:
            lane = "output" if what in ("progress", "final") else what
            try:
                admission = calls[what]()
            except LocalProtocolError:
                assert reason is not None
                continue
            assert reason is None
            if admission is Admission.TAKEN:
                taken.append(word)
                waiting[lane] += 1
                assert waiting[lane] <= LIMITS[f"max_{lane}"]
            else:
                # Unasked output also waits for room for the response that it wants.
                assert admission is Admission.FULL
                assert waiting[lane] == LIMITS[f"max_{lane}"] or lane == "output"
        elif what == "event":
            got = conversation.receive_event(value)
            assert got[:1] == ([] if reason else [value])
            reason = reason or ("error" if len(got) == 2 else None)
        elif what == "complete":
            conversation.complete_turn()
        elif what == "respond":
            try:
                conversation.request_response()
            except LocalProtocolError:
                assert reason is not None or version == "v1"
        elif what == "end":
            reason = _end(conversation, value) if reason is None else reason
        else:
            sent += drain(conversation)
            waiting.clear()
        assert conversation.messages_pending <= sum(LIMITS.values())
        assert (conversation.ended.reason if conversation.ended else None) == reason
    sent += drain(conversation)
    # What is said before an end that nobody asked for may stay unsaid, and is counted.
    assert sent == taken[: len(sent)]
    lost = len(taken) - len(sent)
    assert lost <= conversation.counts.messages_unsent
    if reason in (None, "requested"):
        assert lost == conversation.counts.messages_unsent == 0


def _end(conversation: RealtimeConversation, how: str) -> str | None:
    if how == "eof":
        assert conversation.receive_eof() == [ConversationEnded("transport_closed")]
        return "transport_closed"
    if how == "close":
        assert conversation.close() == [ConversationEnded("requested")]
        return "requested"
    if how == "error":
        assert len(conversation.receive_error("broken")) == 2
        return "error"
    words = "Conversation already has an active response in progress: r" if how == "refused" else ""
    conversation.receive_event(RealtimeError(words))
    return None if conversation.is_running else "error"
