"""HTTP through httpx, or a client with its interface, with its proxies, pools, HTTP/2 and TLS.

Errors are recognised by the names of their classes, so that a library with the same interface and
another name (httpx2) works too.

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

from codex_proto.connections import HttpTimeouts
from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    LocalProtocolError,
    RemoteProtocolError,
    TimedOut,
    redact_text,
)
from codex_proto.http import Headers, HttpRequest, written_headers
from codex_proto_io.core import Clock, LibraryAnswer
from codex_proto_io.httpx._cookies import cookie_jar
from codex_proto_io.httpx._within import Begun, begin

__all__ = ["AsyncLibrary", "SyncLibrary", "error_from_httpx"]

# No limit on connections, as many as there are requests; a client that is passed in has its own.
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=20)

# Errors for the address of a redirect.
_BAD_LOCATION: Final = frozenset({"InvalidURL", "IDNAError", "UnsupportedProtocol"})

# Seconds that the library has after its own time is up: it raises and cleans up in milliseconds.
_GRACE: Final = 0.1

# Passed instead of httpx's own type for time-outs, which other libraries do not have.
Timeouts: TypeAlias = tuple[float | None, float | None, float | None, float | None]


class _Answer:
    """A response of httpx and the rest of its body."""

    def __init__(self, response: Any, body: Any) -> None:
        self.response = response
        self.body: Any = body
        self.is_whole = bool(response.is_stream_consumed)
        self.status = int(response.status_code)
        self.headers = Headers.of(response.headers)
        if self.is_whole:
            # The response of a mock, which is complete and decompressed from the start.
            self.body = iter([response.content]) if response.content else iter(())
            fields = [field for field in self.headers if field[0] != "content-encoding"]
            self.headers = Headers(fields)


class _Library:
    """The clients of the library, made when needed.

    There is one for TLS and one for the rest, since loading certificates takes long.
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
                verify=self._context() if request.is_secure else _empty_context(),
                limits=_LIMITS,
                cookies=cookie_jar(),
                timeout=None,
            )
            # Send the headers of the request only.
            for name in [*client.headers]:
                del client.headers[name]
            self._ours[request.is_secure] = client
        return client


