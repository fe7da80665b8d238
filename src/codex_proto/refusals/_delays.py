"""Reads how long the peer asks to wait, from `Retry-After` and its kin and from a body's members.

No clock is read. A date is turned into a delay by the response's own `Date`, so that a wrong clock
on either side does no harm, or by the `now_unix` that a caller gives.

Source: wire.md 6.7; RFC 9110, 5.6.7 (dates) and 10.2.3 (`Retry-After`); docs/servers.md.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final, cast

from codex_proto.http import Headers, HeadersLike, unix_from_date
from codex_proto.rate_limits import Moment, moment_from_number, read_moment, unix_from_number

__all__ = ["finite", "retry_after_from_headers", "unix_time"]

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,18})?")
# As many digits as a delay of less than 2^64 seconds may have, with a zero or two before them.
_WHOLE: Final = re.compile(r"[0-9]{1,19}")

# Members of an error that hold a delay, in seconds if it is a number or a text without a unit.
_DELAYS: Final = (
    "resets_in_seconds",
    "retry_after",
    "retry_after_seconds",
    "retryAfter",
    "retryAfterSeconds",
    "retry_delay",
    "retryDelay",
    "quotaResetDelay",
)
_MILLISECONDS: Final = ("retry_after_ms", "retryAfterMs")
_TIMES: Final = ("resets_at", "reset_at", "quotaResetTimeStamp")
# How many of a list of details are looked at: Google sends three or four.
_DETAILS: Final = 32


def retry_after_from_headers(headers: HeadersLike, now_unix: float | None = None) -> float | None:
    """Return the seconds that a response asks to wait before the next request, None if it does not.

    Reads `retry-after-ms`, then `retry-after` in seconds, as an HTTP date, and as some servers have
    it: with a unit (`30s`), as an ISO date, as a unix time. A date counts from the response's own
    `Date`, where that is missing from `now_unix` (unix seconds), and gives no delay without either;
    one that is past means 0. Never raises on what a peer sent.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    milliseconds = _number(fields.get_text("retry-after-ms"))
    if milliseconds is not None:
        delay = moment_from_number(milliseconds / 1000).delay
        if delay is not None:
            return delay
    now = server_time(fields)
    return _retry_after(fields).delay_from(now_unix if now is None else now)


def retry_at_from_headers(headers: HeadersLike) -> float | None:
    """Return the unix time that `retry-after` names by a date, None where it names none."""
    return _retry_after(Headers.of(headers)).at


def _retry_after(fields: Headers) -> Moment:
    value = fields.get_text("retry-after") or ""
    seconds = _number(value)
    return read_moment(value) if seconds is None else moment_from_number(seconds)


def has_retry_after(headers: HeadersLike) -> bool:
    """Whether `retry-after` has whole seconds or a date (additions-2026-11.md 1.2)."""
    value = Headers.of(headers).get_text("retry-after") or ""
    return _WHOLE.fullmatch(value.strip(" \t")) is not None or unix_from_date(value) is not None


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
    return finite(float(text)) if _NUMBER.fullmatch(text) else None


# -- the members of a body ------------------------------------------------------------------------


def unix_time(value: object) -> float | None:
    """Return the unix seconds of a `resets_at`: a number, a number as text, an ISO or HTTP date.

    None for anything else. Milliseconds are known by their size.
    """
    if isinstance(value, str):
        text = value.strip(" \t")
        if not _WHOLE_NUMBER.fullmatch(text):
            return read_moment(text).at
        value = float(text)
    number = _finite(value)
    if number is None:
        return None
    return unix_from_number(number) or number


def moment_from_record(record: dict[str, Any]) -> Moment:
    """Return the delay and the time that an error record names by its members.

    Google has the delay in one of its `details` or in the `metadata` of one, OpenRouter in its own.
    """
    details: list[object] = record["details"] if isinstance(record.get("details"), list) else []
    found = [_record(place) for place in (record, *details[:_DETAILS])]
    records = [*found, *(_record(place.get("metadata")) for place in found)]
    delays = (_delay(place) for place in records)
    times = (unix_time(place.get(name)) for place in records for name in _TIMES)
    return Moment(
        next((delay for delay in delays if delay is not None), None),
        next((time for time in times if time is not None), None),
    )


def _delay(record: dict[str, Any]) -> float | None:
    for name in _DELAYS:
        delay = _delay_of(record.get(name))
        if delay is not None:
            return delay
    for name in _MILLISECONDS:
        delay = _delay_of(record.get(name))
        if delay is not None:
            return delay / 1000
    return None


def _delay_of(value: object) -> float | None:
    if isinstance(value, str):
        return read_moment(value).delay
    if isinstance(value, dict):
        # A duration of Protocol Buffers, written as a record.
        value = cast("dict[str, Any]", value).get("seconds")
    number = _finite(value)
    return None if number is None else moment_from_number(max(0.0, number)).delay


def _record(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _finite(value: object) -> float | None:
    return finite(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
