"""Thirteen traps that a fast decoder of event streams walks into, one test (or a few) for each.

Each test first shows that the trap is there: the obvious short cut gives a wrong answer on the very
input that is used. Then the decoder must give the right one, whether it gets the stream whole, in
reads of 200 bytes, of one block or about one, or of one byte, and with unsuspicious blocks all
around, so that it is on its fast path when the trap comes.
"""

from __future__ import annotations

import ast
import gc
import json
import re
import sys
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from msgspec.structs import fields

import codex_proto
from codex_proto import MalformedEvent, MalformedPart, UnknownEvent
from codex_proto.errors import EventTooLarge, StreamClosedEarly
from codex_proto.responses import (
    ROWS,
    Completed,
    OutputItemDone,
    OutputTextDelta,
    RefusalDelta,
    ResponseEvent,
    ResponsesDecoder,
    StreamFailed,
    WireEvent,
    decode_response_event,
)
from tests.properties.reference import read_event_stream
from tests.properties.strategies import Cut

if TYPE_CHECKING:
    from collections.abc import Callable

KIB: Final = 1024


# -- surroundings -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Surroundings:
    """Blocks that any fast path knows: with an `event` line or without, and a kind of line end."""

    name: str
    event_line: bytes
    end: bytes

    def block(self, payload: bytes | str, event: bytes | None = None) -> bytes:
        """One plain block."""
        payload = payload.encode() if isinstance(payload, str) else payload
        line = self.event_line if event is None else event
        named = b"event: " + line + self.end if line else b""
        return named + b"data: " + payload + self.end + self.end

    def __str__(self) -> str:
        return self.name


_NAME: Final = b"response.output_text.delta"
SURROUNDINGS: Final = (
    Surroundings("named", _NAME, b"\n"),
    Surroundings("unnamed", b"", b"\n"),
    Surroundings("crlf", _NAME, b"\r\n"),
)
everywhere = pytest.mark.parametrize("around", SURROUNDINGS, ids=str)


def _delta(text: str, **members: Any) -> str:
    return json.dumps({"type": "response.output_text.delta", "delta": text, **members})


BEFORE: Final = [f"before {number}" for number in range(40)]
AFTER: Final = [f"after {number}" for number in range(40)]


def _with_neighbours(around: Surroundings, trap: list[bytes]) -> list[bytes]:
    return [
        *(around.block(_delta(text)) for text in BEFORE),
        *trap,
        *(around.block(_delta(text)) for text in AFTER),
    ]


def _readings(blocks: list[bytes]) -> dict[str, list[bytes]]:
    """The same stream in the cuts that matter most."""
    stream = b"".join(blocks)
    heads = [block[:20] for block in blocks]
    tails = [block[20:] for block in blocks]
    shifted = [tail + head for tail, head in zip(tails, [*heads[1:], b""], strict=True)]
    return {
        "whole": [stream],
        "200 bytes": Cut((200,))(stream),
        "one block": blocks,
        "one block, and the beginning of the next": [heads[0], *shifted],
        "half a block": [half for pair in zip(heads, tails, strict=True) for half in pair],
        "one byte": Cut((1,))(stream),
    }


def _decode(chunks: list[bytes], **limits: Any) -> list[ResponseEvent]:
    decoder = ResponsesDecoder(ends_as="codex", **limits)
    events = [event for chunk in chunks for event in decoder.receive_data(chunk)]
    return events + decoder.receive_eof()


def _decode_trap(around: Surroundings, *trap: bytes) -> list[ResponseEvent]:
    """The events that come of the trap, after all neighbours were seen to be unharmed."""
    decoded = {
        name: _decode(chunks)
        for name, chunks in _readings(_with_neighbours(around, list(trap))).items()
    }
    for name, events in decoded.items():
        assert events == decoded["whole"], name
    events = decoded["whole"]
    expected = [decode_response_event(_delta(text)) for text in BEFORE]
    assert events[: len(BEFORE)] == expected
    assert isinstance(events[-1], StreamFailed)
    assert isinstance(events[-1].error, StreamClosedEarly)
    found = events[len(BEFORE) : -1 - len(AFTER)]
    assert events[-1 - len(AFTER) : -1] == [decode_response_event(_delta(text)) for text in AFTER]
    return found


