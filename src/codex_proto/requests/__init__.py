"""What clients ask for: the bodies of requests, written as a version of the protocol sends them.

Build a request (`ResponsesApiRequest`, `CompactionInput`, `MemorySummarizeInput`), then either let
an endpoint function make the whole HTTP request of it, or take only its body by `encode_request`.
Servers and mocks read one with `decode_request`.

Source: wire.md 4 and 9.
"""

# Not in the face: _checks, _header_policies, _policies.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.requests._auth import *
    from codex_proto.requests._body import *
    from codex_proto.requests._client_metadata import *
    from codex_proto.requests._compaction import *
    from codex_proto.requests._compression import *
    from codex_proto.requests._continuation import *
    from codex_proto.requests._controls import *
    from codex_proto.requests._decoding import *
    from codex_proto.requests._encoding import *
    from codex_proto.requests._endpoints import *
    from codex_proto.requests._lite import *
    from codex_proto.requests._memories import *
    from codex_proto.requests._models import *
    from codex_proto.requests._options import *
    from codex_proto.requests._provider import *
    from codex_proto.requests._replies import *
    from codex_proto.requests._responses import *
    from codex_proto.requests._retry import *
    from codex_proto.requests._retry_reactions import *
    from codex_proto.requests._retry_state import *
    from codex_proto.requests._secret import *
    from codex_proto.requests._telemetry import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_auth": "AuthProvider AzureApiKeyAuth BearerAuth HeaderAuth NoAuth SigningAuth",
            "_body": "Body",
            "_client_metadata": "METADATA_POLICIES MetadataPolicy client_metadata",
            "_compaction": "CompactionInput CompactionOutput",
            "_compression": "compress",
            "_continuation": "Continuation Increment",
            "_controls": "ReasoningControls StreamOptions TextControls TextFormat",
            "_decoding": "decode_request",
            "_encoding": "encode_request encode_request_lossless",
            "_endpoints": (
                "compact_request memories_request models_request responses_request "
                "responses_upgrade websocket_message"
            ),
            "_lite": "responses_lite",
            "_memories": "MemorySummarizeInput MemorySummarizeOutput RawMemory RawMemoryMetadata",
            "_models": "ModelInfo ModelList ReasoningLevel",
            "_options": (
                "ClientInfo Compression ResponsesOptions SessionSource TraceContext ascii_json"
            ),
            "_provider": (
                "CHATGPT_BASE_URL DEFAULT_CONNECT_TIMEOUT DEFAULT_STREAM_IDLE_TIMEOUT "
                "OPENAI_BASE_URL Provider"
            ),
            "_replies": "read_compaction read_memories read_models",
            "_responses": (
                "ENCRYPTED_REASONING ResponseCreateWsRequest ResponsesApiRequest encode_interrupt"
            ),
            "_retry": "Decision Fallback GiveUp Resend RetryAfter backoff decide",
            "_retry_reactions": "REACTIONS Reaction",
            "_retry_state": "RetryPolicy RetryState Transport",
            "_secret": "Secret",
            "_telemetry": (
                "RequestAttempt RequestTelemetry SsePoll SseTelemetry WebSocketPoll "
                "WebSocketRequest WebSocketTelemetry error_label"
            ),
        },
    )
# isort: on
# -- end of what is written
