"""The floors: bare msgspec with types, on payloads that are already cut out.

One struct per type with the minimum that a reader of that event needs. No framing, no state, no
unknown types, no checks beyond msgspec's own: no Python code that decodes these events can be
faster, and no complete decoder can be this fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec


class Item(msgspec.Struct):
    type: str
    id: str


class Part(msgspec.Struct):
    type: str
    text: str


class Created(msgspec.Struct, tag="response.created"):
    response: msgspec.Raw


class InProgress(msgspec.Struct, tag="response.in_progress"):
    response: msgspec.Raw


class Completed(msgspec.Struct, tag="response.completed"):
    response: msgspec.Raw


class ItemAdded(msgspec.Struct, tag="response.output_item.added"):
    output_index: int
    item: Item


class ItemDone(msgspec.Struct, tag="response.output_item.done"):
    output_index: int
    item: Item


class PartAdded(msgspec.Struct, tag="response.content_part.added"):
    item_id: str
    part: Part


class PartDone(msgspec.Struct, tag="response.content_part.done"):
    item_id: str
    part: Part


class TextDelta(msgspec.Struct, tag="response.output_text.delta"):
    item_id: str
    delta: str


class TextDone(msgspec.Struct, tag="response.output_text.done"):
    item_id: str
    text: str


class ArgumentsDelta(msgspec.Struct, tag="response.function_call_arguments.delta"):
    item_id: str
    delta: str


class ArgumentsDone(msgspec.Struct, tag="response.function_call_arguments.done"):
    item_id: str
    arguments: str


class InputDelta(msgspec.Struct, tag="response.custom_tool_call_input.delta"):
    item_id: str
    delta: str


class InputDone(msgspec.Struct, tag="response.custom_tool_call_input.done"):
    item_id: str
    input: str


class SummaryPartAdded(msgspec.Struct, tag="response.reasoning_summary_part.added"):
    item_id: str
    part: Part


class SummaryPartDone(msgspec.Struct, tag="response.reasoning_summary_part.done"):
    item_id: str
    part: Part


class SummaryDelta(msgspec.Struct, tag="response.reasoning_summary_text.delta"):
    item_id: str
    delta: str


class SummaryDone(msgspec.Struct, tag="response.reasoning_summary_text.done"):
    item_id: str
    text: str


class Head(msgspec.Struct):
    """What can be known of an event of unknown type."""

    type: str


AnyEvent = (
    Created
    | InProgress
    | Completed
    | ItemAdded
    | ItemDone
    | PartAdded
    | PartDone
    | TextDelta
    | TextDone
    | ArgumentsDelta
    | ArgumentsDone
    | InputDelta
    | InputDone
    | SummaryPartAdded
    | SummaryPartDone
    | SummaryDelta
    | SummaryDone
)

Decode = Callable[[Any], object]

decode_event: Decode = msgspec.json.Decoder(AnyEvent).decode
decode_head: Decode = msgspec.json.Decoder(Head).decode


def decode_all(payloads: Sequence[bytes], decode: Decode = decode_event) -> None:
    for payload in payloads:
        decode(payload)


def append_and_decode(reads: Sequence[bytes], head: int, tail: int) -> None:
    """Decode one event from pieces; the first `head` and last `tail` bytes are framing."""
    whole = bytearray()
    for read in reads:
        whole += read
    decode_event(memoryview(whole)[head:-tail])
