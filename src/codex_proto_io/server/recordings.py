"""What a server answers with: recorded streams, cut into what goes out at a time.

Source: wire.md 1, 2 and 8; docs/server.md.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from codex_proto import EventStreamDecoder
from codex_proto._wire.members import DECODE_ERRORS, split_members

__all__ = ["RealtimeRecording", "RealtimeTurn", "ResponsesRecording", "bundled"]

_TERMINAL: Final = ("response.completed", "response.failed", "response.incomplete")


@lru_cache
def bundled(name: str) -> bytes:
    """Return a recording that comes with this package."""
    return (files("codex_proto_io") / "recordings" / name).read_bytes()


class ResponsesRecording:
    """A recorded Responses stream.

    Args:
        body: of a `text/event-stream`.
    """

    def __init__(self, body: bytes) -> None:
        self.body: Final = body

    @cached_property
    def blocks(self) -> tuple[bytes, ...]:
        """Its blocks, byte for byte; the last one may be unfinished."""
        blocks = tuple(block.raw for block in self._decoded)
        rest = self.body[sum(map(len, blocks)) :]
        return (*blocks, rest) if rest else blocks

    @cached_property
    def messages(self) -> tuple[bytes, ...]:
        """The data of its events, as a WebSocket carries them."""
        return tuple(
            block.event.data_bytes.decode(errors="replace").encode()
            for block in self._decoded
            if block.event is not None and block.event.data_bytes != b"[DONE]"
        )

    @cached_property
    def response(self) -> bytes | None:
        """The response as a whole, as its last event has it; None without such an event."""
        for message in reversed(self.messages):
            members = _members(message)
            if _text(members.get("type")) in _TERMINAL and "response" in members:
                return bytes(members["response"])
        return None

    @cached_property
    def _decoded(self) -> list[Any]:
        return EventStreamDecoder().receive_blocks(self.body)


class RealtimeTurn(Struct, frozen=True):
    """Events that follow each other, and the type of message that has to come before them."""

    trigger: str
    messages: tuple[bytes, ...]


class RealtimeRecording:
    """A recorded realtime session: what the server said, in turns that wait for the client.

    `session.created` is said at once. `session.updated` waits for a `session.update`, the user's
    items for a `conversation.item.create`, what is heard for audio, `response.created` for a
    `response.create` unless it answers what was heard. Everything else belongs to what is before
    it. `opening` is what is said at once, `turns` are what waits.

    Args:
        lines: JSON lines, one event each.
    """

    def __init__(self, lines: bytes) -> None:
        opening: list[bytes] = []
        turns: list[tuple[str, list[bytes]]] = []
        for line in filter(None, (each.strip() for each in lines.split(b"\n"))):
            trigger = _trigger(line, turns[-1] if turns else None)
            if trigger is None and not turns:
                opening.append(line)
            elif trigger is None:
                turns[-1][1].append(line)
            else:
                turns.append((trigger, [line]))
        self.opening: Final = tuple(opening)
        self.turns: Final = tuple(RealtimeTurn(trigger, tuple(said)) for trigger, said in turns)

    def next_turn(self, message_type: str, after: int) -> int | None:
        """Return which turn a message starts, looking from `after` on and then from the front.

        Sound starts each turn once only: it goes on while the turn is played.
        """
        wanted = _TRIGGERS.get(message_type)
        ahead = range(after, len(self.turns))
        again = () if wanted == _AUDIO else range(after)
        for at in (*ahead, *again):
            if self.turns[at].trigger == wanted:
                return at
        return None


_AUDIO: Final = "audio"
_ITEM: Final = "conversation.item.create"
_TRIGGERS: Final = {
    "session.update": "session.update",
    "transcription_session.update": "session.update",
    "conversation.item.create": _ITEM,
    "conversation.handoff.append": "conversation.handoff.append",
    "response.create": "response.create",
    "input_audio_buffer.append": _AUDIO,
    "input_audio_buffer.commit": _AUDIO,
}
_OF_THE_CLIENT: Final = ("function_call_output", "mcp_approval_response")


def _trigger(line: bytes, turn: tuple[str, list[bytes]] | None) -> str | None:
    """What has to come before an event; None where it belongs to what is before it."""
    members = _members(line)
    kind = _text(members.get("type")) or ""
    if kind in ("session.updated", "transcription_session.updated"):
        return "session.update"
    if kind in ("conversation.item.added", "conversation.item.created"):
        item = _members(bytes(members.get("item", b"{}")))
        if _text(item.get("role")) == "user" or _text(item.get("type")) in _OF_THE_CLIENT:
            is_heard = b"input_audio" in bytes(item.get("content", b""))
            return None if is_heard else _ITEM
        return None
    if kind.startswith(("input_audio_buffer.", "conversation.input_transcript.")):
        return None if turn is not None and turn[0] == _AUDIO and _is_open(turn[1]) else _AUDIO
    if kind == "response.created":
        return None if turn is not None and turn[0] == _AUDIO else "response.create"
    return None


def _is_open(said: list[bytes]) -> bool:
    """Whether what was heard has not been answered yet."""
    ends = ("response.done", "conversation.handoff.requested")
    return not any(_text(_members(line).get("type")) in ends for line in said)


def _members(message: bytes) -> dict[str, Raw]:
    try:
        return split_members(message)
    except DECODE_ERRORS:
        return {}


def _text(raw: Raw | None) -> str | None:
    try:
        return None if raw is None else msgspec.json.decode(raw, type=str)
    except DECODE_ERRORS:
        return None
