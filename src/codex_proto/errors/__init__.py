"""Everything that can go wrong, as values first and exceptions second.

A failure of the peer is a value: it travels inside an event (`StreamFailed.error`), compares equal
to another of the same content, can be hashed, pickled, and raised if the caller likes. Only the
caller's own mistakes are raised here, and always as `LocalProtocolError`.

docs/errors.md has the table of them all. Source: DESIGN section 8; wire.md 6.
"""

from codex_proto.errors.api import ApiError
from codex_proto.errors.base import (
    CodexError,
    EventTooLarge,
    LimitExceeded,
    LocalProtocolError,
)
from codex_proto.errors.connection import (
    BodyTooLarge,
    ContentDecodingFailed,
    DecompressionBomb,
    HeadersTooLarge,
    KeepaliveTimeout,
    MessageTooLarge,
    RemoteProtocolError,
    TooManyInformationalResponses,
)
from codex_proto.errors.http import (
    HttpStatusError,
    InternalServerError,
    MalformedReply,
    RetryLimit,
    UsageLimitReached,
)
from codex_proto.errors.response import (
    ConnectionLimitReached,
    ContextWindowExceeded,
    CyberPolicy,
    FlexUnavailable,
    InvalidImage,
    InvalidRequest,
    MisalignmentPolicyViolation,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    ResponseIncompleteError,
    ServerOverloaded,
    UsageNotIncluded,
)
from codex_proto.errors.transport import (
    ConnectionClosed,
    ConnectionFailed,
    IdleTimeout,
    InvalidUtf8,
    StreamClosedEarly,
    TimedOut,
    UnexpectedBinary,
)

__all__ = [
    "ApiError",
    "BodyTooLarge",
    "CodexError",
    "ConnectionClosed",
    "ConnectionFailed",
    "ConnectionLimitReached",
    "ContentDecodingFailed",
    "ContextWindowExceeded",
    "CyberPolicy",
    "DecompressionBomb",
    "EventTooLarge",
    "FlexUnavailable",
    "HeadersTooLarge",
    "HttpStatusError",
    "IdleTimeout",
    "InternalServerError",
    "InvalidImage",
    "InvalidRequest",
    "InvalidUtf8",
    "KeepaliveTimeout",
    "LimitExceeded",
    "LocalProtocolError",
    "MalformedReply",
    "MessageTooLarge",
    "MisalignmentPolicyViolation",
    "PreviousResponseNotFound",
    "QuotaExceeded",
    "RateLimitExceeded",
    "RemoteProtocolError",
    "ResponseFailedError",
    "ResponseIncompleteError",
    "RetryLimit",
    "ServerOverloaded",
    "StreamClosedEarly",
    "TimedOut",
    "TooManyInformationalResponses",
    "UnexpectedBinary",
    "UsageLimitReached",
    "UsageNotIncluded",
]
