"""Deadlines by name, and the caller's clock.

A connection has several at once (until the first byte, until the next, for the whole); the caller
sees the earliest.
"""

from __future__ import annotations

import math

from codex_proto.errors import LocalProtocolError

__all__ = ["Timers", "check_duration"]


class Timers:
    """The armed deadlines of one connection, in the caller's monotonic seconds."""

    def __init__(self) -> None:
        self.now = -math.inf
        self._armed: dict[str, float] = {}

    def tick(self, now: float) -> None:
        """Set the time. A `now` before the last one is ignored.

        Raises:
            LocalProtocolError: `now` is not a finite number.
        """
        if type(now) is float and self.now <= now < math.inf:
            self.now = now
            return
        if not isinstance(now, int | float) or isinstance(now, bool) or not math.isfinite(now):
            raise LocalProtocolError("now: must be seconds of a monotonic clock, a finite number")
        self.now = max(self.now, now)

    def arm(self, name: str, seconds: float | None) -> None:
        """Set the deadline `name` to `seconds` from now; None removes it."""
        if seconds is None:
            self._armed.pop(name, None)
        else:
            self._armed[name] = self.now + seconds

    def disarm(self, *names: str) -> None:
        """Remove deadlines; names that are not armed are ignored."""
        for name in names:
            self._armed.pop(name, None)

    def take(self, name: str) -> bool:
        """Remove a deadline; return whether it was armed."""
        return self._armed.pop(name, None) is not None

    def clear(self) -> None:
        """Remove all deadlines."""
        self._armed.clear()

    def next(self) -> float | None:
        """Return the earliest deadline, or None."""
        armed = self._armed
        if len(armed) == 1:
            (only,) = armed.values()
            return only
        return min(armed.values(), default=None)

    def expired(self) -> str | None:
        """Remove the earliest deadline if it has passed, and return its name."""
        if not self._armed:
            return None
        name = min(self._armed, key=self._armed.__getitem__)
        if self._armed[name] > self.now:
            return None
        del self._armed[name]
        return name


def check_duration(argument: str, seconds: float | None) -> None:
    """Raise `LocalProtocolError` unless it is None or a positive number of seconds."""
    if seconds is None:
        return
    # NaN is not above 0 either.
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not seconds > 0:
        raise LocalProtocolError(f"{argument}: must be seconds above 0, or None for no limit")
