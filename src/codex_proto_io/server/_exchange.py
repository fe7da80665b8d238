"""One exchange of a script: a request or WebSocket message, and its answer.

Source: docs/server.md.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from codex_proto.errors import DECODE_ERRORS
from codex_proto_io.server._steps import (
    AcceptStep,
    AnswerStep,
    BodyStep,
    CloseStep,
    CutStep,
    EndStep,
    HeaderFields,
    HeadStep,
    MessageStep,
    PingStep,
    PongStep,
    RawStep,
    ReceiveStep,
    RespondStep,
    StallStep,
    Step,
    WaitForCloseStep,
    check_seconds,
)

__all__ = ["CutAfter", "Exchange", "Pace", "RecordedRequest"]


class _Part(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    pass


class CutAfter(_Part, frozen=True, kw_only=True):
    """The point where an exchange is cut: after a number of bytes on the wire, heads included.

    `fin` and `rst` end the connection, at that byte or at the end of a shorter exchange; `stall`
    keeps it open and sends nothing more.

    Raises:
        ValueError: `after` is below 0.
    """

    after: int
    how: Literal["fin", "rst", "stall"] = "fin"

    def __post_init__(self) -> None:
        if self.after < 0:
            raise ValueError("after: must be a number of bytes, 0 or more")


class Pace(_Part, frozen=True, kw_only=True):
    """A slow pace: `size` bytes on the wire at a time, one piece `every` so many seconds.

    Raises:
        ValueError: `size` is below 1, or `every` is not a duration.
    """

    size: int
    every: float = 0.0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("size: must be a number of bytes, 1 or more")
        check_seconds("every", self.every)


class RecordedRequest(_Part, frozen=True, kw_only=True):
    """The request that a recorder saw, without its secrets. It is for readers and not compared.

    Attributes:
        target: its path and query.
        headers: its header fields.
        text: its body, if that is text.
        base64: its body, if that is not text.
    """

    target: str
    headers: HeaderFields = ()
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET


class Exchange(_Part, frozen=True, kw_only=True):
    """One entry of a script: the request or message that it answers, and the steps to play.

    Attributes:
        on: method and path, such as `POST /v1/responses`; `*` matches any method or path, and
            `*` alone any request.
        message: the type of a message, such as `response.create` (`*` for any): the exchange
            answers such a message on a WebSocket that was opened at `on`.
        if_: a JSON object that the body or message has to contain; it may have more members.
        times: the number of requests that it answers, or `always`.
        steps: the steps to play; without steps the built-in answer.
        cut: where the connection is cut.
        pace: how slowly bytes are sent.
        request: the request that a recorder saw.
        note: a comment for readers.

    Raises:
        ValueError: `on` or `times` is not valid, or a step is not allowed where it is.
    """

    on: str
    message: str | None = None
    if_: Mapping[str, Any] | None = field(default=None, name="if")
    times: int | Literal["always"] = 1
    steps: Sequence[Step] = ()
    cut: CutAfter | None = None
    pace: Pace | None = None
    request: RecordedRequest | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.on != "*" and len(self.on.split()) != 2:
            raise ValueError("on: must be a method and a path, such as POST /v1/responses")
        if self.times != "always" and self.times < 1:
            raise ValueError("times: must be a number above 0, or always")
        _check_steps(self.steps, is_message=self.message is not None)

    @property
    def uses(self) -> float:
        """The number of requests that it answers."""
        return math.inf if self.times == "always" else self.times

    def is_at(self, method: str, path: str) -> bool:
        """Return whether `on` matches a method and path."""
        verb, where = ("*", "*") if self.on == "*" else self.on.split()
        return verb in ("*", method) and where in ("*", path)

    def is_for(self, method: str, path: str, content: bytes, message: str | None) -> bool:
        """Return whether it answers a request or, with `message`, a WebSocket message."""
        if not self.is_at(method, path):
            return False
        if (self.message is None) is not (message is None) or self.message not in ("*", message):
            return False
        return self.if_ is None or _is_within(self.if_, _json(content))


# Where each step may come, and where it leads: before the answer, in its body, on a WebSocket, and
# after all that. Steps that are not listed may come anywhere.
_START, _BODY, _SOCKET, _OVER = "before the answer", "in its body", "on a WebSocket", "after it"
_ANYWHERE: dict[str, str] = {state: state for state in (_START, _BODY, _SOCKET, _OVER)}
_TALK: dict[str, str] = {_START: _SOCKET, _SOCKET: _SOCKET}
_STEPS: dict[type[Step], dict[str, str]] = {
    HeadStep: {_START: _BODY},
    BodyStep: {_START: _BODY, _BODY: _BODY},
    EndStep: {_START: _OVER, _BODY: _OVER},
    RespondStep: {_START: _OVER},
    AcceptStep: {_START: _SOCKET},
    ReceiveStep: _TALK,
    MessageStep: _TALK,
    PingStep: _TALK,
    PongStep: _TALK,
    CloseStep: {_START: _OVER, _SOCKET: _OVER},
    AnswerStep: {_START: _OVER},
    RawStep: _ANYWHERE,
    StallStep: _ANYWHERE,
    CutStep: dict.fromkeys(_ANYWHERE, _OVER),
    WaitForCloseStep: dict.fromkeys(_ANYWHERE, _OVER),
}


def _check_steps(steps: Sequence[Step], *, is_message: bool) -> None:
    state = _SOCKET if is_message else _START
    for at, step in enumerate(steps):
        table = _STEPS[type(step)]
        if isinstance(step, HeadStep) and step.status < 200:
            table = {_START: _START}
        elif isinstance(step, AnswerStep) and is_message:
            table = {_SOCKET: _SOCKET}
        if state not in table:
            name = type(step).__struct_config__.tag
            raise ValueError(f"steps[{at}]: {name} is not allowed {state}")
        state = table[state]


def _json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except DECODE_ERRORS:
        return None


def _is_within(wanted: Any, found: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(wanted == found)
    members = cast("Mapping[str, Any]", wanted)
    return isinstance(found, Mapping) and all(
        name in found and _is_within(value, found[name]) for name, value in members.items()
    )
