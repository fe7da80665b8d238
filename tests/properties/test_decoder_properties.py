"""Decoding and streams, for any bytes in any cut: beside the reference decoder and beside itself.

One rule explains most of this file: what a stream means is settled by its bytes alone, and not by
how they were cut, which of the decoder's paths saw them, or what was asked in between.
"""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_args

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from codex_proto import MalformedEvent, MalformedPart
from codex_proto.errors import (
    ApiError,
    ConnectionFailed,
    EventTooLarge,
    IdleTimeout,
    LocalProtocolError,
)
from codex_proto.responses import (
    ROWS,
    Completed,
    DerivedEvent,
    ResponseBlock,
    ResponseEvent,
    ResponsesDecoder,
    ResponseStreamState,
    Row,
    StreamFailed,
    WireEvent,
    decode_response_event,
    encode_response_event,
)
from codex_proto.sse import EventStreamDecoder
from tests.properties.plain import lazy_members, plain, plain_events, touch
from tests.properties.reference import (
    Stream,
    WebSocketReader,
    WrongType,
    convert,
    parse,
    read_message,
    read_sse,
)
from tests.properties.strategies import (
    NO_VALUES,
    ODD_VALUES,
    ONE_BLOCK,
    ONE_BYTE,
    WHOLE,
    Cut,
    cuts,
    event_streams,
    large_limits,
    limits,
    long_streams,
    messages,
    regular_members,
    share,
    streams,
)
from tests.recordings import Recording, recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Limits: TypeAlias = dict[str, Any]

KIB: Final = 1024
MIB: Final = 1024 * KIB


@dataclass
class Fed:
    """A decoder after a whole stream, and all that it handed out."""

    decoder: ResponsesDecoder
    events: list[ResponseEvent]


def _feed(stream: bytes, cut: Cut, **limits: Any) -> Fed:
    decoder = ResponsesDecoder(ends_as="codex", **limits)
    events = [event for chunk in cut(stream) for event in decoder.receive_data(chunk)]
    return Fed(decoder, events + decoder.receive_eof())


def _reference_events(expected: Stream) -> str:
    return "\n".join(map(repr, expected.events))


def _counters(decoder: ResponsesDecoder) -> tuple[int, int, int]:
    return (decoder.comments_received, decoder.events_discarded, decoder.done_markers)


def _agree(fed: Fed, expected: Stream) -> None:
    assert plain_events(fed.events) == _reference_events(expected)
    decoder = fed.decoder
    assert _counters(decoder) == (
        expected.comments_received,
        expected.events_discarded,
        expected.done_markers,
    )
    if expected.trailing is not None:
        assert _without_second_half(decoder.trailing_data) == expected.trailing
    _ended_once(fed)


def _without_second_half(trailing: bytes) -> bytes:
    """Without the LF of a CR LF whose CR has ended a block: to which it belongs is not settled."""
    return trailing.removeprefix(b"\n")


def _outcomes(events: list[ResponseEvent]) -> list[ResponseEvent]:
    return [event for event in events if isinstance(event, Completed | StreamFailed)]


def _ended_once(fed: Fed) -> None:
    assert _outcomes(fed.events) == [fed.decoder.outcome]
    assert fed.events[-1] is fed.decoder.outcome
    assert fed.decoder.receive_eof() == []
    assert fed.decoder.outcome is fed.events[-1]


# -- streams beside the reference ---------------------------------------------------------------


def _block(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (*lines, "")).encode()


_DELTA: Final = '{"type":"response.output_text.delta","delta":"d"}'
_DONE: Final = '{"type":"response.completed","response":{"id":"r"}}'


