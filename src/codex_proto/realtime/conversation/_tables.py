"""How a conversation goes, as tables; `RealtimeConversation` does nothing that is not in here.

Three small machines run side by side: the model's responses (version 2), the handoff that is
active, and the clock of the audio that the model sends (version 2). `EVENTS` says what an event of
the server's is to each of them; what the application does is an input to one of them.

Source: wire.md 8.7 and 8.11; docs/differences.md, "Realtime conversation".
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from codex_proto.realtime.stream import (
    AudioOut,
    HandoffRequested,
    InputAudioSpeechStarted,
    NoopRequested,
    ResponseCancelled,
    ResponseCreated,
    ResponseDone,
)
from codex_proto.realtime.wire import RealtimeVersion

__all__ = [
    "EVENTS",
    "HANDOFFS",
    "RESPONSES",
    "ClockAction",
    "EventRow",
    "Handoff",
    "HandoffAction",
    "HandoffInput",
    "ResponseInput",
    "ResponsePhase",
]


# -- responses: one at a time, and the next one waits -------------------------------------------


class ResponsePhase(enum.Enum):
    """How far the model's response is."""

    IDLE = "idle"
    ACTIVE = "active"
    ONE_WANTED = "one wanted"
    """Active, and one more is to follow."""


class ResponseInput(enum.Enum):
    """What happens to responses."""

    WANTED = "wanted"
    BEGAN = "began"
    ENDED = "ended"
    REFUSED = "refused"
    """The server did not take our `response.create`, since a response is under way."""


_IDLE, _ACTIVE, _ONE_WANTED = ResponsePhase

RESPONSES: Final[Mapping[ResponsePhase, Mapping[ResponseInput, tuple[ResponsePhase, bool]]]] = {
    _IDLE: {
        ResponseInput.WANTED: (_ACTIVE, True),
        ResponseInput.BEGAN: (_ACTIVE, False),
        ResponseInput.ENDED: (_IDLE, False),
        ResponseInput.REFUSED: (_ONE_WANTED, False),
    },
    _ACTIVE: {
        ResponseInput.WANTED: (_ONE_WANTED, False),
        ResponseInput.BEGAN: (_ACTIVE, False),
        ResponseInput.ENDED: (_IDLE, False),
        ResponseInput.REFUSED: (_ONE_WANTED, False),
    },
    _ONE_WANTED: {
        ResponseInput.WANTED: (_ONE_WANTED, False),
        ResponseInput.BEGAN: (_ONE_WANTED, False),
        ResponseInput.ENDED: (_ACTIVE, True),
        ResponseInput.REFUSED: (_ONE_WANTED, False),
    },
}
"""State and input to the next state, and whether `response.create` is sent."""


# -- the handoff: one is active, a second one steers it -----------------------------------------


class Handoff(enum.Enum):
    """What the agent is at."""

    NONE = "none"
    ACTIVE = "active"
    REPORTED = "reported"
    """Active, and the agent has said something."""


class HandoffInput(enum.Enum):
    """What happens to handoffs."""

    REQUESTED = "requested"
    OUTPUT = "output"
    COMPLETE = "turn complete"


class HandoffAction(enum.Enum):
    """What is done about it."""

    NOTHING = "nothing"
    ADOPT = "adopt"
    """It is the active one from now on."""
    STEER = "steer"
    """Answer it at once, and want a response: the agent takes it into the active one."""
    REPORT = "report"
    """Send it as the active one's."""
    STANDALONE = "standalone"
    """Send it by itself, and want a response; in May, drop it."""
    ANSWER = "answer"
    """Answer the active one, and want a response."""


_NONE, _AT_WORK, _REPORTED = Handoff
_FREE: Final = {
    HandoffInput.REQUESTED: (_AT_WORK, HandoffAction.ADOPT),
    HandoffInput.OUTPUT: (_NONE, HandoffAction.STANDALONE),
    HandoffInput.COMPLETE: (_NONE, HandoffAction.NOTHING),
}

HANDOFFS: Final[
    Mapping[RealtimeVersion, Mapping[Handoff, Mapping[HandoffInput, tuple[Handoff, HandoffAction]]]]
] = {
    "v1": {
        _NONE: _FREE,
        _AT_WORK: {
            HandoffInput.REQUESTED: (_AT_WORK, HandoffAction.ADOPT),
            HandoffInput.OUTPUT: (_REPORTED, HandoffAction.REPORT),
            HandoffInput.COMPLETE: (_NONE, HandoffAction.NOTHING),
        },
        _REPORTED: {
            HandoffInput.REQUESTED: (_AT_WORK, HandoffAction.ADOPT),
            HandoffInput.OUTPUT: (_REPORTED, HandoffAction.REPORT),
            HandoffInput.COMPLETE: (_NONE, HandoffAction.NOTHING),
        },
    },
    "v2": {
        _NONE: _FREE,
        _AT_WORK: {
            HandoffInput.REQUESTED: (_AT_WORK, HandoffAction.STEER),
            HandoffInput.OUTPUT: (_REPORTED, HandoffAction.REPORT),
            HandoffInput.COMPLETE: (_NONE, HandoffAction.NOTHING),
        },
        _REPORTED: {
            HandoffInput.REQUESTED: (_REPORTED, HandoffAction.STEER),
            HandoffInput.OUTPUT: (_REPORTED, HandoffAction.REPORT),
            HandoffInput.COMPLETE: (_NONE, HandoffAction.ANSWER),
        },
    },
}
"""Version, state and input to the next state, and what is done."""


# -- what the server's events are to the machines -----------------------------------------------


class ClockAction(enum.Enum):
    """What happens to the clock of the model's audio."""

    ADVANCE = "advance"
    INTERRUPT = "truncate, and stop"
    STOP = "stop"


class EventRow(NamedTuple):
    """What one event does in version 2, in this order."""

    clock: ClockAction | None = None
    response: ResponseInput | None = None
    is_call: bool = False
    """Whether it is a call that is answered: a handoff (in version 1 as well), or silence."""


EVENTS: Final[Mapping[type[Any], EventRow]] = {
    AudioOut: EventRow(ClockAction.ADVANCE),
    InputAudioSpeechStarted: EventRow(ClockAction.INTERRUPT),
    ResponseCreated: EventRow(None, ResponseInput.BEGAN),
    ResponseCancelled: EventRow(ClockAction.STOP, ResponseInput.ENDED),
    ResponseDone: EventRow(ClockAction.STOP, ResponseInput.ENDED),
    HandoffRequested: EventRow(ClockAction.STOP, is_call=True),
    NoopRequested: EventRow(ClockAction.STOP, is_call=True),
}
"""The events that do anything. Every event is passed on as well, after what it does."""
