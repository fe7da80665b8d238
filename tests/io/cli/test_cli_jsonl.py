"""JSON lines: every event as one line of valid JSON that holds what the wire held."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest

from codex_proto import MalformedEvent, UnknownEvent
from codex_proto.errors import EventTooLarge, ResponseFailedError
from codex_proto.responses import StreamFailed, decode_response_event
from codex_proto.sse import EventStreamDecoder, ServerSentEvent
from codex_proto_io.cli._feeds import (
    EventStreamFailed,
    EventStreamFeed,
    MessagesFeed,
    ResponsesFeed,
)
from codex_proto_io.cli._jsonl import json_line
from tests.io.cli.cli_runner import BUNDLED, COMPLETED, CREATED, message, rows, run, sse
from tests.recordings import recordings

BODIES = {path.stem: path.read_bytes() for path in sorted(BUNDLED.glob("*.sse"))}
BODIES |= {r.name: r.bytes for r in recordings() if r.shipped}

# What a line has beyond the members of the wire.
ADDED = {"event", "notes"}
ADDED_TO_COMPLETED = {*ADDED, "response_id", "token_usage", "end_turn"}


def row(event: object) -> dict[str, Any]:
    (only,) = rows(json_line(event))
    assert next(iter(only)) == "event"
    return only


@pytest.mark.parametrize("name", BODIES)
def test_lines_of_a_recording_hold_what_the_wire_held(name: str) -> None:
    feed = ResponsesFeed("full", None)
    events = [*feed.receive_data(BODIES[name]), *feed.receive_eof()]
    on_wire = [
        json.loads(event.data)
        for event in EventStreamDecoder().receive_data(BODIES[name])
        if event.data != "[DONE]"
    ]
    printed = [row(event) for event in events]
    assert [line["event"] for line in printed] == [type(event).__name__ for event in events]
    wire_rows = [line for line in printed if line["event"] != "StreamFailed"]
    assert wire_rows
    for line, payload in zip(wire_rows, on_wire, strict=False):
        added = ADDED_TO_COMPLETED if line["event"] == "Completed" else ADDED
        for member, value in line.items():
            if member not in added:
                expected = payload if member == "raw" else payload[member]
                assert value == expected, f"{line['event']}.{member}"


def test_members_absent_null_and_raw() -> None:
    delta = decode_response_event(message("response.output_text.delta", delta="a", logprobs=None))
    assert row(delta) == {"event": "OutputTextDelta", "delta": "a", "logprobs": None}
    # Embedded JSON stays as it was, but for line ends between its tokens.
    added = decode_response_event(
        b'{"type":"response.output_item.added","item":{\n "type": "x",\r\n "n": 1.50}}'
    )
    line = json_line(added)
    assert line.count(b"\n") == 1
    assert b'"item":{  "type": "x",   "n": 1.50}' in line


def test_completed_says_what_is_known() -> None:
    line = row(decode_response_event(COMPLETED))
    assert line["response_id"] == "resp_1"
    assert line["token_usage"] == {
        "input_tokens": 5,
        "output_tokens": 2,
        "total_tokens": 7,
        "cached_input_tokens": 0,
        "cache_write_input_tokens": 0,
        "reasoning_output_tokens": 0,
    }
    assert "end_turn" not in line
    ended = message("response.completed", response={"id": "r", "end_turn": False})
    assert row(decode_response_event(ended)) == {
        "event": "Completed",
        "response_id": "r",
        "end_turn": False,
        "response": {"id": "r", "end_turn": False},
    }


def test_malformed_usage_is_a_note() -> None:
    line = row(
        decode_response_event(message("response.completed", response={"id": "r", "usage": [1]}))
    )
    assert "token_usage" not in line
    (note,) = line["notes"]
    assert note["field"] == "usage"
    assert note["raw"] == [1]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"a":\n1}', {"a": 1}),
        (b"12", 12),
        (b"", ""),
        (b"plain \x1b text", "plain \x1b text"),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a":"\\ud800"}', '{"a":"\\ud800"}'),
        (b"\xff\xfe", {"base64": "//4="}),
        (b'{"a":"\xff"}', {"base64": "eyJhIjoi/yJ9"}),
        (b"[" * 5000, "[" * 5000),
        (b"[" * 50_000 + b"]" * 50_000, "[" * 50_000 + "]" * 50_000),
    ],
)
def test_raw_is_json_or_text_or_base64(raw: bytes, shown: Any) -> None:
    assert row(MalformedEvent("why", raw)) == {
        "event": "MalformedEvent",
        "reason": "why",
        "raw": shown,
    }
    assert row(UnknownEvent("x.y", raw)) == {"event": "UnknownEvent", "type": "x.y", "raw": shown}


def test_failures() -> None:
    error = ResponseFailedError("no", code="c")
    assert row(StreamFailed(error)) == {
        "event": "StreamFailed",
        "error": {"kind": "ResponseFailedError", "message": "no", "retryable": True, "code": "c"},
    }
    too_large = EventTooLarge(limit_name="max_line_size", limit=8)
    line = row(EventStreamFailed(too_large))
    assert line["event"] == "EventStreamFailed"
    assert line["error"]["kind"] == "EventTooLarge"
    assert line["error"]["limit"] == 8
    surrogate = row(StreamFailed(ResponseFailedError("lone \ud83d end")))
    assert surrogate["error"]["message"] == "lone \ufffd end"


def test_leftover_bytes_of_an_error_are_text() -> None:
    done = run("decode", "--protocol", "responses", stdin=b"<html>\xe4\nBad Gateway")
    (line,) = rows(done.stdout)
    assert line["error"]["leftover"] == {"base64": "PGh0bWw+5ApCYWQgR2F0ZXdheQ=="}
    (line,) = rows(run("decode", "--protocol", "responses", stdin=b"<html>").stdout)
    assert line["error"]["leftover"] == "<html>"


def test_server_sent_events() -> None:
    assert row(ServerSentEvent("ping", "a\nb", "7", retry=10)) == {
        "event": "ServerSentEvent",
        "type": "ping",
        "data": "a\nb",
        "id": "7",
        "retry": 10,
    }
    assert row(ServerSentEvent(data="x")) == {
        "event": "ServerSentEvent",
        "type": "message",
        "data": "x",
        "id": "",
    }
    feed = EventStreamFeed()
    huge = "9" * 600
    (event,) = feed.receive_data(f"retry: {huge}\ndata: \xff\n\n".encode("latin-1"))
    line = row(event)
    assert line["data"] == "\ufffd"
    assert line["retry"] == int(huge)


def test_any_bytes_make_valid_lines() -> None:
    """Mutations of real streams: whatever comes out, each line is JSON for any strict reader."""
    chance = random.Random(5)
    seeds = [body for body in BODIES.values() if len(body) < 20_000]
    for _ in range(150):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 12)):
            place = chance.randrange(len(body))
            body[place : place + chance.randrange(4)] = chance.choice(
                [b'"', b"\\ud800", b"\xff", b"\n", b"{", b"]", b"\\", b"\0", b"1e999", b",", b"-"]
            )
        data = bytes(body)
        messages = b"\n".join(
            event.data_bytes.replace(b"\n", b" ")
            for event in EventStreamDecoder().receive_data(data)
        )
        for feed, fed in (
            (ResponsesFeed("full", None), data),
            (MessagesFeed("full", None), messages),
            (EventStreamFeed(), data),
        ):
            for event in [*feed.receive_data(fed), *feed.receive_eof()]:
                line = json_line(event)
                assert line.count(b"\n") == 1
                assert b"\r" not in line
                json.loads(line.decode())
                msgspec.json.decode(line, type=dict[str, msgspec.Raw])


def test_whole_run_is_json_lines() -> None:
    multi_line = json.dumps({"type": "new.kind", "text": "x"}, indent=1).encode()
    done = run("decode", "--protocol", "responses", stdin=sse(CREATED, multi_line, b"{", COMPLETED))
    lines = rows(done.stdout)
    assert [line["event"] for line in lines] == [
        "Created",
        "UnknownEvent",
        "MalformedEvent",
        "Completed",
    ]
    assert lines[1]["raw"] == {"type": "new.kind", "text": "x"}
    assert lines[2]["raw"] == "{"
