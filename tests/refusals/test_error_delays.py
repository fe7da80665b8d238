"""How long the peer asks to wait: texts, headers, members of a body."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.refusals import delay_from_text, error_from_response, retry_after_from_headers

DATE: Final = "Wed, 21 Oct 2015 07:28:00 GMT"
DATE_UNIX: Final = 1_445_412_480.0


def _told(**error: Any) -> str:
    return json.dumps({"error": error})


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("Rate limit reached. Please try again in 1.898s. Visit ...", 1.898),
        ("try again in 28ms.", 0.028),
        ("try again in 28.9ms", 0.028),
        ("try again in5s", 5.0),
        ("try again in 35 seconds", 35.0),
        ("try again in 1 second", 1.0),
        ("TRY AGAIN IN 5S", 5.0),
        ("try again in\n5 s", 5.0),
        ("try again in 5 minutes", 300.0),
        ("try again in 1m2s", 62.0),
        ("try again in 1e3s", None),
        ("try again in -5s", None),
        ("try again in .5s", None),
        ("try  again in 5s", 5.0),
        ("try again in 5\u017f", None),
        ("try again in \u0665s", None),
        ("try again in 5 moons, or try again in 7s", 7.0),
        (f"try again in {2**64}s", None),
        (f"try again in {'9' * 5000}s", None),
        (f"try again in {'9' * 5000}ms", 18446744073709551.615),
        (f"try again in {'0' * 5000}7ms", 0.007),
        ("", None),
    ],
)
def test_a_delay_in_a_text(text: str, delay: float | None) -> None:
    assert delay_from_text(text) == delay


@pytest.mark.parametrize(
    ("headers", "now_unix", "delay"),
    [
        ({"Retry-After": "5"}, None, 5.0),
        ({"retry-after": " 1.5 "}, None, 1.5),
        ({"retry-after": "0"}, None, 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, None, 0.25),
        ({"retry-after-ms": "x", "retry-after": "1"}, None, 1.0),
        ({"retry-after": DATE, "date": "Wed, 21 Oct 2015 07:27:30 GMT"}, None, 30.0),
        ({"retry-after": DATE, "date": "Wed, 21 Oct 2015 07:27:30 GMT"}, 0.0, 30.0),
        ({"retry-after": DATE}, DATE_UNIX - 7, 7.0),
        ({"retry-after": DATE}, DATE_UNIX + 7, 0.0),
        ({"retry-after": DATE, "date": "yesterday"}, DATE_UNIX - 7, 7.0),
        ({"retry-after": DATE}, None, None),
        ({"retry-after": "-5"}, 0.0, None),
        ({"retry-after": "nan"}, 0.0, None),
        ({"retry-after": "inf"}, 0.0, None),
        ({"retry-after": "1e3"}, 0.0, None),
        ({"retry-after": "1_0"}, 0.0, None),
        ({"retry-after": "\u0665"}, 0.0, None),
        ({"retry-after": "9" * 400}, 0.0, None),
        ({"retry-after": ""}, 0.0, None),
        ({}, 0.0, None),
    ],
)
def test_a_delay_in_headers(
    headers: dict[str, str], now_unix: float | None, delay: float | None
) -> None:
    assert retry_after_from_headers(headers, now_unix) == delay
    error = error_from_response(503, headers, now_unix=now_unix)
    assert error.retry_after == delay
    assert error.retry_at == (DATE_UNIX if headers.get("retry-after") == DATE else None)


def test_a_rate_limit_of_the_public_api_tells_its_delay_in_the_text() -> None:
    body = _told(code="rate_limit_exceeded", message="Please try again in 1.2s.")
    assert error_from_response(429, {}, body).retry_after == 1.2
    assert error_from_response(429, {"retry-after": "3"}, body).retry_after == 3.0
