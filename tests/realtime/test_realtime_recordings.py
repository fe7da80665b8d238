"""Recorded realtime sessions: nothing malformed, nothing unknown, nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

import msgspec
import pytest
from msgspec import UNSET, Raw

from codex_proto.realtime import (
    ROWS,
    AudioOut,
    FullRealtimeEvent,
    MalformedEvent,
    MalformedPart,
    RealtimeDecoder,
    RealtimeWireEvent,
    ResponseDone,
    TranscriptAccumulator,
    UnknownEvent,
    decode_realtime_event,
    encode_realtime_event,
)
from tests.recordings import Recording, recordings

SERVER: Final = tuple(
    recording
    for recording in recordings("realtime", ".jsonl")
    if not recording.name.endswith(".client")
)
every_recording = pytest.mark.parametrize("recording", SERVER, ids=str)


def _messages(recording: Recording) -> list[bytes]:
    return recording.bytes.splitlines()


def _full(recording: Recording) -> list[FullRealtimeEvent]:
    decoder = RealtimeDecoder("v2", "full")
    return [event for m in _messages(recording) for event in decoder.receive_message(m)]


def test_the_recordings_are_there() -> None:
    assert len(SERVER) >= 20
    assert {recording.entry["provider"] for recording in SERVER} >= {"openai", "azure", "xai"}
    seen = {type_ for recording in SERVER for type_ in recording.entry["event_types"]}
    assert len(seen) == 37
    assert seen <= {row.type for row in ROWS}


@every_recording
def test_every_message_is_an_event_of_its_type(recording: Recording) -> None:
    events = _full(recording)
    assert not [event for event in events if isinstance(event, MalformedEvent | UnknownEvent)]
    wire = [event for event in events if isinstance(event, RealtimeWireEvent)]
    assert len(wire) == len(_messages(recording))
    assert [event.type for event in wire] == [json.loads(m)["type"] for m in _messages(recording)]
    assert Counter(event.type for event in wire) == recording.entry["event_types"]
    assert all(event.notes == () for event in wire)


@every_recording
def test_members_are_what_the_json_says(recording: Recording) -> None:
    for message in _messages(recording):
        plain = json.loads(message)
        event = decode_realtime_event(message, "v2")
        assert isinstance(event, RealtimeWireEvent)
        for field in msgspec.structs.fields(event):
            value: Any = getattr(event, field.name)
            if value is UNSET:
                assert field.encode_name not in plain
            elif isinstance(value, Raw):
                assert json.loads(bytes(value)) == plain[field.encode_name]
                part = getattr(event, field.encode_name)
                assert not isinstance(part, MalformedPart)
                assert part == plain[field.encode_name]
            else:
                assert value == plain[field.encode_name]


@every_recording
def test_round_trip(recording: Recording) -> None:
    for message in _messages(recording):
        event = decode_realtime_event(message, "v2")
        assert decode_realtime_event(encode_realtime_event(event), "v2") == event


@every_recording
def test_text_gives_what_bytes_give(recording: Recording) -> None:
    decoder = RealtimeDecoder("v2", "full")
    events = [e for m in _messages(recording) for e in decoder.receive_message(m.decode())]
    assert events == _full(recording)


@every_recording
def test_the_transcript_has_what_was_said_whole(recording: Recording) -> None:
    """The assistant's entries beside the final forms that the same session tells."""
    decoder, transcript = RealtimeDecoder("v2"), TranscriptAccumulator()
    for message in _messages(recording):
        for event in decoder.receive_message(message):
            transcript.receive_event(event)
    told = {
        "response.output_audio_transcript.done": "transcript",
        "response.output_text.done": "text",
    }
    final = [
        plain[told[plain["type"]]]
        for plain in map(json.loads, _messages(recording))
        if plain["type"] in told
    ]
    spoken = [entry.text for entry in transcript.pending if entry.role == "assistant"]
    # Words of the user's that come in between cut the pieces before them off.
    assert [text for text in spoken if text in final] == [text for text in final if text]


def test_audio_of_the_recordings_decodes() -> None:
    """Recorders shorten audio, but not to what is no base64."""
    frames = 0
    for recording in SERVER:
        decoder = RealtimeDecoder("v2")
        for message in _messages(recording):
            for event in decoder.receive_message(message):
                if isinstance(event, AudioOut):
                    frames += 1
                    pcm = event.frame.pcm()
                    assert isinstance(pcm, bytes)
                    assert event.frame.duration_ms == len(pcm) // 2 * 1000 // 24_000
                elif isinstance(event, ResponseDone):
                    assert event.response_id
    assert frames == 136