def _empty_context() -> ssl.SSLContext:
    """Return a context without certificates, which would accept no server."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class AsyncLibrary(_Library):
    """Sends requests through an `httpx.AsyncClient`: one that is passed in, or its own."""

    kind = httpx.AsyncClient

    async def fetch(
        self, request: HttpRequest, timeouts: HttpTimeouts, seconds: float | None
    ) -> LibraryAnswer | None:
        """Send a request and return the answer without its body, or `None` after `seconds`."""
        client, made = _prepared(self._client_for, request, timeouts, seconds)
        try:
            # The library's own time-outs come first, because it cleans up better after them.
            async with asyncio.timeout(seconds if seconds is None else seconds + _GRACE):
                response = await client.send(made, stream=True)
        except TimeoutError:
            return None
        except Exception as error:
            _raise_unless_slow(error)
            return None
        return _Answer(response, response.aiter_raw())

    async def read(self, answer: LibraryAnswer, until: float | None, clock: Clock) -> bytes | None:
        """Return the next bytes: `b""` at the end, `None` at `until` (reported to the clock)."""
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
        _report_late(clock, until)
        return None

    async def close_answer(self, answer: LibraryAnswer) -> None:
        """Close an answer; if it was not read to its end, its connection is closed too."""
        # In a task of its own: if the library is cancelled while it closes, it leaks the
        # connection, and a client with a limit hangs in the end.
        closing = asyncio.ensure_future(_close(cast("_Answer", answer)))
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.wait((closing,))
            raise

    async def close(self) -> None:
        """Close the clients that were made here."""
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
    """Sends requests through an `httpx.Client`: one that is passed in, or its own.

    The time-out of each read is fixed when the request is sent. So it may report late that a
    stream with nothing but comments is idle.
    """

    kind = httpx.Client

    def fetch(
        self, request: HttpRequest, timeouts: HttpTimeouts, seconds: float | None
    ) -> LibraryAnswer | None:
        """Send a request and return the answer without its body, or `None` after `seconds`."""
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
        """Return the next bytes: `b""` at the end, `None` at `until` (reported to the clock)."""
        seconds = clock.wait_seconds(until)
        try:
            if seconds is None or seconds > 0:
                return next(cast("_Answer", answer).body, b"")
        except Exception as error:
            _raise_unless_slow(error)
        _report_late(clock, until)
        return None

    def close_answer(self, answer: LibraryAnswer) -> None:
        """Close an answer; if it was not read to its end, its connection is closed too."""
        cast("_Answer", answer).response.close()

    def close(self) -> None:
        """Close the clients that were made here."""
        for client in self._ours.values():
            client.close()


def error_from_httpx(error: Exception) -> CodexError | None:
    """Return the error that an exception of httpx means, or `None` for any other exception."""
    names = {cls.__name__ for cls in type(error).__mro__}
    why = redact_text(str(error)) or type(error).__name__
    if names & {"ConnectTimeout", "PoolTimeout"}:
        return TimedOut("The connection was not made in time.")
    if "TimeoutException" in names:
        return TimedOut("The HTTP library waited for too long.")
    if names & {"ConnectError", "ProxyError"}:
        return ConnectionFailed(f"Could not connect: {why}.")
    if names & _BAD_LOCATION:
        # The library parses the address of a redirect even if it does not follow it.
        return RemoteProtocolError("The server's answer redirects to an address that is not valid.")
    if isinstance(error, UnicodeError):
        # Header fields are bytes at this point, so it is the name of the host (IDNA).
        return ConnectionFailed("Could not connect: the name of the host is not valid.")
    if "LocalProtocolError" in names and "TransportError" in names:
        return LocalProtocolError(f"request: the HTTP library refuses it: {_unquoted(why)}")
    if "RemoteProtocolError" in names:
        # The library has one class for a server that disconnects and one that breaks the rules.
        is_cut = "closed connection" in why or "disconnected" in why
        if is_cut:
            return ConnectionFailed(f"{why}.")
        # After the colon come bytes of the server, of any length.
        return RemoteProtocolError(f"The server broke HTTP: {why.partition(': ')[0]}.")
    if names & {"HTTPError", "StreamError"}:
        return ConnectionFailed(f"The connection broke: {why}.")
    return None


def _unquoted(why: str) -> str:
    """Return a reason without its quotations, which may be a header field with its value."""
    return re.sub(r"\b[br]?(['\"]).*\1", "...", why, flags=re.DOTALL)


def _report_late(clock: Clock, until: float | None) -> None:
    """Report to the clock that a wait ended without a result."""
    if until is not None:
        clock.passed(until)


def _raise_unless_slow(error: Exception) -> None:
    """Raise the error that an exception means, unless it is a time-out of a read or write."""
    if type(error).__name__ in ("ReadTimeout", "WriteTimeout"):
        return
    known = error_from_httpx(error)
    if known is None:
        raise error
    if isinstance(known, LocalProtocolError | RemoteProtocolError):
        # The text of these errors contains the bytes.
        raise known from None
    raise known from error


def _prepared(
    client_for: Callable[[HttpRequest], Any],
    request: HttpRequest,
    timeouts: HttpTimeouts,
    seconds: float | None,
) -> tuple[Any, Any]:
    """Return the client, and the request as a request of the library.

    Raises:
        LocalProtocolError: the environment has a proxy that the library cannot use, or the
            library refuses the URL of the request.
    """
    try:
        client = client_for(request)
    except (httpx.InvalidURL, ValueError, ImportError) as error:
        # Without the text of the error, which may contain a password.
        raise LocalProtocolError(
            "http_client: cannot be made; is there a proxy in the environment (HTTPS_PROXY, "
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
