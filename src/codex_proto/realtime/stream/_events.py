"""The events of a realtime session as upstream reports them, for every protocol version.

Several wire types map to one of these, so they are a projection of the wire events; the tables of
wire.md 8.5 list them. `RealtimeDecoder` yields them in profile `codex`, and the transcript, the
delegation and the conversation machine are built on them.

The transcript of a session is context for the agent, never for display: no `repr` of an event shows
it, only its size.
"""

import binascii
from typing import Any, TypeAlias

from msgspec import Raw, Struct

from codex_proto._wire import Lazy, MalformedPart
from codex_proto.errors import CodexError
from codex_proto.realtime.wire._discreet import Discreet

__all__ = [
    "AudioFrame",
    "AudioOut",
    "ConversationItemAdded",
    "ConversationItemDone",
    "HandoffRequested",
    "InputAudioSpeechStarted",
    "InputTranscriptDelta",
    "InputTranscriptDone",
    "NoopRequested",
    "OutputTranscriptDelta",
    "OutputTranscriptDone",
    "RealtimeError",
    "RealtimeEvent",
    "ResponseCancelled",
    "ResponseCreated",
    "ResponseDone",
    "SessionUpdated",
    "TranscriptEntry",
]


# -- the session and its audio ------------------------------------------------------------------


class SessionUpdated(Discreet, frozen=True, gc=False):
    """The server has accepted the session's configuration; the session can be used from now on.

    `session_id` is the server's id, `instructions` those of the session; None if the server did
    not send them as text.
    """

    hidden = frozenset({"instructions"})

    session_id: str
    instructions: str | None = None


class AudioFrame(Discreet, frozen=True, gc=False):
    """A piece of audio: 16-bit little-endian PCM, as base64 text until it is asked for.

    `sample_rate` is in hertz, `samples_per_channel` the length of the piece as the server sent it,
    `item_id` the item that the piece is part of.
    """

    hidden = frozenset({"data"})

    data: str
    sample_rate: int
    num_channels: int
    samples_per_channel: int | None = None
    item_id: str | None = None

    def pcm(self) -> bytes | MalformedPart:
        """Return the samples as bytes, decoded at each call, or a `MalformedPart` for bad base64.

        Base64 is read strictly, as upstream does: padded, without white space or stray bits.
        """
        try:
            return _decode_base64(self.data)
        except ValueError as error:
            raw = self.data.encode("utf-8", "surrogatepass")
            return MalformedPart(field="data", reason=str(error), raw=raw)

    @property
    def duration_ms(self) -> int:
        """Return the length of the piece in whole milliseconds; 0 if it is not known.

        It is computed from `samples_per_channel`, else from the bytes of the audio, rate and
        channels (wire.md 8.7).
        """
        samples = self.samples_per_channel
        if samples is None:
            pcm = self.pcm()
            samples = 0 if isinstance(pcm, MalformedPart) else len(pcm) // 2 // self._channels
        return samples * 1000 // max(self.sample_rate, 1)

    @property
    def _channels(self) -> int:
        return max(self.num_channels, 1)


def _decode_base64(text: str) -> bytes:
    decoded = binascii.a2b_base64(text, strict_mode=True)
    # The bits of the last character that belong to no byte have to be zero.
    if text.endswith("=") and not text.endswith(
        binascii.b2a_base64(decoded[len(decoded) // 3 * 3 :], newline=False).decode()
    ):
        raise ValueError("Stray bits before the padding")
    return decoded


class AudioOut(Struct, frozen=True, gc=False):
    """The next piece of the model's audio to play."""

    frame: AudioFrame


class InputAudioSpeechStarted(Struct, frozen=True, gc=False):
    """The user began to speak. What is being played should stop (barge-in).

    `item_id` is the user's item that begins, None where the server did not send it.
    """

    item_id: str | None = None


# -- the transcript -----------------------------------------------------------------------------


class InputTranscriptDelta(Discreet, frozen=True, gc=False):
    """A piece of the transcript of the user's speech."""

    hidden = frozenset({"delta"})

    delta: str


class InputTranscriptDone(Discreet, frozen=True, gc=False):
    """The whole transcript of the user's speech, which replaces its pieces."""

    hidden = frozenset({"text"})

    text: str


class OutputTranscriptDelta(Discreet, frozen=True, gc=False):
    """A piece of the transcript of the model's speech."""

    hidden = frozenset({"delta"})

    delta: str


class OutputTranscriptDone(Discreet, frozen=True, gc=False):
    """The whole transcript of the model's speech, which replaces its pieces."""

    hidden = frozenset({"text"})

    text: str


class TranscriptEntry(Discreet, frozen=True, gc=False):
    """One turn of the transcript; `role` is `user` or `assistant`."""

    hidden = frozenset({"text"})

    role: str
    text: str


# -- items and calls ----------------------------------------------------------------------------


class ConversationItemAdded(Discreet, frozen=True, gc=False):
    """The conversation has a new item.

    `item` is its JSON as Python values, whatever the server sent; a `MalformedPart` where it cannot
    be decoded. `raw_item` is the JSON itself.
    """

    hidden = frozenset({"raw_item"})

    raw_item: Raw

    item = Lazy[Any](object)


class ConversationItemDone(Struct, frozen=True, gc=False):
    """An item of the conversation is whole."""

    item_id: str


class HandoffRequested(Discreet, frozen=True, gc=False):
    """The model hands a task over to the agent; `delegation_from_handoff` makes the agent's input.

    `handoff_id` is the id for the result, `item_id` the item of the request, `input_transcript` the
    request as text. `active_transcript` is the transcript since the last handoff: None until a
    `TranscriptAccumulator` has filled it in.
    """

    hidden = frozenset({"input_transcript"})

    handoff_id: str
    item_id: str
    input_transcript: str
    active_transcript: tuple[TranscriptEntry, ...] | None = None


class NoopRequested(Struct, frozen=True, gc=False):
    """The model chose to stay silent (the silence tool); the call needs an empty result."""

    call_id: str
    item_id: str


# -- responses and errors -----------------------------------------------------------------------


class ResponseCreated(Struct, frozen=True, gc=False):
    """The model begins a response; there is no other until it is done or cancelled."""

    response_id: str | None = None


class ResponseCancelled(Struct, frozen=True, gc=False):
    """The model's response was cut short."""

    response_id: str | None = None


class ResponseDone(Struct, frozen=True, gc=False):
    """The model's response is whole."""

    response_id: str | None = None


class RealtimeError(Struct, frozen=True):
    """The session failed, and in profile `codex` no event follows. `message` is the reason.

    `error` is the error of the transport, or of this library if a message cannot be read; None if
    the server sent the error as an event.
    """

    message: str
    error: CodexError | None = None


RealtimeEvent: TypeAlias = (
    SessionUpdated
    | AudioOut
    | InputAudioSpeechStarted
    | InputTranscriptDelta
    | InputTranscriptDone
    | OutputTranscriptDelta
    | OutputTranscriptDone
    | ConversationItemAdded
    | ConversationItemDone
    | HandoffRequested
    | NoopRequested
    | ResponseCreated
    | ResponseCancelled
    | ResponseDone
    | RealtimeError
)
