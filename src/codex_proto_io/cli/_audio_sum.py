"""A summary of audio: how long it plays, instead of its base64."""

from __future__ import annotations

from typing import Any, Final

from codex_proto.realtime import AudioFrame, AudioOut, MalformedPart

__all__ = ["AudioSum"]

_DEFAULT_RATE: Final = 24_000
_U32: Final = 2**32 - 1


class AudioSum:
    """The audio that has arrived and has not been reported yet."""

    def __init__(self) -> None:
        self.frames = 0
        self.number = 0
        self._seconds = 0.0
        self._bad = 0

    def add(self, event: Any, number: int) -> None:
        """Count the audio of event `number`."""
        self.frames += 1
        self.number = number
        frame = event.frame if isinstance(event, AudioOut) else _frame(event)
        samples = frame.samples_per_channel
        if samples is None:
            pcm = frame.pcm()
            if isinstance(pcm, MalformedPart):
                self._bad += 1
                return
            samples = len(pcm) // 2 // max(frame.num_channels, 1)
        # Not in whole milliseconds, as in a frame: many short ones would add up to zero.
        self._seconds += samples / max(frame.sample_rate, 1)

    def __str__(self) -> str:
        seconds = self._seconds
        if seconds >= 1:
            duration = f"{seconds:,.1f} s"
        else:
            duration = f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "less than 1 ms"
        frames = f"{self.frames:,} {'piece' if self.frames == 1 else 'pieces'}"
        bad = f", {self._bad:,} of them no base64" if self._bad else ""
        return f"{duration} in {frames}{bad}"


def _frame(event: Any) -> AudioFrame:
    """Return the audio of a wire event; if upstream would not play it, with the usual rate."""
    data, rate, channels, more_channels, samples = (
        getattr(event, name, None)
        for name in ("delta", "sample_rate", "channels", "num_channels", "samples_per_channel")
    )
    if not isinstance(data, str):
        data = getattr(event, "data", "")
    return AudioFrame(
        data if isinstance(data, str) else "",
        _positive(rate) or _DEFAULT_RATE,
        _positive(channels) or _positive(more_channels) or 1,
        _positive(samples),
    )


def _positive(value: object) -> int | None:
    """Return the value if it is a plausible number; JSON allows any size."""
    return value if isinstance(value, int) and 0 < value <= _U32 else None
