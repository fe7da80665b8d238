"""Bodies of requests: what callers may put in, what each version sends, and reading them back."""

from __future__ import annotations

import json
import pickle
from enum import StrEnum
from typing import Any, Final

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET

from codex_proto.errors import LocalProtocolError
from codex_proto.items import (
    FunctionCallOutput,
    InputImage,
    InputText,
    Message,
    OutputText,
    PassthroughMetadata,
    UnknownItem,
    user_message,
)
from codex_proto.requests import (
    Body,
    CompactionInput,
    MemorySummarizeInput,
    RawMemory,
    ReasoningControls,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    StreamOptions,
    TextControls,
    TextFormat,
    decode_request,
    encode_interrupt,
    encode_request,
    encode_request_lossless,
    responses_lite,
)
from codex_proto.requests._policies import POLICIES
from codex_proto.responses import MalformedPart
from codex_proto.versions import WireVersion
from tests.requests.captured import recorded_bodies, sent_bodies

MAY, AUGUST = WireVersion.V2026_05, WireVersion.V2026_08
REQUESTS: Final[list[type[Body]]] = [
    ResponsesApiRequest,
    ResponseCreateWsRequest,
    CompactionInput,
    MemorySummarizeInput,
]
TOOL: Final = {"type": "function", "name": "f", "parameters": {"type": "object"}}


def sent(request: Body, version: WireVersion = AUGUST, **how: Any) -> Any:
    return json.loads(encode_request(request, version, **how))


def full_request(cls: type[ResponsesApiRequest] = ResponsesApiRequest, **more: Any) -> Any:
    """A request with every member that Codex sends."""
    return cls(
        model="m",
        instructions="Be brief.",
        input=[user_message("hi")],
        tools=[TOOL],
        reasoning=ReasoningControls(effort="high", summary="auto", context="all_turns"),
        stream_options=StreamOptions(reasoning_summary_delivery="sequential_cutoff"),
        include=["reasoning.encrypted_content"],
        service_tier="priority",
        prompt_cache_key="key",
        text=TextControls(verbosity="low", format=TextFormat.json_schema({"type": "object"})),
        client_metadata={"a": "b"},
        **more,
    )


# -- order and presence -------------------------------------------------------------------------

MAY_KEYS: Final = [
    "model",
    "instructions",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "store",
    "stream",
    "include",
    "service_tier",
    "prompt_cache_key",
    "text",
    "client_metadata",
]
AUGUST_KEYS: Final = [*MAY_KEYS[:9], "stream_options", *MAY_KEYS[9:]]


def test_the_order_of_keys_over_http() -> None:
    assert list(sent(full_request(), MAY)) == MAY_KEYS
    assert list(sent(full_request(), AUGUST)) == AUGUST_KEYS


def test_the_order_of_keys_on_a_websocket() -> None:
    message = full_request(ResponseCreateWsRequest, previous_response_id="resp_1", generate=False)
    for version, keys in ((MAY, MAY_KEYS), (AUGUST, AUGUST_KEYS)):
        head, tail = keys[:2], keys[2:]
        expected = ["type", *head, "previous_response_id", *tail[:-1], "generate", tail[-1]]
        assert list(sent(message, version)) == expected
        assert sent(message, version)["type"] == "response.create"


def test_the_order_of_keys_of_the_other_endpoints() -> None:
    compaction = CompactionInput(
        model="m",
        input=[user_message("hi")],
        instructions="Be brief.",
        tools=[TOOL],
        reasoning=ReasoningControls(effort="low"),
        service_tier="flex",
        prompt_cache_key="key",
        text=TextControls(verbosity="low"),
    )
    keys = ["model", "input", "instructions", "tools", "parallel_tool_calls", "reasoning", "text"]
    assert list(sent(compaction, MAY)) == keys
    august = [*keys[:6], "service_tier", "prompt_cache_key", keys[6]]
    assert list(sent(compaction, AUGUST)) == august
    memories = MemorySummarizeInput(
        model="m",
        raw_memories=[RawMemory(id="1", metadata={"source_path": "/p"}, items=[{"a": 1}])],  # type: ignore[arg-type]
    )
    for version in WireVersion:
        assert encode_request(memories, version) == (
            b'{"model":"m","traces":[{"id":"1","metadata":{"source_path":"/p"},"items":[{"a":1}]}]}'
        )


