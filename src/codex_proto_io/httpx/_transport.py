"""HTTP through httpx, or a client with its interface: proxies, pools, HTTP/2 and TLS are its own.

Errors are known by the names of their classes, so that a library of the same interface under
another name (httpx2) will do.

Source: docs/architecture.md, "Drivers"; wire.md 7.6.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

import httpx

from codex_proto._secrets import redact_text
from codex_proto.connections import HttpTimeouts
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    LocalProtocolError,
    RemoteProtocolError,
    TimedOut,
)
from codex_proto.http import Headers, HttpRequest, written_headers
from codex_proto_io.core import Clock, LibraryAnswer
from codex_proto_io.httpx._cookies import cookie_jar
from codex_proto_io.httpx._within import Begun, begin

__all__ = ["AsyncLibrary", "SyncLibrary", "error_from_httpx"]

# As many connections as there are requests; a client that is passed in has its own limits.
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=20)

# What is wrong with where an answer leads to.
_BAD_LOCATION: Final = frozenset({"InvalidURL", "IDNAError", "UnsupportedProtocol"})

# Seconds that the library has after its own time is up: it raises and cleans up in milliseconds.
_GRACE: Final = 0.1

# What takes the place of httpx's own type for time-outs, which other libraries do not know.
Timeouts: TypeAlias = tuple[float | None, float | None, float | None, float | None]


class _Answer:
    """An answer of httpx's, and what is left of its body."""

    def __init__(self, response: Any, body: Any) -> None:
        self.response = response
        self.body: Any = body
        self.is_whole = bool(response.is_stream_consumed)
        self.status = int(response.status_code)
        self.headers = Headers.of(response.headers)
        if self.is_whole:
            # A mock's, which was whole from the start: decompressed already.
            self.body = iter([response.content]) if response.content else iter(())
            fields = [field for field in self.headers if field[0] != "content-encoding"]
            self.headers = Headers(fields)


class _Library:
    """What both have: clients of the library's, each made when it is needed.

    There is one for TLS and one for the rest, since certificates take long to load.
    """

    kind: Callable[..., Any]

    def __init__(self, client: Any | None, context: Callable[[], ssl.SSLContext]) -> None:
        self._given = client
        self._ours: dict[bool, Any] = {}
        self._context = context

    def _client_for(self, request: HttpRequest) -> Any:
        if self._given is not None:
            return self._given
        client = self._ours.get(request.is_secure)
        if client is None:
            client = self.kind(
                verify=self._context() if request.is_secure else _trusts_nobody(),
                limits=_LIMITS,
                cookies=cookie_jar(),
                timeout=None,
            )
            # What is sent is what the endpoints say.
            for name in [*client.headers]:
                del client.headers[name]
            self._ours[request.is_secure] = client
        return client


