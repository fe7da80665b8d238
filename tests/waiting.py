"""Waiting for what must come, however busy the machine is; a test fails where it does not."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATIENCE", "until", "wait_until"]

PATIENCE: Final = 20.0
_STEP: Final = 0.002


def wait_until(condition: Callable[[], object]) -> None:
    """Wait, while another thread or process works."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE
        time.sleep(_STEP)


async def until(condition: Callable[[], object]) -> None:
    """Wait, while other tasks of this event loop work."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE
        await asyncio.sleep(_STEP)