def _raws(events: list[ResponseEvent]) -> list[bytes]:
    """The bytes of malformed events; nothing else is among them."""
    malformed = [event for event in events if isinstance(event, MalformedEvent)]
    assert malformed == events
    return [event.raw for event in malformed]


def _deltas(events: list[ResponseEvent]) -> list[str]:
    deltas = [event for event in events if isinstance(event, OutputTextDelta)]
    assert deltas == events
    return [event.delta for event in deltas]


_lines: Final[Callable[[bytes], list[Any]]] = msgspec.json.Decoder().decode_lines


# -- 1: joined payloads -------------------------------------------------------------------------


@everywhere
def test_01_two_values_in_one_payload_are_no_event(around: Surroundings) -> None:
    one = _delta("x").encode()
    assert len(_lines(one + one)) == 2, "decode_lines wants no line end between values"

    assert _raws(_decode_trap(around, around.block(one + one))) == [one + one]
    assert _raws(_decode_trap(around, around.block(one + b" " + one))) == [one + b" " + one]
    assert _raws(_decode_trap(around, around.block(one + b","))) == [one + b","]


@everywhere
def test_01_one_value_over_two_payloads_is_no_event(around: Surroundings) -> None:
    for middle in (b",", b'"delta"', b":", b"x"):
        head, found, tail = _delta("x").encode().partition(middle)
        head += found
        if middle != b"x":
            assert len(_lines(head + b"\n" + tail)) == 1, "to JSON the line end is white space"

        blocks = around.block(head), around.block(tail)
        assert _raws(_decode_trap(around, *blocks)) == [head, tail]


@everywhere
def test_01_as_many_values_as_payloads_but_in_the_wrong_ones(around: Surroundings) -> None:
    """Counting the results is no proof: here are two payloads and two values."""
    one = _delta("x").encode()
    head, tail = one[:39], one[39:]
    assert head.rstrip().endswith(b",")
    assert len(_lines(one + head + b"\n" + tail)) == 2

    blocks = around.block(one + head), around.block(tail)
    assert _raws(_decode_trap(around, *blocks)) == [one + head, tail]


# -- 2: line ends between tokens ----------------------------------------------------------------


@everywhere
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"], ids=["lf", "cr", "crlf"])
def test_02_a_line_end_between_tokens_ends_the_data(around: Surroundings, end: bytes) -> None:
    head, tail = b'{"type":"response.output_text.delta",', b'"delta":"x"}'
    assert msgspec.json.decode(head + end + tail)["delta"] == "x"

    # The second half is a line of its own: a field that nobody knows.
    assert _raws(_decode_trap(around, around.block(head + end + tail))) == [head]
    whole = head + tail
    assert _deltas(_decode_trap(around, around.block(whole + end + b"}"))) == ["x"]
    # As a second line of data it belongs to the first, with an LF between.
    block = around.block(head + end + b"data: " + tail)
    assert _deltas(_decode_trap(around, block)) == ["x"]
    block = around.block(whole + end + b"data: " + whole)
    assert _raws(_decode_trap(around, block)) == [whole + b"\n" + whole]


@everywhere
def test_02_a_line_end_in_the_event_line_ends_that_line(around: Surroundings) -> None:
    """What follows it is a line too, and may be data that must not be lost."""
    one, two = _delta("one").encode(), _delta("two").encode()
    for end in (b"\n", b"\r", b"\r\n"):
        block = around.block(two, b"x" + end + b"data: " + one)
        assert _raws(_decode_trap(around, block)) == [one + b"\n" + two]
        block = around.block(two, b"x" + end + b"ignored: " + one)
        assert _deltas(_decode_trap(around, block)) == ["two"]


# -- 3: CR CR LF --------------------------------------------------------------------------------


