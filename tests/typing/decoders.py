"""Decoders: what each call returns."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from codex_proto import (
    DecodedEvent,
    EventStreamDecoder,
    FinalResponse,
    MalformedEvent,
    RealtimeDecoder,
    ResponseBuilder,
    ResponseEvent,
    ResponsesDecoder,
    ServerSentEvent,
    TranscriptAccumulator,
    UnknownEvent,
    aiter_response_events,
    decode_realtime_event,
    decode_response_event,
    delegation_from_handoff,
    encode_response_event,
    error_from_response,
    iter_response_events,
)
from codex_proto.errors import ApiError, CodexError
from codex_proto.realtime import (
    FullRealtimeEvent,
    HandoffRequested,
    RealtimeEvent,
    RealtimeWireEvent,
)
from codex_proto.responses import Completed, StreamFailed


def framing(data: bytes) -> None:
    decoder = EventStreamDecoder()
    assert_type(decoder.receive_data(data), list[ServerSentEvent])
    assert_type(decoder.receive_data(bytearray(data)), list[ServerSentEvent])
    assert_type(decoder.receive_data(memoryview(data)), list[ServerSentEvent])
    decoder.receive_data("text")  # type: ignore[arg-type]


def one_message(data: bytes, event: DecodedEvent) -> None:
    assert_type(decode_response_event(data), DecodedEvent)
    assert_type(decode_response_event("{}", max_depth=5), DecodedEvent)
    assert_type(encode_response_event(event), bytes)
    assert_type(
        decode_realtime_event(data, "v2"), RealtimeWireEvent | UnknownEvent | MalformedEvent
    )
    decode_realtime_event(data, "v9")  # type: ignore[arg-type]


def a_stream(data: bytes, error: CodexError) -> None:
    decoder = ResponsesDecoder()
    assert_type(decoder.receive_headers({"openai-model": "m"}), list[ResponseEvent])
    assert_type(decoder.receive_headers([(b"openai-model", b"m")]), list[ResponseEvent])
    assert_type(decoder.receive_data(data), list[ResponseEvent])
    assert_type(decoder.receive_message("{}"), list[ResponseEvent])
    assert_type(decoder.receive_binary(), list[ResponseEvent])
    assert_type(decoder.receive_close(1006, "gone"), list[ResponseEvent])
    assert_type(decoder.receive_error(error), list[ResponseEvent])
    assert_type(decoder.receive_eof(), list[ResponseEvent])
    assert_type(decoder.outcome, Completed | StreamFailed | None)
    for block in decoder.receive_blocks(data):
        assert_type(block.events, list[ResponseEvent])
    ResponsesDecoder("april")  # type: ignore[arg-type]
    ResponsesDecoder("codex", max_event_size=1 << 20)


def an_answer(chunks: list[bytes]) -> None:
    assert_type(iter_response_events(chunks, 200, {"a": "b"}), Iterator[ResponseEvent])
    assert_type(error_from_response(429, {"retry-after": "1"}, b"{}"), ApiError)


def an_answer_that_comes_later(chunks: AsyncIterator[bytes]) -> None:
    assert_type(aiter_response_events(chunks), AsyncIterator[ResponseEvent])


def what_is_kept(event: ResponseEvent) -> None:
    builder = ResponseBuilder()
    builder.receive_event(event)
    assert_type(builder.build(), FinalResponse)
    assert_type(builder.build().output_text, str)


def a_session(message: str) -> None:
    # What a decoder yields follows from its profile.
    assert_type(RealtimeDecoder("v2").receive_message(message), list[RealtimeEvent])
    assert_type(RealtimeDecoder("v1", "codex").receive_message(message), list[RealtimeEvent])
    assert_type(RealtimeDecoder("v2", "full").receive_message(message), list[FullRealtimeEvent])
    RealtimeDecoder()  # type: ignore[call-overload]


def a_transcript(event: RealtimeEvent, handoff: HandoffRequested) -> None:
    transcript = TranscriptAccumulator()
    assert_type(transcript.receive_event(event), RealtimeEvent)
    assert_type(delegation_from_handoff(handoff), str | None)
