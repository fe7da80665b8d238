"""Which item an event is about, where servers number and name their items in odd ways.

The inputs of public reports (`data/<case>/expected.md` says where), the matrix of all the ways to
number and name (`tools/matrix.py` prints it), and properties: no call is lost, and none gets what
belongs to another.

Source: docs/servers.md, "Which item an event is about".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.items import FunctionCall, Item, Message, OutputText, Reasoning
from codex_proto.responses import (
    Completed,
    OutputItemDone,
    ResponseBuilder,
    ResponsesDecoder,
    StreamFailed,
)
from tests.paths import ROOT
from tests.properties.strategies import cuts, share
from tests.recordings import recordings
from tools import matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codex_proto.responses import FinalResponse
    from tests.properties.strategies import Cut

DATA: Final = ROOT / "tests" / "field" / "data"

Meaning = tuple[str, ...]
HELLO: Final[Meaning] = ("message", "Hello")
LS: Final[Meaning] = ("function_call", "ls", "call_1", '{"a":1}')
CAT: Final[Meaning] = ("function_call", "cat", "call_2", '{"b":2}')
THOUGHT: Final[Meaning] = ("reasoning", "think")


def _built(data: bytes) -> FinalResponse:
    decoder, builder = ResponsesDecoder(), ResponseBuilder()
    builder.receive_events(decoder.receive_data(data))
    builder.receive_events(decoder.receive_eof())
    return builder.build()


def _body(*events: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def _meanings(items: Sequence[Item]) -> tuple[Meaning, ...]:
    return tuple(map(matrix.meaning, items))


# -- what was reported ----------------------------------------------------------------------------

CASES: Final[dict[str, tuple[Meaning, ...]]] = {
    "01-no-index-done-items": (HELLO, (*LS[:3], "{}")),
    "02-no-index-args-swapped": (LS, CAT),
    "03-no-index-no-done-then-cut": (THOUGHT, LS, CAT),
    "04-index-collision-reasoning-tool": (
        THOUGHT,
        ("function_call", "apply_patch", "call_1", '{"p":1}'),
    ),
    "06-delta-by-item-id-only": (HELLO,),
    "07-rotating-item-ids": (LS,),
    "08-bedrock-mantle-no-id-on-done": ((*LS[:3], "{}"),),
    "09-terminal-output-partial": (
        ("message", "Calling"),
        ("function_call", "add_numbers", "call_1", '{"a":1}'),
    ),
    "15-added-without-content": (HELLO,),
    "17-added-call-without-arguments": (LS,),
    "18-args-before-added": (LS,),
    "50-resumed-duplicates": (HELLO,),
    "54-three-events-only": (HELLO,),
    "55-terminal-order-differs": (("reasoning", ""), HELLO),
}


@pytest.mark.parametrize("case", CASES)
def test_a_reported_stream_gives_what_its_server_meant(case: str) -> None:
    data = (DATA / f"responses-{case}" / "input.sse").read_bytes()
    final = _built(data)
    assert _meanings(final.items) == CASES[case]
    assert final.is_complete == ("cut" not in case)


# -- the matrix -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", matrix.shapes(), ids=str)
def test_all_ways_to_number_and_to_name(shape: matrix.Shape) -> None:
    final = matrix.built(shape)
    assert _meanings(final.items) == matrix.meant()
    assert final.is_complete == (shape.terminal != "none")


def test_the_matrix_prints_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix.main() == 0
    assert capsys.readouterr().out == "0 of 180 differ from what was meant.\n"


def _item(kind: str, at: int) -> dict[str, Any]:
    match kind:
        case "reasoning":
            return {"type": kind, "summary": [{"type": "summary_text", "text": f"think {at}"}]}
        case "message":
            content = [{"type": "output_text", "text": f"Hello {at}"}]
            return {"type": kind, "role": "assistant", "content": content}
        case _:
            arguments = json.dumps({"path": at})
            name = "ls" if at % 2 else "cat"
            return {"type": kind, "name": name, "call_id": f"call_{at}", "arguments": arguments}


outputs: Final = st.lists(
    st.sampled_from(["reasoning", "message", "function_call", "function_call"]),
    min_size=1,
    max_size=6,
).map(lambda kinds: [_item(kind, at) for at, kind in enumerate(kinds)])


@given(outputs, st.sampled_from(matrix.shapes()))
def test_any_output_survives_any_way_to_number_it(
    items: list[dict[str, Any]], shape: matrix.Shape
) -> None:
    final = matrix.built(shape, items)
    assert _meanings(final.items) == matrix.meant(items)


@given(outputs, st.sampled_from(matrix.shapes()), st.randoms(use_true_random=False))
def test_mixed_items_lose_no_call_and_exchange_no_arguments(
    items: list[dict[str, Any]], shape: matrix.Shape, random: Any
) -> None:
    """The pieces of several items mixed: where nothing tells them apart, they belong to none."""
    lanes = [list(matrix.item_events(shape, items, at)) for at in range(len(items))]
    events: list[dict[str, Any]] = []
    begun = 0
    while any(lanes):
        # Items are announced in their order.
        ready = [at for at, lane in enumerate(lanes) if lane and at <= begun]
        at = random.choice(ready)
        begun = max(begun, at + 1)
        events.append(lanes[at].pop(0))
    final = _built(matrix.body(shape, items, events))
    meant = {item["call_id"]: item for item in items if "call_id" in item}
    calls = [item for item in final.items if isinstance(item, FunctionCall) and item.name]
    assert {call.call_id for call in calls} == meant.keys()
    for call in calls:
        assert call.name == meant[call.call_id]["name"]
        assert meant[call.call_id]["arguments"].startswith(call.arguments)
        if final.is_complete:
            assert call.arguments == meant[call.call_id]["arguments"]


# -- wrong members --------------------------------------------------------------------------------

WRONG: Final[tuple[Any, ...]] = (None, True, 7, 1.5, "x", [], {}, [1], {"a": 1})
_SHAPE: Final = matrix.Shape("right", "stable", True, "full")


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON document but the document itself and its type."""
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, inner in pairs:
        if path or key != "type":
            yield (*path, key)
        yield from _places(inner, (*path, key))


