"""The codex view and the builder on any stream, and header events on any headers."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.errors import InvalidUtf8
from codex_proto.http import Headers
from codex_proto.rate_limits import DEFAULT_LIMIT_ID
from codex_proto.responses import (
    ROWS,
    CodexView,
    Completed,
    FinalResponse,
    RateLimits,
    ResponseBuilder,
    ResponsesDecoder,
    ResponseStreamState,
    Row,
    ServerModel,
    StreamFailed,
    decode_response_event,
    events_from_headers,
)
from tests.properties.strategies import Cut, cuts, messages, regular_members, streams

if TYPE_CHECKING:
    from codex_proto.responses import ResponseEvent

# What upstream has a name for.
NAMES = {
    "Created",
    "OutputItemAdded",
    "OutputItemDone",
    "OutputTextDelta",
    "ToolCallInputDelta",
    "ReasoningSummaryPartAdded",
    "ReasoningSummaryDelta",
    "ReasoningSummaryDone",
    "ReasoningContentDelta",
    "Completed",
    "ServerModel",
    "ServerReasoningIncluded",
    "RateLimits",
    "ModelsEtag",
    "ModelVerifications",
    "SafetyBuffering",
    "TurnModerationMetadata",
    "StreamFailed",
}


def _is_outcome(event: ResponseEvent) -> bool:
    return isinstance(event, Completed | StreamFailed)


@given(stream=streams(), cut=cuts())
def test_the_codex_profile_is_the_view_of_the_full_one(stream: bytes, cut: Cut) -> None:
    full, codex, view = ResponsesDecoder(ends_as="codex"), ResponsesDecoder("codex"), CodexView()
    expected: list[ResponseEvent] = []
    seen: list[ResponseEvent] = []
    for chunk in cut(stream):
        expected += view.receive_events(full.receive_data(chunk))
        seen += codex.receive_data(chunk)
        assert seen == expected
        assert codex.outcome == view.outcome
    seen += codex.receive_eof()
    # What a missing blank line leaves unfinished is an event of the full profile only.
    assert seen[: len(expected)] == expected
    assert {type(event).__name__ for event in seen} <= NAMES
    assert [event for event in seen if _is_outcome(event)] == [codex.outcome]
    assert _is_outcome(seen[-1])


@given(stream=streams(), cut=cuts())
def test_the_codex_profile_does_not_depend_on_the_cut(stream: bytes, cut: Cut) -> None:
    def run(chunks: list[bytes]) -> list[ResponseEvent]:
        decoder = ResponsesDecoder("codex")
        events = [event for chunk in chunks for event in decoder.receive_data(chunk)]
        return events + decoder.receive_eof()

    assert run(list(cut(stream))) == run([stream])


@given(stream=streams())
def test_blocks_of_the_codex_profile_have_the_same_events(stream: bytes) -> None:
    decoder, by_blocks = ResponsesDecoder("codex"), ResponsesDecoder("codex")
    expected = decoder.receive_data(stream) + decoder.receive_eof()
    blocks = by_blocks.receive_blocks(stream)
    events = [event for block in blocks for event in block.events]
    assert events + by_blocks.receive_eof() == expected
    assert b"".join(block.raw for block in blocks) + by_blocks.trailing_data == stream


@given(st.lists(messages(), max_size=6))
def test_the_view_of_messages_is_the_codex_profile(sent: list[bytes]) -> None:
    full, codex, view = ResponsesDecoder(ends_as="codex"), ResponsesDecoder("codex"), CodexView()
    for message in sent:
        expected = view.receive_events(full.receive_message(message))
        assert codex.receive_message(message) == expected
        assert {type(event).__name__ for event in expected} <= NAMES


@given(stream=streams())
def test_building_never_raises_and_says_the_outcome(stream: bytes) -> None:
    decoder = ResponsesDecoder()
    builder = ResponseBuilder()
    for event in decoder.receive_data(stream) + decoder.receive_eof():
        builder.receive_event(event)
        final = builder.build()
        assert isinstance(final, FinalResponse)
        assert isinstance(final.output_text, str)
    assert builder.build().outcome == decoder.outcome


_NAMES = st.sampled_from(
    [
        "OpenAI-Model",
        "openai-model",
        "x-models-etag",
        "X-Reasoning-Included",
        "x-codex-turn-state",
        "x-codex-primary-used-percent",
        "x-codex-primary-window-minutes",
        "x-codex-secondary-used-percent",
        "x-other-primary-used-percent",
        "x-codex-credits-has-credits",
        "x-codex-credits-unlimited",
        "x-codex-safety-buffering-enabled",
        "x-request-id",
    ]
) | st.text(max_size=8)
_VALUES = st.sampled_from(["", "1", "0", "true", "nan", "é", "m"]) | st.text(max_size=8)
_HEADERS = st.lists(st.tuples(_NAMES, _VALUES), max_size=8)


@given(headers=_HEADERS)
@example(headers=[])
def test_any_headers_make_events_in_upstreams_order(headers: list[tuple[str, str]]) -> None:
    full = ResponsesDecoder().receive_headers(headers)
    assert full == events_from_headers(Headers(headers))
    order = ["ServerModel", "RateLimits", "ModelsEtag", "ServerReasoningIncluded"]
    names = [type(event).__name__ for event in full]
    assert names == sorted(names, key=order.index)
    # Upstream tells the limits of codex in any case, and nothing else that is not there.
    codex = ResponsesDecoder("codex").receive_headers(headers)
    limits = [event for event in codex if isinstance(event, RateLimits)]
    assert limits[0].snapshot.limit_id == DEFAULT_LIMIT_ID
    assert [event for event in codex if event not in full] in ([], limits[:1])
    assert [type(event).__name__ for event in codex] == sorted(
        (type(event).__name__ for event in codex), key=order.index
    )
    # A handshake tells no limits, and nothing in their place.
    handshake = ResponsesDecoder("codex").receive_headers(headers, "websocket")
    assert handshake == [event for event in full if not isinstance(event, RateLimits)]


@given(headers=_HEADERS)
def test_every_spelling_of_headers_gives_the_same_events(headers: list[tuple[str, str]]) -> None:
    latin = [(name, value) for name, value in headers if (name + value).isascii()]
    expected = events_from_headers(latin)
    as_bytes = [(name.upper().encode(), value.encode()) for name, value in latin]
    assert events_from_headers(as_bytes) == expected
    assert pickle.loads(pickle.dumps(expected)) == expected


def test_the_model_of_the_headers_is_told_again_in_the_body() -> None:
    """Upstream's quirk: the headers do not count when it looks for a change (wire.md 1.4)."""
    decoder = ResponsesDecoder()
    assert decoder.receive_headers({"openai-model": "m"}) == [ServerModel("m")]
    created = b'data: {"type":"response.created","response":{"headers":{"openai-model":"m"}}}\n\n'
    assert decoder.receive_data(created)[0] == ServerModel("m")
    assert ServerModel("m") not in decoder.receive_data(created)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)
