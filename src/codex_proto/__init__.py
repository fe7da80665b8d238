"""The wire layer of Codex without I/O: bytes in, typed events out; requests in, bytes out."""

from typing import TYPE_CHECKING, Final

from codex_proto._version import __version__
from codex_proto.errors import (
    ApiError,
    BodyTooLarge,
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionLimitReached,
    ContentDecodingFailed,
    ContextWindowExceeded,
    CyberPolicy,
    DecompressionBomb,
    EventTooLarge,
    FlexUnavailable,
    HeadersTooLarge,
    HttpStatusError,
    IdleTimeout,
    InternalServerError,
    InvalidImage,
    InvalidRequest,
    InvalidUtf8,
    KeepaliveTimeout,
    LimitExceeded,
    LocalProtocolError,
    MalformedReply,
    MessageTooLarge,
    MisalignmentPolicyViolation,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    RemoteProtocolError,
    ResponseFailedError,
    ResponseIncompleteError,
    RetryLimit,
    ServerOverloaded,
    StreamClosedEarly,
    TimedOut,
    TooManyInformationalResponses,
    UnexpectedBinary,
    UsageLimitReached,
    UsageNotIncluded,
)
from codex_proto.errors.refusals import error_from_response
from codex_proto.eventstream import (
    DEFAULT_MAX_EVENT_SIZE,
    DEFAULT_MAX_LINE_SIZE,
    EventStreamBlock,
    EventStreamDecoder,
    ServerSentEvent,
)
from codex_proto.eventstream_encoder import (
    EventStreamEncoder,
)
from codex_proto.responses import (
    DEFAULT_MAX_DEPTH,
    ApplyPatchCallOperationDiffDelta,
    ApplyPatchCallOperationDiffDone,
    AudioDelta,
    AudioDone,
    AudioTranscriptDelta,
    AudioTranscriptDone,
    CodeInterpreterCallCodeDelta,
    CodeInterpreterCallCodeDone,
    CodeInterpreterCallCompleted,
    CodeInterpreterCallInProgress,
    CodeInterpreterCallInterpreting,
    CodexRateLimits,
    CodexResponseMetadata,
    CodexView,
    Completed,
    ContentPartAdded,
    ContentPartDone,
    Created,
    DecodedEvent,
    DerivedEvent,
    ErrorEvent,
    ErrorPayload,
    Failed,
    FileSearchCallCompleted,
    FileSearchCallInProgress,
    FileSearchCallSearching,
    FinalResponse,
    FunctionCallArgumentsDelta,
    FunctionCallArgumentsDone,
    ImageGenerationCallCompleted,
    ImageGenerationCallGenerating,
    ImageGenerationCallInProgress,
    ImageGenerationCallPartialImage,
    Incomplete,
    IncompleteDetails,
    InProgress,
    Item,
    Keepalive,
    LogProb,
    MalformedEvent,
    MalformedPart,
    McpCallArgumentsDelta,
    McpCallArgumentsDone,
    McpCallCompleted,
    McpCallFailed,
    McpCallInProgress,
    McpListToolsCompleted,
    McpListToolsFailed,
    McpListToolsInProgress,
    ModelsEtag,
    ModelVerification,
    ModelVerifications,
    Notes,
    Outcome,
    OutputItemAdded,
    OutputItemDone,
    OutputTextAnnotationAdded,
    OutputTextDelta,
    OutputTextDone,
    Ping,
    Profile,
    Queued,
    RateLimits,
    ReasoningContentDelta,
    ReasoningContentDone,
    ReasoningPartAdded,
    ReasoningPartDone,
    ReasoningSummaryDelta,
    ReasoningSummaryDone,
    ReasoningSummaryPartAdded,
    ReasoningSummaryPartDone,
    RefusalDelta,
    RefusalDone,
    Response,
    ResponseBlock,
    ResponseBuilder,
    ResponseEvent,
    ResponseMetadata,
    ResponsesDecoder,
    ResponseStreamState,
    SafetyBuffering,
    ServerModel,
    ServerReasoningIncluded,
    ShellCallCommandAdded,
    ShellCallCommandDelta,
    ShellCallCommandDone,
    ShellCallOutputContentDelta,
    ShellCallOutputContentDone,
    ShellOutputDelta,
    StreamFailed,
    TokenUsage,
    ToolCallInputDelta,
    ToolCallInputDone,
    TopLogProb,
    Transport,
    TurnModerationMetadata,
    UnknownEvent,
    UnknownItem,
    Usage,
    WebSearchCallCompleted,
    WebSearchCallInProgress,
    WebSearchCallSearching,
    WebSocketTiming,
    WireEvent,
    aiter_response_events,
    decode_response_event,
    encode_response_event,
    events_from_headers,
    iter_response_events,
)

