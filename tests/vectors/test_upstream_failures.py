"""Failures in streams beside upstream's: `response.failed`, and `error` frames on a WebSocket.

From the streams that upstream answered (April 2026) those are looked at where the error is one
that an event brought about. Every such line agrees, or belongs to exactly one category.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.responses import ErrorEvent, Failed, decode_response_event
from codex_proto.responses.stream._error_mapping import (
    classify_failed_as_codex,
    error_from_websocket_error,
)
from codex_proto.sse import EventStreamDecoder
from tests.recordings import DATA
from tests.vectors.categories import chunks_of
from tests.vectors.categories_errors import FAILURES
from tests.vectors.error_words import (
    NOTHING_TOLD,
    http_words,
    stream_words,
    upstream_http_words,
    upstream_stream_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_proto.errors import CodexError
    from tests.vectors.categories import Answer, Category, Request


@dataclass(frozen=True)
class Line:
    mode: str
    number: int
    request: Request
    answer: Answer

    @property
    def error(self) -> Any:
        return self.answer[-1]


def _is_told_by_an_event(answer: Any) -> bool:
    if not isinstance(answer, list) or not answer or "err" not in answer[-1]:
        return False
    error = answer[-1]["err"]
    return bool(error["variant"] != "Stream" or error["message"] == NOTHING_TOLD)


def _read_lines(mode: str) -> list[Line]:
    with (DATA / "upstream" / f"{mode}.jsonl").open(encoding="utf-8") as lines:
        return [
            Line(mode, number, document["req"], document["res"])
            for number, document in enumerate(map(json.loads, lines), start=1)
            if _is_told_by_an_event(document["res"])
        ]


LINES = [*_read_lines("sse"), *_read_lines("ws")]


def _failures(line: Line) -> list[CodexError]:
    """What the events of a line mean, each of them that means an error."""
    if line.mode == "sse":
        decoder = EventStreamDecoder()
        found = [
            event for chunk in chunks_of(line.request) for event in decoder.receive_data(chunk)
        ]
        messages = [event.data for event in found]
    else:
        messages = [message for message in line.request["messages"] if isinstance(message, str)]
    errors: list[CodexError] = []
    for message in messages:
        event = decode_response_event(message)
        if isinstance(event, Failed):
            errors.append(classify_failed_as_codex(event))
        elif isinstance(event, ErrorEvent) and line.mode == "ws":
            error = error_from_websocket_error(event, message)
            errors += [] if error is None else [error]
    return errors


def _ours(line: Line) -> dict[str, Any] | None:
    """The one that decides: the last that SSE tells, the first on a WebSocket."""
    errors = _failures(line)
    if not errors:
        return None
    error = errors[-1 if line.mode == "sse" else 0]
    return http_words(error) if "sent_body" in _upstream(line) else stream_words(error)


def _upstream(line: Line) -> dict[str, Any]:
    if line.error["err"]["variant"] == "Transport.Http":
        return upstream_http_words(line.error)
    return upstream_stream_words(line.error)


def _categories(line: Line) -> list[Category]:
    return [category for category in FAILURES if category.covers(line.request, line.answer)]


every_line = pytest.mark.parametrize(
    "line", LINES, ids=lambda line: f"{line.mode}-line{line.number}"
)


def test_there_is_enough_to_look_at() -> None:
    assert Counter(line.mode for line in LINES) == {"sse": 61, "ws": 46}


@every_line
def test_line(line: Line) -> None:
    ours, upstream = _ours(line), _upstream(line)
    categories = _categories(line)
    if not categories:
        if ours is not None and "delay" in upstream:
            assert ours.pop("delay") == pytest.approx(upstream.pop("delay"), abs=1e-9, rel=1e-15)
        assert ours == upstream, "a difference outside every category"
        return
    assert len(categories) == 1
    category = categories[0]
    assert ours != upstream, f"{category} covers a line where there is no difference"
    assert category.expect(line.request, [upstream], [] if ours is None else [ours])


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = Counter(category.name for line in LINES for category in _categories(line))
    for category in FAILURES:
        record_property(category.name, counts[category.name])
        print(f"failures: {counts[category.name]:4} of {len(LINES)} lines: {category.name}")
    assert counts == {category.name: category.lines for category in FAILURES}