@share(2)
@given(stream=streams(), cut=cuts())
@example(stream=b"", cut=WHOLE)
@example(stream=_block(f"data: {_DELTA}") + b"\n", cut=WHOLE)
@example(stream=_block(f"data: {_DELTA}").replace(b"\n", b"\r\n"), cut=Cut((10_000, 1)))
@example(stream=_block(f"data: {_DELTA}")[:-1] + b"\r\n", cut=WHOLE)
@example(stream=_block(f"data: {_DELTA}", f"data: {_DELTA}"), cut=WHOLE)
@example(stream=_block(f"data: {_DONE}") * 2 + _block("data: [DONE]"), cut=WHOLE)
@example(stream=_block(f"data: {_DONE}")[:-2], cut=ONE_BYTE)
@example(stream=b"".join(_block(f"data: {d}") for d in (_DELTA, _DONE, _DELTA)), cut=ONE_BLOCK)
def test_any_stream_in_any_cut_is_what_the_reference_says(stream: bytes, cut: Cut) -> None:
    expected = read_sse(stream)
    whole = _feed(stream, WHOLE)
    _agree(whole, expected)
    for each in (cut, ONE_BYTE, ONE_BLOCK):
        fed = _feed(stream, each)
        _agree(fed, expected)
        # Reasons and notes as well, of which the reference knows nothing.
        assert fed.events == whole.events
    for event in whole.events:
        touch(event)


@share(0.2)
@given(stream=long_streams(), cut=cuts())
def test_long_streams_in_any_cut_are_what_the_reference_says(stream: bytes, cut: Cut) -> None:
    """Long enough for the reads to hold many events, and for one read to be taken in pieces."""
    expected = read_sse(stream)
    whole = _feed(stream, WHOLE)
    _agree(whole, expected)
    for each in (cut, Cut((16_384,)), Cut((200,)), ONE_BLOCK):
        fed = _feed(stream, each)
        _agree(fed, expected)
        assert fed.events == whole.events


@pytest.mark.parametrize("recording", [r for r in recordings() if r.size < 100_000], ids=str)
def test_recordings_are_what_the_reference_says(recording: Recording) -> None:
    expected = read_sse(recording.bytes)
    for cut in (WHOLE, ONE_BLOCK, Cut((200,)), Cut((1, 0, 30, 4_000))):
        _agree(_feed(recording.bytes, cut), expected)


@share(2)
@given(stream=streams(), cut=cuts(), limits=limits())
def test_limits_give_the_same_verdict_in_any_cut(stream: bytes, cut: Cut, limits: Limits) -> None:
    expected = read_sse(stream, **limits)
    for each in (cut, WHOLE, ONE_BYTE, ONE_BLOCK):
        _agree(_feed(stream, each, **limits), expected)


@share(0.3)
@given(stream=long_streams(), cut=cuts(), limits=large_limits())
def test_limits_that_are_rarely_passed_give_the_same_verdict(
    stream: bytes, cut: Cut, limits: Limits
) -> None:
    expected = _feed(stream, Cut((1_000,)), **limits)
    for each in (cut, WHOLE, ONE_BLOCK, Cut((700,))):
        fed = _feed(stream, each, **limits)
        assert fed.events == expected.events
        assert _counters(fed.decoder) == _counters(expected.decoder)


@given(stream=streams(), cut=cuts(), max_depth=st.integers(1, 6))
def test_the_depth_limit_gives_the_same_verdict_in_any_cut(
    stream: bytes, cut: Cut, max_depth: int
) -> None:
    expected = read_sse(stream, max_depth=max_depth)
    for each in (cut, WHOLE, Cut((200,)), ONE_BLOCK):
        _agree(_feed(stream, each, max_depth=max_depth), expected)


# -- the paths beside each other ----------------------------------------------------------------


def _decode_by_hand(stream: bytes) -> list[ResponseEvent]:
    """What the three public parts make of a stream without any short cut, before its end."""
    framing = EventStreamDecoder()
    state = ResponseStreamState("sse", profile="codex")
    return [
        handed_on
        for event in framing.receive_data(stream)
        if event.data_bytes != b"[DONE]"
        for handed_on in state.receive_events([decode_response_event(event.data_bytes)])
    ]


@share(0.5)
@given(stream=st.one_of(streams(), long_streams()), cut=cuts())
def test_the_short_cuts_lead_where_the_long_way_does(stream: bytes, cut: Cut) -> None:
    expected = _decode_by_hand(stream)
    for each in (cut, WHOLE, Cut((200,)), Cut((4_000,)), ONE_BLOCK):
        decoder = ResponsesDecoder(ends_as="codex")
        assert [e for chunk in each(stream) for e in decoder.receive_data(chunk)] == expected


