"""What is known of an account's allowance: one snapshot, whatever the source.

Source: wire.md 5.1, 5.4, 5.5.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

__all__ = [
    "DEFAULT_LIMIT_ID",
    "AnyLimitReachedType",
    "AnyPlanType",
    "CreditsSnapshot",
    "LimitReachedType",
    "PlanType",
    "RateLimitSnapshot",
    "RateLimitWindow",
    "SpendControlLimit",
    "limit_reached_type",
    "plan_type",
]

DEFAULT_LIMIT_ID: Final = "codex"


class PlanType(StrEnum):
    """The plans that are known by name; a plan of any other name is kept as its text.

    `UNKNOWN` is the server's own word, not this library's for what it does not know.
    """

    FREE = "free"
    GO = "go"
    PLUS = "plus"
    PRO = "pro"
    PROLITE = "prolite"
    PROMAX = "promax"
    TEAM = "team"
    SELF_SERVE_BUSINESS_PROLITE = "self_serve_business_prolite"
    SELF_SERVE_BUSINESS_USAGE_BASED = "self_serve_business_usage_based"
    BUSINESS = "business"
    ENT26 = "ent26"
    ENTERPRISE_CBP_AUTOMATION = "enterprise_cbp_automation"
    ENTERPRISE_CBP_USAGE_BASED = "enterprise_cbp_usage_based"
    ENTERPRISE = "enterprise"
    EDU = "edu"
    EDU_PLUS = "edu_plus"
    EDU_PRO = "edu_pro"
    UNKNOWN = "unknown"


class LimitReachedType(StrEnum):
    """Which limit was reached; a word that is not known here is kept as its text."""

    RATE_LIMIT_REACHED = "rate_limit_reached"
    WORKSPACE_OWNER_CREDITS_DEPLETED = "workspace_owner_credits_depleted"
    WORKSPACE_MEMBER_CREDITS_DEPLETED = "workspace_member_credits_depleted"
    WORKSPACE_OWNER_USAGE_LIMIT_REACHED = "workspace_owner_usage_limit_reached"
    WORKSPACE_MEMBER_USAGE_LIMIT_REACHED = "workspace_member_usage_limit_reached"


AnyPlanType: TypeAlias = PlanType | str
AnyLimitReachedType: TypeAlias = LimitReachedType | str

_PLANS: Final = {plan.value: plan for plan in PlanType}
# Error bodies say these, too, and mean the same (wire.md 5.5).
_PLAN_ALIASES: Final = {"hc": PlanType.ENTERPRISE, "education": PlanType.EDU}
_REACHED: Final = {reached.value: reached for reached in LimitReachedType}


def plan_type(name: str, *, aliases: bool = False) -> AnyPlanType:
    """Return the plan of that name, or the name itself where no plan has it.

    Names are lower-case; case matters. `aliases` adds the two that error bodies may use: `hc` for
    enterprise, `education` for edu (wire.md 5.5).
    """
    plan = _PLANS.get(name)
    if plan is None and aliases:
        plan = _PLAN_ALIASES.get(name)
    return name if plan is None else plan


def limit_reached_type(name: str) -> AnyLimitReachedType:
    """Return the kind of limit of that name, or the name itself where it is not known."""
    return _REACHED.get(name, name)


class RateLimitWindow(Struct, frozen=True, kw_only=True, gc=False):
    """How much is used of what one window of time allows.

    `used_percent` is 100 when nothing is left (it may be more), `window_minutes` the window's
    length, `resets_at` unix seconds. None where the server did not send it.
    """

    used_percent: float
    window_minutes: int | None = None
    resets_at: int | None = None


class CreditsSnapshot(Struct, frozen=True, kw_only=True, gc=False):
    """Whether the account has credits beside its plan; `balance` is the server's own text."""

    has_credits: bool
    unlimited: bool
    balance: str | None = None


class SpendControlLimit(Struct, frozen=True, kw_only=True, gc=False):
    """A limit on one person's spending that a workspace sets.

    `limit` and `used` are amounts as the server words them, `resets_at` is unix seconds.
    """

    limit: str
    used: str
    remaining_percent: int
    resets_at: int


class RateLimitSnapshot(Struct, frozen=True, kw_only=True):
    """What one message reported about one limit; what it did not report is None.

    Attributes:
        limit_id: which limit: `codex`, or another in lower case with `_`, such as `codex_other`.
        limit_name: the limit's name for people, often a model.
        primary: the shorter window, usually of hours.
        secondary: the longer window, usually of days.
        credits: the account's credits; the same for all its limits.
        plan_type: the account's plan; a `PlanType`, or the text of one that is not known.
        rate_limit_reached_type: why a request was refused; a `LimitReachedType` or a text.
        individual_limit: the person's own limit. Neither headers nor events tell it; whoever asks
            the usage API can put it here.
        spend_control_reached: whether that limit is reached; from the same source.
    """

    limit_id: str | None = None
    limit_name: str | None = None
    primary: RateLimitWindow | None = None
    secondary: RateLimitWindow | None = None
    credits: CreditsSnapshot | None = None
    # A `PlanType` is a `str`; msgspec does not decode into the union of both.
    plan_type: str | None = None
    rate_limit_reached_type: str | None = None
    individual_limit: SpendControlLimit | None = None
    spend_control_reached: bool | None = None

    @property
    def has_data(self) -> bool:
        """Whether it has a window or credits (wire.md 5.2, order)."""
        return not (self.primary is None and self.secondary is None and self.credits is None)
