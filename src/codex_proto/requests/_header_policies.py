"""Which header fields a request has: one table for what options become, one order for the rest.

Source: wire.md 4.5, 2.1 and 9; observed.md, "Requests", "Responses over WebSocket".
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from codex_proto.http import Headers, HeadersLike
from codex_proto.requests._options import (
    MEMORY_CONSOLIDATION,
    ClientInfo,
    ResponsesOptions,
    TraceContext,
)
from codex_proto.versions import EVERY_VERSION, MAY, SINCE_AUGUST, Versions, WireVersion

__all__ = ["HEADER_POLICIES", "Endpoint", "HeaderPolicy", "option_headers", "request_headers"]


class Endpoint(enum.Enum):
    """What a request asks for."""

    RESPONSES = "responses"
    WEBSOCKET = "websocket"
    """The upgrade to a WebSocket for responses."""
    COMPACT = "compact"
    MEMORIES = "memories"
    MODELS = "models"


_HTTP: Final = frozenset({Endpoint.RESPONSES})
_SOCKET: Final = frozenset({Endpoint.WEBSOCKET})
_RESPONSES: Final = _HTTP | _SOCKET
_COMPACT: Final = frozenset({Endpoint.COMPACT})
_IN_A_CONVERSATION: Final = _RESPONSES | _COMPACT
_ALL: Final = _IN_A_CONVERSATION | {Endpoint.MEMORIES}


class HeaderPolicy(Struct, frozen=True):
    """One header field: who sends it where, and what of the options it says."""

    name: str
    value: Callable[[ResponsesOptions], str | None]
    endpoints: frozenset[Endpoint]
    versions: Versions = EVERY_VERSION


def _subagent(options: ResponsesOptions) -> str | None:
    return options.session_source.subagent if options.session_source else None


def _parent_thread(options: ResponsesOptions) -> str | None:
    return options.session_source.parent_thread_id if options.session_source else None


def _memgen(options: ResponsesOptions) -> str | None:
    return "true" if _subagent(options) == MEMORY_CONSOLIDATION else None


def _turn_metadata(options: ResponsesOptions) -> str | None:
    return options.turn_metadata if isinstance(options.turn_metadata, str) else None


HEADER_POLICIES: Final[tuple[HeaderPolicy, ...]] = (
    HeaderPolicy("x-client-request-id", lambda options: options.thread, _RESPONSES),
    HeaderPolicy("session_id", lambda options: options.session, _IN_A_CONVERSATION, MAY),
    HeaderPolicy("session-id", lambda options: options.session, _IN_A_CONVERSATION, SINCE_AUGUST),
    HeaderPolicy("thread-id", lambda options: options.thread, _IN_A_CONVERSATION, SINCE_AUGUST),
    HeaderPolicy("x-openai-subagent", _subagent, _ALL),
    HeaderPolicy("x-openai-memgen-request", _memgen, _ALL),
    HeaderPolicy("x-codex-parent-thread-id", _parent_thread, _IN_A_CONVERSATION),
    HeaderPolicy("x-codex-window-id", lambda options: options.window_id, _IN_A_CONVERSATION),
    HeaderPolicy(
        "x-codex-beta-features",
        lambda options: ",".join(options.beta_features) or None,
        _IN_A_CONVERSATION,
    ),
    HeaderPolicy("x-codex-turn-state", lambda options: options.turn_state, _HTTP),
    # In August it is the socket's messages that carry it (and compaction that does, too).
    HeaderPolicy("x-codex-turn-state", lambda options: options.turn_state, _SOCKET, MAY),
    HeaderPolicy("x-codex-turn-state", lambda options: options.turn_state, _COMPACT, SINCE_AUGUST),
    HeaderPolicy("x-codex-turn-metadata", _turn_metadata, _RESPONSES),
    HeaderPolicy("x-codex-installation-id", lambda options: options.installation_id, _COMPACT),
    HeaderPolicy(
        "x-codex-routing-hint",
        lambda options: options.routing_hint,
        _IN_A_CONVERSATION,
        SINCE_AUGUST,
    ),
    HeaderPolicy(
        "x-oai-attestation", lambda options: options.attestation, _IN_A_CONVERSATION, SINCE_AUGUST
    ),
    HeaderPolicy(
        "x-openai-internal-codex-responses-lite",
        lambda options: "true" if options.responses_lite else None,
        _HTTP | _COMPACT,
        SINCE_AUGUST,
    ),
    HeaderPolicy(
        "x-codex-inference-call-id", lambda options: options.inference_call_id, _HTTP, SINCE_AUGUST
    ),
    HeaderPolicy(
        "x-responsesapi-include-timing-metrics",
        lambda options: "true" if options.include_timing_metrics else None,
        _SOCKET,
    ),
)
"""The rows; the order on the wire is free (observed.md, "Requests")."""

_FORCED: Final[dict[Endpoint, tuple[tuple[str, str], ...]]] = {
    Endpoint.RESPONSES: (("accept", "text/event-stream"),),
    Endpoint.WEBSOCKET: (("openai-beta", "responses_websockets=2026-02-06"),),
}
_JSON: Final = (("content-type", "application/json"),)
_DEFAULTS: Final[dict[Endpoint, tuple[tuple[str, str], ...]]] = {
    Endpoint.RESPONSES: (*_JSON, ("accept", "*/*")),
    Endpoint.COMPACT: (*_JSON, ("accept", "*/*")),
    Endpoint.MEMORIES: (*_JSON, ("accept", "*/*")),
    Endpoint.MODELS: (("accept", "*/*"),),
}


def option_headers(
    options: ResponsesOptions, endpoint: Endpoint, version: WireVersion
) -> tuple[tuple[str, str], ...]:
    """Return the fields that the options become there."""
    found = (
        (policy.name, policy.value(options))
        for policy in HEADER_POLICIES
        if endpoint in policy.endpoints and version in policy.versions
    )
    return tuple((name, value) for name, value in found if value is not None)


def request_headers(
    provider_headers: HeadersLike,
    options: ResponsesOptions,
    client: ClientInfo,
    endpoint: Endpoint,
    version: WireVersion,
    *,
    is_stream: bool = True,
) -> Headers:
    """Return all fields of a request but those of authorisation and of the connection.

    From weak to strong: the client's defaults, the provider's fields, extra ones, those of the
    options, those the endpoint needs for a stream, the trace context.
    """
    fields: dict[str, tuple[tuple[str, str], ...]] = {}
    for layer in (
        _DEFAULTS.get(endpoint, ()),
        _client_headers(client),
        Headers.of(provider_headers),
        options.extra,
        option_headers(options, endpoint, version),
        _FORCED.get(endpoint, ()) if is_stream else (),
        _trace_headers(options.trace_context),
    ):
        _lay_over(fields, Headers(layer))
    return Headers(pair for pairs in fields.values() for pair in pairs)


def _trace_headers(trace: TraceContext | None) -> tuple[tuple[str, str], ...]:
    if trace is None:
        return ()
    return _present({"traceparent": trace.traceparent, "tracestate": trace.tracestate})


def _client_headers(client: ClientInfo) -> tuple[tuple[str, str], ...]:
    return _present(
        {
            "originator": client.originator,
            "user-agent": client.user_agent,
            "x-openai-internal-codex-residency": client.residency,
        }
    )


def _present(fields: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in fields.items() if value is not None)


def _lay_over(fields: dict[str, tuple[tuple[str, str], ...]], layer: Headers) -> None:
    """Replace all fields of the same names by those of a layer."""
    for name in layer.names():
        fields[name] = tuple((name, value) for value in layer.get_all(name))
