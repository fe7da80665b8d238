"""From what a server said to the error it means: statuses, bodies, `response.failed`, frames."""

from __future__ import annotations

import base64
import json
import pickle
from typing import Any, Final, cast

import pytest

from codex_proto.errors import (
    AccessProgramNotEnabled,
    ApiError,
    BioPolicy,
    BudgetReached,
    CodexError,
    ConnectionLimitReached,
    ContentPolicyViolation,
    ContextWindowExceeded,
    CyberPolicy,
    FlexUnavailable,
    HttpStatusError,
    InferenceHookDenied,
    InternalServerError,
    InvalidAudio,
    InvalidImage,
    InvalidPrompt,
    InvalidRequest,
    LocalProtocolError,
    MisalignmentPolicyViolation,
    ModelNotFound,
    PolicyCapacityUnavailable,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    RetryLimit,
    ServerOverloaded,
    UsageLimitReached,
    UsageNotIncluded,
)
from codex_proto.refusals import FAILED_CODES, error_from_response, retry_after_from_headers
from codex_proto.refusals._body import BODY_KEPT
from codex_proto.responses import (
    ErrorEvent,
    ErrorPayload,
    MalformedPart,
    decode_response_event,
)
from codex_proto.responses.stream._error_mapping import (
    classify_failed,
    error_from_websocket_error,
)

DATE: Final = "Wed, 21 Oct 2015 07:28:00 GMT"
DATE_UNIX: Final = 1_445_412_480.0


def _told(**error: Any) -> str:
    return json.dumps({"error": error})


# -- HTTP answers ---------------------------------------------------------------------------------

BAD_IMAGE: Final = "The image data you provided does not represent a valid image. Check it."

AUDIO: Final = (
    "invalid_audio",
    "audio_too_large",
    "invalid_audio_data",
    "invalid_audio_format",
    "missing_audio_sample_rate",
)

