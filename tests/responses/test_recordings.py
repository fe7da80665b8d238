"""Recorded streams of eight providers, decoded: nothing malformed, nothing lost, nothing invented.

What is expected comes from the index of the recordings and from a plain reading of the same bytes
(split at blank lines, `json.loads`), never from the library.
"""

from __future__ import annotations

import functools
import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
import pytest

from codex_proto._wire import Lazy
from codex_proto.errors import ResponseFailedError, ResponseIncompleteError, StreamClosedEarly
from codex_proto.refusals import FAILED_CODES
from codex_proto.responses import (
    ROWS,
    Completed,
    ErrorEvent,
    Failed,
    Incomplete,
    LifecycleEvent,
    MalformedEvent,
    MalformedPart,
    OutputItemAdded,
    OutputItemDone,
    ResponseEvent,
    ResponsesDecoder,
    StreamFailed,
    TokenUsage,
    UnknownEvent,
    WireEvent,
    decode_response_event,
    encode_response_event,
)
from tests.recordings import Recording, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence

Json: TypeAlias = dict[str, Any]

RECORDINGS: Final = recordings()
every_recording = pytest.mark.parametrize("recording", RECORDINGS, ids=str)
# Cutting into single bytes takes a call for each: the long streams are cut less finely.
every_short_recording = pytest.mark.parametrize(
    "recording", [r for r in RECORDINGS if r.size < 30_000], ids=str
)

every_completed_recording = pytest.mark.parametrize(
    "recording",
    [r for r in RECORDINGS if r.entry["integrity"]["terminal"] == "response.completed"],
    ids=str,
)

# Seen on the wire and in no specification: the only types that may be unknown in a recording.
MAY_BE_UNKNOWN: Final = {
    "keepalive",
    "ping",
    "response.apply_patch_call_operation_diff.delta",
    "response.apply_patch_call_operation_diff.done",
    "response.reasoning_part.added",
    "response.reasoning_part.done",
}
# Members of an event that no class declares: a vendor's own. They are in the exact bytes that
# `receive_blocks` hands out, and nowhere else.
# Members that no class keeps: a vendor's bill, and padding that hides the length of a delta.
LEFT_OUT: Final = {
    ("response.completed", "copilot_usage"),
    *((row.type, "obfuscation") for row in ROWS if row.is_delta),
}
TERMINAL: Final = {"response.completed", "response.failed", "response.incomplete"}
DONE: Final = "[DONE]"


@dataclass(frozen=True)
class Stream:
    """A recording after it was decoded in one go."""

    events: list[ResponseEvent]
    decoder: ResponsesDecoder

    @property
    def wire_events(self) -> list[WireEvent]:
        """The events of the wire, without the outcome that was derived from them."""
        return [event for event in self.events if isinstance(event, WireEvent)]


def _decode(chunks: list[bytes]) -> Stream:
    decoder = ResponsesDecoder()
    events = [event for chunk in chunks for event in decoder.receive_data(chunk)]
    events += decoder.receive_eof()
    return Stream(events, decoder)


@functools.cache
def _whole(recording: Recording) -> Stream:
    return _decode([recording.bytes])


@functools.cache
def _payloads(recording: Recording) -> list[Json | str]:
    """A plain reading of the stream: the payloads of its blocks, `[DONE]` as it is."""
    found: list[Json | str] = []
    for block in recording.bytes.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = [line for line in block.split(b"\n") if line.startswith(b"data:")]
        if lines:
            text = b"\n".join(line[5:].removeprefix(b" ") for line in lines).decode()
            found.append(text if text == DONE else json.loads(text))
    return found


def _messages(recording: Recording) -> list[Json]:
    """The payloads up to the one that ends the response: what must be handed out."""
    found: list[Json] = []
    for payload in _payloads(recording):
        if isinstance(payload, dict):
            found.append(payload)
            if payload["type"] in TERMINAL:
                break
    return found


def _first_difference(found: Sequence[object], expected: Sequence[object]) -> object:
    """The first place where two sequences differ, None if they are equal: short, where a report
    of all differences between two long streams would take minutes to write."""
    for at, (one, other) in enumerate(zip_longest(found, expected)):
        if one != other:
            return (at, one, other)
    return None


# -- what was received --------------------------------------------------------------------------


@every_recording
def test_nothing_is_malformed_or_unheard_of(recording: Recording) -> None:
    events = _whole(recording).events
    assert not [event for event in events if isinstance(event, MalformedEvent)]
    assert {e.type for e in events if isinstance(e, UnknownEvent)} <= MAY_BE_UNKNOWN
    unfinished = recording.entry["wire"]["unterminated_tail"]
    assert sum(len(event.notes) for event in _whole(recording).wire_events) == unfinished


