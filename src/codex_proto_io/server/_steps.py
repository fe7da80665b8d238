"""The steps of a script: each class here is one kind of `"do": ...`.

A step with `after` begins a new write, that many seconds after the step before it. A step without
it is written together with the step before it, in one piece.

Source: docs/server.md.
"""

import base64
import binascii
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, legal_headers

__all__ = [
    "AcceptStep",
    "AnswerStep",
    "BodyStep",
    "CloseStep",
    "CutKind",
    "CutStep",
    "EndStep",
    "HeadStep",
    "MessageStep",
    "PingStep",
    "PongStep",
    "RawStep",
    "ReceiveStep",
    "RespondStep",
    "Spoken",
    "StallStep",
    "Step",
    "StepContent",
    "WaitForCloseStep",
]

CutKind: TypeAlias = Literal["fin", "rst"]
HeaderFields: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]

_MAX_CONTROL = 125


class _Step(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="do",
):
    """The base of all steps: `after` is the seconds to wait before it, in a write of its own."""

    after: float | None = None

    def __post_init__(self) -> None:
        check_seconds("after", self.after)


class StepContent(_Step, frozen=True, kw_only=True):
    """Bytes, said in one of several ways.

    Attributes:
        text: text, sent as UTF-8.
        base64: any bytes.
        json: a value, sent as compact JSON.
        event: a JSON object with a `type`, framed as an event of an event stream.
        file: the name of a file with the bytes, relative to the script.
        repeat: how many times they are sent, one after another.

    Raises:
        ValueError: they are given in two forms, or in a form that is not valid.
    """

    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET
    json: Any = UNSET
    event: Any = UNSET
    file: str | UnsetType = UNSET
    repeat: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        given = [name for name in _WAYS if getattr(self, name) is not UNSET]
        if len(given) > 1:
            raise ValueError(f"has both {given[0]} and {given[1]}: use one of them")
        if self.repeat < 1:
            raise ValueError("repeat: must be at least 1")
        if self.text is not UNSET and _has_surrogate(self.text):
            raise ValueError("text: has a lone surrogate, which is not valid UTF-8")
        if self.base64 is not UNSET:
            try:
                base64.b64decode(self.base64, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError("base64: is not base64") from None
        if self.event is not UNSET and not _has_type(self.event):
            raise ValueError("event: must be an object with a type")

    def data(self, files: Mapping[str, bytes]) -> bytes:
        """Return the bytes; `files` maps the names of `file` to contents."""
        return self._once(files) * self.repeat

    def _once(self, files: Mapping[str, bytes]) -> bytes:
        if self.text is not UNSET:
            return self.text.encode()
        if self.base64 is not UNSET:
            return base64.b64decode(self.base64)
        if self.json is not UNSET:
            return msgspec.json.encode(self.json)
        if self.event is not UNSET:
            name = self.event["type"].encode()
            return b"event: %b\ndata: %b\n\n" % (name, msgspec.json.encode(self.event))
        return b"" if isinstance(self.file, UnsetType) else files[self.file]


_WAYS = ("text", "base64", "json", "event", "file")


# -- HTTP ---------------------------------------------------------------------------------------


class _WithHeaders(_Step, frozen=True, kw_only=True):
    headers: HeaderFields = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_headers(self.headers)

    @property
    def fields(self) -> Headers:
        """Return the header fields."""
        return Headers.of(self.headers)


class HeadStep(_WithHeaders, frozen=True, kw_only=True, tag="head"):
    """Status and header fields of the answer; a status of 1xx comes before the answer.

    Without a `content-length` the body is chunked. A body without a head before it gets status
    200 and the content type `text/event-stream`.
    """

    status: int = 200

    def __post_init__(self) -> None:
        super().__post_init__()
        check_status(self.status, 100)


class BodyStep(StepContent, frozen=True, kw_only=True, tag="body"):
    """The next bytes of the body: one chunk of it."""


class EndStep(_WithHeaders, frozen=True, kw_only=True, tag="end"):
    """The body ends as it should; `headers` are its trailers.

    It may be left out at the end of the steps.
    """


class RespondStep(StepContent, frozen=True, kw_only=True, tag="respond"):
    """A whole answer, with a `content-length`; `json` makes its content type that of JSON."""

    status: int = 200
    headers: HeaderFields = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_status(self.status, 200)
        check_headers(self.headers)

    @property
    def fields(self) -> Headers:
        """Return the header fields; for `json` with its content type unless one is given."""
        fields = Headers.of(self.headers)
        if self.json is UNSET or "content-type" in fields:
            return fields
        return Headers([("content-type", "application/json"), *fields])


# -- WebSockets ---------------------------------------------------------------------------------


class AcceptStep(_WithHeaders, frozen=True, kw_only=True, tag="accept"):
    """Take part in the WebSocket: 101. It need not be said before another step of a WebSocket.

    `headers` are further fields of the answer; `compression` allows the client to compress.
    """

    subprotocol: str | None = None
    compression: bool = True


class ReceiveStep(StepContent, frozen=True, kw_only=True, tag="receive"):
    """Wait for a message of the client's.

    With `type`, messages of other types are skipped. The content is the message that a recorder
    saw; it is for readers and not compared.
    """

    type: str | None = None


class MessageStep(StepContent, frozen=True, kw_only=True, tag="message"):
    """A message: a binary one where it is said in `base64`, text otherwise."""

    @property
    def is_text(self) -> bool:
        """Return whether it is a text message."""
        return self.base64 is UNSET


class PingStep(StepContent, frozen=True, kw_only=True, tag="ping"):
    """A ping, with at most 125 bytes; clients answer it by themselves."""


class PongStep(StepContent, frozen=True, kw_only=True, tag="pong"):
    """A pong that nobody has asked for."""


class CloseStep(_Step, frozen=True, kw_only=True, tag="close"):
    """A close frame, and then the end; any code will do, and None is a frame without one."""

    code: int | None = 1000
    reason: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.code is not None and not 0 <= self.code <= 65535:
            raise ValueError("code: must be 0 to 65535")
        if len(self.reason.encode()) > _MAX_CONTROL - 2:
            raise ValueError("reason: must be at most 123 bytes of UTF-8")
        if self.code is None and self.reason:
            raise ValueError("reason: needs a code")


# -- either ------------------------------------------------------------------------------------


class AnswerStep(_Step, frozen=True, kw_only=True, tag="answer"):
    """What the server would have answered without the script."""


class RawStep(StepContent, frozen=True, kw_only=True, tag="raw"):
    """Bytes as they are, past HTTP and WebSocket: garbage. End the connection after them."""


class CutStep(_Step, frozen=True, kw_only=True, tag="cut"):
    """End the connection here: with a FIN, or with a RST."""

    how: CutKind = "fin"


class StallStep(_Step, frozen=True, kw_only=True, tag="stall"):
    """Say nothing for so many seconds; None: until the client has enough."""

    seconds: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seconds("seconds", self.seconds)


class WaitForCloseStep(_Step, frozen=True, kw_only=True, tag="wait_for_close"):
    """Wait until the client has ended the connection or the WebSocket."""


Step: TypeAlias = (
    HeadStep
    | BodyStep
    | EndStep
    | RespondStep
    | AcceptStep
    | ReceiveStep
    | MessageStep
    | PingStep
    | PongStep
    | CloseStep
    | AnswerStep
    | RawStep
    | CutStep
    | StallStep
    | WaitForCloseStep
)


class Spoken(NamedTuple):
    """The form in which bytes are given: as text if they are valid UTF-8, else as base64."""

    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET

    @classmethod
    def of(cls, data: bytes) -> "Spoken":
        """Return the form of some bytes; empty bytes have neither member."""
        try:
            return cls(text=data.decode()) if data else cls()
        except UnicodeDecodeError:
            return cls.binary(data)

    @classmethod
    def binary(cls, data: bytes) -> "Spoken":
        """Return the base64 form of some bytes, even if they could be text."""
        return cls(base64=base64.b64encode(data).decode())


def files_of(steps: Sequence[Step]) -> Iterator[str]:
    """Return the names of the files that steps use."""
    for step in steps:
        if isinstance(step, StepContent) and step.file is not UNSET:
            yield step.file


def check_seconds(name: str, seconds: float | None) -> None:
    """Raise `ValueError` unless `seconds` is `None` or a duration."""
    if seconds is not None and not 0 <= seconds < math.inf:
        raise ValueError(f"{name}: must be seconds, 0 or more")


def check_status(status: int, least: int) -> None:
    """Raise `ValueError` unless it is a status that can be sent."""
    if not least <= status <= 999 or status == 101:
        raise ValueError(f"status: must be {least} to 999, not {status}")


def check_headers(headers: HeaderFields) -> None:
    """Raise `ValueError` unless HTTP allows the fields."""
    try:
        legal_headers("headers", headers)
    except LocalProtocolError as error:
        raise ValueError(error.message) from None


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _has_type(event: Any) -> bool:
    if not isinstance(event, Mapping):
        return False
    return isinstance(cast("Mapping[str, Any]", event).get("type"), str)
