"""Timing sides against each other, in turn, so that a slow moment of the machine hits them all."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Side = Callable[[], object]

# A shorter time would measure the clock and the scheduler.
SHORTEST = 0.01
FEWEST_ROUNDS = 7


@dataclass(frozen=True)
class Ratio:
    """The median of the ratios of all rounds, and their spread."""

    median: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Timings:
    """Seconds for one pass of each side, one value per round."""

    seconds: Mapping[str, list[float]]

    def median(self, side: str) -> float:
        return median(self.seconds[side])

    def ratio(self, over: str, under: str) -> Ratio:
        """Return the ratio, computed round by round from the times of the same round."""
        pairs = zip(self.seconds[over], self.seconds[under], strict=True)
        ratios = [a / b for a, b in pairs]
        return Ratio(median(ratios), min(ratios), max(ratios))


def in_turn(sides: Mapping[str, Side], rounds: int) -> Timings:
    """Run A B A B ...; garbage is collected between the sides, not during a side."""
    passes = {name: _passes(side) for name, side in sides.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(max(rounds, FEWEST_ROUNDS)):
        for name, side in sides.items():
            seconds[name].append(_time(side, passes[name]))
    return Timings(seconds)


def _passes(side: Side) -> int:
    """Return how many passes make a measurement long enough; also the warm-up."""
    side()
    return max(1, math.ceil(SHORTEST / _time(side, 1)))


def _time(side: Side, passes: int) -> float:
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        start = perf_counter()
        for _ in range(passes):
            side()
        return (perf_counter() - start) / passes
    finally:
        if was_enabled:
            gc.enable()