@every_recording
def test_every_event_of_the_wire_is_handed_out_or_counted(recording: Recording) -> None:
    stream = _whole(recording)
    decoder = stream.decoder
    expected = Counter(recording.entry["event_types"])
    assert sum(expected.values()) == recording.entry["events"]
    assert decoder.done_markers == expected.pop(DONE, 0)

    handed_out = Counter(event.type for event in stream.wire_events)
    if recording.entry["wire"]["unterminated_tail"]:
        # The index counts finished blocks only; the unfinished one is decoded at the end.
        handed_out["response.completed"] -= 1
    after_the_outcome = [
        payload["type"] for payload in _payloads(recording) if isinstance(payload, dict)
    ][len(_messages(recording)) :]
    assert +handed_out + Counter(after_the_outcome) == expected
    assert decoder.events_discarded == len(after_the_outcome)


@every_recording
def test_every_comment_is_counted_and_the_unfinished_block_is_kept(recording: Recording) -> None:
    decoder = _whole(recording).decoder
    assert decoder.comments_received == recording.entry["wire"]["comments"]
    assert bool(decoder.trailing_data) == recording.entry["wire"]["unterminated_tail"]
    assert recording.bytes.endswith(decoder.trailing_data)


@every_recording
def test_events_say_what_the_wire_said_in_its_order(recording: Recording) -> None:
    """Every member that a class declares is there with its value; no other member is left out
    but those of `LEFT_OUT`."""
    events = [e for e in _whole(recording).events if not isinstance(e, StreamFailed)]
    messages = _messages(recording)
    assert len(events) == len(messages)
    for event, message in zip(events, messages, strict=True):
        assert isinstance(event, WireEvent)
        assert event.type == message["type"]
        said = json.loads(
            encode_response_event(msgspec.structs.replace(event, wire_notes=msgspec.UNSET))
        )
        left_out = {(event.type, name) for name in message if name not in said}
        assert said == {name: value for name, value in message.items() if name in said}
        assert left_out <= LEFT_OUT


def _without_notes(event: WireEvent) -> WireEvent:
    return msgspec.structs.replace(event, wire_notes=msgspec.UNSET)


def _lazy_members(event: WireEvent) -> list[str]:
    return [
        name
        for cls in type(event).__mro__
        for name, member in vars(cls).items()
        if isinstance(member, Lazy)
    ]


@every_recording
def test_every_lazy_member_can_be_decoded(recording: Recording) -> None:
    for event in _whole(recording).wire_events:
        for name in _lazy_members(event):
            assert not isinstance(getattr(event, name), MalformedPart), (event.type, name)
        if isinstance(event, OutputItemAdded | OutputItemDone):
            assert not isinstance(event.item, MalformedPart)


# -- how it ended -------------------------------------------------------------------------------


@every_recording
def test_there_is_one_outcome_and_it_is_the_recorded_one(recording: Recording) -> None:
    stream = _whole(recording)
    outcomes = [event for event in stream.events if isinstance(event, Completed | StreamFailed)]
    assert outcomes == [stream.decoder.outcome]
    assert stream.events[-1] is stream.decoder.outcome
    assert stream.decoder.receive_eof() == []

    outcome = outcomes[0]
    terminal = recording.entry["integrity"]["terminal"]
    last = _messages(recording)[-1]
    if terminal == "response.completed" or recording.entry["wire"]["unterminated_tail"]:
        assert isinstance(outcome, Completed)
        assert outcome.response_id == last["response"]["id"]
        _agree_on_usage(outcome.token_usage, last["response"].get("usage"))
        return
    assert isinstance(outcome, StreamFailed)
    if terminal == "response.failed":
        assert isinstance(stream.events[-2], Failed)
        error = last["response"]["error"]
        assert isinstance(outcome.error, FAILED_CODES.get(error["code"], ResponseFailedError))
        assert outcome.error.code == error["code"]
        assert outcome.error.message == error["message"]
        assert outcome.error.response_id == last["response"]["id"]
    elif terminal == "response.incomplete":
        assert isinstance(stream.events[-2], Incomplete)
        assert isinstance(outcome.error, ResponseIncompleteError)
        assert outcome.error.reason == last["response"]["incomplete_details"]["reason"]
        assert outcome.error.response_id == last["response"]["id"]
        _agree_on_usage(outcome.error.token_usage, last["response"].get("usage"))
    else:
        assert terminal is None
        remembered = [event for event in stream.wire_events if isinstance(event, ErrorEvent)]
        kind = ResponseFailedError if remembered else StreamClosedEarly
        assert isinstance(outcome.error, kind)


