"""Recorded streams to answer with, cut into the pieces that are sent at a time.

Source: wire.md 1, 2 and 8; docs/server.md.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from codex_proto.errors import DECODE_ERRORS
from codex_proto.sse import EventStreamDecoder

__all__ = [
    "RealtimePlace",
    "RealtimeRecording",
    "RealtimeTurn",
    "ResponsesRecording",
    "bundled",
    "bundled_session",
]

_TERMINAL: Final = ("response.completed", "response.failed", "response.incomplete")


@lru_cache
def bundled(name: str) -> bytes:
    """Return a recorded stream of this package."""
    return (files("codex_proto_io") / "recordings" / name).read_bytes()


@lru_cache
def bundled_session(version: str) -> bytes:
    """Return the realtime session of a version: written by hand, as no recording has a handoff."""
    name = f"realtime_{version}.jsonl"
    return (files("codex_proto_io.server") / "sessions" / name).read_bytes()


class ResponsesRecording:
    """A recorded Responses stream.

    Args:
        body: the body of a `text/event-stream`.
    """

    def __init__(self, body: bytes) -> None:
        self.body: Final = body

    @cached_property
    def blocks(self) -> tuple[bytes, ...]:
        """The blocks, byte for byte; the last one may be incomplete."""
        blocks = tuple(block.raw for block in self._decoded)
        rest = self.body[sum(map(len, blocks)) :]
        return (*blocks, rest) if rest else blocks

    @cached_property
    def messages(self) -> tuple[bytes, ...]:
        """The data of the events, which are the messages of a WebSocket."""
        return tuple(
            block.event.data_bytes.decode(errors="replace").encode()
            for block in self._decoded
            if block.event is not None and block.event.data_bytes != b"[DONE]"
        )

    @cached_property
    def response(self) -> bytes | None:
        """The whole response from the last event, or `None` without such an event."""
        for message in reversed(self.messages):
            members = _members(message)
            if _text(members.get("type")) in _TERMINAL and "response" in members:
                return bytes(members["response"])
        return None

    @cached_property
    def _decoded(self) -> list[Any]:
        return EventStreamDecoder().receive_blocks(self.body)


class RealtimeTurn(Struct, frozen=True):
    """Consecutive events, and what the client has to send before they come."""

    trigger: str
    messages: tuple[bytes, ...]


class RealtimeRecording:
    """A recorded realtime session: the server's events, in turns that wait for the client.

    `opening` is sent at once (`session.created`); each of `turns` waits for the client:
    `session.updated` for a `session.update`, an item of the user or the output of a function for a
    `conversation.item.create`, transcribed speech for audio, `response.created` for a
    `response.create` unless it answers speech. Any other event belongs to the one before it.

    Args:
        lines: JSON lines, one event each.
    """

    def __init__(self, lines: bytes) -> None:
        opening: list[bytes] = []
        turns: list[tuple[str, list[bytes]]] = []
        is_answered = True
        for line in filter(None, (each.strip() for each in lines.split(b"\n"))):
            event = _members(line)
            kind = _text(event.get("type")) or ""
            trigger = _trigger(kind, event, turns[-1][0] if turns else None, is_answered)
            if trigger is not None:
                turns.append((trigger, [line]))
                is_answered = False
            else:
                (turns[-1][1] if turns else opening).append(line)
            is_answered = is_answered or kind in _ANSWERED
        self.opening: Final = tuple(opening)
        self.turns: Final = tuple(RealtimeTurn(trigger, tuple(said)) for trigger, said in turns)


class RealtimePlace:
    """The position of a conversation in its recording."""

    def __init__(self, recording: RealtimeRecording) -> None:
        self._turns = recording.turns
        self._next = 0
        self._heard = 0

    def advance(self, message_type: str) -> tuple[bytes, ...]:
        """Return the events that answer a message of a type; for most types there are none.

        Answers come in the order of the recording, and then from its beginning again. Audio is
        answered once for each time that the recording has speech, since audio is sent all the
        time. Events that lead to an answer come only before it.
        """
        trigger = _TRIGGERS.get(message_type)
        if trigger == ITEM and not any(turn.trigger == ITEM for turn in self._turns):
            # In the older protocol, text counts as speech.
            trigger = AUDIO
        if trigger == AUDIO:
            at = self._find(trigger, self._heard)
            self._heard = self._heard if at is None else at + 1
        elif trigger in _ANSWERS:
            at = self._find(trigger, self._next)
            at = self._find(trigger, 0) if at is None else at
        else:
            at = self._before_next_answer(trigger)
            if at is None and trigger == SESSION:
                at = self._find(trigger, 0)
                return () if at is None else self._turns[at].messages
        if at is None:
            return ()
        self._next = at + 1
        return self._turns[at].messages

    def _find(self, trigger: str | None, start: int) -> int | None:
        found = (at for at in range(start, len(self._turns)) if self._turns[at].trigger == trigger)
        return next(found, None)

    def _before_next_answer(self, trigger: str | None) -> int | None:
        start = self._next
        if not any(turn.trigger in _ANSWERS for turn in self._turns[start:]):
            start = 0
        for at in range(start, len(self._turns)):
            if self._turns[at].trigger == trigger:
                return at
            if self._turns[at].trigger in (*_ANSWERS, AUDIO):
                return None
        return None


AUDIO: Final = "audio"
ITEM: Final = "conversation.item.create"
SESSION: Final = "session.update"
RESPONSE: Final = "response.create"
HANDOFF: Final = "conversation.handoff.append"

_TRIGGERS: Final = {
    "session.update": SESSION,
    "transcription_session.update": SESSION,
    "conversation.item.create": ITEM,
    "conversation.handoff.append": HANDOFF,
    "response.create": RESPONSE,
    "input_audio_buffer.append": AUDIO,
    "input_audio_buffer.commit": AUDIO,
}
_ANSWERS: Final = (RESPONSE, HANDOFF)
_ANSWERED: Final = ("response.done", "conversation.handoff.requested")
_OF_THE_CLIENT: Final = ("function_call_output", "mcp_approval_response")


def _trigger(kind: str, event: dict[str, Raw], turn: str | None, is_answered: bool) -> str | None:
    """Return what an event waits for, or `None` if it belongs to the event before it."""
    match kind:
        case "session.updated" | "transcription_session.updated":
            return SESSION
        case "conversation.item.added" | "conversation.item.created":
            return ITEM if _is_typed(_members(bytes(event.get("item", b"{}")))) else None
        case "response.created":
            return None if turn == AUDIO and not is_answered else RESPONSE
        case "conversation.output_transcript.delta" if turn == AUDIO and is_answered:
            return HANDOFF
        case _:
            pass
    if kind.startswith(("input_audio_buffer.", "conversation.input_transcript.")):
        return None if turn == AUDIO and not is_answered else AUDIO
    return None


def _is_typed(item: dict[str, Raw]) -> bool:
    """Return whether an item was sent by the client, and is not a transcript of its speech."""
    is_users = _text(item.get("role")) == "user"
    is_heard = is_users and b'"input_audio"' in bytes(item.get("content", b""))
    return (is_users and not is_heard) or _text(item.get("type")) in _OF_THE_CLIENT


_split: Final = msgspec.json.Decoder(dict[str, Raw]).decode


def _members(message: bytes) -> dict[str, Raw]:
    try:
        return _split(message)
    except DECODE_ERRORS:
        return {}


def _text(raw: Raw | None) -> str | None:
    try:
        return None if raw is None else msgspec.json.decode(raw, type=str)
    except DECODE_ERRORS:
        return None
