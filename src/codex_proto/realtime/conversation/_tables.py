"""The behaviour of a conversation as tables, which `RealtimeConversation` follows.

Three small machines run side by side: the model's responses (version 2), the active handoff, and
the clock of the model's audio (version 2). `EVENTS` maps an event of the server to the inputs of
each; a call of the application is an input of one of them.

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
    """The phase of the model's response."""

    IDLE = "idle"
    ACTIVE = "active"
    ONE_WANTED = "one wanted"
    """Active, and one more has to follow."""


class ResponseInput(enum.Enum):
    """The inputs of the table of responses."""

    WANTED = "wanted"
    BEGAN = "began"
    ENDED = "ended"
    REFUSED = "refused"
    """The server refused `response.create`, since a response is in progress."""


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
    """What the agent is doing."""

    NONE = "none"
    ACTIVE = "active"
    REPORTED = "reported"
    """Active, and the agent has sent output."""


class HandoffInput(enum.Enum):
    """The inputs of the table of handoffs."""

    REQUESTED = "requested"
    OUTPUT = "output"
    COMPLETE = "turn complete"


class HandoffAction(enum.Enum):
    """The action that an input of the table of handoffs causes."""

    NOTHING = "nothing"
    ADOPT = "adopt"
    """Make it the active one."""
    STEER = "steer"
    """Answer it at once, and request a response: the agent adds it to the active one."""
    REPORT = "report"
    """Send it for the active one."""
    STANDALONE = "standalone"
    """Send it by itself, and request a response; drop it in May."""
    ANSWER = "answer"
    """Answer the active one, and request a response."""


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
"""Version, state and input to the next state and the action."""


# -- what the server's events mean to the machines ----------------------------------------------


class ClockAction(enum.Enum):
    """What an event does to the clock of the model's audio."""

    ADVANCE = "advance"
    INTERRUPT = "truncate, and stop"
    STOP = "stop"


class EventRow(NamedTuple):
    """What one event does in version 2, in this order."""

    clock: ClockAction | None = None
    response: ResponseInput | None = None
    is_call: bool = False
    """Whether it is a call to answer: a handoff (also in version 1), or silence."""


EVENTS: Final[Mapping[type[Any], EventRow]] = {
    AudioOut: EventRow(ClockAction.ADVANCE),
    InputAudioSpeechStarted: EventRow(ClockAction.INTERRUPT),
    ResponseCreated: EventRow(None, ResponseInput.BEGAN),
    ResponseCancelled: EventRow(ClockAction.STOP, ResponseInput.ENDED),
    ResponseDone: EventRow(ClockAction.STOP, ResponseInput.ENDED),
    HandoffRequested: EventRow(ClockAction.STOP, is_call=True),
    NoopRequested: EventRow(ClockAction.STOP, is_call=True),
}
"""The events with an effect. Every event is passed on as well, after its effect."""
