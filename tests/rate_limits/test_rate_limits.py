"""Rate limits from headers and events, merged, and the public API's."""

from __future__ import annotations

import json
import pickle
from typing import Any

import msgspec
import pytest

from codex_proto.errors import LocalProtocolError
from codex_proto.rate_limits import (
    ApiRateLimit,
    ApiRateLimits,
    CreditsSnapshot,
    LimitReachedType,
    PlanType,
    RateLimitSnapshot,
    RateLimitWindow,
    SpendControlLimit,
    active_limit,
    api_rate_limits,
    limit_reached_type,
    merge_rate_limits,
    normal_limit_id,
    parse_duration,
    plan_type,
    promo_message,
    rate_limit_for,
    rate_limit_reached_type,
    rate_limits_from_headers,
    usage_limit_from_headers,
)
from codex_proto.responses import rate_limit_from_event

WINDOW = RateLimitWindow(used_percent=12.5, window_minutes=300, resets_at=1_700_000_000)
WEEK = RateLimitWindow(used_percent=40.0, window_minutes=10_080, resets_at=1_700_600_000)
CREDITS = CreditsSnapshot(has_credits=True, unlimited=False, balance="9.99")

FULL = {
    "x-codex-primary-used-percent": "12.5",
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-at": "1700000000",
    "x-codex-secondary-used-percent": "40",
    "x-codex-secondary-window-minutes": "10080",
    "x-codex-secondary-reset-at": "1700600000",
    "x-codex-limit-name": " Codex ",
    "x-codex-credits-has-credits": "True",
    "x-codex-credits-unlimited": "0",
    "x-codex-credits-balance": " 9.99 ",
}


# -- headers --------------------------------------------------------------------------------------


def test_all_that_headers_can_tell() -> None:
    assert rate_limits_from_headers(FULL) == (
        RateLimitSnapshot(
            limit_id="codex",
            limit_name="Codex",
            primary=WINDOW,
            secondary=WEEK,
            credits=CREDITS,
        ),
    )


def test_other_limits_come_sorted_after_the_default() -> None:
    snapshots = rate_limits_from_headers(
        {
            "x-zed-primary-used-percent": "1",
            "x-codex-secondary-primary-used-percent": "2",
            "x-Codex-Other-Primary-Used-Percent": "3",
            "x-codex-other-limit-name": "other",
            "x-nothing-primary-used-percent": "0",
            "x-weekly-only-secondary-used-percent": "5",
            "x bad-primary-used-percent": "5",
            "x-primary-used-percent": "5",
        }
    )
    assert [(one.limit_id, one.limit_name) for one in snapshots] == [
        ("codex", None),
        ("codex_other", "other"),
        ("codex_secondary", None),
        ("zed", None),
    ]


def test_a_limit_with_nothing_of_its_own_is_told_when_there_are_credits() -> None:
    snapshots = rate_limits_from_headers({**FULL, "x-a_b-primary-used-percent": "7"})
    # The name is written with `_` and looked up with `-`, so that its window is not found.
    assert [one.limit_id for one in snapshots] == ["codex", "a_b"]
    assert snapshots[1] == RateLimitSnapshot(limit_id="a_b", credits=CREDITS)


def test_the_default_limit_is_told_always_or_when_it_has_headers() -> None:
    empty = RateLimitSnapshot(limit_id="codex")
    assert not empty.has_data
    assert rate_limits_from_headers({}) == (empty,)
    assert rate_limits_from_headers({}, always_default=False) == ()
    for name in FULL:
        assert rate_limits_from_headers({name.upper(): "?"}, always_default=False)[0].limit_id == (
            "codex"
        )
    other = rate_limits_from_headers({"x-z-primary-used-percent": "1"}, always_default=False)
    assert [one.limit_id for one in other] == ["z"]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        ("5", 5.0),
        ("+5", 5.0),
        ("-1", -1.0),
        ("5.", 5.0),
        (".5", 0.5),
        ("1e2", 100.0),
        ("1E+2", 100.0),
        ("0" * 5000 + "7", 7.0),
        *((bad, None) for bad in ("nan", "inf", "-Infinity", "1e999", "1_0", "0x1", " 5", "5 ")),
        *((bad, None) for bad in ("", "+", ".", "1e", "5,0", "5%", "\u0665", "5\n", b"\xff")),
    ],
)
def test_percent(percent: str | bytes, expected: float | None) -> None:
    primary = rate_limit_for([("x-codex-primary-used-percent", percent)]).primary
    assert (primary and primary.used_percent) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60", 60),
        ("+60", 60),
        ("-60", -60),
        ("007", 7),
        ("0" * 5000 + "7", 7),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", None),
        ("9" * 5000, None),
        *((bad, None) for bad in ("", "-", " 60", "60 ", "6_0", "1.0", "1e1", "0x1", "\u0665")),
    ],
)
def test_integers(text: str, expected: int | None) -> None:
    window = rate_limit_for(
        {
            "x-codex-primary-used-percent": "1",
            "x-codex-primary-window-minutes": text,
            "x-codex-primary-reset-at": text,
        }
    ).primary
    assert window == RateLimitWindow(used_percent=1.0, window_minutes=expected, resets_at=expected)


