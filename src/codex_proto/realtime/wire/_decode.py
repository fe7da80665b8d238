"""One realtime message in, exactly one wire event out, never an exception (level 1).

The message is decoded directly into the class of its `type`. Only if that fails it is decoded a
second time, more slowly, to find what is wrong and to keep the rest:

- an unknown type makes an `UnknownEvent`;
- a wrong type in a member that the event needs makes a `MalformedEvent`: upstream
  drops such an event, too (wire.md 8.5);
- a wrong type in any other member leaves it at its default and is reported in the event's `notes`.

Source: wire.md 0.1 and 8.5; docs/architecture.md, "Rules" and "Realtime".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias, Union

import msgspec

from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    MalformedEvent,
    UnknownEvent,
    as_payload,
    check_payload,
    decode_irregular,
    encode_event,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.wire._base import RealtimeWireEvent
from codex_proto.realtime.wire._input import ConversationItemInputAudioTranscriptionDeltaEvent
from codex_proto.realtime.wire._registry import ROWS
from codex_proto.realtime.wire._versions import RealtimeVersion, check_version

__all__ = ["DecodedRealtimeEvent", "decode_realtime_event", "encode_realtime_event"]

DecodedRealtimeEvent: TypeAlias = RealtimeWireEvent | UnknownEvent | MalformedEvent


def decode_realtime_event(
    message: bytes | bytearray | memoryview | str,
    version: RealtimeVersion,
    *,
    max_depth: int = DEFAULT_MAX_DEPTH,
) -> DecodedRealtimeEvent:
    """Decode one WebSocket text message of the server.

    `version` selects the known types: `v1` has five of its own beside those of the public API.
    `max_depth` is how many levels of nesting are read. Returns an event of the class that the
    registry has for the message's `type`, an `UnknownEvent`, or a `MalformedEvent`; bytes never
    raise. Next: match on the class, or pass the event to a `CodexRealtimeView`.

    Raises:
        LocalProtocolError: `message` is neither bytes nor text, `version` is not a version, or
            `max_depth` is not positive.
    """
    check_version(version)
    check_max_depth(max_depth)
    payload = message if type(message) is bytes else as_payload(message)
    if isinstance(payload, MalformedEvent):
        return payload
    decoding = event_decoder(version)
    try:
        return check_payload(payload, max_depth) or decoding.decode(payload)
    except DECODE_ERRORS:
        return decoding.decode_irregular(payload)


def encode_realtime_event(event: DecodedRealtimeEvent) -> bytes:
    """Encode a wire event as the JSON that decodes to an equal one, its notes in their places.

    The inverse of `decode_realtime_event`.
    """
    return encode_event(event)


def check_max_depth(max_depth: int) -> None:
    """Raise `LocalProtocolError` unless the limit is positive.

    Raises:
        LocalProtocolError: it is not positive.
    """
    if max_depth < 1:
        raise LocalProtocolError(f"max_depth: must be at least 1, not {max_depth}")


class EventDecoder(NamedTuple):
    """The two ways to decode a payload whose UTF-8 and depth have been checked.

    `decode` takes bytes or text and raises one of `DECODE_ERRORS` for an irregular payload;
    `decode_irregular` then decodes it, and never raises.
    """

    decode: Callable[[bytes | str], RealtimeWireEvent]
    decode_irregular: Callable[[bytes], DecodedRealtimeEvent]


@cache
def event_decoder(version: RealtimeVersion) -> EventDecoder:
    """Return the decoders for the types of a version, made once."""
    classes = {row.type: row.cls for row in ROWS if version in row.versions}
    union: Any = Union[tuple(classes.values())]  # noqa: UP007 - built from a table

    def irregular(payload: bytes) -> DecodedRealtimeEvent:
        event: DecodedRealtimeEvent = decode_irregular(payload, classes, _is_vital)
        return event

    return EventDecoder(msgspec.json.Decoder[RealtimeWireEvent](union).decode, irregular)


def _is_vital(cls: type[msgspec.Struct], name: str) -> bool:
    """Return True for the one member that may be absent but not wrong."""
    return cls is ConversationItemInputAudioTranscriptionDeltaEvent and name == "delta"
