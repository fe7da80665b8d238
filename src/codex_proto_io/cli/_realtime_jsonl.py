"""Events of a realtime session as JSON lines.

The rules of `_jsonl` apply here too. Beyond that:

- in events of profile `codex`, members that the server did not send are left out;
- `HandoffRequested` carries `active_transcript`, a list of `{"role", "text"}`, and `delegation`:
  the text that the agent gets, `null` if there is no such text;
- audio stays base64;
- the pressed key of an `InputAudioBufferDtmfEventReceivedEvent`, a member named `event` in JSON, is
  `key`.
"""

from __future__ import annotations

import msgspec

from codex_proto.realtime import (
    HandoffRequested,
    InputAudioBufferDtmfEventReceivedEvent,
    MalformedEvent,
    RealtimeWireEvent,
    UnknownEvent,
    delegation_from_handoff,
)
from codex_proto_io.cli._jsonl import JsonRow, encode_row, event_row, plain

__all__ = ["realtime_line"]

_RAW = "raw_"


def realtime_line(event: object) -> bytes:
    """Return the event as one line of JSON, newline included."""
    return encode_row(_row(event))


def _row(event: object) -> JsonRow:
    match event:
        case InputAudioBufferDtmfEventReceivedEvent():
            key = {} if event.event is msgspec.UNSET else {"key": event.event}
            return event_row(msgspec.structs.replace(event, event=msgspec.UNSET)) | key
        case RealtimeWireEvent() | UnknownEvent() | MalformedEvent():
            return event_row(event)
        case msgspec.Struct():
            members = plain(event)
            row: JsonRow = {"event": type(event).__name__}
            row |= {name.removeprefix(_RAW): value for name, value in members.items()}
            if isinstance(event, HandoffRequested):
                row["delegation"] = delegation_from_handoff(event)
            return row
        case _:
            return event_row(event)
