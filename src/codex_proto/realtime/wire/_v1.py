"""Wire events that only version 1 of the protocol has.

Source: wire.md 8.5.
"""

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.realtime.wire._base import RealtimeWireEvent

__all__ = [
    "ConversationHandoffRequestedEvent",
    "ConversationInputTranscriptDeltaEvent",
    "ConversationInputTranscriptTurnMarkedEvent",
    "ConversationOutputAudioDeltaEvent",
    "ConversationOutputTranscriptDeltaEvent",
]


class ConversationOutputAudioDeltaEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="conversation.output_audio.delta"
):
    """The next piece of audio to play: base64 in `delta`, or in `data`.

    It is played only if it has `sample_rate` (hertz) and `channels` (or `num_channels`).
    """

    section = "wire.md 8.5"
    versions = ("v1",)

    delta: Opt[str] = UNSET
    data: Opt[str] = UNSET
    sample_rate: Opt[int] = UNSET
    channels: Opt[int] = UNSET
    num_channels: Opt[int] = UNSET
    samples_per_channel: Opt[int] = UNSET
    item_id: Opt[str] = UNSET


class ConversationInputTranscriptDeltaEvent(
    RealtimeWireEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.input_transcript.delta",
):
    """A piece of the transcript of the user's speech."""

    section = "wire.md 8.5"
    versions = ("v1",)

    delta: str


class ConversationInputTranscriptTurnMarkedEvent(
    RealtimeWireEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.input_transcript.turn_marked",
):
    """The user's turn is over: its whole transcript."""

    section = "wire.md 8.5"
    versions = ("v1",)

    transcript: str


class ConversationOutputTranscriptDeltaEvent(
    RealtimeWireEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.output_transcript.delta",
):
    """A piece of the transcript of the model's speech."""

    section = "wire.md 8.5"
    versions = ("v1",)

    delta: str


class ConversationHandoffRequestedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="conversation.handoff.requested"
):
    """The model hands a task over to the agent."""

    section = "wire.md 8.5"
    versions = ("v1",)

    handoff_id: str
    item_id: str
    input_transcript: str
