"""What the properties are tried on: ways to cut bytes, and bytes worth cutting.

Streams come in four kinds, from tame to wild: recordings, streams of generated events, recordings
with some bytes changed, and bytes that were never meant to be a stream. The wild ones are put
together from the tokens that matter to the format, since plain random bytes hardly ever hold a
blank line.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import fields

from codex_proto._wire import NOTES_KEY
from codex_proto.responses import ROWS
from tests.recordings import recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codex_proto.responses import WireEvent
    from tests.recordings import Recording

__all__ = [
    "BOM",
    "LINE_ENDS",
    "NO_VALUES",
    "ODD_VALUES",
    "ONE_BLOCK",
    "ONE_BYTE",
    "WHOLE",
    "Cut",
    "cuts",
    "event_streams",
    "json_texts",
    "large_limits",
    "limits",
    "long_streams",
    "loose_streams",
    "messages",
    "mutated",
    "mutated_messages",
    "mutated_recordings",
    "recorded_streams",
    "regular_members",
    "share",
    "streams",
    "text",
    "wire_messages",
]

Strategy: TypeAlias = st.SearchStrategy[bytes]

BOM: Final = b"\xef\xbb\xbf"
LINE_ENDS: Final = (b"\n", b"\r\n", b"\r")


def share(part: float) -> settings:
    """The profile's number of examples, scaled for properties that cost more or less than most."""
    profile = settings()
    return settings(profile, max_examples=max(1, int(profile.max_examples * part)))


