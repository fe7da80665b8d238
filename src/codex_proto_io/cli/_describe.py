"""The description of an event on one line: the members that matter, each cut short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from codex_proto.errors import DECODE_ERRORS
from codex_proto.responses import Completed, MalformedEvent, StreamFailed, UnknownEvent
from codex_proto.sse import ServerSentEvent
from codex_proto_io.cli._conclusion import usage_sentence
from codex_proto_io.cli._feeds import EventStreamFailed
from codex_proto_io.cli._text import shortened

__all__ = ["brief_json", "describe"]

# Positions in the stream, padding, and large members: not useful on one line.
_PASSED_OVER = {
    "agent",
    "content_index",
    "event_id",
    "headers",
    "item_id",
    "logprobs",
    "notes",
    "obfuscation",
    "output_index",
    "previous_item_id",
    "response_id",
    "safety_buffering",
    "sequence_number",
    "stream_id",
    "summary_index",
    "wire_notes",
}
# The members that identify an object inside an event; shown without a name, in this order.
_TELLING = ("type", "name", "model", "status", "code", "message", "reason")
# Objects inside those objects that identify more than the object itself.
_DEEPER = ("error", "incomplete_details", "status_details")
_ID_LENGTH = 16
_SHORT = 48
# Bytes of JSON that are more than enough for one line.
_PEEK = 1000


def describe(event: object) -> str:
    """Return the essentials of an event on one line, not yet escaped for a terminal."""
    match event:
        case ServerSentEvent():
            label = f"id={shortened(event.id, _ID_LENGTH)} " if event.id else ""
            return label + shortened(event.data_bytes[:_PEEK].decode("utf-8", "replace"), 200)
        case UnknownEvent():
            return f"{shortened(event.type, 80)} {brief_json(event.raw)}"
        case MalformedEvent():
            return f"{event.reason}: {shortened(event.raw[:_PEEK].decode('utf-8', 'replace'), 120)}"
        case StreamFailed() | EventStreamFailed():
            return f"{type(event.error).__name__}: {shortened(str(event.error), 2000)}"
        case Completed():
            return " · ".join(filter(None, (usage_sentence(event.token_usage), _members(event))))
        case msgspec.Struct():
            return _members(event) or _place(event)
        case _:
            return shortened(str(event), 200)


def _place(event: msgspec.Struct) -> str:
    """Return the item of an event, which is all that some events have."""
    for name in ("item_id", "response_id"):
        if isinstance(value := getattr(event, name, None), str):
            return f"{name}={shortened(value)}"
    return ""


def _members(event: msgspec.Struct) -> str:
    parts: list[str] = []
    names = zip(event.__struct_fields__, event.__struct_encode_fields__, strict=True)
    for attribute, name in names:
        value = getattr(event, attribute)
        if name in _PASSED_OVER or attribute in _PASSED_OVER or value is msgspec.UNSET:
            continue
        if isinstance(value, msgspec.Raw):
            parts.append(brief_json(bytes(value)))
        elif isinstance(value, msgspec.Struct):
            parts.append(brief_json(msgspec.json.encode(value, enc_hook=str)))
        elif value is not None:
            parts.append(f"{name}={_brief(value)}")
    return " ".join(part for part in parts if part)


def brief_json(raw: bytes) -> str:
    """Return the essentials of a JSON value."""
    try:
        value: object = msgspec.json.decode(raw)
    except DECODE_ERRORS:
        return shortened(raw.decode("utf-8", "replace"))
    return _brief(value)


def _brief(value: object) -> str:
    if isinstance(value, str):
        return f'"{shortened(value, _SHORT)}"'
    if isinstance(value, Mapping):
        return _brief_object(cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple):
        length = len(cast("list[object]", value))
        return f"[{length}]"
    return shortened(msgspec.json.encode(value, enc_hook=str).decode(), _SHORT)


def _brief_object(members: Mapping[str, Any]) -> str:
    telling = (members.get(name) for name in _TELLING)
    parts = [shortened(str(value), 4 * _SHORT) for value in telling if isinstance(value, str | int)]
    inputs = ((name, members.get(name)) for name in ("arguments", "input"))
    parts += [f"{name}={_brief(value)}" for name, value in inputs if value]
    for name in _DEEPER:
        inner: object = members.get(name)
        if isinstance(inner, Mapping):
            parts.append(_brief_object(cast("Mapping[str, Any]", inner)))
    if isinstance(identity := members.get("id"), str):
        parts.append(shortened(identity, _ID_LENGTH))
    return " ".join(parts) or f"{{{len(members)}}}"
