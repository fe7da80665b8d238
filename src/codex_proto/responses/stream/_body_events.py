"""What the events of a stream say besides: a change of model, verdicts, limits, turn state.

`BodyEvents` looks at each event that carries such a thing and gives the events that go before it.

Source: wire.md 1.4, 1.6 and 2.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import DECODE_ERRORS, UnknownEvent, split_members
from codex_proto.http import headers_from_json
from codex_proto.responses.stream._derived import (
    DerivedEvent,
    ModelsEtag,
    ModelVerification,
    ModelVerifications,
    RateLimits,
    SafetyBuffering,
    ServerModel,
    TurnModerationMetadata,
)
from codex_proto.responses.stream._header_events import (
    ETAG_HEADER,
    TURN_STATE_HEADER,
    SafetyTreatment,
    safety_treatment_from_headers,
)
from codex_proto.responses.stream._rate_limits import rate_limit_from_event
from codex_proto.responses.wire import (
    CodexRateLimits,
    CodexResponseMetadata,
    ResponseMetadata,
    WireEvent,
)

__all__ = ["BodyEvents"]

_MODEL_HEADERS: Final = frozenset({"openai-model", "x-openai-model"})

_RawMember = Raw | UnsetType


class _Record(Struct, gc=False):
    """What upstream reads of an event of any type; a wrong type makes it read nothing."""

    headers: _RawMember = UNSET
    response: _RawMember = UNSET
    safety_buffering: _RawMember = UNSET
    item_id: str | None = None
    call_id: str | None = None
    delta: str | None = None
    text: str | None = None
    summary_index: int | None = None
    content_index: int | None = None


class _Metadata(Struct, gc=False):
    type: _RawMember = UNSET
    use_cases: _RawMember = UNSET
    reasons: _RawMember = UNSET
    openai_verification_recommendation: _RawMember = UNSET
    openai_chatgpt_moderation_metadata: _RawMember = UNSET


class _Buffering(Struct, gc=False):
    use_cases: tuple[str, ...]
    reasons: tuple[str, ...]
    retry_model: str | UnsetType | None = UNSET


class _ResponseHead(Struct, gc=False):
    headers: _RawMember = UNSET


_decode_record: Final = msgspec.json.Decoder(_Record).decode
_decode_metadata: Final = msgspec.json.Decoder(_Metadata).decode
_decode_buffering: Final = msgspec.json.Decoder(_Buffering).decode
_decode_response: Final = msgspec.json.Decoder(_ResponseHead).decode
_decode_texts: Final = msgspec.json.Decoder(list[Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode


class BodyEvents:
    """Follows one response after another on a stream and derives what its events carry.

    `turn_state` is the first that any event or header reported; it belongs to the next request.
    """

    def __init__(self) -> None:
        self.turn_state: str | None = None
        self.handshake_treatment: SafetyTreatment | None = None
        self.start_response()

    def start_response(self) -> None:
        """Forget what belongs to a single response."""
        # The model of the HTTP headers is no part of the comparison: upstream reports it twice.
        self._model: str | None = None
        self._treatment = self.handshake_treatment

    def receive_treatment(self, treatment: SafetyTreatment | None) -> None:
        """Take what the headers of the answer say of safety buffering."""
        self._treatment = self.handshake_treatment = treatment

    def receive_event(
        self, event: WireEvent | UnknownEvent, *, is_websocket: bool
    ) -> Iterable[DerivedEvent]:
        """Return the events that go before this one, in upstream's order."""
        if isinstance(event, UnknownEvent):
            return self._receive_unknown(event, is_websocket)
        if isinstance(event, ResponseMetadata | CodexResponseMetadata | CodexRateLimits):
            return self._receive_service(event, is_websocket)
        return self._derive(
            event.raw_headers, event.raw_response, event.raw_safety_buffering, is_websocket
        )

    def _receive_unknown(self, event: UnknownEvent, is_websocket: bool) -> Iterable[DerivedEvent]:
        try:
            # Searching for the names would cost more than decoding for them.
            record = _decode_record(event.raw)
        except DECODE_ERRORS:
            return ()
        return self._derive(record.headers, record.response, record.safety_buffering, is_websocket)

    def _receive_service(
        self,
        event: ResponseMetadata | CodexResponseMetadata | CodexRateLimits,
        is_websocket: bool,
    ) -> Iterable[DerivedEvent]:
        derived: list[DerivedEvent] = []
        if isinstance(event, CodexRateLimits):
            if is_websocket:
                snapshot = rate_limit_from_event(event)
                return () if snapshot is None else (RateLimits(snapshot),)
        elif is_websocket:
            derived += self._receive_service_headers(event)
        model = self._changed_model(event.raw_headers, event.raw_response)
        derived += () if model is None else (model,)
        verdicts = _verdicts(event) if isinstance(event, ResponseMetadata) else ()
        self._note_treatment(event.raw_headers, is_websocket)
        derived += verdicts
        buffering = event.raw_safety_buffering
        if buffering is UNSET and isinstance(event, ResponseMetadata):
            buffering = _buffering_metadata(event)
        derived += self._safety_buffering(buffering)
        return derived

    def _receive_service_headers(
        self, event: ResponseMetadata | CodexResponseMetadata
    ) -> Iterable[DerivedEvent]:
        """What only the messages of a WebSocket say, since it has no headers of its own."""
        if not isinstance(event.raw_headers, Raw):
            return ()
        if isinstance(event, CodexResponseMetadata):
            fields = headers_from_json(event.raw_headers)
            etag = None if fields is None else fields.get_text(ETAG_HEADER)
            return () if etag is None else (ModelsEtag(etag),)
        if self.turn_state is None:
            self.turn_state = _find_text(event.raw_headers, frozenset({TURN_STATE_HEADER}))
        return ()

    def _derive(
        self,
        headers: _RawMember,
        response: _RawMember,
        buffering: _RawMember,
        is_websocket: bool,
    ) -> Iterable[DerivedEvent]:
        if headers is UNSET and response is UNSET and buffering is UNSET:
            return ()
        derived: list[DerivedEvent] = []
        model = self._changed_model(headers, response)
        if model is not None:
            derived.append(model)
        self._note_treatment(headers, is_websocket)
        derived += self._safety_buffering(buffering)
        return derived

    def _changed_model(self, headers: _RawMember, response: _RawMember) -> ServerModel | None:
        model = None
        if isinstance(response, Raw):
            try:
                inner = _decode_response(response).headers
            except DECODE_ERRORS:
                inner = UNSET
            model = _find_text(inner, _MODEL_HEADERS)
        if model is None:
            model = _find_text(headers, _MODEL_HEADERS)
        if model is None or model == self._model:
            return None
        self._model = model
        return ServerModel(model)

    def _note_treatment(self, headers: _RawMember, is_websocket: bool) -> None:
        if not is_websocket or not isinstance(headers, Raw):
            return
        fields = headers_from_json(headers)
        treatment = None if fields is None else safety_treatment_from_headers(fields)
        if treatment is not None:
            self._treatment = treatment

    def _safety_buffering(self, raw: _RawMember) -> Iterable[SafetyBuffering]:
        if not isinstance(raw, Raw):
            return ()
        try:
            buffering = _decode_buffering(raw)
        except DECODE_ERRORS:
            return ()
        faster_model = buffering.retry_model
        if isinstance(faster_model, UnsetType):
            faster_model = self._treatment.faster_model if self._treatment else None
        event = SafetyBuffering(
            use_cases=buffering.use_cases, reasons=buffering.reasons, faster_model=faster_model
        )
        return (event,)


