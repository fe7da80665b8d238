"""More inputs of the kinds that the field has, each with what its user expects of it."""

from __future__ import annotations

from typing import Any

from codex_proto.items import FunctionCall
from tests.field.test_ends import COMPLETED, CREATED, Read, body_of, read


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
    starts = item("added", call("ls", "", "x", "c1"), 0), item("added", call("cat", "", "x", "c2"), 1)
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
