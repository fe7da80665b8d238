"""Awaiting under asyncio with a time-out, for awaitables that mostly have a result already.

`asyncio.timeout` alone would do, but it sets and removes a timer for each piece of a stream, even
if the library has it in its buffer. This module looks first, in the same task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from functools import partial
from typing import Any, Generic, TypeVar, cast

__all__ = ["Begun", "begin"]

T = TypeVar("T")


class Begun(Generic[T]):
    """An awaitable that has begun to wait; await the rest of it here."""

    def __init__(self, steps: Generator[Any, Any, T], waits_for: Any) -> None:
        self._steps = steps
        self._waits_for = waits_for

    async def within(self, seconds: float | None) -> T:
        """Await the rest of it.

        Raises:
            TimeoutError: the time was up, and what was awaited is cancelled.
        """
        async with asyncio.timeout(seconds):
            return await self

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                resume = partial(self._steps.send, (yield waits_for))
            except BaseException as error:
                resume = partial(self._steps.throw, error)
            try:
                waits_for = resume()
            except StopIteration as stop:
                return cast("T", stop.value)


def begin(wanted: Awaitable[T]) -> Begun[T] | T:
    """Begin to await `wanted`; return its result if it has one already, else the rest to await.

    Call it in the task that awaits the rest.
    """
    steps = wanted.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as stop:
        return cast("T", stop.value)
    return Begun(steps, waits_for)
