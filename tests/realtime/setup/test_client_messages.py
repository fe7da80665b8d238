"""Client messages: as real clients send them, and read back as they were written."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto._wire import MalformedEvent, MalformedPart, UnknownEvent
from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    AudioFrame,
    ClientMessage,
    ConversationItemCreate,
    ConversationItemTruncate,
    InputAudioBufferAppend,
    RealtimeCommand,
    RealtimeSessionConfig,
    ResponseCancel,
    ResponseCreate,
    SessionUpdate,
    append_audio,
    cancel_response,
    clear_audio,
    commit_audio,
    create_item,
    create_response,
    decode_client_message,
    encode_client_message,
    function_output,
    handoff_append,
    session_update,
    text_item,
    truncate_audio,
    update_session,
)
from codex_proto.versions import WireVersion
from tests.realtime.client_frames import CAPTURES, client_frames, client_recordings, difference
from tests.recordings import DATA

if TYPE_CHECKING:
    from pathlib import Path

MAY: Final = WireVersion.V2026_05
AUGUST: Final = WireVersion.V2026_08
INSTRUCTIONS: Final = "backend prompt\n\nstartup context"
ACKNOWLEDGEMENT: Final = (
    "Background agent finished. Use the preceding [BACKEND] messages as the result."
)


def plain(message: RealtimeCommand) -> Any:
    return json.loads(encode_client_message(message))


# -- as real clients send them ------------------------------------------------------------------


def v1(wire: WireVersion) -> list[RealtimeCommand]:
    return [
        session_update(RealtimeSessionConfig(version="v1", instructions=INSTRUCTIONS)),
        handoff_append("handoff_1", "agent answer 1"),
        text_item("hello v1", version="v1", wire=wire),
    ]


def v2() -> list[RealtimeCommand]:
    return [
        session_update(RealtimeSessionConfig(instructions=INSTRUCTIONS)),
        text_item("[BACKEND] agent answer 1"),
        function_output("call_bg1", ACKNOWLEDGEMENT),
        create_response(),
        text_item("[USER] typed by user"),
        append_audio(b"\x05\x06\x07"),
        text_item("[BACKEND] agent answer 2"),
        function_output("call_bg2", ACKNOWLEDGEMENT),
        create_response(),
        function_output("call_sil1", ""),
    ]


MADE: Final[dict[str, list[RealtimeCommand]]] = {
    "e-128__v1-basic": v1(MAY),
    "e-169__v1-basic": v1(AUGUST),
    "e-128__v2-basic": v2(),
    "e-169__v2-basic": v2(),
    "e-128__v2-transcription": [session_update(RealtimeSessionConfig(mode="transcription"))],
    "sdk-3.54.0": [
        update_session(
            {"type": "realtime", "instructions": "be nice", "output_modalities": ["text"]}
        ),
        text_item("hi"),
        create_response(),
        append_audio(b"\x01\x02\x03"),
        clear_audio(),
    ],
}


@pytest.mark.parametrize("capture", CAPTURES)
def test_every_frame_of_real_clients_is_made_equal(capture: str) -> None:
    theirs = client_frames(capture)
    ours = [plain(message) for message in MADE[capture]]
    assert len(ours) == len(theirs)
    for made, sent in zip(ours, theirs, strict=True):
        assert difference(made, sent) is None


def test_the_comparison_sees_differences() -> None:
    one = {"a": 1, "b": ["x", {"c": "long… (900 characters)"}]}
    assert difference({"a": 1, "b": ["x", {"c": "anything"}]}, one) is None
    assert difference({"b": ["x", {"c": "y"}], "a": 1}, one) is not None
    assert difference({"a": 1, "b": ["x", {"c": ""}]}, one) is not None
    assert difference({"a": 1.0, "b": ["x", {"c": "y"}]}, one) is not None
    assert difference({"a": 1, "b": ["x"]}, one) is not None


def test_texts_are_compact_json() -> None:
    text = encode_client_message(text_item('é\u2028\x01"<'))
    assert text == (
        '{"type":"conversation.item.create","item":{"type":"message","role":"user",'
        '"content":[{"type":"input_text","text":"é\u2028\\u0001\\"<"}]}}'
    )


# -- recordings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", client_recordings(), ids=lambda path: path.name)
def test_recordings_decode_and_encode_json_equal(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        message = decode_client_message(line)
        assert isinstance(message, ClientMessage)
        assert message.notes == ()
        assert difference(plain(message), json.loads(line)) is None
        assert decode_client_message(encode_client_message(message)) == message


CATALOGUE: Final = (
    '{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[]}}',
    '{"event_id":"event_901","type":"conversation.item.delete","item_id":"item_003"}',
    '{"event_id":"event_901","type":"conversation.item.retrieve","item_id":"item_003"}',
    '{"type":"conversation.item.truncate","item_id":"i","content_index":0,"audio_end_ms":1500}',
    '{"event_id":"event_456","type":"input_audio_buffer.append","audio":"AAAA"}',
    '{"event_id":"event_012","type":"input_audio_buffer.clear"}',
    '{"event_id":"event_789","type":"input_audio_buffer.commit"}',
    '{"event_id":"mine","type":"output_audio_buffer.clear"}',
    '{"type":"response.cancel","response_id":"resp_12345"}',
    '{"type":"response.create"}',
    '{"type":"response.create","response":{"conversation":"none","tools":[],"input":[]}}',
    '{"type":"session.update","session":{"type":"realtime","tool_choice":"auto"}}',
    '{"type":"transcription_session.update","session":{"input_audio_format":"pcm16"}}',
    '{"event_id":"event_456","type":"session.input_audio_buffer.append","audio":"AAAA"}',
    '{"event_id":"event_789","type":"session.close"}',
    '{"type":"conversation.handoff.append","handoff_id":"h","output_text":"t"}',
)


def test_every_type_of_the_catalogue_has_its_class() -> None:
    seen = set()
    for line in CATALOGUE:
        message = decode_client_message(line)
        assert isinstance(message, ClientMessage)
        assert message.type == json.loads(line)["type"]
        assert plain(message) == json.loads(line)
        seen.add(type(message))
    assert seen == set(get_args(RealtimeCommand))


GROUPS: Final = json.loads((DATA / "catalogue_realtime_client.json").read_text(encoding="utf-8"))
ROWS: Final = [
    (type_, row)
    for name, group in GROUPS.items()
    if name != "source"
    for type_, row in group.items()
]


@pytest.mark.parametrize(("type_", "row"), ROWS, ids=lambda value: str(value)[:40])
def test_members_are_those_of_the_catalogue(type_: str, row: Any) -> None:
    examples = row["example"] if isinstance(row["example"], list) else [row["example"]]
    for example in examples:
        message = decode_client_message(json.dumps(example))
        assert isinstance(message, ClientMessage)
        assert message.notes == ()
        assert plain(message) == example
        fields = {
            field.encode_name: field.required
            for field in msgspec.structs.fields(message)
            if field.name != "wire_notes"
        }
        assert fields == {
            **{name: True for name in row["required"] if name != "type"},
            **dict.fromkeys(row["optional"], False),
        }
        assert message.type == type_


# -- reading what need not be right -------------------------------------------------------------


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_no_bytes_make_the_decoder_raise(message: bytes | str) -> None:
    decoded = decode_client_message(message)
    assert isinstance(decoded, ClientMessage | UnknownEvent | MalformedEvent)


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
MEMBERS: Final = sorted({name for line in CATALOGUE for name in json.loads(line)} - {"type"})


@given(
    st.sampled_from([json.loads(line)["type"] for line in CATALOGUE]),
    st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=4),
)
def test_any_members_give_a_value_that_goes_round(type_: str, members: dict[str, Any]) -> None:
    message = decode_client_message(json.dumps({"type": type_, **members}))
    if isinstance(message, MalformedEvent):
        return
    assert isinstance(message, ClientMessage)
    assert decode_client_message(encode_client_message(message)) == message
    for name in ("item", "session", "response"):
        getattr(message, name, None)
    assert repr(message)


def test_what_is_wrong_is_told() -> None:
    assert decode_client_message(b'{"type":"x.y","a":1}') == UnknownEvent(
        "x.y", b'{"type":"x.y","a":1}'
    )
    malformed = decode_client_message(b'{"type":"input_audio_buffer.append"}')
    assert isinstance(malformed, MalformedEvent)
    assert "audio" in malformed.reason
    assert isinstance(decode_client_message(b"[]"), MalformedEvent)
    assert isinstance(decode_client_message(b'{"type":"session.close","x":"\xff"}'), MalformedEvent)
    deep = b'{"type":"session.update","session":' + b"[" * 200 + b"]" * 200 + b"}"
    assert isinstance(decode_client_message(deep), MalformedEvent)
    assert isinstance(decode_client_message(deep, max_depth=300), SessionUpdate)
    noted = decode_client_message(b'{"type":"response.cancel","response_id":3}')
    assert isinstance(noted, ResponseCancel)
    assert [note.field for note in noted.notes] == ["response_id"]
    assert encode_client_message(noted) == '{"type":"response.cancel","response_id":3}'
    item = decode_client_message(b'{"type":"conversation.item.create","item":3}')
    assert isinstance(item, ConversationItemCreate)
    assert isinstance(item.item, MalformedPart)


def test_unknown_messages_can_be_sent_on() -> None:
    unknown = decode_client_message('{"type":"input_audio.append","audio":"AAAA"}')
    assert isinstance(unknown, UnknownEvent)
    assert encode_client_message(unknown) == '{"type":"input_audio.append","audio":"AAAA"}'


# -- builders -----------------------------------------------------------------------------------


@given(st.binary(max_size=50))
def test_audio_goes_out_as_base64_however_it_comes(pcm: bytes) -> None:
    text = base64.b64encode(pcm).decode()
    expected = InputAudioBufferAppend(audio=text)
    frame = AudioFrame(data=text, sample_rate=24_000, num_channels=1)
    for audio in (pcm, bytearray(pcm), memoryview(pcm), text, frame):
        assert append_audio(audio) == expected


@pytest.mark.parametrize("bad", ["x", "AAA", "AA=A", "AA A", "AAAA\n", "é===", 3, None])
def test_audio_that_is_none_is_refused(bad: Any) -> None:
    with pytest.raises(LocalProtocolError, match="audio"):
        append_audio(bad)


@given(st.sampled_from(["user", "developer", "system", "assistant"]), st.text())
def test_the_part_of_a_text_depends_on_its_role(role: str, text: str) -> None:
    part = "output_text" if role == "assistant" else "input_text"
    for version in ("v1", "v2"):
        item = plain(text_item(text, role=role, version=version))["item"]
        assert item == {
            "type": "message",
            "role": role,
            "content": [{"type": part, "text": text}],
        }


def test_in_may_only_version_1_has_parts_called_text() -> None:
    assert plain(text_item("t", version="v1", wire=MAY))["item"]["content"][0]["type"] == "text"
    assert plain(text_item("t", version="v2", wire=MAY))["item"]["content"][0]["type"] == (
        "input_text"
    )


def test_handoffs_of_version_1_have_a_heading_when_final() -> None:
    assert handoff_append("h", "t").output_text == '"Agent Final Message":\n\nt'
    assert handoff_append("h", "t", final=False).output_text == "t"


def test_the_small_ones() -> None:
    assert plain(cancel_response()) == {"type": "response.cancel"}
    assert plain(cancel_response("r")) == {"type": "response.cancel", "response_id": "r"}
    assert plain(commit_audio()) == {"type": "input_audio_buffer.commit"}
    assert truncate_audio("i", 12) == ConversationItemTruncate(
        item_id="i", content_index=0, audio_end_ms=12
    )
    created = create_item({"type": "item_reference", "id": "i"}, previous_item_id="root")
    assert plain(created)["previous_item_id"] == "root"
    assert created.item == {"type": "item_reference", "id": "i"}
    assert create_response({"conversation": "none"}).response == {"conversation": "none"}
    assert ResponseCreate().response is None


def test_misuse_names_the_argument() -> None:
    cases: list[tuple[str, Any]] = [
        ("role", lambda: text_item("t", role="nobody")),
        ("text", lambda: text_item("\ud800")),
        ("text", lambda: text_item(3)),  # type: ignore[arg-type]
        ("version", lambda: text_item("t", version="v3")),  # type: ignore[arg-type]
        ("wire", lambda: text_item("t", wire="2026")),  # type: ignore[arg-type]
        ("output", lambda: function_output("c", "\udfff")),
        ("call_id", lambda: function_output("\udfff", "")),
        ("handoff_id", lambda: handoff_append(None, "")),  # type: ignore[arg-type]
        ("audio_end_ms", lambda: truncate_audio("i", -1)),
        ("item", lambda: create_item({"a": object()})),
        ("session", lambda: update_session({"a": {1: 2}, "b": object()})),
        ("response", lambda: create_response({"a": object()})),
        ("message", lambda: encode_client_message("{}")),  # type: ignore[arg-type]
        ("message", lambda: encode_client_message(InputAudioBufferAppend(audio="\ud800"))),
        ("message", lambda: decode_client_message(3)),  # type: ignore[arg-type]
        ("max_depth", lambda: decode_client_message("{}", max_depth=0)),
    ]
    for argument, call in cases:
        with pytest.raises(LocalProtocolError, match=argument):
            call()


def test_what_was_said_is_in_no_repr() -> None:
    shown = repr(text_item("secret words")) + repr(handoff_append("h", "secret words"))
    shown += repr(append_audio("c2VjcmV0")) + repr(update_session({"instructions": "secret"}))
    assert "secret" not in shown
    assert "c2VjcmV0" not in shown
    assert "handoff_id='h'" in shown


def test_messages_are_values() -> None:
    message = text_item("t")
    assert message == text_item("t") != text_item("u")
    with pytest.raises(AttributeError):
        message.event_id = "e"  # type: ignore[misc]
    assert msgspec.structs.replace(message, event_id="e").event_id == "e"
