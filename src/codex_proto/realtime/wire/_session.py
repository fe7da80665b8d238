"""Wire events about the session as a whole: its configuration, its errors, its limits.

Source: OpenAI API reference, Realtime; observed.md, "Public recordings".
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from codex_proto._wire import Lazy, Opt
from codex_proto.realtime.wire._base import RealtimeWireEvent

__all__ = [
    "ConversationCreatedEvent",
    "ErrorEvent",
    "PingEvent",
    "RateLimitsUpdatedEvent",
    "RealtimeErrorEvent",
    "SessionCreatedEvent",
    "SessionUpdatedEvent",
    "TranscriptionSessionCreatedEvent",
    "TranscriptionSessionUpdatedEvent",
]


class SessionEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False):
    """Carries the whole session object."""

    raw_session: Raw = msgspec.field(name="session")

    session = Lazy[dict[str, Any]](dict[str, Any])


class SessionCreatedEvent(SessionEvent, frozen=True, kw_only=True, gc=False, tag="session.created"):
    """The connection has a session, configured by default; the first event of most sessions."""


class SessionUpdatedEvent(SessionEvent, frozen=True, kw_only=True, gc=False, tag="session.updated"):
    """The server has accepted a `session.update`; `session` is the new configuration."""


class TranscriptionSessionCreatedEvent(
    SessionEvent, frozen=True, kw_only=True, gc=False, tag="transcription_session.created"
):
    """The connection has a session that only transcribes (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class TranscriptionSessionUpdatedEvent(
    SessionEvent, frozen=True, kw_only=True, gc=False, tag="transcription_session.updated"
):
    """The server has accepted a `transcription_session.update` (beta)."""

    section = "OpenAI API reference, Realtime (beta)"


class ConversationCreatedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="conversation.created"
):
    """The session has a conversation; OpenAI's server no longer sends it, others do."""

    raw_conversation: Raw | UnsetType = msgspec.field(default=UNSET, name="conversation")

    conversation = Lazy[dict[str, Any]](dict[str, Any])


class RealtimeErrorEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="error"):
    """The server reports an error; on the public API the session goes on.

    The members are in `error`; some servers put `message` at the top.
    """

    raw_error: Raw | UnsetType = msgspec.field(default=UNSET, name="error")
    message: Opt[str] = UNSET

    error = Lazy[Any](object)


ErrorEvent = RealtimeErrorEvent
"""An older name, which `codex_proto.responses` uses for another event."""


class RateLimitsUpdatedEvent(
    RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="rate_limits.updated"
):
    """What is left of the account's limits; it follows `response.done`."""

    raw_rate_limits: Raw | UnsetType = msgspec.field(default=UNSET, name="rate_limits")

    rate_limits = Lazy[list[dict[str, Any]]](list[dict[str, Any]])


class PingEvent(RealtimeWireEvent, frozen=True, kw_only=True, gc=False, tag="ping"):
    """A keepalive, which needs no answer. `timestamp` is in unix milliseconds."""

    section = 'observed.md, "Public recordings"'

    timestamp: Opt[int] = UNSET
