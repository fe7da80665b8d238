"""Wire events about what the model says: text, refusals, annotations, audio.

Source: OpenAI API reference, Responses; wire.md 1.5.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import Lazy, Opt
from codex_proto.responses.wire._base import WireEvent
from codex_proto.responses.wire._items import ContentEvent
from codex_proto.responses.wire._objects import LogProb

__all__ = [
    "AudioDelta",
    "AudioDone",
    "AudioTranscriptDelta",
    "AudioTranscriptDone",
    "OutputTextAnnotationAdded",
    "OutputTextDelta",
    "OutputTextDone",
    "RefusalDelta",
    "RefusalDone",
]


class OutputTextDelta(
    ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.output_text.delta"
):
    """A piece of the answer's text."""

    codex_name = "OutputTextDelta"

    delta: str
    logprobs: Opt[tuple[LogProb, ...]] = UNSET


class OutputTextDone(
    ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.output_text.done"
):
    """A part of the answer's text is whole."""

    text: str
    logprobs: Opt[tuple[LogProb, ...]] = UNSET


class OutputTextAnnotationAdded(
    ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.output_text.annotation.added"
):
    """The text got an annotation, such as a citation."""

    annotation_index: Opt[int] = UNSET
    raw_annotation: Raw | UnsetType = msgspec.field(default=UNSET, name="annotation")

    annotation = Lazy[Any](object)


class RefusalDelta(ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.refusal.delta"):
    """A piece of a refusal's text."""

    delta: str


class RefusalDone(ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.refusal.done"):
    """A refusal is whole."""

    refusal: str


class AudioDelta(WireEvent, frozen=True, kw_only=True, gc=False, tag="response.audio.delta"):
    """A piece of spoken output; `delta` is base64."""

    delta: str
    response_id: Opt[str] = UNSET


class AudioDone(WireEvent, frozen=True, kw_only=True, gc=False, tag="response.audio.done"):
    """The spoken output is whole."""

    response_id: Opt[str] = UNSET


class AudioTranscriptDelta(
    WireEvent, frozen=True, kw_only=True, gc=False, tag="response.audio.transcript.delta"
):
    """A piece of the words of the spoken output."""

    delta: str
    response_id: Opt[str] = UNSET


class AudioTranscriptDone(
    WireEvent, frozen=True, kw_only=True, gc=False, tag="response.audio.transcript.done"
):
    """The words of the spoken output are whole."""

    response_id: Opt[str] = UNSET
