"""What a conversation reports to its application: its events, results and counts.

Source: wire.md 8.7.
"""

import enum
from typing import Literal, TypeAlias

from msgspec import Struct

from codex_proto.realtime.stream import RealtimeEvent

__all__ = [
    "Admission",
    "ConversationCounts",
    "ConversationEnded",
    "ConversationEvent",
    "EndReason",
    "ResponseDeferred",
]

EndReason: TypeAlias = Literal["requested", "transport_closed", "error"]


class ResponseDeferred(Struct, frozen=True, gc=False):
    """The server refused a `response.create`, which is sent again after the present response.

    It replaces the server's error, which does not end the conversation; `message` is its text.
    """

    message: str


class ConversationEnded(Struct, frozen=True, gc=False):
    """The conversation has ended, and no event follows. Next: close the transport.

    `reason` is `requested` (by `close`), `transport_closed`, or `error`, which `message` describes.
    """

    reason: EndReason
    message: str | None = None


ConversationEvent: TypeAlias = RealtimeEvent | ResponseDeferred | ConversationEnded
"""What `receive_event` and the methods that end a conversation return."""


class Admission(enum.Enum):
    """What became of a message of the application."""

    TAKEN = "taken"
    """Its message waits in `messages_to_send()`."""
    DEFERRED = "deferred"
    """It is sent when the model's present response is done."""
    BLANK = "blank"
    """The text was blank, and nothing was sent."""
    STALE = "stale"
    """Its handoff is no longer active: dropped, and counted."""
    UNASKED = "unasked"
    """No handoff is active, and clients of May send no other output: dropped, and counted."""
    FULL = "full"
    """Too many messages wait to be sent: not accepted. Drain them, and try again."""


class ConversationCounts(Struct):
    """How many messages and events a conversation dropped.

    `audio_dropped`, `stale_output` and `unasked_output` count messages of the application,
    `calls_repeated` calls of the server that had been answered or are in progress,
    `events_discarded` events after the end, and `messages_unsent` messages waiting at the end.
    """

    audio_dropped: int = 0
    stale_output: int = 0
    unasked_output: int = 0
    calls_repeated: int = 0
    events_discarded: int = 0
    messages_unsent: int = 0
