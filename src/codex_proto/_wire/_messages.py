"""One JSON message as a payload that may be decoded, and the second look at one that is irregular.

Source: wire.md 0.1; docs/architecture.md, "Rules".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from codex_proto._input import as_bytes
from codex_proto._json import DECODE_ERRORS
from codex_proto._wire._members import IsVital, decode_record, encode_lossless, split_members
from codex_proto._wire._nesting import is_too_deep
from codex_proto._wire._values import MalformedEvent, UnknownEvent

__all__ = ["as_payload", "check_payload", "decode_irregular", "decode_type", "encode_event"]


def as_payload(message: bytearray | memoryview | str | bytes) -> bytes | MalformedEvent:
    """A message as bytes; text with a lone surrogate is no message.

    Raises:
        LocalProtocolError: `message` is neither bytes nor text.
    """
    if isinstance(message, str):
        try:
            return message.encode()
        except UnicodeEncodeError as error:
            reason = f"lone surrogate at character {error.start}"
            return MalformedEvent(reason, message.encode("utf-8", "surrogatepass"))
    return as_bytes("message", message)


def check_payload(payload: bytes, max_depth: int) -> MalformedEvent | None:
    """What msgspec does not look at in members it skips: UTF-8, and the depth of nesting."""
    if not payload.isascii():
        try:
            str(payload, "utf-8")
        except UnicodeDecodeError as error:
            return MalformedEvent(f"invalid UTF-8 at byte {error.start}: {error.reason}", payload)
    if is_too_deep(payload, max_depth):
        return MalformedEvent(f"nested more than {max_depth} levels deep", payload)
    return None


# -- the second look ----------------------------------------------------------------------------


class _Head(msgspec.Struct, gc=False):
    type: str


_decode_head: Final = msgspec.json.Decoder(_Head).decode
_decode_text: Final = msgspec.json.Decoder(str).decode


def decode_type(payload: bytes) -> str:
    """The `type` of a message, quickly.

    Raise one of `DECODE_ERRORS` where it has no type, or several of which one is not a string.
    """
    return _decode_head(payload).type


def decode_irregular(payload: bytes, classes: Mapping[str, type[Struct]], is_vital: IsVital) -> Any:
    """Decode a message that the fast way has refused: member by member, keeping what can be kept.

    Returns a record of the class that `classes` has for its type, an `UnknownEvent`, or a
    `MalformedEvent` that says what is wrong with it.
    """
    try:
        type_ = _type_of(payload)
        cls = classes.get(type_)
        if cls is None:
            return UnknownEvent(type_, payload)
        event = decode_record(cls, split_members(payload), is_vital)
    except (*DECODE_ERRORS, ValueError) as error:
        # A ValueError is the class's own, about what its type cannot say.
        return MalformedEvent(_reason(error, payload), payload)
    return event


def _type_of(payload: bytes) -> str:
    try:
        return _decode_head(payload).type
    except msgspec.ValidationError:
        # The last of several members of one name counts, whatever the others are.
        raw = split_members(payload).get("type")
        if raw is None:
            raise
        return _decode_text(raw)


def _reason(error: Exception, payload: bytes) -> str:
    reason = str(error) or type(error).__name__
    # msgspec says so of a lone surrogate, too, wherever it stands.
    if reason == _TRUNCATED and _SURROGATE.search(payload):
        return f"{reason}, or a lone surrogate"
    return reason


_TRUNCATED: Final = "Input data was truncated"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


# -- writing ------------------------------------------------------------------------------------


def encode_event(event: Any) -> bytes:
    """Encode an event as the JSON that decodes to an equal one; notes go back in their places."""
    if isinstance(event, UnknownEvent | MalformedEvent):
        return event.raw
    return encode_lossless(event)