def _find_text(headers: _RawMember, names: frozenset[str]) -> str | None:
    """The first usable value among the headers of these names, in any spelling."""
    if not isinstance(headers, Raw):
        return None
    try:
        members = split_members(headers)
    except DECODE_ERRORS:
        return None
    for name, raw in members.items():
        if name.lower() in names:
            value = _first_text(raw)
            if value is not None:
                return value
    return None


def _first_text(raw: Raw) -> str | None:
    """A text, or the first text of a list (of lists): how a header is reported in JSON."""
    while True:
        try:
            return _decode_text(raw)
        except DECODE_ERRORS:
            try:
                elements = _decode_texts(raw)
            except DECODE_ERRORS:
                return None
            if not elements:
                return None
            raw = elements[0]


def _metadata(event: ResponseMetadata) -> _Metadata:
    if isinstance(event.raw_metadata, Raw):
        try:
            return _decode_metadata(event.raw_metadata)
        except DECODE_ERRORS:
            pass
    return _Metadata()


def _verdicts(event: ResponseMetadata) -> list[DerivedEvent]:
    metadata = _metadata(event)
    verdicts: list[DerivedEvent] = []
    verifications = _verifications(metadata.openai_verification_recommendation)
    if verifications:
        verdicts.append(ModelVerifications(verifications))
    moderation = metadata.openai_chatgpt_moderation_metadata
    if isinstance(moderation, Raw):
        verdicts.append(TurnModerationMetadata(Raw(bytes(moderation))))
    return verdicts


def _verifications(raw: _RawMember) -> tuple[ModelVerification, ...]:
    if not isinstance(raw, Raw):
        return ()
    try:
        named: list[Any] = msgspec.json.decode(raw, type=list[Any])
    except DECODE_ERRORS:
        return ()
    known = [ModelVerification(name) for name in named if name in list(ModelVerification)]
    return tuple(dict.fromkeys(known))


def _buffering_metadata(event: ResponseMetadata) -> _RawMember:
    """The metadata itself, where it is about safety buffering."""
    kind = _metadata(event).type
    is_buffering = isinstance(kind, Raw) and bytes(kind) == b'"safety_buffering"'
    return event.raw_metadata if is_buffering else UNSET
