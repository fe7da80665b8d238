"""The limits of the public API, sent in `x-ratelimit-...` headers.

Source: observed.md, "Public recordings" (how `x-ratelimit-reset-*` is written).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from codex_proto.http import Headers, HeadersLike

__all__ = ["ApiRateLimit", "ApiRateLimits", "api_rate_limits", "parse_duration"]

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
_COUNT: Final = re.compile(r"[0-9]{1,18}")


class ApiRateLimit(Struct, frozen=True, kw_only=True, gc=False):
    """One limit: how much it allows, how much is left, seconds until it is whole again.

    None where the server did not send it, or not in a way that can be read.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None

    def __bool__(self) -> bool:
        return not (self.limit is None and self.remaining is None and self.reset is None)


class ApiRateLimits(Struct, frozen=True, kw_only=True):
    """The limits that one response reports; one that it does not report is false in a condition."""

    requests: ApiRateLimit = ApiRateLimit()
    tokens: ApiRateLimit = ApiRateLimit()
    input_images: ApiRateLimit = ApiRateLimit()

    def __bool__(self) -> bool:
        return bool(self.requests or self.tokens or self.input_images)


def api_rate_limits(headers: HeadersLike) -> ApiRateLimits:
    """Return the limits that the headers of a public API response tell.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    return ApiRateLimits(
        requests=_limit(fields, "requests"),
        tokens=_limit(fields, "tokens"),
        input_images=_limit(fields, "input-images"),
    )


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


def _limit(fields: Headers, resource: str) -> ApiRateLimit:
    reset = fields.get_text(f"x-ratelimit-reset-{resource}")
    return ApiRateLimit(
        limit=_count(fields.get_text(f"x-ratelimit-limit-{resource}")),
        remaining=_count(fields.get_text(f"x-ratelimit-remaining-{resource}")),
        reset=None if reset is None else parse_duration(reset),
    )


def _count(text: str | None) -> int | None:
    text = (text or "").strip(" \t")
    return int(text) if _COUNT.fullmatch(text) else None
