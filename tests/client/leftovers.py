"""What a test may have left behind."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Final

__all__ = ["open_sockets", "until"]

_PATIENCE: Final = 10.0


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come, however busy the machine is."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < _PATIENCE
        await asyncio.sleep(0.002)


def open_sockets() -> list[str]:
    """The sockets of this process, where the system tells."""
    found: list[str] = []
    if not os.path.isdir("/proc/self/fd"):
        return found
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
        if target.startswith("socket:"):
            found.append(target)
    return found
