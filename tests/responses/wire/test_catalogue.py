"""The wire classes beside the published description of the API, field by field.

`data/catalogue_responses.json` is what others published; the tables here say where we know more,
and why.
"""

from __future__ import annotations

import json
import types
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

import msgspec
import pytest
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import NOTES_KEY, RareRaw
from codex_proto.responses import ROWS, WireEvent, decode_response_event, encode_response_event
from tests.recordings import DATA

Members: TypeAlias = dict[str, str]

CATALOGUE: Final[dict[str, Any]] = json.loads(
    (DATA / "catalogue_responses.json").read_text("utf-8")
)
SECTIONS: Final = ("responses_events", "responses_ws_server_events", "responses_events_beta")
PUBLIC_TYPES: Final = tuple(CATALOGUE["responses_events"])
CLASSES: Final = {row.type: row.cls for row in ROWS}

every_public_type = pytest.mark.parametrize("type_", PUBLIC_TYPES)
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)

# Types that no public description has, and where they come from.
BEYOND_THE_CATALOGUE: Final = {
    "codex.rate_limits": "the Codex backend tells limits in the stream",
    "codex.response.metadata": "the Codex backend tells HTTP headers in the stream",
    "response.metadata": "the Codex backend tells verdicts about the turn",
    "responsesapi.websocket_timing": "the Codex backend tells how long things took",
    "keepalive": "the public API sends it",
    "ping": "gateways send it",
    "response.apply_patch_call_operation_diff.delta": "the public API sends it",
    "response.apply_patch_call_operation_diff.done": "the public API sends it",
    "response.reasoning_part.added": "Bedrock sends it",
    "response.reasoning_part.done": "Bedrock sends it",
}

# Members that no public description has for the event, and why we read them.
RARE: Final = {
    "headers": "upstream reads the model's name from it, on any event",
    "response": "upstream reads its headers, on any event",
    "safety_buffering": "upstream reads it, on any event",
}
EXTRAS_OF_ALL: Final = {
    **RARE,
    NOTES_KEY: "ours: what had to be left out; the colon keeps it clear of the protocol",
}
EXTRAS: Final = {
    ("response.audio.delta", "response_id"): "the published example has it",
    ("response.custom_tool_call_input.delta", "call_id"): "upstream falls back to it",
    ("response.custom_tool_call_input.done", "call_id"): "as in its delta",
    ("error", "status_code"): "what the ChatGPT backend calls `status`",
    ("response.failed", "error"): "where some servers put it, beside the response",
}

# Members that are read more widely than described, and why.
WIDER: Final = {
    ("error", "code"): "foreign servers send numbers",
}


def _published(type_: str) -> Members:
    """Every member of an event that any of the three descriptions has, with its type."""
    members: Members = {}
    for section in SECTIONS:
        row = CATALOGUE[section][type_]
        for name, described in (row["required"] | row["optional"]).items():
            if name != "type":
                members.setdefault(name, described)
    return members


def _fields(cls: type[WireEvent]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(cls)}


def _alternatives(type_: Any) -> set[Any]:
    """The members of a union, flat; containers by their origin."""
    if get_origin(type_) in (Union, types.UnionType):
        return set().union(*(_alternatives(member) for member in get_args(type_)))
    return {type_ if type_ == RareRaw else get_origin(type_) or type_}


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Struct)


def _fits(described: str, type_: Any) -> bool:
    """Whether a field of this Python type can hold what the description says."""
    found = _alternatives(type_) - {UnsetType}
    if found & {Raw, RareRaw}:
        return len(found) == 1
    wanted = described.split("|")
    if "null" in wanted:
        if type(None) not in found:
            return False
        wanted.remove("null")
    found.discard(type(None))
    (kind,) = wanted
    if kind == "any":
        return True
    if kind == "string" or kind.startswith('"'):
        return str in found
    if kind == "integer":
        return int in found
    if kind.startswith("array<"):
        return bool(found & {tuple, list})
    return any(_is_struct(member) for member in found)


# -- types --------------------------------------------------------------------------------------


def test_every_published_type_has_a_row() -> None:
    assert len(PUBLIC_TYPES) == 58
    for section in SECTIONS:
        assert set(CATALOGUE[section]) == set(PUBLIC_TYPES)
    assert set(PUBLIC_TYPES) <= set(CLASSES)


def test_every_other_row_is_accounted_for() -> None:
    assert set(CLASSES) - set(PUBLIC_TYPES) == set(BEYOND_THE_CATALOGUE)


def test_each_type_and_each_class_has_one_row() -> None:
    assert len(CLASSES) == len(ROWS) == len({row.cls for row in ROWS})
    assert len({row.cls.__name__ for row in ROWS}) == len(ROWS)


@every_row
def test_the_row_names_where_its_type_is_described(row: Any) -> None:
    assert ("OpenAI API reference, Responses" in row.spec) == (row.type in PUBLIC_TYPES)


# -- members ------------------------------------------------------------------------------------


@every_public_type
def test_every_published_member_is_a_field(type_: str) -> None:
    assert set(_published(type_)) - set(_fields(CLASSES[type_])) == set()


