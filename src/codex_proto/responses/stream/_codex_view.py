"""The codex view: what upstream makes of a stream, and nothing else.

A projection of the events of the full profile. It decodes nothing that they have not decoded; it
only leaves out, and brings items down to what upstream has of them.

Source: wire.md 1.1 to 1.5 and 2.6; docs/differences.md says where even this view differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, TypeAlias, cast

import msgspec
from msgspec import Meta, Raw, Struct

from codex_proto._wire import DECODE_ERRORS, MalformedEvent
from codex_proto.errors import ApiError, InvalidUtf8, ResponseFailedError
from codex_proto.items import codex_item, encode_item_lossless
from codex_proto.rate_limits import DEFAULT_LIMIT_ID, RateLimitSnapshot
from codex_proto.responses.stream._derived import (
    DerivedEvent,
    ModelsEtag,
    ModelVerifications,
    RateLimits,
    ResponseEvent,
    SafetyBuffering,
    ServerModel,
    ServerReasoningIncluded,
    StreamFailed,
    TurnModerationMetadata,
)
from codex_proto.responses.stream._error_mapping import classify_failed_as_codex
from codex_proto.responses.wire import (
    Completed,
    Created,
    Failed,
    OutputItemAdded,
    OutputItemDone,
    OutputTextDelta,
    ReasoningContentDelta,
    ReasoningSummaryDelta,
    ReasoningSummaryDone,
    ReasoningSummaryPartAdded,
    ToolCallInputDelta,
)
from codex_proto.versions import WireVersion

__all__ = ["CodexView"]

Projection: TypeAlias = Callable[[Any, WireVersion], ResponseEvent | None]
# The integers of upstream.
I64: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class CodexView:
    """Projects the events of one stream after another.

    Feed it every event that a `ResponsesDecoder` with the full profile gives; it returns those
    that upstream gives, in their order: none or one for each, and exactly one outcome a response.
    `outcome` is the one of the last response. Projecting never raises.

    A response may end earlier here: upstream cannot go on after bytes that are not valid UTF-8, and
    fails where `response.completed` lacks an id or has malformed usage. What follows in the full
    profile is then left out.

    Args:
        version: of which version of upstream; later ones read more.
    """

    def __init__(self, version: WireVersion = WireVersion.V2026_08) -> None:
        self._version = version
        self.outcome: Completed | StreamFailed | None = None
        # A response may end here before it ends in the full profile.
        self._has_ended = False
        self._failure: ApiError | None = None

    def receive_event(self, event: ResponseEvent) -> list[ResponseEvent]:
        """Return what upstream gives for this event: nothing, or one."""
        projection = _PROJECTIONS.get(type(event))
        if projection is None:
            return []
        if self.outcome is None and projection is _same:
            return [event]
        projected = self._project(event, projection)
        return [] if projected is None else [projected]

    def receive_events(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        """The same for several events at once, as decoders give them."""
        if self.outcome is None and _PASSED.issuperset(map(type, events)):
            return events
        seen: list[ResponseEvent] = []
        for event in events:
            projection = _PROJECTIONS.get(type(event))
            if projection is None:
                continue
            if projection is _same and self.outcome is None:
                seen.append(event)
            elif (projected := self._project(event, projection)) is not None:
                seen.append(projected)
        return seen

    def _project(self, event: ResponseEvent, projection: Projection) -> ResponseEvent | None:
        if self.outcome is not None:
            if not (self._has_ended and isinstance(event, Created)):
                self._has_ended = self._has_ended or type(event) in _OUTCOMES
                return None
            self.start_response()
        if isinstance(event, Failed):
            self._failure = classify_failed_as_codex(event)
        elif isinstance(event, StreamFailed) and self._failure is not None:
            # Upstream reads less of it.
            event = StreamFailed(self._failure)
        projected = projection(event, self._version)
        if type(projected) in _OUTCOMES:
            self.outcome = cast("Completed | StreamFailed", projected)
            self._has_ended = type(event) in _OUTCOMES
        return projected

    def start_response(self) -> None:
        """Report that another request was sent, so that what comes now belongs to its response."""
        self.outcome = None
        self._has_ended = False
        self._failure = None

    def receive_header_events(self, events: Iterable[DerivedEvent]) -> list[ResponseEvent]:
        """Project the events of an HTTP answer's headers.

        Upstream reports the limits of `codex` in any case, even when it knows nothing of them
        (wire.md 1.3).
        """
        projected: list[ResponseEvent] = list(events)
        limits = [event for event in projected if isinstance(event, RateLimits)]
        if not limits or limits[0].snapshot.limit_id != DEFAULT_LIMIT_ID:
            place = sum(isinstance(event, ServerModel) for event in projected)
            projected.insert(place, _NO_LIMITS)
        return projected


_NO_LIMITS: Final = RateLimits(RateLimitSnapshot(limit_id=DEFAULT_LIMIT_ID))


def _same(event: ResponseEvent, _: WireVersion) -> ResponseEvent:
    return event


def _since_august(event: ResponseEvent, version: WireVersion) -> ResponseEvent | None:
    return None if version is WireVersion.V2026_05 else event


def _nothing(_event: ResponseEvent, _: WireVersion) -> ResponseEvent | None:
    return None


def _item(event: OutputItemAdded | OutputItemDone, version: WireVersion) -> ResponseEvent | None:
    item = codex_item(event.item, version)
    if item is None:
        return None
    return msgspec.structs.replace(event, raw_item=Raw(encode_item_lossless(item)))


def _summary(
    event: ReasoningSummaryPartAdded | ReasoningSummaryDelta, _: WireVersion
) -> ResponseEvent | None:
    return event if isinstance(event.summary_index, int) else None


def _summary_done(event: ReasoningSummaryDone, version: WireVersion) -> ResponseEvent | None:
    has_all = isinstance(event.summary_index, int) and isinstance(event.item_id, str)
    return _since_august(event, version) if has_all else None


def _content(event: ReasoningContentDelta, _: WireVersion) -> ResponseEvent | None:
    return event if isinstance(event.content_index, int) else None


def _tool_input(event: ToolCallInputDelta, _: WireVersion) -> ResponseEvent | None:
    item_id = event.item_id
    if isinstance(item_id, str):
        return event
    call_id = event.call_id
    return msgspec.structs.replace(event, item_id=call_id) if isinstance(call_id, str) else None


def _malformed(event: MalformedEvent, _: WireVersion) -> ResponseEvent | None:
    try:
        str(event.raw, "utf-8")
    except UnicodeDecodeError:
        return StreamFailed(InvalidUtf8())
    return None


def _failed(event: StreamFailed, _: WireVersion) -> StreamFailed:
    # Upstream passes over an `error` event, and then only sees how the stream ends.
    return event if event.ended_by is None else StreamFailed(event.ended_by)


class _InputDetails(Struct, gc=False):
    cached_tokens: I64
    cache_write_tokens: I64 | None = None


class _OutputDetails(Struct, gc=False):
    reasoning_tokens: I64


class _Usage(Struct, gc=False):
    input_tokens: I64
    output_tokens: I64
    total_tokens: I64
    input_tokens_details: _InputDetails | None = None
    output_tokens_details: _OutputDetails | None = None
    codex_rollout_budget_units: int | float | None = None


class _CompletedResponse(Struct, gc=False):
    """What upstream reads of a complete response; a wrong type in it fails the stream."""

    id: str
    usage: _Usage | None = None
    end_turn: bool | None = None


_decode_completed: Final = msgspec.json.Decoder(_CompletedResponse).decode


def _completed(event: Completed, _: WireVersion) -> ResponseEvent:
    try:
        _decode_completed(event.raw_response)
    except DECODE_ERRORS as error:
        return StreamFailed(
            ResponseFailedError(
                f"failed to parse ResponseCompleted: {error}", response_id=event.response_id
            )
        )
    return event


_PROJECTIONS: Final[dict[type, Projection]] = {
    Created: _same,
    OutputItemAdded: _item,
    OutputItemDone: _item,
    OutputTextDelta: _same,
    ToolCallInputDelta: _tool_input,
    ReasoningSummaryPartAdded: _summary,
    ReasoningSummaryDelta: _summary,
    ReasoningSummaryDone: _summary_done,
    ReasoningContentDelta: _content,
    Completed: _completed,
    Failed: _nothing,
    StreamFailed: _failed,
    MalformedEvent: _malformed,
    ServerModel: _same,
    RateLimits: _same,
    ModelsEtag: _same,
    ServerReasoningIncluded: _same,
    ModelVerifications: _same,
    TurnModerationMetadata: _since_august,
    SafetyBuffering: _since_august,
}
_OUTCOMES: Final = frozenset({Completed, StreamFailed})
# Nothing in these could make upstream leave them out, and most events are of this type.
_PASSED: Final = frozenset({OutputTextDelta})
