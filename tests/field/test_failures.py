"""Failures as people met them at other servers: the class, the words, and how many requests follow.

The four cases are inputs from the field; beside them stand variants of each kind.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.errors import (
    BudgetReached,
    CodexError,
    ConnectionClosed,
    ContextWindowExceeded,
    FlexUnavailable,
    InvalidRequest,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    RetryLimit,
    ServerOverloaded,
    UsageLimitReached,
)
from codex_proto.responses import ErrorEvent, ResponsesDecoder, StreamFailed
from tests.io.client.driving import REQUEST, Driven, told
from tests.io.client.scripted import COMPLETED, CREATED, DELTA, Answer, accept, refuse, serving, sse
from tests.paths import ROOT

DATA: Final = ROOT / "tests" / "field" / "data"
QUOTA: Final = {"type": "insufficient_quota", "code": "insufficient_quota", "message": "Spent."}
WRONG_KEY: Final = (
    b'{"error": {"message": "Invalid API key", "type": "invalid_request_error",'
    b'"code": "invalid_api_key"}}'
)
LONG: Final = {"code": "context_length_exceeded", "message": "Too long."}


def stream(case: str) -> bytes:
    return (DATA / case / "input.sse").read_bytes()


def messages(case: str) -> list[str]:
    return (DATA / case / "input.ws.jsonl").read_text("utf-8").splitlines()


def failure(body: bytes) -> CodexError:
    """The error that a body ends with, in whatever pieces it comes."""
    errors: list[CodexError] = []
    for size in (len(body), 1):
        decoder = ResponsesDecoder()
        for start in range(0, len(body), size):
            decoder.receive_data(body[start : start + size])
        decoder.receive_eof()
        assert isinstance(decoder.outcome, StreamFailed)
        errors.append(decoder.outcome.error)
    assert errors[0] == errors[1]
    return errors[0]


def body_of(*events: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def frame(**members: Any) -> StreamFailed | None:
    """What a WebSocket says at once about such a frame inside of a response."""
    decoder = ResponsesDecoder()
    decoder.receive_message(CREATED)
    events = decoder.receive_message(json.dumps(members))
    assert decoder.outcome is None or decoder.outcome is events[-1]
    return decoder.outcome if isinstance(decoder.outcome, StreamFailed) else None


def requests_made(answer: Answer, kind: str = "sync-raw") -> tuple[CodexError, int]:
    with serving(answer) as server, Driven(kind, server.base_url) as driven:
        found = driven.tell()
    assert isinstance(found.error, CodexError)
    return found.error, len(server.requests)


# -- one wrong member of an error -----------------------------------------------------------------


def test_failed_error_minor_member() -> None:
    error = failure(stream("responses-13-failed-error-minor-member"))
    assert type(error) is QuotaExceeded
    assert (error.code, error.retryable) == ("insufficient_quota", False)
    assert error.message == "You exceeded your current quota"


@pytest.mark.parametrize("member", ["type", "code", "message", "param", "plan_type", "resets_at",
                                    "resets_in_seconds", "headers", "misalignment", "status",
                                    "inner_error", "details"])  # fmt: skip
@pytest.mark.parametrize("value", [None, True, 1.5, "x", [], {}, [{"a": 1}], {"limit": "m"}])
def test_no_wrong_member_makes_a_used_up_quota_one_that_may_be_tried_again(
    member: str, value: Any
) -> None:
    record = {**QUOTA, member: value}
    failed = {"type": "response.failed", "response": {"id": "r", "error": record}}
    for event in (failed, {"type": "error", "error": record}):
        error = failure(body_of(event))
        assert type(error) is QuotaExceeded
        assert not error.retryable
    outcome = frame(type="error", error=record)
    assert outcome is not None
    assert type(outcome.error) is QuotaExceeded


# -- the words of an error event ------------------------------------------------------------------


def test_error_event_string() -> None:
    error = failure(stream("responses-26-error-event-string"))
    assert "requires more system memory" in error.message


@pytest.mark.parametrize(
    ("event", "words", "code"),
    [
        ({"error": "boom"}, "boom", None),
        ({"error": "boom", "code": "c", "message": ""}, "boom", "c"),
        ({"error": {"message": "boom"}}, "boom", None),
        ({"error": {"message": "boom"}, "code": "c"}, "boom", "c"),
        ({"message": {"message": "boom", "code": "c"}}, "boom", "c"),
        ({"error": {"message": {"message": "boom", "code": "c"}}}, "boom", "c"),
        ({"error": {"code": "c"}, "message": "boom"}, "boom", "c"),
        ({"error": ["boom"]}, "boom", None),
        ({"error": {"message": ["boom"]}}, "boom", None),
        ({"code": 17, "message": "boom", "param": {}}, "boom", "17"),
    ],
)
def test_no_words_of_an_error_event_are_lost(
    event: dict[str, Any], words: str, code: str | None
) -> None:
    error = failure(body_of({"type": "error", **event}))
    assert isinstance(error, ResponseFailedError)
    assert words in error.message
    assert error.code == code
    outcome = frame(type="error", **event)
    assert outcome is not None
    assert words in outcome.error.message


# -- the code of an error event -------------------------------------------------------------------


def test_error_event_context_length() -> None:
    body = stream("responses-28-error-event-context-length")
    error = failure(body)
    assert type(error) is ContextWindowExceeded
    assert not error.retryable
    # At once: nothing that a server may still keep to itself is waited for.
    decoder = ResponsesDecoder()
    *_, event, outcome = decoder.receive_data(body)
    assert isinstance(event, ErrorEvent)
    assert outcome == StreamFailed(error)
    assert decoder.receive_data(body_of(json.loads(COMPLETED))) == []
    assert decoder.events_discarded == 1


@pytest.mark.parametrize(
    ("record", "cls", "at_once"),
    [
        (LONG, ContextWindowExceeded, True),
        ({"code": "budget_reached"}, BudgetReached, True),
        ({"code": "flex_unavailable"}, FlexUnavailable, True),
        (QUOTA, QuotaExceeded, False),
        ({"code": "server_is_overloaded"}, ServerOverloaded, False),
        ({"code": "rate_limit_exceeded", "message": "try again in 2s"}, RateLimitExceeded, False),
        ({"code": "bad_request", "type": "invalid_request_error"}, InvalidRequest, False),
        ({"code": 400, "message": "m"}, InvalidRequest, False),
        ({"type": "usage_limit_reached", "resets_in_seconds": 60}, UsageLimitReached, False),
        ({"code": "strange"}, ResponseFailedError, False),
    ],
)
def test_the_code_of_an_error_event_counts(
    record: dict[str, Any], cls: type[CodexError], at_once: bool
) -> None:
    flat = {name: value for name, value in record.items() if name != "type"}
    forms = [{"type": "error", "error": record}]
    if "code" in flat and "bad_request" not in flat.values():
        forms.append({**flat, "type": "error"})
    for event in forms:
        decoder = ResponsesDecoder()
        decoder.receive_data(body_of(json.loads(CREATED), event))
        assert (decoder.outcome is not None) is at_once
        decoder.receive_eof()
        assert isinstance(decoder.outcome, StreamFailed)
        assert type(decoder.outcome.error) is cls
        assert decoder.outcome.error == failure(body_of(json.loads(CREATED), event))


# -- error frames of a WebSocket ------------------------------------------------------------------


def test_ws_error_no_status() -> None:
    decoder = ResponsesDecoder()
    events = [event for text in messages("responses-37-ws-error-no-status")
              for event in decoder.receive_message(text)]  # fmt: skip
    assert isinstance(decoder.outcome, StreamFailed)
    assert decoder.outcome is events[-1]
    assert type(decoder.outcome.error) is ServerOverloaded
    assert decoder.outcome.error.message == "Selected model is at capacity."


@pytest.mark.parametrize(
    ("members", "cls", "after"),
    [
        ({"error": {"code": "server_error", "message": "m"}}, ResponseFailedError, None),
        ({"code": "server_is_overloaded", "message": "m"}, ServerOverloaded, None),
        ({"message": "m"}, ResponseFailedError, None),
        ({"error": "m"}, ResponseFailedError, None),
        ({}, ResponseFailedError, None),
        ({"status": "429", "error": {"message": "m"}}, RetryLimit, None),
        ({"status": 429.0, "error": {"message": "m"}}, RetryLimit, None),
        ({"status_code": 429, "error": {"message": "m"}}, RetryLimit, None),
        ({"status_code": "429", "error": "m"}, RetryLimit, None),
        ({"status": 429, "status_code": 429}, RetryLimit, None),
        ({"status": 429, "headers": {"retry-after": "2"}}, RetryLimit, 2.0),
        ({"status": 429, "error": {"headers": {"Retry-After": 2}}}, RetryLimit, 2.0),
        ({"error": {"status": 429, "headers": {"retry-after": "2"}}}, RetryLimit, 2.0),
        ({"error": {"code": "slow_down", "headers": {"retry-after": "2"}}}, RateLimitExceeded, 2.0),
        ({"status": 400, "code": "c", "message": "m"}, InvalidRequest, None),
        ({"status": 200, "error": LONG}, ContextWindowExceeded, None),
        ({"status": True, "error": LONG}, ContextWindowExceeded, None),
        ({"status": [], "headers": 5, "error": LONG}, ContextWindowExceeded, None),
    ],
)
def test_an_error_frame_ends_its_response_at_once(
    members: dict[str, Any], cls: type[CodexError], after: float | None
) -> None:
    outcome = frame(type="error", **members)
    assert outcome is not None
    assert type(outcome.error) is cls
    assert outcome.error.retry_after == after


def test_in_profile_codex_such_a_frame_ends_nothing() -> None:
    decoder = ResponsesDecoder("codex")
    for text in messages("responses-37-ws-error-no-status"):
        assert decoder.receive_message(text) == []
    (outcome,) = decoder.receive_close(1000)
    assert isinstance(outcome, StreamFailed)
    assert type(outcome.error) is ConnectionClosed


# -- how many requests follow ---------------------------------------------------------------------


def event(**members: Any) -> bytes:
    return json.dumps({"type": "error", **members}).encode()


@pytest.mark.parametrize(
    ("answer", "cls", "requests"),
    [
        (sse(CREATED, event(error=LONG)), ContextWindowExceeded, 1),
        (sse(CREATED, event(**LONG)), ContextWindowExceeded, 1),
        (sse(CREATED, event(error=QUOTA)), QuotaExceeded, 1),
        (sse(CREATED, event(error={**QUOTA, "param": {}})), QuotaExceeded, 1),
        (sse(CREATED, event(error={"type": "authentication_error"})), InvalidRequest, 1),
        (refuse(404, json.dumps({"error": {"code": "model_not_found"}}).encode()),
         InvalidRequest, 1),
        (refuse(200, WRONG_KEY, [("content-type", "application/json")]), InvalidRequest, 1),
        (refuse(200, json.dumps({"error": QUOTA}).encode()), QuotaExceeded, 1),
        (refuse(200, json.dumps({"error": LONG}).encode()), ContextWindowExceeded, 1),
        (refuse(429, b"{}"), RetryLimit, 1),
        (refuse(429, b"{}", [("retry-after", "2")]), RetryLimit, 6),
        (sse(CREATED, event(error={"code": "server_error"})), ResponseFailedError, 6),
    ],
)  # fmt: skip
def test_a_hopeless_request_is_sent_once(
    answer: Answer, cls: type[CodexError], requests: int
) -> None:
    error, made = requests_made(answer)
    assert isinstance(error, cls)
    assert made == requests


def test_a_stream_that_stays_open_after_a_final_error_is_not_waited_for() -> None:
    error, made = requests_made(sse(CREATED, event(error=LONG), end="open"))
    assert (type(error), made) == (ContextWindowExceeded, 1)


def test_an_overloaded_socket_is_neither_waited_for_nor_asked_again() -> None:
    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            return await told(connection.stream(REQUEST))

    said = [text.encode() for text in messages("responses-37-ws-error-no-status")]
    with serving(accept([CREATED, *said])) as server, Driven("sync-raw", server.base_url) as driven:
        found = driven.run(scenario)
    assert type(found.error) is ServerOverloaded
    assert len(server.requests) == 1
    assert driven.clock.slept == []


def test_output_that_came_before_is_not_lost() -> None:
    error = failure(body_of(json.loads(CREATED), json.loads(DELTA), {"type": "error", **LONG}))
    assert type(error) is ContextWindowExceeded
