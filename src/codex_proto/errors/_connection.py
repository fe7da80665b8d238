"""What a peer does against the rules of HTTP or WebSocket, and limits that it passes there.

Source: RFC 9110 and 9112 (HTTP), RFC 6455 and 7692 (WebSocket); docs/architecture.md,
"Connections".
"""

from __future__ import annotations

from codex_proto.errors._base import CodexError, LimitExceeded
from codex_proto.errors._transport import TimedOut

__all__ = [
    "BodyTooLarge",
    "ContentDecodingFailed",
    "DecompressionBomb",
    "HeadersTooLarge",
    "KeepaliveTimeout",
    "MessageTooLarge",
    "RemoteProtocolError",
    "TooManyInformationalResponses",
]


class RemoteProtocolError(CodexError):
    """The peer sent what HTTP or WebSocket does not allow; nothing after it can be read."""

    retryable = True


class ContentDecodingFailed(RemoteProtocolError):
    """The peer's compressed data is broken, cut short, or of a coding that is not known here."""


class HeadersTooLarge(LimitExceeded):
    """The peer's header section, trailers, or line of a chunk went beyond its limit."""


class BodyTooLarge(LimitExceeded):
    """The peer's body, decompressed, went beyond its limit."""


class MessageTooLarge(LimitExceeded):
    """The peer's WebSocket message, decompressed, went beyond its limit."""


class DecompressionBomb(LimitExceeded):
    """The peer's compressed body grows far beyond what honest data does.

    `limit` is the most bytes that one compressed byte may become.
    """


class TooManyInformationalResponses(LimitExceeded):
    """The server sent one 1xx answer after another, and no answer."""


class KeepaliveTimeout(TimedOut):
    """The peer did not answer a ping in its time."""
