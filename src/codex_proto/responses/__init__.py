"""The Responses protocol: wire events, their decoding, and streams of them.

Enter at the level you have: `decode_response_event` for one JSON message, `ResponsesDecoder` for a
stream of bytes or messages. `registry.ROWS` lists every wire type with its class.
"""

# Not in the face: _drafts.
# Also in the face: DEFAULT_MAX_DEPTH, MalformedEvent, MalformedPart, Notes of codex_proto._wire.
# Also in the face: UnknownEvent, UnknownPart of codex_proto._wire.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.responses._builder import *
    from codex_proto.responses._reading import *
    from codex_proto.responses.stream._body_events import *
    from codex_proto.responses.stream._codex_view import *
    from codex_proto.responses.stream._decoder import *
    from codex_proto.responses.stream._derived import *
    from codex_proto.responses.stream._header_events import *
    from codex_proto.responses.stream._rate_limits import *
    from codex_proto.responses.stream._state import *
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
    from codex_proto._wire import DEFAULT_MAX_DEPTH as DEFAULT_MAX_DEPTH
    from codex_proto._wire import MalformedEvent as MalformedEvent
    from codex_proto._wire import MalformedPart as MalformedPart
    from codex_proto._wire import Notes as Notes
    from codex_proto._wire import UnknownEvent as UnknownEvent
    from codex_proto._wire import UnknownPart as UnknownPart
    from codex_proto.responses import stream as stream
    from codex_proto.responses import wire as wire
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_builder": "DEFAULT_MAX_TEXT_SIZE FinalResponse ResponseBuilder",
            "_reading": "MAX_ERROR_BODY_SIZE aiter_response_events iter_response_events",
            "stream._body_events": "BodyEvents",
            "stream._codex_view": "CodexView",
            "stream._decoder": "Profile ResponseBlock ResponsesDecoder",
            "stream._derived": (
                "DerivedEvent ModelVerification ModelVerifications ModelsEtag RateLimits "
                "ResponseEvent SafetyBuffering ServerModel ServerReasoningIncluded StreamFailed "
                "TurnModerationMetadata"
            ),
            "stream._header_events": (
                "events_from_headers request_id_from_headers turn_state_from_headers"
            ),
            "stream._rate_limits": "rate_limit_from_event",
            "stream._state": "Outcome ResponseStreamState StreamTransport",
            "wire._base": "AnnotatedEvent WireEvent",
            "wire._decode": "DecodedEvent decode_response_event encode_response_event",
            "wire._hosted": (
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
            "wire._items": (
                "ContentEvent ContentPartAdded ContentPartDone ContentPartEvent ItemEvent "
                "OutputItemAdded OutputItemDone"
            ),
            "wire._lifecycle": (
                "Completed Created ErrorEvent Failed InProgress Incomplete LifecycleEvent Queued"
            ),
            "wire._objects": (
                "ErrorPayload IncompleteDetails LogProb Response ShellOutputDelta TokenUsage "
                "TopLogProb Usage"
            ),
            "wire._reasoning": (
                "ReasoningContentDelta ReasoningContentDone ReasoningPartAdded ReasoningPartDone "
                "ReasoningSummaryDelta ReasoningSummaryDone ReasoningSummaryPartAdded "
                "ReasoningSummaryPartDone"
            ),
            "wire._registry": "ROWS Row",
            "wire._service": (
                "CodexRateLimits CodexResponseMetadata GatewayPing Keepalive ResponseMetadata "
                "WebSocketTiming"
            ),
            "wire._text": (
                "AudioDelta AudioDone AudioTranscriptDelta AudioTranscriptDone "
                "OutputTextAnnotationAdded OutputTextDelta OutputTextDone RefusalDelta "
                "RefusalDone"
            ),
            "wire._tools": (
                "ApplyPatchCallOperationDiffDelta ApplyPatchCallOperationDiffDone "
                "FunctionCallArgumentsDelta FunctionCallArgumentsDone McpCallArgumentsDelta "
                "McpCallArgumentsDone ToolCallInputDelta ToolCallInputDone"
            ),
            "codex_proto._wire": (
                "DEFAULT_MAX_DEPTH MalformedEvent MalformedPart Notes UnknownEvent UnknownPart"
            ),
        },
        "stream wire",
    )
# isort: on
# -- end of what is written
