"""What a client sends in a realtime session: one struct for each type of message.

The functions of `codex_proto.realtime.setup` build them. `encode_client_message` returns the text
of the WebSocket message; `decode_client_message` reads one, for the server's side: recorders,
proxies, and servers in tests.

Where a member is open (`item`, `session`, `response`), its JSON is kept in `raw_<name>`, and
`<name>` returns it as Python values, or a `MalformedPart`.

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

    `event_id` is the client's own id for it, which an `error` event of the server refers to.
    `notes` lists errors in members that do not invalidate the message; it is usually empty. A
    `repr` shows no text and no audio.
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
    """Configures the session; `session_update` of `setup` builds the configuration of Codex."""

    raw_session: Raw = msgspec.field(name="session")

    session = Lazy[dict[str, Any]](dict[str, Any])


class TranscriptionSessionUpdate(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="transcription_session.update"
):
    """Configures a transcription session (beta)."""

    raw_session: Raw = msgspec.field(name="session")

    session = Lazy[dict[str, Any]](dict[str, Any])


class SessionClose(ClientMessage, frozen=True, kw_only=True, gc=False, tag="session.close"):
    """Ends a session of translation."""


# -- audio --------------------------------------------------------------------------------------


class InputAudioBufferAppend(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.append"
):
    """Appends audio to the input buffer: base64."""

    audio: str


class InputAudioBufferClear(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.clear"
):
    """Discards the audio appended since the last commit."""


class InputAudioBufferCommit(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.commit"
):
    """Turns the appended audio into an item of the user."""


class OutputAudioBufferClear(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="output_audio_buffer.clear"
):
    """Stops the playback of the model's audio (WebRTC and SIP only)."""


class SessionInputAudioBufferAppend(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="session.input_audio_buffer.append"
):
    """Appends audio to translate: base64."""

    audio: str


# -- items and handoffs -------------------------------------------------------------------------


class ConversationItemCreate(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.create"
):
    """Adds `item` to the conversation after `previous_item_id`, or at its end."""

    previous_item_id: Opt[str] = UNSET
    raw_item: Raw = msgspec.field(name="item")

    item = Lazy[dict[str, Any]](dict[str, Any])


class ConversationItemDelete(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.delete"
):
    """Removes an item from the conversation."""

    item_id: str


class ConversationItemRetrieve(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.retrieve"
):
    """Requests an item as the server has it."""

    item_id: str


class ConversationItemTruncate(
    ClientMessage, frozen=True, kw_only=True, gc=False, tag="conversation.item.truncate"
):
    """Removes the model's speech after `audio_end_ms` milliseconds of the item's audio."""

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
    """Makes the model respond; `response` overrides the session."""

    raw_response: Raw | UnsetType = msgspec.field(default=UNSET, name="response")

    response = Lazy[dict[str, Any]](dict[str, Any])


class ResponseCancel(ClientMessage, frozen=True, kw_only=True, gc=False, tag="response.cancel"):
    """Stops a response: the one in progress, unless `response_id` names another."""

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
    """Decode a client's message: one text message of the WebSocket.

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
    """Return the text of a WebSocket message: compact JSON, keys in the order of Codex.

    The inverse of `decode_client_message`.

    Raises:
        LocalProtocolError: `message` is not a message, or cannot be written as JSON.
    """
    if not isinstance(message, ClientMessage | UnknownEvent):
        raise LocalProtocolError(f"message: must be a message of a client, not {name_of(message)}")
    try:
        return encode_event(message).decode()
    except ENCODE_ERRORS as error:
        raise LocalProtocolError(f"message: cannot be written as JSON: {error}") from error


def _is_vital(_cls: type[msgspec.Struct], _name: str) -> Literal[False]:
    return False
