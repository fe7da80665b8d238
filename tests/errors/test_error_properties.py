"""Whatever a server says: nothing raises, every error is a value, and redacting is final."""

from __future__ import annotations

import json
import pickle
import time
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import ApiError
from codex_proto.refusals import error_from_response
from codex_proto.refusals._body import BODY_KEPT
from codex_proto.responses import ErrorEvent, decode_response_event
from codex_proto.responses.stream._error_mapping import classify_failed, error_from_websocket_error

DATE: Final = "Wed, 21 Oct 2015 07:28:00 GMT"


_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_WORDS: Final = st.sampled_from(
    ["usage_limit_reached", "slow_down", "insufficient_quota", "cyber_policy", "plus", "m", ""]
)
_ERROR: Final = st.dictionaries(
    st.sampled_from(
        ["type", "code", "message", "param", "plan_type", "resets_at", "resets_in_seconds"]
    ),
    _WORDS | _JSON,
)
_BODY: Final = st.one_of(
    st.none(),
    st.binary(),
    st.text(st.characters()),
    _JSON.map(json.dumps),
    _ERROR.map(lambda error: json.dumps({"error": error})),
    _ERROR.map(lambda error: json.dumps({"detail": error})),
)
_NAMES: Final = st.sampled_from(
    [
        "retry-after",
        "retry-after-ms",
        "date",
        "x-error-json",
        "x-request-id",
        "cf-ray",
        "location",
        "x-codex-active-limit",
        "x-codex-primary-used-percent",
        "x-codex-promo-message",
    ]
)
_HEADERS: Final = st.none() | st.lists(
    st.tuples(_NAMES | st.text(), st.text() | st.sampled_from([DATE, "5", "e30="])), max_size=6
)
_STATUSES: Final = st.sampled_from([400, 401, 403, 429, 500, 503]) | st.integers()


@given(_STATUSES, _HEADERS, _BODY, st.none() | st.text(), st.none() | st.floats())
def test_no_answer_raises_and_every_error_is_a_value(
    status: int,
    headers: list[tuple[str, str]] | None,
    body: bytes | str | None,
    url: str | None,
    now_unix: float | None,
) -> None:
    error = error_from_response(status, headers, body, url, now_unix=now_unix)
    assert isinstance(error, ApiError)
    assert error.status == status
    assert str(error)
    copy = pickle.loads(pickle.dumps(error))
    if error.retry_after == error.retry_after:
        assert copy == error
        assert hash(copy) == hash(error)
    assert repr(copy) == repr(error)


@given(_ERROR)
def test_no_payload_raises(error: dict[str, Any]) -> None:
    raw = json.dumps({"type": "response.failed", "response": {"id": "r", "error": error}})
    event: Any = decode_response_event(raw)
    found = classify_failed(getattr(event, "error", None), "r")
    assert pickle.loads(pickle.dumps(found)) == found


@given(st.fixed_dictionaries({}, optional={"status": _JSON, "error": _ERROR, "headers": _JSON}))
def test_no_frame_raises(members: dict[str, Any]) -> None:
    raw = json.dumps({"type": "error"} | members)
    event = decode_response_event(raw)
    if isinstance(event, ErrorEvent):
        for form in (raw, raw.encode(), None):
            found = error_from_websocket_error(event, form)
            assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    "piece",
    ["eyJaaaaaaaa-", "Bearer ", "sk-", "key provided:", "a_", "authorization:", "<title", "x" * 9],
)
def test_a_long_body_takes_no_long_time(piece: str) -> None:
    body = (piece * BODY_KEPT)[:BODY_KEPT]
    start = time.perf_counter()
    error_from_response(502, {"x": body}, body, body)
    assert time.perf_counter() - start < 5
