"""The events of a Responses stream as they are on the wire, one class for each type (level 1).

`decode_response_event` reads one message, `encode_response_event` writes one, and `ROWS` lists
every type with its class. Source: wire.md 1 and 2.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.responses.wire._base import *
    from codex_proto.responses.wire._decode import *
    from codex_proto.responses.wire._hosted import *
    from codex_proto.responses.wire._items import *
    from codex_proto.responses.wire._lifecycle import *
    from codex_proto.responses.wire._objects import *
    from codex_proto.responses.wire._reasoning import *
    from codex_proto.responses.wire._registry import *
    from codex_proto.responses.wire._service import *
    from codex_proto.responses.wire._text import *
    from codex_proto.responses.wire._tools import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_base": "AnnotatedEvent WireEvent",
            "_decode": "DecodedEvent decode_response_event encode_response_event",
            "_hosted": (
                "CodeInterpreterCallCodeDelta CodeInterpreterCallCodeDone "
                "CodeInterpreterCallCompleted CodeInterpreterCallInProgress "
                "CodeInterpreterCallInterpreting FileSearchCallCompleted FileSearchCallInProgress "
                "FileSearchCallSearching ImageGenerationCallCompleted "
                "ImageGenerationCallGenerating ImageGenerationCallInProgress "
                "ImageGenerationCallPartialImage McpCallCompleted McpCallFailed McpCallInProgress "
                "McpListToolsCompleted McpListToolsFailed McpListToolsInProgress "
                "ShellCallCommandAdded ShellCallCommandDelta ShellCallCommandDone "
                "ShellCallOutputContentDelta ShellCallOutputContentDone WebSearchCallCompleted "
                "WebSearchCallInProgress WebSearchCallSearching"
            ),
            "_items": (
                "ContentEvent ContentPartAdded ContentPartDone ContentPartEvent ItemEvent "
                "OutputItemAdded OutputItemDone"
            ),
            "_lifecycle": (
                "Completed Created ErrorEvent Failed InProgress Incomplete LifecycleEvent Queued"
            ),
            "_objects": (
                "ErrorPayload IncompleteDetails LogProb Response ShellOutputDelta TokenUsage "
                "TopLogProb Usage"
            ),
            "_reasoning": (
                "ReasoningContentDelta ReasoningContentDone ReasoningPartAdded ReasoningPartDone "
                "ReasoningSummaryDelta ReasoningSummaryDone ReasoningSummaryPartAdded "
                "ReasoningSummaryPartDone"
            ),
            "_registry": "ROWS Row",
            "_service": (
                "CodexRateLimits CodexResponseMetadata GatewayPing Keepalive ResponseMetadata "
                "WebSocketTiming"
            ),
            "_text": (
                "AudioDelta AudioDone AudioTranscriptDelta AudioTranscriptDone "
                "OutputTextAnnotationAdded OutputTextDelta OutputTextDone RefusalDelta "
                "RefusalDone"
            ),
            "_tools": (
                "ApplyPatchCallOperationDiffDelta ApplyPatchCallOperationDiffDone "
                "FunctionCallArgumentsDelta FunctionCallArgumentsDone McpCallArgumentsDelta "
                "McpCallArgumentsDone ToolCallInputDelta ToolCallInputDone"
            ),
        },
    )
# isort: on
# -- end of what is written