def test_the_least_that_is_sent() -> None:
    may = {
        "model": "m",
        "input": [],
        "tools": [],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": None,
        "store": False,
        "stream": True,
        "include": [],
    }
    assert sent(ResponsesApiRequest(model="m"), MAY) == may
    assert sent(ResponsesApiRequest(model="m"), AUGUST) == may
    no_tools = ResponsesApiRequest(model="m", tools=None)
    assert sent(no_tools, MAY) == may
    assert sent(no_tools, AUGUST) == {key: value for key, value in may.items() if key != "tools"}
    message = ResponseCreateWsRequest.from_request(no_tools, client_metadata={})
    assert sent(message, MAY) == {"type": "response.create", **may}
    for version, expected in ((MAY, True), (AUGUST, False)):
        compaction = sent(CompactionInput(model="m", tools=None), version)
        assert ("tools" in compaction) is expected
        assert "reasoning" not in compaction


@pytest.mark.parametrize(
    ("controls", "version", "expected"),
    [
        ({"effort": "ultra"}, AUGUST, {"effort": "max"}),
        ({"effort": "max"}, AUGUST, {"effort": "max"}),
        ({"effort": "whatever comes"}, AUGUST, {"effort": "whatever comes"}),
        ({"summary": "none"}, AUGUST, {}),
        ({"summary": "detailed"}, MAY, {"summary": "detailed"}),
        ({"context": "all_turns"}, MAY, {}),
        ({"context": "all_turns"}, AUGUST, {"context": "all_turns"}),
        ({}, AUGUST, {}),
        ({"new": [1]}, MAY, {"new": [1]}),
    ],
)
def test_reasoning(controls: Any, version: WireVersion, expected: Any) -> None:
    request = ResponsesApiRequest(model="m", reasoning=controls)
    assert sent(request, version)["reasoning"] == expected


@pytest.mark.parametrize(
    ("controls", "expected"),
    [
        (TextControls(), None),
        (TextControls(verbosity=None, format=None), None),
        (TextControls(verbosity="high"), {"verbosity": "high"}),
        (
            TextControls(format=TextFormat.json_schema({"type": "object"})),
            {
                "format": {
                    "type": "json_schema",
                    "strict": True,
                    "schema": {"type": "object"},
                    "name": "codex_output_schema",
                }
            },
        ),
        ({"format": {"type": "text"}}, {"format": {"type": "text"}}),
        (
            {"format": {"type": "json_schema", "description": "d"}},
            {"format": {"type": "json_schema", "description": "d"}},
        ),
    ],
)
def test_text(controls: Any, expected: Any) -> None:
    text = sent(ResponsesApiRequest(model="m", text=controls)).get("text")
    assert text == expected
    assert text is None or list(text) == list(expected)


def test_items_are_sent_as_the_version_sends_them() -> None:
    answer = Message(
        id="msg_1",
        role="assistant",
        status="completed",
        content=(OutputText(text="a", annotations=()),),
        passthrough=PassthroughMetadata(turn_id="t"),
    )
    request = ResponsesApiRequest(model="m", input=[answer], store=True)
    plain = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "a"}],
    }
    passthrough = {"internal_chat_message_metadata_passthrough": {"turn_id": "t"}}
    assert sent(request, MAY)["input"] == [plain]
    assert sent(request, MAY, azure_ids=True)["input"] == [{**plain, "id": "msg_1"}]
    assert sent(request, AUGUST)["input"] == [{**plain, "id": "msg_1", **passthrough}]
    assert sent(request, AUGUST, first_party=False)["input"] == [{**plain, "id": "msg_1"}]


def test_mappings_become_items_and_lose_nothing() -> None:
    request = ResponsesApiRequest(
        model="m",
        input=[
            {"role": "user", "content": "hi"},
            {"type": "function_call_output", "call_id": "c", "output": "o"},
            {"type": "function_call_output", "call_id": "c", "output": "o", "novel": 1},
            {"type": "from_the_future", "x": [1]},
        ],
    )
    message, output, with_more, unknown = request.items
    assert isinstance(message, Message)
    assert isinstance(output, FunctionCallOutput)
    assert isinstance(with_more, UnknownItem)
    assert isinstance(unknown, UnknownItem)
    assert sent(request)["input"][2:] == [
        {"type": "function_call_output", "call_id": "c", "output": "o", "novel": 1},
        {"type": "from_the_future", "x": [1]},
    ]