def _with_wrong(event: dict[str, Any], path: tuple[Any, ...], wrong: object) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(event))
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = wrong
    return changed


def _is_of_its_type(event: dict[str, Any], path: tuple[Any, ...], wrong: object) -> bool:
    """Whether the value could stand there: then it is not wrong, but something else is meant."""
    value: Any = event
    for key in path:
        value = value[key]
    return isinstance(wrong, type(value)) or (path[-1] == "status" and isinstance(wrong, str))


def _all_events() -> list[dict[str, Any]]:
    data = matrix.stream(_SHAPE).decode()
    return [json.loads(block.removeprefix("data: ")) for block in data.split("\n\n") if block]


@pytest.mark.parametrize("at", range(len(_all_events())))
def test_one_wrong_member_changes_no_text_and_no_call(at: int) -> None:
    events = _all_events()
    for path in _places(events[at]):
        for wrong in WRONG:
            if _is_of_its_type(events[at], path, wrong):
                continue
            changed = [*events[:at], _with_wrong(events[at], path, wrong), *events[at + 1 :]]
            final = _built(_body(*changed))
            assert _meanings(final.items) == matrix.meant(), (path, wrong)


# -- what came first, and what came again ---------------------------------------------------------


@pytest.mark.parametrize("recording", recordings(), ids=str)
def test_no_whole_item_is_lost(recording: Any) -> None:
    """As many whole items as profile `codex` reports up to the outcome of `full`."""
    builder = ResponseBuilder()
    full = ResponsesDecoder()
    builder.receive_events(full.receive_data(recording.bytes) + full.receive_eof())
    codex = ResponsesDecoder("codex")
    events = codex.receive_data(recording.bytes) + codex.receive_eof()
    done = [event for event in events if isinstance(event, OutputItemDone)]
    assert len(builder.build().items) >= len(done)


NUMBERED: Final = [
    {**event, "sequence_number": number} for number, event in enumerate(_all_events())
]


