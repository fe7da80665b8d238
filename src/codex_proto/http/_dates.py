"""Reads points in time in headers and bodies: the dates of HTTP, and those of ISO 8601.

Source: RFC 9110, 5.6.7; RFC 3339, 5.6.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

__all__ = ["unix_from_date", "unix_from_iso"]

_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
# The three forms of a date in HTTP; the name of the day is not looked at.
_CLOCK: Final = r"([0-9]{2}):([0-9]{2}):([0-9]{2})"
_DATES: Final = (
    # Sun, 06 Nov 1994 08:49:37 GMT
    re.compile(
        rf"[A-Z]+, ([0-9]{{2}}) ([A-Z]{{3}}) ([0-9]{{4}}) {_CLOCK} GMT", re.IGNORECASE | re.ASCII
    ),
    # Sunday, 06-Nov-94 08:49:37 GMT
    re.compile(
        rf"[A-Z]+, ([0-9]{{2}})-([A-Z]{{3}})-([0-9]{{2}}) {_CLOCK} GMT", re.IGNORECASE | re.ASCII
    ),
)
# Sun Nov  6 08:49:37 1994
_ASCTIME: Final = re.compile(
    rf"[A-Z]+ ([A-Z]{{3}}) ([ 0-9][0-9]) {_CLOCK} ([0-9]{{4}})", re.IGNORECASE | re.ASCII
)
# 2026-11-06T08:49:37.125Z, with a blank for the T, without an offset, or with the day alone.
_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r" ?(?:Z|UTC|([+-])([0-9]{2}):?([0-9]{2}))?)?",
    re.IGNORECASE | re.ASCII,
)


def unix_from_date(text: str) -> float | None:
    """Return the unix time of an HTTP date in any of its three forms, None where it is not one."""
    text = text.strip(" \t")
    found = _ASCTIME.fullmatch(text)
    if found is not None:
        month, day, hour, minute, second, year = found.groups()
        return _unix(year, month, day, hour, minute, second)
    for form in _DATES:
        found = form.fullmatch(text)
        if found is not None:
            day, month, year, hour, minute, second = found.groups()
            return _unix(year, month, day, hour, minute, second)
    return None


def _unix(year: str, month: str, day: str, hour: str, minute: str, second: str) -> float | None:
    if month.lower() not in _MONTHS:
        return None
    # Two digits: no server of this protocol is older than 1970.
    century = 0 if len(year) == 4 else 1900 if int(year) >= 70 else 2000
    months = _MONTHS.index(month.lower()) + 1
    return _seconds(century + int(year), months, int(day), int(hour), int(minute), int(second))


def unix_from_iso(text: str) -> float | None:
    """Return the unix time of a date of ISO 8601, None if the text is not one.

    The form is that of RFC 3339; seconds and offset may be missing, and the time as a whole.
    Without an offset it is in UTC.
    """
    found = _ISO.fullmatch(text.strip(" \t"))
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups("0")
    whole = _seconds(int(year), int(month), int(day), int(hour), int(minute), int(second))
    if whole is None:
        return None
    offset = (int(hours) * 60 + int(minutes)) * 60
    return whole + float(f"0.{fraction}") + (offset if sign == "-" else -offset)


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> float | None:
    try:
        # A leap second is as good as the one before.
        date = datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=UTC)
    except ValueError:
        return None
    return date.timestamp()
