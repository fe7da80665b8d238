"""A slow, clear decoder to compare with: bytes in, plain values out, one byte at a time.

Written from the specifications, and sharing nothing with the library but its table of declared
fields (`registry.ROWS` and the types in the structs): no code for framing, for JSON, or for what
events amount to. Nothing here is fast, chunked, lazy or clever.

- Level 0, `read_event_stream`: WHATWG HTML standard 9.2.6, with our two size limits.
- Level 1, `read_message`: the JSON of one message, with `json` from the standard library.
- Level 2, `read_sse` and `WebSocketReader`: docs/architecture.md, "Outcome".

An event is a tuple: `(class name, members, noted members)`, or `("UnknownEvent", type, raw)`,
`("MalformedEvent", raw)`, `("StreamFailed", class of the error, its attributes)`. A member that is
absent on the wire is absent from `members`.
"""

from __future__ import annotations

import json
import types
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NoReturn, TypeAlias, Union, get_args, get_origin

from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import FieldInfo
from msgspec.structs import fields as read_fields

from codex_proto._wire import NOTES_KEY, RareRaw
from codex_proto.responses import ROWS, IncompleteDetails, Usage
from tests.properties.reference_derived import Derived

__all__ = [
    "EventStream",
    "Plain",
    "Stream",
    "WebSocketReader",
    "WrongType",
    "convert",
    "parse",
    "read_event_stream",
    "read_message",
    "read_sse",
]

Plain: TypeAlias = tuple[Any, ...]

# =============================================================================================
# Level 0: an event stream
# =============================================================================================

LF: Final = 0x0A
CR: Final = 0x0D
BOM: Final = b"\xef\xbb\xbf"

# Of digits: what Python can be relied on to make a number of, under its strictest setting.
LONGEST_RETRY: Final = 640
UNLIMITED: Final = 1 << 62


@dataclass
class Block:
    """A block's bytes, and its event: name, data, last event id, retry; None without data."""

    raw: bytes
    event: tuple[str, bytes, str, int | None] | None


@dataclass
class EventStream:
    """All that a stream of bytes says."""

    blocks: list[Block] = field(default_factory=list)
    comments: int = 0
    retry: int | None = None
    last_event_id: str = ""
    failure: tuple[str, int] | None = None
    """The limit that was passed: name of the argument, and its value."""
    trailing: bytes = b""
    """The bytes of the unfinished last block."""
    unfinished_data: bytes = b""
    """The data that the unfinished last block would have had."""

    @property
    def events(self) -> list[tuple[str, bytes, str, int | None]]:
        """The events of all blocks."""
        return [block.event for block in self.blocks if block.event is not None]


