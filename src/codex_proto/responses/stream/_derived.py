"""Events that are not messages of the wire: what headers and metadata carry, and the outcome.

Source: wire.md 1.3, 1.4, 1.6 and 2.6; docs/architecture.md, "Views".
"""

from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw, Struct

from codex_proto._wire import Lazy, Value
from codex_proto.errors import CodexError
from codex_proto.rate_limits import RateLimitSnapshot
from codex_proto.responses.wire import DecodedEvent

__all__ = [
    "DerivedEvent",
    "ModelVerification",
    "ModelVerifications",
    "ModelsEtag",
    "RateLimits",
    "ResponseEvent",
    "SafetyBuffering",
    "ServerModel",
    "ServerReasoningIncluded",
    "StreamFailed",
    "TurnModerationMetadata",
]


class ServerModel(Struct, frozen=True, gc=False):
    """The model that really answers, from `openai-model`; it may change within a stream."""

    model: str


class RateLimits(Struct, frozen=True):
    """How much of an allowance is used: one snapshot, for one limit."""

    snapshot: RateLimitSnapshot


class ModelsEtag(Struct, frozen=True, gc=False):
    """The version of the list of models: another one than before asks for a new fetch."""

    etag: str


class ServerReasoningIncluded(Struct, frozen=True, gc=False):
    """The server counts past reasoning as part of the input, so a client need not."""

    included: bool = True


class ModelVerification(StrEnum):
    """What the account may have itself verified for."""

    TRUSTED_ACCESS_FOR_CYBER = "trusted_access_for_cyber"


class ModelVerifications(Struct, frozen=True):
    """Verifications that the server recommends for this account, each once."""

    verifications: tuple[ModelVerification, ...]


class TurnModerationMetadata(Value, frozen=True):
    """What moderation says of the turn: any JSON, in `metadata`."""

    raw_metadata: Raw = msgspec.field(name="metadata")

    metadata = Lazy[Any](object)


class SafetyBuffering(Struct, frozen=True, kw_only=True):
    """Output is held back for a safety check: for which uses, why, and what would be faster."""

    use_cases: tuple[str, ...]
    reasons: tuple[str, ...]
    faster_model: str | None = None
    show_ui: bool = True


DerivedEvent: TypeAlias = (
    ServerModel
    | RateLimits
    | ModelsEtag
    | ServerReasoningIncluded
    | ModelVerifications
    | TurnModerationMetadata
    | SafetyBuffering
)


class StreamFailed(Value, frozen=True):
    """The outcome of a response that did not complete. `error` says why; nothing follows.

    Where the server had reported an error before, and then the stream just ended, `error` is that
    error, and `ended_by` says how the stream ended.
    """

    error: CodexError
    ended_by: CodexError | None = None


ResponseEvent: TypeAlias = DecodedEvent | DerivedEvent | StreamFailed
"""What a stream yields: its events, what they carry besides, and the outcome."""
