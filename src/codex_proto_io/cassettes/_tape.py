"""The recording of one exchange, and the line of the script that it becomes.

Source: docs/server.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from codex_proto.connections import RequestReceived
from codex_proto.errors import Secrets
from codex_proto.http import Headers
from codex_proto_io.server import (
    AcceptStep,
    BodyStep,
    CloseStep,
    CutKind,
    CutStep,
    EndStep,
    Exchange,
    HeadStep,
    MessageStep,
    PingStep,
    PongStep,
    RawStep,
    ReceiveStep,
    RecordedRequest,
    RespondStep,
    Spoken,
    Step,
    WaitForCloseStep,
)

__all__ = ["Tape"]

_Kind: TypeAlias = Literal["body", "respond", "message", "receive", "ping", "pong", "raw"]


@dataclass
class _Bytes:
    """A step with bytes as they came."""

    kind: _Kind
    after: float | None
    data: bytes
    is_text: bool = True
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Tape:
    """Records one exchange.

    Attributes:
        request: the request of the client.
        began: its time, in seconds of the loop.
        secrets: the secrets to mask.
        max_size: the bytes that are kept; later ones are left out, and a note is added.
    """

    request: RequestReceived
    began: float
    secrets: Secrets
    max_size: int
    _steps: list[Step | _Bytes] = field(default_factory=list["Step | _Bytes"])
    _size: int = 0
    _is_full: bool = False
    _is_over: bool = False

    def __post_init__(self) -> None:
        self._last = self.began
        self._size = len(self.request.body)
        self.secrets.learn(self.request.headers, self.request.target, self.request.body)

    # -- recording ------------------------------------------------------------------------------

    def head(self, status: int, headers: Headers, at: float | None) -> None:
        """Record the head of the answer; `at` is `None` if it came with what is before it."""
        self.secrets.learn(headers)
        self._steps.append(
            HeadStep(after=self._after(at), status=status, headers=self.secrets.headers(headers))
        )

    def body(self, data: bytes, at: float | None) -> None:
        """Record bytes of the body, as they came in one read."""
        self._add(_Bytes("body", self._after(at), data))

    def end(self, trailers: Headers, at: float | None) -> None:
        """The end of the body."""
        self._finish(EndStep(after=self._after(at), headers=self.secrets.headers(trailers)))

    def respond(self, status: int, headers: Headers, data: bytes, at: float) -> None:
        """Record a whole answer."""
        self.secrets.learn(headers)
        fields = self.secrets.headers(headers)
        after = self._after(at)
        self._add(_Bytes("respond", after, data, status=status, headers=fields))
        self._is_over = True

    def accept(self, headers: Headers, subprotocol: str | None, at: float) -> None:
        """Record that the WebSocket was opened."""
        self.secrets.learn(headers)
        kept = None if subprotocol is None else self.secrets.text(subprotocol)
        fields = self.secrets.headers(headers)
        self._steps.append(AcceptStep(after=self._after(at), headers=fields, subprotocol=kept))

    def receive(self, data: bytes, *, is_text: bool, at: float) -> None:
        """Record a message of the client."""
        self.secrets.learn_body(data)
        self._last = at
        self._add(_Bytes("receive", None, data, is_text))

    def message(self, data: bytes, *, is_text: bool, at: float | None) -> None:
        """Record a message of the server."""
        self._add(_Bytes("message", self._after(at), data, is_text))

    def ping(self, data: bytes, at: float | None) -> None:
        """Record a ping of the server."""
        self._add(_Bytes("ping", self._after(at), data))

    def pong(self, data: bytes, at: float | None) -> None:
        """Record an unsolicited pong of the server."""
        self._add(_Bytes("pong", self._after(at), data))

    def raw(self, data: bytes, at: float) -> None:
        """Record bytes that are neither HTTP nor WebSocket."""
        self._add(_Bytes("raw", self._after(at), data))

    def close(self, code: int | None, reason: str, at: float | None) -> None:
        """The server's close frame."""
        self._finish(CloseStep(after=self._after(at), code=code, reason=self.secrets.text(reason)))

    def cut(self, how: CutKind, at: float | None) -> None:
        """The server has broken the connection."""
        self._finish(CutStep(after=self._after(at), how=how))

    def wait_for_close(self, at: float) -> None:
        """The client has left."""
        self._finish(WaitForCloseStep(after=self._after(at)))

    # -- writing --------------------------------------------------------------------------------

    def exchange(self) -> Exchange:
        """Return the exchange to write, without secrets."""
        request, secrets = self.request, self.secrets
        said = Spoken.of(secrets.mask(request.body))
        recorded = RecordedRequest(
            target=secrets.target(request.target),
            headers=secrets.headers(request.headers),
            text=said.text,
            base64=said.base64,
        )
        note = "more than max_exchange_size: the rest is missing" if self._is_full else None
        path = secrets.target(request.path)
        return Exchange(
            on=f"{request.method} {path}", steps=self._masked(), request=recorded, note=note
        )

    def _after(self, at: float | None) -> float | None:
        if at is None:
            return None
        after = max(0.0, at - self._last)
        self._last = max(self._last, at)
        return round(after, 6)

    def _add(self, step: _Bytes) -> None:
        if self._is_full or self._size + len(step.data) > self.max_size:
            self._is_full = True
            return
        self._size += len(step.data)
        self._steps.append(step)

    def _finish(self, step: Step) -> None:
        if not self._is_over:
            self._is_over = True
            self._steps.append(CutStep() if self._is_full else step)

    def _masked(self) -> list[Step]:
        bodies = [each for each in self._steps if isinstance(each, _Bytes) and each.kind == "body"]
        # All bytes are masked together, because reads may split a secret.
        whole = self.secrets.mask(b"".join(each.data for each in bodies))
        start = 0
        steps: list[Step] = []
        for step in self._steps:
            if not isinstance(step, _Bytes):
                steps.append(step)
            elif step.kind == "body":
                data = whole[start : start + len(step.data)]
                start += len(data)
                steps.append(_spoken(step, data))
            else:
                steps.append(_spoken(step, self.secrets.mask(step.data)))
        return steps


_CLASSES: Final[dict[str, Callable[..., Step]]] = {
    "body": BodyStep,
    "message": MessageStep,
    "receive": ReceiveStep,
    "ping": PingStep,
    "pong": PongStep,
    "raw": RawStep,
}


def _spoken(step: _Bytes, data: bytes) -> Step:
    said = Spoken.of(data) if step.is_text else Spoken.binary(data)
    if step.kind == "respond":
        return RespondStep(
            after=step.after,
            status=step.status,
            headers=step.headers,
            text=said.text,
            base64=said.base64,
        )
    cls = _CLASSES[step.kind]
    return cls(after=step.after, text=said.text, base64=said.base64)
