"""Rate limits: what a server reports about how much of an allowance is used.

Snapshots of the Codex backend's limits come from headers (`rate_limits_from_headers`) and from the
event `codex.rate_limits` (`rate_limit_from_event`), and several make one (`merge_rate_limits`).
The public API has its own headers (`api_rate_limits`).

Source: wire.md 5.
"""

# Also in the face: AnyLimitReachedType, AnyPlanType of codex_proto.errors._rate_limits.
# Also in the face: CreditsSnapshot, DEFAULT_LIMIT_ID of codex_proto.errors._rate_limits.
# Also in the face: LimitReachedType, PlanType of codex_proto.errors._rate_limits.
# Also in the face: RateLimitSnapshot of codex_proto.errors._rate_limits.
# Also in the face: RateLimitWindow, SpendControlLimit of codex_proto.errors._rate_limits.
# Also in the face: limit_reached_type, plan_type of codex_proto.errors._rate_limits.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.rate_limits._api import *
    from codex_proto.rate_limits._from_headers import *
    from codex_proto.rate_limits._merge import *
    from codex_proto.rate_limits._times import *
    from codex_proto.errors._rate_limits import AnyLimitReachedType as AnyLimitReachedType
    from codex_proto.errors._rate_limits import AnyPlanType as AnyPlanType
    from codex_proto.errors._rate_limits import CreditsSnapshot as CreditsSnapshot
    from codex_proto.errors._rate_limits import DEFAULT_LIMIT_ID as DEFAULT_LIMIT_ID
    from codex_proto.errors._rate_limits import LimitReachedType as LimitReachedType
    from codex_proto.errors._rate_limits import PlanType as PlanType
    from codex_proto.errors._rate_limits import RateLimitSnapshot as RateLimitSnapshot
    from codex_proto.errors._rate_limits import RateLimitWindow as RateLimitWindow
    from codex_proto.errors._rate_limits import SpendControlLimit as SpendControlLimit
    from codex_proto.errors._rate_limits import limit_reached_type as limit_reached_type
    from codex_proto.errors._rate_limits import plan_type as plan_type
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_api": "ApiRateLimit ApiRateLimits api_rate_limits",
            "_from_headers": (
                "BLANKS active_limit normal_limit_id promo_message rate_limit_for "
                "rate_limit_reached_type rate_limits_from_headers usage_limit_from_headers"
            ),
            "_merge": "merge_rate_limits",
            "_times": "Moment moment_from_number parse_duration read_moment unix_from_number",
            "codex_proto.errors._rate_limits": (
                "AnyLimitReachedType AnyPlanType CreditsSnapshot DEFAULT_LIMIT_ID "
                "LimitReachedType PlanType RateLimitSnapshot RateLimitWindow SpendControlLimit "
                "limit_reached_type plan_type"
            ),
        },
    )
# isort: on
# -- end of what is written
