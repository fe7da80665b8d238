"""The clients, for asyncio and for threads (docs/client.md)."""

# Not in the face: _streams.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.client._async_client import *
    from codex_proto_io.client._async_realtime import *
    from codex_proto_io.client._async_streams import *
    from codex_proto_io.client._settings import *
    from codex_proto_io.client._sync_client import *
    from codex_proto_io.client._sync_realtime import *
    from codex_proto_io.client._sync_streams import *
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_async_client": "AsyncCodexClient AsyncMemories AsyncModels AsyncResponses",
            "_async_realtime": "AsyncRealtime AsyncRealtimeCall AsyncRealtimeSession",
            "_async_streams": (
                "AsyncRawBytes AsyncResponseStream AsyncResponsesConnection AsyncTextDeltas"
            ),
            "_settings": "HttpTransport",
            "_sync_client": "CodexClient Memories Models Responses",
            "_sync_realtime": "Realtime RealtimeCall RealtimeSession",
            "_sync_streams": "RawBytes ResponseStream ResponsesConnection TextDeltas",
        },
    )
# isort: on
# -- end of what is written