STATUSES: Final[list[tuple[int, str, type[CodexError]]]] = [
    (503, _told(code="server_is_overloaded"), ServerOverloaded),
    (503, _told(code="slow_down"), RateLimitExceeded),
    (503, _told(code="policy_capacity_unavailable"), PolicyCapacityUnavailable),
    (503, _told(code="flex_unavailable"), HttpStatusError),
    (503, _told(code="budget_reached"), HttpStatusError),
    (503, _told(code="x"), HttpStatusError),
    (500, _told(code="server_is_overloaded"), InternalServerError),
    (400, _told(code="misalignment_policy_violation"), MisalignmentPolicyViolation),
    (403, _told(code="misalignment_policy_violation"), MisalignmentPolicyViolation),
    (401, _told(code="misalignment_policy_violation"), HttpStatusError),
    (400, _told(code="cyber_policy"), CyberPolicy),
    (403, _told(code="cyber_policy"), HttpStatusError),
    (400, _told(message=BAD_IMAGE), InvalidImage),
    (400, BAD_IMAGE, InvalidImage),
    (404, BAD_IMAGE, HttpStatusError),
    (400, _told(code="bio_policy"), BioPolicy),
    (403, _told(code="bio_policy"), HttpStatusError),
    (400, _told(code="invalid_prompt"), InvalidPrompt),
    (400, _told(code="budget_reached"), BudgetReached),
    *((status, _told(code="budget_reached"), HttpStatusError) for status in (402, 403, 409)),
    (500, _told(code="budget_reached"), InternalServerError),
    (429, _told(code="budget_reached"), RetryLimit),
    *((400, _told(code=code), InvalidAudio) for code in AUDIO),
    *((413, _told(code=code), HttpStatusError) for code in AUDIO),
    (400, _told(code="context_length_exceeded"), ContextWindowExceeded),
    (413, _told(code="context_length_exceeded"), HttpStatusError),
    (400, _told(code="model_not_found"), ModelNotFound),
    (404, _told(code="model_not_found"), ModelNotFound),
    (404, _told(code="other"), HttpStatusError),
    (429, _told(code="model_not_found"), RetryLimit),
    (400, _told(code="content_policy_violation"), ContentPolicyViolation),
    (403, _told(code="content_policy_violation"), HttpStatusError),
    (400, _told(code="inference_hook_denied"), InvalidRequest),
    (403, _told(code="inference_hook_denied"), InferenceHookDenied),
    (400, _told(code="access_program_not_enabled"), InvalidRequest),
    (403, _told(code="access_program_not_enabled"), AccessProgramNotEnabled),
    (400, _told(code="unsupported_access_program"), InvalidRequest),
    (403, _told(code="unsupported_access_program"), HttpStatusError),
    (400, _told(code="flex_unavailable"), InvalidRequest),
    (400, _told(code="insufficient_quota"), InvalidRequest),
    (403, _told(code="workspace_access_denied"), HttpStatusError),
    (429, _told(code="usage_not_included"), RetryLimit),
    # An error in a body that should have been a response.
    (200, _told(code="invalid_api_key", type="invalid_request_error"), InvalidRequest),
    (200, _told(code="x", type="invalid_request_error"), InvalidRequest),
    (200, _told(type="authentication_error"), InvalidRequest),
    (200, _told(code="insufficient_quota"), QuotaExceeded),
    (200, _told(type="insufficient_quota", code=5), QuotaExceeded),
    (200, _told(type="usage_limit_reached"), UsageLimitReached),
    (200, _told(code="context_length_exceeded"), ContextWindowExceeded),
    (200, _told(code=401), InvalidRequest),
    (200, _told(code=503), HttpStatusError),
    (200, _told(code="server_error"), HttpStatusError),
    (200, _told(code="x"), HttpStatusError),
    (400, "", InvalidRequest),
    (429, _told(code="flex_unavailable"), FlexUnavailable),
    (429, _told(type="usage_limit_reached"), UsageLimitReached),
    (429, _told(type="usage_not_included"), UsageNotIncluded),
    (429, _told(type="insufficient_quota"), QuotaExceeded),
    (429, _told(code="insufficient_quota"), QuotaExceeded),
    (429, _told(code="credit_balance_exhausted"), QuotaExceeded),
    (429, _told(code="organization_usage_limit_exceeded"), QuotaExceeded),
    (429, _told(code="rate_limit_exceeded"), RetryLimit),
    (429, "<html>", RetryLimit),
    (402, _told(type="usage_limit_reached"), HttpStatusError),
]


@pytest.mark.parametrize(("status", "body", "cls"), STATUSES)
def test_a_status_and_a_body_make_a_class(status: int, body: str, cls: type[CodexError]) -> None:
    for form in (body, body.encode(), bytearray(body.encode()), memoryview(body.encode())):
        error = error_from_response(status, {}, form)
        assert type(error) is cls
        assert (error.status, error.body) == (status, body)
    assert error == error_from_response(status, [], body)


@pytest.mark.parametrize(
    ("body", "shown", "code"),
    [
        (_told(message=" m ", code="c"), "m", "c"),
        (_told(message="m", code=5), "m", "5"),
        (_told(message=["m"]), '{"error": {"message": ["m"]}}', None),
        ('{"detail":"Unauthorized"}', "Unauthorized", None),
        ('{"detail":{"code":"token_expired","message":"m"}}', "m", "token_expired"),
        ('{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}',) * 1
        + ("field required", None),
        ('{"error":"invalid_grant","error_description":"too old"}', "too old", "invalid_grant"),
        ('{"error":"out of order"}', "out of order", None),
        ('{"message":"no route","code":"nr"}', "no route", "nr"),
        ('{"errors":[{"message":"first"},{"message":"second"}]}', "first", None),
        ('{"type":"error","error":{"message":"m"},"status":400}', "m", None),
        ('"just text"', "just text", None),
        (" plain\n text ", "plain text", None),
        ("<html><head><TITLE>502\n Bad Gateway</TITLE>", "502 Bad Gateway", None),
        ("<html><body>x</body>", "<html><body>x</body>", None),
        ("x" * 2000, "x" * 1000 + "...", None),
        ("\u00e9" * 600, "\u00e9" * 500 + "...", None),
        ("[]", "[]", None),
        ("null", "null", None),
        ("[" * 100_000, "[" * 1000 + "...", None),
        ("", "Unknown error", None),
        ("  \n", "Unknown error", None),
    ],
    ids=range(22),
)
def test_bodies_of_every_known_form(body: str, shown: str, code: str | None) -> None:
    error = error_from_response(418, None, body)
    assert str(error) == f"unexpected status 418 I'm a teapot: {shown}"
    assert error.code == code
    assert "\n" not in str(error)


