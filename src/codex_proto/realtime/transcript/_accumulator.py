"""The transcript since the last handoff, assembled from deltas: the agent's context.

It is never for display: the agent needs it to understand a request. Its order and its corrections
are those of upstream; it is not a complete record of the session.

Source: wire.md 8.6.
"""

from __future__ import annotations

from typing import Final, TypedDict, TypeVar, cast

import msgspec

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.stream import (
    HandoffRequested,
    InputAudioSpeechStarted,
    InputTranscriptDelta,
    InputTranscriptDone,
    OutputTranscriptDelta,
    OutputTranscriptDone,
    ResponseCreated,
    TranscriptEntry,
)
from codex_proto.realtime.transcript._entries import Entries
from codex_proto.realtime.wire._text import trim

__all__ = [
    "DEFAULT_MAX_HISTORY_SIZE",
    "DEFAULT_MAX_TRANSCRIPT_SIZE",
    "SeedContent",
    "SeedItem",
    "TranscriptAccumulator",
]

E = TypeVar("E")

DEFAULT_MAX_TRANSCRIPT_SIZE: Final = 8192
"""Bytes that upstream keeps for the next handoff (wire.md 8.6)."""
DEFAULT_MAX_HISTORY_SIZE: Final = 1024 * 1024
"""Bytes of `history`: more than the transcript of the longest session, an hour."""

_USER: Final = "user"
_ASSISTANT: Final = "assistant"


class SeedContent(TypedDict):
    """One part of a message: `input_text` of the user, `output_text` of the assistant."""

    type: str
    text: str


class SeedItem(TypedDict):
    """A message item as `conversation.item.create` takes it."""

    type: str
    role: str
    content: list[SeedContent]


class TranscriptAccumulator:
    """Assembles the transcript, and adds the part since the last handoff to each handoff.

    Feed it every event of profile `codex`, in order, with `receive_event`, and pass on what it
    returns. Exactly one owner accumulates: a handoff that has its `active_transcript` already
    passes through and changes nothing. Next: `delegation_from_handoff` of the handoff; at the end
    of the session `take_tail`.

    Args:
        max_size: bytes that the entries since the last handoff may take (their roles, texts and
            three more each). Beyond that the oldest are dropped; a single entry keeps its end,
            after `…`. None sets no limit.
        max_history_size: bytes of the whole transcript that are kept for `seed_items`, counted the
            same way. None sets no limit, 0 keeps no history.
        drain: whether a handoff removes its entries, as in upstream now. False is the behaviour
            before August 2026: the entries stay, and later events may still change them or be
            compared with them. That form has no limit on its size.

    Raises:
        LocalProtocolError: a size is negative, or `drain` is false and `max_size` is not None.
    """

    def __init__(
        self,
        *,
        max_size: int | None = DEFAULT_MAX_TRANSCRIPT_SIZE,
        max_history_size: int | None = DEFAULT_MAX_HISTORY_SIZE,
        drain: bool = True,
    ) -> None:
        for name, size in (("max_size", max_size), ("max_history_size", max_history_size)):
            if size is not None and size < 0:
                raise LocalProtocolError(f"{name}: must not be negative, not {size}")
        if not drain and max_size is not None:
            raise LocalProtocolError("max_size: must be None if drain is False")
        self._active = Entries(max_size)
        self._history = Entries(max_history_size) if max_history_size != 0 else None
        self._drain = drain
        self._handed_over = 0
        # By role: whether the next text begins a new entry in any case.
        self._is_new = {_USER: False, _ASSISTANT: False}

    def __repr__(self) -> str:
        pending = len(self._active) - self._handed_over
        return f"<{type(self).__name__}: {pending} entries since the last handoff>"

    # -- what is known --------------------------------------------------------------------------

    @property
    def pending(self) -> tuple[TranscriptEntry, ...]:
        """The transcript that a handoff would get now."""
        return self._active.as_tuple()[self._handed_over :]

    @property
    def history(self) -> tuple[TranscriptEntry, ...]:
        """The whole transcript, as far back as `max_history_size` reaches."""
        return self._history.as_tuple() if self._history is not None else ()

    @property
    def bytes_dropped(self) -> int:
        """How many bytes of entries `max_size` dropped before any handoff had them."""
        return self._active.bytes_dropped

    def seed_items(self) -> list[SeedItem]:
        """Return the whole transcript as message items, ready to seed a new session with.

        Send each as the `item` of a `conversation.item.create`: sessions end after a fixed time,
        and a new one has no context.
        """
        return [
            {
                "type": "message",
                "role": entry.role,
                "content": [
                    {
                        "type": "input_text" if entry.role == _USER else "output_text",
                        "text": entry.text,
                    }
                ],
            }
            for entry in self.history
        ]

    # -- events ---------------------------------------------------------------------------------

    def receive_event(self, event: E) -> E:
        """Take an event, and return the one to pass on: a handoff with `active_transcript` filled.

        All other events, wire events included, are returned unchanged.
        """
        match event:
            case InputAudioSpeechStarted():
                self._is_new[_USER] = True
            case ResponseCreated():
                self._is_new[_ASSISTANT] = True
            case InputTranscriptDelta(delta=delta):
                self._add_text(_USER, delta, is_whole=False)
            case OutputTranscriptDelta(delta=delta):
                self._add_text(_ASSISTANT, delta, is_whole=False)
            case InputTranscriptDone(text=text):
                self._add_text(_USER, text, is_whole=True)
            case OutputTranscriptDone(text=text):
                self._add_text(_ASSISTANT, text, is_whole=True)
            case HandoffRequested(active_transcript=None):
                return cast("E", self._hand_over(event))
            case _:
                pass
        return event

    def take_tail(self) -> tuple[TranscriptEntry, ...]:
        """Return and remove the transcript since the last handoff, at the end of a session.

        Next: `delegation_from_tail`, if the agent should know it.
        """
        tail = self.pending
        self._mark_handed_over()
        return tail

    # -- inside ---------------------------------------------------------------------------------

    def _add_text(self, role: str, text: str, *, is_whole: bool) -> None:
        """Add text to the open entry, replace it by its final form, or begin a new entry.

        An empty text adds nothing, but the next text then continues the open entry.
        """
        continues = not self._is_new[role] and self._active.ends_with(role)
        self._is_new[role] = False
        if not text:
            return
        for entries in self._lists():
            if not continues or not entries.ends_with(role):
                entries.add(role, text)
            elif is_whole:
                entries.replace_last(text)
            else:
                entries.extend_last(text)

    def _hand_over(self, handoff: HandoffRequested) -> HandoffRequested:
        request = trim(handoff.input_transcript)
        if request and not self._is_in_transcript(request):
            for entries in self._lists():
                entries.add(_USER, request)
        filled = msgspec.structs.replace(handoff, active_transcript=self.pending)
        self._mark_handed_over()
        self._is_new = {_USER: True, _ASSISTANT: True}
        return filled

    def _is_in_transcript(self, request: str) -> bool:
        return any(
            entry.role == _USER and trim(entry.text) == request for entry in self._active.as_tuple()
        )

    def _mark_handed_over(self) -> None:
        if self._drain:
            self._active.clear()
        else:
            self._handed_over = len(self._active)

    def _lists(self) -> tuple[Entries, ...]:
        return (self._active,) if self._history is None else (self._active, self._history)
