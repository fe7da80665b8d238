"""What the bodies of other servers say: code, type, message, parameter, and how long to wait."""

from __future__ import annotations

import json
import time
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import ApiError, UsageLimitReached
from codex_proto.refusals import error_from_response
from codex_proto.refusals._body import read_body

NOW: Final = 1_764_547_100.0

# Code, type, message, parameter.
Words = tuple[str | None, str | None, str | None, str | None]


def _error(**members: Any) -> str:
    return json.dumps({"error": members})


def _openrouter(**metadata: Any) -> str:
    return _error(code=429, message="Provider returned error", metadata=metadata)


def _google(*details: Any, code: Any = 429, status: str = "RESOURCE_EXHAUSTED") -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": "m", "details": details}}


RETRY_INFO: Final = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "32.1s"}
INNER: Final = _error(message="it's too long", code="context_length_exceeded", type="t", param="p")
INNER_WORDS: Final[Words] = ("context_length_exceeded", "t", "it's too long", "p")

STREAM: Final = f"event: error\ndata: {json.dumps({'type': 'error'} | json.loads(INNER))}\n\n"

SHAPES: Final[dict[str, tuple[str, Words]]] = {
    "xai": ('{"code":"invalid-argument","error":"e"}', ("invalid-argument", None, "e", None)),
    "databricks": ('{"error_code":"LIMIT","message":"m"}', ("LIMIT", None, "m", None)),
    "databricks with json": (
        json.dumps({"error_code": "BAD_REQUEST", "message": INNER}),
        INNER_WORDS,
    ),
    "aws": (
        '{"__type":"a.b#ThrottlingException","message":"m"}',
        ("ThrottlingException", None, "m", None),
    ),
    "aws without a namespace": ('{"__type":"X","Message":"m"}', ("X", None, "m", None)),
    "tgi": ('{"error":"e","error_type":"validation"}', ("validation", "validation", "e", None)),
    "cloudflare": (
        '{"success":false,"errors":[{"code":10000,"message":"m"}],"messages":[],"result":null}',
        ("10000", None, "m", None),
    ),
    "google": (json.dumps(_google()), ("RESOURCE_EXHAUSTED", None, "m", None)),
    "google in a list": (json.dumps([_google()]), ("RESOURCE_EXHAUSTED", None, "m", None)),
    "google by name": (json.dumps(_google(code="c")), ("c", None, "m", None)),
    "google without a status": (json.dumps(_google(status="no")), ("429", None, "m", None)),
    "openrouter": (_openrouter(raw=INNER, provider_name="Azure"), INNER_WORDS),
    "openrouter with a record": (_openrouter(raw=json.loads(INNER)), INNER_WORDS),
    "openrouter with words": (_openrouter(raw=" busy "), ("429", None, "busy", None)),
    "openrouter with a page": (
        _openrouter(raw="<html><title>502\nBad</title>"),
        ("429", None, "502 Bad", None),
    ),
    "openrouter with a name": (
        _openrouter(provider_name="Azure", raw=None),
        ("429", None, "Provider returned error (Azure)", None),
    ),
    "openrouter with nothing": (
        _openrouter(raw="", provider_name=5),
        ("429", None, "Provider returned error", None),
    ),
    "openrouter, flat": (
        json.dumps({"message": "Provider returned error", "metadata": {"raw": INNER}}),
        INNER_WORDS,
    ),
    "fastapi, a text": ('{"detail":"d"}', (None, None, "d", None)),
    "fastapi": (
        json.dumps(
            {
                "detail": [
                    {
                        "loc": ["body", "input", 0, "text"],
                        "msg": "Field required",
                        "type": "missing",
                    },
                    {"loc": ["query", "n"], "msg": "too large", "type": "x"},
                ]
            }
        ),
        (None, "missing", "input[0].text: Field required; n: too large", "input[0].text"),
    ),
    "fastapi without a member": (
        '{"detail":[{"loc":["body"],"msg":"m","type":"x"}]}',
        (None, "x", "m", None),
    ),
    "fastapi with an odd loc": (
        '{"detail":[{"loc":[null,{},1e400,"a"],"msg":"m"}]}',
        (None, None, "a: m", "a"),
    ),
    "problem": (
        '{"type":"https://e/p","title":"t","detail":"d","status":403}',
        ("https://e/p", "https://e/p", "d", None),
    ),
    "problem without detail": (
        '{"type":"about:blank","title":"t","status":403}',
        (None, None, "t", None),
    ),
    "litellm, a stream": (f"data: {INNER}\n\n", INNER_WORDS),
    "litellm, cut short": (f"data: {INNER}", INNER_WORDS),
    "litellm, data in a message": (_error(message=f"litellm.E: data: {INNER}"), INNER_WORDS),
    "litellm, a dict": (
        _error(
            message="OpenAIException - Error code: 400 - " + repr(json.loads(INNER)) + ". More",
            type="None",
            code="400",
        ),
        INNER_WORDS,
    ),
    "litellm, bytes": (
        _error(message=f"GroqException - {json.dumps(json.loads(INNER), indent=1).encode()!r}"),
        INNER_WORDS,
    ),
    "litellm, names of nothing": (
        _error(message="m", type="None", param="None", code="500"),
        ("500", None, "m", None),
    ),
    "a dict with words of Python": (
        "Error: {'error': {'message': 'm\\xe9', 'code': None, 'param': True, 'type': False}}",
        (None, None, "m\u00e9", None),
    ),
    "a record in a text": (f"upstream said {INNER}, sorry", INNER_WORDS),
    "a record in a text in JSON": (json.dumps(f"upstream said {INNER}"), INNER_WORDS),
    "a second record": ("id {7}: " + INNER, INNER_WORDS),
    "two documents": (f"{INNER}\n{INNER}", INNER_WORDS),
    "a quoted record": (
        _error(message='Invalid value: {"role":"x","message":"y"}', code="c"),
        ("c", None, 'Invalid value: {"role":"x","message":"y"}', None),
    ),
    "a message in a message": (_error(message=json.loads(INNER)), INNER_WORDS),
    "a number that JSON has not": (
        '{"error":{"message":"m","code":"c","n":[NaN,-Infinity,1e400]}}',
        ("c", None, "m", None),
    ),
    "half a character": (
        r'{"error":{"message":"m\ud83d\ude00\ud83d","code":"c"}}',
        ("c", None, "m\U0001f600\ufffd", None),
    ),
    "a stream": (STREAM, INNER_WORDS),
    "a stream, flat": (
        'data: {"type":"error","code":"c","message":"m","param":"p"}\r\n\r\ndata: [DONE]\r\n\r\n',
        ("c", None, "m", "p"),
    ),
    "a stream that fails": (
        ": ping\n\nevent: response.created\ndata: {}\n\n"
        'event: response.failed\ndata: {"type":"response.failed","response":'
        + json.dumps({"id": "r", "error": {"code": "c", "message": "m"}})
        + "}\n\n",
        ("c", None, "m", None),
    ),
    "a stream of words": ("event: error\ndata: some words", (None, None, "some words", None)),
    "a stream without words": ("data: [DONE]\n\n", (None, None, None, None)),
    "a code around an error": (
        '{"code":"outer","error":{"message":"m"}}',
        ("outer", None, "m", None),
    ),
    "a message around an error": ('{"message":"m","error":{"x":1}}', (None, None, "m", None)),
    "vllm": (
        '{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}',
        ("400", "BadRequestError", "m", None),
    ),
}