def test_what_a_report_needs_is_there() -> None:
    code = base64.b64encode(b'{"error":{"code":"token_expired"}}')
    headers = {
        "X-Request-ID": "req_1",
        "CF-Ray": "ray-1",
        "X-OpenAI-Authorization-Error": "bad_token",
        b"x-error-json": code,
        "Authorization": "Bearer abc123456789",
        "x-codex-primary-used-percent": "55",
    }
    url = "https://h/v1/responses?key=abc123456789"
    error = error_from_response(401, cast("Any", headers), _told(message="m", param="p"), url)
    assert isinstance(error, HttpStatusError)
    assert (error.request_id, error.cf_ray, error.status) == ("req_1", "ray-1", 401)
    assert error.identity_authorization_error == "bad_token"
    assert error.identity_error_code == "token_expired"
    assert error.param == "p"
    assert error.rate_limits is not None
    assert error.rate_limits.primary is not None
    assert error.rate_limits.primary.used_percent == 55
    assert str(error) == (
        "unexpected status 401 Unauthorized: m, url: https://h/v1/responses?key=[redacted], "
        "cf-ray: ray-1, request id: req_1, auth error: bad_token, auth error code: token_expired"
    )
    assert "abc123456789" not in repr(error)


@pytest.mark.parametrize(
    ("headers", "body", "retryable", "after"),
    [
        ({"retry-after": "2"}, "", True, 2.0),
        ({"retry-after": " 0 "}, "", True, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:10 GMT", "date": DATE}, "", True, 10.0),
        ({"retry-after": DATE}, "", True, None),
        ({"retry-after": "1.5"}, "", False, 1.5),
        ({"retry-after": "-1"}, "", False, None),
        ({"retry-after": "9" * 25}, "", False, None),
        ({"retry-after": "soon"}, "", False, None),
        ({"retry-after-ms": "1500"}, "", False, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", True, 1.5),
        ({}, _told(message="Please try again in 2s."), False, 2.0),
        ({"retry-after": "2"}, _told(code="budget_reached"), True, 2.0),
        ({"retry-after": "2"}, _told(type="usage_limit_reached"), False, 2.0),
        ({"retry-after": "2"}, _told(type="usage_not_included"), False, 2.0),
        ({"retry-after": "2"}, _told(code="flex_unavailable"), False, 2.0),
        ({"retry-after": "2"}, _told(code="insufficient_quota"), False, 2.0),
    ],
)
def test_a_429_may_be_sent_again_exactly_where_a_header_sets_the_time(
    headers: dict[str, str], body: str, retryable: bool, after: float | None
) -> None:
    error = error_from_response(429, headers, body)
    assert error.retryable is retryable
    assert error.retry_after == after


def test_the_other_request_id_stands_in() -> None:
    assert error_from_response(404, {"x-oai-request-id": "o"}).request_id == "o"
    both = {"x-oai-request-id": "o", "x-request-id": "r"}
    assert error_from_response(404, both).request_id == "r"


def test_a_long_body_is_kept_in_part() -> None:
    for body in ("x" * (BODY_KEPT + 1), b"\xff" * (5 * BODY_KEPT)):
        error = error_from_response(404, None, body)
        assert len(error.body or "") == BODY_KEPT
        assert len(str(error)) < 1200 + 200


def test_a_usage_limit_says_when_it_ends() -> None:
    headers = {
        "date": DATE,
        "x-codex-active-limit": "codex-other",
        "x-codex-other-primary-used-percent": "100",
        "x-codex-other-limit-name": "other model",
        "x-codex-promo-message": "Credits are cheap.",
        "x-codex-rate-limit-reached-type": "rate_limit_reached",
    }
    body = _told(type="usage_limit_reached", plan_type="hc", resets_at=int(DATE_UNIX) + 90)
    error = error_from_response(429, headers, body)
    assert isinstance(error, UsageLimitReached)
    assert (error.retry_at, error.resets_at, error.retry_after) == (
        DATE_UNIX + 90,
        DATE_UNIX + 90,
        90.0,
    )
    assert (error.plan_type, error.promo_message) == ("enterprise", "Credits are cheap.")
    assert error.rate_limit_reached_type == "rate_limit_reached"
    assert error.rate_limits is not None
    assert error.rate_limits.limit_id == "codex_other"
    assert error.rate_limits.primary is not None
    assert error.rate_limits.primary.used_percent == 100
    assert str(error) == (
        "The usage limit for other model of the plan enterprise is reached; "
        "try again at 2015-10-21 07:29 UTC. Credits are cheap."
    )
    assert pickle.loads(pickle.dumps(error)) == error


@pytest.mark.parametrize(
    ("members", "now_unix", "after", "at"),
    [
        ({"resets_in_seconds": 30}, None, 30.0, None),
        ({"resets_in_seconds": -30}, None, 0.0, None),
        ({"resets_at": 1000}, 400.0, 600.0, 1000.0),
        ({"resets_at": 1000}, 4000.0, 0.0, 1000.0),
        ({"resets_at": 1000.5}, None, None, 1000.5),
        ({"resets_at": 10**400}, 1.0, None, None),
        ({"resets_at": 10**30}, None, None, 1e30),
        ({}, 5.0, None, None),
    ],
)
def test_when_a_usage_limit_ends(
    members: dict[str, Any], now_unix: float | None, after: float | None, at: float | None
) -> None:
    body = _told(type="usage_limit_reached", **members)
    error = error_from_response(429, None, body, now_unix=now_unix)
    assert (error.retry_after, error.retry_at) == (after, at)
    assert error.rate_limits is None
    assert str(error).startswith("The usage limit is reached; try again ")


@pytest.mark.parametrize("who", ["owner", "member"])
@pytest.mark.parametrize("what", ["credits_depleted", "usage_limit_reached"])
def test_a_workspace_is_told_by_its_kind(who: str, what: str) -> None:
    headers = {"x-codex-rate-limit-reached-type": f"workspace_{who}_{what}"}
    error = error_from_response(429, headers, _told(type="usage_limit_reached"))
    assert "workspace" in str(error)
    assert ("ask" in str(error)) is (who == "member")


def test_cloudflare_is_named() -> None:
    error = error_from_response(403, None, "<html>Cloudflare: you have been blocked")
    assert "Cloudflare blocked the request" in str(error)
    assert "403 Forbidden" in str(error)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("status", lambda: error_from_response(cast("Any", "429"))),
        ("body", lambda: error_from_response(429, None, cast("Any", {}))),
        ("headers", lambda: error_from_response(429, cast("Any", 5))),
        ("headers", lambda: retry_after_from_headers(cast("Any", "text"))),
    ],
)
def test_a_mistake_of_the_caller_is_told_by_name(argument: str, call: Any) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        call()
    assert raised.value.message.startswith(f"{argument}: ")


