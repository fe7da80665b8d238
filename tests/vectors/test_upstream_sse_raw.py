"""Framing beside upstream's: what codex (April 2026) made of 197 bodies.

Every line agrees, or belongs to exactly one category of `categories.SSE_RAW`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from codex_proto.sse import EventStreamDecoder
from tests.recordings import DATA
from tests.vectors.categories import SSE_RAW, Answer, Category, Request, chunks_of

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Line:
    number: int
    request: Request
    answer: Answer


def _read_lines() -> list[Line]:
    with (DATA / "upstream" / "sse-raw.jsonl").open(encoding="utf-8") as lines:
        return [
            Line(number, document["req"], document["res"])
            for number, document in enumerate(map(json.loads, lines), start=1)
        ]


LINES = _read_lines()


def _ours(chunks: list[bytes]) -> Answer:
    decoder = EventStreamDecoder()
    events = [event for chunk in chunks for event in decoder.receive_data(chunk)]
    decoder.receive_eof()
    return [
        {"event": event.event, "data": event.data, "id": event.id, "retry_ms": event.retry}
        for event in events
    ]


def _categories(line: Line) -> list[Category]:
    return [category for category in SSE_RAW if category.covers(line.request, line.answer)]


def test_the_file_is_whole_and_holds_nothing_that_we_do_not_read() -> None:
    assert len(LINES) == 197
    for line in LINES:
        assert set(line.request) <= {"mode", "chunks_b64", "body"}
        assert line.request["mode"] == "sse-raw"


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"line{line.number}")
def test_line(line: Line) -> None:
    ours = _ours(chunks_of(line.request))
    categories = _categories(line)
    if not categories:
        assert ours == line.answer, "a difference outside every category"
        return
    assert len(categories) == 1
    category = categories[0]
    assert ours != line.answer, f"{category} covers a line where there is no difference"
    assert category.expect(line.request, line.answer, ours)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"line{line.number}")
def test_line_says_the_same_however_it_is_cut(line: Line) -> None:
    chunks = chunks_of(line.request)
    stream = b"".join(chunks)
    whole = _ours([stream])
    assert _ours(chunks) == whole
    assert _ours([stream[at : at + 1] for at in range(len(stream))]) == whole


def test_replacing_what_is_no_utf8_beforehand_changes_nothing() -> None:
    """The check that `invalid_utf8_is_replaced` cannot make: what follows the error is right."""
    checked = 0
    for line in LINES:
        stream = b"".join(chunks_of(line.request))
        text = stream.decode("utf-8", "replace")
        checked += text.encode() != stream
        assert _ours([text.encode()]) == _ours([stream])
    assert checked == 19


def test_a_bom_at_the_start_changes_nothing() -> None:
    """The check that `bom_crashes_upstream` cannot make: upstream answered these without one."""
    lines = [line for line in LINES if not _categories(line) and line.request.get("chunks_b64")]
    assert len(lines) == 172
    for line in lines:
        assert _ours([b"\xef\xbb\xbf", *chunks_of(line.request)]) == line.answer


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = Counter(category.name for line in LINES for category in _categories(line))
    for category in SSE_RAW:
        record_property(category.name, counts[category.name])
        print(f"sse-raw: {counts[category.name]:4} of {len(LINES)} lines: {category.name}")
    assert counts == {category.name: category.lines for category in SSE_RAW}
