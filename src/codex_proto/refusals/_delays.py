"""How long the peer asks to wait: from `Retry-After` and its kin, and from the text of an error.

No clock is read. A date is turned into a delay by the response's own `Date`, so that a wrong clock
on either side does no harm, or by the `now_unix` that a caller gives.

Source: wire.md 1.8, 6.7; RFC 9110, 5.6.7 (dates) and 10.2.3 (`Retry-After`).
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final

from codex_proto.http import Headers, HeadersLike

__all__ = ["delay_from_text", "finite", "retry_after_from_headers", "unix_from_date"]

_DELAY: Final = re.compile(
    r"try again in\s*([0-9]+(?:\.[0-9]+)?)\s*(s|ms)", re.IGNORECASE | re.ASCII
)
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
# As many digits as a delay of less than 2^64 seconds may have, with a zero or two before them.
_WHOLE: Final = re.compile(r"[0-9]{1,19}")

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

# Upstream keeps seconds in 64 bits and crashes beyond. Nobody waits that long.
_LONGEST: Final = float(2**64)
_MILLISECONDS_MAX: Final = 2**64 - 1


def delay_from_text(text: str) -> float | None:
    """Return the seconds of a `try again in 1.5s` anywhere in the text, None without one.

    Units are `s`, `seconds` and the like, and `ms`, which counts in whole milliseconds. Other
    units (`5 minutes`, `1m2s`) tell no delay, and neither does one of 2^64 seconds or more
    (wire.md 1.8).
    """
    found = _DELAY.search(text)
    if found is None:
        return None
    number, unit = found[1], found[2].lower()
    if unit == "ms":
        # At most as many digits as count, since Python refuses to convert thousands of them.
        whole = number.partition(".")[0].lstrip("0")
        most = _MILLISECONDS_MAX
        return (min(int(whole or "0"), most) if len(whole) <= 20 else most) / 1000
    return _delay(float(number))


def _delay(seconds: float) -> float | None:
    return seconds if seconds < _LONGEST else None


def retry_after_from_headers(headers: HeadersLike, now_unix: float | None = None) -> float | None:
    """Return the seconds that a response asks to wait before the next request, None if it does not.

    Reads `retry-after-ms`, then `retry-after` in seconds or as an HTTP date. A date counts from
    the response's own `Date`, where that is missing from `now_unix` (unix seconds), and gives no
    delay without either; one that is past means 0. Never raises on what a peer sent.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    milliseconds = _number(fields.get_text("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = fields.get_text("retry-after")
    seconds = _number(value)
    if seconds is not None:
        return seconds
    at = unix_from_date(value or "")
    now = server_time(fields)
    if now is None:
        now = now_unix
    return None if at is None or now is None else max(0.0, at - now)


def has_retry_after(headers: HeadersLike) -> bool:
    """Whether `retry-after` has whole seconds or a date (additions-2026-11.md 1.2)."""
    value = Headers.of(headers).get_text("retry-after") or ""
    return _WHOLE.fullmatch(value.strip(" \t")) is not None or unix_from_date(value) is not None


def retry_at_from_headers(headers: HeadersLike) -> float | None:
    """Return the unix time that `retry-after` names by a date, None where it names none."""
    return unix_from_date(Headers.of(headers).get_text("retry-after") or "")


def server_time(headers: HeadersLike) -> float | None:
    """Return the unix time of the response by its own `Date`, None without one."""
    return unix_from_date(Headers.of(headers).get_text("date") or "")


def finite(number: int | float | None) -> float | None:
    """Return a number as a float; None for None and for one that no float can hold."""
    try:
        value = math.nan if number is None else float(number)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _number(text: str | None) -> float | None:
    text = (text or "").strip(" \t")
    return _delay(float(text)) if _NUMBER.fullmatch(text) else None


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
    try:
        date = datetime(
            century + int(year),
            _MONTHS.index(month.lower()) + 1,
            int(day),
            int(hour),
            int(minute),
            # A leap second is as good as the one before.
            min(int(second), 59) if int(second) <= 60 else 61,
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return date.timestamp()
