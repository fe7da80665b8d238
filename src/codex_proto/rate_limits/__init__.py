"""Rate limits: what a server tells about how much of an allowance is used.

Snapshots of the Codex backend's limits come from headers (`rate_limits_from_headers`) and from the
event `codex.rate_limits` (`rate_limit_from_event`), and several make one (`merge_rate_limits`).
The public API has its own headers (`api_rate_limits`).

Source: wire.md 5.
"""

from codex_proto.rate_limits.api import (
    ApiRateLimit,
    ApiRateLimits,
    api_rate_limits,
    parse_duration,
)
from codex_proto.rate_limits.from_event import rate_limit_from_event
from codex_proto.rate_limits.from_headers import (
    active_limit,
    normal_limit_id,
    promo_message,
    rate_limit_for,
    rate_limit_reached_type,
    rate_limits_from_headers,
    usage_limit_from_headers,
)
from codex_proto.rate_limits.merge import merge_rate_limits
from codex_proto.rate_limits.types import (
    DEFAULT_LIMIT_ID,
    AnyLimitReachedType,
    AnyPlanType,
    CreditsSnapshot,
    LimitReachedType,
    PlanType,
    RateLimitSnapshot,
    RateLimitWindow,
    SpendControlLimit,
    limit_reached_type,
    plan_type,
)

__all__ = [
    "DEFAULT_LIMIT_ID",
    "AnyLimitReachedType",
    "AnyPlanType",
    "ApiRateLimit",
    "ApiRateLimits",
    "CreditsSnapshot",
    "LimitReachedType",
    "PlanType",
    "RateLimitSnapshot",
    "RateLimitWindow",
    "SpendControlLimit",
    "active_limit",
    "api_rate_limits",
    "limit_reached_type",
    "merge_rate_limits",
    "normal_limit_id",
    "parse_duration",
    "plan_type",
    "promo_message",
    "rate_limit_for",
    "rate_limit_from_event",
    "rate_limit_reached_type",
    "rate_limits_from_headers",
    "usage_limit_from_headers",
]