@pytest.mark.parametrize(
    ("minutes", "reset", "is_told"),
    [
        (None, None, False),
        ("0", None, False),
        ("5", None, True),
        (None, "0", True),
        ("?", "?", False),
    ],
)
def test_a_window_of_zeros_says_nothing(
    minutes: str | None, reset: str | None, is_told: bool
) -> None:
    fields = [("x-codex-primary-used-percent", "-0.0")]
    fields += [("x-codex-primary-window-minutes", minutes)] if minutes else []
    fields += [("x-codex-primary-reset-at", reset)] if reset else []
    assert (rate_limit_for(fields).primary is not None) is is_told


@pytest.mark.parametrize(
    ("has_credits", "unlimited", "balance", "expected"),
    [
        ("true", "FALSE", "1", CreditsSnapshot(has_credits=True, unlimited=False, balance="1")),
        ("0", "1", "  ", CreditsSnapshot(has_credits=False, unlimited=True)),
        ("0", "1", "é", CreditsSnapshot(has_credits=False, unlimited=True)),
        (" true", "false", "1", None),
        ("true", "no", "1", None),
        ("", "false", "1", None),
    ],
)
def test_credits(
    has_credits: str, unlimited: str, balance: str, expected: CreditsSnapshot | None
) -> None:
    snapshot = rate_limit_for(
        {
            "x-codex-credits-has-credits": has_credits,
            "x-codex-credits-unlimited": unlimited,
            "x-codex-credits-balance": balance,
        }
    )
    assert snapshot.credits == expected
    assert snapshot.has_data is (expected is not None)


@pytest.mark.parametrize("limit_id", [None, "", "  ", "codex", " CODEX ", "\u3000"])
def test_ways_to_ask_for_the_default(limit_id: str | None) -> None:
    assert rate_limit_for(FULL, limit_id) == rate_limit_for(FULL)


def test_a_limit_by_its_id() -> None:
    headers = {"x-codex-foo-primary-used-percent": "3", "x-codex-foo-limit-name": "Foo"}
    for name in ("codex_foo", " Codex-FOO\n"):
        assert rate_limit_for(headers, name) == RateLimitSnapshot(
            limit_id="codex_foo", limit_name="Foo", primary=RateLimitWindow(used_percent=3.0)
        )
    assert rate_limit_for(headers, "other") == RateLimitSnapshot(limit_id="other")
    # Only what Unicode calls white space, and only ASCII letters.
    assert normal_limit_id("\x1c\u0130-A ") == "\x1c\u0130_a"


def test_what_a_usage_limit_error_needs() -> None:
    headers = {
        **FULL,
        "x-codex-active-limit": " Codex-Foo ",
        "x-codex-foo-primary-used-percent": "100",
        "x-codex-rate-limit-reached-type": " workspace_owner_credits_depleted ",
        "x-codex-promo-message": " Buy more ",
    }
    assert active_limit(headers) == "codex_foo"
    assert promo_message(headers) == "Buy more"
    assert rate_limit_reached_type(headers) is LimitReachedType.WORKSPACE_OWNER_CREDITS_DEPLETED
    assert usage_limit_from_headers(headers) == RateLimitSnapshot(
        limit_id="codex_foo",
        primary=RateLimitWindow(used_percent=100.0),
        credits=CREDITS,
        rate_limit_reached_type=LimitReachedType.WORKSPACE_OWNER_CREDITS_DEPLETED,
    )
    # Only the error says which limit was reached (wire.md 5.2).
    assert rate_limits_from_headers(headers)[0].rate_limit_reached_type is None


@pytest.mark.parametrize("value", ["", "   ", "é"])
def test_words_that_are_not_there(value: str) -> None:
    headers = {
        "x-codex-active-limit": value,
        "x-codex-rate-limit-reached-type": value,
        "x-codex-promo-message": value,
    }
    assert active_limit(headers) is None
    assert promo_message(headers) is None
    assert rate_limit_reached_type(headers) is None
    assert usage_limit_from_headers(headers) == RateLimitSnapshot(limit_id="codex")


def test_an_unknown_reached_type_is_kept() -> None:
    assert rate_limit_reached_type({"x-codex-rate-limit-reached-type": "new"}) == "new"
    assert limit_reached_type("rate_limit_reached") is LimitReachedType.RATE_LIMIT_REACHED
    assert limit_reached_type("RATE_LIMIT_REACHED") == "RATE_LIMIT_REACHED"


