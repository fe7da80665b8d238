"""The codes of errors that mean something of their own, whichever way they come.

Source: wire.md 1.8, 2.7 and 6.4.
"""

from __future__ import annotations

from typing import Final

from codex_proto.errors import (
    ApiError,
    ConnectionLimitReached,
    ContextWindowExceeded,
    CyberPolicy,
    FlexUnavailable,
    InvalidRequest,
    MisalignmentPolicyViolation,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    ServerOverloaded,
    UsageNotIncluded,
)

__all__ = ["FAILED_CODES"]

# Those of `response.failed` (wire.md 1.8); an HTTP answer must have the status that goes with it.
FAILED_CODES: Final[dict[str, type[ApiError]]] = {
    "context_length_exceeded": ContextWindowExceeded,
    "credit_balance_exhausted": QuotaExceeded,
    "insufficient_quota": QuotaExceeded,
    "organization_spend_limit_exceeded": QuotaExceeded,
    "project_spend_limit_exceeded": QuotaExceeded,
    "usage_not_included": UsageNotIncluded,
    "cyber_policy": CyberPolicy,
    "misalignment_policy_violation": MisalignmentPolicyViolation,
    "invalid_prompt": InvalidRequest,
    "bio_policy": InvalidRequest,
    "server_is_overloaded": ServerOverloaded,
    "slow_down": ServerOverloaded,
    "rate_limit_exceeded": RateLimitExceeded,
    "flex_unavailable": FlexUnavailable,
}
# Only a 429 has this one (wire.md 6.4, row 10).
HTTP_CODES: Final = FAILED_CODES | {"organization_usage_limit_exceeded": QuotaExceeded}
# Those of an `error` frame that need no status (wire.md 2.7).
FRAME_CODES: Final[dict[str, type[ApiError]]] = {
    "websocket_connection_limit_reached": ConnectionLimitReached,
    "previous_response_not_found": PreviousResponseNotFound,
    "flex_unavailable": FlexUnavailable,
}