@everywhere
def test_03_cr_cr_lf_is_a_line_end_and_a_blank_line(around: Surroundings) -> None:
    one, two = _delta("one").encode(), _delta("two").encode()
    trap = b"data: " + one + b"\r\r\ndata: " + two + b"\r\n\r\n"
    replaced = trap.replace(b"\r\n", b"\n")
    assert len(read_event_stream(replaced).events) == 1, "replacing CR LF makes a new one"

    assert _deltas(_decode_trap(around, trap)) == ["one", "two"]
    trap = b"data: " + one + b"\n\r\r\r\ndata: " + two + b"\r\r\n\r\n"
    assert _deltas(_decode_trap(around, trap)) == ["one", "two"]
    named = b"event: x\r\r\ndata: " + one + b"\r\r\n"
    assert _deltas(_decode_trap(around, named)) == ["one"]


# -- 4: what is left after a batch --------------------------------------------------------------


@everywhere
@pytest.mark.parametrize(
    "blank", [b"\r\r", b"\n\r", b"\r\n\r", b"\r\n\n", b"\n\r\n", b"\r\r\n", b"\n\n"]
)
def test_04_an_event_is_handed_out_with_its_last_byte(around: Surroundings, blank: bytes) -> None:
    """What is left after a batch may be a whole event with other line ends: it must not wait."""
    last = b"data: " + _delta("last").encode() + blank
    assert len(read_event_stream(last).events) == 1
    assert b"\n\n" not in last or blank in (b"\n\n", b"\r\n\n"), "no LF LF to look for"

    neighbours = [around.block(_delta(text)) for text in BEFORE]
    for name, chunks in _readings([*neighbours, last]).items():
        decoder = ResponsesDecoder()
        events = [event for chunk in chunks for event in decoder.receive_data(chunk)]
        assert _deltas(events) == [*BEFORE, "last"], name
        # And the next one comes whole, whatever the line end before it was.
        more = decoder.receive_data(b"data: " + _delta("more").encode() + b"\n\n")
        assert _deltas(more) == ["more"], name


@everywhere
def test_04_every_event_of_every_read_is_handed_out_at_once(around: Surroundings) -> None:
    """However a stream is cut, after each read there is nothing to hand out any more."""
    blocks = [
        around.block(_delta("one")),
        b"data: " + _delta("two").encode() + b"\r\r",
        b"data: " + _delta("three").encode() + b"\n\r",
        b": comment\r\n\r\n",
        b"data: " + _delta("four").encode() + b"\r\n\n",
        around.block(_delta("five")),
    ]
    stream = b"".join(blocks)
    for cut in range(len(stream) + 1):
        decoder = ResponsesDecoder()
        events = decoder.receive_data(stream[:cut])
        assert len(events) == len(read_event_stream(stream[:cut]).events), cut
        events += decoder.receive_data(stream[cut:])
        assert _deltas(events) == ["one", "two", "three", "four", "five"], cut


# -- 5: what looks like a line ------------------------------------------------------------------


@everywhere
def test_05_data_inside_of_text_is_text(around: Surroundings) -> None:
    inner = 'data: {"type":"response.refusal.delta","delta":"x"}'
    text = f"{inner}\n\nevent: x\n{inner}\n\n"
    for payload in (_delta(text), _delta("x", item_id=inner), _delta("x", **{inner: inner})):
        assert len(re.findall(rb"data: \{", around.block(payload))) > 1

        (event,) = _decode_trap(around, around.block(payload))
        assert isinstance(event, OutputTextDelta)
        assert event.delta == json.loads(payload)["delta"]


@everywhere
def test_05_data_inside_of_other_lines_is_no_data(around: Surroundings) -> None:
    payload = _delta("x").encode()
    hidden = b'data: {"type":"response.refusal.delta","delta":"y"}'
    for line in (b"event: " + hidden, b"event:" + hidden, b": " + hidden, b"id: " + hidden):
        block = line + around.end + b"data: " + payload + around.end + around.end
        assert len(re.findall(rb"data: (.*)", block)) > 1

        assert _deltas(_decode_trap(around, block)) == ["x"]
    for line in (b"event: x" + hidden, b"metadata: " + payload, b" " + hidden, b"data : {}"):
        assert _decode_trap(around, line + around.end + around.end) == []


