"""Realtime sessions beside upstream's: what codex (April 2026) made of 205 of them.

Events, the transcript that a handoff is given, and the delegation made of it: every line agrees, or
belongs to exactly one category of `categories_realtime`. April's transcript has a marker where
today's is drained, and no bound (`drain=False`); the test at the end shows how little that changes.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.realtime import (
    AudioOut,
    ConversationItemAdded,
    HandoffRequested,
    RealtimeDecoder,
    RealtimeError,
    RealtimeEvent,
    TranscriptAccumulator,
    delegation_from_handoff,
    parse_delegation,
)
from tests.recordings import DATA, recordings
from tests.vectors.categories_realtime import REALTIME, REALTIME_CAPTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vectors.categories import Answer, Category, Request


@dataclass(frozen=True)
class Line:
    name: str
    request: Request
    answer: Answer
    categories: tuple[Category, ...]


def _read_lines() -> list[Line]:
    lines = []
    with (DATA / "upstream" / "realtime.jsonl").open(encoding="utf-8") as file:
        for number, document in enumerate(map(json.loads, file), start=1):
            lines.append(Line(f"line{number}", document["req"], document["res"], REALTIME))
    sessions = {
        f"realtime/{recording.path.name}": recording
        for recording in recordings("realtime", ".jsonl")
    }
    with (DATA / "upstream" / "realtime_captures.jsonl").open(encoding="utf-8") as file:
        for document in map(json.loads, file):
            recording = sessions[document["file"]]
            request = {
                "mode": "realtime",
                "parser": document["parser"],
                "messages": recording.bytes.decode().splitlines(),
            }
            lines.append(Line(recording.name, request, document["res"], REALTIME_CAPTURES))
    return lines


LINES = _read_lines()
every_line = pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)


def _plain(event: RealtimeEvent) -> Any:
    """An event of ours as upstream writes its own."""
    match event:
        case AudioOut(frame=frame):
            optional = {
                "samples_per_channel": frame.samples_per_channel,
                "item_id": frame.item_id,
            }
            return {
                "AudioOut": {
                    "data": frame.data,
                    "sample_rate": frame.sample_rate,
                    "num_channels": frame.num_channels,
                    **{name: value for name, value in optional.items() if value is not None},
                }
            }
        case ConversationItemAdded():
            return {"ConversationItemAdded": event.item}
        case RealtimeError(message=message):
            return {"Error": message}
        case HandoffRequested(active_transcript=transcript):
            assert transcript is not None
            return {
                "HandoffRequested": {
                    "handoff_id": event.handoff_id,
                    "item_id": event.item_id,
                    "input_transcript": event.input_transcript,
                    "active_transcript": [
                        {"role": entry.role, "text": entry.text} for entry in transcript
                    ],
                }
            }
        case _:
            members = {name: getattr(event, name) for name in event.__struct_fields__}
            return {type(event).__name__: members}


def _answer(events: list[RealtimeEvent]) -> Any:
    if not events:
        return None
    (event,) = events
    answer = {"ok": _plain(event)}
    if isinstance(event, HandoffRequested):
        text = delegation_from_handoff(event, max_field_size=None)
        assert text is not None
        parsed = parse_delegation(text)
        assert parsed is not None
        answer |= {"delegation": text, "text": parsed.input}
    return answer


def _ours(request: Request, *, drain: bool = False, as_bytes: bool = False) -> Answer:
    decoder = RealtimeDecoder(request["parser"], "codex")
    transcript = TranscriptAccumulator(drain=drain, max_size=8192 if drain else None)
    answers = []
    for message in request["messages"]:
        events = decoder.receive_message(message.encode() if as_bytes else message)
        answers.append(_answer([transcript.receive_event(event) for event in events]))
    return answers


def test_the_files_are_whole_and_hold_nothing_that_we_do_not_read() -> None:
    assert len(LINES) == 205
    for line in LINES:
        assert set(line.request) == {"mode", "parser", "messages"}
        assert line.request["mode"] == "realtime"
        assert len(line.request["messages"]) == len(line.answer)
        for answer in line.answer:
            assert answer is None or set(answer) <= {"ok", "delegation", "text"}


@every_line
def test_line(line: Line) -> None:
    ours = _ours(line.request)
    categories = [each for each in line.categories if each.covers(line.request, line.answer)]
    if not categories:
        assert ours == line.answer, "a difference outside every category"
        return
    (category,) = categories
    assert ours != line.answer, f"{category} covers a line where there is no difference"
    assert category.expect(line.request, line.answer, ours)


@every_line
def test_bytes_give_what_text_gives(line: Line) -> None:
    assert _ours(line.request, as_bytes=True) == _ours(line.request)


def test_today_s_transcript_differs_on_two_lines_only() -> None:
    """What was handed over is not compared with any more: a request repeated is told again."""
    differ = [line.name for line in LINES if _ours(line.request, drain=True) != _ours(line.request)]
    assert differ == ["line17", "line184"]


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    counts = Counter(
        category.name
        for line in LINES
        for category in line.categories
        if category.covers(line.request, line.answer)
    )
    for category in (*REALTIME, *REALTIME_CAPTURES):
        record_property(category.name, counts[category.name])
        print(f"realtime: {counts[category.name]:4} of {len(LINES)} lines: {category.name}")
    assert counts == {category.name: category.lines for category in REALTIME}
    assert sum(counts.values()) < 0.05 * len(LINES)
