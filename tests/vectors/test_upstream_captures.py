"""Every recorded body beside upstream's: what codex (April 2026) made of it, in the codex profile.

Each agrees, or is explained by the categories of `categories_streams`.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.recordings import DATA, Recording, recordings
from tests.vectors.categories_streams import count_and_print, needed
from tests.vectors.stream_words import april_decoder, event_words, upstream_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.vectors.categories import Request
    from tests.vectors.categories_streams import Departure


def _answers() -> dict[str, Any]:
    with (DATA / "upstream" / "captures.jsonl").open(encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    return {document["file"]: document["res"] for document in documents}


ANSWERS = _answers()
# Upstream was not asked about recordings that came later to the corpus beside the project.
RECORDINGS = [r for r in recordings() if r.shipped or r.entry["file"] in ANSWERS]


def _request(recording: Recording) -> Request:
    return {"chunks_b64": [base64.b64encode(recording.bytes).decode()]}


def _ours(request: Request) -> list[dict[str, Any]]:
    decoder = april_decoder()
    events = decoder.receive_data(base64.b64decode(request["chunks_b64"][0]))
    return event_words(events + decoder.receive_eof())


def _agrees(recording: Recording, departures: Sequence[Departure] = ()) -> bool:
    request, answer = _request(recording), ANSWERS[recording.entry["file"]]
    for departure in departures:
        answer = departure.answer(request, answer)
        request = departure.request(request)
    return _ours(request) == upstream_words(answer)


@cache
def _needed(recording: Recording) -> tuple[str, ...] | None:
    return needed(lambda departures: _agrees(recording, departures))


def test_every_recording_has_an_answer() -> None:
    assert {recording.entry["file"] for recording in RECORDINGS} <= set(ANSWERS)
    assert len(ANSWERS) == 165


@pytest.mark.parametrize("recording", RECORDINGS, ids=str)
def test_recording(recording: Recording) -> None:
    if _needed(recording) is None:
        expected = upstream_words(ANSWERS[recording.entry["file"]])
        assert _ours(_request(recording)) == expected, "a difference outside every category"


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = count_and_print("recordings", [_needed(recording) or () for recording in RECORDINGS])
    for name, lines in counts.items():
        record_property(name, lines)
    assert counts == {}