# -- response.failed ------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "cls"), FAILED_CODES.items())
def test_a_code_makes_a_class(code: str, cls: type[ApiError]) -> None:
    payload = ErrorPayload(code=code, message="m", type="t", param="p")
    error = classify_failed(payload, "resp_1")
    expected = cls("m", code=code, response_id="resp_1", error_type="t", param="p")
    assert error == expected
    for blank in (None, "", " \n"):
        assert str(classify_failed(ErrorPayload(code=code, message=blank))) == cls.default_message


def test_any_other_code_keeps_the_words_of_the_server() -> None:
    for code in ("server_error", "", None):
        error = classify_failed(ErrorPayload(code=code, message="try again in 5s"))
        assert error == ResponseFailedError("try again in 5s", code=code or None)
    assert classify_failed(ErrorPayload(code=5)) == ResponseFailedError(code="5")


@pytest.mark.parametrize("nothing", [None, MalformedPart(field="error", reason="r", raw=b"[]")])
def test_an_error_that_cannot_be_read(nothing: MalformedPart | None) -> None:
    error = classify_failed(nothing, "resp_1")
    assert error == ResponseFailedError("response.failed event received", response_id="resp_1")


def test_only_codes_about_the_pace_have_a_delay() -> None:
    for code in FAILED_CODES:
        error = classify_failed(ErrorPayload(code=code, message="try again in 5s"))
        paced = code in {"rate_limit_exceeded", "slow_down"}
        assert (error.retry_after == 5.0) is paced
        assert error.retryable is (paced or type(error) is ResponseFailedError)
    assert isinstance(classify_failed(ErrorPayload(code="rate_limit_exceeded")), RateLimitExceeded)
    assert ContextWindowExceeded in FAILED_CODES.values()


