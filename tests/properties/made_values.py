"""Values of every public class, made from the types of their members."""

from __future__ import annotations

import collections.abc
import functools
import importlib
import json
import pkgutil
import types
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import msgspec
from hypothesis import reject
from hypothesis import strategies as st
from msgspec import NODEFAULT, UNSET, Raw, Struct, UnsetType

import codex_proto
from codex_proto import errors
from codex_proto._wire import MalformedPart, Notes, RareRaw, UnknownPart
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.http import Headers, HttpRequest, HttpResponse
from codex_proto.items import FunctionCall, Message, Part, UnknownItem
from codex_proto.rate_limits import RateLimitSnapshot
from codex_proto.requests import Body, MetadataPolicy, RawMemory, Reaction
from codex_proto.versions import Member, Policy

__all__ = ["ERROR_CLASSES", "JSON", "VALUE_CLASSES", "errors_of", "values_of"]

Strategy: TypeAlias = st.SearchStrategy[Any]


def _public_classes() -> dict[type, None]:
    """Return all classes that the faces list, each once."""
    found: dict[type, None] = {}
    for module in pkgutil.walk_packages(codex_proto.__path__, "codex_proto."):
        if module.ispkg:
            face = importlib.import_module(module.name)
            names = [getattr(face, name) for name in face.__all__]
            found |= {each: None for each in names if isinstance(each, type)}
    return found


# Rows of tables, which hold functions.
_TABLES: Final = {Member, MetadataPolicy, Policy, Reaction}

VALUE_CLASSES: Final[list[type[Struct]]] = [
    cls
    for cls in _public_classes()
    if issubclass(cls, Struct) and cls.__struct_config__.frozen and cls not in _TABLES
]
"""Every public record. One that can be changed is no value, and has no hash."""

ERROR_CLASSES: Final[list[type[CodexError]]] = [
    cls
    for name in vars(errors)["__all__"]
    if isinstance(cls := getattr(errors, name), type) and issubclass(cls, CodexError)
]

_TEXT: Final = st.text(max_size=5)
_FLOATS: Final = st.floats(allow_nan=False, allow_infinity=False)
JSON: Final[Strategy] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | _FLOATS | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_SOUND_RAW: Final = JSON.map(lambda value: Raw(json.dumps(value).encode()))
_BROKEN_RAW: Final = st.sampled_from([b"{", b"nul", b"\xff", b'{"id":', b"[1,,]"]).map(Raw)
_MALFORMED: Final = st.builds(MalformedPart, field=_TEXT, reason=_TEXT, raw=st.binary(max_size=4))
_UNKNOWN_PART: Final = JSON.map(
    lambda value: UnknownPart("x", json.dumps({"type": "x", "v": value}).encode())
)
_ITEMS: Final = (
    st.builds(Message, role=_TEXT, content=_TEXT, metadata=JSON)
    | st.builds(FunctionCall, name=_TEXT, arguments=_TEXT, call_id=_TEXT, caller=JSON)
    | JSON.map(lambda value: UnknownItem("x", json.dumps({"type": "x", "v": value}).encode()))
)

_SIMPLE: Final[dict[Any, Strategy]] = {
    str: _TEXT,
    int: st.integers(1, 2**33),
    float: _FLOATS,
    bool: st.booleans(),
    bytes: st.binary(max_size=4),
    type(None): st.none(),
    UnsetType: st.just(UNSET),
    Any: JSON,
    Raw: _SOUND_RAW | _BROKEN_RAW,
    RareRaw: _SOUND_RAW,
    Notes: st.lists(_MALFORMED, min_size=1, max_size=2).map(Notes),
    Headers: st.dictionaries(st.sampled_from(["x-a", "authorization"]), _TEXT).map(Headers),
    HttpRequest: st.just(HttpRequest("POST", "https://a.example/v1?model=m", {"x-a": "b"}, b"x")),
    HttpResponse: st.just(HttpResponse(200, {"x-a": "b"}, b"\xff")),
}

