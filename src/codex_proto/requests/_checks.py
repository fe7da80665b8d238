"""What callers put into a request, checked member by member and made immutable.

Each check takes a value and returns it as the request keeps it: lists become tuples, open JSON
becomes a copy that no one else can change. A value that cannot be sent raises `Unfit`, which the
request turns into an error with the member's name; decoding turns the same into a value.

Source: wire.md 0.1 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard, cast

import msgspec
from msgspec import UNSET

from codex_proto._wire import ENCODE_ERRORS, MalformedPart
from codex_proto.items import Item, ResponseItem, UnknownItem, decode_item, encode_item_lossless

__all__ = [
    "Check",
    "ReceivedItems",
    "Unfit",
    "flag",
    "integer",
    "is_list",
    "is_mapping",
    "json_list",
    "json_value",
    "kind_of",
    "nullable",
    "number",
    "optional",
    "request_input",
    "request_items",
    "text",
    "text_list",
    "text_map",
    "word",
]

Check: TypeAlias = Callable[[Any], Any]


class Unfit(Exception):
    """A value that a request cannot hold; the text says what is wrong with it."""


def is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a value is what callers write for a list of the wire."""
    return isinstance(value, list | tuple)


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a value is what callers write for an object of the wire."""
    return isinstance(value, Mapping)


# -- whether a value may be missing -------------------------------------------------------------


def nullable(check: Check) -> Check:
    """The check for a member that may be null on the wire, but not be left out."""
    return lambda value: None if value is None else check(value)


def optional(check: Check) -> Check:
    """The check for a member that may be null on the wire, or left out."""
    return lambda value: value if value is UNSET or value is None else check(value)


# -- plain values -------------------------------------------------------------------------------


def text(value: Any) -> str:
    """Text that UTF-8 can hold."""
    if not isinstance(value, str):
        raise Unfit(f"must be text, not {kind_of(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Unfit(f"has a lone surrogate at character {error.start}") from None
    # Enumerations that are texts become what they stand for.
    return value if type(value) is str else str.__str__(value)


def word(value: Any) -> str:
    """Text that is not empty."""
    if text(value) == "":
        raise Unfit("must not be empty")
    return text(value)


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Unfit(f"must be true or false, not {kind_of(value)}")
    return value


def integer(value: Any) -> int:
    """An integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit(f"must be an integer, not {kind_of(value)}")
    return value


def number(value: Any) -> int | float:
    """A number that JSON has: neither NaN nor infinite."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unfit(f"must be a number, not {kind_of(value)}")
    if value != value or value in (float("inf"), float("-inf")):
        raise Unfit(f"must be a finite number, not {value}")
    return value


def text_list(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not is_list(value):
        raise Unfit(f"must be a list of texts, not {kind_of(value)}")
    return tuple(_at(index, text, each) for index, each in enumerate(value))


def text_map(value: Any) -> dict[str, str]:
    """An object whose members are all texts."""
    if not is_mapping(value):
        raise Unfit(f"must be a mapping of texts, not {kind_of(value)}")
    return {text(key): _at(key, text, member) for key, member in value.items()}


def _at(place: object, check: Check, value: Any) -> Any:
    try:
        return check(value)
    except Unfit as error:
        raise Unfit(f"{error} (at {place!r})") from None


def kind_of(value: object) -> str:
    """What a value is, for a message: the name of its class, `null` or `missing`."""
    if value is UNSET:
        return "missing"
    return "null" if value is None else type(value).__name__


# -- open JSON ----------------------------------------------------------------------------------


def json_value(value: Any) -> Any:
    """Anything that JSON can hold, as a copy."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except ENCODE_ERRORS as error:
        raise Unfit(f"cannot be written as JSON: {error}") from error


def json_list(value: Any) -> tuple[Any, ...]:
    """A list of anything that JSON can hold, as a copy."""
    if not is_list(value):
        raise Unfit(f"must be a list, not {kind_of(value)}")
    return tuple(json_value(value))


# -- items --------------------------------------------------------------------------------------


class ReceivedItems(tuple[Item, ...]):
    """The items of a request that a peer sent, of which some may be malformed.

    A caller may not put malformed items into a request, but a peer may: a class of its own, so that
    a copy of the request may hold them too.
    """

    __slots__ = ()


def request_input(value: Any) -> str | tuple[Item, ...]:
    """The input of a request: items, or text alone, as the public API takes it."""
    if isinstance(value, ReceivedItems):
        return value
    return text(value) if isinstance(value, str) else request_items(value)


def request_items(value: Any) -> tuple[Item, ...]:
    """A list of items: typed ones, or mappings that are read into such."""
    if not is_list(value):
        raise Unfit(f"must be a list of items, not {kind_of(value)}")
    return tuple(_at(index, _item, each) for index, each in enumerate(value))


def _item(value: Any) -> Item:
    if isinstance(value, ResponseItem | UnknownItem):
        # Whatever class of items it is: the union lists them all.
        return cast("Item", value)
    if isinstance(value, MalformedPart):
        raise Unfit("is a MalformedPart, which is no item")
    if not is_mapping(value):
        raise Unfit(f"must be an item, not {kind_of(value)}")
    plain = json_value(value)
    decoded = decode_item("input", msgspec.json.encode(plain))
    if isinstance(decoded, MalformedPart):
        raise Unfit(f"is no item: {decoded.reason}")
    if msgspec.json.decode(encode_item_lossless(decoded)) == plain:
        return decoded
    # It holds more than the class does; what the caller wrote is what goes out.
    return UnknownItem(decoded.type, msgspec.json.encode(plain))
