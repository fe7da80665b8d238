"""What clients ask for: the bodies of requests, written as a version of the protocol sends them.

Build a request (`ResponsesApiRequest`, `CompactionInput`, `MemorySummarizeInput`), then either let
an endpoint function make the whole HTTP request of it, or take only its body by `encode_request`.
Servers and mocks read one with `decode_request`.

Source: wire.md 4 and 9.
"""

from codex_proto.requests.body import Body
from codex_proto.requests.client_metadata import client_metadata
from codex_proto.requests.compaction import CompactionInput, CompactionOutput
from codex_proto.requests.compression import compress
from codex_proto.requests.controls import (
    ReasoningControls,
    StreamOptions,
    TextControls,
    TextFormat,
)
from codex_proto.requests.decoding import decode_request
from codex_proto.requests.encoding import encode_request, encode_request_lossless
from codex_proto.requests.endpoints import (
    compact_request,
    memories_request,
    models_request,
    responses_request,
    responses_upgrade,
    websocket_message,
)
from codex_proto.requests.lite import responses_lite
from codex_proto.requests.memories import (
    MemorySummarizeInput,
    MemorySummarizeOutput,
    RawMemory,
    RawMemoryMetadata,
)
from codex_proto.requests.models import ModelInfo, ModelList, ReasoningLevel
from codex_proto.requests.options import (
    ClientInfo,
    Compression,
    ResponsesOptions,
    SessionSource,
    TraceContext,
    ascii_json,
)
from codex_proto.requests.replies import read_compaction, read_memories, read_models
from codex_proto.requests.responses import (
    ENCRYPTED_REASONING,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    encode_interrupt,
)

__all__ = [
    "ENCRYPTED_REASONING",
    "Body",
    "ClientInfo",
    "CompactionInput",
    "CompactionOutput",
    "Compression",
    "MemorySummarizeInput",
    "MemorySummarizeOutput",
    "ModelInfo",
    "ModelList",
    "RawMemory",
    "RawMemoryMetadata",
    "ReasoningControls",
    "ReasoningLevel",
    "ResponseCreateWsRequest",
    "ResponsesApiRequest",
    "ResponsesOptions",
    "SessionSource",
    "StreamOptions",
    "TextControls",
    "TextFormat",
    "TraceContext",
    "ascii_json",
    "client_metadata",
    "compact_request",
    "compress",
    "decode_request",
    "encode_interrupt",
    "encode_request",
    "encode_request_lossless",
    "memories_request",
    "models_request",
    "read_compaction",
    "read_memories",
    "read_models",
    "responses_lite",
    "responses_request",
    "responses_upgrade",
    "websocket_message",
]
