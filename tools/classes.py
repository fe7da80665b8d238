"""What the pages about events and items say of a class: its members, as tables."""

from __future__ import annotations

import inspect
import types
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Raw, Struct, UnsetType

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["members", "summary", "type_text"]

_MANY = 6
_NAMES = {type(None): "null", UnsetType: "absent", object: "any JSON", Any: "any JSON"}


def summary(cls: type) -> str:
    """Return the first paragraph of a class's docstring, on one line."""
    text = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0]
    return text.replace("\n", " ").replace("|", "\\|")


def members(cls: type[Struct], without: Iterable[str] = ()) -> list[str]:
    """Return a table of the members of a class, empty for one without any of its own."""
    left_out = {*without, "wire_notes"}
    rows = [_row(cls, field) for field in msgspec.structs.fields(cls) if field.name not in left_out]
    return ["| member | attribute | type |", "|---|---|---|", *rows] if rows else []


def _row(cls: type[Struct], field: msgspec.structs.FieldInfo) -> str:
    name = field.name
    lazy = name.removeprefix("raw_")
    is_lazy = lazy != name and hasattr(cls, lazy)
    attribute = f"`{lazy}` (raw: `{name}`)" if is_lazy else f"`{name}`"
    needed = field.default is NODEFAULT and field.default_factory is NODEFAULT
    type_ = type_text(field.type)
    if not needed and field.default is not UNSET:
        type_ += f", by default {field.default!r}"
    return f"| `{field.encode_name}` | {attribute} | {type_} |"


def type_text(type_: Any) -> str:
    """Return a type in words: `str or null or absent`, `list of LogProb`."""
    if type_ in _NAMES:
        return _NAMES[type_]
    origin = get_origin(type_)
    if origin in (Union, types.UnionType):
        branches = sorted({type_text(each) for each in get_args(type_)}, key=_rank)
        if len(branches) > _MANY:
            # Only the content of messages has so many.
            branches = ["part", *(each for each in branches if each in _NAMES.values())]
        return " or ".join(branches)
    if origin is tuple:
        element = type_text(get_args(type_)[0])
        return f"list of {element}" if " or " not in element else f"list of ({element})"
    if origin is dict:
        return "object"
    if isinstance(type_, type) and issubclass(type_, Raw):
        return "any JSON"
    if isinstance(type_, type):
        return f"`{type_.__name__}`"
    arguments = get_args(type_)
    return type_text(arguments[0]) if arguments else "any JSON"


def _rank(text: str) -> tuple[int, str]:
    return (("null", "absent").index(text) + 1 if text in ("null", "absent") else 0, text)
