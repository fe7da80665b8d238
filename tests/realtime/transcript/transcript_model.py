"""The transcript once more, as plainly as wire.md 8.6 has it: what the accumulator is held against.

Everything is copied, counted and cut anew after each event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codex_proto.realtime import (
    HandoffRequested,
    InputAudioSpeechStarted,
    InputTranscriptDelta,
    InputTranscriptDone,
    OutputTranscriptDelta,
    OutputTranscriptDone,
    ResponseCreated,
    TranscriptEntry,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TranscriptModel"]

Pair = tuple[str, str]


class TranscriptModel:
    def __init__(self, max_size: int | None, *, drain: bool) -> None:
        self.max_size = max_size
        self.drain = drain
        self.entries: list[Pair] = []
        self.marker = 0
        self.new_user = False
        self.new_assistant = False

    def receive(self, event: Any) -> tuple[TranscriptEntry, ...] | None:
        """Take an event; return what a handoff is given."""
        given = None
        if isinstance(event, InputAudioSpeechStarted):
            self.new_user = True
        elif isinstance(event, ResponseCreated):
            self.new_assistant = True
        elif isinstance(event, InputTranscriptDelta):
            if event.delta:
                self._append("user", event.delta, new=self.new_user)
            self.new_user = False
        elif isinstance(event, OutputTranscriptDelta):
            if event.delta:
                self._append("assistant", event.delta, new=self.new_assistant)
            self.new_assistant = False
        elif isinstance(event, InputTranscriptDone):
            if event.text:
                self._replace("user", event.text, new=self.new_user)
            self.new_user = False
        elif isinstance(event, OutputTranscriptDone):
            if event.text:
                self._replace("assistant", event.text, new=self.new_assistant)
            self.new_assistant = False
        elif isinstance(event, HandoffRequested) and event.active_transcript is None:
            request = _trim(event.input_transcript)
            if request and ("user", request) not in [(r, _trim(t)) for r, t in self.entries]:
                self.entries = [*self.entries, ("user", request)]
                self._cap()
            given = _values(self.entries[self.marker :])
            self._mark()
            self.new_user = self.new_assistant = True
        self._cap()
        return given

    def tail(self) -> tuple[TranscriptEntry, ...]:
        tail = _values(self.entries[self.marker :])
        self._mark()
        return tail

    def _mark(self) -> None:
        if self.drain:
            self.entries = []
        else:
            self.marker = len(self.entries)

    def _append(self, role: str, text: str, *, new: bool) -> None:
        if not new and self.entries and self.entries[-1][0] == role:
            self.entries = [*self.entries[:-1], (role, self.entries[-1][1] + text)]
        else:
            self.entries = [*self.entries, (role, text)]

    def _replace(self, role: str, text: str, *, new: bool) -> None:
        if not new and self.entries and self.entries[-1][0] == role:
            self.entries = [*self.entries[:-1], (role, text)]
        else:
            self.entries = [*self.entries, (role, text)]

    def _cap(self) -> None:
        if self.max_size is None:
            return
        while len(self.entries) > 1 and sum(map(_size, self.entries)) > self.max_size:
            self.entries = self.entries[1:]
        if self.entries and _size(self.entries[0]) > self.max_size:
            role, text = self.entries[0]
            kept = text
            while kept and _size((role, "…" + kept)) > self.max_size:
                kept = kept[1:]
            self.entries = [(role, "…" + kept)]


def _size(entry: Pair) -> int:
    return len(entry[0].encode()) + len(entry[1].encode()) + 3


def _values(entries: Iterable[Pair]) -> tuple[TranscriptEntry, ...]:
    return tuple(TranscriptEntry(role, text) for role, text in entries)


def _trim(text: str) -> str:
    # Unicode's White_Space, which str.isspace() has with four characters more.
    blank = [c for c in map(chr, range(0x3001)) if c.isspace() and c not in "\x1c\x1d\x1e\x1f"]
    return text.strip("".join(blank))