if TYPE_CHECKING:
    from codex_proto.auth import (
        AuthProvider,
        AzureApiKeyAuth,
        BearerAuth,
        HeaderAuth,
        NoAuth,
        SigningAuth,
    )
    from codex_proto.http_request import (
        HttpRequest,
        HttpResponse,
    )
    from codex_proto.provider import (
        Provider,
    )
    from codex_proto.realtime import (
        RealtimeConversation,
        RealtimeDecoder,
        RealtimeSessionConfig,
        TranscriptAccumulator,
        decode_realtime_event,
        delegation_from_handoff,
        delegation_item,
        is_delegation,
        parse_delegation,
    )
    from codex_proto.requests import (
        CompactionInput,
        CompactionOutput,
        MemorySummarizeInput,
        MemorySummarizeOutput,
        ModelList,
        ResponseCreateWsRequest,
        ResponsesApiRequest,
        ResponsesOptions,
    )
    from codex_proto.responses.session import (
        ResponsesSession,
    )
    from codex_proto.retry import (
        RetryPolicy,
        RetryState,
        decide,
    )
    from codex_proto.secret import (
        Secret,
    )
    from codex_proto.versions import (
        WireVersion,
    )

__all__ = [
    "DEFAULT_MAX_DEPTH",
    "DEFAULT_MAX_EVENT_SIZE",
    "DEFAULT_MAX_LINE_SIZE",
    "ApiError",
    "ApplyPatchCallOperationDiffDelta",
    "ApplyPatchCallOperationDiffDone",
    "AudioDelta",
    "AudioDone",
    "AudioTranscriptDelta",
    "AudioTranscriptDone",
    "AuthProvider",
    "AzureApiKeyAuth",
    "BearerAuth",
    "BodyTooLarge",
    "CodeInterpreterCallCodeDelta",
    "CodeInterpreterCallCodeDone",
    "CodeInterpreterCallCompleted",
    "CodeInterpreterCallInProgress",
    "CodeInterpreterCallInterpreting",
    "CodexError",
    "CodexRateLimits",
    "CodexResponseMetadata",
    "CodexView",
    "CompactionInput",
    "CompactionOutput",
    "Completed",
    "ConnectionClosed",
    "ConnectionFailed",
    "ConnectionLimitReached",
    "ContentDecodingFailed",
    "ContentPartAdded",
    "ContentPartDone",
    "ContextWindowExceeded",
    "Created",
    "CyberPolicy",
    "DecodedEvent",
    "DecompressionBomb",
    "DerivedEvent",
    "ErrorEvent",
    "ErrorPayload",
    "EventStreamBlock",
    "EventStreamDecoder",
    "EventStreamEncoder",
    "EventTooLarge",
    "Failed",
    "FileSearchCallCompleted",
    "FileSearchCallInProgress",
    "FileSearchCallSearching",
    "FinalResponse",
    "FlexUnavailable",
    "FunctionCallArgumentsDelta",
    "FunctionCallArgumentsDone",
    "HeaderAuth",
    "HeadersTooLarge",
    "HttpRequest",
    "HttpResponse",
    "HttpStatusError",
    "IdleTimeout",
    "ImageGenerationCallCompleted",
    "ImageGenerationCallGenerating",
    "ImageGenerationCallInProgress",
    "ImageGenerationCallPartialImage",
    "InProgress",
    "Incomplete",
    "IncompleteDetails",
    "InternalServerError",
    "InvalidImage",
    "InvalidRequest",
    "InvalidUtf8",
    "Item",
    "Keepalive",
    "KeepaliveTimeout",
    "LimitExceeded",
    "LocalProtocolError",
    "LogProb",
    "MalformedEvent",
    "MalformedPart",
    "MalformedReply",
    "McpCallArgumentsDelta",
    "McpCallArgumentsDone",
    "McpCallCompleted",
    "McpCallFailed",
    "McpCallInProgress",
    "McpListToolsCompleted",
    "McpListToolsFailed",
    "McpListToolsInProgress",
    "MemorySummarizeInput",
    "MemorySummarizeOutput",
    "MessageTooLarge",
    "MisalignmentPolicyViolation",
    "ModelList",
    "ModelVerification",
    "ModelVerifications",
    "ModelsEtag",
    "NoAuth",
    "Notes",
    "Outcome",
    "OutputItemAdded",
    "OutputItemDone",
    "OutputTextAnnotationAdded",
    "OutputTextDelta",
    "OutputTextDone",
    "Ping",
    "PreviousResponseNotFound",
    "Profile",
    "Provider",
    "Queued",
    "QuotaExceeded",
    "RateLimitExceeded",
    "RateLimits",
    "RealtimeConversation",
    "RealtimeDecoder",
    "RealtimeSessionConfig",
    "ReasoningContentDelta",
    "ReasoningContentDone",
    "ReasoningPartAdded",
    "ReasoningPartDone",
    "ReasoningSummaryDelta",
    "ReasoningSummaryDone",
    "ReasoningSummaryPartAdded",
    "ReasoningSummaryPartDone",
    "RefusalDelta",
    "RefusalDone",
    "RemoteProtocolError",
    "Response",
    "ResponseBlock",
    "ResponseBuilder",
    "ResponseCreateWsRequest",
    "ResponseEvent",
    "ResponseFailedError",
    "ResponseIncompleteError",
    "ResponseMetadata",
    "ResponseStreamState",
    "ResponsesApiRequest",
    "ResponsesDecoder",
    "ResponsesOptions",
    "ResponsesSession",
    "RetryLimit",
    "RetryPolicy",
    "RetryState",
    "SafetyBuffering",
    "Secret",
    "ServerModel",
    "ServerOverloaded",
    "ServerReasoningIncluded",
    "ServerSentEvent",
    "ShellCallCommandAdded",
    "ShellCallCommandDelta",
    "ShellCallCommandDone",
    "ShellCallOutputContentDelta",
    "ShellCallOutputContentDone",
    "ShellOutputDelta",
    "SigningAuth",
    "StreamClosedEarly",
    "StreamFailed",
    "TimedOut",
    "TokenUsage",
    "TooManyInformationalResponses",
    "ToolCallInputDelta",
    "ToolCallInputDone",
    "TopLogProb",
    "TranscriptAccumulator",
    "Transport",
    "TurnModerationMetadata",
    "UnexpectedBinary",
    "UnknownEvent",
    "UnknownItem",
    "Usage",
    "UsageLimitReached",
    "UsageNotIncluded",
    "WebSearchCallCompleted",
    "WebSearchCallInProgress",
    "WebSearchCallSearching",
    "WebSocketTiming",
    "WireEvent",
    "WireVersion",
    "__version__",
    "aiter_response_events",
    "decide",
    "decode_realtime_event",
    "decode_response_event",
    "delegation_from_handoff",
    "delegation_item",
    "encode_response_event",
    "error_from_response",
    "events_from_headers",
    "is_delegation",
    "iter_response_events",
    "parse_delegation",
]