class _Fields:
    """What the lines of a block have said so far: the buffers of the standard."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.event = b""
        self.id: bytes | None = None
        self.retry: int | None = None

    def receive_line(self, line: bytes, stream: EventStream) -> None:
        """Process one line that is not empty."""
        if line[:1] == b":":
            stream.comments += 1
            return
        name, value = line, b""
        for at, byte in enumerate(line):
            if byte == ord(":"):
                name, value = line[:at], line[at + 1 :]
                break
        if value[:1] == b" ":
            value = value[1:]
        if name == b"event":
            self.event = value
        elif name == b"data":
            self.data.append(value)
        elif name == b"id" and 0 not in value:
            self.id = value
        elif name == b"retry" and _is_retry(value):
            self.retry = stream.retry = int(value)


def _is_retry(value: bytes) -> bool:
    return 0 < len(value) <= LONGEST_RETRY and all(byte in b"0123456789" for byte in value)


def read_event_stream(
    stream: bytes, *, max_line_size: int = UNLIMITED, max_event_size: int = UNLIMITED
) -> EventStream:
    """Read a whole stream, byte by byte; stop at the byte that passes a limit."""
    result = EventStream()
    said = _Fields()
    raw = bytearray()
    line = bytearray()
    finished = 0  # bytes of the finished lines of the block, each line end counted as one
    is_first_line = True
    after_cr = False

    def content() -> bytes:
        return bytes(line).removeprefix(BOM) if is_first_line else bytes(line)

    for byte in stream:
        raw.append(byte)
        if byte == LF and after_cr:
            # The second half of a CR LF: the line has ended at its first.
            after_cr = False
            continue
        after_cr = byte == CR
        if byte not in (CR, LF):
            line.append(byte)
            for name, size, limit in (
                ("max_line_size", len(line), max_line_size),
                ("max_event_size", finished + len(line), max_event_size),
            ):
                if size > limit:
                    result.failure = (name, limit)
                    return result
            continue
        text = content()
        if text:
            said.receive_line(text, result)
            finished += len(line) + 1
        else:
            if said.id is not None:
                result.last_event_id = said.id.decode("utf-8", "replace")
            event = None
            if said.data:
                name = said.event.decode("utf-8", "replace") or "message"
                event = (name, b"\n".join(said.data), result.last_event_id, said.retry)
            result.blocks.append(Block(bytes(raw), event))
            raw.clear()
            said = _Fields()
            finished = 0
        line.clear()
        is_first_line = False

    result.trailing = bytes(raw)
    if content():
        comments = result.comments, result.retry
        said.receive_line(content(), result)
        # An unfinished line is no line: only what it adds to the data is of interest.
        result.comments, result.retry = comments
    result.unfinished_data = b"\n".join(said.data)
    return result


# =============================================================================================
# Level 1: one message
# =============================================================================================

DEFAULT_MAX_DEPTH: Final = 128
# The digits of an integer that Python reads with its default settings.
LONGEST_INTEGER: Final = 4_300

NEEDS_RESPONSE: Final = ("Created", "Queued", "InProgress", "Completed")
LIFECYCLE: Final = (*NEEDS_RESPONSE, "Failed", "Incomplete")
CLASSES: Final = {row.type: row.cls for row in ROWS}
IS_OUTPUT: Final = {row.cls.__name__: row.is_output for row in ROWS}
# What upstream's record declares (wire.md 1.2): a wrong type there costs the event.
DECLARED_UPSTREAM: Final = ("item_id", "call_id", "delta", "text", "summary_index", "content_index")


class WrongType(Exception):
    """A value is not of the type that a field declares."""


class OutOfRange:
    """Stands for a number that JSON can write and Python cannot hold."""


@dataclass
class Node:
    """A JSON value: `value` is a dict or list of nodes, or a scalar; `raw` is its exact text.

    `pairs` are the members of an object as they came, those of the same name among them.
    """

    value: Any
    raw: str
    pairs: list[tuple[str, Node]] = field(default_factory=list)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int | OutOfRange:
    return int(digits) if len(digits.lstrip("-")) <= LONGEST_INTEGER else OutOfRange()


def _float(digits: str) -> float | OutOfRange:
    value = float(digits)
    return value if abs(value) != float("inf") else OutOfRange()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for pair in pairs:
        _refuse_surrogates(pair)
    return dict(pairs)


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError is a ValueError
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_surrogates(part)


_JSON: Final = json.JSONDecoder(
    parse_constant=_refuse, parse_int=_integer, parse_float=_float, object_pairs_hook=_object
)
_WHITE_SPACE: Final = " \t\n\r"


def parse(text: str) -> Node:
    """Parse strict JSON, whole.

    Raises:
        ValueError: it is no JSON, or holds NaN, Infinity or a lone surrogate.
    """
    _refuse_surrogates(_JSON.decode(text))
    node, _ = _parse_value(text, _skip(text, 0))
    return node


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _WHITE_SPACE:
        at += 1
    return at


def _parse_value(text: str, at: int) -> tuple[Node, int]:
    """The value that begins at a place of what is known to be JSON, and where it ends."""
    if text[at] not in "{[":
        value, end = _JSON.raw_decode(text, at)
        return Node(value, text[at:end]), end
    start, closing = at, "}" if text[at] == "{" else "]"
    pairs: list[tuple[str, Node]] = []
    at = _skip(text, at + 1)
    while text[at] != closing:
        name = ""
        if closing == "}":
            name, at = _JSON.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        node, at = _parse_value(text, at)
        pairs.append((name, node))
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    value = dict(pairs) if closing == "}" else [node for _, node in pairs]
    return Node(value, text[start : at + 1], pairs), at + 1


def _depth(text: str) -> int:
    """How deep brackets are nested, not counting those in strings."""
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def convert(node: Node, type_: Any) -> Any:
    """The value of a node as a declared type; structs become `(name, members)`.

    Raises:
        WrongType: it is not of that type.
    """
    value = node.value
    origin, arguments = get_origin(type_), get_args(type_)
    if origin in (Union, types.UnionType):
        return _convert_to_one_of(node, arguments)
    if type_ in (Raw, RareRaw):
        return node.raw.encode()
    if isinstance(value, OutOfRange):
        raise WrongType
    if type_ in (Any, object):
        if isinstance(value, dict):
            return {name: convert(member, Any) for name, member in value.items()}
        return [convert(member, Any) for member in value] if isinstance(value, list) else value
    if origin is tuple and isinstance(value, list):
        return tuple(convert(member, arguments[0]) for member in value)
    if origin is list and isinstance(value, list):
        return [convert(member, arguments[0]) for member in value]
    if origin is dict and isinstance(value, dict):
        return {name: convert(member, arguments[1]) for name, member in value.items()}
    if isinstance(type_, type) and issubclass(type_, Struct) and isinstance(value, dict):
        return _convert_to_struct(node, type_)
    if type_ is float and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise WrongType from None
    # bool is no int here, and an integral float is none either.
    if type_ is type(value) and not isinstance(value, dict | list):
        return value
    raise WrongType


def _convert_to_one_of(node: Node, types_: tuple[Any, ...]) -> Any:
    # A float takes an integer too, so it is tried last.
    for type_ in sorted(types_, key=lambda type_: type_ is float):
        if type_ is UnsetType:
            continue
        try:
            return convert(node, type_)
        except WrongType:
            continue
    raise WrongType


@cache
def fields(cls: type[Struct]) -> tuple[FieldInfo, ...]:
    """What msgspec says of a class; it works that out anew each time."""
    return read_fields(cls)


def _convert_to_struct(node: Node, cls: type[Struct]) -> tuple[str, dict[str, Any]]:
    members: dict[str, Any] = {}
    declared = {info.encode_name: info for info in fields(cls)}
    if NOTES_KEY in declared:
        return _convert_to_noted(node, cls)
    # Of two members of one name the last counts, but inside an object both are read.
    for name, member in node.pairs:
        if name in declared:
            members[declared[name].name] = convert(member, declared[name].type)
    if any(info.required and info.name not in members for info in declared.values()):
        raise WrongType
    return (
        cls.__name__,
        {info.name: members[info.name] for info in fields(cls) if info.name in members},
    )


def _convert_to_noted(node: Node, cls: type[Struct]) -> tuple[str, dict[str, Any]]:
    """A record whose members are wrong one by one; `notes` names those that are."""
    members: dict[str, Any] = {}
    notes: list[str] = []
    for info in fields(cls):
        if info.encode_name == NOTES_KEY:
            continue
        if info.default is not UNSET:
            members[info.name] = info.default
        if info.encode_name in node.value:
            try:
                members[info.name] = convert(node.value[info.encode_name], info.type)
            except WrongType:
                notes.append(info.encode_name)
    if cls is Usage:
        for name, other in CHAT_NAMES:
            if members.get(other) and not members.get(name):
                members[name] = members[other]
                notes.append(other)
    if notes:
        members["notes"] = notes
    return (cls.__name__, members)


CHAT_NAMES: Final = (
    ("input_tokens", "prompt_tokens"),
    ("output_tokens", "completion_tokens"),
    ("input_tokens_details", "prompt_tokens_details"),
    ("output_tokens_details", "completion_tokens_details"),
)


def read_message(payload: bytes, max_depth: int = DEFAULT_MAX_DEPTH) -> Plain:
    """Read one message: exactly one event, whatever it is."""
    malformed = ("MalformedEvent", payload)
    try:
        text = payload.decode()
        # Before parsing, so that no answer depends on how deep the parser gets.
        if _depth(text) > max_depth:
            return malformed
        node = parse(text)
    except ValueError:
        return malformed
    if not isinstance(node.value, dict):
        return malformed
    type_ = node.value.get("type")
    if type_ is None or not isinstance(type_.value, str):
        return malformed
    cls = CLASSES.get(type_.value)
    if cls is None:
        return ("UnknownEvent", type_.value, payload)
    members: dict[str, Any] = {}
    notes: list[str] = []
    for info in fields(cls):
        if info.encode_name == NOTES_KEY:
            # Ours. Whatever a peer says under that name is not.
            continue
        member = node.value.get(info.encode_name)
        if member is None:
            if info.required:
                return malformed
            continue
        try:
            members[info.name] = convert(member, info.type)
        except WrongType:
            if _is_vital(info):
                return malformed
            notes.append(info.encode_name)
    if cls.__name__ in NEEDS_RESPONSE and members["raw_response"] == b"null":
        return malformed
    return (cls.__name__, members, notes)


def _is_vital(info: FieldInfo) -> bool:
    return info.required or info.encode_name in DECLARED_UPSTREAM


# =============================================================================================
# Level 2: a response
# =============================================================================================

LEFTOVER_SHOWN: Final = 4_096
# Codes of an `error` on a WebSocket that end the response whatever its status.
ENDING_CODES: Final = (
    "websocket_connection_limit_reached",
    "previous_response_not_found",
    "flex_unavailable",
)
TOLD: Final = "told by the server"


def _failed(kind: str, **attributes: Any) -> Plain:
    told = {name: value for name, value in attributes.items() if value is not None}
    return ("StreamFailed", kind, told)


# A struct as the reference says it, and what a struct that is not there is like.
_Struct: TypeAlias = tuple[str, dict[str, Any]]
_NOTHING: Final[_Struct] = ("", {})


class _Response:
    """One response: what has been seen of it, and how it ended."""

    def __init__(self, *, is_websocket: bool) -> None:
        self.is_websocket = is_websocket
        self.derived = Derived(is_websocket=is_websocket)
        self.events: list[Plain] = []
        self.outcome: Plain | None = None
        self.told_error: Plain | None = None
        self.last_event_type: str | None = None
        self.response_id: str | None = None
        self.output_started = False

    def receive(self, event: Plain, message: bytes) -> None:
        """Take an event of an open response, and the message that it is."""
        name = event[0]
        at = len(self.events)
        self.events.append(event)
        if name != "MalformedEvent":
            self.last_event_type = event[1] if name == "UnknownEvent" else _TYPE_OF[name]
        self.output_started = self.output_started or IS_OUTPUT.get(name, False)
        if name in LIFECYCLE:
            response = _Members(event[1].get("raw_response", b"null"))
            if self.response_id is None:
                self.response_id = response.get("id", str)
            self._receive_lifecycle(event, response)
        elif name == "ErrorEvent":
            self._receive_error(event[1], event[2])
        if name != "ErrorEvent" or self.outcome is None:
            # Before the event itself.
            self.events[at:at] = self.derived.read(event, message)

    def end(self, outcome: Plain) -> None:
        """End an open response for a reason that is no event; a told error is a better reason."""
        self.outcome = (*self.told_error, outcome[1]) if self.told_error else outcome
        self.events.append(self.outcome)

    def end_early(self, kind: str = "StreamClosedEarly", **attributes: Any) -> None:
        """End an open response before its time."""
        # In the order of the class.
        leftover = {"leftover": attributes.pop("leftover")} if "leftover" in attributes else {}
        self.end(
            _failed(
                kind,
                last_event_type=self.last_event_type,
                response_id=self.response_id,
                output_started=self.output_started,
                **leftover,
                unread=b"",
                **attributes,
            )
        )

    def _receive_lifecycle(self, event: Plain, response: _Members) -> None:
        name, members, notes = event
        response_id = response.get("id", str)
        if name == "Completed":
            self.outcome = event
        elif name == "Failed":
            self.outcome = _failed(TOLD, response_id=response_id)
            self.events.append(self.outcome)
        elif name == "Incomplete":
            details = response.get("incomplete_details", IncompleteDetails) or _NOTHING
            reason = details[1].get("reason") or "unknown"
            if reason == "interrupted":
                told = {**members, "raw_response": response.with_end_turn_false()}
                self.outcome = ("Completed", told, notes)
            else:
                self.outcome = _failed(
                    "ResponseIncompleteError",
                    reason=reason,
                    response_id=response_id,
                    token_usage=_token_usage(response.get("usage", Usage)),
                )
            self.events.append(self.outcome)

    def _receive_error(self, members: dict[str, Any], notes: list[str]) -> None:
        error = members.get("error") or _NOTHING
        # Some servers have a text there, which upstream cannot read.
        _, nested = _NOTHING if isinstance(error, str) else error
        code = nested.get("code") or members.get("code")
        self.told_error = _failed(TOLD, response_id=self.response_id)
        if not self.is_websocket and code == "flex_unavailable":
            self._end_with_error()
        if not self.is_websocket or isinstance(nested.get("code"), int):
            return
        if "status" in members and "status_code" in members:
            return
        if {"status", "status_code", "error"} & set(notes) or isinstance(error, str):
            return
        if {"code", "message"} & set(nested.get("notes", ())):
            return
        headers = members.get("raw_headers", b"null")
        if headers != b"null" and not headers.startswith(b"{"):
            return
        status = members.get("status") or members.get("status_code") or 0
        is_refusal = status in range(100, 1000) and status // 100 != 2
        if is_refusal or code in ENDING_CODES:
            self._end_with_error()

    def _end_with_error(self) -> None:
        assert self.told_error is not None
        self.outcome = self.told_error
        self.events.append(self.outcome)


_TYPE_OF: Final = {row.cls.__name__: row.type for row in ROWS}


class _Members:
    """The members of a response object, each free to be wrong on its own."""

    def __init__(self, raw: bytes) -> None:
        value = parse(raw.decode()).value
        self.nodes: dict[str, Node] = value if isinstance(value, dict) else {}

    def get(self, name: str, type_: Any) -> Any:
        """The member as that type, None if it is absent, null or wrong."""
        node = self.nodes.get(name)
        if node is None or node.value is None:
            return None
        try:
            return convert(node, type_)
        except WrongType:
            return None

    def with_end_turn_false(self) -> bytes:
        """The object once more, with `end_turn` false and everything else as it came."""
        raws = {name: node.raw for name, node in self.nodes.items()} | {"end_turn": "false"}
        pairs = (f"{json.dumps(name, ensure_ascii=False)}:{raw}" for name, raw in raws.items())
        return f"{{{','.join(pairs)}}}".encode()


def _token_usage(usage: tuple[str, dict[str, Any]] | None) -> Plain | None:
    if usage is None:
        return None
    told = usage[1]
    input_tokens, output_tokens = told["input_tokens"], told["output_tokens"]
    total = told["total_tokens"] or input_tokens + output_tokens
    if not total and told.get("notes"):
        return None
    _, inputs = told.get("input_tokens_details") or _NOTHING
    _, outputs = told.get("output_tokens_details") or _NOTHING
    return (
        "TokenUsage",
        {
            "input_tokens": input_tokens or max(0, total - output_tokens),
            "output_tokens": output_tokens or max(0, total - input_tokens),
            "total_tokens": total,
            "cached_input_tokens": inputs.get("cached_tokens") or 0,
            "cache_write_input_tokens": inputs.get("cache_write_tokens") or 0,
            "reasoning_output_tokens": outputs.get("reasoning_tokens") or 0,
            "codex_rollout_budget_units": told.get("codex_rollout_budget_units") or None,
        },
    )


@dataclass
class Stream:
    """A whole SSE body: events with their outcome, and all that is counted."""

    events: list[Plain]
    outcome: Plain
    events_received: int
    events_discarded: int
    comments_received: int
    done_markers: int
    trailing: bytes | None
    """The bytes of the unfinished last block; None where a limit was passed."""


def read_sse(
    stream: bytes,
    *,
    max_line_size: int = UNLIMITED,
    max_event_size: int = UNLIMITED,
    max_depth: int = DEFAULT_MAX_DEPTH,
) -> Stream:
    """Read a whole SSE body, its end included."""
    framed = read_event_stream(stream, max_line_size=max_line_size, max_event_size=max_event_size)
    response = _Response(is_websocket=False)
    discarded = done_markers = 0
    for _, data, _, _ in framed.events:
        if data == b"[DONE]":
            done_markers += 1
        elif response.outcome is not None:
            discarded += 1
        else:
            response.receive(read_message(data, max_depth), data)
    trailing: bytes | None = framed.trailing
    if framed.failure is not None:
        trailing = None
        if response.outcome is None:
            name, limit = framed.failure
            response.end(_failed("EventTooLarge", limit_name=name, limit=limit))
    elif framed.blocks and framed.blocks[-1].raw.endswith(b"\r"):
        # The second half of the CR LF that ended the block before is no part of this one.
        trailing = framed.trailing.removeprefix(b"\n")
    if response.outcome is None:
        unfinished = read_message(framed.unfinished_data, max_depth)
        if unfinished[0] != "MalformedEvent":
            response.receive(_noted(unfinished), framed.unfinished_data)
    if response.outcome is None:
        response.end_early(leftover=(trailing or b"")[:LEFTOVER_SHOWN])
    assert response.outcome is not None
    return Stream(
        events=response.events,
        outcome=response.outcome,
        events_received=len(framed.events),
        events_discarded=discarded,
        comments_received=framed.comments,
        done_markers=done_markers,
        trailing=trailing,
    )


def _noted(event: Plain) -> Plain:
    """The event with the note that its block was not finished."""
    if event[0] == "UnknownEvent":
        return (*event, [""])
    name, members, notes = event
    return (name, members, [*notes, ""])


class WebSocketReader:
    """One WebSocket connection: message after message, response after response."""

    def __init__(self, *, max_depth: int = DEFAULT_MAX_DEPTH) -> None:
        self.max_depth = max_depth
        self.response = _Response(is_websocket=True)
        self.discarded = 0

    def receive(self, message: bytes) -> list[Plain]:
        """Take a message; return the events to hand out."""
        event = read_message(message, self.max_depth)
        if self.response.outcome is not None:
            if event[0] != "Created":
                self.discarded += 1
                return []
            self.response = _Response(is_websocket=True)
        before = len(self.response.events)
        self.response.receive(event, message)
        return self.response.events[before:]

    def receive_close(self, code: int | None, reason: str | None) -> list[Plain]:
        """Say that the peer closed the connection."""
        if self.response.outcome is not None:
            return []
        before = len(self.response.events)
        self.response.end_early(
            "ConnectionClosed", leftover=b"", close_code=code, close_reason=reason
        )
        return self.response.events[before:]

    def receive_eof(self) -> list[Plain]:
        """Say that the connection is gone without a word."""
        if self.response.outcome is not None:
            return []
        before = len(self.response.events)
        self.response.end_early(leftover=b"")
        return self.response.events[before:]

    def receive_end(self, kind: str, **attributes: Any) -> list[Plain]:
        """Say that the connection ended in another way, with the error that tells it."""
        if self.response.outcome is not None:
            return []
        before = len(self.response.events)
        self.response.end(_failed(kind, **attributes))
        return self.response.events[before:]