def test_text_alone_is_an_input() -> None:
    request = ResponsesApiRequest(model="m", input="hi")
    assert sent(request)["input"] == "hi"
    assert request.items == (user_message("hi"),)
    assert ResponsesApiRequest(model="m", input=None).items == ()


def test_json_is_compact_and_not_escaped() -> None:
    request = ResponsesApiRequest(model="m", instructions="ä\u2028\x7f\x01/")
    assert '"instructions":"ä\u2028\x7f\\u0001/",' in encode_request(request).decode()


# -- what is refused ----------------------------------------------------------------------------


class Effort(StrEnum):
    HIGH = "high"


RECURSIVE: list[Any] = []
RECURSIVE.append(RECURSIVE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", ""),
        ("model", None),
        ("model", UNSET),
        ("model", 5),
        ("instructions", b"bytes"),
        ("instructions", "\ud800"),
        ("input", 1),
        ("input", {"role": "user"}),
        ("input", [1]),
        ("input", ["text"]),
        ("input", [{"type": "message"}]),
        ("input", [{"type": "message", "role": "user", "content": {1}}]),
        ("input", [MalformedPart(field="f", reason="r")]),
        ("tools", {}),
        ("tools", [object()]),
        ("tools", RECURSIVE),
        ("tools", ["\ud800"]),
        ("tool_choice", 1.5j),
        ("parallel_tool_calls", 1),
        ("reasoning", "high"),
        ("reasoning", {"effort": ""}),
        ("store", "false"),
        ("stream", None.__class__),
        ("stream_options", []),
        ("include", "reasoning"),
        ("include", [1]),
        ("service_tier", ""),
        ("prompt_cache_key", 1),
        ("text", {"format": {}}),
        ("text", {"format": {"type": "json_schema", "strict": "yes"}}),
        ("client_metadata", {"a": 1}),
        ("client_metadata", {1: "a"}),
        ("client_metadata", "a"),
        ("previous_response_id", ""),
        ("max_output_tokens", 1.5),
        ("max_output_tokens", True),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", "hot"),
        ("temperature", True),
        ("metadata", object()),
        ("extra_body", []),
        ("extra_body", {"model": "other"}),
        ("extra_body", {"x": object()}),
    ],
)
def test_a_mistake_is_told_with_the_name_of_the_member(name: str, value: Any) -> None:
    members = {"model": "m", name: value}
    with pytest.raises(LocalProtocolError, match=f"^{name}: "):
        ResponsesApiRequest(**members)


