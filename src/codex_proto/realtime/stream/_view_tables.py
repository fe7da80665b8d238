"""How upstream converts each wire event, for each version: wire.md 8.5 as functions and tables.

A function takes a wire event and returns upstream's event, or None if upstream ignores the message.
All events of a class that is in no table are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import DECODE_ERRORS, DEFAULT_MAX_DEPTH, is_too_deep
from codex_proto.realtime.stream._events import (
    AudioFrame,
    AudioOut,
    ConversationItemAdded,
    ConversationItemDone,
    HandoffRequested,
    InputAudioSpeechStarted,
    InputTranscriptDelta,
    InputTranscriptDone,
    NoopRequested,
    OutputTranscriptDelta,
    OutputTranscriptDone,
    RealtimeError,
    RealtimeEvent,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
    SessionUpdated,
)
from codex_proto.realtime.wire import (
    ConversationHandoffRequestedEvent,
    ConversationInputTranscriptDeltaEvent,
    ConversationInputTranscriptTurnMarkedEvent,
    ConversationItemAddedEvent,
    ConversationItemCreatedEvent,
    ConversationItemDoneEvent,
    ConversationItemInputAudioTranscriptionCompletedEvent,
    ConversationItemInputAudioTranscriptionDeltaEvent,
    ConversationOutputAudioDeltaEvent,
    ConversationOutputTranscriptDeltaEvent,
    InputAudioBufferSpeechStartedEvent,
    RealtimeErrorEvent,
    RealtimeVersion,
    RealtimeWireEvent,
    ResponseAudioDeltaEvent,
    ResponseCancelledEvent,
    ResponseCreatedEvent,
    ResponseDoneEvent,
    ResponseOutputAudioDeltaEvent,
    ResponseOutputAudioTranscriptDeltaEvent,
    ResponseOutputAudioTranscriptDoneEvent,
    ResponseOutputTextDeltaEvent,
    ResponseOutputTextDoneEvent,
    SessionUpdatedEvent,
)
from codex_proto.realtime.wire._text import trim

__all__ = ["CARRIERS", "TABLES", "read_error"]

Project: TypeAlias = Callable[[Any], RealtimeEvent | None]
Table: TypeAlias = Mapping[type[RealtimeWireEvent], Project]

_U16: Final = 2**16 - 1
_U32: Final = 2**32 - 1
_U64: Final = 2**64 - 1
_U64_DIGITS: Final = 20
_DEFAULT_RATE: Final = 24_000
_DEFAULT_CHANNELS: Final = 1


# -- reading ------------------------------------------------------------------------------------


class _Named(msgspec.Struct, gc=False):
    """The members of an object that upstream reads, each of any type."""

    id: Any = UNSET
    instructions: Any = UNSET
    message: Any = UNSET
    type: Any = UNSET
    name: Any = UNSET
    call_id: Any = UNSET
    arguments: Any = UNSET


_decode_named: Final = msgspec.json.Decoder(_Named).decode
_NOTHING: Final = _Named()


def _named(raw: Raw | UnsetType) -> _Named:
    if not isinstance(raw, Raw):
        return _NOTHING
    try:
        return _decode_named(raw)
    except DECODE_ERRORS:
        return _NOTHING


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _fitting(value: object, most: int) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= most else None


# -- the session --------------------------------------------------------------------------------


def _session_updated(event: SessionUpdatedEvent) -> SessionUpdated | None:
    session = _named(event.raw_session)
    session_id = _text(session.id)
    return None if session_id is None else SessionUpdated(session_id, _text(session.instructions))


def read_error(event: RealtimeErrorEvent) -> RealtimeError | None:
    """Return the error message of the server, or None."""
    if isinstance(event.message, str):
        return RealtimeError(event.message)
    if not isinstance(event.raw_error, Raw):
        return None
    message = _text(_named(event.raw_error).message)
    return RealtimeError(_compact(event.raw_error) if message is None else message)


def _compact(error: Raw) -> str:
    """Return the whole `error` as JSON without white space, if it has no message.

    Numbers are written as in upstream, which has no integers of more than 64 bits.
    """
    try:
        value = json.loads(bytes(error), parse_int=_integer)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return bytes(error).decode("utf-8", "replace")


def _integer(digits: str) -> int | float:
    value = int(digits) if len(digits) <= _U64_DIGITS else float(digits)
    return value if -(2**63) <= value <= _U64 and digits != "-0" else float(digits)


# -- audio --------------------------------------------------------------------------------------


def _audio_v2(event: ResponseOutputAudioDeltaEvent | ResponseAudioDeltaEvent) -> AudioOut:
    item_id = event.item_id
    item_id = item_id if type(item_id) is str else None
    if (
        event.sample_rate is UNSET
        and event.channels is UNSET
        and event.num_channels is UNSET
        and event.samples_per_channel is UNSET
    ):
        # The shape that OpenAI's servers send; the general code returns the same.
        return AudioOut(AudioFrame(event.delta, _DEFAULT_RATE, _DEFAULT_CHANNELS, None, item_id))
    rate, channels, samples = _shape(event)
    return AudioOut(
        AudioFrame(
            event.delta,
            _DEFAULT_RATE if rate is None else rate,
            _DEFAULT_CHANNELS if channels is None else channels,
            samples,
            item_id,
        )
    )


def _audio_v1(event: ConversationOutputAudioDeltaEvent) -> AudioOut | None:
    data = _text(event.delta)
    data = _text(event.data) if data is None else data
    rate, channels, samples = _shape(event)
    if data is None or rate is None or channels is None:
        return None
    return AudioOut(AudioFrame(data, rate, channels, samples))


def _shape(
    event: ResponseOutputAudioDeltaEvent
    | ResponseAudioDeltaEvent
    | ConversationOutputAudioDeltaEvent,
) -> tuple[int | None, int | None, int | None]:
    """Return rate, channels and samples of a piece of audio, each None if it was not sent.

    `num_channels` is used only if there is no `channels`, not even a wrong one.
    """
    channels = event.channels
    if channels is UNSET and all(note.field != "channels" for note in event.notes):
        channels = event.num_channels
    return (
        _fitting(event.sample_rate, _U32),
        _fitting(channels, _U16),
        _fitting(event.samples_per_channel, _U32),
    )


def _speech_started(event: InputAudioBufferSpeechStartedEvent) -> InputAudioSpeechStarted:
    return InputAudioSpeechStarted(_text(event.item_id))


# -- the transcript -----------------------------------------------------------------------------


def _input_delta(
    event: ConversationItemInputAudioTranscriptionDeltaEvent
    | ConversationInputTranscriptDeltaEvent,
) -> InputTranscriptDelta | None:
    delta = event.delta
    return InputTranscriptDelta(delta) if isinstance(delta, str) else None


def _input_done(
    event: ConversationItemInputAudioTranscriptionCompletedEvent
    | ConversationInputTranscriptTurnMarkedEvent,
) -> InputTranscriptDone:
    return InputTranscriptDone(event.transcript)


def _output_delta(
    event: ResponseOutputAudioTranscriptDeltaEvent
    | ResponseOutputTextDeltaEvent
    | ConversationOutputTranscriptDeltaEvent,
) -> OutputTranscriptDelta:
    return OutputTranscriptDelta(event.delta)


def _output_done(event: ResponseOutputAudioTranscriptDoneEvent) -> OutputTranscriptDone:
    return OutputTranscriptDone(event.transcript)


def _output_text_done(event: ResponseOutputTextDoneEvent) -> OutputTranscriptDone:
    return OutputTranscriptDone(event.text)


# -- items and calls ----------------------------------------------------------------------------


def _item_added(
    event: ConversationItemAddedEvent | ConversationItemCreatedEvent,
) -> ConversationItemAdded:
    return ConversationItemAdded(event.raw_item)


def _item_done_v1(event: ConversationItemDoneEvent) -> ConversationItemDone | None:
    item_id = _text(_named(event.raw_item).id)
    return None if item_id is None else ConversationItemDone(item_id)


def _item_done_v2(
    event: ConversationItemDoneEvent,
) -> HandoffRequested | NoopRequested | ConversationItemDone | None:
    return _call_v2(event) or _item_done_v1(event)


def _call_v2(event: ConversationItemDoneEvent) -> HandoffRequested | NoopRequested | None:
    """Return the handoff or the silence that an item asks for, or None."""
    item = _named(event.raw_item)
    if item.type != "function_call":
        return None
    item_id, call_id = _text(item.id), _text(item.call_id)
    call_id = item_id if call_id is None else call_id
    if call_id is None:
        return None
    item_id = call_id if item_id is None else item_id
    match item.name:
        case "background_agent":
            return HandoffRequested(call_id, item_id, _request(_text(item.arguments) or ""))
        case "remain_silent":
            return NoopRequested(call_id, item_id)
        case _:
            return None


_REQUEST_MEMBERS: Final = ("input_transcript", "input", "text", "prompt", "query")
_decode_request: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode


def _request(arguments: str) -> str:
    """Return the request in the arguments of a call: one of several members, or the whole text."""
    if is_too_deep(arguments.encode("utf-8", "replace"), DEFAULT_MAX_DEPTH):
        return arguments
    try:
        members = _decode_request(arguments)
    except DECODE_ERRORS:
        return arguments
    for name in _REQUEST_MEMBERS:
        try:
            text = trim(_decode_text(members[name]))
        except (KeyError, *DECODE_ERRORS):
            continue
        if text:
            return text
    return arguments


def _handoff_v1(event: ConversationHandoffRequestedEvent) -> HandoffRequested:
    return HandoffRequested(event.handoff_id, event.item_id, event.input_transcript)


# -- responses ----------------------------------------------------------------------------------


def _response_id(
    event: ResponseCreatedEvent | ResponseCancelledEvent | ResponseDoneEvent,
) -> str | None:
    response_id = _text(_named(event.raw_response).id)
    return _text(event.response_id) if response_id is None else response_id


def _response_created(event: ResponseCreatedEvent) -> ResponseCreated:
    return ResponseCreated(_response_id(event))


def _response_cancelled(event: ResponseCancelledEvent) -> ResponseCancelled:
    return ResponseCancelled(_response_id(event))


def _response_done(event: ResponseDoneEvent) -> ResponseDone:
    return ResponseDone(_response_id(event))


# -- the tables ---------------------------------------------------------------------------------

_BOTH: Final[Table] = {
    SessionUpdatedEvent: _session_updated,
    ConversationItemInputAudioTranscriptionDeltaEvent: _input_delta,
    ConversationItemInputAudioTranscriptionCompletedEvent: _input_done,
    ResponseOutputTextDeltaEvent: _output_delta,
    ResponseOutputAudioTranscriptDeltaEvent: _output_delta,
    ResponseOutputAudioTranscriptDoneEvent: _output_done,
    ConversationItemAddedEvent: _item_added,
    RealtimeErrorEvent: read_error,
}

TABLES: Final[Mapping[RealtimeVersion, Table]] = {
    "v1": {
        **_BOTH,
        ConversationOutputAudioDeltaEvent: _audio_v1,
        ConversationInputTranscriptDeltaEvent: _input_delta,
        ConversationInputTranscriptTurnMarkedEvent: _input_done,
        ConversationOutputTranscriptDeltaEvent: _output_delta,
        ConversationItemDoneEvent: _item_done_v1,
        ConversationHandoffRequestedEvent: _handoff_v1,
    },
    "v2": {
        **_BOTH,
        ResponseOutputAudioDeltaEvent: _audio_v2,
        ResponseAudioDeltaEvent: _audio_v2,
        InputAudioBufferSpeechStartedEvent: _speech_started,
        ResponseOutputTextDoneEvent: _output_text_done,
        ConversationItemCreatedEvent: _item_added,
        ConversationItemDoneEvent: _item_done_v2,
        ResponseCreatedEvent: _response_created,
        ResponseCancelledEvent: _response_cancelled,
        ResponseDoneEvent: _response_done,
    },
}
"""How upstream converts each class of wire event, by version."""

CARRIERS: Final[Mapping[RealtimeVersion, Table]] = {
    "v1": {ConversationHandoffRequestedEvent: _handoff_v1},
    "v2": {ConversationItemDoneEvent: _call_v2},
}
"""The wire events that carry a handoff or a silence, and how to read it."""
