"""Wire events about reasoning: its summary, and its content where the server shows it.

Source: OpenAI API reference, Responses; wire.md 1.5. `response.reasoning_part.*` is in no
specification; Bedrock sends it.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import Lazy, Opt
from codex_proto.responses.wire._items import ContentEvent, ContentPartEvent, ItemEvent

__all__ = [
    "ReasoningContentDelta",
    "ReasoningContentDone",
    "ReasoningPartAdded",
    "ReasoningPartDone",
    "ReasoningSummaryDelta",
    "ReasoningSummaryDone",
    "ReasoningSummaryPartAdded",
    "ReasoningSummaryPartDone",
]


class ReasoningSummaryPartEvent(ItemEvent, frozen=True, kw_only=True, gc=False):
    """The part `summary_index` of a reasoning item's summary."""

    summary_index: Opt[int] = UNSET
    raw_part: Raw | UnsetType = msgspec.field(default=UNSET, name="part")

    part = Lazy[Any](object)


class ReasoningSummaryPartAdded(
    ReasoningSummaryPartEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.reasoning_summary_part.added",
):
    """A part of the summary begins."""

    codex_name = "ReasoningSummaryPartAdded"


class ReasoningSummaryPartDone(
    ReasoningSummaryPartEvent,
    frozen=True,
    kw_only=True,
    gc=False,
    tag="response.reasoning_summary_part.done",
):
    """A part of the summary is whole; `status` says where it was cut off."""

    status: Opt[str] = UNSET


class ReasoningSummaryDelta(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.reasoning_summary_text.delta"
):
    """A piece of the summary's text."""

    codex_name = "ReasoningSummaryDelta"

    delta: str
    summary_index: Opt[int] = UNSET


class ReasoningSummaryDone(
    ItemEvent, frozen=True, kw_only=True, gc=False, tag="response.reasoning_summary_text.done"
):
    """The text of a part of the summary is whole."""

    codex_name = "ReasoningSummaryDone"

    text: str
    summary_index: Opt[int] = UNSET


class ReasoningContentDelta(
    ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.reasoning_text.delta"
):
    """A piece of the reasoning itself."""

    codex_name = "ReasoningContentDelta"

    delta: str


class ReasoningContentDone(
    ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.reasoning_text.done"
):
    """A part of the reasoning itself is whole."""

    text: str


class ReasoningPartAdded(
    ContentPartEvent, frozen=True, kw_only=True, gc=False, tag="response.reasoning_part.added"
):
    """A part of the reasoning begins."""

    section = 'observed.md, "Public recordings"'


class ReasoningPartDone(
    ContentPartEvent, frozen=True, kw_only=True, gc=False, tag="response.reasoning_part.done"
):
    """A part of the reasoning is whole."""

    section = 'observed.md, "Public recordings"'
