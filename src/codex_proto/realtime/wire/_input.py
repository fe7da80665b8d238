"""Wire events about the user's input: the input buffers, and the transcript of the input.

Source: OpenAI API reference, Realtime; observed.md, "Public recordings".
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import Lazy, Opt
from codex_proto.realtime.wire._base import RealtimeWireEvent

__all__ = [
    "ConversationItemInputAudioTranscriptionCompletedEvent",
    "ConversationItemInputAudioTranscriptionDeltaEvent",
    "ConversationItemInputAudioTranscriptionFailedEvent",
    "ConversationItemInputAudioTranscriptionSegmentEvent",
    "ConversationItemInputAudioTranscriptionUpdatedEvent",
    "InputAudioBufferClearedEvent",
    "InputAudioBufferCommittedEvent",
    "InputAudioBufferDtmfEventReceivedEvent",
    "InputAudioBufferSpeechStartedEvent",
    "InputAudioBufferSpeechStoppedEvent",
    "InputAudioBufferTimeoutTriggeredEvent",
]


class InputAudioBufferClearedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.cleared"
):
    """The audio that was appended and not committed is discarded."""


class InputAudioBufferCommittedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.committed"
):
    """The appended audio is now the user's item `item_id`, after `previous_item_id`."""

    previous_item_id: Opt[str] = UNSET
    item_id: Opt[str] = UNSET


class InputAudioBufferDtmfEventReceivedEvent(
    RealtimeWireEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="input_audio_buffer.dtmf_event_received",
):
    """The caller pressed a key: `event` is the key, `received_at` the unix time in seconds."""

    event: Opt[str] = UNSET
    received_at: Opt[int] = UNSET


class InputAudioBufferSpeechStartedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.speech_started"
):
    """The user started to speak, `audio_start_ms` milliseconds into the session's audio."""

    audio_start_ms: Opt[int] = UNSET
    item_id: Opt[str] = UNSET


class InputAudioBufferSpeechStoppedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="input_audio_buffer.speech_stopped"
):
    """The user stopped speaking, `audio_end_ms` milliseconds into the session's audio."""

    audio_end_ms: Opt[int] = UNSET
    item_id: Opt[str] = UNSET


class InputAudioBufferTimeoutTriggeredEvent(
    RealtimeWireEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="input_audio_buffer.timeout_triggered",
):
    """The user was silent for the session's `idle_timeout_ms`."""

    audio_start_ms: Opt[int] = UNSET
    audio_end_ms: Opt[int] = UNSET
    item_id: Opt[str] = UNSET


class TranscriptionEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """About the transcript of the part `content_index` of the user's item `item_id`."""

    item_id: Opt[str] = UNSET
    content_index: Opt[int] = UNSET


class ConversationItemInputAudioTranscriptionDeltaEvent(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.item.input_audio_transcription.delta",
):
    """A piece of the transcript."""

    delta: Opt[str] = UNSET
    raw_logprobs: Raw | UnsetType = msgspec.field(default=UNSET, name="logprobs")

    logprobs = Lazy[Any](object)


class ConversationItemInputAudioTranscriptionCompletedEvent(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.item.input_audio_transcription.completed",
):
    """The whole transcript, and what it cost."""

    transcript: str
    raw_usage: Raw | UnsetType = msgspec.field(default=UNSET, name="usage")
    raw_languages: Raw | UnsetType = msgspec.field(default=UNSET, name="languages")
    raw_logprobs: Raw | UnsetType = msgspec.field(default=UNSET, name="logprobs")

    usage = Lazy[dict[str, Any]](dict[str, Any])
    languages = Lazy[Any](object)
    logprobs = Lazy[Any](object)


class ConversationItemInputAudioTranscriptionUpdatedEvent(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.item.input_audio_transcription.updated",
):
    """The whole transcript so far; servers other than OpenAI's send it instead of deltas."""

    section = 'observed.md, "Public recordings"'

    transcript: str


class ConversationItemInputAudioTranscriptionFailedEvent(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.item.input_audio_transcription.failed",
):
    """There will be no transcript of this part; the session goes on."""

    raw_error: Raw | UnsetType = msgspec.field(default=UNSET, name="error")

    error = Lazy[Any](object)


class ConversationItemInputAudioTranscriptionSegmentEvent(
    TranscriptionEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="conversation.item.input_audio_transcription.segment",
):
    """The speech of `speaker` between `start` and `end` (seconds)."""

    text: str
    id: Opt[str] = UNSET
    speaker: Opt[str] = UNSET
    start: Opt[int | float] = UNSET
    end: Opt[int | float] = UNSET
