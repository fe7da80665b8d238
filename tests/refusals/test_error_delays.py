"""How long the peer asks to wait: texts, headers, dates."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.refusals import (
    delay_from_text,
    error_from_response,
    retry_after_from_headers,
    unix_from_date,
)

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
        ("try again in 5 minutes", None),
        ("try again in 1m2s", None),
        ("try again in 1e3s", None),
        ("try again in -5s", None),
        ("try again in .5s", None),
        ("try  again in 5s", None),
        ("try again in 5\u017f", None),
        ("try again in \u0665s", None),
        ("try again in 5 minutes, or try again in 7s", 7.0),
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


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777.0),
        ("Sun Nov  6 08:49:37 1994", 784_111_777.0),
        ("sun, 06 nov 1994 08:49:37 gmt", 784_111_777.0),
        ("Thursday, 01-Jan-70 00:00:00 GMT", 0.0),
        ("Saturday, 01-Jan-00 00:00:00 GMT", 946_684_800.0),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799.0),
        ("Sat, 31 Dec 2016 23:59:61 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 CET", None),
        ("Sun, 06 Nov 0000 08:49:37 GMT", None),
        ("Sun Nov    08:49:37 1994", None),
        ("1994-11-06T08:49:37Z", None),
        ("", None),
    ],
)
def test_dates(text: str, unix: float | None) -> None:
    assert unix_from_date(text) == unix


def test_a_rate_limit_of_the_public_api_tells_its_delay_in_the_text() -> None:
    body = _told(code="rate_limit_exceeded", message="Please try again in 1.2s.")
    assert error_from_response(429, {}, body).retry_after == 1.2
    assert error_from_response(429, {"retry-after": "3"}, body).retry_after == 3.0
