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
    "Accept",
    "Body",
    "Close",
    "Content",
    "Cut",
    "End",
    "Head",
    "How",
    "Message",
    "Ping",
    "Pong",
    "Raw",
    "Receive",
    "Respond",
    "Spoken",
    "Step",
    "WaitForClose",
]

How: TypeAlias = Literal["fin", "rst"]
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


class Content(_Step, frozen=True, kw_only=True):
    """Bytes, given in one of several forms.

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


class Head(_WithHeaders, frozen=True, kw_only=True, tag="head"):
    """Send status and header fields of the answer; a status of 1xx comes before the answer.

    Without a `content-length` the body is chunked. A body without a head before it gets status
    200 and the content type `text/event-stream`.
    """

    status: int = 200

    def __post_init__(self) -> None:
        super().__post_init__()
        check_status(self.status, 100)


class Body(Content, frozen=True, kw_only=True, tag="body"):
    """Send the next bytes of the body as one chunk."""


class End(_WithHeaders, frozen=True, kw_only=True, tag="end"):
    """End the body; `headers` are its trailers.

    It may be left out at the end of the steps.
    """


class Respond(Content, frozen=True, kw_only=True, tag="respond"):
    """Send a whole answer with a `content-length`; `json` sets the content type of JSON."""

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


class Accept(_WithHeaders, frozen=True, kw_only=True, tag="accept"):
    """Accept the WebSocket (101). It may be left out before another WebSocket step.

    `headers` are further fields of the answer; `compression` allows the client to compress.
    """

    subprotocol: str | None = None
    compression: bool = True


class Receive(Content, frozen=True, kw_only=True, tag="receive"):
    """Wait for a message of the client.

    With `type`, messages of other types are skipped. The content is the message that a recorder
    saw; it is for readers and not compared.
    """

    type: str | None = None


class Message(Content, frozen=True, kw_only=True, tag="message"):
    """Send a message: a binary one if it is given as `base64`, else a text message."""

    @property
    def is_text(self) -> bool:
        """Return whether it is a text message."""
        return self.base64 is UNSET


class Ping(Content, frozen=True, kw_only=True, tag="ping"):
    """Send a ping of at most 125 bytes, which clients answer by themselves."""


class Pong(Content, frozen=True, kw_only=True, tag="pong"):
    """Send an unsolicited pong."""


class Close(_Step, frozen=True, kw_only=True, tag="close"):
    """Send a close frame with any code, or without one for `None`, and end the connection."""

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


class Answer(_Step, frozen=True, kw_only=True, tag="answer"):
    """Send the built-in answer of the server."""


class Raw(Content, frozen=True, kw_only=True, tag="raw"):
    """Send bytes that bypass HTTP and WebSocket, such as garbage. End the connection next."""


class Cut(_Step, frozen=True, kw_only=True, tag="cut"):
    """End the connection here, with a FIN or an RST."""

    how: How = "fin"


class Stall(_Step, frozen=True, kw_only=True, tag="stall"):
    """Send nothing for some seconds, or for `None` until the client leaves."""

    seconds: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_seconds("seconds", self.seconds)


class WaitForClose(_Step, frozen=True, kw_only=True, tag="wait_for_close"):
    """Wait until the client has ended the connection or the WebSocket."""


Step: TypeAlias = (
    Head
    | Body
    | End
    | Respond
    | Accept
    | Receive
    | Message
    | Ping
    | Pong
    | Close
    | Answer
    | Raw
    | Cut
    | Stall
    | WaitForClose
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
        if isinstance(step, Content) and step.file is not UNSET:
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