@given(stream=streams(), cut=cuts())
def test_blocks_have_the_same_events_and_all_the_bytes(stream: bytes, cut: Cut) -> None:
    expected = _feed(stream, WHOLE)
    for each in (cut, WHOLE, ONE_BYTE):
        decoder = ResponsesDecoder(ends_as="codex")
        blocks = [block for chunk in each(stream) for block in decoder.receive_blocks(chunk)]
        assert b"".join(block.raw for block in blocks) + decoder.trailing_data == stream
        events = [event for block in blocks for event in block.events]
        assert events + decoder.receive_eof() == expected.events
        assert _counters(decoder) == _counters(expected.decoder)
        assert decoder.outcome == expected.decoder.outcome
        for place, block in enumerate(blocks):
            _block_stands_for_itself(block, is_first=place == 0)


def _block_stands_for_itself(block: ResponseBlock, *, is_first: bool) -> None:
    """What a block's bytes say on their own is what came with it, but for the response's end."""
    # With a comment before them, since a byte order mark is one at the start of a stream only.
    raw = block.raw if is_first else b":\n" + block.raw
    framed = EventStreamDecoder().receive_data(raw)
    said = [decode_response_event(e.data_bytes) for e in framed if e.data_bytes != b"[DONE]"]
    derived = (StreamFailed, *get_args(DerivedEvent))
    told = [event for event in block.events if not isinstance(event, derived)]
    assert told in (said, [], said + told[len(said) :])


@given(stream=streams(), cut=cuts(), limits=limits())
def test_blocks_end_at_the_same_limit(stream: bytes, cut: Cut, limits: Limits) -> None:
    expected = _feed(stream, WHOLE, **limits)
    decoder = ResponsesDecoder(ends_as="codex", **limits)
    blocks = [block for chunk in cut(stream) for block in decoder.receive_blocks(chunk)]
    assert stream.startswith(b"".join(block.raw for block in blocks))
    events = [event for block in blocks for event in block.events]
    assert events + decoder.receive_eof() == expected.events


@share(0.5)
@given(
    stream=st.one_of(streams(), long_streams()),
    cut=cuts(),
    turns=st.lists(st.sampled_from(("data", "blocks", "bytearray", "ask")), min_size=1, max_size=6),
)
def test_what_is_asked_in_between_and_how_it_is_fed_changes_nothing(
    stream: bytes, cut: Cut, turns: list[str]
) -> None:
    expected = _feed(stream, WHOLE)
    decoder = ResponsesDecoder(ends_as="codex")
    events: list[ResponseEvent] = []
    for number, chunk in enumerate(cut(stream)):
        match turns[number % len(turns)]:
            case "blocks":
                events += [e for block in decoder.receive_blocks(chunk) for e in block.events]
            case "bytearray":
                shared = bytearray(chunk)
                events += decoder.receive_data(shared)
                shared[:] = b"!" * len(shared)
            case "ask":
                _counters(decoder)
                assert stream.find(decoder.trailing_data) >= 0
                events += decoder.receive_data(memoryview(chunk))
                assert (decoder.outcome is None) == (not _outcomes(events))
            case _:
                events += decoder.receive_data(chunk)
    events += decoder.receive_eof()
    assert events == expected.events
    assert _counters(decoder) == _counters(expected.decoder)
    trailing = _without_second_half(decoder.trailing_data)
    assert trailing == _without_second_half(expected.decoder.trailing_data)


# -- messages -----------------------------------------------------------------------------------


@share(3)
@given(message=messages())
@example(message=b'{"type":5,"type":"ping"}')
@example(message=b'{"type":"ping","type":5}')
@example(message=b'{"type":"ping","type":"keepalive"}')
@example(message=b'{"type":"ping","\\ud800":0}')
@example(message=b'{"type":"error","error":{"code":[],"code":"c"}}')
@example(message=b'{"type":"ping","codex_proto:notes":[]}')
@example(message=b'{"type":"response.created","response":{"id":1e400}}')
@example(message=b'{"type":"response.output_text.delta","delta":"d","sequence_number":1.0}')
def test_any_message_is_what_the_reference_says(message: bytes) -> None:
    event = decode_response_event(message)
    assert repr(plain(event)) == repr(read_message(message))
    assert decode_response_event(bytearray(message)) == event
    assert decode_response_event(memoryview(message)) == event
    try:
        text = message.decode()
    except UnicodeDecodeError:
        assert isinstance(event, MalformedEvent)
    else:
        assert decode_response_event(text) == event
    _asked_for(event)