@pytest.mark.parametrize(("body", "words"), SHAPES.values(), ids=SHAPES)
def test_bodies_of_other_servers(body: str, words: Words) -> None:
    for form in (body, body.encode(), "\ufeff" + body, b"\xef\xbb\xbf" + body.encode()):
        found = read_body(form)
        assert (found.code, found.error_type, found.message, found.param) == words
    wide = read_body(body.encode("utf-16"))
    assert (wide.code, wide.error_type, wide.message, wide.param) == words
    error = error_from_response(418, None, body)
    assert (error.code, error.error_type, error.param) == (words[0], words[1], words[3])
    assert (words[2] or body.strip()) in str(error) or words[2] is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ThrottlingException:http://internal.amazon.com/coral/", "ThrottlingException"),
        ("ValidationException", "ValidationException"),
        (":http://x", None),
        ("", None),
    ],
)
def test_the_code_in_a_header_of_aws(value: str, code: str | None) -> None:
    headers = {"x-amzn-ErrorType": value}
    error = error_from_response(400, headers, '{"message":"m"}')
    assert (error.code, error.message) == (code, "m")
    assert error_from_response(400, headers, '{"message":"m","code":"c"}').code == "c"


def test_a_page_after_a_byte_order_mark() -> None:
    body = b"\xef\xbb\xbf<!doctype html><html><head><title>502 Bad Gateway</title>"
    assert str(error_from_response(502, None, body)) == (
        "unexpected status 502 Bad Gateway: 502 Bad Gateway"
    )