@pytest.mark.parametrize(
    "read",
    [
        rate_limits_from_headers,
        rate_limit_for,
        usage_limit_from_headers,
        active_limit,
        promo_message,
        rate_limit_reached_type,
        api_rate_limits,
    ],
)
def test_misuse_names_the_argument(read: Any) -> None:
    with pytest.raises(LocalProtocolError, match=r"^headers: "):
        read(5)


# -- plans ----------------------------------------------------------------------------------------


def test_plans() -> None:
    for plan in PlanType:
        assert plan_type(plan.value) is plan
    assert plan_type("PLUS") == "PLUS"
    assert not isinstance(plan_type("PLUS"), PlanType)
    assert plan_type("hc") == "hc"
    assert plan_type("hc", aliases=True) is PlanType.ENTERPRISE
    assert plan_type("education", aliases=True) is PlanType.EDU
    assert plan_type("new", aliases=True) == "new"


# -- the event ------------------------------------------------------------------------------------


def _event(**members: object) -> bytes:
    return json.dumps({"type": "codex.rate_limits", **members}).encode()


def test_all_that_an_event_can_tell() -> None:
    message = _event(
        plan_type="plus",
        rate_limits={
            "allowed": True,
            "primary": {"used_percent": 0, "window_minutes": 0, "reset_at": 0},
            "secondary": {"used_percent": 12.5, "reset_after_seconds": 5},
        },
        credits={"has_credits": False, "unlimited": True, "balance": " 5 "},
        metered_limit_name=" Codex-Other ",
        limit_name="x",
        promo={"message": "m"},
    )
    assert rate_limit_from_event(message) == RateLimitSnapshot(
        limit_id="codex_other",
        primary=RateLimitWindow(used_percent=0.0, window_minutes=0, resets_at=0),
        secondary=RateLimitWindow(used_percent=12.5),
        credits=CreditsSnapshot(has_credits=False, unlimited=True, balance=" 5 "),
        plan_type=PlanType.PLUS,
    )


@pytest.mark.parametrize(
    ("members", "limit_id"),
    [
        ({}, "codex"),
        ({"metered_limit_name": None, "limit_name": "A-b"}, "a_b"),
        ({"metered_limit_name": "", "limit_name": "a"}, ""),
        ({"metered_limit_name": None, "limit_name": None}, "codex"),
    ],
)
def test_limit_id_of_an_event(members: dict[str, Any], limit_id: str) -> None:
    assert rate_limit_from_event(_event(**members)) == RateLimitSnapshot(limit_id=limit_id)


def test_null_is_as_good_as_absent() -> None:
    nulls = _event(plan_type=None, rate_limits=None, credits=None)
    assert rate_limit_from_event(nulls) == RateLimitSnapshot(limit_id="codex")
    assert rate_limit_from_event(
        _event(rate_limits={"primary": None, "secondary": None})
    ) == RateLimitSnapshot(limit_id="codex")


@pytest.mark.parametrize(
    "members",
    [
        {"plan_type": 5},
        {"metered_limit_name": 5},
        {"metered_limit_name": "a", "limit_name": []},
        {"rate_limits": "x"},
        {"rate_limits": []},
        {"rate_limits": {"primary": 5}},
        {"rate_limits": {"primary": {}}},
        {"rate_limits": {"primary": {"used_percent": "5"}}},
        {"rate_limits": {"primary": {"used_percent": None}}},
        {"rate_limits": {"primary": {"used_percent": True}}},
        {"rate_limits": {"primary": {"used_percent": 1, "window_minutes": 1.0}}},
        {"rate_limits": {"primary": {"used_percent": 1, "reset_at": 2**63}}},
        {"rate_limits": {"primary": {"used_percent": 10**400}}},
        {"credits": {"has_credits": True}},
        {"credits": {"has_credits": 1, "unlimited": False}},
        {"credits": {"has_credits": True, "unlimited": False, "balance": 5}},
        {"credits": True},
    ],
)
def test_a_wrong_type_makes_the_event_say_nothing(members: dict[str, Any]) -> None:
    assert rate_limit_from_event(_event(**members)) is None


def test_a_wrong_type_elsewhere_costs_nothing() -> None:
    message = _event(sequence_number="x", headers=5, agent=1, code_review_rate_limits=5)
    assert rate_limit_from_event(message) == RateLimitSnapshot(limit_id="codex")


@pytest.mark.parametrize(
    "message",
    [b"", b"{}", b"[]", b"\xff", b'{"type":"response.created","response":{}}', "not JSON"],
)
def test_what_is_no_such_event(message: bytes | str) -> None:
    assert rate_limit_from_event(message) is None


def test_misuse_of_the_event_form() -> None:
    with pytest.raises(LocalProtocolError):
        rate_limit_from_event(5)  # type: ignore[arg-type]


