"""What a stream says besides its events, row by row of wire.md 1.3 to 1.6, 2.4 and 2.6."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.errors import FlexUnavailable, LocalProtocolError
from codex_proto.responses import (
    Completed,
    Created,
    ModelsEtag,
    ModelVerification,
    ModelVerifications,
    RateLimits,
    ResponsesDecoder,
    SafetyBuffering,
    ServerModel,
    ServerReasoningIncluded,
    StreamFailed,
    TurnModerationMetadata,
)

if TYPE_CHECKING:
    from codex_proto.responses import ResponseEvent

CREATED = {"type": "response.created", "response": {"id": "r"}}
COMPLETED = {"type": "response.completed", "response": {"id": "r"}}
DELTA = {"type": "response.output_text.delta", "delta": "x"}
METADATA = "response.metadata"


def _sse(*events: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def _over_sse(*events: dict[str, Any]) -> list[ResponseEvent]:
    return ResponsesDecoder().receive_data(_sse(*events))


def _over_websocket(*events: dict[str, Any]) -> list[ResponseEvent]:
    decoder = ResponsesDecoder()
    return [e for event in events for e in decoder.receive_message(json.dumps(event))]


both = pytest.mark.parametrize("over", [_over_sse, _over_websocket])


def _derived(events: list[ResponseEvent]) -> list[ResponseEvent]:
    """Without the events of the wire."""
    return [event for event in events if not hasattr(event, "raw_headers")]


# -- headers ------------------------------------------------------------------------------------


def test_headers_of_an_answer_make_events_in_upstreams_order() -> None:
    decoder = ResponsesDecoder()
    events = decoder.receive_headers(
        {
            "X-Reasoning-Included": "false",
            "X-Models-ETag": "e",
            "X-Codex-Primary-Used-Percent": "5",
            "X-Codex-Other-Primary-Used-Percent": "7",
            "OpenAI-Model": "m",
            "X-Request-Id": "req_1",
            "X-Codex-Turn-State": "ts",
        }
    )
    model, codex, other, etag, reasoning = events
    assert (model, etag) == (ServerModel("m"), ModelsEtag("e"))
    assert isinstance(codex, RateLimits)
    assert isinstance(other, RateLimits)
    assert [codex.snapshot.limit_id, other.snapshot.limit_id] == ["codex", "codex_other"]
    # Its presence counts, and not its value.
    assert reasoning == ServerReasoningIncluded(included=True)
    assert (decoder.request_id, decoder.turn_state) == ("req_1", "ts")


def test_the_first_of_two_counts_and_what_is_no_ascii_is_absent() -> None:
    headers = [("openai-model", "a"), ("OpenAI-Model", "b"), ("x-models-etag", "é")]
    assert ResponsesDecoder().receive_headers(headers) == [ServerModel("a")]
    assert ResponsesDecoder().receive_headers([]) == []


def test_a_handshake_tells_no_rate_limits() -> None:
    headers = {"openai-model": "m", "x-codex-primary-used-percent": "5"}
    decoder = ResponsesDecoder()
    assert decoder.receive_headers(headers, "websocket") == [ServerModel("m")]
    assert decoder.receive_message(json.dumps(DELTA))
    with pytest.raises(LocalProtocolError, match="receive_data"):
        decoder.receive_data(b"")


def test_headers_come_once_and_first() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_headers({})
    with pytest.raises(LocalProtocolError, match="receive_headers"):
        decoder.receive_headers({})
    decoder = ResponsesDecoder()
    decoder.receive_data(b"")
    with pytest.raises(LocalProtocolError, match="receive_headers"):
        decoder.receive_headers({})
    decoder = ResponsesDecoder()
    decoder.receive_eof()
    with pytest.raises(LocalProtocolError, match="receive_headers"):
        decoder.receive_headers({})
    with pytest.raises(LocalProtocolError, match="headers"):
        ResponsesDecoder().receive_headers(5)  # type: ignore[arg-type]


# -- the server's model -------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("members", "model"),
    [
        ({"response": {"headers": {"OpenAI-Model": "a"}}, "headers": {"openai-model": "b"}}, "a"),
        ({"response": {"headers": {"openai-model": 5}}, "headers": {"openai-model": "b"}}, "b"),
        ({"response": {"headers": []}, "headers": {"x-openai-model": ["b", "c"]}}, "b"),
        ({"response": [], "headers": {"x-openai-model": [["b"]]}}, "b"),
        ({"headers": {"openai-model": [], "X-OpenAI-Model": "b"}}, "b"),
        ({"headers": {"openai-model": ""}}, ""),
        ({"headers": {"openai-model": {"a": "b"}}}, None),
        ({"headers": "openai-model"}, None),
        ({"model": "a", "response": {"model": "a"}}, None),
    ],
)
@pytest.mark.parametrize("type_", ["response.in_progress", DELTA["type"], "response.new", "ping"])
def test_where_the_model_is_found(over: Any, members: Any, model: str | None, type_: str) -> None:
    event = {"type": type_, "delta": "x", "response": {}, **members}
    found = [e for e in over(event) if isinstance(e, ServerModel)]
    assert found == ([] if model is None else [ServerModel(model)])
    # Before the event that it came with.
    assert not found or isinstance(over(event)[0], ServerModel)


@both
def test_only_a_change_of_the_model_is_told(over: Any) -> None:
    models = ["a", "a", "b", "b", "a"]
    told = over(*({**DELTA, "headers": {"openai-model": model}} for model in models))
    assert [e.model for e in told if isinstance(e, ServerModel)] == ["a", "b", "a"]


def test_each_response_on_a_connection_begins_without_a_model() -> None:
    named = {**CREATED, "headers": {"openai-model": "a"}}
    told = _over_websocket(named, COMPLETED, named, COMPLETED)
    assert [type(event) for event in told] == [ServerModel, Created, Completed] * 2


# -- metadata -----------------------------------------------------------------------------------


def _metadata(**members: Any) -> dict[str, Any]:
    return {"type": METADATA, "metadata": members}


@both
def test_verifications_that_are_known_are_told_once_each(over: Any) -> None:
    named = ["x", "trusted_access_for_cyber", 1, "trusted_access_for_cyber", None]
    events = over(_metadata(openai_verification_recommendation=named))
    known = (ModelVerification.TRUSTED_ACCESS_FOR_CYBER,)
    assert _derived(events) == [ModelVerifications(known)]
    assert _derived(over(_metadata(openai_verification_recommendation=["x"]))) == []
    assert _derived(over(_metadata(openai_verification_recommendation="x"))) == []


@both
@pytest.mark.parametrize("value", [{"a": [1]}, None, "text", 0])
def test_moderation_metadata_is_any_json(over: Any, value: Any) -> None:
    (event,) = _derived(over(_metadata(openai_chatgpt_moderation_metadata=value)))
    assert isinstance(event, TurnModerationMetadata)
    assert event.metadata == value


@both
def test_the_order_of_all_that_one_event_carries(over: Any) -> None:
    event = {
        **_metadata(
            openai_verification_recommendation=["trusted_access_for_cyber"],
            openai_chatgpt_moderation_metadata=1,
        ),
        "safety_buffering": {"use_cases": ["u"], "reasons": ["r"]},
        "headers": {"openai-model": "m"},
    }
    assert [type(each).__name__ for each in over(event)] == [
        "ServerModel",
        "ModelVerifications",
        "TurnModerationMetadata",
        "SafetyBuffering",
        "ResponseMetadata",
    ]


# -- safety buffering ---------------------------------------------------------------------------

BUFFERING = {"use_cases": ["u"], "reasons": ["r"]}
TREATED = {"x-codex-safety-buffering-faster-model": "fast"}


@both
@pytest.mark.parametrize("type_", [METADATA, DELTA["type"], "response.new", "response.created"])
def test_safety_buffering_stands_on_any_event(over: Any, type_: str) -> None:
    event = {"type": type_, "delta": "x", "response": {}, "safety_buffering": BUFFERING}
    expected = SafetyBuffering(use_cases=("u",), reasons=("r",))
    assert [e for e in over(event) if isinstance(e, SafetyBuffering)] == [expected]
    assert expected.show_ui


@both
@pytest.mark.parametrize(
    "value", [None, [], {}, {"use_cases": ["u"]}, {"use_cases": [1], "reasons": []}]
)
def test_what_is_no_safety_buffering_is_none(over: Any, value: Any) -> None:
    event = {**_metadata(type="safety_buffering", **BUFFERING), "safety_buffering": value}
    # The top-level member counts where it is there, null included.
    assert _derived(over(event)) == []


@both
def test_metadata_of_that_type_is_safety_buffering_too(over: Any) -> None:
    told = _metadata(type="safety_buffering", **BUFFERING, retry_model="fast")
    expected = SafetyBuffering(use_cases=("u",), reasons=("r",), faster_model="fast")
    assert _derived(over(told)) == [expected]
    assert _derived(over(_metadata(type="other", **BUFFERING))) == []


@pytest.mark.parametrize(
    ("headers", "members", "faster"),
    [
        ({}, {}, None),
        (TREATED, {}, "fast"),
        ({"x-codex-safety-buffering-enabled": "false"}, {}, None),
        (TREATED, {"retry_model": "other"}, "other"),
        # Null is a value, and not absent.
        (TREATED, {"retry_model": None}, None),
    ],
)
def test_the_faster_model_comes_from_the_event_or_from_the_headers(
    headers: dict[str, str], members: dict[str, Any], faster: str | None
) -> None:
    decoder = ResponsesDecoder()
    decoder.receive_headers(headers)
    events = decoder.receive_data(_sse({**DELTA, "safety_buffering": {**BUFFERING, **members}}))
    (event,) = _derived(events)
    assert isinstance(event, SafetyBuffering)
    assert event.faster_model == faster


def test_on_a_websocket_events_change_the_treatment() -> None:
    treated = {**CREATED, "headers": {"X-Codex-Safety-Buffering-Faster-Model": "new"}}
    buffering = {**DELTA, "safety_buffering": BUFFERING}
    decoder = ResponsesDecoder()
    decoder.receive_headers(TREATED, "websocket")

    def faster(*events: dict[str, Any]) -> str | None:
        *_, event = _derived([e for m in events for e in decoder.receive_message(json.dumps(m))])
        assert isinstance(event, SafetyBuffering)
        return event.faster_model

    assert faster(buffering) == "fast"
    assert faster(treated, buffering) == "new"
    # That was the one response; the handshake holds for all.
    decoder.receive_message(json.dumps(COMPLETED))
    assert faster(CREATED, buffering) == "fast"
    # On SSE they do not.
    (event,) = _derived(_over_sse(treated, buffering))
    assert isinstance(event, SafetyBuffering)
    assert event.faster_model is None


# -- what only a WebSocket tells ----------------------------------------------------------------


def test_rate_limits_in_messages() -> None:
    told = {"type": "codex.rate_limits", "plan_type": "plus", "headers": {"openai-model": "m"}}
    limits, _ = _over_websocket(told)
    assert isinstance(limits, RateLimits)
    assert limits.snapshot.plan_type == "plus"
    # Nothing else is looked at there; on SSE it is an event like any other.
    assert isinstance(_over_sse(told)[0], ServerModel)
    assert [type(e).__name__ for e in _over_websocket({**told, "plan_type": 5})] == [
        "CodexRateLimits"
    ]


def test_the_etag_in_messages() -> None:
    for value, told in (("e", "e"), (1.50, "1.5"), (True, "true"), (None, None), (["e"], None)):
        event = {"type": "codex.response.metadata", "headers": {"X-Models-Etag": value}}
        assert _derived(_over_websocket(event)) == ([] if told is None else [ModelsEtag(told)])
        assert _derived(_over_sse(event)) == []


def test_the_turn_state_in_messages() -> None:
    def state(*events: dict[str, Any]) -> str | None:
        decoder = ResponsesDecoder()
        for event in events:
            decoder.receive_message(json.dumps(event))
        return decoder.turn_state

    def told(value: Any, type_: str = METADATA) -> dict[str, Any]:
        return {"type": type_, "headers": {"X-Codex-Turn-State": value}}

    assert state(told("a"), told("b")) == "a"
    assert state(told(["a"])) == "a"
    assert state(told(5), told("b")) == "b"
    assert state(told("a", "codex.response.metadata")) is None
    decoder = ResponsesDecoder()
    decoder.receive_data(_sse(told("a")))
    assert decoder.turn_state is None


# -- responses, one after another ---------------------------------------------------------------


def test_a_request_that_is_refused_belongs_to_the_next_response() -> None:
    refused = json.dumps({"type": "error", "status": 429})
    decoder = ResponsesDecoder()
    decoder.receive_message(json.dumps(COMPLETED))
    # Nobody said that there was another request.
    assert decoder.receive_message(refused) == []
    assert decoder.events_discarded == 1
    decoder.start_response()
    assert decoder.outcome is None
    assert isinstance(decoder.receive_message(refused)[-1], StreamFailed)
    codex = ResponsesDecoder("codex")
    codex.receive_message(json.dumps(COMPLETED))
    codex.start_response()
    assert codex.outcome is None
    assert isinstance(codex.receive_message(refused)[-1], StreamFailed)


def test_starting_a_response_in_the_midst_of_one_is_the_callers_mistake() -> None:
    decoder = ResponsesDecoder()
    decoder.start_response()
    decoder.receive_message(json.dumps(CREATED))
    with pytest.raises(LocalProtocolError, match="still open"):
        decoder.start_response()
    sse = ResponsesDecoder()
    sse.receive_data(_sse(COMPLETED))
    with pytest.raises(LocalProtocolError, match="start_response"):
        sse.start_response()


def test_one_error_ends_a_body_at_once() -> None:
    """There is nothing that a connection would wait for (wire.md 1.9)."""
    error = {"type": "error", "error": {"code": "flex_unavailable", "message": "Full."}}
    *_, last = _over_sse(CREATED, error)
    assert last == StreamFailed(FlexUnavailable("Full.", code="flex_unavailable", response_id="r"))


@both
@pytest.mark.parametrize("name", ["headers", "h\\u0065aders", "\\u0068eaders"])
def test_a_name_may_be_spelled_with_escapes(over: Any, name: str) -> None:
    message = f'{{"type":"response.new","{name}":{{"openai-model":"m"}}}}'
    decoder = ResponsesDecoder()
    if over is _over_websocket:
        events = decoder.receive_message(message)
    else:
        events = decoder.receive_data(f"data: {message}\n\n".encode())
    assert events[0] == ServerModel("m")