@everywhere
def test_05_lines_before_the_data_are_read_and_not_passed_over(around: Surroundings) -> None:
    payload = _delta("x").encode()
    for line in (
        b"id: 1",
        b"retry: 1",
        b": comment",
        b"",
        b"x",
        b"event: a" + around.end + b"event",
    ):
        block = line + around.end + b"data: " + payload + around.end + around.end
        assert _deltas(_decode_trap(around, block)) == ["x"]
        for name, chunks in _readings(_with_neighbours(around, [block, block])).items():
            decoder = ResponsesDecoder()
            for chunk in chunks:
                decoder.receive_data(chunk)
            assert decoder.comments_received == 2 * line.startswith(b":"), name
    # Lines of data before it are data.
    for line, found in ((b"data: 1", b"1\n"), (b"data: []", b"[]\n"), (b"data: 1,", b"1,\n")):
        block = line + around.end + b"data: " + payload + around.end + around.end
        assert _raws(_decode_trap(around, block)) == [found + payload]
    block = b"data" + around.end + b"data: " + payload + around.end + around.end
    assert _deltas(_decode_trap(around, block)) == ["x"]


@everywhere
def test_05_a_payload_begins_after_one_space_and_no_more(around: Surroundings) -> None:
    payload = _delta("x").encode()
    for before in (b"data:", b"data: ", b"data:  ", b"data:\t"):
        block = before + payload + around.end + around.end
        assert _deltas(_decode_trap(around, block)) == ["x"]
    # White space that JSON does not know.
    block = around.block(b"\x0b" + payload)
    assert _raws(_decode_trap(around, block)) == [b"\x0b" + payload]


# -- 6: what is no decoding error ---------------------------------------------------------------


@everywhere
@pytest.mark.parametrize(
    "payload",
    [
        b'{"type":"response.output_text.delta","delta":"\xff"}',
        b'{"type":"response.output_text.delta","delta":"x","obfuscation":"\xe2\x82"}',
        b'{"type":"response.output_text.delta","delta":"x","\xff":1}',
        b'{"type":"response.output_text.delta","delta":"x","y":{"\xff":["\xed\xa0\x80"]}}',
        b'{"type":"response.output_item.done","item":{"type":"\xff"}}',
        b'{"type":"response.completed","response":{"id":"\xff"}}',
        b"\xef\xbb\xbf" + _delta("x").encode(),
    ],
)
def test_06_what_is_not_utf8_is_no_event(around: Surroundings, payload: bytes) -> None:
    assert _raws(_decode_trap(around, around.block(payload))) == [payload]


def test_06_the_json_decoder_passes_over_bad_utf8_in_what_it_skips() -> None:
    payload = b'{"type":"response.output_text.delta","delta":"x","obfuscation":"\xff"}'
    assert msgspec.json.decode(payload, type=OutputTextDelta).delta == "x"
    # The former up to msgspec 0.22, the latter since.
    with pytest.raises((UnicodeDecodeError, msgspec.DecodeError)):
        msgspec.json.decode(b'{"delta":"\xff"}', type=OutputTextDelta)
    with pytest.raises(UnicodeEncodeError):
        msgspec.json.decode('"\ud800"')


def test_06_text_with_half_a_surrogate_pair_is_no_event() -> None:
    text = '{"type":"response.output_text.delta","delta":"\ud800"}'
    (event,) = ResponsesDecoder().receive_message(text)
    assert isinstance(event, MalformedEvent)
    assert event.raw.decode("utf-8", "surrogatepass") == text
    assert decode_response_event(text) == event


# -- 7: nesting ---------------------------------------------------------------------------------


def _nested(levels: int, filler: str = "") -> str:
    """An event as deep as that: the object of the event is the first level."""
    return _delta("x", filler=filler)[:-1] + f',"y":{"[" * (levels - 1)}{"]" * (levels - 1)}}}'


@everywhere
@pytest.mark.parametrize("filler", ["", "[" * 2_000, '\\"[{' * 200], ids=["short", "long", "odd"])
def test_07_the_limit_of_nesting_is_ours(around: Surroundings, filler: str) -> None:
    assert _deltas(_decode_trap(around, around.block(_nested(128, filler)))) == ["x"]
    for levels in (129, 200, 3_000):
        payload = _nested(levels, filler).encode()
        assert _raws(_decode_trap(around, around.block(payload))) == [payload]