# -- merging --------------------------------------------------------------------------------------

SPEND = SpendControlLimit(limit="10", used="4", remaining_percent=60, resets_at=1_700_000_000)
KNOWN = RateLimitSnapshot(
    limit_id="codex",
    limit_name="Codex",
    primary=WINDOW,
    secondary=WEEK,
    credits=CREDITS,
    plan_type=PlanType.PLUS,
    rate_limit_reached_type=LimitReachedType.RATE_LIMIT_REACHED,
    individual_limit=SPEND,
    spend_control_reached=False,
)


def test_the_first_snapshot_stands_for_itself() -> None:
    assert merge_rate_limits(None, KNOWN) == KNOWN
    assert merge_rate_limits(None, RateLimitSnapshot()) == RateLimitSnapshot(limit_id="codex")


def test_what_is_not_told_stays() -> None:
    assert merge_rate_limits(KNOWN, RateLimitSnapshot(limit_id="codex")) == KNOWN
    assert merge_rate_limits(KNOWN, RateLimitSnapshot()) == KNOWN


def test_what_is_told_replaces() -> None:
    new = RateLimitSnapshot(
        limit_id="codex",
        primary=RateLimitWindow(used_percent=50.0),
        credits=CreditsSnapshot(has_credits=False, unlimited=False),
        plan_type="new",
        spend_control_reached=True,
    )
    # A window is replaced whole: the old reset time says nothing about the new percentage.
    assert merge_rate_limits(KNOWN, new) == msgspec.structs.replace(
        KNOWN,
        primary=new.primary,
        credits=new.credits,
        plan_type="new",
        spend_control_reached=True,
    )


def test_of_another_limit_only_what_is_the_accounts_stays() -> None:
    new = RateLimitSnapshot(limit_id="codex_other", secondary=WINDOW)
    assert merge_rate_limits(KNOWN, new) == RateLimitSnapshot(
        limit_id="codex_other",
        secondary=WINDOW,
        credits=CREDITS,
        plan_type=PlanType.PLUS,
        individual_limit=SPEND,
        spend_control_reached=False,
    )


def test_snapshots_are_values() -> None:
    assert pickle.loads(pickle.dumps(KNOWN)) == KNOWN
    assert hash(KNOWN) == hash(msgspec.structs.replace(KNOWN))
    assert msgspec.json.decode(msgspec.json.encode(KNOWN), type=RateLimitSnapshot) == KNOWN


# -- the public API -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("0s", 0.0),
        ("5", 5.0),
        ("1.5", 1.5),
        ("12ms", 0.012),
        ("13.065s", 13.065),
        ("6m0s", 360.0),
        ("1m0s", 60.0),
        ("1h2m3s", 3723.0),
        ("1d", 86400.0),
        ("1d2h", 93600.0),
        ("2H3M", 7380.0),
        ("500us", 0.0005),
        ("500\N{MICRO SIGN}s", None),
        ("7ns", 7e-9),
        (" 5s ", 5.0),
        ("", None),
        ("s", None),
        ("5 s", None),
        ("5x", None),
        ("5s1", None),
        ("-5s", None),
        ("+5s", None),
        (".5s", None),
        ("5.s", None),
        ("1e3s", None),
        ("nan", None),
        ("\u0665s", None),
        ("9" * 5000, None),
        ("9" * 5000 + "s", None),
        ("1s" * 5000, 5000.0),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    duration = parse_duration(text)
    assert duration == (None if seconds is None else pytest.approx(seconds))


def test_limits_of_the_public_api() -> None:
    headers: list[tuple[str | bytes, str | bytes]] = [
        ("X-Ratelimit-Limit-Requests", "15000"),
        ("x-ratelimit-remaining-requests", b"14999"),
        (b"x-ratelimit-reset-requests", "4ms"),
        ("x-ratelimit-limit-tokens", "180000000"),
        ("x-ratelimit-remaining-tokens", "-1"),
        ("x-ratelimit-reset-tokens", "1m0s"),
        ("x-ratelimit-remaining-input-images", "49999"),
        ("x-ratelimit-reset", "1769759903"),
    ]
    assert api_rate_limits(headers) == ApiRateLimits(
        requests=ApiRateLimit(limit=15000, remaining=14999, reset=0.004),
        tokens=ApiRateLimit(limit=180000000, reset=60.0),
        input_images=ApiRateLimit(remaining=49999),
    )


def test_a_limit_that_is_not_told_is_false() -> None:
    assert not api_rate_limits({})
    assert not api_rate_limits({"x-ratelimit-limit-tokens": "many"})
    limits = api_rate_limits({"x-ratelimit-remaining-tokens": "0"})
    assert limits
    assert limits.tokens
    assert not limits.requests
