"""Where what we read of rate limits differs from upstream on purpose (see `categories`)."""

from __future__ import annotations

import json

from tests.vectors.categories import Answer, Category, Request

__all__ = ["RATE_LIMIT_EVENT"]


def _plan(request: Request) -> object:
    try:
        message = json.loads(request["payload"])
    except ValueError:
        return None
    return message.get("plan_type") if isinstance(message, dict) else None


def _has_plan_that_upstream_does_not_know(request: Request, upstream: Answer) -> bool:
    plan = _plan(request)
    return (
        isinstance(plan, str)
        and plan != "unknown"
        and len(upstream) == 1
        and upstream[0].get("plan_type") == "unknown"
    )


def _same_but_for_the_plan(request: Request, upstream: Answer, ours: Answer) -> bool:
    return ours == [{**upstream[0], "plan_type": _plan(request)}]


RATE_LIMIT_EVENT: tuple[Category, ...] = (
    Category(
        name="plan_is_kept_by_its_name",
        reason=(
            "Upstream makes `unknown` of a plan that it has no name for, and cannot say which it "
            "was. Plans come and go (six since), so the name is kept as the text that came."
        ),
        lines=3,
        covers=_has_plan_that_upstream_does_not_know,
        expect=_same_but_for_the_plan,
    ),
)