def _trusts_nobody() -> ssl.SSLContext:
    """Return a context that has no certificates to load, and so would let no server pass."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class AsyncLibrary(_Library):
    """Sends requests by an `httpx.AsyncClient`: one passed in, or one of ours."""

    kind = httpx.AsyncClient

    async def fetch(
        self, request: HttpRequest, timeouts: HttpTimeouts, seconds: float | None
    ) -> LibraryAnswer | None:
        """Send a request; None when the time is up."""
        client, made = _prepared(self._client_for, request, timeouts, seconds)
        try:
            # The library's own time-outs come first: it cleans up better after those.
            async with asyncio.timeout(seconds if seconds is None else seconds + _GRACE):
                response = await client.send(made, stream=True)
        except TimeoutError:
            return None
        except Exception as error:
            _raise_unless_slow(error)
            return None
        return _Answer(response, response.aiter_raw())

    async def read(self, answer: LibraryAnswer, until: float | None, clock: Clock) -> bytes | None:
        """Wait for bytes: `b""` at the end, None when the time is up, which the clock is told."""
        known = cast("_Answer", answer)
        try:
            if known.is_whole:
                return next(known.body, b"")
            data: Begun[bytes] | bytes = begin(known.body.__anext__())
            if isinstance(data, Begun):
                return await data.within(clock.wait_seconds(until))
            return data
        except StopAsyncIteration:
            return b""
        except TimeoutError:
            pass
        except Exception as error:
            _raise_unless_slow(error)
        _tell_late(clock, until)
        return None

    async def close_answer(self, answer: LibraryAnswer) -> None:
        """Be done with an answer; unread, it costs the connection."""
        # In a task of its own: a library that is cancelled while it closes loses the connection,
        # and a client with a limit hangs in the end.
        closing = asyncio.ensure_future(_close(cast("_Answer", answer)))
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait((closing,))
            raise

    async def close(self) -> None:
        """Close the clients that are ours."""
        async with contextlib.AsyncExitStack() as stack:
            for client in self._ours.values():
                stack.push_async_callback(client.aclose)


async def _close(answer: _Answer) -> None:
    try:
        if not answer.is_whole:
            await answer.body.aclose()
    finally:
        await answer.response.aclose()


class SyncLibrary(_Library):
    """The same by an `httpx.Client`.

    It waits for bytes only for as long as was said when the request was sent; so of silence
    that is broken by comments alone it may learn late.
    """

    kind = httpx.Client

    def fetch(
        self, request: HttpRequest, timeouts: HttpTimeouts, seconds: float | None
    ) -> LibraryAnswer | None:
        """Send a request; None when the time is up."""
        if seconds is not None and seconds <= 0:
            return None
        client, made = _prepared(self._client_for, request, timeouts, seconds)
        try:
            response = client.send(made, stream=True)
        except Exception as error:
            _raise_unless_slow(error)
            return None
        return _Answer(response, response.iter_raw())

    def read(self, answer: LibraryAnswer, until: float | None, clock: Clock) -> bytes | None:
        """Wait for bytes: `b""` at the end, None when the time is up, which the clock is told."""
        seconds = clock.wait_seconds(until)
        try:
            if seconds is None or seconds > 0:
                return next(cast("_Answer", answer).body, b"")
        except Exception as error:
            _raise_unless_slow(error)
        _tell_late(clock, until)
        return None

    def close_answer(self, answer: LibraryAnswer) -> None:
        """Be done with an answer; unread, it costs the connection."""
        cast("_Answer", answer).response.close()

    def close(self) -> None:
        """Close the clients that are ours."""
        for client in self._ours.values():
            client.close()


def error_from_httpx(error: Exception) -> CodexError | None:
    """Return what an exception of httpx's means; None for one that is not its own."""
    names = {cls.__name__ for cls in type(error).__mro__}
    why = redact_text(str(error)) or type(error).__name__
    if names & {"ConnectTimeout", "PoolTimeout"}:
        return TimedOut("The connection was not made in time.")
    if "TimeoutException" in names:
        return TimedOut("The HTTP library waited for too long.")
    if names & {"ConnectError", "ProxyError"}:
        return ConnectionFailed(f"Could not connect: {why}.")
    if names & _BAD_LOCATION:
        # The library looks at where an answer leads to even if it is not to go there.
        return RemoteProtocolError("The server's answer leads to an address that is none.")
    if isinstance(error, UnicodeError):
        # Header fields are bytes by now: it is the name of the host (IDNA).
        return ConnectionFailed("Could not connect: the host has a name that cannot be.")
    if "LocalProtocolError" in names and "TransportError" in names:
        return LocalProtocolError(f"request: the HTTP library refuses it: {_unquoted(why)}")
    if "RemoteProtocolError" in names:
        # The library has one name for a server that breaks off and one that breaks the rules.
        is_cut = "closed connection" in why or "disconnected" in why
        if is_cut:
            return ConnectionFailed(f"{why}.")
        # Behind the colon are bytes of the server's, as many as had come.
        return RemoteProtocolError(f"The server broke HTTP: {why.partition(': ')[0]}.")
    if names & {"HTTPError", "StreamError"}:
        return ConnectionFailed(f"The connection broke: {why}.")
    return None


def _unquoted(why: str) -> str:
    """A reason without what it quotes: a header field with its value, for one."""
    return re.sub(r"\b[br]?(['\"]).*\1", "...", why, flags=re.DOTALL)


def _tell_late(clock: Clock, until: float | None) -> None:
    """Tell the clock that nothing came of a wait."""
    if until is not None:
        clock.passed(until)


def _raise_unless_slow(error: Exception) -> None:
    """Raise in our words what is no time-out while reading or writing."""
    if type(error).__name__ in ("ReadTimeout", "WriteTimeout"):
        return
    known = error_from_httpx(error)
    if known is None:
        raise error
    if isinstance(known, LocalProtocolError | RemoteProtocolError):
        # What the library says of these has the bytes in it.
        raise known from None
    raise known from error


def _prepared(
    client_for: Callable[[HttpRequest], Any],
    request: HttpRequest,
    timeouts: HttpTimeouts,
    seconds: float | None,
) -> tuple[Any, Any]:
    """Return the client, and the request as it wants it.

    Raises:
        LocalProtocolError: the environment has a proxy that the library cannot use, or the
            library refuses the address of the request.
    """
    try:
        client = client_for(request)
    except (httpx.InvalidURL, ValueError, ImportError) as error:
        # Not what it says: there may be a password in it.
        raise LocalProtocolError(
            "http_client: none can be made; is there a proxy in the environment (HTTPS_PROXY, "
            f"ALL_PROXY, ...) that httpx cannot use? ({type(error).__name__})"
        ) from None
    try:
        return client, _request_of(client, request, timeouts, seconds)
    except Exception as error:
        if type(error).__name__ == "InvalidURL":
            raise LocalProtocolError("url: the HTTP library refuses it") from None
        raise


def _request_of(
    client: Any, request: HttpRequest, timeouts: HttpTimeouts, seconds: float | None
) -> Any:
    limits: Timeouts = (
        _least(timeouts.connect, seconds),
        _least(timeouts.idle, seconds),
        _least(timeouts.idle, seconds),
        seconds,
    )
    return client.build_request(
        request.method,
        request.url,
        headers=written_headers(request.headers),
        content=request.body if request.body or request.method == "POST" else None,
        timeout=limits,
    )


def _least(*seconds: float | None) -> float | None:
    return min((each for each in seconds if each is not None), default=None)
