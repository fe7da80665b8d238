"""Many streams at once from one asyncio process, with random faults, for a given time.

    python -m bench.soak --seconds 60 --streams 200 --transport raw

Every stream must have exactly one outcome, the same as its exception; no task or socket may be left
over, and memory must not grow. Exits with status 1 otherwise. The server runs in its own process,
so that only the client is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import functools
import gc
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from codex_proto.errors import CodexError
from codex_proto.requests import NoAuth, Provider, ResponsesApiRequest, RetryPolicy
from codex_proto.responses import Completed, StreamFailed
from codex_proto_io.client import AsyncCodexClient
from codex_proto_io.server import (
    CutAfter,
    EmbeddedServer,
    Exchange,
    Pace,
    refuse,
    say,
    stream,
)
from codex_proto_io.server import (
    _steps as steps,
)

REQUEST = ResponsesApiRequest(model="gpt-5.2", input="Hi")
# The growth of memory that is allowed in the second half of a run.
GROWTH = 1.10
SLACK_MIB = 8.0

_DELTA = {
    "type": "response.output_text.delta",
    "item_id": "m",
    "output_index": 0,
    "content_index": 0,
    "delta": "words and words and words and words ",
}
_CREATED = {"type": "response.created", "response": {"id": "r"}}
_COMPLETED = {
    "type": "response.completed",
    "response": {
        "id": "r",
        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    },
}
_EVENTS = (_CREATED, *[_DELTA] * 20, _COMPLETED)
_FAILED = {"type": "response.failed", "response": {"id": "r", "error": {"code": "odd"}}}
_INCOMPLETE = {
    "type": "response.incomplete",
    "response": {"id": "r", "incomplete_details": {"reason": "max_output_tokens"}},
}
_GARBAGE = (steps.RawStep(text="no HTTP\r\n\r\n"),)


# --- the server --------------------------------------------------------------------------------


def any_answer(rng: random.Random, over: str) -> Exchange:
    """Return an answer for a few requests that may be good, bad, slow, or broken."""
    times = rng.randrange(1, 40)
    make: Any = functools.partial(say if over == "websocket" else stream, times=times)
    # Messages of a WebSocket are compressed.
    size = rng.randrange(100, 600) if over == "websocket" else rng.randrange(2_000, 6_000)
    kinds: list[tuple[int, Callable[[], Exchange]]] = [
        (10, lambda: make(*_EVENTS)),
        (6, lambda: make(*_EVENTS, pace=Pace(size=size, every=0.01))),
        (3, lambda: make(*_EVENTS, pace=Pace(size=97, every=0.002))),
        (4, lambda: make(*_EVENTS, cut=CutAfter(after=size, how="fin"))),
        (4, lambda: make(*_EVENTS, cut=CutAfter(after=size, how="rst"))),
        (1, lambda: make(*_EVENTS, cut=CutAfter(after=size, how="stall"))),
        (2, lambda: make(_CREATED, _FAILED)),
        (2, lambda: make(_CREATED, _DELTA, _FAILED)),
        (2, lambda: make(_CREATED, _DELTA, _INCOMPLETE)),
    ]
    if over != "websocket":
        kinds += [
            (2, lambda: refuse(rng.choice([400, 401, 429, 500, 503]), times=times)),
            (1, lambda: Exchange(on="POST /v1/responses", steps=_GARBAGE, times=times)),
        ]
    weights = [weight for weight, _ in kinds]
    return rng.choices([kind for _, kind in kinds], weights)[0]()


def serve(over: str, seed: int) -> None:
    """Serve until standard input ends; the address goes to standard output."""
    rng = random.Random(seed)
    with EmbeddedServer([any_answer(rng, over) for _ in range(3_000)]) as server:
        print(server.url, flush=True)
        sys.stdin.read()
        # Open streams end with the process.
        os._exit(0)


# --- the client --------------------------------------------------------------------------------


class Count:
    """Counts of how the streams ended."""

    def __init__(self) -> None:
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []
        self.events = 0


async def read(events: Any, count: Count, leave_at: int | None) -> None:
    """Read one stream; check that it ends once, with its own outcome."""
    seen, error = 0, None
    last: Any = None
    try:
        async with events:
            async for event in events:
                seen, last = seen + 1, event
                if seen == leave_at:
                    break
    except CodexError as caught:
        error = caught
    count.events += seen
    outcome = events.outcome
    if error is None and leave_at is not None and seen == leave_at:
        count.outcomes["left early"] += 1
    elif error is None:
        count.outcomes["Completed"] += 1
        if not isinstance(outcome, Completed) or last is not outcome:
            count.wrong.append(f"ended without an exception, with {outcome!r}")
    else:
        count.outcomes[type(error).__name__] += 1
        if not isinstance(outcome, StreamFailed) or outcome.error != error:
            count.wrong.append(f"raised {error!r}, with {outcome!r}")


async def keep_asking(
    client: AsyncCodexClient, over: str, until: float, count: Count, rng: random.Random
) -> None:
    """Request one response after another; leave some early, and cancel some."""
    while time.monotonic() < until:
        leave_at = rng.randrange(1, 20) if rng.random() < 0.1 else None
        patience = rng.random() * 0.1 if rng.random() < 0.1 else 30.0
        try:
            async with asyncio.timeout(patience):
                if over != "websocket":
                    await read(client.responses.stream(REQUEST), count, leave_at)
                    continue
                async with client.responses.connect() as connection:
                    for _ in range(3):
                        await read(connection.stream(REQUEST), count, leave_at)
        except TimeoutError:
            count.outcomes["cancelled"] += 1


def mebibytes() -> float:
    """Return the memory in use if the system reports it, otherwise the peak."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sockets() -> int:
    """Return how many sockets are open, if the system reports it."""
    found = 0
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            found += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except OSError:
            continue
    return found


