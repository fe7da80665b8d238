"""What foreign servers send, in any mixture: never an exception, one outcome, any cut the same.

And of records: one wrong member anywhere in a `response` costs nothing but that member.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.responses import (
    Completed,
    MalformedEvent,
    MalformedPart,
    ResponseBuilder,
    ResponsesDecoder,
    StreamFailed,
)
from tests.properties.plain import touch
from tests.properties.strategies import Cut, cuts, event_streams, streams

# -- any mixture ----------------------------------------------------------------------------------

_MESSAGE: Final = {"type": "message", "id": "m", "role": "assistant", "content": []}
_WHOLE: Final = {"id": "r", "object": "response", "output": [_MESSAGE]}
_DOCUMENTS: Final[tuple[Any, ...]] = (
    {"type": "response.created", "response": {"id": "r"}},
    {"type": "response.output_text.delta", "delta": "x"},
    {"type": "response.completed", "response": {"id": "r", "status": "completed"}},
    {"type": "response.completed", "response": {"id": "r", "status": "failed"}},
    {"type": "response.completed", "response": {"id": "r", "status": "incomplete"}},
    {"type": "response.done", "response": {"id": "r"}},
    {"type": "response.done"},
    {"type": "response.cancelled"},
    {"type": "response.error", "message": "m"},
    {"type": "server_error", "message": "m"},
    {"type": "about:blank", "detail": "m"},
    {"type": "odd", "message": "m"},
    {"type": "odd", "error": {"message": "m"}},
    {"type": 5, "error": {"message": "m"}},
    {"type": "error", "error": {"message": "m"}},
    {"error": {"message": "m", "code": 400}},
    {"error": "m"},
    {"error": None},
    {"message": "m", "code": "c"},
    {"detail": "m"},
    {"response": {"id": "r", "status": "completed"}},
    {"response": {"id": "r", "output": []}},
    {"delta": "x"},
    {**_WHOLE, "status": "completed"},
    {**_WHOLE, "status": "failed", "error": {"code": "c", "message": "m"}},
    {**_WHOLE, "status": "queued"},
    _WHOLE,
    [{"error": {"message": "m"}}],
    {},
    [],
    5,
    "error",
    None,
)
_TEXTS: Final = ("", "[DONE]", "error: m", "<html><title>t</title>", "m", "data: {}", '{"a":', "}{")


def _payloads() -> st.SearchStrategy[str]:
    documents = st.sampled_from(_DOCUMENTS)
    whole = documents.map(json.dumps)
    pretty = documents.map(lambda value: json.dumps(value, indent=1))
    several = st.lists(whole, min_size=2, max_size=3).flatmap(
        lambda each: st.sampled_from(("", " ", "\n")).map(lambda between: between.join(each))
    )
    return st.one_of(whole, pretty, several, st.sampled_from(_TEXTS))


_NAMES: Final = (
    None,
    "error",
    "ping",
    "message",
    "response.completed",
    "response.failed",
    "response.output_text.delta",
    "response.new",
    "\xff",
)


def _block(payload: str, name: str | None, prefix: str, end: str) -> bytes:
    lines = [] if name is None else [f"event: {name}"]
    lines += [prefix + line for line in payload.split("\n")]
    return "".join(line + end for line in [*lines, ""]).encode("latin-1")


def foreign_streams() -> st.SearchStrategy[bytes]:
    blocks = st.builds(
        _block,
        _payloads(),
        st.sampled_from(_NAMES),
        st.sampled_from(("data: ", "data:", "data: data: ", "")),
        st.sampled_from(("\n", "\n", "\r\n", "\r")),
    )
    whole = st.lists(blocks | event_streams(2), max_size=5).map(b"".join)
    begun = st.tuples(st.sampled_from((b"", b"\xef\xbb\xbf", b"\n")), whole).map(b"".join)
    return begun | st.tuples(begun, st.integers(0, 60)).map(lambda cut: cut[0][: -cut[1] or None])


def _run(stream: bytes, cut: Cut) -> tuple[list[Any], ResponsesDecoder]:
    decoder = ResponsesDecoder()
    events = [event for chunk in cut(stream) for event in decoder.receive_data(chunk)]
    return events + decoder.receive_eof(), decoder


@given(stream=foreign_streams() | streams(), cut=cuts())
def test_whatever_is_sent_the_cut_does_not_matter_and_there_is_one_outcome(
    stream: bytes, cut: Cut
) -> None:
    expected, decoder = _run(stream, Cut((max(1, len(stream)),)))
    outcomes = [event for event in expected if isinstance(event, Completed | StreamFailed)]
    assert outcomes == [decoder.outcome] == expected[-1:]
    for event in expected:
        touch(event)
    for each in (cut, Cut((1,))):
        events, other = _run(stream, each)
        assert events == expected
        assert other.outcome == decoder.outcome
        counted = (other.keepalives, other.done_markers, other.events_discarded)
        assert counted == (decoder.keepalives, decoder.done_markers, decoder.events_discarded)
    by_blocks = ResponsesDecoder()
    blocks = [block for chunk in cut(stream) for block in by_blocks.receive_blocks(chunk)]
    assert b"".join(block.raw for block in blocks) + by_blocks.trailing_data == stream
    assert [e for block in blocks for e in block.events] + by_blocks.receive_eof() == expected


@given(fed=st.lists(_payloads(), max_size=5))
def test_whatever_messages_are_sent_there_is_one_outcome_for_each_response(fed: list[str]) -> None:
    decoder = ResponsesDecoder()
    events = [event for message in fed for event in decoder.receive_message(message)]
    events += decoder.receive_close(1006)
    for event in events:
        touch(event)
    outcomes = [event for event in events if isinstance(event, Completed | StreamFailed)]
    assert outcomes
    assert events[-1] is outcomes[-1] or decoder.outcome is outcomes[-1]


@given(stream=foreign_streams() | streams())
def test_up_to_its_outcome_the_full_profile_has_what_upstream_has(stream: bytes) -> None:
    """But for the ends themselves, all that the other rules give is there, in its order."""
    full, _ = _run(stream, Cut((max(1, len(stream)),)))
    as_upstream = ResponsesDecoder(ends_as="codex")
    expected = as_upstream.receive_data(stream) if stream else []
    found = iter(full)
    for event in expected[: len(full) - 1]:
        if isinstance(event, Completed | StreamFailed | MalformedEvent):
            break
        if not any(each == event or _says_the_same(each, event) for each in found):
            # It came after the outcome of the full profile.
            assert not _is_before_the_end(full, event)
            break


def _says_the_same(one: Any, other: Any) -> bool:
    """Whether they are one event, of which the full profile has understood more."""
    return type(other).__name__ in {"UnknownEvent", "Failed", "Incomplete"} and bool(
        getattr(one, "notes", ())
    )


def _is_before_the_end(events: list[Any], event: Any) -> bool:
    return event in events[:-1]


# -- one wrong member -----------------------------------------------------------------------------

_WRONG: Final[tuple[Any, ...]] = (None, True, -1, 1.5, "x", "", [], ["x"], {}, {"x": [1]}, 10**30)

_RESPONSE: Final[dict[str, Any]] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_700_000_000,
    "completed_at": 1_700_000_001,
    "background": False,
    "error": None,
    "incomplete_details": None,
    "instructions": "Be brief.",
    "max_output_tokens": None,
    "max_tool_calls": 3,
    "model": "m",
    "output": [],
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": "k",
    "reasoning": {"effort": "low", "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [{"type": "function", "name": "f"}],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 5,
    },
    "user": None,
    "metadata": {"a": "b"},
}
_ERROR: Final = {
    "code": "insufficient_quota",
    "type": "insufficient_quota",
    "message": "Used up.",
    "param": None,
    "plan_type": "plus",
    "resets_at": 1_700_000_000,
    "resets_in_seconds": 5,
}
_ITEMS: Final = (
    {
        "type": "message",
        "id": "m",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
    },
    {"type": "function_call", "id": "f", "call_id": "c", "name": "f", "arguments": '{"a":1}'},
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield (*at, name)
            yield from _places(member, (*at, name))


def _with(value: Any, place: tuple[Any, ...], wrong: object) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = wrong
    return changed


def _final(*events: Any) -> Any:
    decoder, builder = ResponsesDecoder(), ResponseBuilder()
    body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    builder.receive_events(decoder.receive_data(body) + decoder.receive_eof())
    return builder.build()


def _told(*ends: Any) -> list[Any]:
    created = {"type": "response.created", "response": {"id": "resp_1"}}
    done = [
        {"type": "response.output_item.done", "output_index": place, "item": item}
        for place, item in enumerate(_ITEMS)
    ]
    return [created, *done, *ends]


# These decide: another id is of another response, and the status is the outcome.
_DECIDES: Final = ("status", "error", "incomplete_details")
_COMPLETED: Final = {**_RESPONSE, "status": "completed"}
_FAILED: Final = {**_RESPONSE, "status": "failed", "error": _ERROR}


@pytest.mark.parametrize("place", list(_places(_COMPLETED)), ids=str)
def test_a_wrong_member_of_a_completed_response_changes_neither_text_nor_calls(
    place: tuple[Any, ...],
) -> None:
    right = _final(*_told({"type": "response.completed", "response": _COMPLETED}))
    assert right.output_text == "Hello"
    assert right.is_complete
    for wrong in _WRONG:
        response = _with(_COMPLETED, place, wrong)
        final = _final(*_told({"type": "response.completed", "response": response}))
        assert final.output_text == right.output_text
        whole = tuple(item for item in final.items if not isinstance(item, MalformedPart))
        assert whole == right.items
        assert final.response is not None
        assert final.outcome is not None
        if place[0] not in ("output", *_DECIDES):
            assert final.is_complete
            assert final.response.model == ("m" if place != ("model",) else final.response.model)
        if place[0] not in ("usage", *_DECIDES):
            assert final.token_usage == right.token_usage
        if place == ("usage", "input_tokens"):
            assert final.token_usage is not None


@pytest.mark.parametrize("place", [p for p in _places(_FAILED) if p != ("error",)], ids=str)
def test_a_wrong_member_of_a_failed_response_does_not_change_what_failed(
    place: tuple[Any, ...],
) -> None:
    right = _final(*_told({"type": "response.failed", "response": _FAILED})).outcome.error
    assert not right.retryable
    for wrong in _WRONG:
        response = _with(_FAILED, place, wrong)
        final = _final(*_told({"type": "response.failed", "response": response}))
        assert isinstance(final.outcome, StreamFailed)
        if place == ("error", "code") and isinstance(wrong, str | int):
            # Another code is another error.
            continue
        assert type(final.outcome.error) is type(right)
        assert final.output_text == "Hello"


def test_a_wrong_member_of_an_incomplete_response_does_not_change_that_it_is() -> None:
    incomplete = {
        **_RESPONSE,
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
    }
    for place in _places(incomplete):
        for wrong in _WRONG:
            response = _with(incomplete, place, wrong)
            final = _final(*_told({"type": "response.incomplete", "response": response}))
            assert isinstance(final.outcome, StreamFailed)
            assert type(final.outcome.error).__name__ == "ResponseIncompleteError"
            assert final.output_text == "Hello"
