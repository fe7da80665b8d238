"""Upstream's events as values: audio, discretion, equality."""

from __future__ import annotations

import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from codex_proto.realtime import (
    AudioFrame,
    AudioOut,
    ConversationItemAdded,
    HandoffRequested,
    InputTranscriptDelta,
    InputTranscriptDone,
    MalformedPart,
    OutputTranscriptDelta,
    OutputTranscriptDone,
    SessionUpdated,
    TranscriptEntry,
)


@given(st.binary(max_size=60))
def test_audio_is_base64_until_it_is_asked_for(pcm: bytes) -> None:
    assert AudioFrame(base64.b64encode(pcm).decode(), 24_000, 1).pcm() == pcm


@given(st.text("AQZ+/=-_ \né9", max_size=9))
def test_base64_is_read_strictly(text: str) -> None:
    """Whatever is decoded is spelled in the one way in which those bytes are spelled."""
    pcm = AudioFrame(text, 24_000, 1).pcm()
    if isinstance(pcm, bytes):
        assert base64.b64encode(pcm).decode() == text
    else:
        assert pcm.field == "data"
        assert pcm.raw == text.encode()
        try:
            decoded = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return
        assert base64.b64encode(decoded).decode() != text


@pytest.mark.parametrize("text", ["A", "AA", "AAA", "AB==", "AAB=", "AA==AA==", "A A=", "\ud800"])
def test_bad_base64_is_a_malformed_part(text: str) -> None:
    frame = AudioFrame(text, 24_000, 1)
    assert isinstance(frame.pcm(), MalformedPart)
    assert frame.duration_ms == 0


@pytest.mark.parametrize(
    ("frame", "milliseconds"),
    [
        (AudioFrame("A" * 6_400, 24_000, 1), 100),
        (AudioFrame("A" * 6_400, 24_000, 2), 50),
        (AudioFrame("A" * 6_400, 0, 0), 2_400_000),
        (AudioFrame("AAAA", 24_000, 1), 0),
        (AudioFrame("", 24_000, 1), 0),
        (AudioFrame("not base64", 24_000, 1, 480), 20),
        (AudioFrame("AAAA", 1, 1, 0), 0),
        (AudioFrame("AAAA", 44_100, 1, 44_099), 999),
    ],
)
def test_how_long_a_piece_plays(frame: AudioFrame, milliseconds: int) -> None:
    assert frame.duration_ms == milliseconds


@pytest.mark.parametrize(
    "event",
    [
        InputTranscriptDelta("SECRET"),
        InputTranscriptDone("SECRET"),
        OutputTranscriptDelta("SECRET"),
        OutputTranscriptDone("SECRET"),
        TranscriptEntry("user", "SECRET"),
        ConversationItemAdded(Raw(b'"SECRET"')),
        HandoffRequested("h", "i", "SECRET", (TranscriptEntry("user", "SECRET"),)),
        SessionUpdated("s", "SECRET"),
        AudioOut(AudioFrame("SECRET", 24_000, 1)),
    ],
)
def test_what_is_said_is_not_printed(event: object) -> None:
    assert "SECRET" not in repr(event)
    assert "<" in repr(event)


def test_events_are_values() -> None:
    assert ConversationItemAdded(Raw(b"{}")) == ConversationItemAdded(Raw(b"{}"))
    assert ConversationItemAdded(Raw(b'{"a":1}')).item == {"a": 1}
    assert ConversationItemAdded(Raw(b"null")).item is None
    handoff = HandoffRequested("h", "i", "t")
    assert handoff.active_transcript is None
    assert hash(handoff) == hash(HandoffRequested("h", "i", "t"))
    assert "input_transcript=<1 characters>" in repr(handoff)