async def soak(
    url: str, over: str, seconds: float, streams: int, seed: int, *, short: bool = False
) -> list[str]:
    """Run; print the results, and return the problems."""
    count = Count()
    rng = random.Random(seed)
    provider = Provider(
        base_url=url,
        stream_idle_timeout=1.0,
        retry=RetryPolicy(request_max_retries=1, stream_max_retries=1, base_delay=0.01),
    )
    before = sockets()
    memory: list[float] = []
    until = time.monotonic() + seconds
    transport: Any = "httpx" if over == "httpx" else "raw"
    async with AsyncCodexClient(provider=provider, auth=NoAuth(), transport=transport) as client:
        workers = [
            asyncio.create_task(
                keep_asking(client, over, until, count, random.Random(rng.random()))
            )
            for _ in range(streams)
        ]
        while time.monotonic() < until:
            await asyncio.sleep(min(1.0, seconds / 20))
            gc.collect()
            memory.append(mebibytes())
        await asyncio.gather(*workers)
    # httpx closes its generators in tasks, when the garbage collector finds them.
    gc.collect()
    await asyncio.sleep(0.1)
    problems = count.wrong[:5]
    tasks = len(asyncio.all_tasks()) - 1
    if tasks:
        problems.append(f"{tasks} tasks are left")
    if sockets() != before:
        problems.append(f"{sockets() - before} sockets are left")
    start, end = memory[len(memory) // 2], memory[-1]
    if end > start * GROWTH + SLACK_MIB and not short:
        problems.append(f"memory grew from {start:.1f} to {end:.1f} MiB")
    total = sum(count.outcomes.values())
    print(f"{over}: {streams} at once for {seconds:.0f} s: {total} streams, {count.events} events")
    for name, number in count.outcomes.most_common():
        print(f"  {number:8} {name}")
    print(f"  memory {start:.1f} MiB after half of it, {end:.1f} MiB at the end")
    print(f"  left behind: {tasks} tasks, {sockets() - before} sockets")
    if not total:
        problems.append("no stream ended")
    return problems


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--transport", choices=["raw", "httpx", "websocket"], default="raw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--short", action="store_true", help="too short to judge memory by")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.transport, given.seed)
        return 0
    command = [sys.executable, "-m", "bench.soak", "--serve", "--transport", given.transport]
    with subprocess.Popen(
        [*command, "--seed", str(given.seed)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        if server.stdout is None or server.stdin is None:
            return 1
        url = server.stdout.readline().decode().strip()
        problems = asyncio.run(
            soak(url, given.transport, given.seconds, given.streams, given.seed, short=given.short)
        )
        server.stdin.close()
    for problem in problems:
        print(f"WRONG: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
