"""Memory, each figure from its own process (this module run as a program).

The figures are in MiB and exclude what the process held before: the interpreter, the imports, and
a decoder that has already read a small stream.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench import ours, subprocesses
from bench.workloads import MIB, HugeKind, huge_reads, long_stream_reads, text
from codex_proto.responses import ResponsesDecoder

STATUS = Path("/proc/self/status")
WARM_UP = 16 * MIB


def peak(mebibytes: int, kind: HugeKind) -> float:
    """Return what one event of this size adds to the peak, the event included, in MiB."""
    return float(subprocesses.run("-m", "bench.memory", "peak", str(mebibytes), kind))


def growth(mebibytes: int) -> float:
    """Return the growth of memory while a stream of this size is read, in MiB."""
    return float(subprocesses.run("-m", "bench.memory", "growth", str(mebibytes)))


def highest_so_far() -> float:
    """Return the peak memory of this process in MiB."""
    if STATUS.exists():
        # On Linux ru_maxrss of a child starts at the size of the parent when it forked.
        lines = STATUS.read_text().splitlines()
        high_water = next(line for line in lines if line.startswith("VmHWM:"))
        return int(high_water.split()[1]) / 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


def _fresh(read: bytes) -> bytes:
    """Return a copy of the read, as from a socket.

    The generators yield the same objects repeatedly, so a decoder that keeps its pieces would
    seem to need no memory for them.
    """
    return bytes(bytearray(read))


def _measure_peak(mebibytes: int, kind: HugeKind) -> float:
    ours.decode(text(100).reads(16_384))
    before = highest_so_far()
    decoder = ResponsesDecoder(profile="full")
    held = []
    for read in huge_reads(mebibytes, kind):
        held += decoder.receive_data(_fresh(read))
    return highest_so_far() - before


def _measure_growth(mebibytes: int) -> float:
    decoder = ResponsesDecoder(profile="full")
    passed = 0
    before = None
    for read in long_stream_reads(mebibytes * MIB):
        decoder.receive_data(_fresh(read))
        passed += len(read)
        if before is None and passed >= WARM_UP:
            before = highest_so_far()
    if before is None:
        raise ValueError(f"the stream must be longer than {WARM_UP // MIB} MiB")
    return highest_so_far() - before


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["peak", size, "text"]:
            print(_measure_peak(int(size), "text"))
        case ["peak", size, "response"]:
            print(_measure_peak(int(size), "response"))
        case ["growth", size]:
            print(_measure_growth(int(size)))
        case arguments:
            raise SystemExit(f"not understood: {arguments}")
