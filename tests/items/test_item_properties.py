"""What holds for items of any kind: nothing raises, nothing is lost, nothing is made up."""

from __future__ import annotations

import json
import pickle
from typing import Any, Final, get_args, get_origin

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from codex_proto._wire import NOTES_KEY, UnknownPart
from codex_proto._wire._members import _branches
from codex_proto.items import (
    ITEM_CLASSES,
    ResponseItem,
    UnknownItem,
    codex_item,
    decode_item,
    decode_items,
    encode_item,
    encode_item_lossless,
)
from codex_proto.responses import MalformedPart
from codex_proto.versions import WireVersion
from tests.items.item_samples import SAMPLES

TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["output_text", "summary_text", "completed", "commentary", "exec"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT | st.sampled_from(["type", "text", "status"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def _unknown_parts() -> st.SearchStrategy[UnknownPart]:
    def part(tail: str, value: Any) -> UnknownPart:
        return UnknownPart(f"x_{tail}", json.dumps({"type": f"x_{tail}", "v": value}).encode())

    return st.builds(part, TEXT, JSON)


def _values(type_: Any) -> st.SearchStrategy[Any]:
    choices: list[st.SearchStrategy[Any]] = []
    for branch in _branches(type_):
        if branch is Any:
            choices.append(JSON)
        elif branch is UnsetType:
            choices.append(st.just(UNSET))
        elif branch is type(None):
            choices.append(st.none())
        elif get_origin(branch) is tuple:
            choices.append(st.lists(_values(get_args(branch)[0]), max_size=2).map(tuple))
        elif get_origin(branch) is dict:
            choices.append(st.dictionaries(TEXT, TEXT, max_size=2))
        elif branch is float:
            choices.append(st.floats(allow_nan=False, allow_infinity=False))
        elif isinstance(branch, type) and issubclass(branch, Struct):
            choices.append(_records(branch))
            if branch.__struct_config__.tag is not None:
                choices.append(_unknown_parts())
        else:
            choices.append({str: TEXT, int: st.integers(), bool: st.booleans()}[branch])
    return st.one_of(choices)


def _records(cls: type[Struct]) -> st.SearchStrategy[Any]:
    return st.builds(
        cls,
        **{
            field.name: _values(field.type)
            for field in msgspec.structs.fields(cls)
            if field.encode_name != NOTES_KEY
        },
    )


ITEMS: Final = st.sampled_from(sorted(ITEM_CLASSES)).flatmap(
    lambda name: _records(ITEM_CLASSES[name])
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sound item in which members are replaced, removed or added, at the top or below."""
    item = json.loads(json.dumps(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = item
        while isinstance(place, dict | list) and place:
            keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or draw(st.booleans()):
                if draw(st.booleans()) or isinstance(place, list):
                    place[key] = draw(JSON)
                else:
                    del place[key]
                break
            place = place[key]
    return json.dumps(item, ensure_ascii=draw(st.booleans())).encode()


def _check(raw: bytes) -> None:
    item = decode_item("item", raw)
    if isinstance(item, MalformedPart):
        assert (item.field, item.raw) == ("item", raw)
        assert codex_item(item) is None
        return
    assert decode_item("item", encode_item_lossless(item)) == item
    if isinstance(item, UnknownItem):
        assert encode_item(item) == item.raw == raw
        return
    for version in WireVersion:
        sent = json.loads(encode_item(item, version))
        assert isinstance(sent.get("type"), str) or any(n.field == "type" for n in item.notes)
        read = codex_item(item, version)
        if read is not None:
            assert codex_item(read, version) == read
            # Two things go out that upstream does not read: what a web search did in a way that it
            # does not know, and the calls in the metadata.
            if b'"other"' not in encode_item_lossless(read) and b"executed_tool" not in raw:
                assert encode_item(read, version) == encode_item(item, version)


@given(ITEMS)
def test_round_trip(item: Any) -> None:
    raw = encode_item_lossless(item)
    again = decode_item("item", raw)
    assert again == item
    assert isinstance(again, ResponseItem)
    assert encode_item_lossless(again) == raw
    assert pickle.loads(pickle.dumps(item)) == item
    _check(raw)


@given(mutated())
def test_mutated_items(raw: bytes) -> None:
    _check(raw)


@given(JSON, st.sampled_from(sorted(ITEM_CLASSES)))
def test_any_json(value: Any, type_: str) -> None:
    if isinstance(value, dict):
        value = {**value, "type": type_}
    _check(json.dumps(value).encode())


@given(st.binary(max_size=40) | TEXT.map(str.encode))
def test_any_bytes(raw: bytes) -> None:
    _check(raw)
    decode_items("output", raw)
    _check(b'{"type":"message","role":"user","content":"' + raw + b'"}')


@given(st.integers(0, 400), st.sampled_from([b"[", b'{"a":', b'{"content":[']))
def test_any_depth(depth: int, opening: bytes) -> None:
    closing = {b"[": b"]", b'{"a":': b"}", b'{"content":[': b"]}"}[opening]
    nested = opening * depth + b"0" + closing * depth
    _check(b'{"type":"tool_search_call","execution":"client","arguments":' + nested + b"}")
    _check(b'{"type":"message","role":"user","content":[],"x":' + nested + b"}")
    decode_items("output", nested)
