"""What all wire events of a Responses stream share, and what stands for unreadable ones.

The events themselves live in the family files beside this one (`_lifecycle`, `_items`, `_text`,
`_reasoning`, `_tools`, `_hosted`, `_service`); `_registry` lists them all. `codex_proto._wire`
says how a member of the JSON becomes an attribute.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import (
    NO_NOTES,
    NOTES_KEY,
    Lazy,
    Notes,
    Opt,
    RareRaw,
    Value,
)

__all__ = ["AnnotatedEvent", "WireEvent"]


class WireEvent(Value, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Any event as it is on the wire; the base of every class in the registry.

    `sequence_number` counts the events of a response (early and foreign servers leave it out),
    `stream_id` is the lane on a multiplexed WebSocket, `agent` the sender in beta streams.
    `notes` lists what had to be left out of this event; it is empty for nearly all of them.

    `headers`, `response` and `safety_buffering` may stand on an event of any type (wire.md 1.4 and
    1.6), and hardly ever do.

    Three facts stand on every class: `is_output`, whether it shows that output has begun, so that
    another try would repeat something; `codex_name`, the event that upstream makes of it, None
    where upstream passes over the type; `section`, where the type is described.
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

    # What is known of the class: of each class that has a wire type of its own, `ROWS` makes a row.
    is_output: ClassVar[bool] = True
    codex_name: ClassVar[str | None] = None
    section: ClassVar[str] = "OpenAI API reference, Responses"

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

    is_output: ClassVar[bool] = False

    raw_headers: Raw | UnsetType = msgspec.field(default=UNSET, name="headers")
    raw_response: Raw | UnsetType = msgspec.field(default=UNSET, name="response")
    raw_safety_buffering: Raw | UnsetType = msgspec.field(default=UNSET, name="safety_buffering")
