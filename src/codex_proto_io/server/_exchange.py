"""One exchange of a script: a request, or a message on a WebSocket, and what comes back.

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
    """Where an exchange breaks: after so many bytes on the wire, heads and frames included.

    `fin` and `rst` end the connection, there or where the exchange ends before; `stall` keeps it,
    in silence.

    Raises:
        ValueError: `after` is below 0.
    """

    after: int
    how: Literal["fin", "rst", "stall"] = "fin"

    def __post_init__(self) -> None:
        if self.after < 0:
            raise ValueError("after: must be a number of bytes, 0 or more")


class Pace(_Part, frozen=True, kw_only=True):
    """A slow drip: `size` bytes on the wire at a time, `every` so many seconds.

    Raises:
        ValueError: `size` is below 1, or `every` is no duration.
    """

    size: int
    every: float = 0.0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("size: must be a number of bytes, 1 or more")
        check_seconds("every", self.every)


class RecordedRequest(_Part, frozen=True, kw_only=True):
    """The request that a recorder has seen, without its secrets: for readers, not compared.

    Attributes:
        target: its path and query.
        headers: its header fields.
        text: its body, where that is text.
        base64: its body, where it is not.
    """

    target: str
    headers: HeaderFields = ()
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET


class Exchange(_Part, frozen=True, kw_only=True):
    """One entry of a script: which request or message it is for, and what is done about it.

    Attributes:
        on: method and path, such as `POST /v1/responses`; `*` stands for any of either, and alone
            for both.
        message: the type of a message, such as `response.create` (`*` for any): the exchange is
            then for such a message on a WebSocket that was opened at `on`.
        if_: a JSON object that has to be in the body or message; objects may have more members.
        times: how many requests it is for, or `always`.
        steps: what to do; none for the built-in answer.
        cut: where the connection breaks.
        pace: how slowly bytes go out.
        request: what a recorder has seen.
        note: for readers.

    Raises:
        ValueError: `on` or `times` is none, or a step cannot stand where it does.
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
        """How many requests it is for."""
        return math.inf if self.times == "always" else self.times

    def is_at(self, method: str, path: str) -> bool:
        """Whether `on` is that method and path."""
        verb, where = ("*", "*") if self.on == "*" else self.on.split()
        return verb in ("*", method) and where in ("*", path)

    def is_for(self, method: str, path: str, content: bytes, message: str | None) -> bool:
        """Whether it is for such a request, or for such a message on a WebSocket."""
        if not self.is_at(method, path):
            return False
        if (self.message is None) is not (message is None) or self.message not in ("*", message):
            return False
        return self.if_ is None or _is_within(self.if_, _json(content))


# Which step may come where, and where it leads: before the answer, in its body, on a WebSocket,
# and after all that. Every step that is not here may come anywhere.
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
            raise ValueError(f"steps[{at}]: {name} cannot stand {state}")
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