# -- ways to cut --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """A way to cut bytes into chunks: these sizes, over and over; or where lines or blocks end.

    It is drawn apart from the bytes, so that a failure shrinks in both.
    """

    sizes: tuple[int, ...] = ()
    at: Literal["", "line ends", "block ends"] = ""

    def __call__(self, stream: bytes) -> list[bytes]:
        """The chunks; joined they are the stream."""
        if self.at == "line ends":
            return list(self._pieces(stream))
        if self.at == "block ends":
            return [piece for piece in _BLOCK_ENDS.split(stream) if piece]
        return list(self._chunks(stream))

    def _chunks(self, stream: bytes) -> Iterator[bytes]:
        at = turn = 0
        while at < len(stream):
            size = self.sizes[turn % len(self.sizes)]
            yield stream[at : at + size]
            at += size
            turn += 1

    @staticmethod
    def _pieces(stream: bytes) -> Iterator[bytes]:
        start = 0
        for at in range(1, len(stream)):
            if stream[at - 1] in b"\r\n" or stream[at] in b"\r\n":
                yield stream[start:at]
                start = at
        yield stream[start:]


# After a blank line, as servers flush: most reads are one block then.
_BLOCK_ENDS: Final = re.compile(rb"(?<=\n\n)|(?<=\r\n\r\n)|(?<=\r\r)")

WHOLE: Final = Cut((1 << 40,))
ONE_BYTE: Final = Cut((1,))
ONE_BLOCK: Final = Cut(at="block ends")


def cuts() -> st.SearchStrategy[Cut]:
    """Any way to cut: empty chunks are among them, and chunks of many events."""
    sizes = st.one_of(
        st.integers(1, 12),
        st.integers(1, 300),
        st.sampled_from((1, 2, 200, 1_000, 4_095, 4_096, 4_097, 16_384)),
    )
    mixed = st.lists(st.one_of(st.just(0), sizes), min_size=1, max_size=8).filter(any)
    return st.one_of(
        sizes.map(lambda size: Cut((size,))),
        mixed.map(lambda drawn: Cut(tuple(drawn))),
        st.just(Cut(at="line ends")),
        st.just(ONE_BLOCK),
    )


# -- JSON ---------------------------------------------------------------------------------------

# Text that looks like something else: like framing, like JSON, like an escape, like two bytes.
_ODD_TEXTS: Final = (
    "",
    "data: ",
    "\n\ndata: {}\n\n",
    "\r\n\r\nevent: x\r\ndata: ",
    '"}',
    "\\",
    '\\"',
    "[[[[{{{{",
    "]}]}",
    "[DONE]",
    "é",
    "\u2028",
    "\x85",
    "😀",
    "\x00",
    "\x7f",
    "\ufeff",
    "\ufffd",
)
# Values as JSON text, so that what Python cannot hold is among them.
ODD_VALUES: Final = (
    "null",
    "true",
    "0",
    "-0",
    "1.0",
    "1e2",
    "1e400",
    "9" * 40,
    "9" * 4_400,
    '"1"',
    '"\\ud83d\\ude00"',
    "[]",
    "[null]",
    "[1e400]",
    "{}",
    '{"id":"r"}',
    '{"code":7,"message":null}',
    "[" * 40 + "]" * 40,
    "[" * 200 + "]" * 200,
    '"' + "[" * 400 + '"',
)
# No JSON at all, each in one small place.
NO_VALUES: Final = ("", "NaN", "Infinity", "01", "1.", "'x'", '"\\ud800"', '"\x01"', "[1,]", "tru")


def text() -> st.SearchStrategy[str]:
    """Any text that has UTF-8."""
    return st.one_of(st.sampled_from(_ODD_TEXTS), st.text(max_size=12))


def json_texts() -> st.SearchStrategy[str]:
    """Any value as JSON text, plain and odd."""
    plain = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(-1e9, 1e9), text()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(text(), inner, max_size=3)
        ),
        max_leaves=4,
    )
    return st.one_of(st.sampled_from(ODD_VALUES), plain.map(json.dumps))


_RESPONSES: Final = (
    (
        '{"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,'
        '"output":[{"type":"message","id":"m","content":[]}],"usage":{"input_tokens":3,'
        '"input_tokens_details":{"cached_tokens":1},"output_tokens":2,"total_tokens":5},'
        '"metadata":{}}'
    ),
    '{"id":"resp_1","created_at":1.5,"output":null,"usage":null,"end_turn":true}',
    '{"id":"resp_2","error":{"code":"rate_limit_exceeded","message":"try again in 2s"}}',
    '{"id":null,"error":{"code":17,"message":""},"usage":{"input_tokens":1}}',
    (
        '{"id":"resp_1","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":1,'
        '"output_tokens":1,"total_tokens":2,"output_tokens_details":null}}'
    ),
    '{"id":"resp_1","incomplete_details":{"reason":"interrupted"},"end_turn":true,"\\u00e9\\n":1}',
    '{"id":7,"incomplete_details":{"reason":1},"error":[]}',
    '{"id":"resp_1","headers":{"x-openai-model":["n"]}}',
    '{"headers":[],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":"2"}}',
    "[]",
    "null",
    "{}",
)
_ERRORS: Final = (
    '{"type":"server_error","code":"c","message":"m","param":null}',
    '{"code":503,"message":null,"resets_at":1.5,"headers":{"a":1}}',
    '{"code":"websocket_connection_limit_reached"}',
    '{"code":[]}',
    "null",
    '"text"',
)
# What members of the wire are like, by the kind of their field.
_REGULAR: Final[dict[str, tuple[str, ...]]] = {
    "response": _RESPONSES,
    "error": _ERRORS,
    "status": ("200", "400", "429", "99", "1000", "0", "null", '"400"'),
    "logprobs": ("[]", "null", '[{"token":"a","logprob":-0.5,"bytes":[1],"top_logprobs":[]}]'),
    "item": ('{"type":"message","id":"m"}', '{"type":"function_call","arguments":"{}"}'),
    "headers": (
        '{"OpenAI-Model":"m"}',
        '{"openai-model":[],"X-OpenAI-Model":[["n","m"]]}',
        '{"openai-model":5,"x-models-etag":1.50,"X-Models-Etag":true}',
        '{"X-Models-ETag":"e","x-codex-turn-state":"t"}',
        '{"x-codex-safety-buffering-enabled":false,"x-models-etag":"\\u00e9"}',
        '{"x-codex-safety-buffering-faster-model":"fast","openai-model":"m","openai-model":"n"}',
        '{"x-codex-safety-buffering-faster-model":null,"openai-model":"\\n"}',
        "null",
        "[]",
    ),
    "safety_buffering": (
        "null",
        '{"use_cases":["a"],"reasons":[]}',
        '{"use_cases":["a"],"reasons":["b"],"retry_model":"fast"}',
        '{"use_cases":[],"reasons":[],"retry_model":null}',
        '{"use_cases":[1],"reasons":[]}',
        '{"a":[1e400]}',
    ),
    "metadata": (
        "{}",
        '{"openai_verification_recommendation":["x","trusted_access_for_cyber",1,"x"]}',
        '{"openai_verification_recommendation":[],"openai_chatgpt_moderation_metadata":null}',
        '{"openai_chatgpt_moderation_metadata":{"a":[1]},"type":"safety_buffering"}',
        '{"type":"safety_buffering","use_cases":["a"],"reasons":["b"],"retry_model":"m"}',
        '{"type":"safety_buffering","use_cases":["a"],"reasons":["b"]}',
        "null",
        "[1]",
    ),
    "rate_limits": (
        "{}",
        '{"primary":{"used_percent":1.5,"window_minutes":5,"reset_at":9}}',
        '{"primary":{"used_percent":"x"}}',
        "null",
    ),
    "credits": ("null", '{"has_credits":true,"unlimited":false,"balance":"5"}', "{}"),
}
_STRINGS: Final = ('""', '"abc"', '"\\n\\"data: "', '"é😀"', '"\\u00e9"', '"}\\\\"')
_INTEGERS: Final = ("0", "1", "-1", "123456789012345678901234567890")


def _values(wire_name: str, type_: Any) -> tuple[str, ...]:
    if wire_name in _REGULAR:
        return _REGULAR[wire_name]
    if "int" in str(type_):
        return _INTEGERS
    return _STRINGS if "str" in str(type_) else ("{}", "[1]", '"s"')


def _members(cls: type[WireEvent]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (field.encode_name, _values(field.encode_name, field.type))
        for field in fields(cls)
        if field.encode_name != NOTES_KEY
    ]


_MEMBERS: Final = {row.type: _members(row.cls) for row in ROWS}
_REQUIRED: Final = {
    row.type: {field.encode_name for field in fields(row.cls) if field.required} for row in ROWS
}
_ENDING: Final = ("response.completed", "response.failed", "response.incomplete")
_TYPES: Final = tuple(row.type for row in ROWS)
_OUTPUT: Final = tuple(row.type for row in ROWS if row.is_output)


def regular_members(type_: str) -> dict[str, str]:
    """Every member that a type of the registry declares, with a value it may have."""
    return {name: values[0] for name, values in _MEMBERS[type_]}


def _member_lists() -> st.SearchStrategy[tuple[str, list[tuple[str, str]]]]:
    """A type and its members as JSON text; mostly regular, with a few that are not."""
    return _type_names().flatmap(lambda type_: st.tuples(st.just(type_), _members_of(type_)))


def _type_names() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(("response.output_text.delta", "response.function_call_arguments.delta")),
        st.sampled_from(_OUTPUT),
        st.sampled_from(_TYPES),
        st.sampled_from(("response.created", "error", *_ENDING)),
        st.sampled_from(("response.new_thing", "", "Ping", "response.output_text.delta ")),
    )


@st.composite
def _members_of(draw: st.DrawFn, type_: str) -> list[tuple[str, str]]:
    known = _MEMBERS.get(type_, [])
    skipped = draw(st.integers(0, (1 << len(known)) - 1))
    members = [
        (name, draw(st.sampled_from(values)))
        for at, (name, values) in enumerate(known)
        if name in _REQUIRED[type_] or not skipped >> at & 1
    ]
    if draw(st.integers(0, 3)) == 0:
        # Something is wrong with one member: its value, its absence, or that it is there twice.
        names = [name for name, _ in known] or ["x"]
        name = draw(st.sampled_from([*names, "type", "unheard_of", NOTES_KEY]))
        odd = (name, draw(st.sampled_from((*ODD_VALUES, *NO_VALUES))))
        match draw(st.integers(0, 3)):
            case 0:
                members = [member for member in members if member[0] != name]
            case 1:
                members = [member for member in members if member[0] != name] + [odd]
            case 2:
                members.append(odd)
            case _:
                members.insert(0, odd)
    return members


@dataclass(frozen=True)
class _Style:
    """How JSON is written: where the type stands, and what white space is between tokens."""

    type_first: bool
    comma: str
    colon: str
    before: str
    after: str


_STYLES: Final = (
    _Style(True, ",", ":", "", ""),
    _Style(True, ", ", ": ", "", ""),
    _Style(False, ",", ":", "", ""),
    _Style(True, ",\n", ": ", "\n", "\n"),
    _Style(False, " ,\t", " :\r\n", " ", " "),
)


def _write(type_: str, members: list[tuple[str, str]], style: _Style) -> str:
    pairs = [(json.dumps(name), value) for name, value in members]
    pairs.insert(0 if style.type_first else len(pairs), ('"type"', json.dumps(type_)))
    inner = style.comma.join(f"{name}{style.colon}{value}" for name, value in pairs)
    return f"{style.before}{{{inner}}}{style.after}"


def wire_messages() -> st.SearchStrategy[str]:
    """The JSON of one event, of any type, written in any style."""
    return st.builds(
        lambda named, style: _write(named[0], named[1], style),
        _member_lists(),
        st.sampled_from(_STYLES),
    )


def mutated_messages() -> Strategy:
    """An event with some bytes changed, or what is no event in the first place."""
    return st.one_of(
        mutated(wire_messages().map(str.encode)),
        json_texts().map(str.encode),
        st.binary(max_size=40),
    )


def messages() -> Strategy:
    """What may come as one message, tame and wild."""
    return st.one_of(wire_messages().map(str.encode), mutated_messages())


# -- streams ------------------------------------------------------------------------------------


def _data_lines(payload: str) -> list[str]:
    return [f"data: {line}" for line in payload.replace("\r\n", "\n").split("\n")]


@st.composite
def _blocks(draw: st.DrawFn) -> list[str]:
    """The lines of one block of a well-formed stream, its blank line among them."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return [draw(st.sampled_from((": keepalive", ":", ": data: {}", "")))]
    if kind == 1:
        return ["data: [DONE]", ""]
    payload = draw(wire_messages())
    lines = _data_lines(payload)
    if kind == 2:
        lines = [line.replace("data: ", "data:") for line in lines]
    if kind == 3:
        lines.insert(0, draw(st.sampled_from(("id: 7", "id", "retry: 10", ": c", "event"))))
    if kind == 4:
        lines.append(draw(st.sampled_from(("id: x\0", "event: x", ":", "data", "retry: 1x"))))
    if kind >= 5:
        lines.insert(0, draw(st.sampled_from(("event: message", "event: x", "event:data: "))))
    return [*lines, ""]


