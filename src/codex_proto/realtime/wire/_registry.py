"""Every wire type of the realtime protocol: one row each.

Decoding, the docs and the tests all read this one table.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final, NamedTuple

from codex_proto.realtime.wire import (
    _input as wire_input,
)
from codex_proto.realtime.wire import (
    _items as wire_items,
)
from codex_proto.realtime.wire import (
    _output as wire_output,
)
from codex_proto.realtime.wire import (
    _response as wire_response,
)
from codex_proto.realtime.wire import (
    _session as wire_session,
)
from codex_proto.realtime.wire import (
    _tools as wire_tools,
)
from codex_proto.realtime.wire import (
    _translation as wire_translation,
)
from codex_proto.realtime.wire import (
    _v1 as wire_v1,
)
from codex_proto.realtime.wire._base import RealtimeWireEvent
from codex_proto.realtime.wire._versions import RealtimeVersion

__all__ = ["ROWS", "RealtimeRow"]


class RealtimeRow(NamedTuple):
    """What is known of one wire type: its class, where it is described, and which versions have it.

    Version 1 mixes the public API's events with its own, so it has them all.
    """

    cls: type[RealtimeWireEvent]
    spec: str
    versions: tuple[RealtimeVersion, ...]

    @property
    def type(self) -> str:
        """The type as it stands in the JSON."""
        return str(self.cls.__struct_config__.tag)


_PUBLIC: Final = "OpenAI API reference, Realtime"
_BETA: Final = "OpenAI API reference, Realtime (beta)"
_TRANSLATION: Final = "OpenAI API reference, Realtime (translation)"
_V1: Final = "wire.md 8.5"
_UPSTREAM: Final = "wire.md 8.5"
_SEEN: Final = 'observed.md, "Public recordings"'

_FAMILIES: Final[tuple[tuple[ModuleType, str], ...]] = (
    (wire_session, _PUBLIC),
    (wire_items, _PUBLIC),
    (wire_input, _PUBLIC),
    (wire_response, _PUBLIC),
    (wire_output, _PUBLIC),
    (wire_tools, _PUBLIC),
    (wire_translation, _TRANSLATION),
    (wire_v1, _V1),
)
_ELSEWHERE: Final[dict[type[RealtimeWireEvent], str]] = {
    wire_session.TranscriptionSessionCreatedEvent: _BETA,
    wire_session.TranscriptionSessionUpdatedEvent: _BETA,
    wire_output.ResponseAudioDeltaEvent: _BETA,
    wire_output.ResponseAudioDoneEvent: _BETA,
    wire_output.ResponseAudioTranscriptDeltaEvent: _BETA,
    wire_output.ResponseAudioTranscriptDoneEvent: _BETA,
    wire_output.ResponseTextDeltaEvent: _BETA,
    wire_output.ResponseTextDoneEvent: _BETA,
    wire_response.ResponseCancelledEvent: _UPSTREAM,
    wire_session.PingEvent: _SEEN,
    wire_input.ConversationItemInputAudioTranscriptionUpdatedEvent: _SEEN,
}


def _rows() -> list[RealtimeRow]:
    rows: list[RealtimeRow] = []
    for family, spec in _FAMILIES:
        versions: tuple[RealtimeVersion, ...] = ("v1",) if family is wire_v1 else ("v1", "v2")
        for name in family.__all__:
            cls: type[RealtimeWireEvent] = getattr(family, name)
            rows.append(RealtimeRow(cls, _ELSEWHERE.get(cls, spec), versions))
    return rows


ROWS: Final[tuple[RealtimeRow, ...]] = tuple(_rows())

SCALAR_CLASSES: Final = frozenset(
    row.cls for row in ROWS if row.cls.__struct_config__.forbid_unknown_fields
)
"""The classes that refuse what they do not know, and have no member that could hold anything."""
