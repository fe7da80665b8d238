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
    """The session is over, and everything that was said is translated."""

    section = "OpenAI API reference, Realtime (translation)"


class TranslationDeltaEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """A piece of a translation, `elapsed_ms` milliseconds into the session."""

    delta: str
    elapsed_ms: Opt[int] = UNSET


class SessionInputTranscriptDeltaEvent(
    TranslationDeltaEvent, frozen=True, kw_only=True, gc=False, tag="session.input_transcript.delta"
):
    """A piece of what is said, in the language it is said in."""

    section = "OpenAI API reference, Realtime (translation)"


class SessionOutputTranscriptDeltaEvent(
    TranslationDeltaEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="session.output_transcript.delta",
):
    """A piece of what is said, in the language it is translated to."""

    section = "OpenAI API reference, Realtime (translation)"


class SessionOutputAudioDeltaEvent(
    TranslationDeltaEvent, frozen=True, kw_only=True, gc=False, tag="session.output_audio.delta"
):
    """A piece of the spoken translation: base64 in `delta`, by `format`, `sample_rate` (hertz)."""

    section = "OpenAI API reference, Realtime (translation)"

    sample_rate: Opt[int] = UNSET
    channels: Opt[int] = UNSET
    format: Opt[str] = UNSET