def _asked_for(event: object) -> None:
    """Everything that is decoded by asking is what the reference says, or says what is wrong."""
    touch(event)
    for name, type_, raw, given_ in lazy_members(event):
        if not isinstance(plain(raw), bytes):
            assert given_ is None
            continue
        try:
            expected = convert(parse(plain(raw).decode()), type_ | None)
        except WrongType:
            assert isinstance(given_, MalformedPart)
            assert (given_.field, given_.raw) == (name, bytes(raw))
        else:
            assert repr(plain(given_)) == repr(expected)


@share(2)
@given(message=messages())
@example(message=b'{"type":"ping","sequence_number":"x","stream_id":[1e400],"agent":{ }}')
def test_what_is_encoded_decodes_to_an_equal_event(message: bytes) -> None:
    event = decode_response_event(message)
    encoded = encode_response_event(event)
    again = decode_response_event(encoded)
    assert again == event
    if isinstance(event, WireEvent) and isinstance(again, WireEvent):
        assert again.notes == event.notes
        assert encode_response_event(again) == encoded


@pytest.mark.exhaustive
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)
def test_every_member_with_every_odd_value(row: Row) -> None:
    """Each member of each type in turn: absent, null, of each wrong type, and twice."""
    regular = regular_members(row.type)
    names = [*regular, "type", "unheard_of"]
    seen = set()
    for name in names:
        others = {other: value for other, value in regular.items() if other != name}
        head = {} if name == "type" else {"type": json.dumps(row.type)}
        without = _object(head | others)
        for message in (without, *(_one_more(without, name, value) for value in _ODDITIES)):
            event = decode_response_event(message)
            assert repr(plain(event)) == repr(read_message(message.encode())), message
            if hasattr(event, f"raw_{name}"):
                _asked_for(event)
            if isinstance(event, WireEvent):
                assert decode_response_event(encode_response_event(event)) == event, message
            seen.add(type(event).__name__)
    assert {row.cls.__name__, "MalformedEvent"} <= seen


_ODDITIES: Final = (*ODD_VALUES, *NO_VALUES)


def _object(members: dict[str, str]) -> str:
    inner = ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items())
    return f"{{{inner}}}"


def _one_more(message: str, name: str, value: str) -> str:
    return f"{message[:-1]}{',' if len(message) > 2 else ''}{json.dumps(name)}:{value}}}"


@given(
    fed=st.lists(messages(), max_size=8),
    end=st.sampled_from(("eof", "close", "binary", "error")),
    as_text=st.booleans(),
)
@example(fed=[b'{"type":"error","headers":[],"status":400}'], end="eof", as_text=False)
def test_any_messages_are_what_the_reference_says(
    fed: list[bytes], end: str, as_text: bool
) -> None:
    decoder = ResponsesDecoder(ends_as="codex")
    reader = WebSocketReader()
    for message in fed:
        events = decoder.receive_message(_as_text(message) if as_text else message)
        assert plain_events(events) == "\n".join(map(repr, reader.receive(message)))
        assert decoder.events_discarded == reader.discarded
        assert len(_outcomes(events)) <= 1
        assert not _outcomes(events[:-1])
        for event in events:
            touch(event)
    last, expected = _end_connection(decoder, reader, end)
    assert plain_events(last) == "\n".join(map(repr, expected))
    assert repr(plain(decoder.outcome)) == repr(reader.response.outcome)
    assert decoder.receive_eof() == []


def _as_text(message: bytes) -> str | bytes:
    try:
        return message.decode()
    except UnicodeDecodeError:
        return message


def _end_connection(
    decoder: ResponsesDecoder, reader: WebSocketReader, end: str
) -> tuple[list[ResponseEvent], list[Any]]:
    match end:
        case "close":
            return decoder.receive_close(1001, "gone"), reader.receive_close(1001, "gone")
        case "binary":
            return decoder.receive_binary(), reader.receive_end("UnexpectedBinary")
        case "error":
            return decoder.receive_error(IdleTimeout("idle")), reader.receive_end("IdleTimeout")
        case _:
            return decoder.receive_eof(), reader.receive_eof()


