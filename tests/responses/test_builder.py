"""`ResponseBuilder`: what a stream of events amounts to, on every recording and on made-up ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.items import (
    FunctionCall,
    Message,
    OutputText,
    Reasoning,
    ReasoningText,
    SummaryText,
    UnknownItem,
)
from codex_proto.responses import (
    Completed,
    Created,
    FinalResponse,
    LifecycleEvent,
    OutputItemAdded,
    OutputItemDone,
    ResponseBuilder,
    ResponsesDecoder,
    StreamFailed,
    decode_response_event,
)
from codex_proto.responses._pieces import DRAFTED
from tests.recordings import Recording, recordings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codex_proto.responses import ResponseEvent

every_recording = pytest.mark.parametrize("recording", recordings(), ids=str)

# These say something else each time, and what they say is for the server alone (observed.md,
# "Public recordings").
CHANGING = ("encrypted_content",)
# This one gives an item another id in every event.
CHANGES_IDS = "copilot"


def _events(recording: Recording) -> list[ResponseEvent]:
    decoder = ResponsesDecoder()
    return decoder.receive_data(recording.bytes) + decoder.receive_eof()


def _built(events: Iterable[ResponseEvent]) -> ResponseBuilder:
    builder = ResponseBuilder()
    builder.receive_events(events)
    return builder


def _comparable(item: Any, *without: str) -> Any:
    changes = {name: None for name in (*CHANGING, *without) if name in item.__struct_fields__}
    return msgspec.structs.replace(item, **changes)


@every_recording
def test_the_events_amount_to_the_terminal_response(recording: Recording) -> None:
    events = _events(recording)
    builder = _built(events)
    final = builder.build()
    terminal = [event for event in events if isinstance(event, LifecycleEvent)]
    last = terminal[-1] if terminal else None
    assert final.outcome is events[-1]
    if last is None:
        return
    assert final.response_id == last.response_id
    assert final.token_usage == last.token_usage
    assert final.response == last.response
    told = final.response.output if final.response is not None else ()
    assert not isinstance(told, msgspec.Struct)
    if told:
        # What the last event says of the output is its last word ...
        assert final.items == told
        # ... and the events before it had said the same.
        without = ("id",) if CHANGES_IDS in recording.name else ()
        assert [_comparable(item, *without) for item in builder.items] == [
            _comparable(item, *without) for item in told
        ]
    else:
        done = [event.item for event in events if isinstance(event, OutputItemDone)]
        assert list(final.items)[: len(done)] == done


@every_recording
def test_deltas_alone_give_the_same_texts(recording: Recording) -> None:
    """As if the connection had broken before any item was told whole."""
    events = _events(recording)
    entry = recording.entry.get("integrity", {})
    if not entry.get("text_ok", True) or not entry.get("args_ok", True):
        pytest.skip("the recording's author trimmed its deltas")
    whole = {e.output_index: e.item for e in events if isinstance(e, OutputItemDone)}
    builder = _built(
        event
        for event in events
        if type(event) in DRAFTED and not isinstance(event, OutputItemDone)
    )
    added = [e.output_index for e in events if isinstance(e, OutputItemAdded)]
    for item, place in zip(builder.items, dict.fromkeys(added), strict=True):
        expected = whole.get(place)
        if isinstance(expected, Message):
            assert isinstance(item, Message)
            assert item.text == expected.text
        elif isinstance(expected, FunctionCall):
            assert isinstance(item, FunctionCall)
            assert item.arguments == expected.arguments
        elif isinstance(expected, Reasoning):
            assert isinstance(item, Reasoning)
            assert item.summary_text == expected.summary_text


def _event(type_: str, **members: Any) -> ResponseEvent:
    return decode_response_event(json.dumps({"type": type_, **members}))


def _text(delta: str, **members: Any) -> ResponseEvent:
    return _event("response.output_text.delta", delta=delta, **members)


def test_text_without_any_item_is_a_message() -> None:
    builder = _built([_text("Hel"), _text("lo"), _text("!", content_index=1)])
    assert builder.items == (
        Message(
            role="assistant",
            status="in_progress",
            content=(
                OutputText(text="Hello", annotations=()),
                OutputText(text="!", annotations=()),
            ),
        ),
    )
    assert builder.build().output_text == "Hello!"
    assert not builder.build().is_complete


SUMMARY = "response.reasoning_summary_text.delta"


def test_an_unfinished_item_is_there_as_far_as_it_came() -> None:
    call = {"type": "function_call", "name": "f", "arguments": "", "call_id": "c", "id": "fc_1"}
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    builder = _built(
        [
            _event("response.output_item.added", item=thought, output_index=0),
            _event(
                "response.reasoning_summary_text.delta", delta="A", summary_index=0, output_index=0
            ),
            _event(
                "response.reasoning_summary_text.delta", delta="B", summary_index=1, output_index=0
            ),
            _event("response.reasoning_text.delta", delta="why", content_index=0, output_index=0),
            _event("response.output_item.added", item=call, output_index=1),
            _event("response.function_call_arguments.delta", delta='{"a":', output_index=1),
            StreamFailed(LocalProtocolError("broke off")),
        ]
    )
    reasoning, function_call = builder.build().items
    assert reasoning == Reasoning(
        id="rs_1",
        summary=(SummaryText(text="A"), SummaryText(text="B")),
        content=(ReasoningText(text="why"),),
    )
    assert isinstance(function_call, FunctionCall)
    assert (function_call.name, function_call.arguments) == ("f", '{"a":')


def test_interleaved_items_are_told_apart_by_place_or_by_id() -> None:
    for name, first, second in (("output_index", 0, 1), ("item_id", "m_1", "m_2")):
        pieces = [(first, "a"), (second, "x"), (first, "b"), (second, "y")]
        builder = _built(_text(delta, **{name: key}) for key, delta in pieces)
        assert [item.text for item in builder.items if isinstance(item, Message)] == ["ab", "xy"]


KINDS = [
    # the delta's type, the done event's, its member, and what is asked of the item
    ("response.output_text", "text", lambda item: item.text),
    ("response.refusal", "refusal", lambda item: item.content[0].refusal),
    ("response.reasoning_summary_text", "text", lambda item: item.summary_text),
    ("response.reasoning_text", "text", lambda item: item.text),
    ("response.function_call_arguments", "arguments", lambda item: item.arguments),
    ("response.custom_tool_call_input", "input", lambda item: item.input),
]
CALLS = {
    "response.function_call_arguments": {"type": "function_call", "arguments": ""},
    "response.custom_tool_call_input": {"type": "custom_tool_call", "input": ""},
}


@pytest.mark.parametrize(("kind", "member", "text_of"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_a_done_text_takes_the_place_of_its_deltas(kind: str, member: str, text_of: Any) -> None:
    begin = {**CALLS[kind], "name": "n", "call_id": "c"} if kind in CALLS else None
    builder = ResponseBuilder()
    if begin is not None:
        builder.receive_event(_event("response.output_item.added", item=begin, output_index=0))
    for delta in ("Hel", "lo"):
        builder.receive_event(_event(f"{kind}.delta", delta=delta, output_index=0))
    assert text_of(builder.items[0]) == "Hello"
    builder.receive_event(_event(f"{kind}.done", **{member: "Hello!"}, output_index=0))
    assert text_of(builder.items[0]) == "Hello!"


def test_text_beyond_the_limit_is_left_out_and_counted() -> None:
    builder = ResponseBuilder(max_text_size=5)
    for _ in range(4):
        builder.receive_event(_text("abc", output_index=0))
    assert builder.build().output_text == "abc"
    assert builder.build().text_left_out == 9
    # A whole item is the server's last word, and frees what its pieces took.
    content = [{"type": "output_text", "text": "abcabcabcabc"}]
    item = {"type": "message", "role": "assistant", "content": content}
    builder.receive_event(_event("response.output_item.done", item=item, output_index=0))
    builder.receive_event(_text("abcde", output_index=1))
    assert builder.build().output_text == "abcabcabcabcabcde"
    with pytest.raises(LocalProtocolError, match="max_text_size"):
        ResponseBuilder(max_text_size=-1)


def test_unknown_items_are_items_too() -> None:
    builder = _built([_event("response.output_item.done", item={"type": "new"}, output_index=0)])
    (item,) = builder.items
    assert isinstance(item, UnknownItem)


def test_a_second_response_begins_anew() -> None:
    first = _event("response.completed", response={"id": "r1"})
    second = _event("response.created", response={"id": "r2"})
    assert isinstance(first, Completed)
    assert isinstance(second, Created)
    builder = _built([_text("one"), first])
    assert builder.build().is_complete
    builder.receive_event(second)
    assert builder.build() == FinalResponse(
        response_id="r2",
        response=second.response if not None else None,  # type: ignore[arg-type]
    )


@given(st.lists(st.sampled_from(["a", "bc", ""]), max_size=8))
def test_pieces_add_up(pieces: list[str]) -> None:
    assert _built(_text(piece) for piece in pieces).build().output_text == "".join(pieces)
