"""The realtime wire classes beside the published description of the API, field by field.

`data/catalogue_realtime.json` is what others published; the tables here say where we know more, and
why.
"""

from __future__ import annotations

import json
import re
import types
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

import msgspec
import pytest
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import NOTES_KEY
from codex_proto.realtime import (
    ROWS,
    RealtimeWireEvent,
    UnknownEvent,
    decode_realtime_event,
    encode_realtime_event,
)
from codex_proto.realtime.wire._registry import SCALAR_CLASSES
from tests.recordings import DATA

Members: TypeAlias = dict[str, str]

CATALOGUE: Final[dict[str, Any]] = json.loads((DATA / "catalogue_realtime.json").read_text("utf-8"))
GA: Final = "realtime_server_events"
SECTIONS: Final = (
    GA,
    "realtime_server_events_beta",
    "realtime_server_events_not_in_union",
    "realtime_translation_server_events",
)
CLASSES: Final = {row.type: row.cls for row in ROWS}

# What the source of a row is called, and the part of the catalogue that it means.
DESCRIBED: Final = {
    "OpenAI API reference, Realtime": GA,
    "OpenAI API reference, Realtime (beta)": "realtime_server_events_beta",
    "OpenAI API reference, Realtime (translation)": "realtime_translation_server_events",
}

# The beta wire's own names for events that the description has under those of the public API.
BETA_NAMES: Final = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
}

# Types that no published description has, and where they come from.
BEYOND_THE_CATALOGUE: Final = {
    **dict.fromkeys(BETA_NAMES, "the beta wire"),
    "conversation.item.input_audio_transcription.updated": "xAI sends it",
    "ping": "xAI sends it",
    "response.cancelled": "upstream reads it",
    "conversation.output_audio.delta": "version 1",
    "conversation.input_transcript.delta": "version 1",
    "conversation.input_transcript.turn_marked": "version 1",
    "conversation.output_transcript.delta": "version 1",
    "conversation.handoff.requested": "version 1",
}
V1_ONLY: Final = {type_ for type_, why in BEYOND_THE_CATALOGUE.items() if why == "version 1"}

# Members that no published description has for the event, and why we read them.
_SHAPE: Final = ("sample_rate", "channels", "num_channels", "samples_per_channel")
_AUDIO: Final = ("response.output_audio.delta", "response.audio.delta")
_PADDED: Final = (
    *_AUDIO,
    "response.output_audio_transcript.delta",
    "response.audio_transcript.delta",
    "response.output_text.delta",
    "response.text.delta",
)
EXTRAS: Final = {
    **{(type_, name): "upstream reads it" for type_ in _AUDIO for name in _SHAPE},
    **{(type_, "obfuscation"): "so that no member goes unseen" for type_ in _PADDED},
    ("response.created", "response_id"): "upstream falls back to it",
    ("response.done", "response_id"): "upstream falls back to it",
    ("error", "message"): "upstream reads it before `error.message`",
    ("input_audio_buffer.dtmf_event_received", "event_id"): "as on every other event",
}

PUBLISHED: Final = tuple(
    dict.fromkeys(type_ for section in SECTIONS for type_ in CATALOGUE[section])
)
every_published_type = pytest.mark.parametrize("type_", PUBLISHED)
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)


def _published(type_: str) -> Members:
    """Every member of an event that any of the descriptions has, with its type."""
    members: Members = {}
    for section in SECTIONS:
        row = CATALOGUE[section].get(BETA_NAMES.get(type_, type_))
        for name, described in (row["required"] | row["optional"]).items() if row else ():
            if name != "type":
                members.setdefault(name, described)
    return members


def _fields(cls: type[RealtimeWireEvent]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(cls)}


def _alternatives(type_: Any) -> set[Any]:
    if get_origin(type_) in (Union, types.UnionType):
        return set().union(*(_alternatives(member) for member in get_args(type_)))
    return {get_origin(type_) or type_}


def _kind(described: str) -> str:
    wanted = [kind for kind in described.split("|") if kind != "null"]
    return wanted[0]


def _is_text(described: str) -> bool:
    return _kind(described) == "string" or _kind(described).startswith('"')


# -- types --------------------------------------------------------------------------------------


def test_every_published_type_has_a_row_that_says_so() -> None:
    assert len(CATALOGUE[GA]) == 46
    assert set(PUBLISHED) <= set(CLASSES)
    for row in ROWS:
        if section := DESCRIBED.get(row.spec):
            assert BETA_NAMES.get(row.type, row.type) in CATALOGUE[section]
        assert (row.type in PUBLISHED) == (row.type not in BEYOND_THE_CATALOGUE)


def test_every_other_row_is_accounted_for() -> None:
    assert set(CLASSES) - set(PUBLISHED) == set(BEYOND_THE_CATALOGUE)
    assert len(ROWS) == 66


def test_each_type_and_each_class_has_one_row() -> None:
    assert len(CLASSES) == len(ROWS) == len({row.cls for row in ROWS})


