"""Rate limits: what a server tells about how much of an allowance is used.

Snapshots of the Codex backend's limits come from headers (`rate_limits_from_headers`) and from the
event `codex.rate_limits` (`rate_limit_from_event`), and several make one (`merge_rate_limits`).
The public API has its own headers (`api_rate_limits`).

Source: wire.md 5.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.rate_limits._api import *
    from codex_proto.rate_limits._from_headers import *
    from codex_proto.rate_limits._merge import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_api": "ApiRateLimit ApiRateLimits api_rate_limits parse_duration",
            "_from_headers": (
                "BLANKS active_limit normal_limit_id promo_message rate_limit_for "
                "rate_limit_reached_type rate_limits_from_headers usage_limit_from_headers"
            ),
            "_merge": "merge_rate_limits",
        },
    )
# isort: on
# -- end of what is written
