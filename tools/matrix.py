"""Print what becomes of streams whose places and ids are odd: `python -m tools.matrix`.

Each stream reports the same four items: a reasoning, a message, and two calls. The servers differ
in how they number the items, how they name them, whether they report items whole, and what they
list at the end. `tests/field/test_identity.py` looks at the same streams.

Source: docs/servers.md, "Which item an event is about".
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from codex_proto.items import FunctionCall, Item, Message, Reasoning
from codex_proto.responses import FinalResponse, ResponseBuilder, ResponsesDecoder

INDICES: Final = (
    "right",
    "absent",
    "null",
    "text",
    "all zero",
    "-1",
    "one-based",
    "on added only",
    "on deltas only",
    "per kind",
)
IDS: Final = ("stable", "absent", "rotating")
TERMINALS: Final = ("empty", "full", "none")


class Shape(NamedTuple):
    """How a server names its items, and how much it reports of them."""

    indices: str
    ids: str
    is_done: bool
    terminal: str

    def __str__(self) -> str:
        done = "done" if self.is_done else "no done"
        return f"{self.indices}, ids {self.ids}, {done}, terminal {self.terminal}"


ITEMS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "First, look."}]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]},
    {"type": "function_call", "name": "ls", "call_id": "call_1", "arguments": '{"path":"a"}'},
    {"type": "function_call", "name": "cat", "call_id": "call_2", "arguments": '{"file":"b"}'},
)
_EMPTY: Final = {"summary": [], "content": [], "arguments": ""}
_DELTAS: Final = {
    "reasoning": "response.reasoning_summary_text.delta",
    "message": "response.output_text.delta",
    "function_call": "response.function_call_arguments.delta",
}
_INDEX_OF_ALL: Final = {"absent": None, "null": None, "text": "x", "all zero": 0, "-1": -1}


def shapes() -> list[Shape]:
    """Return all 180."""
    return [Shape(*each) for each in itertools.product(INDICES, IDS, (True, False), TERMINALS)]


def stream(shape: Shape, items: Sequence[dict[str, Any]] = ITEMS) -> bytes:
    """Return the body of the stream that such a server sends."""
    events = [event for at in range(len(items)) for event in item_events(shape, items, at)]
    return body(shape, items, events)


def body(shape: Shape, items: Sequence[dict[str, Any]], events: list[dict[str, Any]]) -> bytes:
    """Return a body with these events about the items, and with its beginning and its end."""
    events = [{"type": "response.created", "response": {"id": "resp_1"}}, *events]
    if shape.terminal != "none":
        output = [
            {**item, **_id(shape, at, "id", "terminal")}
            for at, item in enumerate(items if shape.terminal == "full" else ())
        ]
        response = {"id": "resp_1", "status": "completed", "output": output}
        events.append({"type": "response.completed", "response": response})
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def item_events(shape: Shape, items: Sequence[dict[str, Any]], at: int) -> Iterator[dict[str, Any]]:
    """Yield the events about one of the items."""
    item = items[at]
    before = sum(each["type"] == item["type"] for each in items[:at])
    begun = {name: _EMPTY.get(name, value) for name, value in item.items()}
    yield {
        "type": "response.output_item.added",
        "item": {**begun, **_id(shape, at, "id", "added")},
        **_index(shape, at, "added", before),
    }
    text = item_text(item)
    for piece, delta in enumerate((text[:4], text[4:])):
        yield {
            "type": _DELTAS[item["type"]],
            "delta": delta,
            **_id(shape, at, "item_id", f"delta {piece}"),
            **_index(shape, at, "delta", before),
        }
    if shape.is_done:
        yield {
            "type": "response.output_item.done",
            "item": {**item, **_id(shape, at, "id", "done")},
            **_index(shape, at, "done", before),
        }


def _id(shape: Shape, at: int, name: str, event: str) -> dict[str, Any]:
    if shape.ids == "absent":
        return {}
    return {name: f"item_{at}" if shape.ids == "stable" else f"item_{at} {event}"}


def _index(shape: Shape, at: int, event: str, kind_before: int) -> dict[str, Any]:
    match shape.indices:
        case "absent":
            return {}
        case "on added only" if event != "added":
            return {}
        case "on deltas only" if event != "delta":
            return {}
        case "one-based":
            return {"output_index": at + 1}
        case "per kind":
            return {"output_index": kind_before}
        case indices:
            return {"output_index": _INDEX_OF_ALL.get(indices, at)}


def item_text(item: dict[str, Any]) -> str:
    """Return what an item of `ITEMS` says, or passes to its tool."""
    parts = item.get("summary") or item.get("content")
    return str(parts[0]["text"] if parts else item["arguments"])


def built(shape: Shape, items: Sequence[dict[str, Any]] = ITEMS) -> FinalResponse:
    """Return what becomes of such a stream."""
    decoder, builder = ResponsesDecoder(), ResponseBuilder()
    builder.receive_events(decoder.receive_data(stream(shape, items)))
    builder.receive_events(decoder.receive_eof())
    return builder.build()


def meaning(item: Item) -> tuple[str, ...]:
    """Return what is the same of an item however it is named."""
    match item:
        case Reasoning():
            return ("reasoning", item.summary_text)
        case Message():
            return ("message", item.text)
        case FunctionCall():
            return ("function_call", item.name, item.call_id, item.arguments)
        case _:
            return (type(item).__name__,)


def meant(items: Sequence[dict[str, Any]] = ITEMS) -> tuple[tuple[str, ...], ...]:
    """Return what a stream of these items means."""
    names = [(item["name"], item["call_id"]) if "name" in item else () for item in items]
    return tuple((item["type"], *names[at], item_text(item)) for at, item in enumerate(items))


def main() -> int:
    """Print the shapes that come out otherwise than they were meant; return the exit code."""
    wrong = 0
    for shape in shapes():
        final = built(shape)
        found = tuple(map(meaning, final.items))
        if found != meant() or final.is_complete != (shape.terminal != "none"):
            wrong += 1
            print(f"{shape}: {found} complete={final.is_complete} {[*final.notes]}")
    print(f"{wrong} of {len(shapes())} differ from what was meant.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
