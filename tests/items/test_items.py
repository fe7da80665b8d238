"""Items: decoding, what stands in for what is not known, encoding by version, builders."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from msgspec import UNSET

from codex_proto._wire import UnknownPart
from codex_proto.errors import LocalProtocolError
from codex_proto.items import (
    ITEM_CLASSES,
    OTHER,
    Compaction,
    CompactionSummary,
    CustomToolCall,
    CustomToolCallOutput,
    EncryptedContent,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    InputImage,
    InputText,
    ItemReference,
    LocalShellCall,
    LocalShellExec,
    Message,
    OutputText,
    PassthroughMetadata,
    Refusal,
    ResponseItem,
    SearchAction,
    ToolSearchCall,
    UnknownItem,
    WebSearchCall,
    codex_item,
    decode_content_part,
    decode_item,
    decode_items,
    encode_item,
    encode_item_lossless,
    tool_output_text,
)
from codex_proto.items import _builders as build
from codex_proto.items._ids import ID_PREFIXES, is_sendable_id, stamp_create_time, with_new_id
from codex_proto.items._policies import POLICIES
from codex_proto.responses import MalformedPart
from codex_proto.versions import WireVersion
from tests.items.item_samples import SAMPLES

MAY, AUGUST = WireVersion.V2026_05, WireVersion.V2026_08


def decode(item: Any) -> Any:
    return decode_item("item", json.dumps(item).encode())


def sent(item: Any, version: WireVersion = AUGUST, **how: bool) -> Any:
    return json.loads(encode_item(item, version, **how))


# -- decoding -----------------------------------------------------------------------------------


def test_there_is_a_sample_of_every_type() -> None:
    assert SAMPLES.keys() == ITEM_CLASSES.keys()


@pytest.mark.parametrize("type_", sorted(SAMPLES))
def test_every_type_is_typed_and_nothing_is_lost(type_: str) -> None:
    item = decode(SAMPLES[type_])
    assert type(item) is ITEM_CLASSES[type_]
    assert item.type == type_
    assert item.notes == ()
    assert json.loads(encode_item_lossless(item)) == SAMPLES[type_]
    assert next(iter(json.loads(encode_item_lossless(item)))) == "type"
    assert copy.deepcopy(item) == item


@pytest.mark.parametrize("type_", sorted(SAMPLES))
def test_a_member_that_is_null_stays_null(type_: str) -> None:
    for name in SAMPLES[type_].keys() - {"type"}:
        item = decode({**SAMPLES[type_], name: None})
        if isinstance(item, MalformedPart):
            continue
        assert json.loads(encode_item_lossless(item))[name] is None


def test_absent_is_not_null() -> None:
    absent = decode({"type": "reasoning", "summary": []})
    null = decode({"type": "reasoning", "summary": [], "content": None})
    assert absent.content is UNSET
    assert null.content is None
    assert absent != null


def test_an_unknown_item_is_kept_whole() -> None:
    raw = b'{"type": "future_call", "x": [1, 2.50]}'
    item = decode_item("item", raw)
    assert item == UnknownItem("future_call", raw)
    assert encode_item_lossless(item) == raw
    assert encode_item(item) == raw


def test_an_unknown_part_is_kept_whole_beside_the_others() -> None:
    parts = [{"type": "output_text", "text": "a"}, {"type": "future_part", "x": 1}]
    item = decode({"type": "message", "role": "assistant", "content": parts})
    assert item.content == (
        OutputText(text="a"),
        UnknownPart("future_part", b'{"type": "future_part", "x": 1}'),
    )
    assert item.notes == ()
    assert item.text == "a"
    assert codex_item(item) is None
    assert sent(item)["content"] == parts


def test_unknown_annotations_and_actions_are_kept_whole() -> None:
    annotation = {"type": "future_citation", "x": 1}
    part = {"type": "output_text", "text": "a", "annotations": [annotation]}
    item = decode({"type": "message", "role": "assistant", "content": [part]})
    (kept,) = item.content[0].annotations
    assert json.loads(kept.raw) == annotation
    call = decode({"type": "web_search_call", "action": {"type": "future", "x": 1}})
    assert isinstance(call.action, UnknownPart)
    assert codex_item(call) == WebSearchCall(action=UnknownPart("other", b'{"type":"other"}'))


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "role": 5, "content": []},
        {"type": "message", "role": "assistant"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text"}]},
        {"type": "message", "role": "assistant", "content": [{"text": "no type"}]},
        {"type": "message", "role": "assistant", "content": ["text"]},
        {"type": "message", "role": "assistant", "content": [], "phase": 1},
        {"type": "function_call", "name": "n", "arguments": {}, "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": {}},
        {"type": "local_shell_call", "status": "completed", "action": {"type": "exec"}},
        {"type": "web_search_call", "action": {"type": "search", "query": 5}},
        {"type": "compaction"},
        {"type": 5},
        {"type": None},
        {"no": "type"},
        ["message"],
        "message",
        None,
    ],
)
def test_a_wrong_member_that_upstream_reads_makes_no_item(item: Any) -> None:
    decoded = decode(item)
    assert isinstance(decoded, MalformedPart)
    assert (decoded.field, decoded.raw) == ("item", json.dumps(item).encode())
    assert decoded.reason


def test_a_wrong_member_that_upstream_does_not_read_is_noted() -> None:
    item = decode(
        {
            "type": "message",
            "status": 5,
            "role": "assistant",
            "content": [{"type": "output_text", "text": "a", "annotations": 3}],
        }
    )
    assert item.status is UNSET
    assert [(note.field, note.raw) for note in item.notes] == [("status", b"5")]
    (part,) = item.content
    assert [(note.field, note.raw) for note in part.notes] == [("annotations", b"3")]
    assert json.loads(encode_item_lossless(item))["status"] == 5
    assert json.loads(encode_item_lossless(item))["content"][0]["annotations"] == 3
    assert codex_item(item) == Message(role="assistant", content=(OutputText(text="a"),))


@pytest.mark.parametrize("given", [{}, {"type": None}])
def test_a_message_without_a_type_is_one_and_says_so(given: dict[str, None]) -> None:
    raw = {**given, "role": "user", "content": "hi"}
    item = decode(raw)
    assert isinstance(item, Message)
    assert item.text == "hi"
    assert [note.field for note in item.notes] == ["type"]
    assert json.loads(encode_item_lossless(item)) == raw
    assert codex_item(item) is None
    assert sent(item) == {"type": "message", "role": "user", "content": "hi"}


def test_a_reference_without_a_type_is_one() -> None:
    item = decode({"id": "msg_1"})
    assert isinstance(item, ItemReference)
    assert json.loads(encode_item_lossless(item)) == {"id": "msg_1"}


def test_of_a_member_that_comes_twice_the_last_counts() -> None:
    raw = b'{"type":"future","type":"message","role":"a","role":"b","content":[]}'
    assert decode_item("item", raw) == Message(role="b", content=())


def test_bytes_that_are_no_json() -> None:
    for raw in (b"", b"{", b'{"type":"message"', b'{"type":"x","y":"\xff"}', b'{"type":"\\ud800"}'):
        assert isinstance(decode_item("item", raw), MalformedPart)


def test_depth_is_limited_by_us() -> None:
    for depth, is_read in ((126, True), (128, False), (100_000, False)):
        nested = b"[" * depth + b"]" * depth
        raw = b'{"type":"tool_search_call","execution":"client","arguments":' + nested + b"}"
        assert isinstance(decode_item("item", raw), ToolSearchCall) is is_read
        assert isinstance(decode_items("output", b"[" + raw + b"]"), tuple) is is_read
    assert isinstance(decode_item("item", b'{"type":"a","b":[[]]}', max_depth=2), MalformedPart)


def test_lists_of_items() -> None:
    assert decode_items("output", b"null") == ()
    assert decode_items("output", b"[]") == ()
    assert isinstance(decode_items("output", b"{}"), MalformedPart)
    one, two = decode_items("output", b'[{"type":"compaction_trigger"}, 5]')  # type: ignore[misc]
    assert isinstance(one, ResponseItem)
    assert isinstance(two, MalformedPart)
    assert two.field == "output"


def test_content_parts_alone() -> None:
    assert decode_content_part("part", b'{"type":"refusal","refusal":"no"}') == Refusal(
        refusal="no"
    )
    assert isinstance(decode_content_part("part", b'{"type":"zz"}'), UnknownPart)
    assert isinstance(decode_content_part("part", b"5"), MalformedPart)
    assert isinstance(decode_content_part("part", b'{"type":"output_text"}'), MalformedPart)


def test_unknown_parts_are_values() -> None:
    part = UnknownPart("a", b"{}")
    assert part == UnknownPart("a", b"{}") != UnknownPart("b", b"{}")
    assert part != "a"
    assert hash(part) == hash(copy.copy(part))
    with pytest.raises(AttributeError):
        part.type = "b"
    with pytest.raises(AttributeError):
        del part.type
    assert repr(part) == "UnknownPart(type='a', raw=b'{}')"


def test_texts() -> None:
    reasoning = decode(SAMPLES["reasoning"])
    assert (reasoning.summary_text, reasoning.text) == ("one\n\ntwo", "ab")
    assert decode(SAMPLES["function_call_output"]).text == "one"
    assert decode(SAMPLES["custom_tool_call_output"]).text == "Done"
    assert decode(SAMPLES["multi_agent_call_output"]).text == "t"
    assert tool_output_text(()) is None
    blank = (InputText(text=" "), InputText(text="a"), InputText(text="b"))
    assert tool_output_text(blank) == "a\nb"


def test_a_repr_shows_what_is_there() -> None:
    assert repr(Message(role="user", content="hi")) == "Message(role='user', content='hi')"


# -- as upstream reads it -----------------------------------------------------------------------


def test_compaction_has_two_names() -> None:
    item = decode(SAMPLES["compaction_summary"])
    assert isinstance(item, CompactionSummary)
    assert isinstance(item, Compaction)
    assert codex_item(item) == Compaction(id="cmp_2", encrypted_content="gAAA")
    assert sent(item) == {"type": "compaction", "id": "cmp_2", "encrypted_content": "gAAA"}


KNOWN_SINCE_AUGUST = {"compaction_trigger", "additional_tools", "agent_message"}
KNOWN_IN_BOTH = {
    *("message", "reasoning", "function_call", "function_call_output", "custom_tool_call"),
    *("custom_tool_call_output", "local_shell_call", "tool_search_call", "tool_search_output"),
    *("web_search_call", "image_generation_call", "compaction", "compaction_summary"),
    "context_compaction",
}


@pytest.mark.parametrize("type_", sorted(SAMPLES))
def test_which_types_upstream_knows(type_: str) -> None:
    item: Any = decode(SAMPLES[type_])
    known = {version for version in WireVersion if codex_item(item, version) not in (OTHER, None)}
    expected = {AUGUST} if type_ in KNOWN_SINCE_AUGUST else set(WireVersion)
    if type_ == "function_call_output":
        # Sound and encrypted parts came after May, which drops an item that has one.
        expected = {AUGUST}
        assert codex_item(item, MAY) is None
    assert known == (expected if type_ in KNOWN_IN_BOTH | KNOWN_SINCE_AUGUST else set())


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "role": "assistant", "content": "text"},
        {"type": "message", "role": "assistant", "content": [], "phase": "analysis"},
        {"type": "message", "role": "a", "content": [{"type": "refusal", "refusal": "no"}]},
        {"type": "message", "role": "a", "content": [{"type": "input_image", "file_id": "f"}]},
        {
            "type": "message",
            "role": "a",
            "content": [{"type": "input_image", "image_url": "u", "detail": "huge"}],
        },
        {"type": "local_shell_call", "status": "odd", "action": {"type": "exec", "command": []}},
        {
            "type": "local_shell_call",
            "status": "completed",
            "action": {"type": "exec", "command": [], "timeout_ms": -1},
        },
        {"type": "local_shell_call", "status": "completed", "action": {"type": "future"}},
        {"type": "image_generation_call", "id": "ig_1", "status": "s", "result": None},
        {"type": "tool_search_call", "arguments": {}},
        {"type": "reasoning", "summary": [{"type": "text", "text": "a"}]},
    ],
)
def test_what_is_kept_though_upstream_drops_it(item: Any) -> None:
    decoded = decode(item)
    assert codex_item(decoded) is None
    assert isinstance(decoded, ResponseItem)
    assert decoded.notes == ()


def test_every_row_of_the_table_names_members_that_exist() -> None:
    for cls, policy in POLICIES.items():
        fields = set(cls.__struct_fields__)
        for member in policy.members:
            assert member.name in fields, (cls, member.name)
            assert all(part in POLICIES for part in member.parts)


# -- as it is sent ------------------------------------------------------------------------------


def test_a_message_is_sent_without_what_upstream_drops() -> None:
    item = decode(SAMPLES["message"])
    content = [{"type": "output_text", "text": "See "}, {"type": "input_text", "text": "this."}]
    assert sent(item) == {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "content": content,
        "phase": "final_answer",
        "internal_chat_message_metadata_passthrough": {
            "turn_id": "turn_1",
            "create_time": 1780000000.5,
        },
    }
    assert list(sent(item))[:3] == ["type", "id", "role"]
    assert sent(item, MAY) == {
        "type": "message",
        "role": "assistant",
        "content": content,
        "phase": "final_answer",
    }
    assert "internal_chat_message_metadata_passthrough" not in sent(item, first_party=False)


@pytest.mark.parametrize(
    ("content", "written"),
    [
        ({}, {"content": None}),
        ({"content": None}, {"content": None}),
        ({"content": []}, {}),
        ({"content": [{"type": "text", "text": "a"}]}, {}),
        (
            {"content": [{"type": "reasoning_text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"content": [{"type": "reasoning_text", "text": "a"}, {"type": "text", "text": "b"}]},
        ),
    ],
)
def test_reasoning_is_sent_by_its_own_rules(content: Any, written: Any) -> None:
    item = decode({"type": "reasoning", "id": "rs_1", "summary": [], **content})
    common = {"type": "reasoning", "summary": [], "encrypted_content": None, **written}
    assert sent(item, MAY) == common
    assert sent(item) == {**common, "id": "rs_1"}


def test_local_shell_options_are_sent_as_null() -> None:
    item = LocalShellCall(status="completed", action=LocalShellExec(command=("ls",)))
    assert sent(item) == {
        "type": "local_shell_call",
        "call_id": None,
        "status": "completed",
        "action": {
            "type": "exec",
            "command": ["ls"],
            "timeout_ms": None,
            "working_directory": None,
            "env": None,
            "user": None,
        },
    }


def test_new_members_are_sent_since_august() -> None:
    call = decode(SAMPLES["function_call"])
    assert sent(call).keys() - sent(call, MAY).keys() == {"id", "encrypted_function_args"}
    assert "encrypted_function_args" not in sent(call, first_party=False)
    output = FunctionCallOutput(call_id="c", name="n", namespace="s", output="o")
    assert sent(output, MAY) == {"type": "function_call_output", "call_id": "c", "output": "o"}
    assert sent(output).keys() == {"type", "call_id", "name", "namespace", "output"}
    search = WebSearchCall(action=SearchAction(query="q", sources=[1]))
    assert sent(search)["action"] == {"type": "search", "query": "q"}


@pytest.mark.parametrize("id_", ["abc", "_abc", "abc_", "", None])
def test_ids_without_a_prefix_stay_at_home(id_: str | None) -> None:
    assert not is_sendable_id(id_)
    item = Message(id=id_, role="user", content=())
    assert "id" not in sent(item)


def test_the_id_of_an_image_was_always_sent() -> None:
    item = decode({**SAMPLES["image_generation_call"], "id": "odd"})
    assert sent(item, MAY)["id"] == "odd"
    assert "id" not in sent(item)


@pytest.mark.parametrize("type_", sorted(SAMPLES))
def test_ids_for_azure(type_: str) -> None:
    item = decode(SAMPLES[type_])
    plain, azure = sent(item, MAY), sent(item, MAY, azure_ids=True)
    if type_ in {
        *("reasoning", "message", "web_search_call", "function_call", "tool_search_call"),
        *("local_shell_call", "custom_tool_call"),
    }:
        assert azure == {**plain, "id": SAMPLES[type_]["id"]}
        assert list(azure)[-1] == "id"
        assert sent(item, azure_ids=True) == sent(item)
    else:
        assert azure == plain


@pytest.mark.parametrize("version", WireVersion)
def test_types_that_upstream_does_not_know_are_sent_whole(version: WireVersion) -> None:
    for type_ in SAMPLES.keys() - KNOWN_IN_BOTH - KNOWN_SINCE_AUGUST:
        assert sent(decode(SAMPLES[type_]), version) == SAMPLES[type_]


@pytest.mark.parametrize("encode", [encode_item, encode_item_lossless])
def test_only_items_can_be_encoded(encode: Any) -> None:
    malformed = decode({"type": 5})
    for wrong in (malformed, None, {"type": "message"}, b"{}", InputText(text="a")):
        with pytest.raises(LocalProtocolError, match=r"^item: "):
            encode(wrong)
    with pytest.raises(LocalProtocolError, match=r"^item: cannot be written"):
        encode(ToolSearchCall(execution="client", arguments=object()))


# -- ids and times ------------------------------------------------------------------------------


def test_new_ids() -> None:
    item = with_new_id(build.user_message("hi"), "0199")
    assert item.id == "msg_0199"
    assert with_new_id(item, "0200") is item
    assert all(is_sendable_id(f"{prefix}_1") for prefix in ID_PREFIXES.values())
    assert ID_PREFIXES.keys() <= ITEM_CLASSES.keys()
    with pytest.raises(LocalProtocolError, match=r"^unique: "):
        with_new_id(build.user_message("hi"), "")
    with pytest.raises(LocalProtocolError, match=r"^item: "):
        with_new_id(build.compaction_trigger(), "1")


def test_times() -> None:
    item = stamp_create_time(build.user_message("hi"), 5.5)
    assert item.passthrough == PassthroughMetadata(create_time=5.5)
    assert stamp_create_time(item, 6.0) is item
    answer = build.assistant_message("hi")
    assert stamp_create_time(answer, 5.5) is answer
    call = decode(SAMPLES["function_call"])
    assert stamp_create_time(call, 5.5) is call
    output = build.tool_output(call, "done")
    assert sent(stamp_create_time(output, 5.5))["internal_chat_message_metadata_passthrough"] == {
        "create_time": 5.5
    }


# -- builders -----------------------------------------------------------------------------------


def test_messages() -> None:
    assert sent(build.user_message("hi", build.image("https://a", "low"))) == {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "hi"},
            {"type": "input_image", "image_url": "https://a", "detail": "low"},
        ],
    }
    assert build.developer_message("a").role == "developer"
    assert build.assistant_message("a").content == (OutputText(text="a"),)
    assert build.image("u") == InputImage(image_url="u")
    with pytest.raises(LocalProtocolError, match=r"^content: "):
        build.user_message(5)  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match=r"^detail: "):
        build.image("u", "huge")


def test_images_of_the_user() -> None:
    picture = InputImage(image_url="u", detail="high")
    end = InputText(text="</image>")
    assert build.remote_image("u") == (picture,)
    assert build.remote_image("u", MAY) == (InputText(text="<image>"), picture, end)
    assert build.local_image("u", 2, "/a.png", MAY) == (
        InputText(text="<image name=[Image #2]>"),
        picture,
        end,
    )
    assert build.local_image("u", 2, "/a.png")[0] == InputText(
        text='<image name=[Image #2] path="/a.png">'
    )


def test_outputs_of_tools() -> None:
    function = FunctionCall(name="n", arguments="{}", call_id="c")
    custom = CustomToolCall(name="n", input="i", call_id="c")
    expected = FunctionCallOutput(call_id="c", output="o")
    assert build.tool_output(function, "o") == build.tool_output("c", "o") == expected
    assert build.tool_output(custom, "o") == CustomToolCallOutput(call_id="c", output="o")
    parts = build.tool_output(function, ["a", InputImage(image_url="u")])
    assert parts.output == (InputText(text="a"), InputImage(image_url="u"))
    for wrong in (5, b"o", {"a": 1}, None):
        with pytest.raises(LocalProtocolError, match=r"^output: "):
            build.tool_output(function, wrong)  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match=r"^call: "):
        build.tool_output(5, "o")  # type: ignore[arg-type]
    search = ToolSearchCall(arguments={}, execution="client", call_id="c")
    assert sent(build.tool_search_output(search, [{"type": "function"}])) == {
        "type": "tool_search_output",
        "call_id": "c",
        "status": "completed",
        "execution": "client",
        "tools": [{"type": "function"}],
    }


TEXT_ENTRY = {"type": "text", "text": "a"}
SECRET = {"type": "text", "text": "s", "_meta": {"codex/encryptedContent": True}}
IMAGE = {"type": "image", "data": "AA==", "mimeType": "image/png"}
AUDIO = {"type": "audio", "data": "AA==", "mimeType": "audio/wav"}


@pytest.mark.parametrize(
    ("result", "payload"),
    [
        ({"structuredContent": {"é": [1, 2]}, "content": [IMAGE]}, '{"é":[1,2]}'),
        ({"structuredContent": None, "content": [TEXT_ENTRY]}, '[{"type":"text","text":"a"}]'),
        ({"content": []}, "[]"),
        ({}, "[]"),
        ({"content": "text"}, "[]"),
        (
            {"content": [TEXT_ENTRY, IMAGE]},
            (
                InputText(text="a"),
                InputImage(image_url="data:image/png;base64,AA==", detail="high"),
            ),
        ),
        (
            {
                "content": [
                    {
                        "type": "image",
                        "data": "data:image/x;base64,AA",
                        "_meta": {"codex/imageDetail": "low"},
                    },
                    {"type": "image", "data": "AA", "mime_type": "image/gif"},
                    {"type": "image", "data": "AA", "_meta": {"codex/imageDetail": "odd"}},
                    {"type": "image"},
                    5,
                ]
            },
            (
                InputImage(image_url="data:image/x;base64,AA", detail="low"),
                InputImage(image_url="data:image/gif;base64,AA", detail="high"),
                InputImage(image_url="data:application/octet-stream;base64,AA", detail="high"),
                InputText(text='{"type":"image"}'),
                InputText(text="5"),
            ),
        ),
        ({"content": [AUDIO]}, (InputAudio(audio_url="data:audio/wav;base64,AA=="),)),
        ({"content": [SECRET]}, (EncryptedContent(encrypted_content="s"),)),
    ],
)
def test_results_of_mcp_tools(result: Any, payload: Any) -> None:
    assert build.mcp_output(result) == payload


def test_results_of_mcp_tools_in_may() -> None:
    assert build.mcp_output({"content": [AUDIO]}, MAY) == json.dumps([AUDIO], separators=(",", ":"))
    assert build.mcp_output({"content": [SECRET, IMAGE]}, MAY) == (
        InputText(text="s"),
        InputImage(image_url="data:image/png;base64,AA==", detail="high"),
    )


def test_mcp_misuse_and_success() -> None:
    assert build.mcp_succeeded({})
    assert build.mcp_succeeded({"isError": "true"})
    assert not build.mcp_succeeded({"isError": True})
    with pytest.raises(LocalProtocolError, match=r"^result: "):
        build.mcp_output([])  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match=r"^result: "):
        build.mcp_output({"structuredContent": object()})
