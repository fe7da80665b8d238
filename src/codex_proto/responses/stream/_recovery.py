"""What foreign servers send where an event should be, read as the event that they mean.

Two questions, asked only of what is not plain:

- `Recovery.read`: a block or a message that is no event. It may be a keep-alive, an error without a
  type, an event whose type stands on the `event` line only, two events in one block, or a whole
  response instead of a stream.
- `by_another_name`: an event of a type that the protocol does not have, for one that it has.

Whatever is read here has a note that says how it came. What stays unreadable stays a
`MalformedEvent`. Profile `codex` does none of it: upstream passes over all of this.

Source: docs/servers.md; docs/architecture.md, "Outcome".
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import Raw

from codex_proto._wire import (
    DECODE_ERRORS,
    MalformedEvent,
    MalformedPart,
    Notes,
    UnknownEvent,
    check_payload,
    split_members,
)
from codex_proto.refusals import read_body
from codex_proto.responses.wire import (
    ROWS,
    DecodedEvent,
    ErrorEvent,
    WireEvent,
    decode_response_event,
)

__all__ = ["OTHER_NAMES", "Recovery", "by_another_name", "is_stream", "may_be_others", "noted"]

_DONE: Final = b"[DONE]"
_BOM: Final = b"\xef\xbb\xbf"
_NULL: Final = b"null"
_BLANKS: Final = b" \t\r\n"
_TYPES: Final = {row.type: row.cls for row in ROWS}
_KEEPALIVES: Final = frozenset({"ping", "keepalive", "keep-alive", "keep_alive", "heartbeat"})
# More documents than that in one block are no mistake of a gateway's, and would fill the memory.
_TEXT: Final = "a text, not an event"
_MOST_DOCUMENTS: Final = 1_024
_PREFIXES: Final = re.compile(rb"(?:data:\s*+)++")
_type_of: Final = attrgetter("type")
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]', re.DOTALL)

_BY_STATUS: Final = {
    "completed": "response.completed",
    "failed": "response.failed",
    "incomplete": "response.incomplete",
    "cancelled": "response.incomplete",
    "canceled": "response.incomplete",
    "queued": "response.queued",
    "in_progress": "response.in_progress",
}

# Types that the protocol does not have: other names of ends, with the status that they mean where
# the response has none, and errors whose own type stands in the place of the event's.
_ENDS: Final = {
    "response.done": "completed",
    "response.complete": "completed",
    "response.finished": "completed",
    "response.cancelled": "cancelled",
    "response.canceled": "cancelled",
}
_RESPONSE_ERROR: Final = "response.error"
_ERRORS: Final = frozenset(
    {
        "",
        "APIError",
        "AuthenticationError",
        "BadRequestError",
        "ERROR",
        "Error",
        "Internal Server Error",
        "InternalServerError",
        "NotFoundError",
        "RateLimitError",
        "ServiceUnavailableError",
        "about:blank",
        "api_error",
        "authentication_error",
        "exceed_context_size_error",
        "exception",
        "insufficient_quota",
        "internal_error",
        "internal_server_error",
        "invalid_request_error",
        "not_found_error",
        "overloaded_error",
        "permission_error",
        "rate_limit_error",
        "server_error",
        "stream_error",
        "timeout_error",
        "unavailable_error",
        "upstream_error",
    }
)
_COMPLETED: Final = "response.completed"
# Beside a message they show that it is about an error.
_FLAT: Final = frozenset(
    {"__type", "code", "error_code", "error_type", "status", "statusCode", "status_code"}
)
_ERROR_CODE: Final = re.compile(
    rb'"?[45]\d\d"?|"[\w.#:/-]*[._ -]\w[\w.#:/-]*"|"[\w.#]*(?:Exception|Error)"'
)
# What is about output is none.
_FOREIGN: Final = frozenset({"choices", "delta", "item", "output", "response", "text", "usage"})
OTHER_NAMES: Final = frozenset({*_ENDS, _RESPONSE_ERROR, *_ERRORS})


class Recovery:
    """Reads the blocks and messages of one stream that are no events.

    `keepalives` counts those that say nothing, `done_markers` each `[DONE]` behind an event.
    """

    def __init__(self, *, max_depth: int) -> None:
        self._max_depth = max_depth
        self.keepalives = 0
        self.done_markers = 0

    def read(self, event: DecodedEvent, name: str = "message") -> list[DecodedEvent]:
        """Return the events that a malformed one stands for, itself where it cannot be read.

        `name` is what the block's `event` line says. Under `error` an event of an unknown type is
        an error; any other event is what it is.
        """
        if isinstance(event, UnknownEvent) and name == "error":
            # Types of this beginning are the protocol's, and events to come.
            is_error = not event.type.startswith("response.")
            return [(by_another_name(event) if is_error else None) or event]
        if not isinstance(event, MalformedEvent):
            return [event]
        text = event.raw.strip(_BLANKS)
        if name != "error" and (
            not text or (name in _KEEPALIVES and (text == b"{}" or not text.startswith(b"{")))
        ):
            self.keepalives += 1
            return []
        if check_payload(text, self._max_depth) is not None:
            return [event]
        documents = split_documents(text)
        if documents is None:
            return self._read_text(text, name) or [event]
        if len(documents) == 1:
            return _read_document(documents[0], name) or [event]
        events: list[DecodedEvent] = []
        for document in documents:
            events += self._read_one_of_several(document, name)
        return events

    def _read_one_of_several(self, document: bytes, name: str) -> list[DecodedEvent]:
        if document == _DONE:
            self.done_markers += 1
            return []
        decoded = decode_response_event(document, max_depth=self._max_depth)
        if isinstance(decoded, MalformedEvent):
            return self.read(decoded, name)
        return [noted(decoded, "one of several events in one block")]

    def _read_text(self, text: bytes, name: str) -> list[DecodedEvent]:
        """Read what is no JSON as a whole."""
        doubled = _PREFIXES.match(text)
        if doubled is not None:
            # A proxy that does not know that the prefix is there already.
            rest = text[doubled.end() :]
            return self._read_one_of_several(rest, name) if rest else []
        prefix, _, rest = text.partition(b":")
        rest = rest.strip(_BLANKS)
        if prefix.lower() == b"error" and rest.startswith(b"{"):
            return self._read_one_of_several(rest, "error")
        if name == "error" and not text.startswith(b"{"):
            words = _text(Raw(text)) or text.decode("utf-8", "replace")
            return [noted(_decode({"type": _json("error"), "message": _json(words)}), _TEXT)]
        return []

    def read_body(self, body: bytes) -> list[DecodedEvent]:
        """Return the error that a whole body is which is no event stream; empty if it is none."""
        text = body.removeprefix(_BOM).strip(_BLANKS)
        if text[:1] not in (b"{", b"[") or check_payload(text, self._max_depth) is not None:
            return []
        return _read_document(text, "message", is_whole=True)


def may_be_others(events: list[DecodedEvent]) -> bool:
    """Whether `Recovery.read` may make other events of any of these.

    It does not of events of the protocol's own types, known or to come.
    """
    try:
        types = [*map(_type_of, events)]
    except AttributeError:
        # A malformed one has no type.
        return True
    # The character after the dot is the slash.
    return bool(types) and (min(types) < "response." or max(types) >= "response/")


def is_stream(opening: bytes | bytearray) -> bool:
    """Whether a body that begins so is an event stream, whatever its head says."""
    start = opening.removeprefix(_BOM).lstrip(_BLANKS)
    return start.startswith((b"data:", b"event:", b"id:", b"retry:", b":"))


def split_documents(text: bytes) -> list[bytes] | None:
    """Cut a text into its JSON objects (and `[DONE]`); None where it is not made of these."""
    documents: list[bytes] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
            if depth == 0:
                documents.append(text[start : token.end()].strip(_BLANKS))
                start = token.end()
            if depth < 0 or len(documents) > _MOST_DOCUMENTS:
                return None
    if text[start:].strip(_BLANKS) or not documents:
        return None
    is_array = len(documents) == 1 and documents[0].startswith(b"[")
    are_all = all(each.startswith(b"{") or each == _DONE for each in documents)
    return documents if are_all or is_array else None


def _read_document(document: bytes, name: str, *, is_whole: bool = False) -> list[DecodedEvent]:
    """Read one JSON object, or an array whose first element is one, that is no event."""
    try:
        if document.startswith(b"["):
            # Some services answer with a list of one error.
            document = bytes(msgspec.json.decode(document, type=list[Raw])[0])
        members = split_members(document)
        type_ = msgspec.json.decode(members.get("type", _NULL))
        if type_ == _COMPLETED and "response" not in members:
            members["response"] = Raw(document)
            return [noted(_decode(members), "without a response; read from the event itself")]
        if isinstance(type_, str) and not is_whole:
            # It has a type, and is wrong in something that an event cannot be without.
            return []
    except (*DECODE_ERRORS, IndexError):
        return []
    members.pop("type", None)
    if name != "error" and (name in _TYPES or name.startswith("response.")):
        return _typed_by_name(members, document, name)
    if _is_response(members):
        return _whole_response(members, document)
    is_error = name == "error" or is_whole or not _is_null(members.get("error"))
    if is_error or _is_flat_error(members):
        return _error_event(members, document, must_say=name != "error")
    inner = _response_of(members)
    if inner is not None and _status(inner) in _BY_STATUS:
        typed = {"type": _json(_BY_STATUS[_status(inner)]), **members}
        return [noted(_decode(typed), "an event without a type; its response says what it is")]
    return []


def _is_flat_error(members: dict[str, Raw]) -> bool:
    """Whether an object without a type is an error that stands alone, as it is in a refusal."""
    if not _FOREIGN.isdisjoint(members):
        return False
    if bytes(members.get("errors", b"")).startswith(b"[{"):
        return True
    if list(members) == ["detail"]:
        return True
    codes = (bytes(raw) for name, raw in members.items() if name in _FLAT)
    # `{"code": 0, "message": "ok"}` is none.
    are_any = any(_ERROR_CODE.fullmatch(code) for code in codes)
    return are_any and bool(_text(members.get("message")) or _text(members.get("Message")))


def _typed_by_name(members: dict[str, Raw], document: bytes, name: str) -> list[DecodedEvent]:
    """Read an event whose type stands on its `event` line only."""
    if _is_response(members) and "response" not in members:
        members = {"response": Raw(document)}
    event = _decode({"type": _json(name), **members})
    if isinstance(event, MalformedEvent):
        return []
    return [noted(event, "the type stood on the `event` line only")]


def _error_event(members: dict[str, Raw], document: bytes, *, must_say: bool) -> list[DecodedEvent]:
    """Read an error without a type, nested or flat; one that says nothing if it need not."""
    event = _decode({"type": _json("error"), **members})
    if not isinstance(event, ErrorEvent):
        return []
    code, message = event.error_code, event.error_message
    if code is None or message is None:
        read = read_body(document.decode("utf-8", "replace"))
        code, message = code or read.code, message or read.message
        if must_say and code is None and message is None:
            return []
        found = {"code": code, "message": message or read.shown}
        event = msgspec.structs.replace(event, **{n: text for n, text in found.items() if text})
    return [noted(event, "an error without a type")]


# -- a response that came whole -----------------------------------------------------------------


def _is_response(members: dict[str, Raw]) -> bool:
    if _text(members.get("object")) == "response":
        return True
    return "id" in members and bytes(members.get("output", b"")).startswith(b"[")


def _whole_response(members: dict[str, Raw], document: bytes) -> list[DecodedEvent]:
    """Make the events that a stream would have had: what matters of them, and the end."""
    how = "from a response that came whole, not as a stream"
    status = _status(members)
    if status not in _BY_STATUS:
        status = "completed" if _is_null(members.get("error")) else "failed"
    ending = noted(_decode({"type": _json(_BY_STATUS[status]), "response": Raw(document)}), how)
    if status in ("queued", "in_progress"):
        return [ending]
    head = {name: raw for name, raw in members.items() if name in ("id", "object", "model")}
    head["status"] = _json("in_progress")
    events = [_decode({"type": _json("response.created"), "response": _json(head)})]
    try:
        items = msgspec.json.decode(members.get("output", _NULL), type=list[Raw])
    except DECODE_ERRORS:
        items = []
    for place, item in enumerate(items):
        done = {"output_index": _json(place), "item": item}
        events.append(_decode({"type": _json("response.output_item.done"), **done}))
    return [*(noted(event, how) for event in events), ending]


# -- events by other names ----------------------------------------------------------------------


def by_another_name(event: UnknownEvent) -> WireEvent | None:
    """Return the event that another name means, None where it does not say enough.

    A type that is none of the `OTHER_NAMES` is taken for that of an error.
    """
    try:
        members = split_members(event.raw)
    except DECODE_ERRORS:
        return None
    members.pop("type", None)
    read: DecodedEvent | None
    if event.type in _ENDS:
        read = _end_by_another_name(members, _ENDS[event.type])
    elif event.type == _RESPONSE_ERROR:
        read = _response_error(members)
    else:
        read = _error_by_its_type(members, event)
    if not isinstance(read, WireEvent):
        return None
    note = MalformedPart(
        field="type", reason=f"read as `{read.type}`", raw=msgspec.json.encode(event.type)
    )
    return msgspec.structs.replace(read, wire_notes=Notes((*event.notes, *read.notes, note)))


def _end_by_another_name(members: dict[str, Raw], status: str) -> DecodedEvent | None:
    response = _response_of(members)
    if response is None:
        if status == "completed":
            # Nothing says that it did.
            return None
        response = {"id": members["response_id"]} if "response_id" in members else {}
    if _status(response) in _BY_STATUS:
        status = _status(response)
    elif status == "completed" and not _is_null(response.get("error")):
        status = "failed"
    else:
        response["status"] = _json(status)
    if status in ("queued", "in_progress"):
        status = "completed"
    return _decode({**members, "type": _json(_BY_STATUS[status]), "response": _json(response)})


def _response_error(members: dict[str, Raw]) -> DecodedEvent:
    """It ends the response like `response.failed`, wherever the error stands."""
    response = _response_of(members) or {}
    if _is_null(response.get("error")):
        error = members.get("error")
        flat = {name: members[name] for name in ("code", "message", "param") if name in members}
        response["error"] = _json(flat) if error is None or _is_null(error) else error
    return _decode({"type": _json("response.failed"), **members, "response": _json(response)})


def _error_by_its_type(members: dict[str, Raw], event: UnknownEvent) -> DecodedEvent | None:
    if not _is_null(members.get("error")):
        return _decode({"type": _json("error"), **members})
    error = {"type": event.type, "message": read_body(event.raw.decode("utf-8", "replace")).message}
    if "message" in members:
        return _decode({"type": _json("error"), **members, "error": Raw(event.raw)})
    return _decode({"type": _json("error"), **members, "error": error})


# -- small things -------------------------------------------------------------------------------


def noted(event: DecodedEvent, reason: str) -> DecodedEvent:
    """Return the event with a note that says how it came."""
    note = MalformedPart(field="", reason=reason)
    if isinstance(event, MalformedEvent):
        return event
    if isinstance(event, UnknownEvent):
        return UnknownEvent(event.type, event.raw, Notes((*event.notes, note)))
    return msgspec.structs.replace(event, wire_notes=Notes((*event.notes, note)))


def _decode(members: dict[str, Any]) -> DecodedEvent:
    return decode_response_event(msgspec.json.encode(members))


def _json(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))


def _text(raw: Raw | None) -> str:
    try:
        value = msgspec.json.decode(_NULL if raw is None else raw)
    except DECODE_ERRORS:
        return ""
    return value if isinstance(value, str) else ""


def _status(response: dict[str, Raw]) -> str:
    return _text(response.get("status")).lower()


def _is_null(raw: Raw | None) -> bool:
    return raw is None or bytes(raw).strip(_BLANKS) == _NULL


def _response_of(members: dict[str, Raw]) -> dict[str, Raw] | None:
    try:
        return split_members(members["response"]) if "response" in members else None
    except DECODE_ERRORS:
        return None
