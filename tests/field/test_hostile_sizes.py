"""Streams that are made to cost the square of their bytes.

Nothing is measured: what takes a second here took up to several minutes.

Source: docs/architecture.md, "Rules".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from codex_proto.refusals import error_from_response
from codex_proto.responses import ResponseBuilder, ResponsesDecoder, decode_response_event

if TYPE_CHECKING:
    from collections.abc import Callable

MANY: Final = 60_000
LARGE: Final = "x" * 4_000_000
TEXT: Final = "response.output_text"
CALL: Final = {"type": "function_call", "name": "f", "arguments": ""}


def _message(text: str = "", **members: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text}] if text else []
    return {"type": "message", "role": "assistant", "content": content, **members}


def _added(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "response.output_item.added", "item": item}


def _done(item: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item, **members}


def _again_and_again() -> list[dict[str, Any]]:
    """The whole text so far is only its beginning, after each delta."""
    start = {"type": f"{TEXT}.delta", "item_id": "m", "delta": LARGE}
    delta = {"type": f"{TEXT}.delta", "item_id": "m", "delta": "x"}
    return [start, *[delta, {"type": f"{TEXT}.done", "item_id": "m", "text": "x"}] * MANY]


def _one_waits() -> list[dict[str, Any]]:
    """Arguments that are never whole, while one call after another begins and ends."""
    delta = {"type": "response.function_call_arguments.delta", "item_id": "w", "delta": f'"{LARGE}'}
    calls = [{**CALL, "call_id": f"c{at}", "id": f"i{at}"} for at in range(MANY // 2)]
    pairs = [event for call in calls for event in (_added(call), _done(call))]
    return [_added({**CALL, "id": "w", "call_id": "w"}), delta, *pairs]


def _open_and_large() -> list[dict[str, Any]]:
    """Items without names come whole, and none is the large one that is open."""
    delta = {"type": f"{TEXT}.delta", "item_id": "m", "delta": LARGE}
    wholes = [_done(_message(f"{at}")) for at in range(MANY // 2)]
    return [_added(_message(id="m")), delta, *wholes]


def _late_ends() -> list[dict[str, Any]]:
    """The end of a text that a large whole item might have."""
    whole = _done(_message(f"{LARGE}y", id="a"), output_index=0)
    late = {"type": f"{TEXT}.done", "output_index": 0, "text": "y"}
    return [whole, *[late] * MANY]


def _many_ids() -> list[dict[str, Any]]:
    """One call, announced under another id each time."""
    return [_added({**CALL, "call_id": "c", "id": f"i{at}"}) for at in range(MANY)]


def _large_and_listed() -> list[dict[str, Any]]:
    """A large item that none of the many in the list is."""
    parts = [{"type": "output_text", "text": "x" * 10} for _ in range(MANY // 2)]
    whole = _done({"type": "message", "role": "assistant", "content": parts})
    output = [_message(f"y{at}") for at in range(MANY // 2)]
    return [whole, {"type": "response.completed", "response": {"id": "r", "output": output}}]


STREAMS: Final = [
    _again_and_again,
    _one_waits,
    _open_and_large,
    _late_ends,
    _many_ids,
    _large_and_listed,
]


@pytest.mark.parametrize("make", STREAMS, ids=lambda make: make.__name__.strip("_"))
def test_a_builder_takes_linear_time(make: Callable[[], list[dict[str, Any]]]) -> None:
    builder = ResponseBuilder()
    builder.receive_events(decode_response_event(json.dumps(event)) for event in make())
    assert builder.build().items


BLOCKS: Final = {
    "a text that never ends": b'data: {"' + b'\\"' * 200_000 + b"\n\n",
    "the same behind an object": b'data: {"a":1}{"' + b'\\"' * 200_000 + b"\n\n",
    "a long code": b'data: {"message":"m","code":"' + b"a." * 50_000 + b'!"}\n\n',
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_takes_linear_time(block: bytes) -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(block)
    assert len(decoder.receive_eof()) == 1


@pytest.mark.parametrize("byte", [b"x", b" ", b"\xef\xbb\xbf"])
def test_a_body_that_is_no_stream_takes_linear_time(byte: bytes) -> None:
    decoder = ResponsesDecoder()
    for _ in range(300_000):
        decoder.receive_data(byte)
    assert len(decoder.receive_eof()) == 1


@pytest.mark.parametrize("piece", ["{", "{'", '\\"', "retry after ", "1,", "wait for ", "try "])
def test_a_refusal_takes_linear_time(piece: str) -> None:
    assert error_from_response(429, {}, f"x {piece * 100_000}".encode()).status == 429
