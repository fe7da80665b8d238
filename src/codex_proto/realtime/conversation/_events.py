"""What a conversation reports to its application: how it goes, and what became of what was said.

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
    """The server did not take our `response.create`: it goes out when the present one is done.

    It stands instead of the server's error, which ends nothing; `message` is what that said.
    """

    message: str


class ConversationEnded(Struct, frozen=True, gc=False):
    """The conversation is over, and nothing follows. Next: close the transport.

    `reason` is `requested` (by `close`), `transport_closed`, or `error`, which `message` describes.
    """

    reason: EndReason
    message: str | None = None


ConversationEvent: TypeAlias = RealtimeEvent | ResponseDeferred | ConversationEnded
"""What `receive_event` and the ways to end give to the application."""


class Admission(enum.Enum):
    """What became of something that the application said."""

    TAKEN = "taken"
    """Its message waits in `messages_to_send()`."""
    DEFERRED = "deferred"
    """It is sent when the model's present response is done."""
    BLANK = "blank"
    """Nothing to send, and nothing was sent."""
    STALE = "stale"
    """Its handoff is not the active one any more: dropped, and counted."""
    UNASKED = "unasked"
    """No handoff is active, and in May the agent only spoke when asked: dropped, and counted."""
    FULL = "full"
    """Too many messages wait to be sent: it was not taken. Drain them, and try again."""


class ConversationCounts(Struct):
    """What a conversation left out, in numbers.

    `audio_dropped`, `stale_output` and `unasked_output` count what the application said in vain,
    `calls_repeated` calls of the server's that had been answered, or are being worked on,
    `events_discarded` what came after the end, and `messages_unsent` what waited at the end.
    """

    audio_dropped: int = 0
    stale_output: int = 0
    unasked_output: int = 0
    calls_repeated: int = 0
    events_discarded: int = 0
    messages_unsent: int = 0
