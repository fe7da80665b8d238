"""The limits of the public API and of others, sent in `x-ratelimit-...` and `ratelimit...` headers.

Source: observed.md, "Public recordings" (how `x-ratelimit-reset-*` is written);
draft-ietf-httpapi-ratelimit-headers (`RateLimit`, `RateLimit-Policy`, and the fields of its drafts
before 07); docs/servers.md.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from codex_proto.http import Headers, HeadersLike, unix_from_date
from codex_proto.rate_limits._times import Moment, read_moment

__all__ = ["ApiRateLimit", "ApiRateLimits", "api_rate_limits"]

# `100`, and `100, 100;w=60` of the drafts.
_COUNT: Final = re.compile(r"([0-9]{1,18})(?:\.0{1,18})?(?:[ \t]*[,;].*)?", re.DOTALL)
_FLAT: Final = ("limit", "remaining", "reset")
# What quotes hold is not cut.
_MEMBERS: Final = re.compile(r'(?:"[^"]*"|[^",])+')
_PARAMETERS: Final = re.compile(r'(?:"[^"]*"|[^";])+')


class ApiRateLimit(Struct, frozen=True, kw_only=True, gc=False):
    """One limit: how much it allows, how much is left, seconds until it is whole again.

    A server may name the time instead: `reset_at` (unix seconds), and then `reset` follows from the
    response's `Date`, or is None without a clock. None where the server did not send it, or not in
    a way that can be read.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    reset_at: float | None = None

    def __bool__(self) -> bool:
        return self != ApiRateLimit()


class ApiRateLimits(Struct, frozen=True, kw_only=True):
    """The limits that one response reports; one that it does not report is false in a condition."""

    requests: ApiRateLimit = ApiRateLimit()
    tokens: ApiRateLimit = ApiRateLimit()
    input_images: ApiRateLimit = ApiRateLimit()

    def __bool__(self) -> bool:
        return bool(self.requests or self.tokens or self.input_images)


def api_rate_limits(headers: HeadersLike, *, now_unix: float | None = None) -> ApiRateLimits:
    """Return the limits that the headers of a response report.

    Headers that name no resource (`x-ratelimit-limit`, `ratelimit-limit`, `ratelimit`) are about
    requests. `now_unix` (unix seconds) turns a time into a delay where the response has no `Date`
    field.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    date = unix_from_date(fields.get_text("date") or "")
    now = now_unix if date is None else date
    structured = _structured(fields, now)
    return ApiRateLimits(
        requests=_limit(fields, "-requests", now)
        or _limit(fields, "", now)
        or structured.get("requests", ApiRateLimit()),
        tokens=_limit(fields, "-tokens", now) or structured.get("tokens", ApiRateLimit()),
        input_images=_limit(fields, "-input-images", now),
    )


def _limit(fields: Headers, resource: str, now: float | None) -> ApiRateLimit:
    limit, remaining, reset = (
        fields.get_text(f"x-ratelimit-{part}{resource}")
        or fields.get_text(f"ratelimit-{part}{resource}")
        for part in _FLAT
    )
    return _from_texts(limit, remaining, reset, now=now)


def _from_texts(
    limit: str | None, remaining: str | None, reset: str | None, *, now: float | None
) -> ApiRateLimit:
    moment = Moment() if reset is None else read_moment(reset)
    return ApiRateLimit(
        limit=_count(limit),
        remaining=_count(remaining),
        reset=moment.delay_from(now),
        reset_at=moment.at,
    )


def _count(text: str | None) -> int | None:
    found = _COUNT.fullmatch((text or "").strip(" \t"))
    return int(found[1]) if found else None


def _structured(fields: Headers, now: float | None) -> dict[str, ApiRateLimit]:
    """Read the limits of `RateLimit`, with their quotas from `RateLimit-Policy`, by resource.

    A limit whose name has "token" in it is about tokens, any other about requests; the first of
    each counts. `limit=9, remaining=5, reset=3` is how the drafts wrote one before it had a name.
    """
    value = fields.get_text("ratelimit") or ""
    quotas = {name: found.get("q") for name, found in _members(fields.get_text("ratelimit-policy"))}
    flat: dict[str, str] = {}
    limits: dict[str, ApiRateLimit] = {}
    for name, found in _members(value):
        key, _, number = name.partition("=")
        if key.lower() in _FLAT:
            flat[key.lower()] = number
            continue
        limit = _from_texts(quotas.get(name), found.get("r"), found.get("t"), now=now)
        limits.setdefault("tokens" if "token" in name.lower() else "requests", limit)
    if flat:
        limit = _from_texts(flat.get("limit"), flat.get("remaining"), flat.get("reset"), now=now)
        limits.setdefault("requests", limit)
    return limits


def _members(value: str | None) -> list[tuple[str, dict[str, str]]]:
    """Split a list of RFC 9651 into its members and their parameters, as far as these are plain."""
    members: list[tuple[str, dict[str, str]]] = []
    for member in _MEMBERS.findall(value or ""):
        name, *parameters = _PARAMETERS.findall(member) or [""]
        pairs = (parameter.partition("=") for parameter in parameters)
        found = {key.strip(" \t").lower(): number for key, _, number in pairs}
        members.append((name.strip(" \t").strip('"'), found))
    return members
