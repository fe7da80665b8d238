"""The clock of a driver: the real one, or one that a test sets."""

from __future__ import annotations

import time

__all__ = ["Clock"]


class Clock:
    """Tells the time, and how long to really wait for it to pass.

    A test's clock overrides `sleep_seconds` and `wait_seconds` to give shorter times, and `passed`
    to jump to where the wait would have ended.
    """

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def unix(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def wait_seconds(self, until: float | None) -> float | None:
        """How long to wait for something that has to come by then; None for ever."""
        return None if until is None else max(0.0, until - self.now())

    def sleep_seconds(self, until: float) -> float:
        """How long to sleep until then."""
        return max(0.0, until - self.now())

    def passed(self, until: float) -> None:
        """Called when a wait has ended because its time was up."""
