"""The realtime decoder: two profiles, one short way, and how a session ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import EventTooLarge, InvalidUtf8, LocalProtocolError, UnexpectedBinary
from codex_proto.realtime import (
    ROWS,
    AudioFrame,
    AudioOut,
    CodexRealtimeView,
    ConversationItemDone,
    ConversationItemDoneEvent,
    FullRealtimeView,
    HandoffRequested,
    MalformedEvent,
    NoopRequested,
    OutputTranscriptDelta,
    RealtimeDecoder,
    RealtimeError,
    RealtimeErrorEvent,
    ResponseDone,
    SessionClosed,
    UnknownEvent,
    decode_realtime_event,
)
from tests.realtime.realtime_messages import messages, wire_messages

VERSIONS = st.sampled_from(["v1", "v2"])
PROFILES = st.sampled_from(["codex", "full"])
ERROR = '{"type":"error","error":{"message":"no such item"}}'
DELTA = '{"type":"response.output_text.delta","delta":"a"}'


def _decoder(version: Any = "v2", profile: Any = "codex", **limits: int) -> RealtimeDecoder[Any]:
    return RealtimeDecoder(version, profile, **limits)


def _by_parts(message: str | bytes, version: Any, profile: Any, depth: int = 128) -> list[Any]:
    """What the decoder is put together from, without any short way."""
    view = CodexRealtimeView(version) if profile == "codex" else FullRealtimeView(version)
    events: list[Any] = list(
        view.receive_event(decode_realtime_event(message, version, max_depth=depth))
    )
    return events


def _call(**item: Any) -> str:
    item = {"type": "function_call", "id": "i", "call_id": "c"} | item
    return json.dumps({"type": "conversation.item.done", "item": item})


# -- the short way ------------------------------------------------------------------------------


@given(messages(), VERSIONS, PROFILES, st.integers(1, 6) | st.just(128), st.data())
def test_the_short_way_changes_nothing(
    message: str, version: str, profile: str, depth: int, data: st.DataObject
) -> None:
    payload = message.encode("utf-8", "surrogatepass")
    spoilt = data.draw(st.sampled_from([b"", b"\xff", b'"', b"{", b"[[", b"\\", b",", b" "]))
    at = data.draw(st.integers(0, len(payload)))
    for each in (message, payload, payload[:at] + spoilt + payload[at:]):
        decoder = _decoder(version, profile, max_depth=depth)
        assert decoder.receive_message(each) == _by_parts(each, version, profile, depth)


@given(st.sampled_from(ROWS), VERSIONS, PROFILES, st.data())
def test_nor_for_a_message_of_any_size(
    row: Any, version: str, profile: str, data: st.DataObject
) -> None:
    message = data.draw(wire_messages(row))
    for name in data.draw(st.sets(st.sampled_from(sorted(message)))) - {"type"}:
        if isinstance(message[name], str):
            message[name] *= data.draw(st.integers(1, 300))
    text = json.dumps(message, ensure_ascii=data.draw(st.booleans()))
    for each in (text, text.encode(), bytearray(text.encode())):
        decoder = _decoder(version, profile, max_depth=8)
        assert decoder.receive_message(each) == _by_parts(text, version, profile, 8)


@pytest.mark.parametrize("profile", ["codex", "full"])
def test_what_hides_in_a_delta_is_found(profile: str) -> None:
    audio = "A" * 6_400
    for hidden in (b'"x":"\xff"', b'"x":' + b"[" * 200 + b"]" * 200, b'"delta":"\xff"'):
        for members in (b'%b,"delta":"%b"', b'"delta":"%b",%b'):
            parts = (hidden, audio.encode()) if members[0] == 37 else (audio.encode(), hidden)
            payload = b'{"type":"response.output_audio.delta",' + members % parts + b"}"
            (event,) = _decoder("v2", "full").receive_message(payload)
            assert isinstance(event, MalformedEvent), payload[:99]
            assert _decoder("v2", profile).receive_message(payload) in ([], [event])


@pytest.mark.parametrize("padding", [0, 300])
@pytest.mark.parametrize("hidden", [b'"\xff"', b"[" * 200 + b"]" * 200])
@pytest.mark.parametrize("name", [b"item", b"x"])
def test_what_hides_in_another_event_is_found(name: bytes, hidden: bytes, padding: int) -> None:
    members = b'"%b":%b,"p":"%b"' % (name, hidden, b"p" * padding)
    members += b"" if name == b"item" else b',"item":{}'
    payload = b'{"type":"conversation.item.added",%b}' % members
    (event,) = _decoder("v2", "full").receive_message(payload)
    assert isinstance(event, MalformedEvent)
    assert _decoder("v2", "codex").receive_message(payload) == []


def test_raw_members_do_not_change_with_the_caller_s_buffer() -> None:
    buffer = bytearray(b'{"type":"conversation.item.added","item":{"id":"a"}}')
    (event,) = _decoder("v2", "full").receive_message(buffer)
    buffer[:] = b"x" * len(buffer)
    assert event.item == {"id": "a"}


# -- profiles -----------------------------------------------------------------------------------


@given(st.lists(messages(), max_size=5), VERSIONS)
def test_full_contains_codex(batch: list[str], version: Any) -> None:
    """Whatever upstream delivers is delivered: as itself, or as the wire event it is made of."""
    codex, full = _decoder(version, "codex"), _decoder(version, "full")
    view = CodexRealtimeView(version)
    for message in batch:
        wire, *carried = full.receive_message(message)
        events = codex.receive_message(message)
        assert view.receive_event(wire) == events
        assert carried in ([], events)
        if any(isinstance(event, HandoffRequested | NoopRequested) for event in events):
            assert carried == events


@given(st.lists(messages(), max_size=5), VERSIONS)
def test_what_codex_leaves_out_is_counted(batch: list[str], version: str) -> None:
    decoder = _decoder(version, "codex")
    events = [event for message in batch for event in decoder.receive_message(message)]
    assert len(events) + sum(decoder.left_out.values()) == len(batch)


def test_codex_gives_upstream_s_events() -> None:
    decoder = RealtimeDecoder("v2")
    assert decoder.receive_message('{"type":"response.done","response":{"id":"r"}}') == [
        ResponseDone("r")
    ]
    assert decoder.receive_message(
        '{"type":"response.audio.delta","delta":"AAAA","item_id":"i"}'
    ) == [AudioOut(AudioFrame("AAAA", 24_000, 1, None, "i"))]
    assert decoder.receive_message(DELTA) == [OutputTranscriptDelta("a")]
    assert decoder.receive_message('{"type":"session.created","session":{}}') == []
    assert decoder.receive_message('{"type":"x"}') == []
    assert decoder.left_out == {"SessionCreatedEvent": 1, "UnknownEvent": 1}


def test_full_gives_the_handoff_beside_its_item() -> None:
    decoder = RealtimeDecoder("v2", "full")
    item, handoff = decoder.receive_message(_call(name="background_agent", arguments="do it"))
    assert type(item) is ConversationItemDoneEvent
    assert handoff == HandoffRequested("c", "i", "do it")
    item, noop = decoder.receive_message(_call(name="remain_silent"))
    assert noop == NoopRequested("c", "i")
    assert len(decoder.receive_message(_call(name="other"))) == 1


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"name": "background_agent", "call_id": None}, HandoffRequested("i", "i", "")),
        ({"name": "background_agent", "id": 5}, HandoffRequested("c", "c", "")),
        ({"name": "background_agent", "id": 5, "call_id": 5}, None),
        ({"name": "remain_silent", "id": None}, NoopRequested("c", "c")),
        ({"name": "remain_silent", "type": "message"}, ConversationItemDone("i")),
        ({"name": 7}, ConversationItemDone("i")),
        ({"name": "background_agent", "arguments": 5}, HandoffRequested("c", "i", "")),
    ],
)
def test_whose_call_it_is(item: dict[str, Any], expected: Any) -> None:
    assert RealtimeDecoder("v2").receive_message(_call(**item)) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("arguments", "request_"),
    [
        ('{"prompt":"p","input_transcript":"t"}', "t"),
        ('{"input":"i","input_transcript":"t"}', "t"),
        ('{"text":"x","input":"i"}', "i"),
        ('{"query":"q","text":" x "}', "x"),
        ('{"query":"q","prompt":"p"}', "p"),
        ('{"input":"  ","prompt":5,"query":"q"}', "q"),
        ('{"input":"\\u00a0\\u2028"}', '{"input":"\\u00a0\\u2028"}'),
        ('{"prompt":"\\u001cq"}', "\x1cq"),
        ('{"other":"x"}', '{"other":"x"}'),
        ("[1]", "[1]"),
        (" plain words ", " plain words "),
        ('{"prompt":"p"', '{"prompt":"p"'),
        ('{"prompt":"p","x":%s}' % ("[" * 200 + "]" * 200), None),
    ],
)
def test_the_request_in_the_arguments(arguments: str, request_: str | None) -> None:
    message = _call(name="background_agent", arguments=arguments)
    (event,) = RealtimeDecoder("v2").receive_message(message)
    assert isinstance(event, HandoffRequested)
    assert event.input_transcript == (arguments if request_ is None else request_)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"delta": "AA", "data": "BB", "channels": 2}, AudioFrame("AA", 8_000, 2)),
        ({"delta": 5, "data": "BB", "num_channels": 2}, AudioFrame("BB", 8_000, 2)),
        ({"data": "BB", "channels": 0, "item_id": "i"}, AudioFrame("BB", 8_000, 0)),
        ({"data": "BB", "channels": None, "num_channels": 2}, None),
        ({"data": "BB", "channels": "1", "num_channels": 2}, None),
        ({"data": "BB", "channels": 65_536}, None),
        ({"data": "BB"}, None),
        ({"channels": 1}, None),
        (
            {"data": "BB", "channels": 1, "samples_per_channel": 9},
            AudioFrame("BB", 8_000, 1, 9),
        ),
    ],
)
def test_audio_of_version_1(members: dict[str, Any], expected: AudioFrame | None) -> None:
    message = {"type": "conversation.output_audio.delta", "sample_rate": 8_000} | members
    events = RealtimeDecoder("v1").receive_message(json.dumps(message))
    assert events == ([] if expected is None else [AudioOut(expected)])
    assert RealtimeDecoder("v1").receive_message(json.dumps(message | {"sample_rate": -1})) == []
    assert RealtimeDecoder("v2").receive_message(json.dumps(message)) == []


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"message": "m", "error": {"message": "x"}}, "m"),
        ({"message": None, "error": {"message": "x"}}, "x"),
        ({"error": {"message": 5, "n": 1.0, "é": [1, 2**70, -0]}}, None),
        ({"error": None}, "null"),
        ({}, ""),
    ],
)
def test_what_an_error_says(members: dict[str, Any], message: str | None) -> None:
    events = RealtimeDecoder("v2").receive_message(json.dumps({"type": "error"} | members))
    if message is None:
        message = '{"message":5,"n":1.0,"é":[1,1.1805916207174113e+21,0]}'
    assert events == ([RealtimeError(message)] if message else [])


# -- the end ------------------------------------------------------------------------------------


def test_an_error_is_the_outcome_in_codex_and_not_in_full() -> None:
    codex, full = _decoder("v2", "codex"), _decoder("v2", "full")
    assert codex.receive_message(ERROR) == [RealtimeError("no such item")]
    assert codex.outcome == RealtimeError("no such item")
    (event,) = full.receive_message(ERROR)
    assert type(event) is RealtimeErrorEvent
    assert full.outcome is None
    # Upstream's reader goes on after an error; it is the conversation that ends.
    assert codex.receive_message(DELTA) == [OutputTranscriptDelta("a")]
    codex.receive_message('{"type":"error","message":"another"}')
    codex.receive_close(1000)
    assert codex.outcome == RealtimeError("no such item")
    assert codex.closed == SessionClosed(1000)


@pytest.mark.parametrize("profile", ["codex", "full"])
def test_a_binary_message_is_the_end(profile: str) -> None:
    decoder = _decoder("v2", profile)
    (error,) = decoder.receive_binary()
    assert isinstance(error, RealtimeError)
    assert error == RealtimeError(str(UnexpectedBinary()), error=UnexpectedBinary())
    assert decoder.outcome == error
    assert decoder.receive_message(DELTA) == []
    assert decoder.receive_binary() == []
    assert decoder.messages_discarded == 2
    decoder.receive_eof()
    assert decoder.outcome == error


def test_the_first_failure_is_the_outcome() -> None:
    decoder = RealtimeDecoder("v2")
    decoder.receive_message(ERROR)
    assert len(decoder.receive_binary()) == 1
    assert decoder.outcome == RealtimeError("no such item")


def test_a_close_ends_the_events() -> None:
    decoder = RealtimeDecoder("v2")
    assert decoder.receive_close(4000, "invalid_request_error.invalid_model") == []
    assert decoder.receive_eof() == []
    assert decoder.outcome == SessionClosed(4000, "invalid_request_error.invalid_model")
    full = RealtimeDecoder("v2", "full")
    assert full.receive_eof() == [SessionClosed(None, None)]
    assert full.receive_close(1000) == []
    for ended in (decoder, full):
        for receive in (lambda e=ended: e.receive_message(DELTA), ended.receive_binary):
            with pytest.raises(LocalProtocolError, match="after the end of the session"):
                receive()
        assert ended.receive_error(InvalidUtf8()) == []


@pytest.mark.parametrize("profile", ["codex", "full"])
def test_a_transport_error_is_told(profile: str) -> None:
    decoder = _decoder("v2", profile)
    failed = RealtimeError("reset", error=InvalidUtf8("reset"))
    assert decoder.receive_error(InvalidUtf8("reset")) == [failed]
    assert decoder.outcome == failed
    with pytest.raises(LocalProtocolError, match=r"^error: "):
        decoder.receive_error(OSError())  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 1009, 1011, 3000, 4000, 4999])
def test_what_a_close_means(code: int | None) -> None:
    closed = SessionClosed(code, "because")
    assert closed.explanation.endswith(".")
    assert closed.is_clean == (code == 1000)
    assert closed.is_refusal == (code in {1009, 3000, 4000})
    assert ("key" in closed.explanation) == (code == 3000)
    assert ("model does not exist" in closed.explanation) == (code == 4000)


# -- limits and misuse --------------------------------------------------------------------------


@given(st.integers(1, 400), st.integers(0, 100), PROFILES, st.sampled_from("aé😀"))
def test_the_size_of_a_message_is_limited_in_bytes(
    limit: int, length: int, profile: str, character: str
) -> None:
    text = json.dumps(
        {"type": "response.output_text.delta", "delta": character * length}, ensure_ascii=False
    )
    for message in (text, text.encode()):
        decoder = _decoder("v2", profile, max_event_size=limit)
        (event,) = decoder.receive_message(message)
        assert isinstance(event, RealtimeError) == (len(text.encode()) > limit)
        if isinstance(event, RealtimeError):
            assert event.error == EventTooLarge(limit_name="max_event_size", limit=limit)
            assert event.message == str(event.error)
            assert decoder.outcome == event
            assert decoder.receive_message("{}") == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"version": "v3"}, "version"),
        ({"profile": "raw"}, "profile"),
        ({"max_event_size": 0}, "max_event_size"),
        ({"max_depth": 0}, "max_depth"),
    ],
)
def test_misuse_names_the_argument(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{named}: "):
        _decoder(**arguments)


def test_a_message_is_text_or_bytes() -> None:
    with pytest.raises(LocalProtocolError, match=r"^message: "):
        RealtimeDecoder("v2").receive_message(5)  # type: ignore[arg-type]


def test_text_of_a_class_of_its_own_is_text() -> None:
    class Text(str):
        __slots__ = ()

    assert RealtimeDecoder("v2").receive_message(Text(DELTA)) == [OutputTranscriptDelta("a")]
    (event,) = RealtimeDecoder("v2", "full").receive_message(Text('{"type":"é"}'))
    assert event == UnknownEvent("é", '{"type":"é"}'.encode())
