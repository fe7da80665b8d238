"""The streams that are timed: made from a fixed seed, so every run decodes the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

import msgspec

from bench.items import (
    WORDS,
    Event,
    ItemMaker,
    a_word,
    custom_tool,
    foreign_message,
    function_call,
    message,
    new_id,
    padding,
    reasoning,
    response,
    usage,
)

SEED = 20_260_801
MIB = 1 << 20
DELTAS_PER_ITEM = 95
PARALLEL_ITEMS = 8
TEXT_DELTA = b"event: response.output_text.delta\n"

HugeKind = Literal["text", "response"]
Body = Callable[[random.Random, int], Iterator[Event]]


@dataclass(frozen=True)
class Stream:
    """One event stream: the JSON payloads for the floor, the framed blocks for the others."""

    payloads: list[bytes]
    blocks: list[bytes]

    def reads(self, size: int | None) -> list[bytes]:
        """Return reads of `size` bytes, or of one event each for None."""
        return self.blocks if size is None else cut(b"".join(self.blocks), size)


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


def frame(payload: bytes, kind: str | None, end: bytes = b"\n") -> bytes:
    """Return one block; without an `event:` line if `kind` is None."""
    head = b"" if kind is None else b"event: " + kind.encode() + end
    return head + b"data: " + payload + end + end


# --- the workloads ---------------------------------------------------------------------------


def text(events: int) -> Stream:
    return _stream(_text_body, events)


def text_sorted(events: int) -> Stream:
    """Keys in alphabetical order, which puts `type` last."""
    return _stream(_text_body, events, order="sorted")


def text_crlf(events: int) -> Stream:
    return _stream(_text_body, events, end=b"\r\n")


def text_without_event_lines(events: int) -> Stream:
    return _stream(_text_body, events, event_lines=False)


def text_non_ascii(events: int) -> Stream:
    """Chinese and emoji, as raw UTF-8."""
    return _stream(_non_ascii_body, events)


def tools(events: int) -> Stream:
    """Function calls, reasoning summaries, custom tools: one item after the other."""
    return _stream(_tools_body, events)


def interleaved(events: int) -> Stream:
    """Items of every kind open at once, their events mixed: the type changes all the time."""
    return _stream(_interleaved_body, events)


def unknown(events: int) -> Stream:
    """Unknown types, and one `response.completed` so that the stream has an end."""
    return _stream(_unknown_body, events, whole_response=False)


def huge_reads(mebibytes: int, kind: HugeKind = "text") -> Iterator[bytes]:
    """Yield one event whose block is exactly this long, 1 KiB at a time, and then a small end.

    The long member is the text of an `output_text.done`, or lies inside the `response` of a
    `response.completed`. No object here is as large as the event, for the measurement of memory.
    """
    head, tail = _huge_edges(kind)
    filler = b"".join(word.encode() + b" " for word in WORDS * 4)[:1024]
    yield head + filler[: 1024 - len(head)]
    for _ in range(mebibytes * 1024 - 2):
        yield filler
    yield filler[: 1024 - len(tail)] + tail
    if kind == "text":
        yield frame(msgspec.json.encode(_completed(2, [])), "response.completed")


def _huge_edges(kind: HugeKind) -> tuple[bytes, bytes]:
    """Return what precedes and follows the long member: framing and JSON."""
    if kind == "text":
        event = {
            "type": "response.output_text.done",
            "sequence_number": 1,
            "item_id": "msg_1",
            "output_index": 0,
            "content_index": 0,
            "text": "@",
        }
    else:
        part = {"type": "output_text", "text": "@", "annotations": []}
        item = {"id": "msg_1", "type": "message", "role": "assistant", "content": [part]}
        event = _completed(1, [item])
    block = frame(msgspec.json.encode(event), str(event["type"]))
    head, _, tail = block.partition(b"@")
    return head, tail


def framing_around_huge(kind: HugeKind) -> tuple[int, int]:
    """Return how many bytes before and after the JSON of the huge event are framing."""
    head, _ = _huge_edges(kind)
    return head.index(b"{"), len(b"\n\n")


def long_stream_reads(total: int) -> Iterator[bytes]:
    """Yield text deltas without an end, in 16 KiB reads, until `total` bytes were yielded."""
    blocks = [block for block in text(4_000).blocks if block.startswith(TEXT_DELTA)]
    for read in cycle(cut(b"".join(blocks), 16_384)):
        if total <= 0:
            return
        total -= len(read)
        yield read


# --- how a stream is put together ------------------------------------------------------------


def _stream(
    body: Body,
    events: int,
    *,
    end: bytes = b"\n",
    event_lines: bool = True,
    order: Literal["sorted"] | None = None,
    whole_response: bool = True,
) -> Stream:
    made = _whole_response(body, events) if whole_response else _bare_response(body, events)
    payloads: list[bytes] = []
    blocks: list[bytes] = []
    for event in made:
        payload = msgspec.json.encode(event, order=order)
        payloads.append(payload)
        blocks.append(frame(payload, event["type"] if event_lines else None, end))
    return Stream(payloads, blocks)


def _whole_response(body: Body, events: int) -> Iterator[Event]:
    """Yield `created`, `in_progress`, the body, `completed`: `events` numbered events."""
    rng = random.Random(SEED)
    started = response(rng)
    output: list[Event] = []
    yield {"type": "response.created", "sequence_number": 0, "response": started}
    yield {"type": "response.in_progress", "sequence_number": 1, "response": started}
    for number, event in enumerate(body(rng, events - 3), start=2):
        if event["type"] == "response.output_item.done":
            output.append(event["item"])
        yield _numbered(event, number)
    finished = started | {"status": "completed", "output": output, "usage": usage(events)}
    yield {"type": "response.completed", "sequence_number": events - 1, "response": finished}


def _bare_response(body: Body, events: int) -> Iterator[Event]:
    for number, event in enumerate(body(random.Random(SEED), events - 1)):
        yield _numbered(event, number)
    yield _completed(events - 1, [])


def _completed(number: int, output: list[Event]) -> Event:
    """Return the smallest end of a stream."""
    small = {"id": "resp_1", "status": "completed", "output": output}
    return {"type": "response.completed", "sequence_number": number, "response": small}


def _numbered(event: Event, number: int) -> Event:
    """Return the event with `sequence_number` right after `type`, as real servers send it."""
    return {"type": event["type"], "sequence_number": number} | event


# --- bodies: exactly `events` events, without sequence numbers -------------------------------


def _text_body(rng: random.Random, events: int) -> Iterator[Event]:
    return _items(rng, events, (message,))


def _non_ascii_body(rng: random.Random, events: int) -> Iterator[Event]:
    return _items(rng, events, (foreign_message,))


def _tools_body(rng: random.Random, events: int) -> Iterator[Event]:
    return _items(rng, events, (function_call, reasoning, custom_tool))


def _items(rng: random.Random, events: int, kinds: tuple[ItemMaker, ...]) -> Iterator[Event]:
    """Yield items one after the other; the last is shortened to reach the exact count."""
    index = 0
    while events > 0:
        item = list(kinds[index % len(kinds)](rng, index, DELTAS_PER_ITEM))
        over = len(item) - events
        if over > 0:
            item = list(kinds[index % len(kinds)](rng, index, max(0, DELTAS_PER_ITEM - over)))
        yield from item[:events]
        events -= len(item)
        index += 1


def _interleaved_body(rng: random.Random, events: int) -> Iterator[Event]:
    kinds = (message, function_call, reasoning, custom_tool)
    started = 0
    open_items: list[Iterator[Event]] = []
    while events:
        while len(open_items) < PARALLEL_ITEMS:
            open_items.append(kinds[started % len(kinds)](rng, started, DELTAS_PER_ITEM))
            started += 1
        item = rng.choice(open_items)
        event = next(item, None)
        if event is None:
            open_items.remove(item)
            continue
        yield event
        events -= 1


def _unknown_body(rng: random.Random, events: int) -> Iterator[Event]:
    item_id = new_id(rng, "new_")
    for index in range(events):
        yield {
            "type": f"response.future_feature_{index % 7}.delta",
            "item_id": item_id,
            "output_index": 0,
            "content_index": 0,
            "delta": a_word(rng),
            "details": {"score": 0.5, "tags": ["a", "b"]},
            "obfuscation": padding(rng),
        }
