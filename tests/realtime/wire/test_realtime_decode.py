"""One realtime message at a time: what becomes of sound ones, and of all the others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    ROWS,
    ConversationItemAddedEvent,
    ConversationItemInputAudioTranscriptionDeltaEvent,
    InputAudioBufferSpeechStartedEvent,
    MalformedEvent,
    MalformedPart,
    RealtimeErrorEvent,
    RealtimeRow,
    RealtimeWireEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseOutputAudioDeltaEvent,
    ResponseOutputTextDeltaEvent,
    SessionUpdatedEvent,
    UnknownEvent,
    decode_realtime_event,
    encode_realtime_event,
)
from codex_proto.realtime.wire._decode import event_decoder
from tests.realtime.realtime_messages import messages, wire_messages


def _decode(message: object, **options: Any) -> Any:
    text = message if isinstance(message, str | bytes) else json.dumps(message)
    return decode_realtime_event(text, "v2", **options)


# -- properties ---------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.sampled_from(ROWS), st.data())
def test_round_trip(row: RealtimeRow, data: st.DataObject) -> None:
    message = data.draw(wire_messages(row))
    event: Any = decode_realtime_event(json.dumps(message), row.versions[0])
    assert type(event) is row.cls
    assert event.notes == ()
    assert json.loads(encode_realtime_event(event)) == message
    assert decode_realtime_event(encode_realtime_event(event), row.versions[0]) == event


@given(messages())
def test_what_was_wrong_goes_back_to_its_place(message: str) -> None:
    event = decode_realtime_event(message, "v1")
    again = decode_realtime_event(encode_realtime_event(event), "v1")
    assert again == event


@given(messages())
def test_the_slow_way_gives_what_the_fast_way_gives(message: str) -> None:
    event = decode_realtime_event(message, "v1")
    if not isinstance(event, MalformedEvent):
        assert event_decoder("v1").decode_irregular(message.encode()) == event


@given(st.binary() | messages().map(str.encode), st.data())
def test_no_bytes_raise(payload: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(payload)))
    put_in = data.draw(st.binary(max_size=3))
    for each in (payload, payload[:cut], payload[:cut] + put_in + payload[cut:]):
        event = decode_realtime_event(each, "v2")
        assert isinstance(event, RealtimeWireEvent | UnknownEvent | MalformedEvent)
        for name in dir(event):
            if not name.startswith("_"):
                getattr(event, name)
        repr(event)


@given(st.text(max_size=20) | messages())
def test_text_and_its_bytes_are_the_same_message(message: str) -> None:
    payload = message.encode("utf-8", "surrogatepass")
    from_text = decode_realtime_event(message, "v2")
    from_bytes = decode_realtime_event(payload, "v2")
    assert decode_realtime_event(bytearray(payload), "v2") == from_bytes
    assert decode_realtime_event(memoryview(payload), "v2") == from_bytes
    if isinstance(from_text, MalformedEvent) and isinstance(from_bytes, MalformedEvent):
        # Where it is wrong is told in characters of the one and bytes of the other.
        assert from_text.raw == from_bytes.raw
    else:
        assert from_text == from_bytes


# -- two levels of strictness -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({"type": "response.output_text.delta", "delta": 5}, "delta"),
        ({"type": "response.output_text.delta"}, "delta"),
        ({"type": "response.output_audio.delta", "delta": None}, "delta"),
        ({"type": "response.output_audio_transcript.done", "transcript": []}, "transcript"),
        ({"type": "conversation.item.added"}, "item"),
        ({"type": "session.updated"}, "session"),
        (
            {"type": "conversation.item.input_audio_transcription.delta", "delta": 1},
            "delta",
        ),
        (
            {"type": "conversation.item.input_audio_transcription.completed"},
            "transcript",
        ),
    ],
)
def test_an_event_is_nothing_without_what_upstream_needs_of_it(message: Any, named: str) -> None:
    event = _decode(message)
    assert isinstance(event, MalformedEvent)
    assert f"`{named}`" in event.reason
    assert json.loads(event.raw) == message


@pytest.mark.parametrize(
    ("message", "cls", "field"),
    [
        (
            {"type": "input_audio_buffer.speech_started", "item_id": 7},
            InputAudioBufferSpeechStartedEvent,
            "item_id",
        ),
        (
            {"type": "response.output_audio.delta", "delta": "AA", "sample_rate": 24000.0},
            ResponseOutputAudioDeltaEvent,
            "sample_rate",
        ),
        ({"type": "response.created", "response_id": {}}, ResponseCreatedEvent, "response_id"),
        ({"type": "error", "message": 5, "error": {"message": "x"}}, RealtimeErrorEvent, "message"),
        (
            {"type": "session.updated", "session": 1, "event_id": 4},
            SessionUpdatedEvent,
            "event_id",
        ),
    ],
)
def test_a_wrong_minor_member_is_noted(message: Any, cls: type[Any], field: str) -> None:
    event = _decode(message)
    assert type(event) is cls
    (note,) = event.notes
    assert (note.field, json.loads(note.raw)) == (field, message[field])
    assert json.loads(encode_realtime_event(event)) == message


def test_absent_and_null_differ() -> None:
    delta = {"type": "conversation.item.input_audio_transcription.delta"}
    absent, null = _decode(delta), _decode(delta | {"delta": None})
    assert type(absent) is type(null) is ConversationItemInputAudioTranscriptionDeltaEvent
    assert null.delta is None
    assert not absent.delta
    assert absent != null


@pytest.mark.parametrize(
    "unknown",
    [{"obfuscation": "x"}, {"rid": 1, "ts": [1, {"a": None}]}, {"previous_item_id": None}],
)
def test_a_delta_with_further_members_is_the_same_delta(unknown: dict[str, Any]) -> None:
    message = {"type": "response.output_text.delta", "delta": "a", "item_id": "i"}
    event = _decode(message | unknown)
    assert type(event) is ResponseOutputTextDeltaEvent
    assert (event.delta, event.item_id, event.notes) == ("a", "i", ())
    assert event.obfuscation == unknown.get("obfuscation", event.obfuscation)


def test_xai_leaves_out_the_part() -> None:
    event = _decode({"type": "response.content_part.done", "content": {"type": "audio"}})
    assert type(event) is ResponseContentPartDoneEvent
    assert event.part is None


def test_a_part_that_is_asked_for_may_be_malformed() -> None:
    event = _decode({"type": "session.updated", "session": "none"})
    assert isinstance(event.session, MalformedPart)
    assert event.session.raw == b'"none"'


# -- what is no event ---------------------------------------------------------------------------


def test_an_unknown_type_keeps_all_of_its_json() -> None:
    raw = b' {"a": [1e400], "type": "session.started"}'
    assert _decode(raw) == UnknownEvent("session.started", raw)


def test_version_1_has_types_of_its_own() -> None:
    message = '{"type":"conversation.output_transcript.delta","delta":"a"}'
    assert isinstance(decode_realtime_event(message, "v2"), UnknownEvent)
    assert isinstance(decode_realtime_event(message, "v1"), RealtimeWireEvent)


@pytest.mark.parametrize(
    "message",
    ["", "null", "[]", "5", "not json", "{}", '{"type":5}', '["session.updated"]', '{"type":"x"}}'],
)
def test_what_has_no_type_is_malformed(message: str) -> None:
    event = _decode(message)
    assert isinstance(event, MalformedEvent)
    assert event.raw == message.encode()
    assert event.reason


def test_the_last_of_two_types_counts() -> None:
    event = _decode('{"type":"error","type":"session.updated","session":{"id":"x"}}')
    assert type(event) is SessionUpdatedEvent


@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"error","x":"\xff"}',
        b'{"type":"response.output_text.delta","delta":"\xff"}',
        b'{"type":"response.output_text.delta","delta":"a","x":"\xff"}',
        b'{"type":"zzz","x":"\xc3"}',
        b'{"type":"conversation.item.added","item":"\xed\xa0\x80"}',
    ],
)
def test_invalid_utf8_is_malformed_wherever_it_is(payload: bytes) -> None:
    event = _decode(payload)
    assert isinstance(event, MalformedEvent)
    assert event.reason.startswith("invalid UTF-8 at byte")
    assert event.raw == payload


def test_a_lone_surrogate_in_text_is_malformed() -> None:
    event = _decode('{"type":"error","message":"\ud800"}')
    assert isinstance(event, MalformedEvent)
    assert event.reason == "lone surrogate at character 27"


@pytest.mark.parametrize("member", ["item", "other"])
@pytest.mark.parametrize("depth", [127, 128, 3_000, 100_000])
def test_the_depth_is_ours_to_limit(member: str, depth: int) -> None:
    nested = b"[" * (depth - 1) + b"]" * (depth - 1)
    item = b"" if member == "item" else b',"item":1'
    event = _decode(
        b'{"type":"conversation.item.added","%b":%b%b}' % (member.encode(), nested, item)
    )
    if depth <= 128:
        assert type(event) is ConversationItemAddedEvent
    else:
        assert isinstance(event, MalformedEvent)
        assert event.reason == "nested more than 128 levels deep"


def test_brackets_in_text_are_not_nesting() -> None:
    assert type(_decode({"type": "response.output_text.delta", "delta": "[" * 9_999})) is (
        ResponseOutputTextDeltaEvent
    )


# -- misuse -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((5, "v2"), "message"),
        (("{}", "v3"), "version"),
        (("{}", None), "version"),
    ],
)
def test_misuse_names_the_argument(arguments: Any, named: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{named}: "):
        decode_realtime_event(*arguments)


def test_a_depth_of_none_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match=r"^max_depth: "):
        _decode("{}", max_depth=0)


# -- discretion ---------------------------------------------------------------------------------


@given(messages())
@example('{"type":"conversation.item.added","item":{"content":"SECRET"}}')
def test_what_is_said_is_not_printed(message: str) -> None:
    said = {"delta", "text", "transcript", "item", "response", "part", "session", "arguments"}
    said |= {"logprobs", "data", "input_transcript"}
    value = json.loads(message)
    if not isinstance(value, dict):
        return
    secret = {name: "SECRET" if name in said else value[name] for name in value}
    event = _decode(json.dumps(secret))
    if isinstance(event, RealtimeWireEvent) and not event.notes:
        assert "SECRET" not in repr(event)


def test_what_is_not_said_is_printed() -> None:
    event = _decode('{"type":"error","error":{"code":"session_expired"}}')
    assert repr(event) == 'RealtimeErrorEvent(raw_error=<{"code":"session_expired"}>)'
    assert repr(_decode('{"type":"ping","timestamp":5}')) == "PingEvent(timestamp=5)"


def test_the_first_name_of_the_error_event_still_imports() -> None:
    from codex_proto.realtime import ErrorEvent, RealtimeErrorEvent

    assert ErrorEvent is RealtimeErrorEvent
