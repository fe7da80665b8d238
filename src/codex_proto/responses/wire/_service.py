"""Wire events of the service itself: limits, metadata, timing, signs of life.

In no public specification; the Codex backend, the public API and gateways send them.

Source: wire.md 1.6, 2.6, 5.3; observed.md, "Public recordings".
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import Lazy, Opt
from codex_proto.responses.wire._base import AnnotatedEvent

__all__ = [
    "CodexRateLimits",
    "CodexResponseMetadata",
    "GatewayPing",
    "Keepalive",
    "ResponseMetadata",
    "WebSocketTiming",
]


class CodexRateLimits(AnnotatedEvent, frozen=True, kw_only=True, gc=False, tag="codex.rate_limits"):
    """How much of the account's allowance is used, sent in the stream."""

    codex_name = "RateLimits"
    section = "wire.md 2.6"

    plan_type: Opt[str] = UNSET
    metered_limit_name: Opt[str] = UNSET
    limit_name: Opt[str] = UNSET
    raw_rate_limits: Raw | UnsetType = msgspec.field(default=UNSET, name="rate_limits")
    raw_credits: Raw | UnsetType = msgspec.field(default=UNSET, name="credits")
    raw_code_review_rate_limits: Raw | UnsetType = msgspec.field(
        default=UNSET, name="code_review_rate_limits"
    )
    raw_additional_rate_limits: Raw | UnsetType = msgspec.field(
        default=UNSET, name="additional_rate_limits"
    )
    raw_promo: Raw | UnsetType = msgspec.field(default=UNSET, name="promo")

    rate_limits = Lazy[Any](object)
    credits = Lazy[Any](object)
    code_review_rate_limits = Lazy[Any](object)
    additional_rate_limits = Lazy[Any](object)
    promo = Lazy[Any](object)


class CodexResponseMetadata(
    AnnotatedEvent, frozen=True, kw_only=True, gc=False, tag="codex.response.metadata"
):
    """What an HTTP response says in its headers, sent in the stream."""

    codex_name = "ModelsEtag"
    section = "wire.md 2.6"

    raw_metadata: Raw | UnsetType = msgspec.field(default=UNSET, name="metadata")

    metadata = Lazy[Any](object)


class ResponseMetadata(
    AnnotatedEvent, frozen=True, kw_only=True, gc=False, tag="response.metadata"
):
    """Verdicts about the turn: verification, moderation, safety buffering."""

    codex_name = "ModelVerifications"
    section = "wire.md 2.6"

    raw_metadata: Raw | UnsetType = msgspec.field(default=UNSET, name="metadata")

    metadata = Lazy[Any](object)


class WebSocketTiming(
    AnnotatedEvent, frozen=True, kw_only=True, gc=False, tag="responsesapi.websocket_timing"
):
    """How long the service took for what, in milliseconds."""

    section = "wire.md 2.6"

    raw_timing_metrics: Raw | UnsetType = msgspec.field(default=UNSET, name="timing_metrics")

    timing_metrics = Lazy[dict[str, Any]](dict[str, Any])


class Keepalive(AnnotatedEvent, frozen=True, kw_only=True, gc=False, tag="keepalive"):
    """A sign of life without content; it may come even after the response is complete."""

    section = 'observed.md, "Public recordings"'


class GatewayPing(AnnotatedEvent, frozen=True, kw_only=True, gc=False, tag="ping"):
    """A gateway's sign of life, at times with the `cost` of the request as text."""

    section = 'observed.md, "Public recordings"'

    raw_cost: Raw | UnsetType = msgspec.field(default=UNSET, name="cost")

    cost = Lazy[Any](object)
