"""Strategies for realtime messages: sound ones, and ones that are wrong in many ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec
from hypothesis import strategies as st
from msgspec import Raw

from codex_proto._wire import NOTES_KEY
from codex_proto.realtime import ROWS

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from codex_proto.realtime import RealtimeRow

__all__ = ["TEXT", "json_values", "messages", "wire_messages"]

TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_SCALARS: Final = (
    st.none() | st.booleans() | st.integers(-3, 2**33) | st.floats(-9, 9, width=16) | TEXT
)


def json_values() -> SearchStrategy[Any]:
    """Any JSON, small."""
    return st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=6,
    )


_CALLS: Final = st.fixed_dictionaries(
    {"type": st.sampled_from(["function_call", "message"])},
    optional={
        "name": st.sampled_from(["background_agent", "remain_silent", "other"]),
        "id": TEXT | json_values(),
        "call_id": TEXT | json_values(),
        "arguments": TEXT
        | st.dictionaries(
            st.sampled_from(["prompt", "input", "query", "x"]), TEXT | _SCALARS, max_size=3
        ).map(json.dumps),
    },
)
_IDENTIFIED: Final = st.fixed_dictionaries(
    {}, optional={"id": TEXT | _SCALARS, "instructions": TEXT | _SCALARS, "message": TEXT}
)


def _sound(name: str, field: msgspec.structs.FieldInfo) -> SearchStrategy[Any]:
    if name == "item":
        return _CALLS | json_values()
    if Raw in _alternatives(field.type):
        return _IDENTIFIED | json_values()
    kinds = [
        {str: TEXT, int: st.integers(0, 2**33), float: st.floats(0, 9)}[kind]
        for kind in (str, int, float)
        if kind in _alternatives(field.type)
    ]
    values = st.one_of(kinds)
    return values if field.required else values | st.none()


def _alternatives(type_: Any) -> tuple[Any, ...]:
    return getattr(type_, "__args__", (type_,))


def wire_messages(row: RealtimeRow) -> SearchStrategy[dict[str, Any]]:
    """Sound messages of one type: every declared member may be there, and required ones are."""
    fields = {
        field.encode_name: field
        for field in msgspec.structs.fields(row.cls)
        if field.encode_name != NOTES_KEY
    }
    return st.fixed_dictionaries(
        {
            "type": st.just(row.type),
            **{name: _sound(name, field) for name, field in fields.items() if field.required},
        },
        optional={
            name: _sound(name, field) for name, field in fields.items() if not field.required
        },
    )


@st.composite
def _spoilt(draw: st.DrawFn, row: RealtimeRow) -> dict[str, Any]:
    """A message with members of a wrong type, without some, and with some that are unknown."""
    message = draw(wire_messages(row))
    names = sorted(set(message) - {"type"})
    for name in draw(st.sets(st.sampled_from(names), max_size=2)) if names else ():
        if draw(st.booleans()):
            message[name] = draw(json_values())
        else:
            del message[name]
    message |= draw(
        st.dictionaries(TEXT.filter(lambda name: name != "type"), json_values(), max_size=2)
    )
    order = draw(st.permutations(list(message)))
    return {name: message[name] for name in order}


@st.composite
def messages(draw: st.DrawFn) -> str:
    """A message as text: of any type, sound or spoilt, spelled in one of several ways."""
    row = draw(st.sampled_from(ROWS))
    kind = draw(st.sampled_from(["sound", "spoilt", "any"]))
    if kind == "any":
        value = draw(json_values() | st.dictionaries(st.just("type"), json_values()))
    else:
        value = draw(wire_messages(row) if kind == "sound" else _spoilt(row))
    return json.dumps(
        value,
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": ")])),
    )
