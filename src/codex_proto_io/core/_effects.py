"""What an operation asks of the world, as values: the one list that both pumps implement.

An operation is a generator. It yields effects, gets their results back, and returns its own; so it
is written once, and runs under asyncio as well as in a thread. What fails in an effect is raised
where it was yielded.

All times are those of the operation's `Clock`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from codex_proto.connections import HttpTimeouts
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.http import Headers, HttpRequest
from codex_proto.requests import AuthProvider

__all__ = [
    "ByteStream",
    "Close",
    "CloseAnswer",
    "Connect",
    "Credentials",
    "Effect",
    "Fetch",
    "Flush",
    "LibraryAnswer",
    "Operation",
    "ReadBody",
    "Receive",
    "RefreshAuth",
    "RefreshHook",
    "Sleep",
]

T = TypeVar("T")


class ByteStream(Protocol):
    """A connected transport, TLS included."""

    def put(self, data: bytes) -> None:
        """Queue bytes; they are written at once as far as possible, and while reading."""
        ...

    def abort(self) -> None:
        """Close it at once; what is queued is lost. May be called twice, and from any thread."""
        ...

    @property
    def bytes_queued(self) -> int:
        """How many bytes are queued and not written."""
        ...

    @property
    def has_input(self) -> bool:
        """Whether there is something to read, be it the end."""
        ...

    def watch(self, reader: Callable[[bytes], None] | None) -> None:
        """Have `reader` take what comes while nobody reads, where that is possible."""
        ...


class LibraryAnswer(Protocol):
    """The answer to a request that another HTTP library has sent; its body is not read yet."""

    @property
    def status(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> Headers:
        """The header fields."""
        ...


RefreshHook: TypeAlias = Callable[
    [CodexError], AuthProvider | Awaitable[AuthProvider | None] | None
]
"""Gets the error of a refused request; returns other credentials, None where there are none."""


class Credentials:
    """Who is asking, at present: what one client's operations share.

    Raises:
        LocalProtocolError: `auth` authorises no requests, or `hook` is no function.
    """

    def __init__(self, auth: AuthProvider, hook: RefreshHook | None = None) -> None:
        if hook is not None and not callable(hook):
            raise LocalProtocolError(f"refresh_auth: must be a function, not {type(hook).__name__}")
        self.auth = _checked("auth: must be", auth)
        self.hook = hook

    def renew(self, auth: AuthProvider | None) -> bool:
        """Take what the hook returned; whether it is anything.

        Raises:
            LocalProtocolError: it authorises no requests.
        """
        if auth is None:
            return False
        self.auth = _checked("refresh_auth: must return", auth)
        return True


def _checked(what: str, auth: AuthProvider) -> AuthProvider:
    # A key, for one: it must not be shown.
    if not callable(getattr(auth, "authorize", None)):
        kind = type(auth).__name__
        raise LocalProtocolError(f"{what} credentials such as BearerAuth, not {kind}")
    return auth


# -- the effects --------------------------------------------------------------------------------


class Connect(Struct, frozen=True):
    """Connect to a host: gives a `ByteStream`, None when `until` comes first."""

    host: str
    port: int
    is_secure: bool
    until: float | None


class Receive(Struct, frozen=True):
    """Write what is queued, and wait for bytes: `b""` at the end, None when `until` comes first."""

    stream: ByteStream
    until: float | None


class Flush(Struct, frozen=True):
    """Write what is queued, up to a little: gives whether that was done by `until`."""

    stream: ByteStream
    until: float | None


class Close(Struct, frozen=True):
    """Write what is queued, if that takes no time, and close."""

    stream: ByteStream


class Sleep(Struct, frozen=True):
    """Wait until then."""

    until: float


class RefreshAuth(Struct, frozen=True):
    """Ask the hook for other credentials than `used`: gives whether there are any now.

    One after another, so that a refresh token is used once by however many operations.
    """

    credentials: Credentials
    used: AuthProvider
    error: CodexError


class Fetch(Struct, frozen=True):
    """Have the HTTP library send a request: gives a `LibraryAnswer`, None when `until` comes."""

    request: HttpRequest
    timeouts: HttpTimeouts
    until: float | None


class ReadBody(Struct, frozen=True):
    """Wait for the next bytes of a body, not decompressed: `b""` at its end, None at `until`."""

    answer: LibraryAnswer
    until: float | None


class CloseAnswer(Struct, frozen=True):
    """Be done with an answer, read or not."""

    answer: LibraryAnswer


Effect: TypeAlias = (
    Connect | Receive | Flush | Close | Sleep | RefreshAuth | Fetch | ReadBody | CloseAnswer
)
Operation: TypeAlias = Generator[Effect, Any, T]


# -- the same, with the types of their results --------------------------------------------------


def connect(request: HttpRequest, until: float | None) -> Operation[ByteStream | None]:
    """Connect to where a request goes."""
    stream: ByteStream | None = yield Connect(request.host, request.port, request.is_secure, until)
    return stream


def flush(stream: ByteStream, until: float | None) -> Operation[bool]:
    """Wait until what is queued is written, but for a little."""
    done: bool = yield Flush(stream, until)
    return done


def close(stream: ByteStream) -> Operation[None]:
    """Close a transport."""
    yield Close(stream)


def sleep(until: float) -> Operation[None]:
    """Wait."""
    yield Sleep(until)


def refresh_auth(
    credentials: Credentials, used: AuthProvider, error: CodexError
) -> Operation[bool]:
    """Ask for other credentials."""
    done: bool = yield RefreshAuth(credentials, used, error)
    return done


def fetch(
    request: HttpRequest, timeouts: HttpTimeouts, until: float | None
) -> Operation[LibraryAnswer | None]:
    """Have a request sent."""
    answer: LibraryAnswer | None = yield Fetch(request, timeouts, until)
    return answer


def close_answer(answer: LibraryAnswer) -> Operation[None]:
    """Be done with an answer."""
    yield CloseAnswer(answer)
