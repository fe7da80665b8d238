"""The length of the model's audio so far: where to cut an item that the user interrupts.

Source: wire.md 8.7.
"""

from __future__ import annotations

import enum

from codex_proto.realtime.stream import AudioFrame

__all__ = ["BargeIn"]


class BargeIn(enum.Enum):
    """Which speech of the user interrupts the model's item."""

    SAME_ITEM = "same_item"
    """Speech of the same item, or without an item id, as in Codex."""
    ANY_SPEECH = "any_speech"
    """Any speech: OpenAI's public servers name the user's new item, which is never the model's."""


class AudioClock:
    """Counts the milliseconds of audio of the item that the model is speaking."""

    __slots__ = ("_barge_in", "_ms", "item_id")

    item_id: str | None
    """The item that is spoken; None while the clock is stopped."""

    def __init__(self, barge_in: BargeIn) -> None:
        self._barge_in = barge_in
        self.stop()

    def advance(self, frame: AudioFrame) -> None:
        """Count a frame. One without an item id, or of unknown length, is not counted."""
        duration = frame.duration_ms
        if frame.item_id is None or duration <= 0:
            return
        if frame.item_id != self.item_id:
            self.item_id = frame.item_id
            self._ms = 0
        self._ms += duration

    def interrupt(self, item_id: str | None) -> tuple[str, int] | None:
        """Return the item to cut and the milliseconds to keep, or None.

        `item_id` is the item of the user's speech. The clock stops when the item is cut, and goes
        on when the speech does not interrupt it.
        """
        if self.item_id is None:
            return None
        if item_id not in (None, self.item_id) and self._barge_in is BargeIn.SAME_ITEM:
            return None
        cut = (self.item_id, self._ms)
        self.stop()
        return cut

    def stop(self) -> None:
        """Stop the clock: no item is being spoken."""
        self.item_id = None
        self._ms = 0
