"""What `import codex_proto` costs beyond `import msgspec`, each run in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench import subprocesses

MEASURE = """
from time import perf_counter
start = perf_counter()
import msgspec
between = perf_counter()
import codex_proto
end = perf_counter()
print(between - start, end - between)
"""


@dataclass(frozen=True)
class ImportTimes:
    """Milliseconds, the median of the runs."""

    msgspec: float
    beyond: float
    lowest: float
    highest: float


def measure(runs: int) -> ImportTimes:
    _run()  # writes the bytecode
    seconds = [_run() for _ in range(runs)]
    beyond = [1e3 * ours for _, ours in seconds]
    first = median(1e3 * msgspec for msgspec, _ in seconds)
    return ImportTimes(first, median(beyond), min(beyond), max(beyond))


def _run() -> tuple[float, float]:
    msgspec, ours = subprocesses.run("-c", MEASURE).split()
    return float(msgspec), float(ours)
