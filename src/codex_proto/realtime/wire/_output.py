"""Wire events about the model's output: audio, its transcript, and text, in deltas.

The beta API has the same events under other names (`response.audio.delta`, `response.text.delta`,
...); each name has its class.

Source: OpenAI API reference, Realtime; observed.md, "Public recordings"; wire.md 8.5.
"""

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.realtime.wire._base import ContentScope

__all__ = [
    "ResponseAudioDeltaEvent",
    "ResponseAudioDoneEvent",
    "ResponseAudioTranscriptDeltaEvent",
    "ResponseAudioTranscriptDoneEvent",
    "ResponseOutputAudioDeltaEvent",
    "ResponseOutputAudioDoneEvent",
    "ResponseOutputAudioTranscriptDeltaEvent",
    "ResponseOutputAudioTranscriptDoneEvent",
    "ResponseOutputTextDeltaEvent",
    "ResponseOutputTextDoneEvent",
    "ResponseTextDeltaEvent",
    "ResponseTextDoneEvent",
]


class DeltaEvent(ContentScope, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """A piece of something larger.

    Deltas are most of a session. Their members are text and numbers, and the fast path refuses any
    other member, so that UTF-8 and depth need no separate check. A delta with further members is
    decoded on the slow path, to the same event. `obfuscation` is padding that hides the length of
    the delta from an observer.
    """

    delta: str
    obfuscation: Opt[str] = UNSET


class AudioDeltaEvent(DeltaEvent, frozen=True, kw_only=True, gc=False):
    """A piece of audio: `delta` is base64, and is not decoded here.

    Upstream reads `sample_rate` (hertz), `channels` (or `num_channels`) and `samples_per_channel`;
    OpenAI's servers do not send them, and the audio then has 24,000 hertz and one channel.
    """

    sample_rate: Opt[int] = UNSET
    channels: Opt[int] = UNSET
    num_channels: Opt[int] = UNSET
    samples_per_channel: Opt[int] = UNSET


class ResponseOutputAudioDeltaEvent(
    AudioDeltaEvent, frozen=True, kw_only=True, gc=False, tag="response.output_audio.delta"
):
    """The next piece of audio to play."""


class ResponseAudioDeltaEvent(
    AudioDeltaEvent, frozen=True, kw_only=True, gc=False, tag="response.audio.delta"
):
    """The next piece of audio to play (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class ResponseOutputAudioDoneEvent(
    ContentScope, frozen=True, kw_only=True, gc=False, tag="response.output_audio.done"
):
    """The audio of a part is whole."""


class ResponseAudioDoneEvent(
    ContentScope, frozen=True, kw_only=True, gc=False, tag="response.audio.done"
):
    """The audio of a part is whole (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class ResponseOutputAudioTranscriptDeltaEvent(
    DeltaEvent, frozen=True, kw_only=True, gc=False, tag="response.output_audio_transcript.delta"
):
    """A piece of the transcript of the model's speech."""


class ResponseAudioTranscriptDeltaEvent(
    DeltaEvent, frozen=True, kw_only=True, gc=False, tag="response.audio_transcript.delta"
):
    """A piece of the transcript of the model's speech (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class TranscriptDoneEvent(ContentScope, frozen=True, kw_only=True, gc=False):
    """The transcript of a part."""

    transcript: str


class ResponseOutputAudioTranscriptDoneEvent(
    TranscriptDoneEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.output_audio_transcript.done",
):
    """The transcript of a part, whole."""


class ResponseAudioTranscriptDoneEvent(
    TranscriptDoneEvent, frozen=True, kw_only=True, gc=False, tag="response.audio_transcript.done"
):
    """The transcript of a part, whole (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class ResponseOutputTextDeltaEvent(
    DeltaEvent, frozen=True, kw_only=True, gc=False, tag="response.output_text.delta"
):
    """A piece of the model's text, in a session with text output."""


class ResponseTextDeltaEvent(
    DeltaEvent, frozen=True, kw_only=True, gc=False, tag="response.text.delta"
):
    """A piece of the model's text (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class TextDoneEvent(ContentScope, frozen=True, kw_only=True, gc=False):
    """The text of a part."""

    text: str


class ResponseOutputTextDoneEvent(
    TextDoneEvent, frozen=True, kw_only=True, gc=False, tag="response.output_text.done"
):
    """The text of a part, whole."""


class ResponseTextDoneEvent(
    TextDoneEvent, frozen=True, kw_only=True, gc=False, tag="response.text.done"
):
    """The text of a part, whole (beta)."""

    section = "OpenAI API reference, Realtime (beta)"
