"""Framing, for any bytes in any cut: beside the reference decoder, and beside itself."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.errors import EventTooLarge, LocalProtocolError
from codex_proto.sse import (
    EventStreamBlock,
    EventStreamDecoder,
    EventStreamEncoder,
    ServerSentEvent,
)
from tests.properties.reference import EventStream, read_event_stream
from tests.properties.strategies import (
    BOM,
    LINE_ENDS,
    ONE_BYTE,
    WHOLE,
    Cut,
    cuts,
    event_streams,
    limits,
    loose_streams,
    mutated,
    share,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Limits: TypeAlias = dict[str, int]

KIB: Final = 1024
MIB: Final = 1024 * KIB


@dataclass
class Decoded:
    """What became of a stream."""

    decoder: EventStreamDecoder
    events: list[ServerSentEvent] = field(default_factory=list)
    blocks: list[EventStreamBlock] = field(default_factory=list)


def _events(stream: bytes, cut: Cut, **limits: int) -> Decoded:
    decoded = Decoded(EventStreamDecoder(**limits))
    for chunk in cut(stream):
        decoded.events += decoded.decoder.receive_data(chunk)
    decoded.decoder.receive_eof()
    return decoded


def _blocks(stream: bytes, cut: Cut, **limits: int) -> Decoded:
    decoded = Decoded(EventStreamDecoder(**limits))
    for chunk in cut(stream):
        decoded.blocks += decoded.decoder.receive_blocks(chunk)
    decoded.decoder.receive_eof()
    decoded.events = [block.event for block in decoded.blocks if block.event is not None]
    return decoded


def _plain(event: ServerSentEvent) -> tuple[str, bytes, str, int | None]:
    return (event.event, event.data_bytes, event.id, event.retry)


def _agree(decoded: Decoded, stream: bytes, expected: EventStream) -> None:
    decoder = decoded.decoder
    assert [_plain(event) for event in decoded.events] == expected.events
    for event in decoded.events:
        assert event.data == event.data_bytes.decode("utf-8", "replace")
    assert decoder.events_received == len(expected.events)
    assert decoder.comments_received == expected.comments
    assert decoder.bytes_received == len(stream)
    assert decoder.retry == expected.retry
    assert decoder.last_event_id == expected.last_event_id
    if expected.failure is None:
        assert decoder.failure is None
        assert decoder.trailing_data == expected.trailing
    else:
        name, limit = expected.failure
        assert decoder.failure == EventTooLarge(limit_name=name, limit=limit)


def _any_stream() -> st.SearchStrategy[bytes]:
    return st.one_of(loose_streams(), event_streams(3), mutated(event_streams(3)))


# -- beside the reference -----------------------------------------------------------------------


@share(2)
@given(stream=_any_stream(), cut=cuts())
@example(stream=b"data: x\r\n\r\n", cut=ONE_BYTE)
@example(stream=b"data: x\r\r\ndata: y\n\r\n\n", cut=ONE_BYTE)
@example(stream=BOM + BOM + b"data: x\n\n", cut=ONE_BYTE)
@example(stream=BOM[:2], cut=ONE_BYTE)
@example(stream=BOM + b": comment\n:\n\n", cut=WHOLE)
@example(stream=b"data:\tx\ndata: \ty\ndata:  z\n\n", cut=WHOLE)
@example(stream=BOM + b"\nid: 1\n\ndata\n\n", cut=WHOLE)
def test_any_bytes_in_any_cut_are_what_the_reference_says(stream: bytes, cut: Cut) -> None:
    expected = read_event_stream(stream)
    for each in (cut, WHOLE, ONE_BYTE):
        _agree(_events(stream, each), stream, expected)
        decoded = _blocks(stream, each)
        _agree(decoded, stream, expected)
        assert [block.raw for block in decoded.blocks] == [block.raw for block in expected.blocks]
        handed_out = b"".join(block.raw for block in decoded.blocks)
        assert handed_out + decoded.decoder.trailing_data == stream


@share(2)
@given(stream=_any_stream(), cut=cuts(), limits=limits())
@example(stream=b"data: 123\n\n", cut=WHOLE, limits={"max_line_size": 9, "max_event_size": 9})
@example(stream=b"data: 123\n\n", cut=WHOLE, limits={"max_line_size": 8, "max_event_size": 9})
@example(stream=b"data: 123\n\n", cut=WHOLE, limits={"max_line_size": 9, "max_event_size": 8})
# The end of a block gives its bytes back.
@example(stream=b":123\n\n" * 9, cut=WHOLE, limits={"max_line_size": 9, "max_event_size": 8})
# A line end counts as one byte, whatever it is.
@example(stream=b":12\r\n:4\r\n\n", cut=WHOLE, limits={"max_line_size": 9, "max_event_size": 6})
@example(stream=b":12\r\n:45\r\n\n", cut=WHOLE, limits={"max_line_size": 9, "max_event_size": 6})
# Both limits are passed inside one line, the second one earlier in it.
@example(stream=b":1234\n:123456789\n", cut=WHOLE, limits={"max_line_size": 8, "max_event_size": 9})
# The mark at the start is one of the bytes of its line.
@example(stream=BOM + b"\n:\n\n", cut=ONE_BYTE, limits={"max_line_size": 2, "max_event_size": 9})
@example(stream=BOM + b"\n:\n\n", cut=WHOLE, limits={"max_line_size": 2, "max_event_size": 9})
def test_limits_give_the_same_verdict_in_any_cut(stream: bytes, cut: Cut, limits: Limits) -> None:
    expected = read_event_stream(stream, **limits)
    for each in (cut, WHOLE, ONE_BYTE):
        for decoded in (_events(stream, each, **limits), _blocks(stream, each, **limits)):
            _agree(decoded, stream, expected)
            raws = b"".join(block.raw for block in decoded.blocks)
            assert stream.startswith(raws)


@share(0.5)
@given(before=event_streams(3), after=event_streams(3), cut=cuts())
def test_a_passed_limit_is_final(before: bytes, after: bytes, cut: Cut) -> None:
    """What came before is handed out, what comes after is not, and the verdict stays."""
    limit = max(map(len, before.splitlines()), default=0) + 10
    complete = before + b"\n\n"
    stream = complete + b":" * (limit + 1) + b"\n\n" + after
    decoded = _events(stream, cut, max_line_size=limit)
    decoder = decoded.decoder
    failure = EventTooLarge(limit_name="max_line_size", limit=limit)
    assert decoder.failure == failure
    assert decoded.events == _events(complete, WHOLE).events
    assert decoder.bytes_received == len(stream)

    again = _events(complete + b":" * (limit + 1), cut, max_line_size=limit).decoder
    assert again.failure == failure
    assert again.last_event_id == decoder.last_event_id
    assert again.comments_received == decoder.comments_received


@given(stream=_any_stream(), cut=cuts(), buffer=st.sampled_from((bytearray, memoryview)))
def test_any_buffer_will_do_and_may_be_used_again(
    stream: bytes, cut: Cut, buffer: type[bytearray | memoryview]
) -> None:
    expected = _events(stream, WHOLE)
    decoder = EventStreamDecoder()
    events: list[ServerSentEvent] = []
    for chunk in cut(stream):
        shared = bytearray(chunk)
        events += decoder.receive_data(buffer(shared))
        shared[:] = b"!" * len(shared)
    assert events == expected.events
    assert decoder.trailing_data == expected.decoder.trailing_data


# -- the way back -------------------------------------------------------------------------------


def _message(id: str) -> dict[str, Any]:
    return {"event": "message", "data": "", "id": id, "retry": None}


@st.composite
def _event(draw: st.DrawFn) -> dict[str, Any]:
    """The arguments of an event, of which the format can express most."""
    lines = st.one_of(text(), st.sampled_from((" ", "  x", ":", "data: x", "")))
    ends = st.sampled_from(("\n", "\r\n", "\r", "\n\n", "\u2028", "\x0b", "\x85"))
    data = "".join(draw(st.lists(st.one_of(lines, ends), max_size=6)))
    # Mostly what can be expressed, or hardly an event would get through.
    names = ("message", "message", "m", "é", " x", "a:b", "", "a\nb", "\ud800")
    ids = ("", "", "1", "2", " ", "é", "a\rb", "\0", "\ud800")
    return {
        "event": draw(st.sampled_from(names)),
        "data": data,
        "id": draw(st.sampled_from(ids)),
        "retry": draw(st.sampled_from((None, None, None, 0, 10**20, -1))),
    }


def _cannot_be_expressed(fields: dict[str, Any]) -> set[str]:
    """The fields that no stream could say, by the grammar of the standard."""
    refused = {
        name
        for name in ("event", "id")
        if {"\n", "\r"} & set(fields[name]) or not _has_utf8(fields[name])
    }
    if fields["event"] == "":
        refused.add("event")
    if "\0" in fields["id"]:
        refused.add("id")
    if fields["retry"] is not None and fields["retry"] < 0:
        refused.add("retry")
    return refused


def _has_utf8(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


@given(events=st.lists(_event(), max_size=4), cut=cuts())
@example(events=[_message(id) for id in ("1", "1", "", "2", "")], cut=WHOLE)
def test_what_is_encoded_decodes_to_equal_events(events: list[dict[str, Any]], cut: Cut) -> None:
    encoder = EventStreamEncoder()
    stream = b""
    expected = []
    last_id = ""
    for fields in events:
        refused = _cannot_be_expressed(fields)
        if fields["id"] == last_id:
            # An id that is the last one is not written, so whatever it is is no trouble.
            refused.discard("id")
        event = ServerSentEvent(**fields)
        if refused:
            with pytest.raises(LocalProtocolError) as raised:
                encoder.encode(event)
            assert raised.value.message.split(":")[0] in refused
            continue
        stream += encoder.encode(event)
        expected.append(event)
        last_id = fields["id"]
    decoded = _events(stream, cut)
    assert decoded.events == expected
    assert decoded.decoder.last_event_id == last_id
    assert not decoded.decoder.trailing_data


@given(data=st.text(), cut=cuts())
@example(data=" \r\r\n\n :", cut=ONE_BYTE)
def test_the_data_that_come_back_are_the_lines_that_went_in(data: str, cut: Cut) -> None:
    stream = EventStreamEncoder().encode(ServerSentEvent(data=data))
    (event,) = _events(stream, cut).events
    assert event.data == data.replace("\r\n", "\n").replace("\r", "\n")


@given(texts=st.lists(text(), max_size=4), cut=cuts())
def test_comments_are_counted_and_are_no_events(texts: list[str], cut: Cut) -> None:
    encoder = EventStreamEncoder()
    stream = b""
    written = 0
    for comment in texts:
        if {"\n", "\r"} & set(comment):
            with pytest.raises(LocalProtocolError, match=r"^text: "):
                encoder.encode_comment(comment)
            continue
        stream += encoder.encode_comment(comment)
        written += 1
    decoded = _events(stream + b"data: x\n\n", cut)
    assert decoded.decoder.comments_received == written
    assert decoded.events == [ServerSentEvent(data="x")]


def test_data_without_utf8_are_refused_before_they_are_an_event() -> None:
    with pytest.raises(LocalProtocolError, match=r"^data: "):
        ServerSentEvent(data="\ud800")


# -- bounds -------------------------------------------------------------------------------------


def _peak(decoder: EventStreamDecoder, chunks: Iterator[bytes]) -> int:
    """The most memory that the decoder held while it took these chunks."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for chunk in chunks:
            decoder.receive_data(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before


@pytest.mark.parametrize("end", LINE_ENDS, ids=("lf", "crlf", "cr"))
@pytest.mark.parametrize("size", [1_000, 64 * KIB])
def test_memory_does_not_grow_with_a_stream_of_events(end: bytes, size: int) -> None:
    stream = (b": c" + end + end + b"id: 5" + end + b"data: " + b"x" * 900 + end + end) * 500
    chunks = Cut((size,))(stream)
    decoder = EventStreamDecoder()
    rounds = 10
    peak = _peak(decoder, (chunk for _ in range(rounds) for chunk in chunks))
    assert decoder.bytes_received == rounds * len(stream) > 4 * MIB
    assert decoder.events_received == rounds * 500
    assert peak < 6 * size + 100 * KIB


def test_memory_of_comments_without_an_end_is_limited() -> None:
    """A block that never ends: nothing but comments, none of which is an event."""
    chunk = b": keepalive\n" * 2_000
    decoder = EventStreamDecoder(max_event_size=200 * KIB)
    peak = _peak(decoder, (chunk for _ in range(200)))
    assert decoder.bytes_received > 4 * MIB
    assert decoder.failure == EventTooLarge(limit_name="max_event_size", limit=200 * KIB)
    # A short line weighs several times its bytes.
    assert peak < 10 * 200 * KIB


@pytest.mark.parametrize("size", [64, 1_000, 64 * KIB])
def test_memory_of_a_line_without_an_end_is_limited(size: int) -> None:
    chunk = b"x" * size
    decoder = EventStreamDecoder(max_line_size=100 * KIB)
    peak = _peak(decoder, (chunk for _ in range(4 * MIB // size + 1)))
    assert decoder.bytes_received > 4 * MIB
    assert decoder.failure == EventTooLarge(limit_name="max_line_size", limit=100 * KIB)
    assert peak < 100 * KIB + 2 * size + 100 * KIB
    assert len(decoder.trailing_data) <= 100 * KIB + size


def test_a_long_line_in_small_reads_is_joined_once() -> None:
    """Were it joined at each read, this would copy 128 GiB and not end before the day does."""
    payload = b"x" * (4 * MIB)
    stream = b"data: " + payload + b"\n\n"
    decoder = EventStreamDecoder()
    view = memoryview(stream)
    events: list[ServerSentEvent] = []
    for start in range(0, len(stream), 64):
        events += decoder.receive_data(view[start : start + 64])
    assert [event.data_bytes for event in events] == [payload]


def test_many_lines_in_small_reads_are_joined_once() -> None:
    lines = [b"data: %06d" % number for number in range(100_000)]
    stream = b"\n".join(lines) + b"\n\n"
    decoder = EventStreamDecoder()
    events = [event for chunk in Cut((64,))(stream) for event in decoder.receive_data(chunk)]
    assert [event.data_bytes.count(b"\n") for event in events] == [len(lines) - 1]


@pytest.mark.parametrize(
    "chunk", [b":\n", b"a\n", b"data\n", b"x"], ids=["comments", "fields", "data", "one line"]
)
@pytest.mark.parametrize("size", [2, 4096], ids=["tiny reads", "reads"])
def test_tiny_pieces_cost_about_what_they_hold(chunk: bytes, size: int) -> None:
    """As an object of its own each piece would take thirty times its bytes."""
    decoder = EventStreamDecoder()
    held_size = 64 * KIB if size == 2 else 256 * KIB
    reads = [(chunk * size)[:size]] * (held_size // size)
    tracemalloc.start()
    try:
        for read in reads:
            # A copy: the same object again and again would cost nothing.
            decoder.receive_data(bytes(bytearray(read)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(decoder.trailing_data) == held_size
    assert held < 4 * held_size
