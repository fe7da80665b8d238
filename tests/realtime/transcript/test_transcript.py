"""The transcript: its table, its bounds, and that nothing is lost or told twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    AudioFrame,
    AudioOut,
    ConversationItemDone,
    HandoffRequested,
    InputAudioSpeechStarted,
    InputTranscriptDelta,
    InputTranscriptDone,
    OutputTranscriptDelta,
    OutputTranscriptDone,
    ResponseCreated,
    ResponseDone,
    TranscriptAccumulator,
    TranscriptEntry,
    decode_realtime_event,
)
from codex_proto.realtime.transcript._entries import Entries
from tests.realtime.transcript.transcript_model import TranscriptModel

# Few words, so that they meet again; characters of every size.
WORDS = st.sampled_from(
    ["", "a", "b", " a ", "\u00a0b", "\x1ca", "é", "語", "😀", "a b c d e f g h"]
)
EVENTS = st.one_of(
    st.builds(InputTranscriptDelta, WORDS),
    st.builds(OutputTranscriptDelta, WORDS),
    st.builds(InputTranscriptDone, WORDS),
    st.builds(OutputTranscriptDone, WORDS),
    st.just(InputAudioSpeechStarted()),
    st.just(ResponseCreated()),
    st.just(ResponseDone()),
    st.just(ConversationItemDone("i")),
    st.just(AudioOut(AudioFrame("AAAA", 24_000, 1))),
    st.builds(HandoffRequested, st.just("h"), st.just("i"), WORDS),
    st.builds(
        HandoffRequested,
        st.just("h"),
        st.just("i"),
        WORDS,
        st.just((TranscriptEntry("user", "filled"),)),
    ),
)
SIZES = st.none() | st.integers(13, 80)


def _user(text: str) -> TranscriptEntry:
    return TranscriptEntry("user", text)


def _assistant(text: str) -> TranscriptEntry:
    return TranscriptEntry("assistant", text)


def _handoff(request: str = "", **members: Any) -> HandoffRequested:
    return HandoffRequested("h", "i", request, **members)


def _feed(transcript: TranscriptAccumulator, *events: Any) -> Any:
    """The last event, as it is handed on."""
    return [transcript.receive_event(event) for event in events][-1]


# -- against the table --------------------------------------------------------------------------


@given(st.lists(EVENTS, max_size=30), SIZES)
def test_it_does_what_the_table_says(events: list[Any], max_size: int | None) -> None:
    transcript = TranscriptAccumulator(max_size=max_size)
    model = TranscriptModel(max_size, drain=True)
    for event in events:
        given_on = transcript.receive_event(event)
        snapshot = model.receive(event)
        if snapshot is None:
            assert given_on == event
        else:
            assert given_on == _handoff(event.input_transcript, active_transcript=snapshot)
    assert transcript.pending == transcript.take_tail() == model.tail()
    assert transcript.pending == ()


@given(st.lists(EVENTS, max_size=30))
def test_the_older_form_too(events: list[Any]) -> None:
    transcript = TranscriptAccumulator(max_size=None, drain=False)
    model = TranscriptModel(None, drain=False)
    for event in events:
        given_on = transcript.receive_event(event)
        snapshot = model.receive(event)
        if snapshot is not None:
            assert given_on.active_transcript == snapshot
    assert transcript.take_tail() == model.tail()


@given(st.lists(st.sampled_from([*"abc", "é", "語", "😀"]), max_size=400), st.integers(13, 40))
def test_one_long_entry_keeps_its_end(pieces: list[str], max_size: int) -> None:
    """Whether it is looked at after each piece or only at the end."""
    seldom, often = (
        TranscriptAccumulator(max_size=max_size),
        TranscriptAccumulator(max_size=max_size),
    )
    for piece in pieces:
        seldom.receive_event(InputTranscriptDelta(piece))
        often.receive_event(InputTranscriptDelta(piece))
        assert often.bytes_dropped >= 0
        assert len(often.pending) == 1
    assert seldom.pending == often.pending
    assert seldom.bytes_dropped == often.bytes_dropped


# -- nothing lost, nothing twice ----------------------------------------------------------------


@given(st.lists(EVENTS, max_size=30))
def test_handoffs_and_the_tail_make_up_the_history(events: list[Any]) -> None:
    transcript = TranscriptAccumulator(max_size=None)
    told: list[TranscriptEntry] = []
    for event in events:
        given_on = transcript.receive_event(event)
        if isinstance(event, HandoffRequested) and event.active_transcript is None:
            told += given_on.active_transcript
    assert tuple(told) + transcript.take_tail() == transcript.history


@given(st.lists(EVENTS, max_size=30), SIZES)
def test_the_history_does_not_depend_on_the_bound(events: list[Any], max_size: int | None) -> None:
    bounded, free = TranscriptAccumulator(max_size=max_size), TranscriptAccumulator(max_size=None)
    for event in events:
        bounded.receive_event(event)
        free.receive_event(event)
    if not any(isinstance(event, HandoffRequested) for event in events):
        # What a request is compared with does depend on it.
        assert bounded.history == free.history


def test_a_filled_handoff_passes_through_and_changes_nothing() -> None:
    transcript = TranscriptAccumulator()
    _feed(transcript, InputTranscriptDelta("a"))
    filled = _handoff("r", active_transcript=())
    assert transcript.receive_event(filled) is filled
    assert transcript.pending == (_user("a"),)


def test_accumulating_twice_gives_what_accumulating_once_gives() -> None:
    first, second = TranscriptAccumulator(), TranscriptAccumulator()
    events = [InputTranscriptDelta("a"), OutputTranscriptDone("b"), _handoff("c")]
    once = [first.receive_event(event) for event in events]
    assert [second.receive_event(event) for event in once] == once


# -- the table, row by row ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "entries"),
    [
        ([InputTranscriptDelta("a"), InputTranscriptDelta("b")], [_user("ab")]),
        ([InputTranscriptDelta("a"), InputTranscriptDone("A")], [_user("A")]),
        ([InputTranscriptDelta("a"), InputTranscriptDone("")], [_user("a")]),
        (
            [InputTranscriptDelta("a"), OutputTranscriptDelta("x"), InputTranscriptDelta("b")],
            [_user("a"), _assistant("x"), _user("b")],
        ),
        (
            [InputTranscriptDelta("a"), InputAudioSpeechStarted(), InputTranscriptDelta("b")],
            [_user("a"), _user("b")],
        ),
        (
            [
                InputTranscriptDelta("a"),
                InputAudioSpeechStarted(),
                InputTranscriptDelta(""),
                InputTranscriptDelta("b"),
            ],
            [_user("ab")],
        ),
        (
            [OutputTranscriptDelta("a"), ResponseCreated(), OutputTranscriptDone("b")],
            [_assistant("a"), _assistant("b")],
        ),
        (
            [OutputTranscriptDone("a"), ResponseCreated(), InputTranscriptDone("b")],
            [_assistant("a"), _user("b")],
        ),
        ([InputTranscriptDone("a"), InputTranscriptDone("b")], [_user("b")]),
    ],
)
def test_a_row_of_the_table(events: list[Any], entries: list[TranscriptEntry]) -> None:
    transcript = TranscriptAccumulator()
    _feed(transcript, *events)
    assert list(transcript.pending) == entries


@pytest.mark.parametrize(
    ("said", "request_", "entries"),
    [
        ("do it", "do it", [_user("do it")]),
        (" do it\n", "do it ", [_user(" do it\n")]),
        ("other", " do it ", [_user("other"), _user("do it")]),
        ("other", "\u3000", [_user("other")]),
        ("do it", "\x1cdo it", [_user("do it"), _user("\x1cdo it")]),
    ],
)
def test_a_request_is_added_once(said: str, request_: str, entries: list[TranscriptEntry]) -> None:
    transcript = TranscriptAccumulator()
    handoff = _feed(transcript, InputTranscriptDelta(said), _handoff(request_))
    assert list(handoff.active_transcript) == entries
    assert handoff.input_transcript == request_


def test_a_request_that_the_assistant_said_is_added() -> None:
    transcript = TranscriptAccumulator()
    handoff = _feed(transcript, OutputTranscriptDelta("do it"), _handoff("do it"))
    assert handoff.active_transcript == (_assistant("do it"), _user("do it"))


def test_after_a_handoff_everything_is_new() -> None:
    transcript = TranscriptAccumulator()
    assert _feed(transcript, _handoff()).active_transcript == ()
    _feed(transcript, InputTranscriptDelta("a"), OutputTranscriptDelta("b"), _handoff())
    handoff = _feed(transcript, OutputTranscriptDelta("c"), InputTranscriptDelta("d"), _handoff())
    assert handoff.active_transcript == (_assistant("c"), _user("d"))


def test_after_a_handoff_everything_is_new_in_the_older_form_too() -> None:
    transcript = TranscriptAccumulator(max_size=None, drain=False)
    _feed(transcript, OutputTranscriptDelta("a"), _handoff(), OutputTranscriptDelta("b"))
    assert transcript.pending == (_assistant("b"),)
    _feed(transcript, InputTranscriptDelta("c"), _handoff(), InputTranscriptDelta("d"))
    assert transcript.pending == (_user("d"),)


def test_words_that_are_late_are_not_lost_behind_a_handoff() -> None:
    """Where a marker is kept instead, they would join an entry that was handed over."""
    events = [
        InputTranscriptDelta("a"),
        _handoff(),
        InputTranscriptDelta(""),
        InputTranscriptDelta("b"),
    ]
    transcript = TranscriptAccumulator()
    _feed(transcript, *events)
    assert transcript.pending == (_user("b"),)
    older = TranscriptAccumulator(max_size=None, drain=False)
    _feed(older, *events)
    assert older.pending == ()


# -- bounds -------------------------------------------------------------------------------------


def test_the_default_bound_is_upstream_s() -> None:
    transcript = TranscriptAccumulator()
    _feed(transcript, InputTranscriptDelta("a" * 8_185))
    assert transcript.pending == (_user("a" * 8_185),)
    assert transcript.bytes_dropped == 0
    _feed(transcript, InputTranscriptDelta("b"))
    (entry,) = transcript.pending
    assert entry.text == "…" + "a" * 8_181 + "b"
    assert transcript.bytes_dropped == 1
    _feed(transcript, OutputTranscriptDelta("c"))
    assert list(transcript.pending) == [_assistant("c")]
    assert transcript.bytes_dropped == 1 + 8_192
    assert transcript.history == (_user("a" * 8_185 + "b"), _assistant("c"))


def test_the_history_is_bounded_too() -> None:
    transcript = TranscriptAccumulator(max_history_size=30)
    for text in ("one", "two", "three"):
        _feed(transcript, InputTranscriptDone(text), _handoff())
    assert list(transcript.history) == [_user("two"), _user("three")]
    _feed(transcript, InputTranscriptDelta("x" * 40))
    assert list(transcript.history) == [_user("…" + "x" * 20)]
    assert TranscriptAccumulator(max_history_size=0).history == ()


def test_many_small_pieces_take_time_for_what_they_are() -> None:
    """A hundred thousand pieces of one entry, far beyond every bound: done in a moment."""
    entries = Entries(10_000)
    entries.add("user", "x")
    for _ in range(100_000):
        entries.extend_last("word ")
        assert entries._size <= 20_000 + 5
    (entry,) = entries.as_tuple()
    assert len(entry.text.encode()) == 10_000 - 7
    assert entries.bytes_dropped == 1 + 500_000 + 7 - 10_000


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"max_size": -1}, "max_size"),
        ({"max_history_size": -1}, "max_history_size"),
        ({"drain": False}, "max_size"),
    ],
)
def test_misuse_names_the_argument(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{named}: "):
        TranscriptAccumulator(**arguments)


# -- what it is for -----------------------------------------------------------------------------


def test_the_transcript_can_seed_a_new_session() -> None:
    transcript = TranscriptAccumulator()
    _feed(transcript, InputTranscriptDone("hi"), _handoff(), OutputTranscriptDone("hello"))
    items = transcript.seed_items()
    assert json.loads(json.dumps(items)) == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "hello"}],
        },
    ]


def test_it_does_not_print_what_was_said() -> None:
    transcript = TranscriptAccumulator()
    _feed(transcript, InputTranscriptDone("SECRET"))
    assert "SECRET" not in repr(transcript)
    assert "1 entries" in repr(transcript)


def test_wire_events_pass_through() -> None:
    transcript = TranscriptAccumulator()
    event = decode_realtime_event('{"type":"response.output_text.delta","delta":"a"}', "v2")
    assert transcript.receive_event(event) is event
    assert transcript.pending == ()