def test_a_record_longer_than_what_is_kept_is_read() -> None:
    body = json.dumps({"error": {"input": "x" * 200_000, "message": "m", "code": "c"}})
    for form in (body, body.encode()):
        error = error_from_response(400, None, form)
        assert (error.message, error.code) == ("m", "c")
        assert error.body == body[:65_536]


# -- how long to wait -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "after", "at"),
    [
        (json.dumps(_google(RETRY_INFO)), 32.1, None),
        (json.dumps([_google({}, 5, None, RETRY_INFO)]), 32.1, None),
        (json.dumps(_google({"retryDelay": {"seconds": 7, "nanos": 0}})), 7.0, None),
        (json.dumps(_google({"metadata": {"quotaResetDelay": "373.8ms"}})), 0.3738, None),
        (
            json.dumps(_google({"metadata": {"quotaResetTimeStamp": "2025-12-01T00:00:00Z"}})),
            100.0,
            NOW + 100,
        ),
        (_error(message="m", retry_after=5), 5.0, None),
        (_error(message="m", retry_after="1m0s"), 60.0, None),
        (_error(message="m", retry_after_ms=250), 0.25, None),
        (_error(message="m", retryAfterMs="250"), 0.25, None),
        (_error(message="m", resets_in_seconds="30"), 30.0, None),
        (_error(message="m", resets_in_seconds=True), None, None),
        (_error(message="m", retry_after=int(NOW)), None, None),
        (_error(message="m", metadata={"retry_after_seconds": 3}), 3.0, None),
        ('{"error":{"message":"m"},"retry_after":9}', 9.0, None),
        (_error(message="m", resets_at=NOW + 5), 5.0, NOW + 5),
        (_error(message="m", resets_at=str(int(NOW) + 5)), 5.0, NOW + 5),
        (_error(message="m", resets_at=(int(NOW) + 5) * 1000), 5.0, NOW + 5),
        (_error(message="m", resets_at=f"{int(NOW) + 5}000"), 5.0, NOW + 5),
        (_error(message="m", resets_at="2025-12-01T00:00:00Z"), 100.0, NOW + 100),
        (_error(message="m", resets_at="Mon, 01 Dec 2025 00:00:00 GMT"), 100.0, NOW + 100),
        (_error(message="m", resets_at="soon"), None, None),
        (_error(message="m", resets_at=[1]), None, None),
        (_error(message="m", resets_at=10**400), None, None),
        (_error(message="Please retry after 26 seconds."), 26.0, None),
        (_error(message="retry after 26 seconds", retry_after=5), 5.0, None),
        (_openrouter(raw="Limit reached, retry in 5s"), 5.0, None),
        ("Slow down: try again in 2 minutes", 120.0, None),
        ("<title>Retry in 3s</title>", 3.0, None),
    ],
)
@pytest.mark.parametrize("kind", [None, "usage_limit_reached"])
def test_a_body_names_a_delay(
    body: str, after: float | None, at: float | None, kind: str | None
) -> None:
    if kind is not None and body.startswith('{"error": {'):
        body = body.replace('{"error": {', f'{{"error": {{"type": "{kind}", ', 1)
    error = error_from_response(429, None, body, now_unix=NOW)
    assert (error.retry_after, error.retry_at) == (
        None if after is None else pytest.approx(after),
        at,
    )
    assert error_from_response(429, {"retry-after": "1"}, body, now_unix=NOW).retry_after == 1.0


