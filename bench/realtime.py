"""The audio workload: a realtime session of version 2, its floor, and our side."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Sequence

import msgspec

from bench.floors import Decode
from bench.items import Event, a_word, hex_digits, padding
from bench.ours import CheckFailedError
from bench.workloads import SEED
from codex_proto.realtime import (
    MalformedEvent,
    RealtimeDecoder,
    RealtimeProfile,
    RealtimeWireEvent,
    UnknownEvent,
)

AUDIO_BYTES = 4_800  # 6,400 characters of base64, a tenth of a second
AUDIO_PER_TURN = 80
TRANSCRIPT_PER_TURN = 96
REST_PER_TURN = 24


# --- the workload ----------------------------------------------------------------------------


def session(messages: int) -> list[bytes]:
    """Return messages: 40% audio deltas, 48% transcript deltas, the rest items and responses."""
    rng = random.Random(SEED)
    made: list[bytes] = []
    while len(made) < messages:
        made += [msgspec.json.encode(event) for event in _turn(rng)]
    return made[:messages]


def _turn(rng: random.Random) -> Iterator[Event]:
    user, assistant, response = (_id(rng, kind) for kind in ("item_", "item_", "resp_"))
    place = {"response_id": response, "item_id": assistant, "output_index": 0, "content_index": 0}
    words = [a_word(rng) for _ in range(TRANSCRIPT_PER_TURN)]
    text = "".join(words)
    asked = [a_word(rng) for _ in range(4)]
    user_item = _message(user, "user", {"type": "input_audio", "transcript": None})
    spoken = {"type": "output_audio", "transcript": text}
    done_item = _message(assistant, "assistant", spoken)
    buffer = "input_audio_buffer."
    heard = {"item_id": user, "content_index": 0}
    transcription = "conversation.item.input_audio_transcription."
    yield _event(rng, buffer + "speech_started", audio_start_ms=1_000, item_id=user)
    yield _event(rng, buffer + "speech_stopped", audio_end_ms=3_000, item_id=user)
    yield _event(rng, buffer + "committed", previous_item_id=None, item_id=user)
    for kind in ("conversation.item.added", "conversation.item.done"):
        yield _event(rng, kind, previous_item_id=None, item=user_item)
    yield _event(rng, "response.created", response=_response(rng, response, []))
    started = _message(assistant, "assistant", None)
    at = {"response_id": response, "output_index": 0}
    yield _event(rng, "response.output_item.added", **at, item=started)
    yield _event(rng, "conversation.item.added", previous_item_id=user, item=started)
    yield _event(rng, "response.content_part.added", **place, part={"type": "audio"})
    for word in asked:
        yield _event(rng, transcription + "delta", **heard, delta=word, obfuscation=padding(rng))
    usage = {"type": "tokens", "total_tokens": 30, "input_tokens": 20, "output_tokens": 10}
    whole = "".join(asked)
    yield _event(rng, transcription + "completed", **heard, transcript=whole, usage=usage)
    yield from _spoken(rng, place, words)
    yield _event(rng, "response.output_audio.done", **place)
    yield _event(rng, "response.output_audio_transcript.done", **place, transcript=text)
    yield _event(rng, "response.content_part.done", **place, part=spoken)
    yield _event(rng, "conversation.item.done", previous_item_id=user, item=done_item)
    yield _event(rng, "response.output_item.done", **at, item=done_item)
    call = {"id": _id(rng, "item_"), "type": "function_call", "status": "completed"}
    call |= {"name": "background_agent", "call_id": "call_" + hex_digits(rng, 16)}
    call |= {"arguments": '{"prompt":"run all the tests again"}'}
    yield _event(rng, "conversation.item.done", previous_item_id=assistant, item=call)
    yield _event(rng, "response.done", response=_response(rng, response, [done_item, call]))
    limits = [{"name": name, "limit": 9, "remaining": 5, "reset_seconds": 0.5} for name in "ab"]
    yield _event(rng, "rate_limits.updated", rate_limits=limits)
    yield _event(rng, "output_audio_buffer.started", response_id=response)
    yield _event(rng, "output_audio_buffer.stopped", response_id=response)


def _spoken(rng: random.Random, place: Event, words: Sequence[str]) -> Iterator[Event]:
    """Yield audio and its transcript, mixed."""
    kinds = ["audio"] * AUDIO_PER_TURN + ["words"] * TRANSCRIPT_PER_TURN
    rng.shuffle(kinds)
    left = iter(words)
    for kind in kinds:
        if kind == "audio":
            audio = base64.b64encode(rng.randbytes(AUDIO_BYTES)).decode()
            yield _event(rng, "response.output_audio.delta", **place, delta=audio)
        else:
            yield _event(
                rng,
                "response.output_audio_transcript.delta",
                **place,
                delta=next(left),
                obfuscation=padding(rng),
            )


def _event(rng: random.Random, type_: str, **members: object) -> Event:
    return {"type": type_, "event_id": _id(rng, "event_"), **members}


def _id(rng: random.Random, kind: str) -> str:
    return kind + hex_digits(rng, 21)


def _message(item_id: str, role: str, part: Event | None) -> Event:
    return {
        "id": item_id,
        "object": "realtime.item",
        "type": "message",
        "status": "in_progress" if part is None else "completed",
        "role": role,
        "content": [] if part is None else [part],
    }


def _response(rng: random.Random, response_id: str, output: list[Event]) -> Event:
    counts = {"text_tokens": 14, "audio_tokens": 27, "image_tokens": 0, "cached_tokens": 0}
    return {
        "object": "realtime.response",
        "id": response_id,
        "status": "completed" if output else "in_progress",
        "status_details": None,
        "output": output,
        "conversation_id": _id(rng, "conv_"),
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
        "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}},
        "usage": {
            "total_tokens": 205,
            "input_tokens": 41,
            "output_tokens": 164,
            "input_token_details": counts | {"cached_tokens_details": counts},
            "output_token_details": counts,
        },
        "metadata": None,
    }


# --- the floor -------------------------------------------------------------------------------


class Item(msgspec.Struct):
    type: str
    id: str


class AudioDelta(msgspec.Struct, tag="response.output_audio.delta"):
    item_id: str
    delta: str


class TranscriptDelta(msgspec.Struct, tag="response.output_audio_transcript.delta"):
    item_id: str
    delta: str


class TranscriptDone(msgspec.Struct, tag="response.output_audio_transcript.done"):
    item_id: str
    transcript: str


class InputDelta(msgspec.Struct, tag="conversation.item.input_audio_transcription.delta"):
    item_id: str
    delta: str


class InputDone(msgspec.Struct, tag="conversation.item.input_audio_transcription.completed"):
    item_id: str
    transcript: str


class ItemAdded(msgspec.Struct, tag="conversation.item.added"):
    item: Item


class ItemDone(msgspec.Struct, tag="conversation.item.done"):
    item: Item


class OutputItemAdded(msgspec.Struct, tag="response.output_item.added"):
    item: Item


class OutputItemDone(msgspec.Struct, tag="response.output_item.done"):
    item: Item


class Created(msgspec.Struct, tag="response.created"):
    response: msgspec.Raw


class Done(msgspec.Struct, tag="response.done"):
    response: msgspec.Raw


class PartAdded(msgspec.Struct, tag="response.content_part.added"):
    item_id: str


class PartDone(msgspec.Struct, tag="response.content_part.done"):
    item_id: str


class AudioDone(msgspec.Struct, tag="response.output_audio.done"):
    item_id: str


class SpeechStarted(msgspec.Struct, tag="input_audio_buffer.speech_started"):
    item_id: str


class SpeechStopped(msgspec.Struct, tag="input_audio_buffer.speech_stopped"):
    item_id: str


class Committed(msgspec.Struct, tag="input_audio_buffer.committed"):
    item_id: str


class RateLimits(msgspec.Struct, tag="rate_limits.updated"):
    rate_limits: msgspec.Raw


class PlayStarted(msgspec.Struct, tag="output_audio_buffer.started"):
    response_id: str


class PlayStopped(msgspec.Struct, tag="output_audio_buffer.stopped"):
    response_id: str


AnyMessage = (
    AudioDelta
    | TranscriptDelta
    | TranscriptDone
    | InputDelta
    | InputDone
    | ItemAdded
    | ItemDone
    | OutputItemAdded
    | OutputItemDone
    | Created
    | Done
    | PartAdded
    | PartDone
    | AudioDone
    | SpeechStarted
    | SpeechStopped
    | Committed
    | RateLimits
    | PlayStarted
    | PlayStopped
)
decode_message: Decode = msgspec.json.Decoder(AnyMessage).decode


# --- our side --------------------------------------------------------------------------------


def decode(messages: Sequence[bytes | str], profile: RealtimeProfile) -> None:
    """Decode and drop the events; this is timed."""
    receive_message = RealtimeDecoder("v2", profile).receive_message
    for message in messages:
        receive_message(message)


def check(messages: Sequence[bytes | str]) -> None:
    """Decode once, outside the timing, and compare with the generated events."""
    decoder = RealtimeDecoder("v2", "full")
    events = [event for message in messages for event in decoder.receive_message(message)]
    wire = [event for event in events if isinstance(event, RealtimeWireEvent)]
    wrong = [event for event in events if isinstance(event, MalformedEvent | UnknownEvent)]
    if len(wire) != len(messages) or wrong or any(event.notes for event in wire):
        raise CheckFailedError(
            f"{len(wire)} events of {len(messages)} messages, {len(wrong)} wrong"
        )
    turns = len(messages) // (AUDIO_PER_TURN + TRANSCRIPT_PER_TURN + REST_PER_TURN)
    if len(events) - len(wire) != turns:
        raise CheckFailedError(f"{len(events) - len(wire)} handoffs in {turns} turns")
