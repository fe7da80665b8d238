"""Snapshots from the headers of a response: `x-codex-...`, and one family for each other limit.

A value that cannot be read is as good as absent. Nothing here raises on what a peer sent.

Source: wire.md 5.2 and 5.4, 6.4 (row 8).
"""

from __future__ import annotations

import math
import re
import string
from typing import Final

import msgspec

from codex_proto.errors._rate_limits import (
    DEFAULT_LIMIT_ID,
    AnyLimitReachedType,
    CreditsSnapshot,
    RateLimitSnapshot,
    RateLimitWindow,
    limit_reached_type,
)
from codex_proto.http import Headers, HeadersLike, is_header_name

__all__ = [
    "BLANKS",
    "active_limit",
    "normal_limit_id",
    "promo_message",
    "rate_limit_for",
    "rate_limit_reached_type",
    "rate_limits_from_headers",
    "usage_limit_from_headers",
]

_CREDITS_FIELDS: Final = (
    "x-codex-credits-has-credits",
    "x-codex-credits-unlimited",
    "x-codex-credits-balance",
)
_WINDOW_PARTS: Final = ("used-percent", "window-minutes", "reset-at")
_DEFAULT_FIELDS: Final = (
    *(f"x-codex-{window}-{part}" for window in ("primary", "secondary") for part in _WINDOW_PARTS),
    "x-codex-limit-name",
    *_CREDITS_FIELDS,
)
_FAMILY: Final = re.compile(r"x-(.*)-primary-used-percent")

# What Rust reads as a finite f64: no blanks, no underscores, ASCII digits only.
_FLOAT: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# Zeros in front cost nothing there, and Python refuses to convert thousands of digits.
_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]{1,19})")
_I64_MIN: Final = -(2**63)
_I64_MAX: Final = 2**63 - 1

# Unicode's White_Space; Python's own `strip` also takes U+001C to U+001F.
BLANKS: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_LOWER_ID: Final = str.maketrans(string.ascii_uppercase + "-", string.ascii_lowercase + "_")


def normal_limit_id(name: str) -> str:
    """Return a limit's name as an id: no blanks around it, lower case, `_` instead of `-`."""
    return name.strip(BLANKS).translate(_LOWER_ID)


def rate_limits_from_headers(
    headers: HeadersLike, *, always_default: bool = True
) -> tuple[RateLimitSnapshot, ...]:
    """Return what the headers tell about all limits: `codex` first, the others sorted by id.

    Another limit is found by its `x-<limit>-primary-used-percent` and reported when it has a
    window or there are credits. The limit `codex` is reported always, even with nothing in it, as
    upstream does; with `always_default=False` only when at least one of its headers is there.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    snapshots: list[RateLimitSnapshot] = []
    if always_default or any(name in fields for name in _DEFAULT_FIELDS):
        snapshots.append(rate_limit_for(fields))
    found = {
        normal_limit_id(match[1])
        for name in fields.names()
        if is_header_name(name) and (match := _FAMILY.fullmatch(name))
    }
    others = (rate_limit_for(fields, limit) for limit in sorted(found - {DEFAULT_LIMIT_ID}))
    snapshots.extend(other for other in others if other.has_data)
    return tuple(snapshots)


def rate_limit_for(headers: HeadersLike, limit_id: str | None = None) -> RateLimitSnapshot:
    """Return what the headers tell about one limit, by its id in any spelling.

    None and blank mean `codex`. A limit without headers gives a snapshot without windows; credits
    are the account's and are in every snapshot.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    limit = normal_limit_id(limit_id or "") or DEFAULT_LIMIT_ID
    prefix = f"x-{limit.replace('_', '-')}"
    return RateLimitSnapshot(
        limit_id=limit,
        limit_name=_words(fields, f"{prefix}-limit-name"),
        primary=_window(fields, f"{prefix}-primary"),
        secondary=_window(fields, f"{prefix}-secondary"),
        credits=_credits(fields),
    )


def usage_limit_from_headers(headers: HeadersLike) -> RateLimitSnapshot:
    """Return the limit that a 429 is about: the active one, and why it was reached.

    For the usage-limit error (wire.md 6.4, row 8). Where the headers do not name the limit it is
    `codex`.
    """
    fields = Headers.of(headers)
    return msgspec.structs.replace(
        rate_limit_for(fields, active_limit(fields)),
        rate_limit_reached_type=rate_limit_reached_type(fields),
    )


def active_limit(headers: HeadersLike) -> str | None:
    """Return the id of the limit in force (`x-codex-active-limit`), or None."""
    name = _words(Headers.of(headers), "x-codex-active-limit")
    return None if name is None else normal_limit_id(name)


def rate_limit_reached_type(headers: HeadersLike) -> AnyLimitReachedType | None:
    """Return which limit was reached (`x-codex-rate-limit-reached-type`), or None."""
    name = _words(Headers.of(headers), "x-codex-rate-limit-reached-type")
    return None if name is None else limit_reached_type(name)


def promo_message(headers: HeadersLike) -> str | None:
    """Return the offer that comes with a reached limit (`x-codex-promo-message`), if any."""
    return _words(Headers.of(headers), "x-codex-promo-message")


def _window(fields: Headers, prefix: str) -> RateLimitWindow | None:
    percent, minutes, reset = (f"{prefix}-{part}" for part in _WINDOW_PARTS)
    used_percent = _float(fields.get_text(percent))
    if used_percent is None:
        return None
    window = RateLimitWindow(
        used_percent=used_percent,
        window_minutes=_integer(fields.get_text(minutes)),
        resets_at=_integer(fields.get_text(reset)),
    )
    # A server that has nothing to say sends zeros.
    says_something = used_percent != 0 or window.window_minutes or window.resets_at is not None
    return window if says_something else None


def _credits(fields: Headers) -> CreditsSnapshot | None:
    has_credits, unlimited = (_bool(fields.get_text(name)) for name in _CREDITS_FIELDS[:2])
    if has_credits is None or unlimited is None:
        return None
    return CreditsSnapshot(
        has_credits=has_credits,
        unlimited=unlimited,
        balance=_words(fields, _CREDITS_FIELDS[2]),
    )


def _words(fields: Headers, name: str) -> str | None:
    return (fields.get_text(name) or "").strip(BLANKS) or None


def _bool(text: str | None) -> bool | None:
    match (text or "").lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            return None


def _float(text: str | None) -> float | None:
    if text is None or _FLOAT.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _integer(text: str | None) -> int | None:
    match = _INTEGER.fullmatch(text or "")
    if match is None:
        return None
    value = int(match[1] + match[2])
    return value if _I64_MIN <= value <= _I64_MAX else None
