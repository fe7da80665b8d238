"""Errors beside upstream's: what codex (April 2026) made of 219 answers that were no success.

Every line agrees field by field, or belongs to exactly one category of `categories_errors`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.refusals import error_from_response
from tests.recordings import DATA
from tests.vectors.categories_errors import ERRORS
from tests.vectors.error_words import http_words, upstream_http_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_proto.errors import CodexError
    from tests.vectors.categories import Answer, Category, Request


@dataclass(frozen=True)
class Line:
    number: int
    request: Request
    answer: Answer


def _read_lines() -> list[Line]:
    with (DATA / "upstream" / "errors.jsonl").open(encoding="utf-8") as lines:
        return [
            Line(number, document["req"], [document["res"]])
            for number, document in enumerate(map(json.loads, lines), start=1)
        ]


LINES = _read_lines()


def _error(request: Request) -> CodexError | None:
    if "status" not in request:
        return None
    headers = request.get("headers")
    return error_from_response(
        request["status"],
        None if headers is None else headers,
        request.get("body"),
        request.get("url"),
    )


def _ours(line: Line) -> dict[str, Any] | None:
    error = _error(line.request)
    return None if error is None else http_words(error)


def _categories(line: Line) -> list[Category]:
    return [category for category in ERRORS if category.covers(line.request, line.answer)]


def test_the_file_is_whole_and_holds_nothing_that_we_do_not_read() -> None:
    assert len(LINES) == 219
    for line in LINES:
        known = {"mode", "status", "headers", "body", "url"}
        assert set(line.request) <= known or "kind" in line.request


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"line{line.number}")
def test_line(line: Line) -> None:
    ours, upstream = _ours(line), upstream_http_words(line.answer[0])
    categories = _categories(line)
    if not categories:
        assert ours == upstream, "a difference outside every category"
        return
    assert len(categories) == 1
    category = categories[0]
    assert ours != upstream, f"{category} covers a line where there is no difference"
    assert category.expect(line.request, [upstream], [] if ours is None else [ours])


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = Counter(category.name for line in LINES for category in _categories(line))
    for category in ERRORS:
        record_property(category.name, counts[category.name])
        print(f"errors: {counts[category.name]:4} of {len(LINES)} lines: {category.name}")
    assert counts == {category.name: category.lines for category in ERRORS}
    assert sum(counts.values()) < 0.05 * len(LINES)
