"""Whole streams beside upstream's: what codex (April 2026) made of 236 bodies and 166 connections,
against the codex profile.

Every line agrees, or is explained by the categories of `categories_streams` that cover it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.errors import ConnectionFailed, IdleTimeout
from tests.recordings import DATA
from tests.vectors.categories import chunks_of
from tests.vectors.categories_streams import STREAMS, count_and_print, needed
from tests.vectors.stream_words import april_decoder, event_words, upstream_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codex_proto.responses import ResponseEvent
    from tests.vectors.categories import Answer, Request
    from tests.vectors.categories_streams import Departure

UNTOLD = ConnectionFailed("The connection broke.")


@dataclass(frozen=True, eq=False)
class Line:
    mode: str
    number: int
    request: Request
    answer: Answer


def _read_lines(mode: str) -> list[Line]:
    with (DATA / "upstream" / f"{mode}.jsonl").open(encoding="utf-8") as lines:
        return [
            Line(mode, number, document["req"], document["res"])
            for number, document in enumerate(map(json.loads, lines), start=1)
        ]


LINES = [*_read_lines("sse"), *_read_lines("ws")]


def _over_sse(request: Request) -> list[dict[str, Any]]:
    decoder = april_decoder()
    events: list[ResponseEvent] = []
    if "headers" in request:
        events += decoder.receive_headers(request["headers"])
    for chunk in chunks_of(request):
        events += decoder.receive_data(chunk)
    if request.get("transport_error"):
        events += decoder.receive_error(UNTOLD)
    elif request.get("eof", True):
        events += decoder.receive_eof()
    else:
        events += decoder.receive_error(IdleTimeout("Nothing came."))
    turn_state = [] if decoder.turn_state is None else [{"turn_state": decoder.turn_state}]
    return event_words(events) + turn_state


def _over_websocket(request: Request) -> list[dict[str, Any]]:
    decoder = april_decoder()
    events: list[ResponseEvent] = []
    for message in request["messages"]:
        if decoder.outcome is not None:
            break
        if isinstance(message, str):
            events += decoder.receive_message(message)
        elif "binary" in message:
            events += decoder.receive_binary()
        elif "close" in message:
            events += decoder.receive_close(1000)
        elif "error" in message:
            events += decoder.receive_error(UNTOLD)
    if decoder.outcome is None and request.get("eof", True):
        events += decoder.receive_eof()
    elif decoder.outcome is None:
        events += decoder.receive_error(IdleTimeout("Nothing came."))
    return event_words(events)


def _ours(mode: str, request: Request) -> list[dict[str, Any]]:
    return _over_sse(request) if mode == "sse" else _over_websocket(request)


def _agrees(line: Line, departures: Sequence[Departure] = ()) -> bool:
    """Whether ours and upstream's are equal, what these categories cover set aside."""
    request, answer = line.request, line.answer
    for departure in departures:
        answer = departure.answer(request, answer)
        request = departure.request(request)
    ours, upstream = _ours(line.mode, request), upstream_words(answer)
    if "replaced" in request:
        # Up to the failure both say the same; upstream goes on, and then tells it or a later one.
        before, last = ours[:-1], ours[-1]
        same_end = request["replaced"] or last == upstream[-1]
        return before == upstream[: len(before)] and len(upstream) >= len(ours) and same_end
    return ours == upstream


@cache
def _needed(line: Line) -> tuple[str, ...] | None:
    return needed(lambda departures: _agrees(line, departures))


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.mode}-line{line.number}")
def test_stream(line: Line) -> None:
    if _needed(line) is None:
        assert _ours(line.mode, line.request) == upstream_words(line.answer), (
            "a difference outside every category"
        )


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    found = [_needed(line) or () for line in LINES]
    counts = count_and_print("streams", found)
    for name, lines in counts.items():
        record_property(name, lines)
    assert counts == {departure.name: departure.lines for departure in STREAMS if departure.lines}
