"""Reads how long a text asks to wait: `Please try again in 7m12.5s`, `retry after 26 seconds`.

Source: wire.md 1.8 (the one form that upstream reads); docs/servers.md.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["delay_from_text"]

_UNITS: Final = {
    "ms": 1e-3, "msec": 1e-3, "msecs": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip

_NUMBER: Final = r"[0-9]++(?:\.[0-9]++)?+"
_UNIT: Final = rf"(?:{'|'.join(sorted(_UNITS, reverse=True))})(?![a-z])"
# `7m12.5s`, `1 hour, 2 minutes and 3 seconds`; a number alone only at the end of a clause, since it
# may be of a date, of a time of day, or of something else.
_STEPS: Final = rf"{_NUMBER}\s*+{_UNIT}(?:\s*+(?:,\s*+)?+(?:and\s++)?+{_NUMBER}\s*+{_UNIT})*+"
_ALONE: Final = rf"{_NUMBER}(?![.,][0-9])(?=\s*+(?:\Z|[.,;!?)\]}}\"'<]))"
# Blanks are bounded where more than one kind of word may follow them.
_AGAIN: Final = r"(?:\s{1,4}(?:again|later|once|your|the|this|request|more))*+"
_ABOUT: Final = (
    r"(?:\s{0,4}(?:about|around|approximately|approx\.?|at\s{1,4}least|another|up\s{1,4}to|~))?+"
)
_ASKED: Final = (
    rf"(?:\b(?:try|trying)\s{{1,4}}again|\bretry(?:ing)?){_AGAIN}\s{{0,4}}:?\s{{0,4}}"
    r"\b(?:in|after|within)"
    r"|\bwait(?:ing)?\s{1,4}(?:for)?+"
    rf"|\b(?:resets?|available){_AGAIN}\s{{1,4}}(?:in|after)"
    r"|\bretry[-_ ]?(?:after|delay|in)(?:[-_ ]?(?:seconds|secs?))?+[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
)
_DELAY: Final = re.compile(
    rf"(?:{_ASKED}){_ABOUT}\s*+(?:(?P<steps>{_STEPS})|(?P<alone>{_ALONE}))",
    re.IGNORECASE | re.ASCII,
)
_STEP: Final = re.compile(rf"({_NUMBER})\s*+({_UNIT})", re.IGNORECASE | re.ASCII)

# Upstream keeps seconds in 64 bits and crashes beyond. Nobody waits that long.
_LONGEST: Final = float(2**64)
_MILLISECONDS_MAX: Final = 2**64 - 1


def delay_from_text(text: str) -> float | None:
    """Return the seconds that a text asks to wait; None if it does not name a delay.

    Read are `try again in`, `retry after`, `wait`, `resets in` and the like, each before numbers
    with units from `ms` to `days`, or a number alone, which is in seconds. Milliseconds count as
    whole ones where there is no other unit (wire.md 1.8). 2^64 seconds and more are ignored.
    """
    found = _DELAY.search(text)
    if found is None:
        return None
    steps = [(number, unit.lower()) for number, unit in _STEP.findall(found["steps"] or "")]
    if len(steps) == 1 and _UNITS[steps[0][1]] < 1:
        return _milliseconds(steps[0][0])
    seconds = (
        sum(float(number) * _UNITS[unit] for number, unit in steps)
        if steps
        else float(found["alone"])
    )
    return seconds if seconds < _LONGEST else None


def _milliseconds(number: str) -> float:
    # At most as many digits as count, since Python refuses to convert thousands of them.
    whole = number.partition(".")[0].lstrip("0")
    return (
        min(int(whole or "0"), _MILLISECONDS_MAX) if len(whole) <= 20 else _MILLISECONDS_MAX
    ) / 1000
