"""Event streams whose results others have settled: web-platform-tests and the WHATWG text."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import pytest

from codex_proto.sse import EventStreamDecoder, ServerSentEvent
from tests.recordings import DATA


@dataclass(frozen=True)
class Vector:
    name: str
    stream: bytes
    events: list[tuple[str, str, str]]
    retry: int | None
    last_event_id: str


def _read_vectors() -> list[Vector]:
    document = json.loads((DATA / "eventstream.json").read_text("utf-8"))
    assert document["format"] == "eventstream-vectors/1"
    return [
        Vector(
            name=vector["name"],
            stream=base64.b64decode(vector["input_bytes_base64"]),
            events=[(e["type"], e["data"], e["last_event_id"]) for e in vector["expected"]],
            retry=vector["expected_retry"],
            last_event_id=vector["expected_final_last_event_id"],
        )
        for vector in document["vectors"]
    ]


VECTORS = _read_vectors()
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)

# Two vectors of this collection are tens of kilobytes long. Cutting those at every place would cost
# minutes and say nothing that the short ones do not say: they are cut around each line end instead.
LONG = 5_000


def _cuts(stream: bytes) -> list[int]:
    everywhere = range(len(stream) + 1)
    if len(stream) < LONG:
        return list(everywhere)
    ends = [at for at in everywhere if stream[at : at + 1] in (b"\n", b"\r")]
    near = {at + step for at in (0, *ends[:20], *ends[-20:]) for step in (-1, 0, 1, 2)}
    spread = set(range(0, len(stream), 997))
    return sorted(at for at in near | spread if 0 <= at <= len(stream))


def _agree(vector: Vector, decoder: EventStreamDecoder, events: list[ServerSentEvent]) -> None:
    assert [(event.event, event.data, event.id) for event in events] == vector.events
    assert decoder.last_event_id == vector.last_event_id
    assert decoder.retry == vector.retry
    assert decoder.failure is None
    assert decoder.bytes_received == len(vector.stream)
    assert decoder.events_received == len(vector.events)


def test_the_collection_is_whole() -> None:
    assert len(VECTORS) == 112
    assert len({vector.name for vector in VECTORS}) == 112
    assert sum(len(vector.stream) >= LONG for vector in VECTORS) == 2


@every_vector
def test_whole(vector: Vector) -> None:
    decoder = EventStreamDecoder()
    events = decoder.receive_data(vector.stream)
    decoder.receive_eof()
    _agree(vector, decoder, events)


@every_vector
def test_cut_in_two_at_every_place(vector: Vector) -> None:
    for cut in _cuts(vector.stream):
        decoder = EventStreamDecoder()
        events = decoder.receive_data(vector.stream[:cut])
        events += decoder.receive_data(vector.stream[cut:])
        decoder.receive_eof()
        _agree(vector, decoder, events)


@every_vector
def test_byte_by_byte(vector: Vector) -> None:
    decoder = EventStreamDecoder()
    events: list[ServerSentEvent] = []
    for at in range(len(vector.stream)):
        events += decoder.receive_data(vector.stream[at : at + 1])
    decoder.receive_eof()
    _agree(vector, decoder, events)


@every_vector
def test_blocks_hand_out_every_byte(vector: Vector) -> None:
    for cut in _cuts(vector.stream):
        decoder = EventStreamDecoder()
        blocks = decoder.receive_blocks(vector.stream[:cut])
        assert b"".join(b.raw for b in blocks) + decoder.trailing_data == vector.stream[:cut]
        blocks += decoder.receive_blocks(vector.stream[cut:])
        decoder.receive_eof()
        assert b"".join(b.raw for b in blocks) + decoder.trailing_data == vector.stream
        _agree(vector, decoder, [block.event for block in blocks if block.event is not None])


@every_vector
def test_blocks_are_the_same_however_the_stream_is_cut(vector: Vector) -> None:
    whole = EventStreamDecoder()
    expected = whole.receive_blocks(vector.stream)
    single = EventStreamDecoder()
    blocks = [
        block
        for at in range(len(vector.stream))
        for block in single.receive_blocks(vector.stream[at : at + 1])
    ]
    assert blocks == expected
    assert single.trailing_data == whole.trailing_data


@every_vector
@pytest.mark.parametrize("kind", [bytearray, memoryview], ids=["bytearray", "memoryview"])
def test_any_buffer_will_do(vector: Vector, kind: type[bytearray | memoryview]) -> None:
    decoder = EventStreamDecoder()
    buffer = bytearray(vector.stream)
    events = decoder.receive_data(kind(buffer))
    # What was handed out must not look into the caller's buffer, which the caller may use again.
    buffer[:] = b"x" * len(buffer)
    _agree(vector, decoder, events)