# -- error frames on a WebSocket ------------------------------------------------------------------


def _frame(**members: Any) -> tuple[ErrorEvent, str]:
    raw = json.dumps({"type": "error"} | members)
    event = decode_response_event(raw)
    assert isinstance(event, ErrorEvent)
    return event, raw


@pytest.mark.parametrize("name", ["status", "status_code"])
def test_a_frame_stands_for_an_answer(name: str) -> None:
    headers = {"x-request-id": "r", "Retry-After": 5, "x": True, "none": None, "bad name": "x"}
    event, raw = _frame(
        **{name: 429}, headers=headers, error={"type": "usage_limit_reached", "plan_type": "pro"}
    )
    error = error_from_websocket_error(event, raw, response_id="resp_1")
    assert isinstance(error, UsageLimitReached)
    assert error.headers == (("x-request-id", "r"), ("retry-after", "5"), ("x", "true"))
    assert (error.request_id, error.retry_after, error.plan_type) == ("r", 5.0, "pro")
    assert (error.status, error.body, error.response_id) == (429, raw, "resp_1")
    again = error_from_websocket_error(event, response_id="resp_1")
    assert isinstance(again, UsageLimitReached)
    assert again.plan_type == "pro"


@pytest.mark.parametrize(
    ("code", "cls"),
    [
        ("websocket_connection_limit_reached", ConnectionLimitReached),
        ("previous_response_not_found", PreviousResponseNotFound),
        ("flex_unavailable", FlexUnavailable),
    ],
)
def test_codes_that_need_no_status(code: str, cls: type[ApiError]) -> None:
    for members in ({}, {"status": 400}, {"status": 200}, {"status": None}):
        event, raw = _frame(error={"code": code, "message": "m"}, **members)
        error = error_from_websocket_error(event, raw)
        assert error == cls("m", code=code, status=members.get("status") or None)
        event, raw = _frame(error={"code": code}, **members)
        assert str(error_from_websocket_error(event, raw)) == cls.default_message


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"status": 200},
        {"status": 299},
        {"status": 99},
        {"status": 1000},
        {"status": 0},
        {"status": -1},
        {"status": 429, "status_code": 429},
        {"status": "429"},
        {"status": 429.5},
        {"status": 429, "headers": []},
        {"status": 429, "error": "text"},
        {"status": 429, "error": {"code": 5}},
        {"status": 429, "error": {"message": 5}},
    ],
)
def test_a_frame_that_ends_nothing(members: dict[str, Any]) -> None:
    event, raw = _frame(**members)
    for form in (raw, raw.encode(), None):
        assert error_from_websocket_error(event, form) is None


def test_the_flat_form_of_a_frame_is_read_too() -> None:
    event, raw = _frame(status=400, code="c", message="m", param="p")
    error = error_from_websocket_error(event, raw)
    assert error == InvalidRequest("m", code="c", param="p", status=400, body=raw)
    event, raw = _frame(code="websocket_connection_limit_reached", message="m")
    assert isinstance(error_from_websocket_error(event, raw), ConnectionLimitReached)