# -- any order of calls -------------------------------------------------------------------------

# What can be said to a decoder, and what for: a transport of its own, or the end of any.
_CALLS: Final[dict[str, Callable[[ResponsesDecoder, bytes], list[ResponseEvent]]]] = {
    "receive_data": lambda decoder, data: decoder.receive_data(data),
    "receive_blocks": lambda decoder, data: [
        event for block in decoder.receive_blocks(data) for event in block.events
    ],
    "receive_message": lambda decoder, data: decoder.receive_message(data),
    "receive_binary": lambda decoder, _: decoder.receive_binary(),
    "receive_close": lambda decoder, data: decoder.receive_close(len(data), "reason"),
    "receive_error": lambda decoder, _: decoder.receive_error(ConnectionFailed("broken")),
    "receive_eof": lambda decoder, _: decoder.receive_eof(),
}
_TRANSPORT: Final = {
    "receive_data": "sse",
    "receive_blocks": "sse",
    "receive_message": "websocket",
    "receive_binary": "websocket",
    "receive_close": "websocket",
}
_ENDS: Final = ("receive_close", "receive_error", "receive_eof")


@given(
    calls=st.lists(
        st.tuples(st.sampled_from(sorted(_CALLS)), st.one_of(event_streams(2), messages())),
        max_size=8,
    )
)
def test_any_order_of_calls_raises_at_the_caller_only(calls: list[tuple[str, bytes]]) -> None:
    """A wrong call is told by name, changes nothing, and never has to do with the bytes."""
    decoder = ResponsesDecoder()
    transport: str | None = None
    ended = False
    for name, data in calls:
        wanted = _TRANSPORT.get(name)
        if wanted is not None and (ended or transport not in (None, wanted)):
            before = decoder.outcome
            with pytest.raises(LocalProtocolError, match=f"^{name}: "):
                _CALLS[name](decoder, data)
            assert decoder.outcome is before
            continue
        had_ended = decoder.outcome is not None
        events = _CALLS[name](decoder, data)
        transport = transport or wanted
        ended = ended or name in _ENDS
        if had_ended and transport != "websocket":
            assert events == []
        if ended:
            assert decoder.outcome is not None
        for event in events:
            touch(event)
        if _outcomes(events):
            assert events[-1] is decoder.outcome


# -- bounds -------------------------------------------------------------------------------------