def _agree_on_usage(usage: TokenUsage | MalformedPart | None, recorded: Json | None) -> None:
    if recorded is None:
        assert usage is None
        return
    assert isinstance(usage, TokenUsage)
    inputs = recorded.get("input_tokens_details") or {}
    outputs = recorded.get("output_tokens_details") or {}
    assert usage == TokenUsage(
        input_tokens=recorded["input_tokens"],
        output_tokens=recorded["output_tokens"],
        total_tokens=recorded["total_tokens"],
        cached_input_tokens=inputs.get("cached_tokens", 0),
        cache_write_input_tokens=inputs.get("cache_write_tokens", 0),
        reasoning_output_tokens=outputs.get("reasoning_tokens", 0),
    )


@every_recording
def test_a_cut_before_the_end_is_told_with_what_was_seen(recording: Recording) -> None:
    """The same stream without its last event: an early end, and what is known of the response."""
    messages = _messages(recording)
    cut = recording.bytes.replace(b"\r\n", b"\n").split(b"\n\n")
    while len(_types_of(cut)) >= len(messages):
        cut.pop()
    stream = _decode([b"\n\n".join(cut) + b"\n\n"])
    outcome = stream.decoder.outcome
    assert isinstance(outcome, StreamFailed)
    expected = _whole(recording).events[: len(messages) - 1]
    assert _first_difference(stream.events[:-1], expected) is None
    if "error" in recording.entry["event_types"]:
        # The error event says what the response.failed after it would have said.
        code = messages[-2]["error"]["code"] if "error" in messages[-2] else messages[-2]["code"]
        assert type(outcome.error) is FAILED_CODES.get(code, ResponseFailedError)
        return
    assert isinstance(outcome.error, StreamClosedEarly)
    assert outcome.error.last_event_type == messages[-2]["type"]
    assert outcome.error.response_id == messages[0]["response"]["id"]
    assert outcome.error.output_started == any("response" not in m for m in messages[:-1])
    assert outcome.error.retryable


def _types_of(blocks: list[bytes]) -> list[str]:
    found = []
    for block in blocks:
        for line in block.split(b"\n"):
            if line.startswith(b"data:") and line != b"data: [DONE]":
                found.append(json.loads(line[5:])["type"])
    return found


# -- deltas amount to what they are deltas of ---------------------------------------------------

# The text that a `done` event repeats whole, by the type of its deltas.
REPEATED_IN: Final = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_summary_text.delta": "text",
    "response.reasoning_text.delta": "text",
    "response.function_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
    "response.code_interpreter_call_code.delta": "code",
    "response.mcp_call_arguments.delta": "arguments",
}
# Where an item has it: the type of the deltas by the member of the item.
ARGUMENTS_OF_ITEM: Final = {
    "arguments": "response.function_call_arguments.delta",
    "input": "response.custom_tool_call_input.delta",
    "code": "response.code_interpreter_call_code.delta",
}
TEXT_OF_PART: Final = {
    "output_text": ("response.output_text.delta", "text"),
    "refusal": ("response.refusal.delta", "refusal"),
    "reasoning_text": ("response.reasoning_text.delta", "text"),
    "summary_text": ("response.reasoning_summary_text.delta", "text"),
}
# Places are numbers and not item ids: one provider changes the ids with every event.
Place: TypeAlias = tuple[str, object, object]


def _place(type_: str, event: WireEvent) -> Place:
    part = getattr(event, "content_index", None)
    if part is None:
        part = getattr(event, "summary_index", None)
    return (type_, getattr(event, "output_index"), part)  # noqa: B009 - not on every class


def _is_trimmed(recording: Recording, type_: str) -> bool:
    integrity = recording.entry["integrity"]
    in_arguments = type_ in ARGUMENTS_OF_ITEM.values()
    return not integrity["args_ok" if in_arguments else "text_ok"]


def _texts_of_item(item: Json) -> list[tuple[str, int | None, str]]:
    """What an item holds that came in deltas: type of the deltas, index of the part, text."""
    texts: list[tuple[str, int | None, str]] = []
    for parts in (item.get("content"), item.get("summary")):
        for index, part in enumerate(parts or []):
            if part["type"] in TEXT_OF_PART:
                type_, member = TEXT_OF_PART[part["type"]]
                texts.append((type_, index, part[member]))
    for member, type_ in ARGUMENTS_OF_ITEM.items():
        if isinstance(item.get(member), str):
            texts.append((type_, None, item[member]))
    return texts


