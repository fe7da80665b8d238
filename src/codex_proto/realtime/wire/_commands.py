"""What a client sends in a realtime session: one struct for each type of message.

`client_messages` makes them, by what they are for. `encode_client_message` gives the text of the
WebSocket message; `decode_client_message` reads one, for the server's side: recorders, proxies,
and servers in tests.

Where a member is open (`item`, `session`, `response`), its JSON is kept in `raw_<name>`, and
asking for `<name>` gives it as Python values, or a `MalformedPart`.

Source: wire.md 8.4; OpenAI API reference, Realtime (client events, beta and translation included).
"""

from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    ENCODE_ERRORS,
    Lazy,
    MalformedEvent,
    Noted,
    Opt,
    UnknownEvent,
    as_payload,
    check_payload,
    decode_irregular,
    encode_event,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.wire._arguments import name_of

__all__ = [
    "ClientMessage",
    "ConversationHandoffAppend",
    "ConversationItemCreate",
    "ConversationItemDelete",
    "ConversationItemRetrieve",
    "ConversationItemTruncate",
    "InputAudioBufferAppend",
    "InputAudioBufferClear",
    "InputAudioBufferCommit",
    "OutputAudioBufferClear",
    "RealtimeCommand",
    "ResponseCancel",
    "ResponseCreate",
    "SessionClose",
    "SessionInputAudioBufferAppend",
    "SessionUpdate",
    "TranscriptionSessionUpdate",
    "decode_client_message",
    "encode_client_message",
]


