"""An engine without dependencies: seeds, mutated at random, as fast as Python can run.

It does not measure coverage, so it finds less than atheris; but it runs everywhere.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from typing import Final

from fuzz.targets import Target

__all__ = ["mutations", "run"]

_INTERESTING: Final = (
    *(b"\r\n", b"\r", b"\n\n", b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xed\xa0\x80"),
    *(b"{", b"}", b"[", b'"', b"\\u0000", b"\\ud800", b"null", b"1e999", b"-0", b"9" * 30),
    *(b"data:", b"event: ", b"id: ", b": ", b"[DONE]", b'"type"', b'"error":', b"</input>"),
    *(b"\x88\x00", b"\x7f", b"\x80" * 4, b"0\r\n\r\n", b"ffffffff", b"[" * 200, b'{"a":' * 200),
)


def mutations(seeds: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Yield the seeds, then mutated ones without end, always the same for the same `seed`."""
    yield from seeds
    rng = random.Random(seed)  # noqa: S311 - not used for security
    while True:
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            _change(data, rng, seeds)
        yield bytes(data)


def _change(data: bytearray, rng: random.Random, seeds: Sequence[bytes]) -> None:
    at = rng.randint(0, len(data))
    end = min(len(data), at + rng.choice((1, 2, 8, 64, 512)))
    match rng.randrange(7):
        case 0:
            data[at:at] = rng.choice(_INTERESTING)
        case 1:
            del data[at:end]
        case 2:
            data[at:at] = data[at:end]
        case 3:
            data[at:end] = rng.randbytes(end - at)
        case 4:
            other = rng.choice(seeds)
            start = rng.randint(0, len(other))
            data[at:end] = other[start : start + rng.choice((1, 8, 64, 512))]
        case 5:
            del data[at:]
        case _:
            if at < len(data):
                data[at] ^= 1 << rng.randrange(8)


def run(target: Target, inputs: Iterator[bytes], seconds: float) -> tuple[int, bytes | None]:
    """Run a target for `seconds`; return the number of inputs, and the failing one or None."""
    until = time.monotonic() + seconds
    count = 0
    for data in inputs:
        if time.monotonic() >= until:
            break
        count += 1
        try:
            target(data)
        except Exception:
            return count, data
    return count, None