def _home(name: str) -> object:
    """The module that a name is imported from when it is asked for; None for no such name.

    Who only decodes a stream need not pay for the rest.
    """
    if name in _REALTIME:
        from codex_proto import realtime

        return realtime
    if name in _REQUESTS:
        from codex_proto import requests

        return requests
    if name in _AUTH:
        from codex_proto import auth

        return auth
    if name in _RETRY:
        from codex_proto import retry

        return retry
    match name:
        case "HttpRequest" | "HttpResponse":
            from codex_proto import http_request

            return http_request
        case "Provider":
            from codex_proto import provider

            return provider
        case "ResponsesSession":
            from codex_proto.responses import session

            return session
        case "Secret":
            from codex_proto import secret

            return secret
        case "WireVersion":
            from codex_proto import versions

            return versions
        case _:
            return None


_REALTIME: Final = frozenset(
    {
        "RealtimeConversation",
        "RealtimeDecoder",
        "RealtimeSessionConfig",
        "TranscriptAccumulator",
        "decode_realtime_event",
        "delegation_from_handoff",
        "delegation_item",
        "is_delegation",
        "parse_delegation",
    }
)
_REQUESTS: Final = frozenset(
    {
        "CompactionInput",
        "CompactionOutput",
        "MemorySummarizeInput",
        "MemorySummarizeOutput",
        "ModelList",
        "ResponseCreateWsRequest",
        "ResponsesApiRequest",
        "ResponsesOptions",
    }
)
_AUTH: Final = frozenset(
    {"AuthProvider", "AzureApiKeyAuth", "BearerAuth", "HeaderAuth", "NoAuth", "SigningAuth"}
)
_RETRY: Final = frozenset({"RetryPolicy", "RetryState", "decide"})

if not TYPE_CHECKING:

    def __getattr__(name):
        home = _home(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(home, name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
