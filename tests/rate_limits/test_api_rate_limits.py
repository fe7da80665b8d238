"""Rate limits in the headers of other servers: delays, unix times and dates, told apart."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.rate_limits import ApiRateLimit, ApiRateLimits, api_rate_limits

EPOCH = 1_705_312_200.0
DATE = "Mon, 15 Jan 2024 09:49:30 GMT"
BEFORE = EPOCH - 30


@pytest.mark.parametrize(
    ("text", "reset", "reset_at"),
    [
        ("0", 0.0, None),
        ("30", 30.0, None),
        ("1.5", 1.5, None),
        ("6m0s", 360.0, None),
        ("17ms", 0.017, None),
        ("2m59.56s", 179.56, None),
        ("2592000", 2_592_000.0, None),
        ("1705312200", None, EPOCH),
        ("1705312200.5", None, EPOCH + 0.5),
        ("1705312200000", None, EPOCH),
        ("1705312200000000", None, EPOCH),
        ("1705312200000000000", None, None),
        ("170531220000000000", None, None),
        ("2024-01-15T09:50:00Z", None, EPOCH),
        ("2024-01-15T10:50:00+01:00", None, EPOCH),
        ("Mon, 15 Jan 2024 09:50:00 GMT", None, EPOCH),
        # Neither a delay nor a time.
        ("100000000", None, None),
        ("999999999", None, None),
        ("10000000000", None, None),
        ("999999999999", None, None),
        ("1705312200s", None, EPOCH),
        ("-5", None, None),
        ("soon", None, None),
        ("9" * 5000, None, None),
        ("", None, None),
    ],
)
@pytest.mark.parametrize(
    "name", ["x-ratelimit-reset-requests", "X-RateLimit-Reset", "RateLimit-Reset"]
)
def test_a_reset_is_a_delay_or_a_time(
    name: str, text: str, reset: float | None, reset_at: float | None
) -> None:
    expected = None if reset is None else pytest.approx(reset)
    found = api_rate_limits({name: text}).requests
    assert (found.reset, found.reset_at) == (expected, reset_at)
    if reset_at is not None:
        left = pytest.approx(reset_at - BEFORE)
        assert api_rate_limits({name: text, "date": DATE}).requests.reset == left
        assert api_rate_limits({name: text}, now_unix=BEFORE).requests.reset == left
        assert api_rate_limits({name: text}, now_unix=EPOCH + 9).requests.reset == 0.0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("100", 100),
        (" 100 ", 100),
        ("100.0", 100),
        ("100, 100;w=60", 100),
        ("100;w=60", 100),
        ("100.5", None),
        ("-1", None),
        ("1e3", None),
        ("many", None),
        ("9" * 19, None),
        ("", None),
    ],
)
def test_counts(text: str, count: int | None) -> None:
    for name in ("x-ratelimit-limit", "ratelimit-limit", "x-ratelimit-limit-requests"):
        assert api_rate_limits({name: text}).requests.limit == count


def test_headers_that_name_a_resource_come_first() -> None:
    headers = {
        "x-ratelimit-limit": "1",
        "x-ratelimit-limit-requests": "2",
        "ratelimit-remaining-tokens": "3",
        "ratelimit": '"requests";r=4, "tokens";r=5',
    }
    assert api_rate_limits(headers) == ApiRateLimits(
        requests=ApiRateLimit(limit=2), tokens=ApiRateLimit(remaining=3)
    )


@pytest.mark.parametrize(
    ("value", "policy", "requests", "tokens"),
    [
        ('"default";r=50;t=30', None, (None, 50, 30.0), None),
        ('"default";r=50;t=30', '"default";q=100;w=60', (100, 50, 30.0), None),
        ("default;r=50;t=30", "default;q=100", (100, 50, 30.0), None),
        ('"a";r=1;t=2, "b";r=3;t=4', '"a";q=9,"b";q=8', (9, 1, 2.0), None),
        ('"Tokens-per-min";r=1, "x";r=3', '"x";q=8', (8, 3, None), (None, 1, None)),
        ('"a,b;c";r=1 ; T=2', '"a,b;c";q=3', (3, 1, 2.0), None),
        ('"a=b";r=1', None, (None, 1, None), None),
        ("limit=100, remaining=50, reset=30", None, (100, 50, 30.0), None),
        ("limit=100,remaining=0,reset=1705312200", None, (100, 0, None), None),
        ('"x";r=-1;t=no', None, None, None),
        ('"x', None, None, None),
        (",;,=;", None, None, None),
        ("", '"x";q=5', None, None),
    ],
)
def test_the_fields_of_the_ietf(
    value: str,
    policy: str | None,
    requests: tuple[int | None, int | None, float | None] | None,
    tokens: tuple[int | None, int | None, float | None] | None,
) -> None:
    headers = {"RateLimit": value} | ({} if policy is None else {"RateLimit-Policy": policy})
    found = api_rate_limits(headers)
    for limit, expected in ((found.requests, requests), (found.tokens, tokens)):
        values = expected or (None, None, None)
        assert (limit.limit, limit.remaining, limit.reset) == values
        assert limit.reset_at in (None, EPOCH)


_TEXTS = st.text('";,=rtqw05. -limtreagn', max_size=40)


@given(_TEXTS, _TEXTS, st.none() | st.floats(0, 1e10))
def test_any_text_may_be_a_limit(value: str, policy: str, now: float | None) -> None:
    headers = {"ratelimit": value, "ratelimit-policy": policy, "x-ratelimit-reset-tokens": value}
    found = api_rate_limits(headers, now_unix=now)
    for limit in (found.requests, found.tokens):
        assert limit.reset is None or limit.reset >= 0
        assert limit.limit is None or limit.limit >= 0


@pytest.mark.parametrize("piece", ['"', '"a";', ",", ";", "=", '"a";r=1,', "a b"])
def test_a_long_field_takes_no_long_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    begun = time.perf_counter()
    api_rate_limits({"ratelimit": text, "ratelimit-policy": text, "ratelimit-limit": text})
    # Far more than it takes; what is not linear takes minutes.
    assert time.perf_counter() - begun < 5
