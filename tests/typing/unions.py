"""Events and items: a `match` narrows to the class, and the last case is the last class."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_never, assert_type

from msgspec import UnsetType

from codex_proto import (
    Completed,
    CustomToolCall,
    FunctionCall,
    Item,
    MalformedEvent,
    MalformedPart,
    Message,
    OutputItemDone,
    OutputTextDelta,
    Reasoning,
    ResponseEvent,
    StreamFailed,
    TokenUsage,
    UnknownEvent,
    UnknownItem,
)
from codex_proto.errors import CodexError, RateLimitExceeded
from codex_proto.items import KnownItem
from codex_proto.realtime import AudioOut, HandoffRequested, RealtimeEvent
from codex_proto.responses import DerivedEvent, WireEvent


def an_event(event: ResponseEvent) -> None:
    match event:
        case OutputTextDelta(delta=text):
            assert_type(event, OutputTextDelta)
            assert_type(text, str)
        case OutputItemDone(item=FunctionCall(name=name, arguments=arguments)):
            assert_type(name, str)
            assert_type(arguments, str)
        case OutputItemDone(item=item):
            assert_type(item, Item)
        case Completed(response_id=id_, token_usage=usage):
            assert_type(id_, str | None)
            assert_type(usage, TokenUsage | MalformedPart | None)
        case StreamFailed(error=RateLimitExceeded(retry_after=delay)):
            assert_type(delay, float | None)
        case StreamFailed(error=error):
            assert_type(error, CodexError)
        case UnknownEvent(type=name, raw=raw):
            assert_type(name, str)
            assert_type(raw, bytes)
        case MalformedEvent(reason=reason):
            assert_type(reason, str)
        case _:
            pass


def all_events(event: ResponseEvent) -> DerivedEvent | None:
    if isinstance(event, WireEvent | StreamFailed | UnknownEvent | MalformedEvent):
        return None
    return event


def an_item(item: Item) -> None:
    match item:
        case Message(role=role, phase=phase):
            assert_type(role, str)
            assert_type(phase, str | UnsetType | None)
        case FunctionCall() | CustomToolCall():
            assert_type(item, FunctionCall | CustomToolCall)
            assert_type(item.call_id, str)
        case Reasoning():
            assert_type(item.summary_text, str)
        case UnknownItem():
            assert_type(item.type, str)
        case MalformedPart():
            assert_type(item.reason, str)
        case _:
            pass


def all_items(item: Item) -> None:
    if isinstance(item, UnknownItem):
        return
    if isinstance(item, MalformedPart):
        return
    assert_type(item, KnownItem)


def all_events_of_a_session(event: RealtimeEvent) -> None:
    match event:
        case AudioOut(frame=frame):
            assert_type(frame.sample_rate, int)
        case HandoffRequested(handoff_id=id_):
            assert_type(id_, str)
        case _:
            pass


def no_third_outcome(outcome: Completed | StreamFailed) -> None:
    match outcome:
        case Completed():
            pass
        case StreamFailed():
            pass
        case _:
            assert_never(outcome)
