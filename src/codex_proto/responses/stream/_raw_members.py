"""Objects of JSON as their members' own bytes: what the readers of foreign streams work with.

Nothing here raises for what a peer sends.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

from codex_proto._wire import (
    DECODE_ERRORS,
    MalformedEvent,
    MalformedPart,
    Notes,
    UnknownEvent,
    split_members,
)
from codex_proto.responses.wire import DecodedEvent, decode_response_event

BOM: Final = b"\xef\xbb\xbf"
_NULL: Final = b"null"
BLANKS: Final = b" \t\r\n"

TYPES_BY_STATUS: Final = {
    "completed": "response.completed",
    "failed": "response.failed",
    "incomplete": "response.incomplete",
    "cancelled": "response.incomplete",
    "canceled": "response.incomplete",
    "queued": "response.queued",
    "in_progress": "response.in_progress",
}


def noted(event: DecodedEvent, reason: str) -> DecodedEvent:
    """Return the event with a note that says how it came."""
    note = MalformedPart(field="", reason=reason)
    if isinstance(event, MalformedEvent):
        return event
    if isinstance(event, UnknownEvent):
        return UnknownEvent(event.type, event.raw, Notes((*event.notes, note)))
    return msgspec.structs.replace(event, wire_notes=Notes((*event.notes, note)))


def decode_members(members: dict[str, Any]) -> DecodedEvent:
    return decode_response_event(msgspec.json.encode(members))


def raw_json(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))


def text_of(raw: Raw | None) -> str:
    try:
        value = msgspec.json.decode(_NULL if raw is None else raw)
    except DECODE_ERRORS:
        return ""
    return value if isinstance(value, str) else ""


def status_of(response: dict[str, Raw]) -> str:
    return text_of(response.get("status")).lower()


def is_null(raw: Raw | None) -> bool:
    return raw is None or bytes(raw).strip(BLANKS) == _NULL


def response_of(members: dict[str, Raw]) -> dict[str, Raw] | None:
    try:
        return split_members(members["response"]) if "response" in members else None
    except DECODE_ERRORS:
        return None
