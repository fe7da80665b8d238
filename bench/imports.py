"""The cost of imports beyond `import msgspec`, each run in its own process.

The bytecode is written to a temporary folder first: without it the compiler would be measured.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench import subprocesses

STATEMENTS: Final = ("import codex_proto", "from codex_proto import ResponsesDecoder")

_MEASURE: Final = """
from time import perf_counter
start = perf_counter()
import msgspec
between = perf_counter()
{}
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


def measure(statement: str, runs: int) -> ImportTimes:
    """Time one of `STATEMENTS`."""
    with tempfile.TemporaryDirectory() as bytecode:
        _run(statement, bytecode)  # writes the bytecode
        seconds = [_run(statement, bytecode) for _ in range(runs)]
    beyond = [1e3 * ours for _, ours in seconds]
    first = median(1e3 * msgspec for msgspec, _ in seconds)
    return ImportTimes(first, median(beyond), min(beyond), max(beyond))


def _run(statement: str, bytecode: str) -> tuple[float, float]:
    printed = subprocesses.run(
        "-c",
        _MEASURE.format(statement),
        PYTHONPYCACHEPREFIX=bytecode,
        PYTHONDONTWRITEBYTECODE="",
    )
    msgspec, ours = printed.split()
    return float(msgspec), float(ours)