def event_streams(max_size: int = 8) -> Strategy:
    """Streams of events of the protocol, with comments, ids, and line ends of every kind."""
    return _event_streams(max_size)


@st.composite
def _event_streams(draw: st.DrawFn, max_size: int) -> bytes:
    blocks = draw(st.lists(_blocks(), max_size=max_size))
    end = draw(st.sampled_from((b"\n", b"\n", b"\r\n", b"\r", b"")))
    if end:
        stream = b"".join(line.encode() + end for lines in blocks for line in lines)
    else:
        stream = b"".join(
            line.encode() + draw(st.sampled_from(LINE_ENDS)) for lines in blocks for line in lines
        )
    if draw(st.integers(0, 5)) == 0:
        stream = BOM + stream
    if draw(st.integers(0, 3)) == 0:
        stream = stream[: len(stream) - draw(st.integers(1, 4))]
    return stream


# Blocks as they come by the hundred, and blocks that may stand between them.
_FREQUENT: Final = (
    b'data: {"type":"response.output_text.delta","delta":"d"}\n\n',
    b"event: response.output_text.delta\n"
    b'data: {"type":"response.output_text.delta","item_id":"%s","delta":"d","logprobs":[]}\n\n'
    % (b"m" * 55),
    (
        b"event: response.output_text.delta\r\n"
        b'data: {"type":"response.output_text.delta","delta":"d"}\r\n\r\n'
    ),
    (
        b"event: response.function_call_arguments.delta\n"
        b'data: {"type":"response.function_call_arguments.delta","delta":"{\\"a"}\n\n'
    ),
    'data: {"delta":"é","type":"response.reasoning_text.delta","obfuscation":"😀"}\n\n'.encode(),
    b'data: {"type":"response.output_item.added","item":{"type":"%s"}}\n\n' % (b"x" * 3_000),
)
_RARE: Final = (
    b": keepalive\n\n",
    b": keepalive\n",
    b"data: [DONE]\n\n",
    b"\n",
    b"\r\n",
    b"\r",
    b"id: 1\n",
    b'data: {"type":"response.new_thing"}\n\n',
    b'data: {"type":"keepalive"}\n\n',
    b'event: x\ndata: {"type":"response.output_text.delta","delta":5}\n\n',
    b'data: {"type":"response.output_text.delta","delta":"\xff"}\n\n',
    b'data: {"type":"response.output_text.delta","delta":"d","x":%s}\n\n'
    % (b"[" * 200 + b"]" * 200),
    b'data: {"type":"response.output_text.delta",\ndata: "delta":"d"}\n\n',
    b'data:{"type":"response.output_text.delta","delta":"d"}\n\n',
    b'data: {"type":"response.output_text.delta","delta":"d"}{}\n\n',
    b'data: {"type":"response.output_text.delta","delta":"d"}\r\r\n',
    b'data: {"type":"response.completed","response":{"id":"r"}}\n\n',
    b'data: {"type":"response.failed","response":{"id":"r"}}\n\n',
    b'data: {"type":"response.output_text.delta","delta":"%s"}\n\n' % (b"x" * 8_950),
    b'data: {"type":"response.news","delta":"%s"}\n\n' % (b"x" * 8_950),
    b'data: {"type":"error","message":"m"}\n\n',
)


