"""What is known after several snapshots, each of which may tell only a part."""

from __future__ import annotations

from typing import Final

import msgspec

from codex_proto.errors._rate_limits import DEFAULT_LIMIT_ID, RateLimitSnapshot

__all__ = ["merge_rate_limits"]

# What belongs to the account, whichever of its limits a message is about ...
_OF_THE_ACCOUNT: Final = ("credits", "plan_type", "individual_limit", "spend_control_reached")
# ... and what is only true of the limit it was said about.
_OF_THE_LIMIT: Final = ("limit_name", "primary", "secondary", "rate_limit_reached_type")


def merge_rate_limits(old: RateLimitSnapshot | None, new: RateLimitSnapshot) -> RateLimitSnapshot:
    """Return `new`, with what it does not tell taken from `old` where that still holds.

    Credits, plan and spend control hold for the account and are always taken over; name, windows
    and what was reached only when both are about the same limit. A window is taken over or
    replaced whole. A snapshot without a limit id is about `codex`.
    """
    changes: dict[str, object] = {}
    if new.limit_id is None:
        changes["limit_id"] = DEFAULT_LIMIT_ID
    if old is not None:
        is_same = (old.limit_id or DEFAULT_LIMIT_ID) == (new.limit_id or DEFAULT_LIMIT_ID)
        for name in (*_OF_THE_ACCOUNT, *(_OF_THE_LIMIT if is_same else ())):
            if getattr(new, name) is None:
                changes[name] = getattr(old, name)
    return msgspec.structs.replace(new, **changes)
