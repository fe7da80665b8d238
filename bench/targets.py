"""The required and the desired performance: one target per row of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The required (`must`) and desired (`reach`) limits; lower limits if `at_least`."""

    must: float
    reach: float
    at_least: bool = False

    def verdict(self, value: float) -> str:
        if self._misses(value, self.must):
            return "MUST MISSED"
        return "ok" if self._misses(value, self.reach) else "ok, reached"

    def bound(self, value: float, unit: str) -> str:
        return f"{'>=' if self.at_least else '<='} {value:g}{unit}"

    def _misses(self, value: float, bound: float) -> bool:
        return value < bound if self.at_least else value > bound


# Ratios to the floor of the same run.
TEXT_16_KIB = Target(2.5, 1.8)
TEXT_ONE_EVENT = Target(3.0, 2.1)
TEXT_200_BYTES = Target(5.0, 4.0)
CODEX_TEXT = Target(3.5, 2.3)
VARIANT = Target(4.5, 3.0)
UNKNOWN = Target(10, 5)
AUDIO_BYTES = Target(1.4, 1.1)
AUDIO_TEXT = Target(1.6, 1.25)
HUGE = Target(4, 2.5)

# How many times faster than a peer.
OPENAI = Target(80, 120, at_least=True)
OPENAI_CLIENT = Target(5, 8, at_least=True)

# Multiples of the event's size, MiB, milliseconds.
PEAK_MEMORY = Target(4, 3)
MEMORY_GROWTH = Target(8, 1)
IMPORT_PACKAGE = Target(5, 1)
IMPORT_DECODER = Target(35, 25)
