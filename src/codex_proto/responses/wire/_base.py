"""What all wire events of a Responses stream share, and what stands in for those that are none.

The events themselves live in the family files beside this one (`wire_lifecycle`, `wire_items`,
`wire_text`, `wire_reasoning`, `wire_tools`, `wire_service`); `registry` lists them all.
`codex_proto._wire.values` says how a member of the JSON becomes an attribute.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import (
    NO_NOTES,
    NOTES_KEY,
    Lazy,
    Notes,
    Opt,
    RareRaw,
    Value,
)
from codex_proto.errors import CodexError

__all__ = ["AnnotatedEvent", "StreamFailed", "WireEvent"]


class WireEvent(Value, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Any event as it is on the wire; the base of every class in the registry.

    `sequence_number` counts the events of a response (early and foreign servers leave it out),
    `stream_id` is the lane on a multiplexed WebSocket, `agent` the sender in beta streams.
    `notes` tells what had to be left out of this event; it is empty for nearly all of them.

    `headers`, `response` and `safety_buffering` may stand on an event of any type (wire.md 1.4 and
    1.6), and hardly ever do.
    """

    # The members that most events have come last, before those of the class itself: then the
    # decoder finds the next member of the JSON in the next field, without looking any further.
    raw_headers: RareRaw | UnsetType = msgspec.field(default=UNSET, name="headers")
    raw_response: RareRaw | UnsetType = msgspec.field(default=UNSET, name="response")
    raw_safety_buffering: RareRaw | UnsetType = msgspec.field(
        default=UNSET, name="safety_buffering"
    )
    raw_agent: Raw | UnsetType = msgspec.field(default=UNSET, name="agent")
    wire_notes: Notes | UnsetType = msgspec.field(default=UNSET, name=NOTES_KEY)
    stream_id: Opt[str] = UNSET
    sequence_number: Opt[int] = UNSET

    headers = Lazy[dict[str, Any]](dict[str, Any])
    response = Lazy[Any](object)
    safety_buffering = Lazy[Any](object)
    agent = Lazy[Any](object)

    @property
    def type(self) -> str:
        """The wire type, such as `response.output_text.delta`."""
        return str(self.__struct_config__.tag)

    @property
    def notes(self) -> Notes:
        """What the peer got wrong in members that cost no event: usually nothing."""
        return self.wire_notes or NO_NOTES


class AnnotatedEvent(WireEvent, frozen=True, kw_only=True, gc=False):
    """An event that is likely to carry headers, a response or safety buffering: no output."""

    raw_headers: Raw | UnsetType = msgspec.field(default=UNSET, name="headers")
    raw_response: Raw | UnsetType = msgspec.field(default=UNSET, name="response")
    raw_safety_buffering: Raw | UnsetType = msgspec.field(default=UNSET, name="safety_buffering")


class StreamFailed(Struct, frozen=True):
    """The outcome of a response that did not complete. `error` says why; nothing follows.

    Where the server had told an error before, and then the stream just ended, `error` is what the
    server told, and `ended_by` says how the stream ended.
    """

    error: CodexError
    ended_by: CodexError | None = None