def long_streams() -> Strategy:
    """Streams of hundreds of events, most of them alike: up to a few hundred kilobytes."""
    frequent = st.builds(
        lambda block, times: block * times,
        st.sampled_from(_FREQUENT),
        st.one_of(st.integers(1, 9), st.sampled_from((40, 200))),
    )
    parts = st.lists(st.one_of(frequent, frequent, st.sampled_from(_RARE)), min_size=1, max_size=7)
    return st.builds(
        lambda drawn, lost: b"".join(drawn)[: -lost or None],
        parts,
        st.sampled_from((0, 0, 1, 2, 30)),
    )


_TOKENS: Final = (
    *LINE_ENDS,
    b"\n\n",
    b"\r\n\r\n",
    b"\r\r\n",
    b"data",
    b"data:",
    b"data: ",
    b"data:\t",
    b"event",
    b"event: e",
    b"id",
    b"id: 1",
    b"id: \xc3\xa9",
    b"retry:",
    b"retry: 12",
    b":",
    b" ",
    b"\0",
    BOM,
    b"\xff",
    b"\xe2\x82",
    "é".encode(),
    b"x",
    b"5",
    b'{"type":"ping"}',
    b'{"type":"response.output_text.delta","delta":"d"}',
    b'{"type":"response.completed","response":{}}',
    b"[DONE]",
    b'"',
    b"\\",
    b"[",
    b"}",
)