def test_the_words_of_a_bad_request_are_not_read() -> None:
    assert error_from_response(400, None, _error(message="try again in 5s")).retry_after is None
    assert error_from_response(400, None, _error(message="m", retry_after=5)).retry_after == 5
    assert error_from_response(503, None, _error(message="try again in 5s")).retry_after == 5


@pytest.mark.parametrize("wrong", [5, True, [], {}, 1e300, "x" * 10])
@pytest.mark.parametrize("member", ["plan_type", "resets_at", "message", "code", "param"])
def test_a_wrong_member_does_not_hide_a_usage_limit(member: str, wrong: Any) -> None:
    error = error_from_response(429, {}, _error(**{"type": "usage_limit_reached", member: wrong}))
    assert isinstance(error, UsageLimitReached)
    assert error.error_type == "usage_limit_reached"


# -- any body -------------------------------------------------------------------------------------

_names = st.sampled_from(
    [
        *("error", "errors", "detail", "details", "response", "metadata", "raw", "provider_name"),
        *("message", "msg", "title", "error_description", "code", "error_code", "__type", "type"),
        *("error_type", "param", "status", "loc", "plan_type", "retryDelay", "retry_after"),
        *("resets_at", "resets_in_seconds", "seconds"),
    ]
)
_texts = st.sampled_from(
    [
        "",
        "m",
        "None",
        "{",
        "{'",
        "data: {}",
        "retry in 5s",
        INNER,
        "<title>t",
        "1e999",
        "9" * 400,
        "2024-01-01",
        "\ud800",
    ]
)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=5),
    max_leaves=12,
)


def _check(error: ApiError) -> None:
    for words in (error.code, error.error_type, error.param):
        assert words is None or words.strip()
    assert error.retry_after is None or error.retry_after >= 0
    assert error.message.strip()
    assert json.dumps(error.as_dict(), allow_nan=False)


@given(_values, st.sampled_from([400, 401, 429, 500, 503]))
def test_any_json_may_be_a_body(value: Any, status: int) -> None:
    body = json.dumps(value)
    for form in (
        body,
        f"data: {body}",
        f"Error: {value}",
        json.dumps({"error": {"message": body}}),
    ):
        _check(error_from_response(status, {}, form, now_unix=NOW))


@given(st.binary(max_size=60) | st.text("{}[]'\"\\:,x1eda n\n\ufeff", max_size=60))
def test_any_bytes_may_be_a_body(body: bytes | str) -> None:
    _check(error_from_response(429, None, body))


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "{'",
        '{"',
        "\\",
        '\\"',
        "'\\",
        "{} ",
        '{"error":',
        '{"error":"',
        "data: x\n\n",
        "event: error\n",
        "<title ",
        "try again in 1",
        "try again in 1m",
        "1 s ",
    ],
)
@pytest.mark.parametrize("start", ["", "{", "x {'", '{"error":{"message":"', "try again in "])
def test_a_long_body_takes_no_long_time(piece: str, start: str) -> None:
    body = (start + piece * (300_000 // len(piece))).encode()
    begun = time.perf_counter()
    error_from_response(429, None, body)
    # Far more than it takes; what is not linear takes minutes.
    assert time.perf_counter() - begun < 5
