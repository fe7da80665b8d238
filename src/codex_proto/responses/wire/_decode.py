"""One JSON message in, exactly one event out, never an exception (level 1).

The message is decoded straight into the class its `type` names. Only when that does not work is it
looked at a second time, slowly, to say what is wrong and to keep what is right:

- an unknown type makes an `UnknownEvent`;
- a wrong type in a member that upstream reads (or that the event is nothing without) makes a
  `MalformedEvent`, since upstream drops such an event too;
- a wrong type in any other member leaves it at its default and is reported in the event's `notes`.

Source: wire.md 0.1 and 1.2; docs/architecture.md, "Rules".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, TypeAlias, Union

import msgspec

from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    MalformedEvent,
    UnknownEvent,
    as_payload,
    check_payload,
    decode_irregular,
    decode_type,
    encode_event,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.responses.wire._base import WireEvent
from codex_proto.responses.wire._registry import ROWS

__all__ = ["DecodedEvent", "decode_response_event", "encode_response_event"]

# An event that shows output: of a class whose row in the registry says so.
OutputEvent: TypeAlias = WireEvent
DecodedEvent: TypeAlias = WireEvent | UnknownEvent | MalformedEvent


def _decoder_of(classes: Iterable[type[WireEvent]]) -> Callable[[bytes], WireEvent]:
    union: Any = Union[tuple(classes)]  # noqa: UP007 - built from a table
    return msgspec.json.Decoder[WireEvent](union).decode


_CLASSES: Final = {row.type: row.cls for row in ROWS}


# Unions are made when the first event comes: importing should not cost those who decode none.
@cache
def _event_decoder() -> Callable[[bytes], WireEvent]:
    return _decoder_of(_CLASSES.values())


@cache
def output_decoder() -> Callable[[bytes], WireEvent]:
    """Return the decoder of the fast path.

    It decodes a payload if it is an event that shows output, and raises one of DECODE_ERRORS
    otherwise. Whoever calls it checks UTF-8 and depth.
    """
    return _decoder_of(row.cls for row in ROWS if row.is_output)


# The members that upstream's record declares (wire.md 1.2): a wrong type in one drops the event.
_UPSTREAM_MEMBERS: Final = frozenset(
    {"item_id", "call_id", "delta", "text", "summary_index", "content_index"}
)


def decode_response_event(
    message: bytes | bytearray | memoryview | str, *, max_depth: int = DEFAULT_MAX_DEPTH
) -> DecodedEvent:
    """Decode one message: the data of a server-sent event, or a WebSocket text message.

    `max_depth` is how many levels of nesting are read. Returns an event of the class that the
    registry has for the message's `type`, an `UnknownEvent`, or a `MalformedEvent`; bytes never
    raise. Next: match on the class, or hand the event to a `ResponsesDecoder`'s kind of state.

    Raises:
        LocalProtocolError: `message` is neither bytes nor text, or `max_depth` is not positive.
    """
    if max_depth < 1:
        raise LocalProtocolError(f"max_depth: must be at least 1, not {max_depth}")
    payload = message if type(message) is bytes else as_payload(message)
    if isinstance(payload, MalformedEvent):
        return payload
    try:
        return check_payload(payload, max_depth) or _event_decoder()(payload)
    except DECODE_ERRORS:
        return _irregular(payload)


def decode_unusual_event(payload: bytes, *, max_depth: int) -> DecodedEvent:
    """The same for a payload whose type is probably unknown: it looks at the type first.

    An exception for an unknown type costs twice as much as reading the type.
    """
    malformed = check_payload(payload, max_depth)
    if malformed is not None:
        return malformed
    try:
        type_ = decode_type(payload)
        return _event_decoder()(payload) if type_ in _CLASSES else UnknownEvent(type_, payload)
    except DECODE_ERRORS:
        return _irregular(payload)


def encode_response_event(event: DecodedEvent) -> bytes:
    """Encode an event as the JSON that decodes to an equal one; its notes go back in their places.

    The inverse of `decode_response_event`. The result is one line without line ends wherever the
    raw members of the event are.
    """
    return encode_event(event)


def _irregular(payload: bytes) -> DecodedEvent:
    event: DecodedEvent = decode_irregular(payload, _CLASSES, _is_vital)
    return event


def _is_vital(_cls: type[msgspec.Struct], name: str) -> bool:
    return name in _UPSTREAM_MEMBERS