@every_row
def test_a_class_is_named_after_its_type(row: Any) -> None:
    # `ErrorEvent` is the event of a response's stream.
    type_ = "realtime.error" if row.type == "error" else row.type
    words = re.split(r"[._]", type_)
    assert row.cls.__name__ == "".join(word.capitalize() for word in words) + "Event"


@every_row
def test_version_1_has_all_types_and_version_2_all_but_its_own(row: Any) -> None:
    assert row.versions == (("v1",) if row.type in V1_ONLY else ("v1", "v2"))


@every_row
def test_a_type_is_known_in_its_versions(row: Any) -> None:
    message = json.dumps(
        {"type": row.type}
        | {
            name: "text" if str in _alternatives(field.type) else {}
            for name, field in _fields(row.cls).items()
            if field.required
        }
    )
    for version in ("v1", "v2"):
        event = decode_realtime_event(message, version)
        assert type(event) is (row.cls if version in row.versions else UnknownEvent)


# -- members ------------------------------------------------------------------------------------


@every_row
def test_no_field_is_beyond_the_published_ones_but_the_known_extras(row: Any) -> None:
    if row.type in BEYOND_THE_CATALOGUE and row.type not in BETA_NAMES:
        return
    extras = {NOTES_KEY} | {name for owner, name in EXTRAS if owner == row.type}
    assert set(_fields(row.cls)) == set(_published(row.type)) | extras
    assert extras.isdisjoint(_published(row.type))


@every_row
def test_every_published_member_fits_its_field(row: Any) -> None:
    fields = _fields(row.cls)
    for name, described in _published(row.type).items():
        found = _alternatives(fields[name].type) - {UnsetType, type(None)}
        if Raw in found:
            assert found == {Raw}
            assert not _is_text(described)
        elif _is_text(described):
            assert found == {str}
        elif _kind(described) == "integer":
            assert found == {int}
        else:
            assert (_kind(described), found) == ("number", {int, float})


@every_row
def test_attributes_are_named_as_on_the_wire(row: Any) -> None:
    for name, field in _fields(row.cls).items():
        if name == NOTES_KEY:
            assert field.name == "wire_notes"
        elif Raw in _alternatives(field.type):
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


@every_published_type
def test_nothing_is_required_that_is_not_published_as_required(type_: str) -> None:
    rows = [CATALOGUE[section][type_] for section in SECTIONS if type_ in CATALOGUE[section]]
    published = set.intersection(*(set(row["required"]) for row in rows))
    required = {name for name, field in _fields(CLASSES[type_]).items() if field.required}
    assert required <= published
    # Foreign servers leave these out.
    assert required.isdisjoint({"event_id", "item_id", "response_id", "response", "part"})


def test_only_classes_without_open_members_refuse_what_they_do_not_know() -> None:
    """What makes the short way safe: there is no place where anything could hide."""
    assert {row.type for row in ROWS if row.cls in SCALAR_CLASSES} == set(_PADDED)
    for cls in SCALAR_CLASSES:
        for name, field in _fields(cls).items():
            if name != NOTES_KEY:
                assert _alternatives(field.type) <= {str, int, type(None), UnsetType}


# -- messages -----------------------------------------------------------------------------------


def _agree(type_: str, message: dict[str, Any]) -> None:
    """The message becomes its class without a note, and no member of it is lost."""
    event = decode_realtime_event(json.dumps(message), "v2")
    assert type(event) is CLASSES[type_]
    assert event.type == type_
    assert event.notes == ()
    encoded = encode_realtime_event(event)
    assert decode_realtime_event(encoded, "v2") == event
    known = set(_fields(CLASSES[type_])) | {"type"}
    assert json.loads(encoded) == {name: message[name] for name in message if name in known}
    unknown = set(message) - known
    assert unknown <= {"obfuscation", "previous_item_id", "timestamp"}


MISTAKEN_TYPES: Final = (" input_audio_buffer.dtmf_event_received", "conversation.item.created")


def _examples() -> list[Any]:
    return [
        pytest.param(type_, row["example"], id=f"{section}-{type_}")
        for section in SECTIONS
        for type_, row in CATALOGUE[section].items()
        if row["example"] is not None
    ]


@pytest.mark.parametrize(("type_", "example"), _examples())
def test_example(type_: str, example: Any) -> None:
    # Two examples of the description are of another type, or of none.
    example = example | {"type": type_} if example["type"] in MISTAKEN_TYPES else example
    _agree(type_, example)


def _sample(described: str) -> Any:
    kind = _kind(described)
    if kind.startswith('"'):
        return json.loads(kind)
    if kind.startswith("array<"):
        return []
    return {"string": "text", "integer": 7, "number": 1.5}.get(kind, {})


@every_published_type
def test_all_published_members_at_once(type_: str) -> None:
    described = _published(type_)
    _agree(type_, {"type": type_} | {name: _sample(kind) for name, kind in described.items()})


@every_published_type
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