@pytest.mark.parametrize(
    ("cls", "members", "name"),
    [
        (ResponseCreateWsRequest, {"model": "m", "generate": "no"}, "generate"),
        (ResponseCreateWsRequest, {"model": "m", "extra_body": {"type": "x"}}, "extra_body"),
        (CompactionInput, {"model": ""}, "model"),
        (CompactionInput, {"model": "m", "input": [1]}, "input"),
        (MemorySummarizeInput, {"model": "m", "raw_memories": "x"}, "raw_memories"),
        (MemorySummarizeInput, {"model": "m", "raw_memories": [{"id": "1"}]}, "raw_memories"),
        (RawMemory, {"id": 1, "metadata": {"source_path": "p"}, "items": []}, "id"),
        (RawMemory, {"id": "1", "metadata": {}, "items": []}, "metadata"),
        (RawMemory, {"id": "1", "metadata": {"source_path": "p"}, "items": "x"}, "items"),
        (TextFormat, {"type": ""}, "type"),
    ],
)
def test_mistakes_in_the_other_classes(cls: Any, members: Any, name: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{name}: "):
        cls(**members)


def test_only_requests_are_encoded() -> None:
    for encode in (encode_request, encode_request_lossless):
        with pytest.raises(LocalProtocolError, match=r"^request: "):
            encode({"model": "m"})  # type: ignore[arg-type]
    broken = ResponsesApiRequest(model="m", input=[user_message("\ud800")])
    for encode in (encode_request, encode_request_lossless):
        with pytest.raises(LocalProtocolError):
            encode(broken)


@pytest.mark.parametrize("response_id", ["", None, 1])
def test_an_interrupt_needs_an_id(response_id: Any) -> None:
    with pytest.raises(LocalProtocolError, match=r"^response_id: "):
        encode_interrupt(response_id)
    assert encode_interrupt("resp_1") == (
        '{"type":"response.interrupt","response_id":"resp_1","mode":"discard_partial_items"}'
    )


# -- values -------------------------------------------------------------------------------------


def test_they_are_values_of_their_own() -> None:
    tools: list[Any] = [{"type": "function", "name": "f"}]
    metadata = {"a": "b"}
    extra = {"x": [1]}
    request = ResponsesApiRequest(
        model="m", tools=tools, client_metadata=metadata, extra_body=extra
    )
    same = ResponsesApiRequest(
        model="m",
        tools=({"type": "function", "name": "f"},),
        client_metadata={"a": "b"},
        extra_body={"x": [1]},
    )
    before = encode_request(request)
    tools[0]["name"] = "g"
    tools.append(1)
    metadata["a"] = "c"
    extra["x"].append(2)
    assert encode_request(request) == before
    assert request == same
    assert pickle.loads(pickle.dumps(request)) == request
    assert msgspec.structs.replace(request, model="n") != request
    with pytest.raises(AttributeError):
        request.model = "n"  # type: ignore[misc]
    effort = ReasoningControls(effort=Effort.HIGH)
    assert effort == ReasoningControls(effort="high")
    assert type(effort.effort) is str
    assert repr(request).startswith("ResponsesApiRequest(model='m', instructions='', input=()")
    assert "UNSET" not in repr(request)


def test_extra_members_come_last() -> None:
    request = ResponsesApiRequest(
        model="m",
        reasoning=ReasoningControls(effort="low", extra_body={"novel": 1}),
        extra_body={"access_programs": {"cyber": "standard"}},
    )
    assert list(sent(request))[-1] == "access_programs"
    assert list(sent(request)["reasoning"]) == ["effort", "novel"]


def test_every_class_has_a_row_with_all_its_members() -> None:
    for cls, policy in POLICIES.items():
        names = [member.name for member in policy.members]
        assert sorted(names) == sorted(cls.checks), cls
        assert {*cls.__struct_fields__} == {*names, "extra_body"}, cls


# -- Responses Lite -----------------------------------------------------------------------------


def test_responses_lite() -> None:
    picture = InputImage(image_url="https://x/y", detail="high")
    request = full_request()
    request = msgspec.structs.replace(
        request,
        input=(
            Message(role="user", content=(InputText(text="look"), picture)),
            FunctionCallOutput(call_id="c", output=(picture,)),
            FunctionCallOutput(call_id="c", output="text"),
            UnknownItem("x", b'{"type":"x"}'),
        ),
    )
    lite = sent(responses_lite(request))
    assert "instructions" not in lite
    assert "tools" not in lite
    assert lite["parallel_tool_calls"] is False
    assert lite["reasoning"]["context"] == "all_turns"
    assert lite["input"] == [
        {"type": "additional_tools", "role": "developer", "tools": [TOOL]},
        {
            "type": "message",
            "role": "developer",
            "content": [{"type": "input_text", "text": "Be brief."}],
        },
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "image_url": "https://x/y"},
            ],
        },
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [{"type": "input_image", "image_url": "https://x/y"}],
        },
        {"type": "function_call_output", "call_id": "c", "output": "text"},
        {"type": "x"},
    ]
    bare = sent(responses_lite(ResponsesApiRequest(model="m")))
    assert bare["input"] == [{"type": "additional_tools", "role": "developer", "tools": []}]


# -- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw", [body for _, body in recorded_bodies()], ids=[name for name, _ in recorded_bodies()]
)
def test_recorded_bodies_are_read_without_loss(raw: bytes) -> None:
    request = decode_request(raw, ResponsesApiRequest)
    assert isinstance(request, ResponsesApiRequest)
    assert not request.extra_body, "a member that many use should have a name"
    assert not any(isinstance(item, MalformedPart | UnknownItem) for item in request.items)
    assert json.loads(encode_request_lossless(request)) == json.loads(raw)
    assert decode_request(encode_request_lossless(request), ResponsesApiRequest) == request


