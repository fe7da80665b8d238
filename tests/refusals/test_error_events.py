"""Errors that come as events: their codes and words in every form, and what is kept of them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.errors import (
    ApiError,
    InvalidRequest,
    MisalignmentPolicyViolation,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    UsageLimitReached,
)
from codex_proto.refusals import error_from_response
from codex_proto.responses import ErrorEvent, ErrorPayload, Failed, decode_response_event
from codex_proto.responses.stream._error_mapping import (
    classify_error_event,
    classify_failed,
    classify_failed_as_codex,
)


def _told(**error: Any) -> str:
    return json.dumps({"error": error})


def _frame(**members: Any) -> tuple[ErrorEvent, str]:
    raw = json.dumps({"type": "error"} | members)
    event = decode_response_event(raw)
    assert isinstance(event, ErrorEvent)
    return event, raw


@pytest.mark.parametrize(
    ("told", "cls"),
    [
        ({"code": "new", "type": "invalid_request_error"}, InvalidRequest),
        ({"code": "new", "type": "Authentication_Error"}, InvalidRequest),
        ({"code": "invalid_api_key"}, InvalidRequest),
        ({"type": "insufficient_quota"}, QuotaExceeded),
        ({"code": "new", "type": "insufficient_quota"}, QuotaExceeded),
        ({"code": 400}, InvalidRequest),
        ({"code": "422"}, InvalidRequest),
        ({"code": 429}, RateLimitExceeded),
        ({"type": "rate_limit_error"}, RateLimitExceeded),
        # The code goes first, and what is known of it is that it may pass.
        ({"code": "server_error", "type": "invalid_request_error"}, ResponseFailedError),
        ({"code": "invalid_image", "type": "invalid_request_error"}, ResponseFailedError),
        ({"code": 500, "type": "invalid_request_error"}, ResponseFailedError),
        *(({"code": code}, ResponseFailedError) for code in (408, 409, 425, 399, 42, 4000)),
        ({"code": "\u0664\u0660\u0660"}, ResponseFailedError),
    ],
)
def test_words_and_numbers_of_other_servers(told: dict[str, Any], cls: type[ApiError]) -> None:
    assert type(classify_failed(ErrorPayload(**told))) is cls
    event, _ = _frame(error=told)
    assert type(classify_error_event(event)) is cls
    flat = classify_error_event(_frame(**told | {"type": "error"})[0])
    assert type(flat) is (cls if "code" in told and "type" not in told else type(flat))


def test_a_usage_limit_in_a_stream_says_when_it_ends() -> None:
    payload = ErrorPayload(
        type="usage_limit_reached", plan_type="hc", resets_at=1000, resets_in_seconds=30
    )
    error = classify_failed(payload)
    assert isinstance(error, UsageLimitReached)
    assert (error.plan_type, error.retry_at, error.retry_after) == ("enterprise", 1000.0, 30.0)


@pytest.mark.parametrize("member", sorted(ErrorPayload.__struct_encode_fields__))
@pytest.mark.parametrize("value", ["true", "5", "1.5", "[]", "{}", '"x"', "null", "[{}]"])
def test_one_wrong_member_costs_no_class(member: str, value: str) -> None:
    told = {"type": "insufficient_quota", "code": "insufficient_quota", "message": "Spent."}
    record = json.dumps({**told, member: 0}).replace(": 0", f": {value}")
    for message in (
        f'{{"type":"response.failed","response":{{"id":"r","error":{record}}}}}',
        f'{{"type":"error","error":{record}}}',
    ):
        event = decode_response_event(message)
        if isinstance(event, Failed):
            error = classify_failed(event.error, "r")
        else:
            assert isinstance(event, ErrorEvent)
            error = classify_error_event(event)
        if (member, value) != ("code", "5"):
            assert type(error) is QuotaExceeded
        if member != "message":
            assert error.message == "Spent."


MISALIGNMENT: Final = {"error_type": "other", "steer": {"message": "m"}, "new": [1]}


def test_what_the_policy_on_misalignment_says_is_kept() -> None:
    code = "misalignment_policy_violation"
    record = {"code": code, "message": "m", "misalignment": MISALIGNMENT}
    failed = decode_response_event(
        json.dumps({"type": "response.failed", "response": {"error": record}})
    )
    assert isinstance(failed, Failed)
    event, raw = _frame(error=record)
    for error in (
        classify_failed(failed.error),
        classify_failed_as_codex(failed),
        classify_error_event(event),
        classify_error_event(event, raw),
        error_from_response(400, None, json.dumps({"error": record})),
        error_from_response(403, None, json.dumps({"error": record})),
    ):
        assert isinstance(error, MisalignmentPolicyViolation)
        assert error.misalignment == MISALIGNMENT
    wrongs: list[Any] = [None, 5, "x", [], "[" * 3]
    for wrong in wrongs:
        error = error_from_response(400, None, _told(code=code, misalignment=wrong))
        assert error == MisalignmentPolicyViolation(
            error.message, code=code, status=400, body=error.body
        )
    deep = '{"a":' * 200 + "1" + "}" * 200
    text = f'{{"error":{{"code":"{code}","misalignment":{deep}}}}}'
    error = error_from_response(400, None, text)
    assert isinstance(error, MisalignmentPolicyViolation)
    assert error.misalignment is None


@pytest.mark.parametrize(
    ("members", "message", "code"),
    [
        ({"error": "text"}, "text", None),
        ({"error": "text", "code": "c"}, "text", "c"),
        ({"message": {"message": "inner", "code": "c"}}, "inner", "c"),
        ({"error": {"message": {"message": "inner", "code": "c"}}}, "inner", "c"),
        ({"error": {"code": "c", "message": {"message": "inner"}}}, "inner", "c"),
        ({"error": {"code": "c"}, "message": "flat"}, "flat", "c"),
        ({"error": {"message": "nested"}, "code": "c"}, "nested", "c"),
        ({"error": ["a", {"b": 1}]}, '["a", {"b": 1}]', None),
        ({"error": {"message": ["a"]}}, '["a"]', None),
        ({"message": 5}, "5", None),
        ({"error": None}, ResponseFailedError.default_message, None),
        ({"error": ""}, ResponseFailedError.default_message, None),
    ],
)
def test_words_of_an_error_event_in_any_form(
    members: dict[str, Any], message: str, code: str | None
) -> None:
    event, raw = _frame(**members)
    for error in (classify_error_event(event), classify_error_event(event, raw)):
        assert (error.message, error.code) == (message, code)
