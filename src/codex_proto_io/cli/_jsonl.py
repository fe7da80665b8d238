"""Events as JSON lines, for other programs.

A line is one object: `event` (the class name) first, then the members under their names in the
JSON. An absent member is left out, `null` stays `null`, and JSON that the peer sent is embedded
unchanged. Beyond that:

- `Completed` adds `response_id`, `token_usage` and `end_turn`, as far as they are known;
- `UnknownEvent` and `MalformedEvent` carry the whole input in `raw`: as JSON if it is JSON, else as
  text, else as `{"base64": ...}`;
- `StreamFailed` (and `EventStreamFailed`) carry `error`: `kind`, `message`, `retryable`, the rest;
  and `ended_by`, the same for the end of the stream, if the server had sent the error before;
- `notes`, only if there are any, lists what was wrong in an otherwise valid event;
- `ServerSentEvent` has a member named `event` itself: here that is `type`, then `data`, `id` and,
  if the block set it, `retry`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, cast

import msgspec

from codex_proto.errors import DECODE_ERRORS, CodexError
from codex_proto.responses import (
    Completed,
    MalformedEvent,
    MalformedPart,
    StreamFailed,
    UnknownEvent,
)
from codex_proto.sse import ServerSentEvent
from codex_proto_io.cli._feeds import EventStreamFailed
from codex_proto_io.cli._output import Output

__all__ = ["JsonLines", "JsonRow", "encode_row", "event_row", "json_line", "plain"]

JsonRow = dict[str, Any]

# No deeper than the library reads: the reader of a line must be able to parse it.
_MAX_DEPTH = 128


class JsonLines:
    """The view for programs: a line an event, as `make_line` makes it."""

    def __init__(self, output: Output, make_line: Callable[[object], bytes]) -> None:
        self._output = output
        self._make_line = make_line

    def show(self, events: Iterable[object]) -> None:
        """Write the lines of these events."""
        for event in events:
            self._output.write(self._make_line(event))

    def settle(self) -> None:
        """Do nothing: no line is held back."""


def json_line(event: object) -> bytes:
    """Return the event as one line of JSON, newline included."""
    return encode_row(event_row(event))


def encode_row(row: JsonRow) -> bytes:
    """Return the row as one line of JSON, newline included."""
    try:
        line = msgspec.json.encode(row, enc_hook=str)
    except UnicodeEncodeError:
        line = msgspec.json.encode(_without_surrogates(row), enc_hook=str)
    # A newline can only stand between the tokens of embedded JSON, where a space is equivalent.
    if b"\n" in line or b"\r" in line:
        line = line.replace(b"\n", b" ").replace(b"\r", b" ")
    return line + b"\n"


def event_row(event: object) -> JsonRow:
    """Return the members of an event's line."""
    row: JsonRow = {"event": type(event).__name__}
    match event:
        case ServerSentEvent():
            row |= {"type": event.event, "data": event.data, "id": event.id}
            if event.retry is not None:
                row["retry"] = event.retry
        case StreamFailed() | EventStreamFailed():
            row["error"] = plain(event.error.as_dict())
            if isinstance(event, StreamFailed) and event.ended_by is not None:
                row["ended_by"] = plain(event.ended_by.as_dict())
        case MalformedEvent():
            row |= {"reason": event.reason, "raw": _raw(event.raw)}
        case UnknownEvent():
            row |= {"type": event.type, "raw": _raw(event.raw)}
            _add_notes(row, event.notes)
        case msgspec.Struct():
            notes: list[MalformedPart] = list(getattr(event, "notes", ()))
            if isinstance(event, Completed):
                notes += _add_summary(row, event)
            for attribute, name in _members(type(event)):
                value = getattr(event, attribute)
                if value is not msgspec.UNSET:
                    row[name] = value
            _add_notes(row, notes)
        case _:
            row["value"] = str(event)
    return row


def _add_summary(row: JsonRow, event: Completed) -> list[MalformedPart]:
    """Add what is known of the outcome; return its malformed parts."""
    usage = event.token_usage
    known = {
        "response_id": event.response_id,
        "token_usage": None if isinstance(usage, MalformedPart) else usage,
        "end_turn": event.end_turn,
    }
    row |= {name: plain(value) for name, value in known.items() if value is not None}
    return [usage] if isinstance(usage, MalformedPart) else []


def _add_notes(row: JsonRow, notes: Iterable[MalformedPart]) -> None:
    rows = [{"field": n.field, "reason": n.reason, "raw": _raw(n.raw)} for n in notes]
    if rows:
        row["notes"] = rows


@cache
def _members(cls: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Return the attributes of a class with their names in JSON, without the notes."""
    return tuple(
        (attribute, name)
        for attribute, name in zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)
        if attribute not in {"notes", "wire_notes"}
    )


def _raw(raw: bytes) -> object:
    """Return bytes of a peer as JSON if they are JSON, else as text, else as base64."""
    if _is_json(raw):
        return msgspec.Raw(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _is_json(raw: bytes) -> bool:
    try:
        value: object = msgspec.json.decode(raw)
    except DECODE_ERRORS:
        return False
    return _is_shallow(value)


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        below: list[object] = []
        for member in level:
            if isinstance(member, dict):
                below += cast("dict[str, object]", member).values()
            elif isinstance(member, list):
                below += cast("list[object]", member)
        if not below:
            return True
        level = below
    return False


def plain(value: object) -> Any:
    """Return a value of this library as plain data, without members that are None."""
    if isinstance(value, bytes):
        return _raw(value)
    if isinstance(value, CodexError):
        return plain(value.as_dict())
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return {name: plain(part) for name, part in fields.items() if part is not None}
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {str(name): plain(part) for name, part in members.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in cast("Iterable[object]", value)]
    return value


def _without_surrogates(value: Any) -> Any:
    """Replace lone surrogates, which UTF-8 cannot encode, by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {_without_surrogates(k): _without_surrogates(v) for k, v in members.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(part) for part in cast("Iterable[Any]", value)]
    return value