def loose_streams() -> Strategy:
    """Bytes that are no stream in particular, or nearly one."""
    tokens = st.lists(st.sampled_from(_TOKENS), max_size=24).map(b"".join)
    marked = st.builds(bytes.__add__, st.just(BOM), tokens)
    return st.one_of(tokens, tokens, marked, st.binary(max_size=60))


# -- mutations ----------------------------------------------------------------------------------


def mutated(originals: Strategy) -> Strategy:
    """The same with some bytes flipped, inserted, deleted, repeated, or replaced everywhere."""
    return st.builds(
        lambda original, steps: functools.reduce(
            lambda stream, step: step(stream), steps, original
        ),
        originals,
        st.lists(_mutations(), min_size=1, max_size=5),
    )


def _mutations() -> st.SearchStrategy[Callable[[bytes], bytes]]:
    # Places as a fraction of whatever is left, so that they need not know the bytes.
    places = st.integers(0, 9_999)
    inserted = st.one_of(st.sampled_from(_TOKENS), st.binary(min_size=1, max_size=3))
    return st.one_of(
        st.builds(_Insert, places, inserted),
        st.builds(_Replace, places, inserted),
        st.builds(_Delete, places, st.integers(1, 40)),
        st.builds(_Repeat, places, st.integers(1, 400), places),
        st.builds(_Everywhere, st.sampled_from(LINE_ENDS), st.sampled_from(LINE_ENDS)),
        st.builds(_CutOff, places),
    )


