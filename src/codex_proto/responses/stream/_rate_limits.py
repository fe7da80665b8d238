"""A snapshot from the event `codex.rate_limits`.

Source: wire.md 5.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from codex_proto._wire import DECODE_ERRORS
from codex_proto.rate_limits import (
    DEFAULT_LIMIT_ID,
    CreditsSnapshot,
    RateLimitSnapshot,
    RateLimitWindow,
    normal_limit_id,
    plan_type,
)

if TYPE_CHECKING:
    from codex_proto.responses.wire import CodexRateLimits

__all__ = ["rate_limit_from_event"]

_I64: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Window(Struct, frozen=True):
    used_percent: float
    window_minutes: _I64 | None = None
    reset_at: _I64 | None = None


class _Details(Struct, frozen=True):
    primary: _Window | None = None
    secondary: _Window | None = None


_decode_details: Final = msgspec.json.Decoder(_Details | None).decode
_decode_credits: Final = msgspec.json.Decoder(CreditsSnapshot | None).decode
# A wrong type in one of these makes the whole event say nothing.
_TEXT_MEMBERS: Final = frozenset({"plan_type", "metered_limit_name", "limit_name"})


def rate_limit_from_event(
    event: CodexRateLimits | bytes | bytearray | memoryview | str,
) -> RateLimitSnapshot | None:
    """Return what a `codex.rate_limits` event reports about one limit.

    Takes the event, or the JSON of one. Unlike in headers a window of zeros is kept. None where
    upstream would drop the event: a member that it reads has a wrong type, or the message is no
    such event at all.

    Raises:
        LocalProtocolError: `event` is of another type.
    """
    read = _read_event(event)
    if read is None or any(note.field in _TEXT_MEMBERS for note in read.notes):
        return None
    try:
        details: _Details | None = _decode_member(_decode_details, read.raw_rate_limits)
        credits_: CreditsSnapshot | None = _decode_member(_decode_credits, read.raw_credits)
    except DECODE_ERRORS:
        return None
    return RateLimitSnapshot(
        limit_id=_limit_id(read),
        primary=_window(details.primary if details else None),
        secondary=_window(details.secondary if details else None),
        credits=credits_,
        plan_type=plan_type(read.plan_type) if isinstance(read.plan_type, str) else None,
    )


def _read_event(event: Any) -> CodexRateLimits | None:
    # Not at the top of the file: the streams of `responses` make use of this module.
    from codex_proto.responses.wire import CodexRateLimits, decode_response_event

    if isinstance(event, CodexRateLimits):
        return event
    decoded = decode_response_event(event)
    return decoded if isinstance(decoded, CodexRateLimits) else None


def _decode_member(decode: Any, raw: object) -> Any:
    return decode(raw) if isinstance(raw, Raw) else None


def _limit_id(event: CodexRateLimits) -> str:
    # An empty name is a name, too: only one that is absent or null makes way for the next.
    for name in (event.metered_limit_name, event.limit_name):
        if isinstance(name, str):
            return normal_limit_id(name)
    return DEFAULT_LIMIT_ID


def _window(window: _Window | None) -> RateLimitWindow | None:
    if window is None:
        return None
    return RateLimitWindow(
        used_percent=window.used_percent,
        window_minutes=window.window_minutes,
        resets_at=window.reset_at,
    )
