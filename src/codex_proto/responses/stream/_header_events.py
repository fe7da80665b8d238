"""What the headers of an answer say: events, in upstream's order, and a few facts.

Source: wire.md 1.3 (HTTP), 2.1 and 2.4 (the handshake of a WebSocket).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from codex_proto.http import Headers, HeadersLike
from codex_proto.rate_limits import rate_limits_from_headers
from codex_proto.responses.stream._derived import (
    DerivedEvent,
    ModelsEtag,
    RateLimits,
    ServerModel,
    ServerReasoningIncluded,
)

__all__ = ["events_from_headers", "request_id_from_headers", "turn_state_from_headers"]

ETAG_HEADER: Final = "x-models-etag"
TURN_STATE_HEADER: Final = "x-codex-turn-state"


class SafetyTreatment(NamedTuple):
    """That safety buffering is on, and the model that would answer without it."""

    faster_model: str | None


def events_from_headers(
    headers: HeadersLike, transport: Literal["sse", "websocket"] = "sse"
) -> list[DerivedEvent]:
    """Return the events that the headers of an answer carry, before any of its body.

    `transport` is `sse` for an HTTP answer and `websocket` for a handshake, whose rate limits
    nobody reads. A value outside printable ASCII counts as absent.

    Raises:
        LocalProtocolError: `headers` is neither a mapping nor pairs.
    """
    fields = Headers.of(headers)
    events: list[DerivedEvent] = []
    model = fields.get_text("openai-model")
    if model is not None:
        events.append(ServerModel(model))
    if transport == "sse":
        snapshots = rate_limits_from_headers(fields, always_default=False)
        events += [RateLimits(snapshot) for snapshot in snapshots]
    etag = fields.get_text(ETAG_HEADER)
    if etag is not None:
        events.append(ModelsEtag(etag))
    if "x-reasoning-included" in fields:
        events.append(ServerReasoningIncluded())
    return events


def turn_state_from_headers(headers: HeadersLike) -> str | None:
    """Return `x-codex-turn-state`, which goes back with the next request of the turn."""
    return Headers.of(headers).get_text(TURN_STATE_HEADER)


def request_id_from_headers(headers: HeadersLike) -> str | None:
    """Return what the server calls this request, for a report of a problem."""
    fields = Headers.of(headers)
    return fields.get_text("x-request-id") or fields.get_text("x-oai-request-id")


def safety_treatment_from_headers(headers: HeadersLike) -> SafetyTreatment | None:
    """Return the treatment that the headers tell, None where they tell none.

    Either header does; the value of the first is not looked at (wire.md 1.6).
    """
    fields = Headers.of(headers)
    faster_model = fields.get_text("x-codex-safety-buffering-faster-model")
    if faster_model is None and "x-codex-safety-buffering-enabled" not in fields:
        return None
    return SafetyTreatment(faster_model)