def _place(stream: bytes, at: int) -> int:
    return len(stream) * at // 10_000


@dataclass(frozen=True)
class _Insert:
    at: int
    inserted: bytes

    def __call__(self, stream: bytes) -> bytes:
        at = _place(stream, self.at)
        return stream[:at] + self.inserted + stream[at:]


@dataclass(frozen=True)
class _Replace:
    at: int
    replacement: bytes

    def __call__(self, stream: bytes) -> bytes:
        at = _place(stream, self.at)
        return stream[:at] + self.replacement + stream[at + len(self.replacement) :]


@dataclass(frozen=True)
class _Delete:
    at: int
    size: int

    def __call__(self, stream: bytes) -> bytes:
        at = _place(stream, self.at)
        return stream[:at] + stream[at + self.size :]


@dataclass(frozen=True)
class _Repeat:
    """Splices a piece of the stream in at another place."""

    start: int
    size: int
    at: int

    def __call__(self, stream: bytes) -> bytes:
        start, at = _place(stream, self.start), _place(stream, self.at)
        return stream[:at] + stream[start : start + self.size] + stream[at:]


@dataclass(frozen=True)
class _Everywhere:
    old: bytes
    new: bytes

    def __call__(self, stream: bytes) -> bytes:
        return stream.replace(self.old, self.new)


@dataclass(frozen=True)
class _CutOff:
    at: int

    def __call__(self, stream: bytes) -> bytes:
        return stream[: _place(stream, self.at)]


# The shipped ones only, so that the examples are the same on every machine.
_SHORT: Final = tuple(r for r in recordings() if r.shipped and r.size < 20_000)


def recorded_streams() -> Strategy:
    """Some blocks of a recording, one after another as they were recorded."""
    return st.builds(
        lambda recording, first, count: b"".join(_blocks_of(recording)[first : first + count]),
        st.sampled_from(_SHORT),
        st.one_of(st.just(0), st.integers(0, 60)),
        st.integers(0, 24),
    )


@functools.cache
def _blocks_of(recording: Recording) -> list[bytes]:
    blocks = recording.bytes.replace(b"\r\n", b"\n").split(b"\n\n")
    return [block + b"\n\n" for block in blocks[:-1]] + [blocks[-1]]


def mutated_recordings() -> Strategy:
    """A recorded stream with some bytes changed."""
    return mutated(recorded_streams())


def streams() -> Strategy:
    """Streams of every kind."""
    return st.one_of(
        loose_streams(),
        event_streams(),
        mutated(event_streams()),
        recorded_streams(),
        mutated_recordings(),
    )


def large_limits() -> st.SearchStrategy[dict[str, int]]:
    """Limits that let the fast path go on, with sizes of blocks of `long_streams` among them."""
    sizes = st.sampled_from((8_192, 8_990, 9_010, 12_000, 1 << 30))
    return st.fixed_dictionaries({"max_line_size": sizes, "max_event_size": sizes})


def limits() -> st.SearchStrategy[dict[str, int]]:
    """Limits small enough to be passed, by the names of the arguments that set them."""
    sizes = st.one_of(st.integers(1, 30), st.integers(1, 2_000))
    return st.fixed_dictionaries({"max_line_size": sizes, "max_event_size": sizes})
