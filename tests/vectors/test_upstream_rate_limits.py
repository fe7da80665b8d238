"""Rate limits beside upstream's: what codex (April 2026) read in 224 headers and 65 messages.

Every line agrees, or belongs to exactly one category of `categories_rate_limits`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from codex_proto.rate_limits import (
    RateLimitSnapshot,
    promo_message,
    rate_limit_for,
    rate_limits_from_headers,
)
from codex_proto.responses import CodexRateLimits, decode_response_event, rate_limit_from_event
from tests.recordings import DATA
from tests.vectors.categories import Category, Request
from tests.vectors.categories_rate_limits import RATE_LIMIT_EVENT

if TYPE_CHECKING:
    from collections.abc import Callable

# Later than April; no header and no event tells them (wire.md 5.1).
LATER_MEMBERS = ("individual_limit", "spend_control_reached")


@dataclass(frozen=True)
class Line:
    number: int
    request: Request
    answer: Any


def _read_lines(mode: str) -> list[Line]:
    with (DATA / "upstream" / f"{mode}.jsonl").open(encoding="utf-8") as lines:
        return [
            Line(number, document["req"], document["res"])
            for number, document in enumerate(map(json.loads, lines), start=1)
        ]


HEADERS = _read_lines("ratelimits")
EVENTS = _read_lines("rate_limit_event")


def _plain(snapshot: RateLimitSnapshot) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(snapshot)
    for name in LATER_MEMBERS:
        assert plain.pop(name) is None
    return plain


def _plain_event(event: CodexRateLimits | str) -> list[dict[str, Any]]:
    snapshot = rate_limit_from_event(event)
    return [] if snapshot is None else [_plain(snapshot)]


def _upstream_event(line: Line) -> list[dict[str, Any]]:
    return [] if line.answer is None else [line.answer]


def _categories(line: Line) -> list[Category]:
    upstream = _upstream_event(line)
    return [category for category in RATE_LIMIT_EVENT if category.covers(line.request, upstream)]


def test_the_files_are_whole_and_hold_nothing_that_we_do_not_read() -> None:
    assert len(HEADERS) == 224
    for line in HEADERS:
        assert set(line.request) <= {"mode", "headers", "limit_id"}
        assert line.request["mode"] == "ratelimits"
        assert set(line.answer) == {"all", "promo", "for_limit", "bad_headers"}
        assert line.answer["bad_headers"] == []
    assert len(EVENTS) == 65
    for line in EVENTS:
        assert set(line.request) == {"mode", "payload"}
        assert line.request["mode"] == "rate_limit_event"


@pytest.mark.parametrize("line", HEADERS, ids=lambda line: f"line{line.number}")
def test_headers(line: Line) -> None:
    headers = line.request["headers"]
    limit_id = line.request.get("limit_id")
    assert [_plain(one) for one in rate_limits_from_headers(headers)] == line.answer["all"]
    assert promo_message(headers) == line.answer["promo"]
    if limit_id is None:
        assert line.answer["for_limit"] is None
    else:
        assert _plain(rate_limit_for(headers, limit_id)) == line.answer["for_limit"]


@pytest.mark.parametrize("line", HEADERS, ids=lambda line: f"line{line.number}")
def test_headers_say_the_same_in_other_spellings(line: Line) -> None:
    headers = line.request["headers"]
    expected = rate_limits_from_headers(headers)
    assert rate_limits_from_headers([(n.upper().encode(), v.encode()) for n, v in headers]) == (
        expected
    )
    # Of several with one name the first counts.
    first = {name.title(): value for name, value in reversed(headers)}
    assert rate_limits_from_headers(first) == expected


@pytest.mark.parametrize("line", EVENTS, ids=lambda line: f"line{line.number}")
def test_event(line: Line) -> None:
    ours = _plain_event(line.request["payload"])
    upstream = _upstream_event(line)
    categories = _categories(line)
    if not categories:
        assert ours == upstream, "a difference outside every category"
        return
    assert len(categories) == 1
    category = categories[0]
    assert ours != upstream, f"{category} covers a line where there is no difference"
    assert category.expect(line.request, upstream, ours)


def test_a_decoded_event_says_the_same_as_its_message() -> None:
    decoded = 0
    for line in EVENTS:
        event = decode_response_event(line.request["payload"])
        if isinstance(event, CodexRateLimits):
            decoded += 1
            assert _plain_event(event) == _plain_event(line.request["payload"])
    assert decoded == 13


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = Counter(category.name for line in EVENTS for category in _categories(line))
    for category in RATE_LIMIT_EVENT:
        record_property(category.name, counts[category.name])
        print(f"rate limits: {counts[category.name]:4} of {len(EVENTS)} events: {category.name}")
    assert counts == {category.name: category.lines for category in RATE_LIMIT_EVENT}
