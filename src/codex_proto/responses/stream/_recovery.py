"""What foreign servers send where an event should be, read as the event that they mean.

Asked only of a block or a message that is no event: it may be a keep-alive, an error without a
type, an event whose type stands on the `event` line only, two events in one block, or a whole
response instead of a stream. `_other_names` reads events of types that the protocol does not have.

Whatever is read here has a note that says how it came. What stays unreadable stays a
`MalformedEvent`. Profile `codex` does none of it: upstream passes over all of this.

Source: docs/servers.md; docs/architecture.md, "Outcome".
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Final

import msgspec
from msgspec import Raw

from codex_proto._wire import (
    DECODE_ERRORS,
    MalformedEvent,
    UnknownEvent,
    check_payload,
    split_members,
)
from codex_proto.refusals import read_body
from codex_proto.responses.stream._other_names import by_another_name
from codex_proto.responses.stream._raw_members import (
    BLANKS,
    BOM,
    TYPES_BY_STATUS,
    decode_members,
    is_null,
    noted,
    raw_json,
    response_of,
    status_of,
    text_of,
)
from codex_proto.responses.wire import (
    ROWS,
    DecodedEvent,
    ErrorEvent,
    decode_response_event,
)

__all__ = ["Recovery", "is_stream", "may_be_others"]

_DONE: Final = b"[DONE]"
_NULL: Final = b"null"
_TYPES: Final = {row.type: row.cls for row in ROWS}
_KEEPALIVES: Final = frozenset({"ping", "keepalive", "keep-alive", "keep_alive", "heartbeat"})
_TEXT: Final = "a text, not an event"
_BY_ITS_RESPONSE: Final = "an event without a type; its response says what it is"
# More documents than that in one block are no mistake of a gateway's, and would fill the memory.
_MOST_DOCUMENTS: Final = 1_024
_PREFIXES: Final = re.compile(rb"(?:data:\s*+)++")
_type_of: Final = attrgetter("type")
# A quote that is never closed matches alone: nothing behind it is outside of a text.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]"]', re.DOTALL)

_COMPLETED: Final = "response.completed"
# Beside a message they show that it is about an error.
_FLAT: Final = frozenset(
    {"__type", "code", "error_code", "error_type", "status", "statusCode", "status_code"}
)
_ERROR_CODE: Final = re.compile(
    rb'"?[45]\d\d"?|"[\w.#:/-]*[._ -]\w[\w.#:/-]*"|"[\w.#]*(?:Exception|Error)"'
)
# No code is that long, and the search would take its square.
_LONGEST_CODE: Final = 200
# Events about output end nothing.
_FOREIGN: Final = frozenset({"choices", "delta", "item", "output", "response", "text", "usage"})


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
        text = event.raw.strip(BLANKS)
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
        rest = rest.strip(BLANKS)
        if prefix.lower() == b"error" and rest.startswith(b"{"):
            return self._read_one_of_several(rest, "error")
        if name == "error" and not text.startswith(b"{"):
            words = text_of(Raw(text)) or text.decode("utf-8", "replace")
            return [
                noted(
                    decode_members({"type": raw_json("error"), "message": raw_json(words)}), _TEXT
                )
            ]
        return []

    def read_body(self, body: bytes) -> list[DecodedEvent]:
        """Return the events that a whole body means which is not a stream; empty without any."""
        text = body.removeprefix(BOM).strip(BLANKS)
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


def is_stream(start: bytes | bytearray) -> bool:
    """Whether a body is an event stream that begins so, behind blanks and a byte order mark."""
    return start.startswith((b"data:", b"event:", b"id:", b"retry:", b":"))


def split_documents(text: bytes) -> list[bytes] | None:
    """Cut a text into its JSON objects (and `[DONE]`); None where it is not made of these."""
    documents: list[bytes] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if token[0] == b'"':
            return None
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
            if depth == 0:
                documents.append(text[start : token.end()].strip(BLANKS))
                start = token.end()
            if depth < 0 or len(documents) > _MOST_DOCUMENTS:
                return None
    if text[start:].strip(BLANKS) or not documents:
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
            return [
                noted(decode_members(members), "without a response; read from the event itself")
            ]
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
    is_error = name == "error" or is_whole or not is_null(members.get("error"))
    if is_error or _is_flat_error(members):
        return _error_event(members, document, must_say=name != "error")
    inner = response_of(members)
    if inner is not None and status_of(inner) in TYPES_BY_STATUS:
        typed = {"type": raw_json(TYPES_BY_STATUS[status_of(inner)]), **members}
        return [
            noted(decode_members(typed), "an event without a type; its response says what it is")
        ]
    return []


def _is_flat_error(members: dict[str, Raw]) -> bool:
    """Whether an object without a type is an error that stands alone, as it is in a refusal."""
    if not _FOREIGN.isdisjoint(members):
        return False
    if bytes(members.get("errors", b"")).startswith(b"[{"):
        return True
    if list(members) == ["detail"]:
        return True
    values = (bytes(raw) for name, raw in members.items() if name in _FLAT)
    codes = (value for value in values if len(value) <= _LONGEST_CODE)
    # `{"code": 0, "message": "ok"}` is not an error.
    are_any = any(_ERROR_CODE.fullmatch(code) for code in codes)
    return are_any and bool(text_of(members.get("message")) or text_of(members.get("Message")))


def _typed_by_name(members: dict[str, Raw], document: bytes, name: str) -> list[DecodedEvent]:
    """Read an event whose type stands on its `event` line only."""
    if _is_response(members) and "response" not in members:
        members = {"response": Raw(document)}
    event = decode_members({"type": raw_json(name), **members})
    if isinstance(event, MalformedEvent):
        return []
    return [noted(event, "the type stood on the `event` line only")]


def _error_event(members: dict[str, Raw], document: bytes, *, must_say: bool) -> list[DecodedEvent]:
    """Read an error without a type, nested or flat; one that says nothing if it need not."""
    event = decode_members({"type": raw_json("error"), **members})
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
    if text_of(members.get("object")) == "response":
        return True
    return "id" in members and bytes(members.get("output", b"")).startswith(b"[")


def _whole_response(members: dict[str, Raw], document: bytes) -> list[DecodedEvent]:
    """Make the events that a stream would have had: what matters of them, and the end."""
    how = "from a response that came whole, not as a stream"
    status = status_of(members)
    if status not in TYPES_BY_STATUS:
        status = "completed" if is_null(members.get("error")) else "failed"
    ending = noted(
        decode_members({"type": raw_json(TYPES_BY_STATUS[status]), "response": Raw(document)}), how
    )
    if status in ("queued", "in_progress"):
        return [ending]
    head = {name: raw for name, raw in members.items() if name in ("id", "object", "model")}
    head["status"] = raw_json("in_progress")
    events = [decode_members({"type": raw_json("response.created"), "response": raw_json(head)})]
    try:
        items = msgspec.json.decode(members.get("output", _NULL), type=list[Raw])
    except DECODE_ERRORS:
        items = []
    for place, item in enumerate(items):
        done = {"output_index": raw_json(place), "item": item}
        events.append(decode_members({"type": raw_json("response.output_item.done"), **done}))
    return [*(noted(event, how) for event in events), ending]