@pytest.mark.parametrize(
    ("body", "cls"),
    [(body, cls) for _, body, cls, _ in sent_bodies()],
    ids=[name for name, *_ in sent_bodies()],
)
def test_bodies_of_real_clients_are_read_without_loss(body: Any, cls: type[Body]) -> None:
    request = decode_request(json.dumps(body), cls)
    assert isinstance(request, cls)
    assert json.loads(encode_request_lossless(request)) == body


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES: Final = sorted(
    {name for cls in REQUESTS for name in cls.__struct_encode_fields__ if name != "extra_body"}
    | {"type"}
)
SAMPLES: Final = {
    "model": st.just("m"),
    "type": st.just("response.create"),
    "input": st.sampled_from(
        [
            "hi",
            [],
            [{"role": "user", "content": "x"}],
            [{"type": "?"}],
            [3],
            [{"type": "message"}],
            None,
        ]
    ),
    "tools": st.lists(json_values, max_size=2),
    "traces": st.just(
        [{"id": "1", "metadata": {"source_path": "p", "more": 1}, "items": [1], "z": 2}]
    ),
    "reasoning": st.fixed_dictionaries({}, optional={"effort": st.just("low"), "zzz": json_values}),
    "text": st.just({"format": {"type": "text", "a": None}}),
    "metadata": json_values,
    "zzz": json_values,
}


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.sets(st.sampled_from([*NAMES, "zzz"])))
    return {
        name: draw(SAMPLES.get(name, json_values) if draw(st.integers(0, 9)) else json_values)
        for name in sorted(names | {"model"})
    }


@given(members=objects(), cls=st.sampled_from(REQUESTS))
@example({"model": "m", "input": [3, {"type": "x"}]}, ResponsesApiRequest)
def test_any_object_is_read_without_loss_or_said_to_be_none(
    members: dict[str, Any], cls: type[Body]
) -> None:
    raw = json.dumps(members)
    request = decode_request(raw, cls)
    if isinstance(request, MalformedPart):
        assert request.field in {*members, "traces", "type"}
        assert request.reason
        return
    assert json.loads(encode_request_lossless(request)) == members
    again = decode_request(encode_request_lossless(request), cls)
    assert again == request
    for version in WireVersion:
        json.loads(encode_request(request, version))


@given(raw=st.binary(max_size=60) | st.text(max_size=60), cls=st.sampled_from(REQUESTS))
@example(b'{"model":"\xff"}', ResponsesApiRequest)
@example('{"model":"m","zzz":"\\ud800"}', ResponsesApiRequest)
@example('{"model":"\\ud800"}', ResponsesApiRequest)
@example('{"type":"\\ud800"}', ResponseCreateWsRequest)
@example("\ud800", ResponsesApiRequest)
@example("[" * 1000, ResponsesApiRequest)
@example('{"model":"m","input":' + "[" * 1000 + "]" * 1000 + "}", ResponsesApiRequest)
@example('{"model":"m","temperature":1e400}', ResponsesApiRequest)
@example('{"model":"m","model":""}', ResponsesApiRequest)
def test_no_text_raises(raw: Any, cls: type[Body]) -> None:
    assert isinstance(decode_request(raw, cls), MalformedPart | cls)


def test_what_is_wrong_is_named() -> None:
    wrong = decode_request('{"model":"m","stream":"yes"}', ResponsesApiRequest)
    assert isinstance(wrong, MalformedPart)
    assert (wrong.field, wrong.raw) == ("stream", b'"yes"')
    missing = decode_request("{}", ResponsesApiRequest)
    assert isinstance(missing, MalformedPart)
    assert missing.field == "model"
    other = decode_request('{"type":"response.cancel","model":"m"}', ResponseCreateWsRequest)
    assert isinstance(other, MalformedPart)
    assert other.field == "type"
    deep = decode_request('{"model":"m","zzz":[[[]]]}', ResponsesApiRequest, max_depth=3)
    assert isinstance(deep, MalformedPart)
    assert "3 levels" in deep.reason
    bytes_ = decode_request(b'{"model":"m","input":[{"type":"x","y":"\xff"}]}', ResponsesApiRequest)
    assert isinstance(bytes_, MalformedPart)
    assert bytes_.field == "request"
    with pytest.raises(LocalProtocolError, match=r"^message: "):
        decode_request(1, ResponsesApiRequest)  # type: ignore[arg-type]


def test_absent_and_null_are_told_apart() -> None:
    request = decode_request('{"model":"m","reasoning":null}', ResponsesApiRequest)
    assert isinstance(request, ResponsesApiRequest)
    assert request.reasoning is None
    assert request.tools is UNSET
    assert encode_request_lossless(request) == b'{"model":"m","reasoning":null}'