def test_07_the_json_decoder_has_a_limit_of_its_own() -> None:
    payload = _nested(50_000)
    with pytest.raises(RecursionError):
        msgspec.json.decode(payload, type=OutputTextDelta)

    for chunks in _readings([SURROUNDINGS[0].block(payload)]).values():
        assert _raws(_decode(chunks)[:-1]) == [payload.encode()]


@everywhere
@pytest.mark.parametrize("max_depth", [2, 3, 100, 128])
def test_07_the_smallest_event_that_can_be_too_deep(around: Surroundings, max_depth: int) -> None:
    """Short payloads cannot be deep, but how short is that? An empty name will do for a member."""
    for row in ROWS:
        if row.is_output and not any(field.required for field in fields(row.cls)):
            for levels, cls in ((max_depth, row.cls), (max_depth + 1, MalformedEvent)):
                inner = "[" * (levels - 1) + "]" * (levels - 1)
                block = around.block(f'{{"type":"{row.type}","":{inner}}}')
                for name, chunks in _readings([around.block(_delta("x")), block]).items():
                    event = _decode(chunks, max_depth=max_depth)[1]
                    assert type(event) is cls, (name, row.type, levels)


@everywhere
def test_07_the_limit_holds_for_each_event_and_not_for_a_batch(around: Surroundings) -> None:
    blocks = [around.block(_nested(levels)) for levels in (128, 100, 128, 2)]
    assert _deltas(_decode_trap(around, *blocks)) == ["x"] * 4
    # Brackets that one payload leaves open and another closes.
    opened, closed = b'{"type":' + b"[" * 150, b"]" * 150 + b"}"
    blocks = [around.block(opened), around.block(closed)]
    assert _raws(_decode_trap(around, *blocks)) == [opened, closed]


# -- 8: the tag ---------------------------------------------------------------------------------


@everywhere
def test_08_what_has_no_type_is_no_event(around: Surroundings) -> None:
    payload = b'{"delta":"x"}'
    assert msgspec.json.decode(payload, type=OutputTextDelta).delta == "x"

    assert _raws(_decode_trap(around, around.block(payload))) == [payload]


@everywhere
def test_08_the_type_says_what_it_is_and_not_the_name_of_the_event(around: Surroundings) -> None:
    payloads = {
        '{"delta":"x","type":"response.refusal.delta"}': RefusalDelta,
        '{"type":"response.new.delta","delta":"x"}': UnknownEvent,
        '{"type":null,"delta":"x"}': MalformedEvent,
        '{"delta":"x","type":"response.output_text.delta"}': OutputTextDelta,
    }
    blocks = [around.block(payload, b"response.output_text.delta") for payload in payloads]
    blocks += [around.block(payload, b"response.completed") for payload in payloads]
    events = _decode_trap(around, *blocks)
    assert [type(event) for event in events] == [*payloads.values()] * 2


# -- 9: numbers ---------------------------------------------------------------------------------


@everywhere
def test_09_integers_have_no_bounds_and_minus_zero_is_one(around: Surroundings) -> None:
    for digits in ("9" * 400, "-" + "9" * 40, "-0", "9223372036854775808"):
        payload = _delta("x")[:-1] + f',"sequence_number":{digits},"content_index":{digits}}}'
        (event,) = _decode_trap(around, around.block(payload))
        assert isinstance(event, OutputTextDelta)
        assert (event.sequence_number, event.content_index) == (int(digits), int(digits))
        assert not event.notes


@everywhere
@pytest.mark.parametrize("number", ["1.0", "1e2", "-0.0", "1e400", "true", "9" * 5_000])
def test_09_what_is_no_integer_is_none(around: Surroundings, number: str) -> None:
    payload = _delta("x")[:-1] + f',"content_index":{number}}}'
    assert _raws(_decode_trap(around, around.block(payload))) == [payload.encode()]
    payload = _delta("x")[:-1] + f',"sequence_number":{number}}}'
    (event,) = _decode_trap(around, around.block(payload))
    assert isinstance(event, OutputTextDelta)
    assert event.sequence_number is msgspec.UNSET
    assert [(note.field, note.raw) for note in event.notes] == [
        ("sequence_number", number.encode())
    ]


