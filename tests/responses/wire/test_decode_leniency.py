"""One message, as it really comes: what recordings do not show, and servers do all the same.

Three answers are possible, and which one it is depends on who reads the member that is wrong: the
event as if nothing were wrong, the event with a note, or no event.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest
from msgspec import UNSET

from codex_proto import MalformedEvent, MalformedPart, UnknownEvent
from codex_proto.errors import LocalProtocolError
from codex_proto.responses import (
    Completed,
    Created,
    ErrorEvent,
    ErrorPayload,
    Failed,
    FunctionCallArgumentsDone,
    GatewayPing,
    Incomplete,
    Keepalive,
    LogProb,
    OutputItemDone,
    OutputTextDelta,
    OutputTextDone,
    ReasoningSummaryDelta,
    Response,
    ResponsesDecoder,
    ShellCallOutputContentDelta,
    ShellOutputDelta,
    TokenUsage,
    WireEvent,
    decode_response_event,
    encode_response_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Json: TypeAlias = dict[str, Any]
DELTA: Final = {"type": "response.output_text.delta", "delta": "d"}


def _decode(message: Json | str, **options: Any) -> Any:
    text = message if isinstance(message, str) else json.dumps(message)
    event = decode_response_event(text, **options)
    assert event == decode_response_event(text.encode(), **options)
    return event


# -- nothing is wrong ---------------------------------------------------------------------------


def test_early_and_foreign_servers_leave_the_sequence_number_out() -> None:
    event = _decode(DELTA)
    assert isinstance(event, OutputTextDelta)
    assert event.sequence_number is UNSET
    assert not event.sequence_number
    assert not event.notes
    event = _decode({**DELTA, "sequence_number": None})
    assert event.sequence_number is None
    assert b"sequence_number" not in encode_response_event(_decode(DELTA))
    assert b'"sequence_number":null' in encode_response_event(event)


@pytest.mark.parametrize(
    ("logprobs", "expected"),
    [
        (None, None),
        ([], ()),
        ([{"token": "a", "logprob": -1}], (LogProb(token="a", logprob=-1.0),)),
        (
            [{"token": "a", "logprob": -0.5, "bytes": None, "top_logprobs": [{}], "new": 1}],
            None,
        ),
    ],
)
@pytest.mark.parametrize("kind", ["delta", "done"])
def test_logprobs_may_be_absent_null_or_empty(
    kind: str, logprobs: Any, expected: tuple[LogProb, ...] | None
) -> None:
    message = DELTA if kind == "delta" else {"type": "response.output_text.done", "text": "t"}
    assert _decode(message).logprobs is UNSET
    event = _decode({**message, "logprobs": logprobs})
    assert isinstance(event, OutputTextDelta | OutputTextDone)
    assert not event.notes
    if expected is not None or logprobs is None:
        assert event.logprobs == expected
    else:
        assert event.logprobs
        assert len(event.logprobs) == 1


def test_a_delta_may_be_an_object() -> None:
    message = {"type": "response.shell_call_output_content.delta", "delta": {"stdout": "a"}}
    event = _decode(message)
    assert isinstance(event, ShellCallOutputContentDelta)
    assert event.delta == ShellOutputDelta(stdout="a")
    event = _decode({**message, "delta": {"stderr": None, "new": 1}})
    assert event.delta == ShellOutputDelta(stderr=None)


@pytest.mark.parametrize("delta", [{"stdout": "a"}, None, 5, ["a"]])
def test_elsewhere_a_delta_is_text(delta: object) -> None:
    assert isinstance(_decode({**DELTA, "delta": delta}), MalformedEvent)
    message = {"type": "response.shell_call_output_content.delta", "delta": "text"}
    assert isinstance(_decode(message), MalformedEvent)


def test_errors_are_nested_or_flat() -> None:
    flat = _decode({"type": "error", "code": "c", "message": "m", "param": None})
    nested = _decode({"type": "error", "error": {"type": "t", "code": "c", "message": "m"}})
    both = _decode({"type": "error", "code": "x", "error": {"code": "c", "message": "m"}})
    for event in (flat, nested, both):
        assert isinstance(event, ErrorEvent)
        assert (event.error_code, event.error_message) == ("c", "m")
        assert not event.notes
    half = _decode({"type": "error", "message": "m", "error": {"code": "c", "message": None}})
    assert (half.error_code, half.error_message) == ("c", "m")
    empty = _decode({"type": "error", "code": "", "message": "", "error": {"code": ""}})
    assert (empty.error_code, empty.error_message) == (None, None)
    assert _decode({"type": "error", "error": None}).error_message is None


@pytest.mark.parametrize("code", [429, 0])
def test_error_codes_may_be_numbers(code: int) -> None:
    assert _decode({"type": "error", "code": code}).error_code == str(code)
    assert _decode({"type": "error", "error": {"code": code}}).error_code == str(code)


def test_the_status_of_an_error_has_two_names() -> None:
    assert _decode({"type": "error", "status": 429}).http_status == 429
    assert _decode({"type": "error", "status_code": 429}).http_status == 429
    assert _decode({"type": "error"}).http_status is None


@pytest.mark.parametrize("created_at", [1_700_000_000, 1_700_000_000.25, 0, None])
def test_timestamps_may_be_floats(created_at: object) -> None:
    response = _decode({"type": "response.created", "response": {"created_at": created_at}})
    assert response.response.created_at == created_at
    assert type(response.response.created_at) is type(created_at)


@pytest.mark.parametrize("members", [{}, {"output": None}, {"output": []}])
def test_output_may_be_missing_null_or_empty(members: Json) -> None:
    event = _decode({"type": "response.completed", "response": {"id": "r", **members}})
    assert isinstance(event, Completed)
    assert isinstance(event.response, Response)
    assert event.response.output == ()
    assert event.response_id == "r"


def test_output_of_another_kind_is_a_malformed_part() -> None:
    event = _decode({"type": "response.completed", "response": {"id": "r", "output": "text"}})
    assert isinstance(event.response, Response)
    assert isinstance(event.response.output, MalformedPart)
    event = _decode({"type": "response.completed", "response": {"output": [{"type": 5}, 7]}})
    assert [type(item) for item in event.response.output] == [MalformedPart, MalformedPart]


@pytest.mark.parametrize("usage", [None, UNSET])
def test_usage_may_be_missing_or_null(usage: object) -> None:
    members = {} if usage is UNSET else {"usage": usage}
    event = _decode({"type": "response.completed", "response": members})
    assert event.token_usage is None


def test_details_of_usage_may_be_missing_or_null() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    expected = TokenUsage(input_tokens=3, output_tokens=2, total_tokens=5)
    sent: list[Json] = [{}, {"input_tokens_details": None, "output_tokens_details": {}}]
    for details in sent:
        event = _decode({"type": "response.completed", "response": {"usage": usage | details}})
        assert event.token_usage == expected
    event = _decode({"type": "response.completed", "response": {"usage": {"input_tokens": 3}}})
    assert event.token_usage == TokenUsage(input_tokens=3, output_tokens=0, total_tokens=3)
    nothings: tuple[object, ...] = (5, [], "x", {"input_tokens": "3"})
    for nothing in nothings:
        event = _decode({"type": "response.completed", "response": {"usage": nothing}})
        assert isinstance(event.token_usage, MalformedPart)
        assert event.token_usage.field == "usage"


def test_one_count_that_is_wrong_follows_from_the_others() -> None:
    counts = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    for name in counts:
        usage = {**counts, name: "many"}
        event = _decode({"type": "response.completed", "response": {"usage": usage}})
        assert event.token_usage == TokenUsage(**counts)
        assert [note.field for note in event.response.usage.notes] == [name]


def test_usage_in_the_names_of_chat_completions_is_read() -> None:
    usage = {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 1, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    event = _decode({"type": "response.completed", "response": {"usage": usage}})
    assert event.token_usage == TokenUsage(
        input_tokens=3,
        output_tokens=2,
        total_tokens=5,
        cached_input_tokens=1,
        reasoning_output_tokens=2,
    )
    read = event.response.usage
    assert (read.input_tokens, read.output_tokens, read.total_tokens) == (3, 2, 5)
    assert {note.field for note in read.notes} == usage.keys() - {"total_tokens"}
    both = {**usage, "input_tokens": 30, "output_tokens": 20, "total_tokens": 50}
    event = _decode({"type": "response.completed", "response": {"usage": both}})
    assert event.token_usage.input_tokens == 30


def test_a_wrong_member_of_a_response_costs_that_member_only() -> None:
    error = {"code": "insufficient_quota", "message": "Used up.", "param": [1], "resets_at": "x"}
    wrong = {"created_at": "2026-05-04T05:11:37Z", "temperature": "1.0", "error": error}
    event = _decode({"type": "response.failed", "response": {"id": "r", "model": "m", **wrong}})
    response = event.response
    assert (response.id, response.model) == ("r", "m")
    assert [note.field for note in response.notes] == ["created_at", "temperature"]
    assert event.error == response.error
    assert (event.error.code, event.error.message) == ("insufficient_quota", "Used up.")
    assert [note.field for note in event.error.notes] == ["param", "resets_at"]


def test_a_wrong_member_of_a_nested_error_costs_that_member_only() -> None:
    message = {"type": "error", "error": {"code": [], "message": "No."}, "status": "x"}
    event = _decode(message)
    assert event.error_message == "No."
    assert [note.field for note in event.error.notes] == ["code"]
    assert json.loads(encode_response_event(event)) == message
    assert decode_response_event(encode_response_event(event)) == event


def test_members_that_nobody_declared_are_ignored() -> None:
    event = _decode({**DELTA, "obfuscation": "xyz", "vendor": {"deep": [1]}, "": None})
    assert event == _decode(DELTA)
    event = _decode({"type": "response.completed", "response": {"content_filters": [], "id": "r"}})
    assert event.response_id == "r"
    assert b"content_filters" in bytes(event.raw_response)


def test_a_member_that_is_ours_is_nobody_elses() -> None:
    for value in ([], [{"field": "a", "reason": "b"}], None, "x"):
        event = _decode({"type": "ping", "codex_proto:notes": value})
        assert event == GatewayPing()
        assert not event.notes


def test_names_and_order_of_members_are_as_json_has_them() -> None:
    expected = _decode(DELTA)
    for text in (
        '{"delta":"d","type":"response.output_text.delta"}',
        ' {\n"type" :\t"response.output_text.delta",\r\n "delta":"d" } ',
        '{"\\u0074ype":"response.output_text\\u002edelta","delta":"\\u0064"}',
        '{"type":"ping","delta":"x","type":"response.output_text.delta","delta":"d"}',
        '{"type":5,"delta":{},"type":"response.output_text.delta","delta":"d"}',
    ):
        assert _decode(text) == expected, text


# -- an event with a note -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "field", "attribute"),
    [
        ({**DELTA, "sequence_number": "1"}, "sequence_number", "sequence_number"),
        ({**DELTA, "sequence_number": 1.0}, "sequence_number", "sequence_number"),
        ({**DELTA, "sequence_number": True}, "sequence_number", "sequence_number"),
        ({**DELTA, "output_index": "0"}, "output_index", "output_index"),
        ({**DELTA, "logprobs": {}}, "logprobs", "logprobs"),
        ({**DELTA, "logprobs": [{"token": "a"}]}, "logprobs", "logprobs"),
        ({**DELTA, "stream_id": 5}, "stream_id", "stream_id"),
        ({"type": "error", "error": ["oops"]}, "error", "error"),
        ({"type": "error", "status": "429"}, "status", "status"),
        ({"type": "error", "status": 429.0}, "status", "status"),
        ({"type": "codex.rate_limits", "plan_type": 1}, "plan_type", "plan_type"),
    ],
)
def test_what_upstream_does_not_read_costs_no_event(
    message: Json, field: str, attribute: str
) -> None:
    event = _decode(message)
    assert isinstance(event, WireEvent)
    assert event.type == message["type"]
    assert getattr(event, attribute) is UNSET
    (note,) = event.notes
    assert isinstance(note, MalformedPart)
    assert (note.field, json.loads(note.raw)) == (field, message[field])
    assert note.reason
    # All else is as if it had not been there, and nothing is lost on the way back.
    right = {name: value for name, value in message.items() if name != field}
    others = [name for name in event.__struct_fields__ if name not in ("wire_notes", attribute)]
    expected = _decode(right)
    assert all(getattr(event, name) == getattr(expected, name) for name in others)
    assert json.loads(encode_response_event(event)) == message
    assert decode_response_event(encode_response_event(event)) == event


def test_several_members_may_be_wrong_at_once() -> None:
    event = _decode({**DELTA, "sequence_number": [], "stream_id": 1, "output_index": {}})
    assert isinstance(event, OutputTextDelta)
    assert event.delta == "d"
    assert {note.field for note in event.notes} == {"sequence_number", "stream_id", "output_index"}


def test_a_note_does_not_keep_the_message_alive() -> None:
    (note,) = _decode({**DELTA, "sequence_number": "x", "big": "y" * 100_000}).notes
    assert type(note.raw) is bytes
    assert note.raw == b'"x"'


# -- no event -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        {**DELTA, "item_id": 5},
        {**DELTA, "content_index": "0"},
        {**DELTA, "content_index": 0.0},
        {**DELTA, "delta": 5},
        {"type": "response.output_text.delta"},
        {"type": "response.output_text.done", "text": None},
        {"type": "response.reasoning_summary_text.delta", "delta": "d", "summary_index": True},
        {"type": "response.custom_tool_call_input.delta", "delta": "d", "call_id": []},
        {"type": "response.function_call_arguments.done"},
        {"type": "response.function_call_arguments.done", "arguments": {}},
        {"type": "response.output_item.added"},
        {"type": "response.content_part.done", "content_index": 0},
    ],
    ids=json.dumps,
)
def test_what_upstream_reads_and_what_the_event_is_about_costs_the_event(message: Json) -> None:
    event = _decode(message)
    assert isinstance(event, MalformedEvent)
    assert json.loads(event.raw) == message
    assert event.reason
    wrong = {name for name in message if name != "type"} or {"`"}
    assert any(name in event.reason for name in wrong | {"required"})


def test_null_is_as_good_as_nothing_where_a_member_is_optional() -> None:
    for message, type_ in (
        ({**DELTA, "item_id": None, "content_index": None, "output_index": None}, OutputTextDelta),
        (
            {
                "type": "response.reasoning_summary_text.delta",
                "delta": "",
                "summary_index": None,
            },
            ReasoningSummaryDelta,
        ),
        (
            {"type": "response.function_call_arguments.done", "arguments": "", "name": None},
            FunctionCallArgumentsDone,
        ),
    ):
        event = _decode(message)
        assert type(event) is type_
        assert not event.notes


LIFECYCLE: Final = [
    f"response.{name}"
    for name in ("created", "queued", "in_progress", "completed", "failed", "incomplete")
]


# Upstream fails the response at these, whatever it says of itself (wire.md 1.5, 1.8).
NEEDLESS: Final = {"response.failed", "response.incomplete"}


@pytest.mark.parametrize("type_", [type_ for type_ in LIFECYCLE if type_ not in NEEDLESS])
def test_an_event_about_a_response_has_one(type_: str) -> None:
    for text in (
        f'{{"type":"{type_}"}}',
        f'{{"type":"{type_}","response":null}}',
        f'{{"response": null ,"type":"{type_}"}}',
        f'{{"type":"{type_}","response":{{}},"response":null}}',
        f'{{"type":"{type_}","response":null,"sequence_number":"x"}}',
    ):
        event = _decode(text)
        assert isinstance(event, MalformedEvent), text
        assert "response" in event.reason


@pytest.mark.parametrize("type_", LIFECYCLE)
@pytest.mark.parametrize("response", [[], "nullx", 0, False, {}, [None], "null"])
def test_a_response_that_is_none_is_told_when_it_is_asked_for(type_: str, response: object) -> None:
    event = _decode({"type": type_, "response": response})
    assert isinstance(event, WireEvent)
    asked: Any = event
    assert asked.response_id is None
    assert asked.token_usage is None
    if response != {}:
        assert isinstance(asked.response, MalformedPart)
        assert (asked.response.field, json.loads(asked.response.raw)) == ("response", response)
    if isinstance(event, Completed):
        assert event.end_turn is None
    if isinstance(event, Failed):
        assert event.error is None
    if isinstance(event, Incomplete):
        assert event.reason is None


def test_members_of_a_response_are_free_to_be_wrong_on_their_own() -> None:
    response = {"id": "r", "usage": 5, "error": [], "incomplete_details": "x", "model": 7}
    failed = _decode({"type": "response.failed", "response": {**response, "end_turn": 1}})
    assert failed.response_id == "r"
    assert isinstance(failed.token_usage, MalformedPart)
    assert isinstance(failed.error, MalformedPart)
    incomplete = _decode({"type": "response.incomplete", "response": response})
    assert incomplete.reason is None
    completed = _decode({"type": "response.completed", "response": {**response, "end_turn": 1}})
    assert completed.end_turn is None
    assert completed.response.id == "r"
    noted = ["error", "incomplete_details", "model", "usage", "end_turn"]
    assert [note.field for note in completed.response.notes] == noted


def test_members_that_are_asked_for_say_what_they_are() -> None:
    event = _decode({"type": "response.failed", "response": {"error": {"code": 7, "new": []}}})
    assert event.error == ErrorPayload(code=7)
    event = _decode({"type": "response.created", "response": {}, "headers": {"a": 1}})
    assert isinstance(event, Created)
    assert event.headers == {"a": 1}
    assert event.agent is None
    assert event.safety_buffering is None
    event = _decode({"type": "response.created", "response": {}, "headers": [], "agent": [1]})
    assert isinstance(event.headers, MalformedPart)
    assert event.agent == [1]
    event = _decode({"type": "response.created", "response": {}, "headers": None})
    assert event.headers is None


@pytest.mark.parametrize("item", [None, 5, "x", [], {}, {"type": None}, {"type": 5}])
def test_an_item_that_is_none_is_a_malformed_part(item: object) -> None:
    event = _decode({"type": "response.output_item.done", "item": item})
    assert isinstance(event, OutputItemDone)
    assert isinstance(event.item, MalformedPart)
    assert event.item.field == "item"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "5",
        "[]",
        '["type"]',
        '"type"',
        "{}",
        '{"type":null}',
        '{"type":["ping"]}',
        '{"Type":"ping"}',
        '{"type":"ping"',
        '{"type":"ping"}}',
        '{"type":"ping"}{"type":"ping"}',
        '{"type":"ping",}',
        "{'type':'ping'}",
        '{type:"ping"}',
        '{"type":"ping","x":NaN}',
        '{"type":"ping","x":-Infinity}',
        '{"type":"ping","x":01}',
        '{"type":"ping","x":.5}',
        '{"type":"ping","x":"\t"}',
        '{"type":"ping","x":"\\x"}',
        '{"type":"ping","x":"\\ud800"}',
        '{"type":"ping","x":"\\udc00\\ud800"}',
        '{"type":"pi\\ud800ng"}',
        '\ufeff{"type":"ping"}',
        '{"type":"ping"}\0',
        '{"type":"ping"} // comment',
        "[DONE]",
        "<html>",
    ],
)
def test_what_is_no_json_or_has_no_type_is_no_event(text: str) -> None:
    event = _decode(text)
    assert isinstance(event, MalformedEvent)
    assert event.raw == text.encode()
    assert event.reason


# -- types --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "type_",
    [
        "response.new_thing.delta",
        "",
        "GatewayPing",
        "ping ",
        "response.output_text.delta\0",
        "WireEvent",
        "ItemEvent",
        "AnnotatedEvent",
        "[DONE]",
        "é😀",
        "x" * 5_000,
    ],
)
def test_a_type_that_nobody_knows_is_kept_with_all_of_its_json(type_: str) -> None:
    message = {"type": type_, "delta": 5, "response": None, "x": [1e300]}
    event = _decode(message)
    assert isinstance(event, UnknownEvent)
    assert event.type == type_
    assert json.loads(event.raw) == message
    assert encode_response_event(event) == event.raw
    assert not event.notes


def test_signs_of_life_are_events() -> None:
    assert _decode({"type": "keepalive", "sequence_number": 3}) == Keepalive(sequence_number=3)
    ping = _decode({"type": "ping", "cost": "0.01"})
    assert isinstance(ping, GatewayPing)
    assert ping.cost == "0.01"


# -- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digits", ["0", "-0", "-1", "9223372036854775808", "-" + "9" * 100, "1" + "0" * 4_000]
)
def test_integers_are_as_large_as_they_like(digits: str) -> None:
    event = _decode(json.dumps(DELTA)[:-1] + f', "sequence_number": {digits}}}')
    assert isinstance(event, OutputTextDelta)
    assert event.sequence_number == int(digits)
    assert decode_response_event(encode_response_event(event)) == event


def test_a_number_beyond_python_is_wrong_where_it_is_read_and_nowhere_else() -> None:
    huge = "1" + "0" * 5_000
    event = _decode(json.dumps(DELTA)[:-1] + f', "sequence_number": {huge}, "x": {huge}}}')
    assert [note.field for note in event.notes] == ["sequence_number"]
    event = _decode('{"type":"response.created","response":{"id":"r","created_at":1e400}}')
    assert event.response_id == "r"
    assert [note.field for note in event.response.notes] == ["created_at"]


# -- nesting ------------------------------------------------------------------------------------


def _nested(levels: int, *, member: str = "x", opened: str = "[", filler: str = "") -> str:
    """A message of so many levels, its own object the first of them."""
    inner = levels - 1
    if opened == "[":
        value = "[" * inner + "]" * inner
    else:
        value = '{"a":' * (inner - 1) + "{}" + "}" * (inner - 1)
    return f'{{"type":"ping","filler":{json.dumps(filler)},"{member}":{value}}}'


@pytest.mark.parametrize("member", ["x", "cost", "headers"])
@pytest.mark.parametrize("opened", ["[", "{"])
@pytest.mark.parametrize(
    "filler",
    ["", "[" * 1_000, "]" * 1_000, '"[' * 500, "\\" * 501 + "[", "é" * 3_000, '\\"{' * 99 + "\\"],
    ids=["none", "open", "close", "quotes", "backslashes", "text", "mixed"],
)
def test_128_levels_are_read_and_129_are_not(member: str, opened: str, filler: str) -> None:
    event = _decode(_nested(128, member=member, opened=opened, filler=filler))
    assert type(event) is GatewayPing
    event = _decode(_nested(129, member=member, opened=opened, filler=filler))
    assert isinstance(event, MalformedEvent)
    assert "128" in event.reason


def test_many_brackets_are_not_deep() -> None:
    for text in ("[[]]," * 2_000, "[{}]," * 2_000, '["["],' * 2_000, '{"[":"]"},' * 2_000):
        assert type(_decode(f'{{"type":"ping","cost":[{text}0]}}')) is GatewayPing


@pytest.mark.parametrize("max_depth", [1, 2, 3, 64, 128, 200])
def test_the_limit_is_the_callers(max_depth: int) -> None:
    if max_depth > 1:
        assert type(_decode(_nested(max_depth), max_depth=max_depth)) is GatewayPing
    deeper = _decode(_nested(max_depth + 1), max_depth=max_depth)
    assert isinstance(deeper, MalformedEvent)
    assert str(max_depth) in deeper.reason
    assert type(_decode('{"type":"ping"}', max_depth=max_depth)) is GatewayPing
    decoder = ResponsesDecoder(max_depth=max_depth)
    (event,) = decoder.receive_data(f"data: {_nested(max_depth + 1)}\n\n".encode())
    assert event == deeper


@pytest.mark.parametrize("levels", [1_000, 50_000])
def test_no_depth_is_too_much_for_the_decoder(levels: int) -> None:
    for text in (_nested(levels), _nested(levels, opened="{"), "[" * levels, '{"a":' * levels):
        event = _decode(text)
        assert isinstance(event, MalformedEvent)
        assert event.raw == text.encode()


def _call_with_frames_left(left: int, call: Callable[[], Any]) -> Any:
    """Call from so deep in the stack that only about so many more frames fit."""
    frame: Any = sys._getframe()
    depth = 0
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return _descend(sys.getrecursionlimit() - depth - left, call)


def _descend(levels: int, call: Callable[[], Any]) -> Any:
    return call() if levels <= 0 else _descend(levels - 1, call)


@pytest.mark.parametrize("left", [400, 60])
def test_a_caller_deep_in_the_stack_gets_the_same_answer(left: int) -> None:
    """Real events have less than ten levels; the deepest ones that are read need some room."""
    texts = [
        *(_nested(levels) for levels in (2, 20, 300 if left < 200 else 128, 129, 5_000)),
        _nested(2, filler="[" * 500),
        '{"type":"ping","sequence_number":"x"}',
        '{"type":"response.news"}',
        "[" * 5_000,
    ]
    for text in texts:
        expected = decode_response_event(text)
        assert _call_with_frames_left(left, partial(decode_response_event, text)) == expected
        assert _call_with_frames_left(left, partial(_decode_stream, text)) == [expected]


@pytest.mark.parametrize("left", [400, 100, 60, 40])
def test_asking_deep_in_the_stack_never_raises(left: int) -> None:
    """What is asked for may have too many levels for the room that is left, but says so."""
    for text in (_nested(128, member="cost"), _nested(10, member="cost")):
        event = _decode(text)
        given = _call_with_frames_left(left, partial(getattr, event, "cost"))
        assert isinstance(given, MalformedPart) or given == event.cost
    assert _call_with_frames_left(left, partial(getattr, event, "cost")) == event.cost


def _decode_stream(text: str) -> list[Any]:
    return [*ResponsesDecoder().receive_data(f"data: {text}\n\n".encode())]


# -- what a message may be ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, str])
def test_a_message_is_text_or_bytes(kind: type) -> None:
    text = json.dumps({**DELTA, "delta": "é😀"}, ensure_ascii=False)
    message = text if kind is str else kind(text.encode())
    event = decode_response_event(message)
    assert isinstance(event, OutputTextDelta)
    assert event.delta == "é😀"
    (again,) = ResponsesDecoder().receive_message(message)
    assert again == event


def test_a_buffer_may_be_used_again() -> None:
    for text in (
        '{"type":"response.output_item.done","item":{"type":"message"}}',
        '{"type":"response.news"}',
        "nonsense",
    ):
        buffer = bytearray(text.encode())
        for message in (buffer, memoryview(buffer)):
            event = decode_response_event(message)
            buffer[:] = b"!" * len(buffer)
            assert event == decode_response_event(text)
            repr(event)
            buffer[:] = text.encode()


def test_a_view_of_other_things_is_its_bytes() -> None:
    text = json.dumps(DELTA).encode()
    text += b" " * (-len(text) % 4)
    assert decode_response_event(memoryview(text).cast("I")) == decode_response_event(text)
    assert decode_response_event(memoryview(text + text)[: len(text)]) == _decode(DELTA)
    assert decode_response_event(memoryview(text[::-1])[::-1]) == _decode(DELTA)


@pytest.mark.parametrize("text", ["\ud800", '{"type":"ping","x":"\udfff"}', "\udc80{}"])
def test_text_that_has_no_utf8_is_no_event(text: str) -> None:
    event = decode_response_event(text)
    assert isinstance(event, MalformedEvent)
    assert event.raw == text.encode("utf-8", "surrogatepass")
    assert "surrogate" in event.reason


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x80"]
)
@pytest.mark.parametrize("place", ["delta", "obfuscation", "member", "type", "outside"])
def test_bytes_that_are_no_utf8_are_no_event(place: str, bad: bytes) -> None:
    message = {
        "delta": b'{"type":"response.output_text.delta","delta":"?"}',
        "obfuscation": b'{"type":"response.output_text.delta","delta":"","obfuscation":"?"}',
        "member": b'{"type":"response.output_text.delta","delta":"","?":1}',
        "type": b'{"type":"?"}',
        "outside": b'{"type":"ping"}?',
    }[place].replace(b"?", bad)
    event = decode_response_event(message)
    assert isinstance(event, MalformedEvent)
    assert event.raw == message
    assert "UTF-8" in event.reason


def test_a_depth_below_one_is_the_callers_mistake() -> None:
    with pytest.raises(LocalProtocolError, match=r"^max_depth: "):
        decode_response_event("{}", max_depth=0)
