"""More inputs of the kinds that the field has, each with what its user expects of it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from codex_proto.errors import (
    ContextWindowExceeded,
    InvalidRequest,
    QuotaExceeded,
    StreamClosedEarly,
)
from codex_proto.items import FunctionCall
from codex_proto.responses import ResponseBuilder, ResponsesDecoder
from tests.field.test_ends import (
    COMPLETED,
    CREATED,
    DELTA,
    MESSAGE,
    Read,
    body_of,
    end,
    read,
)


def call(name: str, arguments: Any, id_: str, call_id: str) -> dict[str, Any]:
    kind = {"type": "function_call", "id": id_, "call_id": call_id}
    return {**kind, "name": name, "arguments": arguments}


def item(how: str, item: Any, place: int | None = None) -> dict[str, Any]:
    at = {} if place is None else {"output_index": place}
    return {"type": f"response.output_item.{how}", "item": item, **at}


def arguments(delta: str, id_: str, place: int | None = None) -> dict[str, Any]:
    at = {} if place is None else {"output_index": place}
    kind = {"type": "response.function_call_arguments.delta", "item_id": id_}
    return {**kind, "delta": delta, **at}


def calls(found: Read) -> list[tuple[str, str]]:
    items = [item for item in found.final.items if isinstance(item, FunctionCall)]
    return [(item.name, item.arguments) for item in items]


TWO_CALLS = [("ls", '{"a":1}'), ("cat", '{"b":2}')]


def test_one_id_for_two_calls_at_a_time_is_told_apart_by_place() -> None:
    starts = (
        item("added", call("ls", "", "x", "c1"), 0),
        item("added", call("cat", "", "x", "c2"), 1),
    )
    pieces = [('{"a":', 0), ('{"b":', 1), ("1}", 0), ("2}", 1)]
    deltas = [arguments(delta, "x", place) for delta, place in pieces]
    found = read(body_of(CREATED, *starts, *deltas, COMPLETED))
    assert calls(found) == TWO_CALLS
    assert found.final.is_complete


def test_one_id_for_two_calls_at_a_time_without_places_gives_no_call_anothers_arguments() -> None:
    starts = item("added", call("ls", "", "x", "c1")), item("added", call("cat", "", "x", "c2"))
    deltas = arguments('{"a":1}', "x"), arguments('{"b":2}', "x")
    found = read(body_of(CREATED, *starts, *deltas, COMPLETED))
    assert calls(found)[:2] == [("ls", ""), ("cat", "")]
    assert not found.final.is_complete


def test_pieces_may_name_the_call_where_the_item_should_be_named() -> None:
    starts = item("added", call("ls", "", "f1", "c1")), item("added", call("cat", "", "f2", "c2"))
    deltas = arguments('{"a":1}', "c1"), arguments('{"b":2}', "c2")
    found = read(body_of(CREATED, *starts, *deltas, COMPLETED))
    assert calls(found) == TWO_CALLS
    assert found.final.is_complete


@pytest.mark.parametrize("how", ["done", "terminal"])
def test_arguments_that_are_an_object_are_read_as_its_json(how: str) -> None:
    made = call("ls", {"a": 1}, "f1", "c1")
    events = [item("done", made, 0)] if how == "done" else []
    found = read(body_of(CREATED, *events, end("completed", output=[made])))
    assert calls(found) == [("ls", '{"a": 1}')]
    assert "read as its JSON" in [note.reason for note in found.final.notes]


@pytest.mark.parametrize("how", ["pieces", "item"])
def test_arguments_that_are_an_object_are_worth_less_than_a_text(how: str) -> None:
    right = call("ls", '{"a":1}', "f1", "c1")
    start = [item("added", call("ls", "", "f1", "c1"), 0), arguments('{"a":1}', "f1", 0)]
    before = start if how == "pieces" else [item("done", right, 0)]
    wrong = call("ls", {"x": 2}, "f1", "c1")
    found = read(body_of(CREATED, *before, item("done", wrong, 0), COMPLETED))
    assert ("ls", '{"a":1}') in calls(found)
    found = read(body_of(CREATED, *before, end("completed", output=[wrong])))
    assert calls(found) == [("ls", '{"a":1}')]


def test_pieces_after_an_item_without_text_are_its_text() -> None:
    hollow = item("done", call("ls", "", "f1", "c1"), 0)
    deltas = arguments('{"a":', "f1", 0), arguments("1}", "f1", 0)
    found = read(body_of(CREATED, hollow, *deltas, COMPLETED))
    assert calls(found) == [("ls", '{"a":1}')]
    # What is not empty is whole.
    full = item("done", call("ls", "{}", "f1", "c1"), 0)
    assert calls(read(body_of(CREATED, full, *deltas, COMPLETED))) == [("ls", "{}")]


def test_a_partial_image_after_the_item_is_not_the_image() -> None:
    image = {"type": "image_generation_call", "id": "i", "result": "WHOLE", "status": "completed"}
    kind = {"type": "response.image_generation_call.partial_image", "item_id": "i"}
    late = {**kind, "partial_image_index": 0, "partial_image_b64": "PART"}
    found = read(body_of(CREATED, item("done", image, 0), late, COMPLETED))
    assert [getattr(each, "result", None) for each in found.final.items] == ["WHOLE"]


def test_a_call_without_a_name_and_an_item_that_broke_off_are_not_complete() -> None:
    nameless = read(body_of(CREATED, arguments('{"a":1}', "f1", 0), COMPLETED))
    assert calls(nameless) == [("", '{"a":1}')]
    assert not nameless.final.is_complete
    cut = read(body_of(CREATED, end("completed", output=[{**MESSAGE, "status": "incomplete"}])))
    assert not cut.final.is_complete


def test_an_item_that_the_list_lacks_is_complete_where_the_list_has_nothing_of_its_kind() -> None:
    made = call("ls", '{"a":1}', "f1", "c1")
    found = read(body_of(CREATED, DELTA, end("completed", output=[made])))
    assert found.final.output_text == "Hello"
    assert calls(found) == [("ls", '{"a":1}')]
    assert found.final.is_complete


def test_an_event_that_is_its_own_response() -> None:
    flat = {**end("completed")["response"], "output": [MESSAGE], "type": "response.completed"}
    found = read(body_of(CREATED, flat))
    assert found.final.is_complete
    assert (found.final.output_text, found.final.response_id) == ("Hello", "resp_1")
    bare = read(body_of(CREATED, DELTA, {"type": "response.completed"}))
    assert bare.final.is_complete


def test_the_status_error_is_a_failure() -> None:
    error = {"code": "insufficient_quota", "message": "no"}
    assert isinstance(
        read(body_of(end("completed", status="error", error=error))).error, QuotaExceeded
    )


@pytest.mark.parametrize(
    ("record", "code", "message"),
    [
        ({"message": "no", "code": "invalid_api_key"}, "invalid_api_key", "no"),
        ({"message": "no", "status_code": 400}, None, "no"),
        ({"detail": "Not authenticated"}, None, "Not authenticated"),
        ({"success": False, "errors": [{"code": 10000, "message": "no"}]}, "10000", "no"),
        ({"__type": "x#ValidationException", "message": "no"}, "ValidationException", "no"),
        ({"type": "Error", "error": {"message": "no", "code": "c"}}, "c", "no"),
        ({"type": "", "error": {"message": "no", "code": "c"}}, "c", "no"),
        ({"type": "ERROR", "message": "no", "code": "c"}, "c", "no"),
    ],
    ids=str,
)
def test_a_flat_error_without_a_type(
    record: dict[str, Any], code: str | None, message: str
) -> None:
    error = read(body_of(CREATED, DELTA, record)).error
    assert (error.code, str(error)) == (code, message)


@pytest.mark.parametrize(
    "record",
    [{"code": 0, "message": "ok"}, {"status": "loading", "message": "x"}, {"message": "x"}],
    ids=str,
)
def test_what_is_no_error_is_none(record: dict[str, Any]) -> None:
    assert isinstance(read(body_of(CREATED, DELTA, record)).error, StreamClosedEarly)


@pytest.mark.parametrize("kind", ["error", "failed"])
@pytest.mark.parametrize("is_text", [True, False])
def test_an_error_inside_of_the_message(kind: str, is_text: bool) -> None:
    inner = {"error": {"message": "too long", "code": "context_length_exceeded"}}
    error = {"message": json.dumps(inner) if is_text else inner}
    sent = {"type": "error", **error} if kind == "error" else end("failed", error=error)
    found = read(body_of(CREATED, sent)).error
    assert isinstance(found, ContextWindowExceeded)
    assert str(found) == "too long"


def test_a_status_as_text_says_as_much_as_a_number() -> None:
    sent = {"type": "error", "status": "401", "error": {"message": "no"}}
    error = read(body_of(CREATED, sent)).error
    assert isinstance(error, InvalidRequest)
    assert not error.retryable


@pytest.mark.parametrize("text", ["q" * 40_000, ""])
def test_many_parts_are_merged_in_linear_time(text: str) -> None:
    parts = [{"type": "output_text", "text": f"{number},"} for number in range(40_000)]
    rich, poor = {**MESSAGE, "content": parts}, {**MESSAGE, "content": [{**parts[0], "text": text}]}
    body = body_of(CREATED, item("done", rich, 0), end("completed", output=[poor]))
    decoder, builder = ResponsesDecoder(), ResponseBuilder()
    builder.receive_events(decoder.receive_data(body))
    start = time.process_time()
    found = builder.build()
    assert time.process_time() - start < 1.0
    assert len(found.output_text) >= len("".join(each["text"] for each in parts)) - 2


@pytest.mark.parametrize("whole", ['{"a":1}', "{}"])
def test_pieces_behind_the_whole_arguments_are_not_added_to_them(whole: str) -> None:
    made = call("ls", whole, "f1", "c1")
    kind = {"type": "response.function_call_arguments.done", "item_id": "f1", "output_index": 0}
    start, text = item("added", call("ls", "", "f1", "c1"), 0), {**kind, "arguments": whole}
    late = arguments(whole[-1], "f1", 0)
    found = read(body_of(CREATED, start, text, late, item("done", made, 0), COMPLETED))
    assert calls(found) == [("ls", whole)]


def test_a_first_created_that_comes_late_loses_nothing() -> None:
    before = {"type": "response.in_progress", "response": {"id": "resp_1"}}
    made = item("done", call("ls", "{}", "f1", "c1"), 0)
    found = read(body_of(before, made, CREATED, COMPLETED))
    assert calls(found) == [("ls", "{}")]
