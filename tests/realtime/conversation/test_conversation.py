"""The conversation, one rule at a time: what the tables of wire.md 8.7 and 8.11 say."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError, TimedOut
from codex_proto.realtime import (
    HANDOFF_ANSWER,
    STEERING_ANSWER,
    Admission,
    AudioFrame,
    AudioOut,
    BargeIn,
    ConversationEnded,
    HandoffRequested,
    InputAudioSpeechStarted,
    InputTranscriptDelta,
    NoopRequested,
    RealtimeConversation,
    RealtimeError,
    RealtimeSessionConfig,
    ResponseCancelled,
    ResponseCreated,
    ResponseDeferred,
    ResponseDone,
    SessionUpdated,
    encode_client_message,
)
from codex_proto.realtime.conversation._agent_text import cut_middle
from codex_proto.realtime.conversation._handoffs import MAX_ANSWERED
from codex_proto.realtime.conversation._tables import (
    HANDOFFS,
    RESPONSES,
    Handoff,
    HandoffInput,
    ResponseInput,
    ResponsePhase,
)
from codex_proto.versions import WireVersion

if TYPE_CHECKING:
    from collections.abc import Callable

MAY: Final = WireVersion.V2026_05
FINAL_HEADING: Final = '"Agent Final Message":\n\n'
ALREADY: Final = "Conversation already has an active response in progress: resp_1. Wait."


def sent(conversation: RealtimeConversation) -> list[Any]:
    """What the conversation says to the server, told shortly."""
    told: list[Any] = []
    for message in conversation.messages_to_send():
        plain = json.loads(encode_client_message(message))
        match plain:
            case {"type": "conversation.item.create", "item": {"type": "message"} as item}:
                (part,) = item["content"]
                told.append((item["role"], part["type"], part["text"]))
            case {"type": "conversation.item.create", "item": item}:
                assert list(item) == ["type", "call_id", "output"]
                told.append(("output", item["call_id"], item["output"]))
            case {"type": "conversation.handoff.append"}:
                told.append(("append", plain["handoff_id"], plain["output_text"]))
            case {"type": "conversation.item.truncate"}:
                assert plain["content_index"] == 0
                told.append(("truncate", plain["item_id"], plain["audio_end_ms"]))
            case {"type": "input_audio_buffer.append"}:
                told.append(("audio", plain["audio"]))
            case {"type": type_}:
                assert type_ == "session.update" or list(plain) == ["type"]
                told.append(type_)
    return told


def handoff(id_: str) -> HandoffRequested:
    return HandoffRequested(handoff_id=id_, item_id=f"item_{id_}", input_transcript="do it")


def audio(item_id: str | None, samples: int | None, data: str = "") -> AudioOut:
    return AudioOut(
        AudioFrame(
            data=data,
            sample_rate=24_000,
            num_channels=1,
            samples_per_channel=samples,
            item_id=item_id,
        )
    )


def responding(conversation: RealtimeConversation) -> bool:
    # A call, since a checker would take the property for settled once it was asserted.
    return conversation.response_active


def active(conversation: RealtimeConversation) -> str | None:
    return conversation.active_handoff


def text(words: str) -> tuple[str, str, str]:
    return ("user", "input_text", words)


# -- what the user says -------------------------------------------------------------------------


def test_typed_text_has_its_prefix_once_and_makes_nobody_respond() -> None:
    conversation = RealtimeConversation()
    for words in ("hello", "[USER] hello", "", " "):
        assert conversation.send_text(words) is Admission.TAKEN
    conversation.send_text("note", role="developer")
    conversation.send_text("words", role="assistant")
    assert sent(conversation) == [
        text("[USER] hello"),
        text("[USER] hello"),
        text(""),
        text("[USER]  "),
        ("developer", "input_text", "note"),
        ("assistant", "output_text", "words"),
    ]
    assert sent(conversation) == []


def test_version_1_has_no_prefixes() -> None:
    conversation = RealtimeConversation("v1")
    conversation.send_text("hello")
    assert sent(conversation) == [text("hello")]
    conversation = RealtimeConversation("v1", wire=MAY)
    conversation.send_text("hello")
    assert sent(conversation) == [("user", "text", "hello")]


def test_audio_goes_out_in_its_place() -> None:
    conversation = RealtimeConversation()
    conversation.send_audio(b"\x01\x02\x03")
    conversation.send_text("a")
    conversation.send_audio(AudioFrame(data="AQID", sample_rate=24_000, num_channels=1))
    assert sent(conversation) == [("audio", "AQID"), text("[USER] a"), ("audio", "AQID")]


def test_the_session_is_configured_first() -> None:
    conversation = RealtimeConversation()
    assert conversation.configure(RealtimeSessionConfig()) is Admission.TAKEN
    assert sent(conversation) == ["session.update"]
    with pytest.raises(LocalProtocolError, match="config"):
        conversation.configure(RealtimeSessionConfig(version="v1"))


# -- responses ----------------------------------------------------------------------------------


def test_one_response_at_a_time() -> None:
    conversation = RealtimeConversation()
    assert conversation.request_response() is Admission.TAKEN
    assert conversation.request_response() is Admission.DEFERRED
    assert conversation.request_response() is Admission.DEFERRED
    assert sent(conversation) == ["response.create"]
    conversation.receive_event(ResponseCreated("r1"))
    assert sent(conversation) == []
    conversation.receive_event(ResponseDone("r1"))
    assert sent(conversation) == ["response.create"]
    assert responding(conversation)
    conversation.receive_event(ResponseDone("r2"))
    assert sent(conversation) == []
    assert not responding(conversation)


def test_the_servers_own_responses_count() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(ResponseCreated("r1"))
    assert conversation.request_response() is Admission.DEFERRED
    conversation.receive_event(ResponseCancelled("r1"))
    assert sent(conversation) == ["response.create"]


def test_a_response_that_is_cancelled_and_done_ends_once() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(ResponseCreated("r1"))
    conversation.request_response()
    conversation.receive_event(ResponseCancelled("r1"))
    conversation.request_response()
    conversation.receive_event(ResponseDone("r1"))
    assert sent(conversation) == ["response.create"]
    conversation.receive_event(ResponseCreated("r2"))
    conversation.receive_event(ResponseDone("r2"))
    assert sent(conversation) == ["response.create"]


def test_another_response_than_the_cancelled_one_does_end() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(ResponseCancelled("r1"))
    conversation.request_response()
    conversation.receive_event(ResponseDone("r2"))
    assert not responding(conversation)
    conversation.request_response()
    conversation.receive_event(ResponseDone("r1"))
    assert responding(conversation)
    conversation.receive_event(ResponseCancelled(None))
    conversation.request_response()
    conversation.receive_event(ResponseDone(None))
    assert not responding(conversation)


def test_a_refused_response_is_asked_for_again() -> None:
    conversation = RealtimeConversation()
    conversation.request_response()
    assert sent(conversation) == ["response.create"]
    assert conversation.receive_event(RealtimeError(ALREADY)) == [ResponseDeferred(ALREADY)]
    assert conversation.is_running
    assert sent(conversation) == []
    conversation.receive_event(ResponseDone("r1"))
    assert sent(conversation) == ["response.create"]


def test_version_1_has_no_responses() -> None:
    conversation = RealtimeConversation("v1")
    with pytest.raises(LocalProtocolError, match="version"):
        conversation.request_response()
    conversation.receive_event(ResponseDone("r1"))
    assert conversation.receive_event(RealtimeError(ALREADY)) == [
        RealtimeError(ALREADY),
        ConversationEnded("error", ALREADY),
    ]


# -- handoffs -----------------------------------------------------------------------------------


def test_a_handoff_of_version_2_from_request_to_answer() -> None:
    conversation = RealtimeConversation()
    assert conversation.receive_event(handoff("a")) == [handoff("a")]
    assert active(conversation) == "a"
    assert conversation.agent_progress("looking") is Admission.TAKEN
    assert conversation.agent_progress("[BACKEND] still", "a") is Admission.TAKEN
    assert conversation.agent_final("found") is Admission.TAKEN
    assert conversation.complete_turn() is Admission.TAKEN
    assert sent(conversation) == [
        text("[BACKEND] looking"),
        text("[BACKEND] still"),
        text("[BACKEND] found"),
        ("output", "a", HANDOFF_ANSWER),
        "response.create",
    ]
    assert active(conversation) is None


def test_progress_just_before_the_end_of_the_turn_is_not_lost() -> None:
    # Upstream clears the handoff at once and then drops what still waits in its queue.
    conversation = RealtimeConversation()
    conversation.receive_event(handoff("a"))
    conversation.agent_progress("late", "a")
    conversation.complete_turn("a")
    assert sent(conversation)[0] == text("[BACKEND] late")


def test_a_turn_without_output_answers_nothing() -> None:
    conversation = RealtimeConversation()
    assert conversation.complete_turn() is Admission.BLANK
    conversation.receive_event(handoff("a"))
    assert conversation.complete_turn() is Admission.BLANK
    assert active(conversation) is None
    assert sent(conversation) == []


def test_a_second_handoff_steers_the_first() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(handoff("a"))
    assert conversation.receive_event(handoff("b")) == [handoff("b")]
    assert active(conversation) == "a"
    assert sent(conversation) == [("output", "b", STEERING_ANSWER), "response.create"]
    conversation.agent_final("done")
    conversation.complete_turn()
    assert sent(conversation) == [text("[BACKEND] done"), ("output", "a", HANDOFF_ANSWER)]
    conversation.receive_event(ResponseDone("r"))
    assert sent(conversation) == ["response.create"]


def test_steering_forgets_no_output() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(handoff("a"))
    conversation.agent_progress("half")
    conversation.receive_event(handoff("b"))
    conversation.complete_turn()
    assert ("output", "a", HANDOFF_ANSWER) in sent(conversation)


def test_stale_output_is_dropped_and_counted() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(handoff("a"))
    assert conversation.agent_progress("x", "b") is Admission.STALE
    assert conversation.complete_turn("b") is Admission.STALE
    assert active(conversation) == "a"
    conversation.complete_turn()
    assert conversation.agent_final("x", "a") is Admission.STALE
    assert sent(conversation) == []
    assert conversation.counts.stale_output == 2


def test_no_call_is_answered_twice() -> None:
    conversation = RealtimeConversation()
    silence = NoopRequested(call_id="n", item_id="i")
    for event in (handoff("a"), handoff("a"), handoff("b"), handoff("b"), silence, silence):
        assert conversation.receive_event(event) == [event]
    conversation.agent_final("x")
    conversation.complete_turn()
    conversation.receive_event(handoff("a"))
    answered = [each[1] for each in sent(conversation) if each[0] == "output"]
    assert answered == ["b", "n", "a"]
    assert conversation.counts.calls_repeated == 4
    assert active(conversation) is None


def test_answered_calls_are_remembered_within_limits() -> None:
    conversation = RealtimeConversation(max_answers=2)
    for number in range(MAX_ANSWERED + 1):
        conversation.receive_event(NoopRequested(call_id=f"n{number}", item_id="i"))
        assert sent(conversation) == [("output", f"n{number}", "")]
    conversation.receive_event(NoopRequested(call_id=f"n{MAX_ANSWERED}", item_id="i"))
    assert sent(conversation) == []
    conversation.receive_event(NoopRequested(call_id="n0", item_id="i"))
    assert sent(conversation) == [("output", "n0", "")]


def test_a_call_with_a_long_id_is_answered_once() -> None:
    conversation = RealtimeConversation()
    first, second = "n" * 100_000, "n" * 100_001
    for call_id in (first, second, first, second):
        conversation.receive_event(NoopRequested(call_id=call_id, item_id="i"))
    assert sent(conversation) == [("output", first, ""), ("output", second, "")]
    assert conversation.counts.calls_repeated == 2


def test_silence_is_answered_with_nothing_and_no_response() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(NoopRequested(call_id="n", item_id="i"))
    assert sent(conversation) == [("output", "n", "")]


def test_a_handoff_of_version_1() -> None:
    conversation = RealtimeConversation("v1")
    conversation.receive_event(handoff("a"))
    conversation.agent_progress("looking")
    conversation.agent_final("found")
    conversation.receive_event(handoff("b"))
    assert active(conversation) == "b"
    conversation.agent_final("more")
    assert conversation.complete_turn() is Admission.BLANK
    assert active(conversation) is None
    conversation.receive_event(handoff("a"))
    assert active(conversation) == "a"
    assert sent(conversation) == [
        ("append", "a", "looking"),
        ("append", "a", f"{FINAL_HEADING}found"),
        ("append", "b", f"{FINAL_HEADING}more"),
    ]


def test_in_may_progress_of_version_1_had_the_heading_too() -> None:
    conversation = RealtimeConversation("v1", wire=MAY)
    conversation.receive_event(handoff("a"))
    conversation.agent_progress("looking")
    assert sent(conversation) == [("append", "a", f"{FINAL_HEADING}looking")]


def test_version_1_keeps_silence_by_itself() -> None:
    conversation = RealtimeConversation("v1")
    conversation.receive_event(NoopRequested(call_id="n", item_id="i"))
    assert sent(conversation) == []


# -- output without a handoff -------------------------------------------------------------------


def test_the_agent_may_speak_unasked() -> None:
    conversation = RealtimeConversation()
    assert conversation.agent_progress("by the way") is Admission.TAKEN
    assert conversation.agent_final("one more") is Admission.TAKEN
    for blank in ("", " \n\u00a0"):
        assert conversation.agent_final(blank) is Admission.BLANK
    # What Python alone calls white space.
    assert RealtimeConversation().agent_final("\x1c") is Admission.TAKEN
    assert sent(conversation) == [
        text("[BACKEND] by the way"),
        "response.create",
        text("[BACKEND] one more"),
    ]
    assert conversation.complete_turn() is Admission.BLANK
    conversation.receive_event(ResponseDone(None))
    assert sent(conversation) == ["response.create"]


def test_unasked_in_version_1() -> None:
    conversation = RealtimeConversation("v1")
    conversation.agent_progress("by the way")
    conversation.agent_final("one more")
    assert conversation.agent_final("\t") is Admission.BLANK
    assert sent(conversation) == [
        ("append", "codex", "by the way"),
        ("append", "codex", f"{FINAL_HEADING}one more"),
    ]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_unasked_in_may(version: Any) -> None:
    conversation = RealtimeConversation(version, wire=MAY)
    assert conversation.agent_final("x") is Admission.UNASKED
    assert conversation.counts.unasked_output == 1
    assert sent(conversation) == []


# -- the budget of output -----------------------------------------------------------------------


def test_a_long_output_loses_its_middle() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(handoff("a"))
    conversation.agent_final("x" * 3_990)
    conversation.agent_final("a" * 5_000 + "é" * 5_000)
    whole, cut = (each[2] for each in sent(conversation))
    assert whole == "[BACKEND] " + "x" * 3_990
    assert len(cut.encode()) <= 4_000
    assert len(cut.encode()) > 3_990
    assert cut.startswith("[BACKEND] aaaa")
    assert cut.endswith("éééé")


def test_the_heading_of_version_1_is_no_part_of_the_budget() -> None:
    conversation = RealtimeConversation("v1", output_budget=100)
    conversation.agent_final("x" * 1_000)
    ((_, _, output),) = sent(conversation)
    assert output.startswith(f"{FINAL_HEADING}xxx")
    assert len(output) > 100


def test_there_may_be_no_budget() -> None:
    for conversation in (
        RealtimeConversation(output_budget=None),
        RealtimeConversation(wire=MAY),
    ):
        conversation.receive_event(handoff("a"))
        conversation.agent_final("x" * 10_000)
        assert sent(conversation) == [text("[BACKEND] " + "x" * 10_000)]


def test_the_mark_says_how_much_is_missing() -> None:
    words = "é" * 500
    cut = cut_middle(words, 101)
    head, _, rest = cut.partition(" … [")
    left_out, _, tail = rest.partition(" bytes left out] … ")
    assert int(left_out) + len((head + tail).encode()) == 1_000
    assert words.startswith(head)
    assert words.endswith(tail)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(64, 200), st.integers(1, 90))
def test_what_is_cut_keeps_both_ends_and_uses_its_room(
    words: str, max_bytes: int, times: int
) -> None:
    whole = words * times
    size = len(whole.encode())
    cut = cut_middle(whole, max_bytes)
    if size <= max_bytes:
        assert cut == whole
        return
    # A character of four bytes may be missing on either side, and digits of the mark.
    assert max_bytes - 9 <= len(cut.encode()) <= max_bytes
    mark = re.search(r" … \[\d+ bytes left out\] … ", cut)
    assert mark
    assert whole.startswith(cut[: mark.start()])
    assert whole.endswith(cut[mark.end() :])
    ascii_cut = cut_middle("x" * 5_000, max_bytes)
    assert len(ascii_cut.encode()) == max_bytes


# -- barge-in -----------------------------------------------------------------------------------


def test_speech_cuts_the_item_that_is_spoken() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(audio("a", 2_400))
    conversation.receive_event(audio("a", 1_212))
    conversation.receive_event(InputAudioSpeechStarted())
    assert sent(conversation) == [("truncate", "a", 150)]
    conversation.receive_event(InputAudioSpeechStarted())
    assert sent(conversation) == []


def test_another_item_begins_at_zero() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(audio("a", 2_400))
    conversation.receive_event(audio("b", 240))
    conversation.receive_event(InputAudioSpeechStarted("b"))
    assert sent(conversation) == [("truncate", "b", 10)]


def test_audio_without_item_or_length_does_not_count() -> None:
    conversation = RealtimeConversation()
    for event in (audio(None, 2_400), audio("a", 0), audio("a", None, "not base64")):
        conversation.receive_event(event)
    conversation.receive_event(InputAudioSpeechStarted())
    assert sent(conversation) == []
    conversation.receive_event(audio("a", None, base64.b64encode(bytes(480)).decode()))
    conversation.receive_event(InputAudioSpeechStarted())
    assert sent(conversation) == [("truncate", "a", 10)]


def test_speech_of_another_item_neither_cuts_nor_stops_the_clock() -> None:
    # Upstream forgets the item here, and cuts nothing from then on.
    conversation = RealtimeConversation()
    conversation.receive_event(audio("a", 240))
    conversation.receive_event(InputAudioSpeechStarted("b"))
    assert sent(conversation) == []
    conversation.receive_event(audio("a", 240))
    conversation.receive_event(InputAudioSpeechStarted("a"))
    assert sent(conversation) == [("truncate", "a", 20)]


def test_any_speech_may_cut() -> None:
    conversation = RealtimeConversation(barge_in=BargeIn.ANY_SPEECH)
    conversation.receive_event(audio("a", 240))
    conversation.receive_event(InputAudioSpeechStarted("b"))
    assert sent(conversation) == [("truncate", "a", 10)]


@pytest.mark.parametrize(
    "event",
    [
        ResponseDone("r"),
        ResponseCancelled("r"),
        handoff("h"),
        NoopRequested(call_id="n", item_id="i"),
    ],
)
def test_what_stops_the_clock(event: Any) -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(audio("a", 240))
    conversation.receive_event(event)
    sent(conversation)
    conversation.receive_event(InputAudioSpeechStarted())
    assert sent(conversation) == []


def test_version_1_cuts_nothing() -> None:
    conversation = RealtimeConversation("v1")
    conversation.receive_event(audio("a", 240))
    conversation.receive_event(InputAudioSpeechStarted())
    assert sent(conversation) == []


# -- the end ------------------------------------------------------------------------------------


def test_the_application_ends_it() -> None:
    conversation = RealtimeConversation()
    conversation.send_text("bye")
    assert conversation.close() == [ConversationEnded("requested")]
    assert conversation.close() == []
    assert conversation.receive_eof() == []
    assert conversation.receive_error("late") == []
    assert conversation.receive_event(ResponseDone("r")) == []
    assert conversation.ended == ConversationEnded("requested")
    assert not conversation.is_running
    assert sent(conversation) == [text("[USER] bye")]
    assert conversation.counts.events_discarded == 1
    assert conversation.counts.messages_unsent == 0


def test_the_server_ends_it() -> None:
    conversation = RealtimeConversation()
    conversation.send_text("lost")
    error = RealtimeError("boom")
    assert conversation.receive_event(error) == [error, ConversationEnded("error", "boom")]
    assert sent(conversation) == []
    assert conversation.counts.messages_unsent == 1


def test_the_transport_ends_it() -> None:
    conversation = RealtimeConversation()
    conversation.send_text("lost")
    assert conversation.receive_eof() == [ConversationEnded("transport_closed")]
    assert sent(conversation) == []
    conversation = RealtimeConversation()
    failure = TimedOut("too slow")
    assert conversation.receive_error(failure) == [
        RealtimeError(failure.message, error=failure),
        ConversationEnded("error", failure.message),
    ]


def test_nothing_is_said_after_the_end() -> None:
    conversation = RealtimeConversation()
    conversation.close()
    calls: list[Callable[[], object]] = [
        lambda: conversation.send_text("x"),
        lambda: conversation.send_audio(b""),
        lambda: conversation.request_response(),
        lambda: conversation.agent_progress("x"),
        lambda: conversation.agent_final("x"),
        lambda: conversation.configure(RealtimeSessionConfig()),
    ]
    for call in calls:
        with pytest.raises(LocalProtocolError, match=r"not running \(requested\)"):
            call()
    assert conversation.complete_turn() is Admission.BLANK


# -- queues -------------------------------------------------------------------------------------


def test_full_queues_have_a_name_and_lose_nothing_but_audio() -> None:
    conversation = RealtimeConversation(max_audio=2, max_text=1, max_output=1, max_answers=2)
    conversation.receive_event(handoff("a"))
    answers = [conversation.send_audio(b"") for _ in range(3)]
    assert answers == [Admission.TAKEN, Admission.TAKEN, Admission.FULL]
    assert conversation.counts.audio_dropped == 1
    assert conversation.send_text("1") is Admission.TAKEN
    assert conversation.send_text("2") is Admission.FULL
    assert conversation.agent_progress("1") is Admission.TAKEN
    assert conversation.agent_progress("2") is Admission.FULL
    conversation.receive_event(NoopRequested(call_id="n", item_id="i"))
    assert conversation.complete_turn() is Admission.FULL
    assert active(conversation) == "a"
    assert conversation.messages_pending == 5
    assert len(sent(conversation)) == 5
    assert conversation.complete_turn() is Admission.TAKEN
    assert conversation.send_text("2") is Admission.TAKEN


def test_output_that_was_not_taken_is_no_output() -> None:
    conversation = RealtimeConversation(max_output=1)
    assert conversation.agent_final("unasked") is Admission.TAKEN
    conversation.receive_event(handoff("a"))
    assert conversation.agent_final("lost") is Admission.FULL
    assert conversation.complete_turn() is Admission.BLANK


def test_defaults_are_upstreams() -> None:
    conversation = RealtimeConversation()
    assert {conversation.send_audio(b"") for _ in range(256)} == {Admission.TAKEN}
    assert conversation.send_audio(b"") is Admission.FULL
    assert {conversation.send_text("x") for _ in range(64)} == {Admission.TAKEN}
    assert conversation.send_text("x") is Admission.FULL
    conversation.receive_event(handoff("a"))
    assert {conversation.agent_progress("x") for _ in range(64)} == {Admission.TAKEN}
    assert conversation.agent_progress("x") is Admission.FULL
    assert len(sent(conversation)) == 256 + 64 + 64


def test_a_server_that_wants_too_much_ends_it() -> None:
    conversation = RealtimeConversation(max_answers=2)
    for call_id in ("1", "2"):
        assert len(conversation.receive_event(NoopRequested(call_id=call_id, item_id="i"))) == 1
    assert conversation.request_response() is Admission.FULL
    last = NoopRequested(call_id="3", item_id="i")
    event, end = conversation.receive_event(last)
    assert event == last
    assert isinstance(end, ConversationEnded)
    assert end.reason == "error"
    assert end.message is not None
    assert "max_answers" in end.message
    assert conversation.counts.messages_unsent == 2


def test_unasked_output_waits_for_room_for_its_response() -> None:
    conversation = RealtimeConversation(max_answers=2)
    for call_id in ("1", "2"):
        conversation.receive_event(NoopRequested(call_id=call_id, item_id="i"))
    assert conversation.agent_final("x") is Admission.FULL
    assert len(sent(conversation)) == 2
    assert conversation.agent_final("x") is Admission.TAKEN


# -- the rest -----------------------------------------------------------------------------------


def test_every_event_is_handed_on() -> None:
    conversation = RealtimeConversation()
    for event in (SessionUpdated("s"), InputTranscriptDelta("x"), audio(None, 1)):
        assert conversation.receive_event(event) == [event]


def test_the_tables_are_whole() -> None:
    for state in ResponsePhase:
        assert set(RESPONSES[state]) == set(ResponseInput)
        assert RESPONSES[state][ResponseInput.WANTED][0] is not ResponsePhase.IDLE
    for table in HANDOFFS.values():
        for handoff_state in Handoff:
            assert set(table[handoff_state]) == set(HandoffInput)


def test_misuse_names_the_argument() -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("version", {"version": "v3"}),
        ("wire", {"wire": "2026-08"}),
        ("barge_in", {"barge_in": "always"}),
        ("max_audio", {"max_audio": 0}),
        ("max_text", {"max_text": -1}),
        ("max_output", {"max_output": 0}),
        ("max_answers", {"max_answers": 1}),
        ("output_budget", {"output_budget": 63}),
    ]
    for argument, options in cases:
        with pytest.raises(LocalProtocolError, match=argument):
            RealtimeConversation(**options)
    conversation = RealtimeConversation()
    calls: list[tuple[str, Callable[[], object]]] = [
        ("text", lambda: conversation.agent_final("\ud800")),
        ("text", lambda: conversation.send_text(b"x")),  # type: ignore[arg-type]
        ("role", lambda: conversation.send_text("x", role="x")),
        ("audio", lambda: conversation.send_audio("x")),
    ]
    for argument, call in calls:
        with pytest.raises(LocalProtocolError, match=argument):
            call()
    assert sent(conversation) == []


def test_repr_tells_the_state_and_no_words() -> None:
    conversation = RealtimeConversation()
    conversation.receive_event(handoff("a"))
    conversation.send_text("secret")
    shown = repr(conversation)
    assert "handoff='ACTIVE'" in shown
    assert "secret" not in shown
