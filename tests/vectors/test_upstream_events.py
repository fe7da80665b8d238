"""Single messages beside upstream's: what codex (April 2026) made of 228, by the rules of SSE.

Each agrees with the codex view, or is explained by the categories of `categories_streams`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.responses import CodexView, ResponseStreamState, decode_response_event
from tests.recordings import DATA
from tests.vectors.categories_streams import STREAMS, count_and_print, needed
from tests.vectors.stream_words import MAY, event_words, upstream_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.vectors.categories import Request
    from tests.vectors.categories_streams import Departure

# Upstream passes over the message, and says no model either.
NOTHING: dict[str, Any] = {"ok": None, "model": None}


@dataclass(frozen=True, eq=False)
class Line:
    number: int
    request: Request
    answer: dict[str, Any]


def _read_lines() -> list[Line]:
    with (DATA / "upstream" / "event.jsonl").open(encoding="utf-8") as lines:
        return [
            Line(number, document["req"], document["res"])
            for number, document in enumerate(map(json.loads, lines), start=1)
        ]


LINES = _read_lines()


def _ours(text: str) -> dict[str, Any]:
    """The event's own result, and the model that it tells."""
    events = ResponseStreamState("sse", profile="codex").receive_events(
        [decode_response_event(text)]
    )
    words = event_words(CodexView(MAY).receive_events(events))
    models = [event["ok"]["model"] for event in words if _is_model(event)]
    results = [event for event in words if not _is_model(event)]
    assert max(len(results), len(models)) <= 1
    return {**(results[0] if results else {"ok": None}), "model": models[0] if models else None}


def _is_model(event: dict[str, Any]) -> bool:
    return bool("ok" in event and event["ok"]["t"] == "ServerModel")


def _upstream(answer: dict[str, Any]) -> dict[str, Any]:
    if "serde_error" in answer:
        return NOTHING
    (words,) = upstream_words([answer])
    return {**words, "model": answer["model"]}


def _agrees(line: Line, departures: Sequence[Departure] = ()) -> bool:
    request, answer = line.request, line.answer
    told: Sequence[Mapping[str, Any]]
    for departure in departures:
        changed = departure.request(request)
        if changed is not request and departure.is_refused_here:
            answer = NOTHING
        elif departure.name == "malformed_event_says_nothing":
            # Upstream's model is an event of its own in a stream.
            told = departure.answer(request, [{"ok": {"model": answer.get("model")}}])
            answer = answer if told else NOTHING
        elif "serde_error" not in answer:
            answer = dict(departure.answer(request, [answer])[0])
        request = changed
    return _ours(request["text"]) == _upstream(answer)


@cache
def _needed(line: Line) -> tuple[str, ...] | None:
    return needed(lambda departures: _agrees(line, departures))


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"line{line.number}")
def test_event(line: Line) -> None:
    if _needed(line) is None:
        assert _ours(line.request["text"]) == _upstream(line.answer), (
            "a difference outside every category"
        )


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = count_and_print("events", [_needed(line) or () for line in LINES])
    for name, lines in counts.items():
        record_property(name, lines)
    assert counts == {departure.name: departure.events for departure in STREAMS if departure.events}