@everywhere
def test_09_a_number_beyond_all_bounds_passes_where_nobody_reads_it(around: Surroundings) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"1e400")
    assert _deltas(_decode_trap(around, around.block(_delta("x")[:-1] + ',"y":[1e400]}'))) == ["x"]
    payload = '{"type":"response.output_item.done","item":1e400,"agent":1e400}'
    (event,) = _decode_trap(around, around.block(payload))
    assert isinstance(event, OutputItemDone)
    assert not event.notes
    # Asking for it does not raise either.
    assert isinstance(event.agent, MalformedPart)
    assert isinstance(event.item, MalformedPart)


# -- 10: what holds on to a batch ---------------------------------------------------------------


def test_10_a_raw_value_holds_on_to_what_it_was_cut_from() -> None:
    """The trap itself: as long as one value lives, so does the whole batch."""
    batch = b'{"item":{"id":1}}\n' * 500
    before = sys.getrefcount(batch)
    kept = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode_lines(batch)[0]["item"]
    assert len(bytes(kept)) < 20
    assert sys.getrefcount(batch) > before


@everywhere
@pytest.mark.parametrize("size", [64 * KIB, 16 * KIB, 700])
def test_10_an_event_that_is_kept_keeps_nothing_else(around: Surroundings, size: int) -> None:
    """One small event out of each 64 KiB is kept, with its raw members, and nothing with it."""
    item = '{"type":"response.output_item.done","item":{"type":"message","id":"%s"}}'
    blocks = [around.block(_delta("x" * 500)) for _ in range(100)]
    blocks.insert(50, around.block(item % ("m" * 100)))
    # Not plain, and so on the slow path: the same must hold there.
    blocks.insert(70, b": comment\n" + around.block(item % ("n" * 100)))
    chunks = Cut((size,))(b"".join(blocks))
    decoder = ResponsesDecoder()
    rounds = 30
    kept: list[ResponseEvent] = []
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(rounds):
            for chunk in chunks:
                events = decoder.receive_data(chunk)
                kept += [event for event in events if isinstance(event, OutputItemDone)]
                del events
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept) == 2 * rounds
    assert after - before < 2 * rounds * 2_000 + 2 * size


# -- 11: a slow way around ----------------------------------------------------------------------


