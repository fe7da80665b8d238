"""What clients ask for: the bodies of requests, written as a version of the protocol sends them.

Build a request (`ResponsesApiRequest`, `CompactionInput`, `MemorySummarizeInput`), then either let
an endpoint function make the whole HTTP request of it, or take only its body by `encode_request`.
Servers and mocks read one with `decode_request`.

Source: wire.md 4 and 9.
"""

from codex_proto.requests.body import Body
from codex_proto.requests.compaction import CompactionInput, CompactionOutput
from codex_proto.requests.controls import (
    ReasoningControls,
    StreamOptions,
    TextControls,
    TextFormat,
)
from codex_proto.requests.decoding import decode_request
from codex_proto.requests.encoding import encode_request, encode_request_lossless
from codex_proto.requests.lite import responses_lite
from codex_proto.requests.memories import (
    MemorySummarizeInput,
    MemorySummarizeOutput,
    RawMemory,
    RawMemoryMetadata,
)
from codex_proto.requests.models import ModelInfo, ModelList, ReasoningLevel
from codex_proto.requests.responses import (
    ENCRYPTED_REASONING,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    encode_interrupt,
)

__all__ = [
    "ENCRYPTED_REASONING",
    "Body",
    "CompactionInput",
    "CompactionOutput",
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
    "StreamOptions",
    "TextControls",
    "TextFormat",
    "decode_request",
    "encode_interrupt",
    "encode_request",
    "encode_request_lossless",
    "responses_lite",
]
