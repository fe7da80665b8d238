"""Items beside upstream's: what codex (April 2026) made of 246 items and of 47 JSON values.

What is compared is the codex view of an item as May 2026 reads it, and what May 2026 sends. A line
agrees, or belongs to exactly one category of `categories_items`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.items import (
    ToolSearchCall,
    codex_item,
    decode_item,
    encode_item,
    encode_item_lossless,
)
from codex_proto.versions import WireVersion
from tests.recordings import DATA
from tests.vectors.categories_items import ITEMS, VALUES, Answer, ItemCategory, Request

if TYPE_CHECKING:
    from collections.abc import Callable

MAY = WireVersion.V2026_05


@dataclass(frozen=True)
class Line:
    number: int
    request: Request
    answer: Answer


def _read_lines(name: str) -> list[Line]:
    with (DATA / "upstream" / name).open(encoding="utf-8") as lines:
        return [
            Line(number, document["req"], document["res"])
            for number, document in enumerate(map(json.loads, lines), start=1)
        ]


LINES = _read_lines("item.jsonl")
VALUE_LINES = _read_lines("value.jsonl")


def _without_nulls(value: Any) -> Any:
    """In upstream's memory absent and null are one; `arguments` and `tools` are JSON as it came."""
    if not isinstance(value, dict):
        return [_without_nulls(each) for each in value] if isinstance(value, list) else value
    return {
        name: each if name in ("arguments", "tools") else _without_nulls(each)
        for name, each in value.items()
        if each is not None or name == "arguments"
    }


def _upstream(line: Line) -> Answer:
    if "ok" not in line.answer:
        return {"ok": None, "wire": None}
    return {"ok": _without_nulls(line.answer["ok"]), "wire": line.answer["wire"]}


def _ours(line: Line) -> Answer:
    item = codex_item(decode_item("item", line.request["text"].encode()), MAY)
    if item is None:
        return {"ok": None, "wire": None}
    return {
        "ok": json.loads(encode_item_lossless(item)),
        "wire": json.loads(encode_item(item, MAY)),
    }


def _names(value: Any) -> Any:
    """The names of all members in their order."""
    if isinstance(value, dict):
        return [(name, _names(each)) for name, each in value.items()]
    return [_names(each) for each in value] if isinstance(value, list) else None


def _categories(line: Line, of: tuple[ItemCategory, ...]) -> list[ItemCategory]:
    return [category for category in of if category.covers(line.request, line.answer)]


def test_the_files_are_whole_and_hold_nothing_that_we_do_not_read() -> None:
    assert (len(LINES), len(VALUE_LINES)) == (246, 47)
    for line in LINES:
        assert set(line.request) == {"mode", "text"}
        assert set(line.answer) in ({"ok", "wire", "debug"}, {"serde_error"}, {"json_error"})
    for line in VALUE_LINES:
        assert set(line.request) == {"mode", "text"}
        assert set(line.answer) == {"ok", "text"}


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"line{line.number}")
def test_item(line: Line) -> None:
    ours, upstream = _ours(line), _upstream(line)
    categories = _categories(line, ITEMS)
    if not categories:
        assert ours == upstream, "a difference outside every category"
        # Members go out in upstream's order, too.
        assert _names(ours["wire"]) == _names(upstream["wire"])
        return
    assert len(categories) == 1
    category = categories[0]
    assert ours != upstream, f"{category} covers a line where there is no difference"
    assert category.expect(line.request, upstream, ours)


@pytest.mark.parametrize("line", VALUE_LINES, ids=lambda line: f"line{line.number}")
def test_value(line: Line) -> None:
    raw = f'{{"type":"tool_search_call","arguments":{line.request["text"]}}}'.encode()
    item = decode_item("item", raw)
    assert isinstance(item, ToolSearchCall)
    text = encode_item_lossless(item)[len('{"type":"tool_search_call","arguments":') : -1].decode()
    ours = {"ok": item.arguments, "text": text}
    categories = _categories(line, VALUES)
    if not categories:
        # json.dumps tells 1 from 1.0 and 0.0 from -0.0, where == does not.
        assert json.dumps(ours["ok"]) == json.dumps(line.answer["ok"])
        assert json.dumps(json.loads(text)) == json.dumps(json.loads(line.answer["text"]))
        # How a float is spelled (1e15 or 1000000000000000.0) is nobody's business.
        assert text == line.answer["text"] or isinstance(item.arguments, float)
        return
    assert len(categories) == 1
    assert json.dumps(ours["ok"]) != json.dumps(line.answer["ok"])
    assert categories[0].expect(line.request, line.answer, ours)


def test_categories_cover_what_they_say(record_property: Callable[[str, object], None]) -> None:
    for name, lines, of in (("item", LINES, ITEMS), ("value", VALUE_LINES, VALUES)):
        counts = Counter(category.name for line in lines for category in _categories(line, of))
        for category in of:
            record_property(category.name, counts[category.name])
            print(f"{name}: {counts[category.name]:4} of {len(lines)} lines: {category.name}")
        assert counts == {category.name: category.lines for category in of}
