"""What goes into `client_metadata` of a request's body: one table.

Source: wire.md 4.2 and 4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from codex_proto.requests._options import ResponsesOptions
from codex_proto.requests._retry_state import Transport
from codex_proto.versions import WireVersion

__all__ = ["METADATA_POLICIES", "MetadataPolicy", "client_metadata"]

_HTTP: Final = "http"
_WS: Final = "websocket"
_MAY: Final = WireVersion.V2026_05
_AUGUST: Final = WireVersion.V2026_08

_SOCKET: Final = frozenset({(_MAY, _WS), (_AUGUST, _WS)})
_AUGUST_SOCKET: Final = frozenset({(_AUGUST, _WS)})
_ALL_AUGUST: Final = frozenset({(_AUGUST, _HTTP), (_AUGUST, _WS)})
_ALL_BUT_HTTP_IN_MAY: Final = _SOCKET | _ALL_AUGUST
_ALL: Final = _ALL_BUT_HTTP_IN_MAY | {(_MAY, _HTTP)}


class MetadataPolicy(Struct, frozen=True):
    """One key: where it is sent, and what of the options it says."""

    key: str
    value: Callable[[ResponsesOptions], str | None]
    sent: frozenset[tuple[WireVersion, str]]


def _subagent(options: ResponsesOptions) -> str | None:
    return options.session_source.subagent if options.session_source else None


def _parent_thread(options: ResponsesOptions) -> str | None:
    return options.session_source.parent_thread_id if options.session_source else None


def _turn_metadata(options: ResponsesOptions) -> str | None:
    return options.turn_metadata if isinstance(options.turn_metadata, str) else None


def _traceparent(options: ResponsesOptions) -> str | None:
    return options.trace_context.traceparent if options.trace_context else None


def _tracestate(options: ResponsesOptions) -> str | None:
    return options.trace_context.tracestate if options.trace_context else None


METADATA_POLICIES: Final[tuple[MetadataPolicy, ...]] = (
    MetadataPolicy("x-codex-installation-id", lambda options: options.installation_id, _ALL),
    MetadataPolicy("x-codex-window-id", lambda options: options.window_id, _ALL_BUT_HTTP_IN_MAY),
    MetadataPolicy("session_id", lambda options: options.session, _ALL_AUGUST),
    MetadataPolicy("thread_id", lambda options: options.thread, _ALL_AUGUST),
    MetadataPolicy("turn_id", lambda options: options.turn_id, _ALL_AUGUST),
    MetadataPolicy("parent_turn_id", lambda options: options.parent_turn_id, _ALL_AUGUST),
    MetadataPolicy("root_turn_id", lambda options: options.root_turn_id, _ALL_AUGUST),
    MetadataPolicy("x-openai-subagent", _subagent, _ALL_BUT_HTTP_IN_MAY),
    MetadataPolicy("x-codex-parent-thread-id", _parent_thread, _ALL_BUT_HTTP_IN_MAY),
    MetadataPolicy("x-codex-turn-metadata", _turn_metadata, _ALL_BUT_HTTP_IN_MAY),
    MetadataPolicy("x-codex-turn-state", lambda options: options.turn_state, _AUGUST_SOCKET),
    MetadataPolicy("ws_request_header_traceparent", _traceparent, _SOCKET),
    MetadataPolicy("ws_request_header_tracestate", _tracestate, _SOCKET),
    MetadataPolicy(
        "ws_request_header_x_openai_internal_codex_responses_lite",
        lambda options: "true" if options.responses_lite else None,
        _AUGUST_SOCKET,
    ),
)
"""The rows, in no order that means anything."""

_STARTED: Final = "x-codex-ws-stream-request-start-ms"


def client_metadata(
    options: ResponsesOptions,
    version: WireVersion,
    transport: Transport,
    *,
    now_unix: float | None = None,
) -> dict[str, str]:
    """Return what the options become in a body's `client_metadata`; empty where they say nothing.

    `now_unix` (seconds) stamps a message of a WebSocket with the time it is sent, where the
    version has that.
    """
    where = (version, transport)
    found = {
        policy.key: policy.value(options) for policy in METADATA_POLICIES if where in policy.sent
    }
    metadata = {key: value for key, value in found.items() if value is not None}
    if now_unix is not None and where in _AUGUST_SOCKET:
        metadata[_STARTED] = str(int(now_unix * 1000))
    return metadata