class ClientMessage(Noted, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Any message of a client; the base of the classes here.

    `event_id` is the client's own name for it, which an `error` of the server's names again.
    `notes` lists what the peer got wrong in members that cost no message: usually nothing. What is
    said, and audio, is not in a `repr`.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"audio", "output_text"})

    event_id: Opt[str] = UNSET

    @property
    def type(self) -> str:
        """The wire type, such as `response.create`."""
        return str(self.__struct_config__.tag)

    def __repr__(self) -> str:
        shown = [
            f"{name}={self._shown(name, value)}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not UNSET
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _shown(self, name: str, value: object) -> str:
        if isinstance(value, Raw):
            return f"<{len(bytes(value))} bytes>"
        if name in self.hidden and isinstance(value, str):
            return f"<{len(value)} characters>"
        return repr(value)


# -- the session --------------------------------------------------------------------------------


class SessionUpdate(ClientMessage, frozen=True, kw_only=True, gc=False, tag="session.update"):
    """Makes the session be as `session` says; `session.py` has what Codex says there."""

    raw_session: Raw = msgspec.field(name="session")

    session = Lazy[dict[str, Any]](dict[str, Any])


class TranscriptionSessionUpdate(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="transcription_session.update"
):
    """The same for a transcription, in the beta API."""

    raw_session: Raw = msgspec.field(name="session")

    session = Lazy[dict[str, Any]](dict[str, Any])


class SessionClose(ClientMessage, frozen=True, kw_only=True, gc=False, tag="session.close"):
    """Ends a session of translation."""


# -- audio --------------------------------------------------------------------------------------


class InputAudioBufferAppend(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.append"
):
    """The next piece of what the user says: base64."""

    audio: str


class InputAudioBufferClear(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.clear"
):
    """Throws away what was appended since the last commit."""


class InputAudioBufferCommit(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.commit"
):
    """Makes a user's item of what was appended."""


class OutputAudioBufferClear(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="output_audio_buffer.clear"
):
    """Stops what the model says (WebRTC and SIP only)."""


class SessionInputAudioBufferAppend(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="session.input_audio_buffer.append"
):
    """The next piece of what is to be translated: base64."""

    audio: str


# -- items and handoffs -------------------------------------------------------------------------


class ConversationItemCreate(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.create"
):
    """Adds `item` to the conversation: behind `previous_item_id`, at its end without one."""

    previous_item_id: Opt[str] = UNSET
    raw_item: Raw = msgspec.field(name="item")

    item = Lazy[dict[str, Any]](dict[str, Any])


class ConversationItemDelete(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.delete"
):
    """Takes an item out of the conversation."""

    item_id: str


class ConversationItemRetrieve(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.retrieve"
):
    """Asks for an item as the server has it."""

    item_id: str


class ConversationItemTruncate(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.truncate"
):
    """Takes back what the model said after `audio_end_ms` milliseconds of the item's audio."""

    item_id: str
    content_index: int
    audio_end_ms: int


class ConversationHandoffAppend(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.handoff.append"
):
    """The agent's answer to a handoff (version 1)."""

    handoff_id: str
    output_text: str


# -- responses ----------------------------------------------------------------------------------


class ResponseCreate(ClientMessage, frozen=True, kw_only=True, gc=False, tag="response.create"):
    """Makes the model respond; `response` says how, where it is not as the session says."""

    raw_response: Raw | UnsetType = msgspec.field(default=UNSET, name="response")

    response = Lazy[dict[str, Any]](dict[str, Any])


class ResponseCancel(ClientMessage, frozen=True, kw_only=True, gc=False, tag="response.cancel"):
    """Stops a response: the one under way, where `response_id` does not name another."""

    response_id: Opt[str] = UNSET


RealtimeCommand: TypeAlias = (
    ConversationHandoffAppend
    | ConversationItemCreate
    | ConversationItemDelete
    | ConversationItemRetrieve
    | ConversationItemTruncate
    | InputAudioBufferAppend
    | InputAudioBufferClear
    | InputAudioBufferCommit
    | OutputAudioBufferClear
    | ResponseCancel
    | ResponseCreate
    | SessionClose
    | SessionInputAudioBufferAppend
    | SessionUpdate
    | TranscriptionSessionUpdate
)
"""The messages of a client, whichever version or API they belong to."""

_CLASSES: Final[dict[str, type[ClientMessage]]] = {
    str(cls.__struct_config__.tag): cls for cls in get_args(RealtimeCommand)
}
_decode: Final = msgspec.json.Decoder(RealtimeCommand).decode


def decode_client_message(
    message: bytes | bytearray | memoryview | str, *, max_depth: int = DEFAULT_MAX_DEPTH
) -> RealtimeCommand | UnknownEvent | MalformedEvent:
    """Decode what a client said: one text message of the WebSocket.

    `max_depth` is how many levels of nesting are read. Returns a message of the class of its
    `type`, an `UnknownEvent`, or a `MalformedEvent`; bytes never raise.

    Raises:
        LocalProtocolError: `message` is neither bytes nor text, or `max_depth` is not positive.
    """
    if max_depth < 1:
        raise LocalProtocolError(f"max_depth: must be at least 1, not {max_depth}")
    payload = as_payload(message)
    if isinstance(payload, MalformedEvent):
        return payload
    malformed = check_payload(payload, max_depth)
    if malformed is not None:
        return malformed
    decoded: RealtimeCommand | UnknownEvent | MalformedEvent
    try:
        decoded = _decode(payload)
    except DECODE_ERRORS:
        decoded = decode_irregular(payload, _CLASSES, _is_vital)
    return decoded


def encode_client_message(message: RealtimeCommand | UnknownEvent) -> str:
    """The text of a WebSocket message, as compact JSON: keys in the order that Codex sends.

    The inverse of `decode_client_message`.

    Raises:
        LocalProtocolError: `message` is none, or holds text that UTF-8 cannot.
    """
    if not isinstance(message, ClientMessage | UnknownEvent):
        raise LocalProtocolError(f"message: must be a message of a client, not {name_of(message)}")
    try:
        return encode_event(message).decode()
    except ENCODE_ERRORS as error:
        raise LocalProtocolError(f"message: cannot be written as JSON: {error}") from error


def _is_vital(_cls: type[msgspec.Struct], _name: str) -> Literal[False]:
    return False