def test_the_registry_says_what_the_view_makes_of_each_type(row: Row) -> None:
    """Over both transports, with the members that make it say something."""
    more = {
        "error": {"code": "flex_unavailable"},
        "rate_limits": {},
        "credits": None,
        "headers": {"x-models-etag": "e"},
        "metadata": {"openai_verification_recommendation": ["trusted_access_for_cyber"]},
    }
    members = {name: json.loads(value) for name, value in regular_members(row.type).items()}
    members |= {name: value for name, value in more.items() if name in fields_of(row)}
    if "item" in members:
        members["item"] = {"type": "message", "role": "assistant", "content": []}
    if "response" in members:
        members["response"] = {"id": "r"}
    members.pop("safety_buffering", None)
    names = set()
    for transport in ("sse", "websocket"):
        state = ResponseStreamState("sse" if transport == "sse" else "websocket", profile="codex")
        event = decode_response_event(json.dumps({**members, "type": row.type}))
        assert isinstance(event, row.cls)
        seen = CodexView().receive_events(state.receive_events([event]))
        names |= {type(event).__name__ for event in seen}
    assert names == ({row.codex} if row.codex else set())


def fields_of(row: Row) -> set[str]:
    return set(row.cls.__struct_encode_fields__)


CREATED = '{"type":"response.created","response":{"id":"r"}}'
COMPLETED = '{"type":"response.completed","response":{"id":"r"}}'
BROKEN = '{"type":"response.completed","response":{"id":5}}'


def test_a_response_that_ends_early_in_the_view_stays_ended() -> None:
    """Upstream cannot go on after bytes that are no UTF-8; the full profile can."""
    full, view = ResponsesDecoder(ends_as="codex"), CodexView()

    def names(*sent: str | bytes) -> list[str]:
        events = [event for message in sent for event in full.receive_message(message)]
        return [type(event).__name__ for event in view.receive_events(events)]

    assert names(CREATED, b'{"type":"\xff"}') == ["Created", "StreamFailed"]
    outcome = view.outcome
    assert isinstance(outcome, StreamFailed)
    assert isinstance(outcome.error, InvalidUtf8)
    # The same response still, whatever the server calls it.
    assert names(CREATED, '{"type":"response.output_text.delta","delta":"x"}', COMPLETED) == []
    assert view.outcome is outcome
    # Now it is over in both.
    assert names(CREATED) == ["Created"]
    assert not _is_over(view)
    assert names(BROKEN) == ["StreamFailed"]
    assert names(CREATED, COMPLETED) == ["Created", "Completed"]
    assert _is_over(view)
    view.start_response()
    assert not _is_over(view)


def _is_over(view: CodexView) -> bool:
    return view.outcome is not None


def test_events_after_an_outcome_are_left_out_one_by_one_too() -> None:
    view = CodexView()
    created, completed = (decode_response_event(text) for text in (CREATED, COMPLETED))
    delta = decode_response_event('{"type":"response.output_text.delta","delta":"x"}')
    assert [view.receive_event(event) for event in (created, delta, completed)] == [
        [created],
        [delta],
        [completed],
    ]
    assert view.receive_event(delta) == view.receive_events([delta, completed]) == []
    assert view.receive_event(created) == [created]
