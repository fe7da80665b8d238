"""What all wire events of a realtime session share.

The events themselves live in the family files beside this one (`_session`, `_items`, `_input`,
`_response`, `_output`, `_tools`, `_v1`, `_translation`); `_registry` lists them all. A class is
named after its wire type: `response.output_audio.delta` is `ResponseOutputAudioDeltaEvent`.
`codex_proto._wire` defines how a member of the JSON becomes an attribute.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from codex_proto._wire import NO_NOTES, NOTES_KEY, Notes, Opt
from codex_proto.realtime.wire._discreet import Discreet
from codex_proto.realtime.wire._versions import RealtimeVersion

__all__ = ["RealtimeWireEvent"]


class RealtimeWireEvent(Discreet, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Any event as it is on the wire; the base of every class in the registry.

    `event_id` is the server's id for it. `notes` lists the members that had to be left out of this
    event; it is nearly always empty. The `repr` shows only the sizes of texts and audio.

    Every class has two attributes: `section`, where the type is described, and `versions`, the
    versions of the protocol that have it. Version 1 mixes the public API's events with its own.
    """

    hidden = frozenset(
        {
            "arguments",
            "data",
            "delta",
            "input_transcript",
            "raw_item",
            "raw_logprobs",
            "raw_part",
            "raw_response",
            "raw_session",
            "text",
            "transcript",
        }
    )

    section: ClassVar[str] = "OpenAI API reference, Realtime"
    versions: ClassVar[tuple[RealtimeVersion, ...]] = ("v1", "v2")

    event_id: Opt[str] = UNSET
    wire_notes: Notes | UnsetType = msgspec.field(default=UNSET, name=NOTES_KEY)

    @property
    def type(self) -> str:
        """The wire type, such as `response.output_audio.delta`."""
        return str(self.__struct_config__.tag)

    @property
    def notes(self) -> Notes:
        """Errors in members that do not invalidate the event; usually empty."""
        return self.wire_notes or NO_NOTES


class OutputScope(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """Belongs to the item `item_id`, which is number `output_index` of a response's output."""

    response_id: Opt[str] = UNSET
    item_id: Opt[str] = UNSET
    output_index: Opt[int] = UNSET


class ContentScope(OutputScope, frozen=True, kw_only=True, gc=False):
    """Belongs to the part `content_index` of an item's content."""

    content_index: Opt[int] = UNSET
