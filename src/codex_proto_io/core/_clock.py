"""The clock of a driver: the real one, or one that a test sets."""

from __future__ import annotations

import time

__all__ = ["Clock"]


class Clock:
    """Returns the current time, and how long to really wait for a point in time.

    A test's clock overrides `sleep_seconds` and `wait_seconds` to give shorter times, and `passed`
    to jump to where the wait would have ended.
    """

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def unix(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def wait_seconds(self, until: float | None) -> float | None:
        """Return how many seconds to wait for input until a deadline; `None` waits forever."""
        return None if until is None else max(0.0, until - self.now())

    def sleep_seconds(self, until: float) -> float:
        """Return how many seconds to sleep until a point in time."""
        return max(0.0, until - self.now())

    def passed(self, until: float) -> None:
        """Called by the pumps when a wait ended because its time was up."""
