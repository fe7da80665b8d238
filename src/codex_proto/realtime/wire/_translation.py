"""Wire events that only translation sessions have.

Source: OpenAI API reference, Realtime (translation).
"""

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.realtime.wire._base import RealtimeWireEvent

__all__ = [
    "SessionClosedEvent",
    "SessionInputTranscriptDeltaEvent",
    "SessionOutputAudioDeltaEvent",
    "SessionOutputTranscriptDeltaEvent",
]


class SessionClosedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="session.closed"
):
    """The session has ended, and all speech has been translated."""

    section = "OpenAI API reference, Realtime (translation)"


class TranslationDeltaEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """A piece of a translation, `elapsed_ms` milliseconds into the session."""

    delta: str
    elapsed_ms: Opt[int] = UNSET


class SessionInputTranscriptDeltaEvent(
    TranslationDeltaEvent, frozen=True, kw_only=True, gc=False, tag="session.input_transcript.delta"
):
    """A piece of the transcript of the speech, in its own language."""

    section = "OpenAI API reference, Realtime (translation)"


class SessionOutputTranscriptDeltaEvent(
    TranslationDeltaEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="session.output_transcript.delta",
):
    """A piece of the transcript of the speech, in the target language."""

    section = "OpenAI API reference, Realtime (translation)"


class SessionOutputAudioDeltaEvent(
    TranslationDeltaEvent, frozen=True, kw_only=True, gc=False, tag="session.output_audio.delta"
):
    """A piece of the spoken translation: base64 in `delta`; see `format` and `sample_rate` (Hz)."""

    section = "OpenAI API reference, Realtime (translation)"

    sample_rate: Opt[int] = UNSET
    channels: Opt[int] = UNSET
    format: Opt[str] = UNSET
