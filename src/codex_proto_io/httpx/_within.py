"""Waiting under asyncio for so long and no longer, where most waits are over before they begin.

`asyncio.timeout` alone would do, but it arms a timer and takes it off again for each piece of a
stream that the library below has in its buffer. This looks first, in the same task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from functools import partial
from typing import Any, Generic, TypeVar, cast

__all__ = ["Begun", "begin"]

T = TypeVar("T")


class Begun(Generic[T]):
    """What has begun to wait, to be awaited from there."""

    def __init__(self, steps: Generator[Any, Any, T], waits_for: Any) -> None:
        self._steps = steps
        self._waits_for = waits_for

    async def within(self, seconds: float | None) -> T:
        """Await the rest of it.

        Raises:
            TimeoutError: the time was up; what was awaited is cancelled.
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
    """Begin to await something: its result if that is there already, else what to await.

    In the task that awaits the rest of it.
    """
    steps = wanted.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as stop:
        return cast("T", stop.value)
    return Begun(steps, waits_for)