@every_public_type
def test_every_published_member_fits_its_field(type_: str) -> None:
    fields = _fields(CLASSES[type_])
    misfits = {
        name: (described, fields[name].type)
        for name, described in _published(type_).items()
        if not _fits(described, fields[name].type)
    }
    assert misfits == {}


@every_public_type
def test_simple_members_are_read_and_not_kept_as_bytes(type_: str) -> None:
    fields = _fields(CLASSES[type_])
    for name, described in _published(type_).items():
        if described.split("|")[0] in ("string", "integer"):
            found = _alternatives(fields[name].type)
            wider = {int, str} if (type_, name) in WIDER else set()
            kind = {str} if described.startswith("string") else {int}
            assert found - {UnsetType, type(None)} == kind | wider, name


@every_public_type
def test_no_field_is_beyond_the_published_ones_but_the_known_extras(type_: str) -> None:
    described = set(_published(type_))
    extras = set(EXTRAS_OF_ALL) | {name for owner, name in EXTRAS if owner == type_}
    assert set(_fields(CLASSES[type_])) - described == extras - described


def test_the_known_extras_are_fields_and_are_not_published() -> None:
    for type_, name in EXTRAS:
        assert name in _fields(CLASSES[type_])
        assert name not in _published(type_)


@every_row
def test_a_delta_is_lean(row: Any) -> None:
    """What events of output hardly ever carry costs them nothing; padding only if published."""
    names = _fields(row.cls)
    assert row.type.endswith(".delta") == row.is_delta
    for name in RARE:
        assert (Raw in _alternatives(names[name].type)) == (not row.is_output)
        assert (RareRaw in _alternatives(names[name].type)) == row.is_output
    assert ("obfuscation" in names) == (row.type == "response.shell_call_command.delta")


@every_row
def test_attributes_are_named_as_on_the_wire(row: Any) -> None:
    for name, field in _fields(row.cls).items():
        if name == NOTES_KEY:
            assert field.name == "wire_notes"
        elif {Raw, RareRaw} & set(_alternatives(field.type)):
            assert field.name == f"raw_{name}"
            assert hasattr(row.cls, name), f"nothing decodes {name}"
        else:
            assert field.name == name


@every_row
def test_whatever_is_not_required_is_absent_by_default(row: Any) -> None:
    for field in msgspec.structs.fields(row.cls):
        if not field.required:
            assert field.default is UNSET
            assert UnsetType in _alternatives(field.type)


@every_public_type
def test_nothing_is_required_that_is_not_published_as_required(type_: str) -> None:
    published = set.intersection(*(set(CATALOGUE[name][type_]["required"]) for name in SECTIONS))
    required = {
        field.encode_name for field in msgspec.structs.fields(CLASSES[type_]) if field.required
    }
    assert required <= published
    # Early and foreign servers leave these out.
    assert required.isdisjoint({"sequence_number", "item_id", "output_index", "logprobs", "name"})


# -- messages -----------------------------------------------------------------------------------


def _examples() -> list[Any]:
    found = []
    for section in SECTIONS:
        for type_, row in CATALOGUE[section].items():
            examples = row["example"] if isinstance(row["example"], list) else [row["example"]]
            found += [
                pytest.param(type_, example, id=f"{section}-{type_}")
                for example in examples
                if example is not None
            ]
    return found


def _agree(type_: str, message: dict[str, Any]) -> None:
    """The message becomes its class without a note, and no member of it is lost."""
    event = decode_response_event(json.dumps(message))
    assert type(event) is CLASSES[type_]
    assert event.type == type_
    assert event.notes == ()
    encoded = encode_response_event(event)
    assert decode_response_event(encoded) == event
    assert json.loads(encoded) == message


@pytest.mark.parametrize(("type_", "example"), _examples())
def test_example(type_: str, example: dict[str, Any]) -> None:
    _agree(type_, example)


def test_only_the_shell_events_have_no_example() -> None:
    without = {t for s in SECTIONS for t, row in CATALOGUE[s].items() if row["example"] is None}
    assert without == {type_ for type_ in PUBLIC_TYPES if type_.startswith("response.shell_call_")}


def _sample(described: str) -> Any:
    kind = described.split("|")[0]
    if kind.startswith('"'):
        return json.loads(kind)
    if kind.startswith("array<"):
        return []
    return {"string": "text", "integer": 7, "any": "anything"}.get(kind, {})


@every_public_type
def test_all_published_members_at_once(type_: str) -> None:
    described = _published(type_)
    _agree(type_, {"type": type_} | {name: _sample(kind) for name, kind in described.items()})


@every_public_type
@pytest.mark.parametrize("section", SECTIONS)
def test_only_the_required_members(section: str, type_: str) -> None:
    required = CATALOGUE[section][type_]["required"]
    _agree(type_, {name: _sample(kind) for name, kind in required.items()})


@every_public_type
def test_null_where_null_is_published(type_: str) -> None:
    described = _published(type_)
    _agree(
        type_,
        {"type": type_}
        | {
            name: None if kind.endswith("|null") else _sample(kind)
            for name, kind in described.items()
        },
    )
