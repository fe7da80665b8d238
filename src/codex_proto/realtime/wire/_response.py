"""Wire events about a response as a whole, its items and parts, and the buffer that plays it.

Source: OpenAI API reference, Realtime; wire.md 8.5.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import Lazy, Opt
from codex_proto.realtime.wire._base import ContentScope, RealtimeWireEvent

__all__ = [
    "OutputAudioBufferClearedEvent",
    "OutputAudioBufferStartedEvent",
    "OutputAudioBufferStoppedEvent",
    "ResponseCancelledEvent",
    "ResponseContentPartAddedEvent",
    "ResponseContentPartDoneEvent",
    "ResponseCreatedEvent",
    "ResponseDoneEvent",
    "ResponseOutputItemAddedEvent",
    "ResponseOutputItemDoneEvent",
]


class RealtimeResponseEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """Carries the whole response object; some servers add its `response_id`."""

    raw_response: Raw | UnsetType = msgspec.field(default=UNSET, name="response")
    response_id: Opt[str] = UNSET

    response = Lazy[Any](object)


class ResponseCreatedEvent(
    RealtimeResponseEvent, frozen=True, kw_only=True, gc=False, tag="response.created"
):
    """The model begins a response."""


class ResponseDoneEvent(
    RealtimeResponseEvent, frozen=True, kw_only=True, gc=False, tag="response.done"
):
    """A response is completed, cancelled, failed or incomplete: see its `status`."""


class ResponseCancelledEvent(
    RealtimeResponseEvent, frozen=True, kw_only=True, gc=False, tag="response.cancelled"
):
    """A response was cut short (in no specification; wire.md 8.5)."""

    section = "wire.md 8.5"


class RealtimeOutputItemEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """An item of a response's output, at position `output_index`."""

    response_id: Opt[str] = UNSET
    output_index: Opt[int] = UNSET
    raw_item: Raw = msgspec.field(name="item")

    item = Lazy[Any](object)


class ResponseOutputItemAddedEvent(
    RealtimeOutputItemEvent, frozen=True, kw_only=True, gc=False, tag="response.output_item.added"
):
    """An item begins; its content follows in deltas."""


class ResponseOutputItemDoneEvent(
    RealtimeOutputItemEvent, frozen=True, kw_only=True, gc=False, tag="response.output_item.done"
):
    """An item is whole."""


class RealtimeContentPartEvent(ContentScope, frozen=True, kw_only=True, gc=False):
    """A part of an item's content."""

    raw_part: Raw | UnsetType = msgspec.field(default=UNSET, name="part")

    part = Lazy[Any](object)


class ResponseContentPartAddedEvent(
    RealtimeContentPartEvent, frozen=True, kw_only=True, gc=False, tag="response.content_part.added"
):
    """A part of an item's content begins."""


class ResponseContentPartDoneEvent(
    RealtimeContentPartEvent, frozen=True, kw_only=True, gc=False, tag="response.content_part.done"
):
    """A part of an item's content is whole."""


class OutputAudioBufferEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """About the server's play-out buffer, which only WebRTC and SIP sessions have."""

    response_id: Opt[str] = UNSET


class OutputAudioBufferStartedEvent(
    OutputAudioBufferEvent, frozen=True, kw_only=True, gc=False, tag="output_audio_buffer.started"
):
    """The server begins to play a response."""


class OutputAudioBufferStoppedEvent(
    OutputAudioBufferEvent, frozen=True, kw_only=True, gc=False, tag="output_audio_buffer.stopped"
):
    """All of a response has been played."""


class OutputAudioBufferClearedEvent(
    OutputAudioBufferEvent, frozen=True, kw_only=True, gc=False, tag="output_audio_buffer.cleared"
):
    """The rest of the audio was discarded: the user interrupted, or the client asked for it."""
