"""What holds for any headers, any event, any snapshots."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from codex_proto.http import Headers
from codex_proto.rate_limits import (
    CreditsSnapshot,
    PlanType,
    RateLimitSnapshot,
    RateLimitWindow,
    SpendControlLimit,
    active_limit,
    api_rate_limits,
    merge_rate_limits,
    normal_limit_id,
    parse_duration,
    promo_message,
    rate_limit_for,
    rate_limit_reached_type,
    rate_limits_from_headers,
    usage_limit_from_headers,
)
from codex_proto.responses import rate_limit_from_event

_limits = st.sampled_from(["codex", "codex-other", "a_b", "", "zed", "codex-secondary"])
_parts = st.sampled_from(["used-percent", "window-minutes", "reset-at"])
_windows = st.sampled_from(["primary", "secondary"])
_names = st.one_of(
    st.builds("x-{}-{}-{}".format, _limits, _windows, _parts),
    st.builds("x-{}-limit-name".format, _limits),
    st.sampled_from(["has-credits", "unlimited", "balance"]).map("x-codex-credits-{}".format),
    st.sampled_from(["active-limit", "promo-message", "rate-limit-reached-type"]).map(
        "x-codex-{}".format
    ),
    st.builds(
        "x-ratelimit-{}-{}".format,
        st.sampled_from(["limit", "remaining", "reset"]),
        st.sampled_from(["requests", "tokens", "input-images"]),
    ),
    st.text(max_size=10),
)
_values = st.one_of(
    st.sampled_from(["0", "1", "true", "false", "12.5", "60", "1700000000", "zed", "6m0s", "é"]),
    st.integers().map(str),
    st.floats().map(str),
    st.text(max_size=10),
)
_bytes_or_text = st.one_of(st.binary(max_size=12), st.text(max_size=12))
any_headers = st.lists(
    st.one_of(
        st.tuples(_names, _values),
        st.tuples(_names, _bytes_or_text),
        st.tuples(_bytes_or_text, _bytes_or_text),
    ),
    max_size=12,
)

_i64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)
_window_values = st.builds(
    RateLimitWindow,
    used_percent=st.floats(allow_nan=False, allow_infinity=False),
    window_minutes=st.none() | _i64,
    resets_at=st.none() | _i64,
)
_credit_values = st.builds(
    CreditsSnapshot,
    has_credits=st.booleans(),
    unlimited=st.booleans(),
    balance=st.none() | st.text(max_size=5),
)
snapshots = st.builds(
    RateLimitSnapshot,
    limit_id=st.none() | st.sampled_from(["codex", "codex_other", "zed"]),
    limit_name=st.none() | st.sampled_from(["A", "B"]),
    primary=st.none() | _window_values,
    secondary=st.none() | _window_values,
    credits=st.none() | _credit_values,
    plan_type=st.none() | st.sampled_from([*PlanType, "new"]),
    rate_limit_reached_type=st.none() | st.sampled_from(["rate_limit_reached", "new"]),
    individual_limit=st.none()
    | st.builds(
        SpendControlLimit, limit=st.just("10"), used=st.just("1"), remaining_percent=_i64,
        resets_at=_i64,
    ),
    spend_control_reached=st.none() | st.booleans(),
)  # fmt: skip

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["primary", "secondary", "used_percent", "reset_at", "has_credits"])
            | st.text(max_size=5),
            children,
            max_size=3,
        )
    ),
    max_leaves=8,
)
_members = st.dictionaries(
    st.sampled_from(
        ["plan_type", "rate_limits", "credits", "metered_limit_name", "limit_name", "headers"]
    ),
    _json,
)


# -- headers --------------------------------------------------------------------------------------


@given(any_headers, st.none() | st.text(max_size=10))
def test_headers_never_raise(headers: list[tuple[Any, Any]], limit_id: str | None) -> None:
    for snapshot in (*rate_limits_from_headers(headers), rate_limit_for(headers, limit_id)):
        for window in (snapshot.primary, snapshot.secondary):
            assert window is None or math.isfinite(window.used_percent)
        assert snapshot.limit_id
        assert snapshot.limit_id == normal_limit_id(snapshot.limit_id)
    usage_limit_from_headers(headers)
    active_limit(headers)
    promo_message(headers)
    rate_limit_reached_type(headers)
    for limit in (lambda limits: (limits.requests, limits.tokens))(api_rate_limits(headers)):
        assert limit.reset is None or (limit.reset >= 0 and math.isfinite(limit.reset))


@given(any_headers, st.randoms(use_true_random=False))
def test_the_order_of_different_names_does_not_matter(
    headers: list[tuple[Any, Any]], random: Any
) -> None:
    fields = Headers(headers)
    names = list(fields.names())
    random.shuffle(names)
    shuffled = [(name, value) for name in names for value in fields.get_all(name)]
    assert rate_limits_from_headers(shuffled) == rate_limits_from_headers(headers)
    assert api_rate_limits(shuffled) == api_rate_limits(headers)
    assert usage_limit_from_headers(shuffled) == usage_limit_from_headers(headers)


@given(any_headers)
def test_spelling_and_later_duplicates_do_not_matter(headers: list[tuple[Any, Any]]) -> None:
    fields = Headers(headers)
    respelt = [(name.title() if name.isascii() else name, value) for name, value in fields]
    more = [(name, "12.5") for name in fields.names()]
    assert rate_limits_from_headers([*respelt, *more]) == rate_limits_from_headers(headers)
    assert api_rate_limits([*respelt, *more]) == api_rate_limits(headers)


@given(any_headers)
def test_the_default_comes_first_and_the_rest_is_the_same_without_it(
    headers: list[tuple[Any, Any]],
) -> None:
    always = rate_limits_from_headers(headers)
    seldom = rate_limits_from_headers(headers, always_default=False)
    assert always[0] == rate_limit_for(headers)
    assert seldom in (always, always[1:])
    if seldom != always:
        assert always[0] == RateLimitSnapshot(limit_id="codex")


@given(_window_values, st.none() | _credit_values, st.sampled_from(["codex", "codex_other"]))
def test_what_is_written_into_headers_is_read_back(
    window: RateLimitWindow, credits_: CreditsSnapshot | None, limit_id: str
) -> None:
    assume(window.used_percent or window.window_minutes or window.resets_at is not None)
    prefix = f"x-{limit_id.replace('_', '-')}-primary"
    headers = [(f"{prefix}-used-percent", repr(window.used_percent))]
    if window.window_minutes is not None:
        headers.append((f"{prefix}-window-minutes", str(window.window_minutes)))
    if window.resets_at is not None:
        headers.append((f"{prefix}-reset-at", str(window.resets_at)))
    if credits_ is not None:
        headers.append(("x-codex-credits-has-credits", str(credits_.has_credits)))
        headers.append(("x-codex-credits-unlimited", str(int(credits_.unlimited))))
        credits_ = CreditsSnapshot(has_credits=credits_.has_credits, unlimited=credits_.unlimited)
    expected = RateLimitSnapshot(limit_id=limit_id, primary=window, credits=credits_)
    assert rate_limit_for(headers, limit_id) == expected
    assert expected in rate_limits_from_headers(headers)


# -- events ---------------------------------------------------------------------------------------


@given(_members)
def test_events_never_raise(members: dict[str, Any]) -> None:
    message = json.dumps({"type": "codex.rate_limits", **members})
    snapshot = rate_limit_from_event(message)
    assert snapshot is None or snapshot.limit_id is not None
    assert rate_limit_from_event(message.encode()) == snapshot


@given(st.binary(max_size=60))
def test_any_bytes_may_be_an_event(message: bytes) -> None:
    assert rate_limit_from_event(message) is None


# -- merging --------------------------------------------------------------------------------------


@given(st.none() | snapshots, snapshots)
def test_merging_twice_is_merging_once(
    old: RateLimitSnapshot | None, new: RateLimitSnapshot
) -> None:
    once = merge_rate_limits(old, new)
    assert merge_rate_limits(once, new) == once
    assert merge_rate_limits(old, once) == once
    assert merge_rate_limits(once, once) == once


@given(st.none() | snapshots, snapshots)
def test_what_the_new_one_tells_is_never_lost(
    old: RateLimitSnapshot | None, new: RateLimitSnapshot
) -> None:
    merged = merge_rate_limits(old, new)
    for name in new.__struct_fields__:
        value = getattr(new, name)
        assert value is None or getattr(merged, name) == value


@given(snapshots, snapshots, snapshots)
def test_of_one_limit_it_does_not_matter_which_are_merged_first(
    first: RateLimitSnapshot, second: RateLimitSnapshot, third: RateLimitSnapshot
) -> None:
    assume(len({one.limit_id or "codex" for one in (first, second, third)}) == 1)
    assert merge_rate_limits(merge_rate_limits(first, second), third) == merge_rate_limits(
        first, merge_rate_limits(second, third)
    )


# -- durations ------------------------------------------------------------------------------------


@given(st.integers(0, 99), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59_999))
def test_durations_as_servers_write_them(
    days: int, hours: int, minutes: int, milliseconds: int
) -> None:
    text = f"{days}d{hours}h{minutes}m{milliseconds / 1000:.3f}s"
    seconds = parse_duration(text)
    assert seconds is not None
    expected = days * 86400 + hours * 3600 + minutes * 60 + milliseconds / 1000
    assert math.isclose(seconds, expected, abs_tol=1e-6)


@given(st.text(max_size=20))
def test_any_text_may_be_a_duration(text: str) -> None:
    seconds = parse_duration(text)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