@given(st.integers(0, len(NUMBERED) - 1), st.integers(0, len(NUMBERED)))
def test_a_resumed_stream_changes_nothing_twice(again: int, broken: int) -> None:
    events = [*NUMBERED[:broken], *NUMBERED[min(again, broken) :]]
    final = _built(_body(*events))
    assert _meanings(final.items) == matrix.meant()
    assert final.is_complete


@given(st.sampled_from([0, 1, -3]))
def test_a_server_that_numbers_all_events_alike_loses_nothing(number: int) -> None:
    events = [{**event, "sequence_number": number} for event in _all_events()]
    assert _meanings(_built(_body(*events)).items) == matrix.meant()
    deltas = [
        {"type": "response.output_text.delta", "delta": "ha", "sequence_number": number}
        for _ in range(3)
    ]
    assert _built(_body(*deltas)).output_text == "hahaha"


def test_a_second_created_begins_another_response() -> None:
    created = {"type": "response.created", "response": {"id": "resp_1"}}
    text = {"type": "response.output_text.delta", "delta": "Hello", "item_id": "m"}
    final = _built(_body(created, text, {**created, "response": {"id": "resp_2"}}, text))
    assert final.output_text == "Hello"
    assert final.response_id == "resp_2"


# -- pieces of all kinds --------------------------------------------------------------------------


def _added(item: dict[str, Any] | None, **members: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "item": item, **members}


def _done(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item}


PIECES: Final = [
    ("mcp_call_arguments", "mcp_call", "arguments"),
    ("code_interpreter_call_code", "code_interpreter_call", "code"),
    ("custom_tool_call_input", "custom_tool_call", "input"),
    ("function_call_arguments", "function_call", "arguments"),
]


@pytest.mark.parametrize(("event", "type_", "member"), PIECES, ids=[each[0] for each in PIECES])
@pytest.mark.parametrize("start", [{}, {"name": "f"}, {"name": 5}, None])
def test_the_pieces_of_a_call_reach_it(
    event: str, type_: str, member: str, start: dict[str, Any] | None
) -> None:
    item = None if start is None else {"id": "i", "type": type_, "call_id": "c", **start}
    deltas = [
        {"type": f"response.{event}.delta", "item_id": "i", "delta": piece} for piece in ("1", "2")
    ]
    (call,) = _built(_body(_added(item), *deltas)).items
    assert getattr(call, member) == "12"
    done = {"type": f"response.{event}.done", "item_id": "i", member: "123"}
    (call,) = _built(_body(_added(item), *deltas, done)).items
    assert getattr(call, member) == "123"
    # An empty end does not erase what came before it.
    (call,) = _built(_body(_added(item), *deltas, {**done, member: ""})).items
    assert getattr(call, member) == "12"
    whole = {"id": "i", "type": type_, "call_id": "c", "name": "f", member: ""}
    (call,) = _built(_body(_added(item), *deltas, _done(whole))).items
    assert getattr(call, member) == "12"


def test_a_partial_image_reaches_its_call() -> None:
    partial = {
        "type": "response.image_generation_call.partial_image",
        "item_id": "i",
        "partial_image_b64": "aGk=",
    }
    item = {"id": "i", "type": "image_generation_call", "status": "in_progress"}
    (call,) = _built(_body(_added(item), partial)).items
    assert getattr(call, "result") == "aGk="  # noqa: B009 - of the union of items


@pytest.mark.parametrize("start", [{"content": []}, {}, {"content": None}, None])
def test_parts_and_refusals_reach_their_message(start: dict[str, Any] | None) -> None:
    item = None if start is None else {"id": "m", "type": "message", "role": "assistant", **start}
    citation = {"type": "url_citation", "url": "https://a.example"}
    part = {"type": "output_text", "text": "Hello", "annotations": [citation]}
    events = [
        {"type": "response.content_part.done", "item_id": "m", "content_index": 0, "part": part},
        {"type": "response.refusal.delta", "item_id": "m", "content_index": 1, "delta": "No"},
        {"type": "response.refusal.delta", "item_id": "m", "content_index": 1, "delta": "pe"},
    ]
    (message,) = _built(_body(_added(item), *events)).items
    assert isinstance(message, Message)
    assert not isinstance(message.content, str)
    text, refusal = message.content
    assert isinstance(text, OutputText)
    assert text.text == "Hello"
    assert text.annotations
    assert getattr(refusal, "refusal") == "Nope"  # noqa: B009 - of the union of parts


