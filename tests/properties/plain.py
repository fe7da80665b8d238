"""The library's values as the plain ones that the reference decoder speaks in."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import UNSET, Raw, Struct

from codex_proto._wire import Lazy, Noted
from codex_proto.errors import ApiError, CodexError, ResponseIncompleteError
from codex_proto.responses import MalformedEvent, StreamFailed, UnknownEvent, WireEvent

__all__ = ["lazy_members", "plain", "plain_events", "touch"]


def plain(event: object) -> Any:
    """One event, or any value inside one, as the reference would say it."""
    match event:
        case UnknownEvent():
            named = ("UnknownEvent", event.type, event.raw)
            return (*named, [note.field for note in event.notes]) if event.notes else named
        case MalformedEvent():
            return ("MalformedEvent", event.raw)
        case StreamFailed(error=ApiError() as error) if not isinstance(
            error, ResponseIncompleteError
        ):
            # Which error a code or a status makes has tests of its own.
            told = ("StreamFailed", "told by the server", _response_id(error))
            return (*told, type(event.ended_by).__name__) if event.ended_by else told
        case StreamFailed():
            return ("StreamFailed", type(event.error).__name__, _attributes(event.error))
        case WireEvent():
            notes = [note.field for note in event.notes]
            return (type(event).__name__, _members(event, without=("wire_notes",)), notes)
        case Noted():
            members = _members(event, without=("wire_notes",))
            noted = {"notes": [note.field for note in event.notes]} if event.notes else {}
            return (type(event).__name__, {**members, **noted})
        case Struct():
            return (type(event).__name__, _members(event))
        case Raw():
            return bytes(event)
        case StrEnum():
            return str(event)
        case tuple() | list():
            return type(event)(plain(part) for part in event)
        case dict():
            return {name: plain(part) for name, part in event.items()}
        case _:
            return event


def plain_events(events: list[Any]) -> str:
    """Events as text: so that 1, 1.0 and True differ, and a failure shows where."""
    return "\n".join(repr(plain(event)) for event in events)


def _members(struct: Struct, without: tuple[str, ...] = ()) -> dict[str, Any]:
    values = {name: getattr(struct, name) for name in struct.__struct_fields__}
    return {
        name: plain(value)
        for name, value in values.items()
        if value is not UNSET and name not in without
    }


def _response_id(error: ApiError) -> dict[str, Any]:
    return {} if error.response_id is None else {"response_id": error.response_id}


def _attributes(error: CodexError) -> dict[str, Any]:
    """All but the message, which is a sentence of ours that may be worded better one day."""
    attributes = {name: plain(getattr(error, name)) for name in error.fields if name != "message"}
    return {name: value for name, value in attributes.items() if value is not None}


# -- everything that can be asked of an event ---------------------------------------------------


def lazy_members(event: object) -> list[tuple[str, Any, Any, Any]]:
    """The members that are decoded by asking: name, declared type, raw JSON, what was given."""
    found = {
        name: lazy
        for cls in reversed(type(event).__mro__)
        for name, lazy in vars(cls).items()
        if isinstance(lazy, Lazy)
    }
    return [
        (name, lazy._type, getattr(event, f"raw_{name}"), getattr(event, name))
        for name, lazy in found.items()
    ]


def touch(value: object) -> int:
    """Ask for everything that a value can tell, and for everything of that; return how much.

    None of it may raise: that is all there is to it.
    """
    asked = 1
    repr(value)
    if isinstance(value, tuple | list):
        return asked + sum(touch(part) for part in value)
    if isinstance(value, CodexError):
        return asked + touch(str(value)) + touch(value.as_dict())
    if not isinstance(value, Struct):
        return asked
    names = {name for cls in type(value).__mro__ for name in vars(cls) if name[0] != "_"}
    for name in sorted(names):
        part = getattr(value, name)
        if not callable(part):
            asked += touch(part)
    return asked
