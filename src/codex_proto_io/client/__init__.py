"""The clients: what everybody else enters by (docs/client.md)."""

from codex_proto_io.client.async_client import (
    AsyncCodexClient,
    AsyncMemories,
    AsyncModels,
    AsyncResponses,
)
from codex_proto_io.client.async_realtime import (
    AsyncRealtime,
    AsyncRealtimeCall,
    AsyncRealtimeSession,
)
from codex_proto_io.client.async_streams import AsyncResponsesConnection, AsyncResponseStream
from codex_proto_io.client.settings import HttpTransport
from codex_proto_io.client.sync_client import CodexClient, Memories, Models, Responses
from codex_proto_io.client.sync_realtime import Realtime, RealtimeCall, RealtimeSession
from codex_proto_io.client.sync_streams import ResponsesConnection, ResponseStream
from codex_proto_io.core import Clock, RefreshHook, Retrying

__all__ = [
    "AsyncCodexClient",
    "AsyncMemories",
    "AsyncModels",
    "AsyncRealtime",
    "AsyncRealtimeCall",
    "AsyncRealtimeSession",
    "AsyncResponseStream",
    "AsyncResponses",
    "AsyncResponsesConnection",
    "Clock",
    "CodexClient",
    "HttpTransport",
    "Memories",
    "Models",
    "Realtime",
    "RealtimeCall",
    "RealtimeSession",
    "RefreshHook",
    "ResponseStream",
    "Responses",
    "ResponsesConnection",
    "Retrying",
]