def test_parts_of_a_summary_reach_their_reasoning() -> None:
    part = {"type": "summary_text", "text": "First."}
    done = {
        "type": "response.reasoning_summary_part.done",
        "item_id": "r",
        "summary_index": 0,
        "part": part,
    }
    (item,) = _built(_body(done)).items
    assert isinstance(item, Reasoning)
    assert item.summary_text == "First."


# -- what is whole --------------------------------------------------------------------------------


def test_a_note_says_what_was_wrong() -> None:
    item = {"id": "m", "type": "message", "role": "assistant", "content": 5}
    final = _built(_body(_added(item, output_index="x")))
    assert {note.field for note in final.notes} == {"content", "output_index"}
    assert final.is_whole


def test_an_item_that_cannot_be_read_makes_the_response_not_whole() -> None:
    completed = {"type": "response.completed", "response": {"id": "r", "output": []}}
    final = _built(_body(_done({"x": 5}), completed))
    assert isinstance(final.outcome, Completed)
    assert final.notes
    assert not final.is_complete


def test_pieces_that_could_be_of_two_calls_are_given_to_none() -> None:
    calls = [
        {"type": "function_call", "name": name, "call_id": name, "arguments": ""}
        for name in ("ls", "rm")
    ]
    delta = {"type": "response.function_call_arguments.delta", "delta": '{"path":"/"}'}
    completed = {"type": "response.completed", "response": {"id": "r", "output": []}}
    final = _built(_body(*map(_added, calls), delta, completed))
    assert [(item.name, item.arguments) for item in final.items if isinstance(item, FunctionCall)][
        :2
    ] == [("ls", ""), ("rm", "")]
    assert final.notes
    assert not final.is_complete


@share(0.5)
@given(st.sampled_from([*CASES]), cuts())
def test_how_bytes_are_cut_never_matters(case: str, cut: Cut) -> None:
    data = (DATA / f"responses-{case}" / "input.sse").read_bytes()
    decoder, builder = ResponsesDecoder(), ResponseBuilder()
    for chunk in cut(data):
        builder.receive_events(decoder.receive_data(chunk))
    builder.receive_events(decoder.receive_eof())
    assert builder.build() == _built(data)


def test_a_stream_that_broke_off_is_as_far_as_it_came() -> None:
    final = _built(matrix.stream(matrix.Shape("right", "stable", False, "none")))
    assert isinstance(final.outcome, StreamFailed)
    assert _meanings(final.items) == matrix.meant()


def test_a_response_after_a_refused_one_is_not_refused() -> None:
    error = {"type": "error", "error": {"code": "invalid_prompt", "message": "no"}}
    decoder, builder = ResponsesDecoder(), ResponseBuilder()
    builder.receive_events(decoder.receive_message(json.dumps(error)))
    assert isinstance(builder.build().outcome, StreamFailed)
    for event in _all_events():
        builder.receive_events(decoder.receive_message(json.dumps(event)))
    assert builder.build().is_complete


@pytest.mark.parametrize("profile", ["full", "codex"])
@pytest.mark.parametrize("reason", ["interrupted", "max_output_tokens"])
@pytest.mark.parametrize("type_", ["response.completed", "response.incomplete"])
def test_a_response_that_was_cut_off_is_not_complete(profile: Any, reason: str, type_: str) -> None:
    response = {"id": "r", "status": "incomplete", "incomplete_details": {"reason": reason}}
    decoder, builder = ResponsesDecoder(profile), ResponseBuilder()
    builder.receive_events(decoder.receive_data(_body({"type": type_, "response": response})))
    assert builder.build().outcome is not None
    assert not builder.build().is_complete