@every_recording
def test_deltas_add_up_to_the_texts_and_arguments(recording: Recording) -> None:
    received: defaultdict[Place, str] = defaultdict(str)
    compared = 0
    for event in _whole(recording).wire_events:
        if event.type in REPEATED_IN:
            received[_place(event.type, event)] += getattr(event, "delta")  # noqa: B009
            continue
        repeated = REPEATED_IN.get(event.type.removesuffix(".done") + ".delta")
        if event.type.endswith(".done") and repeated is not None:
            type_ = event.type.removesuffix(".done") + ".delta"
            if not _is_trimmed(recording, type_):
                assert received[_place(type_, event)] == getattr(event, repeated)
                compared += 1
        if isinstance(event, OutputItemDone):
            for type_, index, text in _texts_of_item(json.loads(bytes(event.raw_item))):
                if not _is_trimmed(recording, type_):
                    assert received[(type_, event.output_index, index)] == text
                    compared += 1
    assert compared > 0 or not received or not recording.entry["integrity"]["text_ok"]


def _type_of(item: object) -> object:
    return getattr(item, "type", None)


@every_completed_recording
def test_finished_items_are_those_of_the_response(recording: Recording) -> None:
    """The items handed out one by one are the response's output, where the server repeats it."""
    stream = _whole(recording)
    outcome = stream.decoder.outcome
    assert isinstance(outcome, Completed)
    response = outcome.response
    assert response is not None
    assert not isinstance(response, MalformedPart)
    output = response.output
    assert not isinstance(output, MalformedPart)
    if not output:
        return
    finished = [event.item for event in stream.wire_events if isinstance(event, OutputItemDone)]
    assert [type(item) for item in output] == [type(item) for item in finished]
    assert [getattr(i, "type", None) for i in output] == [
        getattr(i, "type", None) for i in finished
    ]


# -- the way back -------------------------------------------------------------------------------


@every_recording
def test_what_is_encoded_decodes_to_an_equal_event(recording: Recording) -> None:
    for event in _whole(recording).events:
        if not isinstance(event, WireEvent | UnknownEvent | MalformedEvent):
            continue
        # That a block was not finished is told by the stream, and not by the event's JSON.
        plain = _without_notes(event) if isinstance(event, WireEvent) else event
        encoded = encode_response_event(event)
        assert b"\n" not in encoded
        assert decode_response_event(encoded) == plain
        assert decode_response_event(encoded.decode()) == plain


# -- however it is cut --------------------------------------------------------------------------


def _agree(stream: Stream, recording: Recording) -> None:
    whole = _whole(recording)
    assert _first_difference(stream.events, whole.events) is None
    assert stream.decoder.outcome == whole.decoder.outcome
    for name in (
        "comments_received",
        "events_discarded",
        "done_markers",
        "trailing_data",
    ):
        assert getattr(stream.decoder, name) == getattr(whole.decoder, name), name


@every_recording
def test_cut_at_random(recording: Recording) -> None:
    stream = recording.bytes
    for seed in range(3):
        rng = random.Random(f"{recording.name}-{seed}")
        largest = (7_000, 400, 60)[seed]
        chunks = []
        start = 0
        while start < len(stream):
            size = rng.randint(1, largest)
            chunks.append(stream[start : start + size])
            start += size
        _agree(_decode(chunks), recording)


@every_short_recording
def test_byte_by_byte(recording: Recording) -> None:
    stream = recording.bytes
    _agree(_decode([stream[at : at + 1] for at in range(len(stream))]), recording)


@every_recording
def test_line_by_line_and_with_cr_lf(recording: Recording) -> None:
    lines = recording.bytes.splitlines(keepends=True)
    _agree(_decode(lines), recording)
    for end in (b"\r\n", b"\r"):
        translated = [line.replace(b"\n", end) for line in lines]
        for chunks in ([b"".join(translated)], translated):
            found = _decode(chunks).events
            assert _first_difference(found, _whole(recording).events) is None


@every_recording
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_blocks_hand_out_every_byte_and_event(recording: Recording, end: bytes) -> None:
    stream = recording.bytes.replace(b"\n", end)
    for size in (len(stream), 1_000):
        decoder = ResponsesDecoder()
        blocks = [
            block
            for start in range(0, len(stream), size)
            for block in decoder.receive_blocks(stream[start : start + size])
        ]
        events = [event for block in blocks for event in block.events]
        handed_out = b"".join(block.raw for block in blocks) + decoder.trailing_data
        assert (len(handed_out), handed_out[-9:]) == (len(stream), stream[-9:])
        assert _first_difference(handed_out, stream) is None
        events += decoder.receive_eof()
        assert _first_difference(events, _whole(recording).events) is None


