"""The effects of operations: the I/O that both pumps implement, as values.

An operation is a generator. It yields effects, receives their results and returns a result of its
own. So it is written once and runs under asyncio as well as in a thread. If an effect fails, the
error is raised where the effect was yielded.

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
        """Queue bytes, which are written at once as far as possible, and else while reading."""
        ...

    def abort(self) -> None:
        """Close at once; queued bytes are lost. May be called twice, and from any thread."""
        ...

    @property
    def bytes_queued(self) -> int:
        """Return how many bytes are queued and not written."""
        ...

    @property
    def has_input(self) -> bool:
        """Whether there are bytes to read, or the end of input."""
        ...

    def watch(self, reader: Callable[[bytes], None] | None) -> None:
        """Pass bytes that come while no operation reads to `reader`, where that is possible."""
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
"""Called with the error of a refused request; returns new credentials, or `None`."""


class Credentials:
    """The current credentials of a client, shared by its operations.

    Raises:
        LocalProtocolError: `auth` has no method to authorise requests, or `hook` is not callable.
    """

    def __init__(self, auth: AuthProvider, hook: RefreshHook | None = None) -> None:
        if hook is not None and not callable(hook):
            raise LocalProtocolError(f"refresh_auth: must be a function, not {type(hook).__name__}")
        self.auth = _checked("auth: must be", auth)
        self.hook = hook

    def renew(self, auth: AuthProvider | None) -> bool:
        """Use the credentials that the hook returned; return `False` if it returned `None`.

        Raises:
            LocalProtocolError: `auth` has no method to authorise requests.
        """
        if auth is None:
            return False
        self.auth = _checked("refresh_auth: must return", auth)
        return True


def _checked(what: str, auth: AuthProvider) -> AuthProvider:
    # Only the type: the value may be a key, which must not be shown.
    if not callable(getattr(auth, "authorize", None)):
        kind = type(auth).__name__
        raise LocalProtocolError(f"{what} credentials such as BearerAuth, not {kind}")
    return auth


# -- the effects --------------------------------------------------------------------------------


class Connect(Struct, frozen=True):
    """Connect to a host: returns a `ByteStream`, or `None` when `until` comes first."""

    host: str
    port: int
    is_secure: bool
    until: float | None


class Receive(Struct, frozen=True):
    """Write what is queued and wait for bytes: returns `b""` at the end, `None` at `until`."""

    stream: ByteStream
    until: float | None


class Flush(Struct, frozen=True):
    """Write all but a little of what is queued: returns whether that was done by `until`."""

    stream: ByteStream
    until: float | None


class Close(Struct, frozen=True):
    """Write what is queued as far as that is possible at once, and close."""

    stream: ByteStream


class Sleep(Struct, frozen=True):
    """Wait until a point in time."""

    until: float


class RefreshAuth(Struct, frozen=True):
    """Ask the hook for credentials other than `used`: returns whether there are any now.

    Pumps run one refresh at a time, so that several operations use a refresh token only once.
    """

    credentials: Credentials
    used: AuthProvider
    error: CodexError


class Fetch(Struct, frozen=True):
    """Send a request through the HTTP library: returns a `LibraryAnswer`, or `None` at `until`."""

    request: HttpRequest
    timeouts: HttpTimeouts
    until: float | None


class ReadBody(Struct, frozen=True):
    """Wait for bytes of a body, still compressed: returns `b""` at its end, `None` at `until`."""

    answer: LibraryAnswer
    until: float | None


class CloseAnswer(Struct, frozen=True):
    """Close an answer, whether it was read to its end or not."""

    answer: LibraryAnswer


Effect: TypeAlias = (
    Connect | Receive | Flush | Close | Sleep | RefreshAuth | Fetch | ReadBody | CloseAnswer
)
Operation: TypeAlias = Generator[Effect, Any, T]


# -- the effects with the types of their results --------------------------------------------------


def connect(request: HttpRequest, until: float | None) -> Operation[ByteStream | None]:
    """Connect to the host of a request."""
    stream: ByteStream | None = yield Connect(request.host, request.port, request.is_secure, until)
    return stream


def flush(stream: ByteStream, until: float | None) -> Operation[bool]:
    """Wait until all but a little of what is queued is written."""
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
    """Ask the hook for new credentials."""
    done: bool = yield RefreshAuth(credentials, used, error)
    return done


def fetch(
    request: HttpRequest, timeouts: HttpTimeouts, until: float | None
) -> Operation[LibraryAnswer | None]:
    """Send a request through the HTTP library."""
    answer: LibraryAnswer | None = yield Fetch(request, timeouts, until)
    return answer


def close_answer(answer: LibraryAnswer) -> Operation[None]:
    """Close an answer."""
    yield CloseAnswer(answer)
