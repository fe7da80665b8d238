"""What all wire events of a Responses stream share, and what stands in for those that are none.

The events themselves live in the family files beside this one (`wire_lifecycle`, `wire_items`,
`wire_text`, `wire_reasoning`, `wire_tools`, `wire_service`); `registry` lists them all.

How a member of the JSON becomes an attribute:

- absent on the wire: `msgspec.UNSET` (which is false), and absent again when encoded;
- `null` on the wire: None, and `null` again when encoded;
- large or open members (`response`, `item`, `part`, ...): kept as the raw bytes in `raw_<name>`
  and decoded by asking for `<name>`, which gives the value, a `MalformedPart`, or None where the
  wire had nothing or `null`. Asking never raises;
- a member the class does not know is ignored, as everywhere in this protocol (wire.md 0.1).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, overload

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto.errors import CodexError

__all__ = [
    "UNSET",
    "AnnotatedEvent",
    "Lazy",
    "MalformedEvent",
    "MalformedPart",
    "Notes",
    "Opt",
    "RareRaw",
    "StreamFailed",
    "UnknownEvent",
    "WireEvent",
]

T = TypeVar("T")

# Present, null, or absent: three different things on the wire, and in the command's output.
Opt: TypeAlias = T | UnsetType | None


class MalformedPart(Struct, frozen=True, kw_only=True, gc=False):
    """A part of an otherwise sound event that could not be understood.

    `field` is the part's name on the wire, `reason` says what is wrong with it, `raw` is its JSON.
    """

    field: str
    reason: str
    raw: bytes = b""


class Notes(tuple[MalformedPart, ...]):
    """The members of an event that were left at their defaults because the peer got them wrong.

    A class of its own, so that no JSON of a peer's can ever be decoded into one.
    """

    __slots__ = ()


NO_NOTES = Notes()
# The colon keeps it clear of every name that the protocol uses.
NOTES_KEY = "codex_proto:notes"


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


def decode_part(field: str, raw: bytes | Raw, type_: Any) -> Any:
    """Decode one member's JSON to `type_`; a `MalformedPart` where that cannot be done."""
    try:
        return _decoder(type_).decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return MalformedPart(field=field, reason=str(error), raw=bytes(raw))


class Lazy(Generic[T]):
    """A member that is decoded when it is asked for, each time anew (nothing is cached).

    Reads `raw_<name>`; gives the value, `MalformedPart`, or None for absent and `null`.
    """

    __slots__ = ("_name", "_raw_name", "_type")

    def __init__(self, type_: type[T]) -> None:
        self._type = type_

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._raw_name = f"raw_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> Lazy[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T | MalformedPart | None: ...
    def __get__(self, instance: object | None, owner: type) -> Lazy[T] | T | MalformedPart | None:
        if instance is None:
            return self
        raw = getattr(instance, self._raw_name)
        if not isinstance(raw, Raw):
            return None
        part: T | MalformedPart | None = decode_part(self._name, raw, self._type | None)
        return part


if TYPE_CHECKING:
    RareRaw: TypeAlias = Raw
else:
    # A type that no JSON has: where the member is there after all, decoding fails, and the second
    # look at the message keeps it. So a member that hardly any event has costs the others nothing.
    RareRaw = Literal["codex_proto: never"]


class WireEvent(Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Any event as it is on the wire; the base of every class in the registry.

    `sequence_number` counts the events of a response (early and foreign servers leave it out),
    `stream_id` is the lane on a multiplexed WebSocket, `agent` the sender in beta streams.
    `notes` tells what had to be left out of this event; it is empty for nearly all of them.

    `headers`, `response` and `safety_buffering` may stand on an event of any type (wire.md 1.4 and
    1.6), and hardly ever do.
    """

    # The members that most events have come last, before those of the class itself: then the
    # decoder finds the next member of the JSON in the next field, without looking any further.
    raw_headers: RareRaw | UnsetType = msgspec.field(default=UNSET, name="headers")
    raw_response: RareRaw | UnsetType = msgspec.field(default=UNSET, name="response")
    raw_safety_buffering: RareRaw | UnsetType = msgspec.field(
        default=UNSET, name="safety_buffering"
    )
    raw_agent: Raw | UnsetType = msgspec.field(default=UNSET, name="agent")
    wire_notes: Notes | UnsetType = msgspec.field(default=UNSET, name=NOTES_KEY)
    stream_id: Opt[str] = UNSET
    sequence_number: Opt[int] = UNSET

    headers = Lazy[dict[str, Any]](dict[str, Any])
    response = Lazy[Any](object)
    safety_buffering = Lazy[Any](object)
    agent = Lazy[Any](object)

    @property
    def type(self) -> str:
        """The wire type, such as `response.output_text.delta`."""
        return str(self.__struct_config__.tag)

    @property
    def notes(self) -> Notes:
        """What the peer got wrong in members that cost no event: usually nothing."""
        return self.wire_notes or NO_NOTES

    def __repr__(self) -> str:
        shown: list[str] = []
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is UNSET:
                continue
            shown.append(f"{name}={_brief(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"


class AnnotatedEvent(WireEvent, frozen=True, kw_only=True, gc=False):
    """An event that is likely to carry headers, a response or safety buffering: no output."""

    raw_headers: Raw | UnsetType = msgspec.field(default=UNSET, name="headers")
    raw_response: Raw | UnsetType = msgspec.field(default=UNSET, name="response")
    raw_safety_buffering: Raw | UnsetType = msgspec.field(default=UNSET, name="safety_buffering")


class UnknownEvent(Struct, frozen=True, gc=False):
    """An event of a type that this version does not know: its type, and all of its JSON."""

    type: str
    raw: bytes
    notes: Notes = NO_NOTES


class MalformedEvent(Struct, frozen=True, gc=False):
    """A message that is no event: why, and all of its bytes."""

    reason: str
    raw: bytes


class StreamFailed(Struct, frozen=True):
    """The outcome of a response that did not complete. `error` says why; nothing follows.

    Where the server had told an error before, and then the stream just ended, `error` is what the
    server told, and `ended_by` says how the stream ended.
    """

    error: CodexError
    ended_by: CodexError | None = None


_BRIEF = 60


def _brief(value: object) -> str:
    if isinstance(value, Raw):
        raw = bytes(value)
        more = f"... {len(raw)} bytes" if len(raw) > _BRIEF else ""
        return f"<{raw[:_BRIEF].decode('utf-8', 'replace')}{more}>"
    return repr(value)