# -- as messages --------------------------------------------------------------------------------


def test_one_connection_carries_all_of_them_one_after_another() -> None:
    """The same payloads as WebSocket messages: the same events, and an outcome for each."""
    decoder = ResponsesDecoder()
    discarded = 0
    for recording in RECORDINGS:
        whole = _whole(recording)
        if recording.entry["integrity"]["terminal"] is None:
            # Its last event was never finished, which cannot be said in messages.
            continue
        messages = [payload for payload in _payloads(recording) if isinstance(payload, dict)]
        events = [e for message in messages for e in decoder.receive_message(json.dumps(message))]
        wanted = _up_to_an_error(whole.events)
        assert [type(event) for event in events] == [type(event) for event in wanted]
        for event, expected in zip(events, wanted, strict=True):
            if isinstance(event, StreamFailed):
                assert isinstance(expected, StreamFailed)
                if not any(isinstance(each, ErrorEvent) for each in wanted):
                    assert event == expected
            elif isinstance(event, WireEvent):
                assert isinstance(expected, WireEvent)
                said, before = encode_response_event(event), encode_response_event(expected)
                assert json.loads(said) == json.loads(before)
        assert decoder.outcome == events[-1]
        discarded += whole.decoder.events_discarded + len(whole.events) - len(wanted)
        assert decoder.events_discarded == discarded


def _up_to_an_error(events: list[ResponseEvent]) -> list[ResponseEvent]:
    """On a WebSocket an error is the end, and the failure after it says nothing new."""
    places = [place for place, event in enumerate(events) if isinstance(event, ErrorEvent)]
    return [*events[: places[0] + 1], events[-1]] if places else events


# -- the collection itself ----------------------------------------------------------------------


def _seen(field: str) -> set[str]:
    return {type_ for r in RECORDINGS if r.shipped for type_ in r.entry[field]}


def test_the_shipped_recordings_show_all_that_was_recorded() -> None:
    """Every type, provider and oddity of the whole corpus is in the part that a clone has."""
    shipped = [r.entry for r in RECORDINGS if r.shipped]
    assert len(shipped) == 60
    assert {entry["provider"] for entry in shipped} == {
        "azure",
        "chatgpt-codex",
        "deepseek",
        "gateway",
        "github-copilot",
        "openai",
        "openrouter",
        "xai",
    }
    assert {entry["kind"] for entry in shipped} == {"real", "reframed"}
    assert {entry["integrity"]["terminal"] for entry in shipped} == {*TERMINAL, None}
    assert {entry["integrity"]["text_ok"] for entry in shipped} == {True, False}
    assert _seen("item_types") == {
        "code_interpreter_call",
        "custom_tool_call",
        "function_call",
        "image_generation_call",
        "message",
        "reasoning",
        "web_search_call",
    }
    assert len(_seen("event_types")) == 37
    wire = [entry["wire"] for entry in shipped]
    for oddity in ("comments", "done", "seq_first", "seq_missing", "unterminated_tail"):
        assert any(facts[oddity] for facts in wire), oddity
    assert any(facts["data_without_event"] for facts in wire)
    assert any(not facts["obfuscation"] for facts in wire)

    everything = [r.entry for r in RECORDINGS]
    assert {e["provider"] for e in everything} == {e["provider"] for e in shipped}
    assert {t for e in everything for t in e["event_types"]} == _seen("event_types")
    assert {t for e in everything for t in e["item_types"]} == _seen("item_types")


def test_what_was_recorded_is_in_the_registry() -> None:
    assert _seen("event_types") - {row.type for row in ROWS} == {DONE}


@every_recording
def test_the_decoder_knows_where_to_resume(recording: Recording) -> None:
    decoder = ResponsesDecoder()
    assert decoder.response_id is None
    assert decoder.last_sequence_number is None
    events = [*decoder.receive_data(recording.bytes), *decoder.receive_eof()]
    numbers = [event.sequence_number for event in events if isinstance(event, WireEvent)]
    known = [number for number in numbers if isinstance(number, int)]
    assert decoder.last_sequence_number == (known[-1] if known else None)
    ids = [event.response_id for event in events if isinstance(event, LifecycleEvent)]
    assert decoder.response_id == next((each for each in ids if each), None)
