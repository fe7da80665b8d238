"""Reads when a limit is lifted: a number of seconds, `6m0s`, a unix time, or a date.

A number without a unit is a delay or a unix time, by its size: servers send both under the same
name, and a unix time taken for a delay is 54 years.

Source: observed.md, "Public recordings" (how `x-ratelimit-reset-*` is written); docs/servers.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from codex_proto.http import unix_from_date, unix_from_iso

__all__ = ["Moment", "moment_from_number", "parse_duration", "read_moment", "unix_from_number"]

_SECONDS: Final = {
    "ns": 1e-9,
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_NUMBER: Final = r"[0-9]{1,18}(?:\.[0-9]{1,18})?"
_DURATION: Final = re.compile(rf"(?:{_NUMBER}(?:ns|us|ms|s|m|h|d))+", re.IGNORECASE)
_STEP: Final = re.compile(rf"({_NUMBER})([a-z]+)", re.IGNORECASE)

# Three years. No server asks to wait that long.
_DELAYS: Final = 1e8
# Unix times from 2001 to 2286, in seconds and in the smaller units that servers use.
_FIRST, _LAST = 1e9, 1e10
_SCALES: Final = (1.0, 1e3, 1e6)


class Moment(NamedTuple):
    """A time to come: `delay` in seconds from now, `at` in unix seconds; None where unknown."""

    delay: float | None = None
    at: float | None = None

    def delay_from(self, now_unix: float | None) -> float | None:
        """Return the seconds to go; None if only a time is known, and no clock."""
        if self.delay is not None or self.at is None or now_unix is None:
            return self.delay
        return max(0.0, self.at - now_unix)


def read_moment(text: str) -> Moment:
    """Read a duration, a number of seconds, a unix time, or a date."""
    delay = parse_duration(text)
    if delay is None:
        at = unix_from_iso(text)
        return Moment(at=unix_from_date(text) if at is None else at)
    return moment_from_number(delay)


def moment_from_number(number: float) -> Moment:
    """Read a number as a delay in seconds or as a unix time, by its size."""
    return Moment(delay=number) if number < _DELAYS else Moment(at=unix_from_number(number))


def unix_from_number(number: float) -> float | None:
    """Return the unix seconds of a unix time in seconds, milli- or microseconds.

    None if it is not a time between 2001 and 2286.
    """
    for scale in _SCALES:
        if _FIRST <= number / scale < _LAST:
            return number / scale
    return None


def parse_duration(text: str) -> float | None:
    """Return the seconds that a text such as `12ms`, `6m0s`, `1h2m3.5s` or `1d` stands for.

    A number without a unit is in seconds. None where the text is no such duration.
    """
    text = text.strip(" \t")
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if _DURATION.fullmatch(text) is None:
        return None
    return sum(_steps(text))


def _steps(text: str) -> Iterator[float]:
    for number, unit in _STEP.findall(text):
        yield float(number) * _SECONDS[unit.lower()]