def _peak(chunks: Iterator[bytes], receive: Callable[[bytes], object]) -> int:
    """The most memory that was held while these chunks were taken and their events dropped."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for chunk in chunks:
            receive(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before


_TEXT: Final = json.dumps(
    {"type": "response.output_text.delta", "item_id": "m" * 55, "delta": "d" * 200}
)
_ITEM: Final = json.dumps(
    {"type": "response.output_item.done", "item": {"type": "message", "id": "m", "x": "y" * 500}}
)
_STREAMS: Final = {
    "plain": _block("event: response.output_text.delta", f"data: {_TEXT}"),
    "items": _block("event: x", f"data: {_TEXT}") + _block("event: y", f"data: {_ITEM}"),
    "irregular": _block("id: 1", f"data: {_TEXT}") + _block(": comment", "data: nonsense"),
    "crlf": _block(f"data: {_TEXT}").replace(b"\n", b"\r\n"),
    "unknown": _block('data: {"type":"response.new_thing"}'),
}


@pytest.mark.parametrize("size", [300, 16 * KIB, 200 * KIB])
@pytest.mark.parametrize("kind", sorted(_STREAMS))
def test_memory_does_not_grow_with_the_stream(kind: str, size: int) -> None:
    stream = _STREAMS[kind] * (200 * KIB // len(_STREAMS[kind]))
    chunks = Cut((size,))(stream)
    decoder = ResponsesDecoder()
    rounds = 3
    first = _peak(iter(chunks), decoder.receive_data)
    peak = _peak((chunk for _ in range(rounds) for chunk in chunks), decoder.receive_data)
    # The events of one read, a few times over, and no more for more reads.
    assert peak < 1.5 * first + 64 * KIB
    assert peak < 25 * size + 256 * KIB
    assert decoder.outcome is None


def test_memory_does_not_grow_after_the_outcome() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_block(f"data: {_DONE}"))
    chunk = _STREAMS["plain"] * 50
    peak = _peak((chunk for _ in range(100)), decoder.receive_data)
    assert decoder.events_discarded == 5_000
    assert peak < 25 * len(chunk)


def test_memory_does_not_grow_with_the_kinds_of_blocks() -> None:
    """A peer that names each event differently must not fill whatever is remembered of them."""
    for size, times in ((200, 8_000), (3_000, 1_000)):
        decoder = ResponsesDecoder()
        decoder.receive_data(_block(f"data: {_DELTA}"))
        names = (f"{number} {'x' * size}" for number in range(times))
        chunks = (_block(f"event: {name}", f"data: {_DELTA}") for name in names)
        assert _peak(chunks, decoder.receive_data) < MIB


def test_memory_does_not_grow_with_the_responses_of_a_connection() -> None:
    decoder = ResponsesDecoder()
    response = [
        b'{"type":"response.created","response":{"id":"r","x":"%s"}}' % (b"x" * 5_000),
        _TEXT.encode(),
        b'{"type":"error","message":"%s"}' % (b"m" * 5_000),
        b'{"type":"response.failed","response":{"id":"r","x":"%s"}}' % (b"x" * 5_000),
    ]
    peak = _peak((message for _ in range(300) for message in response), decoder.receive_message)
    assert peak < 256 * KIB


@pytest.mark.parametrize("size", [64, 16 * KIB, 200 * KIB])
def test_memory_of_an_event_without_an_end_is_limited(size: int) -> None:
    decoder = ResponsesDecoder(max_event_size=200 * KIB)
    decoder.receive_data(b'data: {"type":"response.created","response":{"id":"')
    chunk = b"x" * size
    rounds = 3 * MIB // size
    peak = _peak((chunk for _ in range(rounds)), decoder.receive_data)
    error = EventTooLarge(limit_name="max_event_size", limit=200 * KIB)
    assert decoder.outcome == StreamFailed(error)
    assert peak < 4 * 200 * KIB + 4 * size


def test_a_large_event_in_small_reads_is_joined_once() -> None:
    """Were it joined at each read, this would copy 64 GiB and not end before the day does."""
    text = "x" * (2 * MIB)
    stream = _block(f'data: {{"type":"response.output_text.delta","delta":"{text}"}}')
    decoder = ResponsesDecoder()
    events = [event for chunk in Cut((64,))(stream) for event in decoder.receive_data(chunk)]
    assert [getattr(event, "delta", None) for event in events] == [text]


def test_many_small_blocks_in_one_read_are_cut_apart_once() -> None:
    """Were the rest copied for each block, this would copy 100 GiB."""
    stream = _block("data: {}") * 150_000
    assert len(ResponsesDecoder().receive_data(stream)) == 150_000


# -- the generators themselves ------------------------------------------------------------------


class _EverythingSeen(Exception):
    pass


def test_the_streams_are_of_every_kind() -> None:
    """Were every stream broken in its first block, all of the above would test very little."""
    missing = {
        "Completed",
        "MalformedEvent",
        "OutputTextDelta",
        "ResponseIncompleteError",
        "StreamClosedEarly",
        "UnknownEvent",
        "a late note",
        "a note",
        "told by the server",
    }

    # Always the same ones: whether a kind is seen must not be a matter of luck.
    @settings(max_examples=2_000, derandomize=True, phases=[Phase.generate])
    @given(stream=streams())
    def look(stream: bytes) -> None:
        for event in _feed(stream, WHOLE).events:
            missing.discard(type(event).__name__)
            if isinstance(event, StreamFailed):
                missing.discard(type(event.error).__name__)
                if isinstance(event.error, ApiError):
                    missing.discard("told by the server")
            if isinstance(event, WireEvent):
                for note in event.notes:
                    missing.discard("a note" if note.field else "a late note")
        if not missing:
            raise _EverythingSeen

    with pytest.raises(_EverythingSeen):
        look()
    assert not missing