def test_11_values_are_decoded_from_bytes_and_never_converted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`msgspec.convert` into a union this large costs 40 microseconds a call."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("msgspec.convert was called")

    monkeypatch.setattr(msgspec, "convert", refuse)
    payloads = [_delta("x"), _delta("x", sequence_number="y"), '{"type":"ping"}', "{", "[]"]
    stream = b"".join(SURROUNDINGS[0].block(payload) for payload in payloads)
    assert len(_decode([stream])) == len(payloads) + 1
    # Nor under another name.
    for path in sorted(Path(codex_proto.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Attribute):
                names.append(node.attr)
            assert "convert" not in names, path.name


# -- 12: reasons --------------------------------------------------------------------------------


@everywhere
def test_12_a_reason_is_about_the_one_payload(around: Surroundings) -> None:
    payloads = [
        b'{"type":"response.output_text.delta","delta":"x"',
        b'{"type":"response.output_text.delta","delta":5}',
        b'{"type":"response.output_text.delta","delta":"\xff"}',
        b'{"type":"response.output_text.delta"}',
        b'{"type":"response.output_text.delta","delta":"x"}}',
        b'{"type":"response.output_text.delta","delta":"x","y":' + b"[" * 300 + b"]" * 300 + b"}",
        b"nonsense",
    ]
    alone = [decode_response_event(payload) for payload in payloads]
    reasons = [event.reason for event in alone if isinstance(event, MalformedEvent)]
    assert len(set(reasons)) == len(payloads), "each is wrong in its own way"
    assert any("byte" in reason for reason in reasons), "and some are told by offset"

    assert _decode_trap(around, *map(around.block, payloads)) == alone
    for payload, expected in zip(payloads, alone, strict=True):
        assert _decode_trap(around, around.block(payload)) == [expected]


@everywhere
def test_12_a_note_is_about_the_one_payload(around: Surroundings) -> None:
    payload = _delta("x", sequence_number="y", stream_id=[1])
    (event,) = _decode_trap(around, around.block(payload))
    assert isinstance(event, WireEvent)
    assert event == decode_response_event(payload)
    assert {note.field for note in event.notes} == {"sequence_number", "stream_id"}


# -- 13: limits ---------------------------------------------------------------------------------


def _sized_block(around: Surroundings, size: int, payload: str) -> bytes:
    """A block of that size, line ends counted as one byte each and the last ones not at all."""
    block = around.block(payload.replace("?", "x" * (size - _size_of(around.block(payload)) + 1)))
    assert _size_of(block) == size
    return block


# One for each of the ways that a payload can take: decoded at once, with a second look, unknown,
# no event, and no JSON.
_SIZED: Final = {
    "output": _delta("?"),
    "ping": '{"type":"ping","cost":"?"}',
    "noted": _delta("?", sequence_number="x"),
    "unknown": '{"type":"response.news","x":"?"}',
    "malformed": '{"type":5,"x":"?"}',
    "nonsense": "?",
}


def _size_of(block: bytes) -> int:
    return len(block.replace(b"\r\n", b"\n").removesuffix(b"\n\n"))


def _line_size_of(block: bytes) -> int:
    return max(map(len, block.splitlines()))


@pytest.mark.exhaustive
@everywhere
@pytest.mark.parametrize(
    ("size", "kind"),
    [
        *((size, kind) for size in (300, 9_000) for kind in sorted(_SIZED)),
        (4_096, "output"),
        (8_192, "output"),
        (70_000, "output"),
    ],
)
def test_13_a_limit_is_the_same_on_every_path_and_in_every_cut(
    around: Surroundings, size: int, kind: str
) -> None:
    """Just as large as allowed, with neighbours that together are larger; then one byte more."""
    block = _sized_block(around, size, _SIZED[kind])
    line_size = _line_size_of(block)
    (event,) = _decode([block])[:-1]
    blocks = _with_neighbours(around, [block])
    for name, chunks in _readings(blocks).items():
        limits = {"max_event_size": size, "max_line_size": line_size}
        events = _decode(chunks, **limits)
        assert events[len(BEFORE)] == event, name
        events.remove(event)
        assert _deltas(events[:-1]) == [*BEFORE, *AFTER], name

        for limit_name, limit in (("max_event_size", size), ("max_line_size", line_size)):
            events = _decode(chunks, **{limit_name: limit - 1})
            assert _deltas(events[:-1]) == BEFORE, (name, limit_name)
            error = EventTooLarge(limit_name=limit_name, limit=limit - 1)
            assert events[-1] == StreamFailed(error), (name, limit_name)


@everywhere
def test_13_a_limit_holds_for_every_line(around: Surroundings) -> None:
    """The line that is too long is not that of the data, which is as short as ever."""
    block = around.block(_delta("x"), b"x" * 10_000)
    done = around.block('{"type":"response.completed","response":{}}')
    for limits in ({"max_line_size": 9_000}, {"max_event_size": 9_000}):
        # Twice: what was seen once may be known the next time.
        for name, chunks in _readings([*_with_neighbours(around, [block]), block, done]).items():
            (limit_name,) = limits
            error = EventTooLarge(limit_name=limit_name, limit=9_000)
            assert _deltas(_decode(chunks, **limits)[:-1]) == BEFORE, (name, limits)
            assert _decode(chunks, **limits)[-1] == StreamFailed(error), (name, limits)
    for chunks in _readings([*_with_neighbours(around, [block]), block, done]).values():
        limits = {"max_line_size": 10_007, "max_event_size": 11_000}
        assert isinstance(_decode(chunks, **limits)[-1], Completed)


@everywhere
def test_13_an_event_before_the_limit_may_still_be_the_outcome(around: Surroundings) -> None:
    block = _sized_block(around, 10_000, _delta("?"))
    done = around.block('{"type":"response.completed","response":{}}')
    for name, chunks in _readings([done, block]).items():
        (event,) = _decode(chunks, max_event_size=9_000)
        assert isinstance(event, Completed), name