# Members that the type alone does not tell, because the class looks at what it is given.
_WORD: Final = st.text("abc-", min_size=1, max_size=3)
_OF_A_REQUEST: Final[dict[str, Strategy]] = {
    "model": _WORD,
    "input": _TEXT | st.lists(_ITEMS, max_size=2),
    "service_tier": _WORD,
    "previous_response_id": _WORD,
    "extra_body": st.dictionaries(st.just("x-more"), JSON),
    "raw_memories": st.deferred(lambda: st.lists(values_of(RawMemory), max_size=2)),
}


@functools.cache
def _of_type(type_: Any) -> Strategy:
    if type_ in _SIMPLE:
        return _SIMPLE[type_]
    origin, args = get_origin(type_), get_args(type_)
    if origin in (Union, types.UnionType):
        return st.one_of([_of_type(each) for each in args])
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (tuple, collections.abc.Sequence):
        if args[-1] is not Ellipsis and origin is tuple:
            return st.tuples(*map(_of_type, args))
        element = _of_type(args[0])
        if any(isinstance(cls, type) and issubclass(cls, Part) for cls in get_args(args[0])):
            element |= _UNKNOWN_PART
        return st.lists(element, max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(_of_type(args[0]), max_size=2)
    if origin in (dict, collections.abc.Mapping):
        return st.dictionaries(_TEXT, _of_type(args[1]), max_size=2)
    if origin is collections.abc.Iterable:
        return _SIMPLE[Headers]
    return _of_class(type_)


def _of_class(cls: Any) -> Strategy:
    if isinstance(cls, TypeVar):
        return JSON | _ITEMS
    if cls.__name__ == "HasItems":
        return _SIMPLE[Headers]
    if issubclass(cls, Enum):
        return st.sampled_from(cls)
    if issubclass(cls, CodexError):
        return st.sampled_from(ERROR_CLASSES).flatmap(errors_of)
    return values_of(cls)


def _later(type_: Any) -> Strategy:
    return st.deferred(lambda: _of_type(type_))


def values_of(cls: type[Struct]) -> Strategy:
    """Return values of a class: every member may be there, and required ones are."""
    required: dict[str, Strategy] = {}
    optional: dict[str, Strategy] = {}
    for field in msgspec.structs.fields(cls):
        members = required if field.default is field.default_factory is NODEFAULT else optional
        members[field.name] = _later(field.type)
        if issubclass(cls, Body) and field.name in _OF_A_REQUEST:
            members[field.name] = _OF_A_REQUEST[field.name]
    return st.fixed_dictionaries(required, optional=optional).map(functools.partial(_made, cls))


def _made(cls: type[Struct], members: dict[str, Any]) -> Struct:
    try:
        return cls(**members)
    except (LocalProtocolError, ValueError):
        return reject()


# -- errors -------------------------------------------------------------------------------------

# The attributes that are no text.
_OF_AN_ERROR: Final[dict[str, Strategy]] = {
    "retry_after": _FLOATS,
    "retry_at": _FLOATS,
    "limit": st.integers(1, 9),
    "status": st.integers(100, 599),
    "headers": st.lists(st.tuples(_TEXT, _TEXT), max_size=2).map(tuple),
    "rate_limits": _later(RateLimitSnapshot) | JSON,
    "token_usage": JSON,
    "output_started": st.booleans(),
    "leftover": st.binary(max_size=4),
    "unread": st.binary(max_size=4),
    "close_code": st.integers(1000, 4999),
}


def errors_of(cls: type[CodexError]) -> Strategy:
    """Return errors of a class; in some attributes are values that have no hash."""
    return st.fixed_dictionaries({name: _OF_AN_ERROR.get(name, _TEXT) for name in cls.fields}).map(
        lambda attributes: cls(**attributes)
    )
