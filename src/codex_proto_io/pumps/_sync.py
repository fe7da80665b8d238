"""The pump for threads: runs operations over blocking calls.

A connection may be used by two threads, one that reads and one that sends. The steps of their
operations run one at a time; only waits overlap.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

import contextlib
import inspect
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from codex_proto.errors import ConnectionFailed, LocalProtocolError
from codex_proto_io.core import (
    ByteStream,
    Clock,
    Close,
    CloseAnswer,
    Connect,
    Effect,
    Fetch,
    Flush,
    Operation,
    ReadBody,
    Receive,
    RefreshAuth,
    Sleep,
    connection_failed,
)
from codex_proto_io.httpx import SyncLibrary
from codex_proto_io.pumps._linger import LINGER

__all__ = ["SyncByteStream", "SyncPump"]

T = TypeVar("T")

# Bytes of one read, as asyncio's transports have it: a large body takes few calls, and what is
# not filled is given back at once.
_READ: Final = 256 * 1024
# Bytes that may be left when a flush is done: so many may wait in asyncio's transports before a
# writer has to, too.
_LITTLE: Final = 64 * 1024

# The values of `select.POLLIN` and `select.POLLOUT`, which Windows does not have.
_IN: Final = 1
_OUT: Final = 4

_WANTS: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError, InterruptedError)


class SyncByteStream:
    """One connection: a socket that never blocks, and `poll` to wait for it.

    `lock` separates the threads that read and write; it is not held while waiting.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._lock = threading.Lock()
        self._out = bytearray()
        self._is_closed = False
        # TLS may have to write before it can read, and vice versa.
        self._tls_wants = 0

    # -- what operations call -------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """Write bytes as far as possible; the next call that waits writes the rest."""
        with self._lock:
            self._out += data
            with contextlib.suppress(OSError):
                # The next read raises the error.
                self._write()

    def abort(self) -> None:
        """Close at once, and wake up threads that wait."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
                self._sock.close()

    @property
    def bytes_queued(self) -> int:
        """Return how many bytes are not written yet."""
        return len(self._out)

    @property
    def has_input(self) -> bool:
        """Whether there are bytes to read, or the end of input."""
        if self._is_closed or self._tls_pending():
            return True
        return bool(_poll(self._sock, _IN, 0.0))

    def watch(self, reader: Callable[[bytes], None] | None) -> None:
        """Do nothing: without a call in progress, nothing can be read."""

    # -- what the pump calls --------------------------------------------------------------------

    def receive(self, seconds: float | None) -> bytes | None:
        """Return the next bytes, writing meanwhile: `b""` at the end, `None` after `seconds`."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            with self._lock:
                if self._is_closed:
                    raise ConnectionFailed("The connection was closed by the caller.")
                self._write()
                try:
                    self._tls_wants = 0
                    return self._sock.recv(_READ)
                except ssl.SSLWantWriteError:
                    self._tls_wants = _OUT
                except _WANTS:
                    pass
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
                wanted = _IN | self._tls_wants | (_OUT if self._out else 0)
            if not _poll(self._sock, wanted, _left(until)):
                return None

    def flush(self, seconds: float | None) -> bool:
        """Wait until little is left to be written; return whether that was done in time."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            with self._lock:
                if self._is_closed:
                    return True
                self._write()
                if len(self._out) <= _LITTLE:
                    return True
            if not _poll(self._sock, _OUT, _left(until)):
                return False

    def close(self) -> None:
        """Write what is left, if it can be written now, and close."""
        until = time.monotonic() + LINGER
        with contextlib.suppress(OSError, ValueError):
            while self._out and not self._is_closed:
                with self._lock:
                    self._write()
                if self._out and not _poll(self._sock, _OUT, _left(until)):
                    break
        self.abort()

    def _write(self) -> None:
        while self._out and not self._is_closed:
            try:
                sent = self._sock.send(self._out)
            except _WANTS:
                return
            del self._out[:sent]

    def _tls_pending(self) -> bool:
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0


class SyncPump:
    """Runs operations in the calling thread.

    Args:
        clock: of the operations.
        context: gives the TLS context, when one is needed.
        library: what sends HTTP requests, if it is not us.
        refreshing: held while credentials are refreshed, by all operations of a client.
        guard: held while a step of an operation runs.
    """

    def __init__(
        self,
        clock: Clock,
        context: Callable[[], ssl.SSLContext],
        library: SyncLibrary | None = None,
        *,
        refreshing: contextlib.AbstractContextManager[Any] | None = None,
        guard: contextlib.AbstractContextManager[Any] | None = None,
    ) -> None:
        self._clock = clock
        self._context = context
        self._library = library
        self._refreshing = threading.Lock() if refreshing is None else refreshing
        self._guard = contextlib.nullcontext() if guard is None else guard

    def guarded(self) -> SyncPump:
        """Return a pump for concurrent operations on one object: their steps run one at a time.

        While one operation waits, others may run.
        """
        return SyncPump(
            self._clock,
            self._context,
            self._library,
            refreshing=self._refreshing,
            guard=threading.RLock(),
        )

    def run(self, operation: Operation[T]) -> T:
        """Run an operation and return its result."""
        guard = self._guard
        try:
            with guard:
                effect = next(operation)
            while True:
                try:
                    result = self._perform(effect)
                except BaseException as error:
                    with guard:
                        effect = operation.throw(error)
                else:
                    with guard:
                        effect = operation.send(result)
        except StopIteration as stop:
            return cast("T", stop.value)

    def close(self, stream: ByteStream) -> None:
        """Close a connection that no operation uses any more."""
        cast("SyncByteStream", stream).close()

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Receive(stream=stream, until=until):
                return self._receive(cast("SyncByteStream", stream), until)
            case ReadBody(answer=answer, until=until):
                return self._library_or_raise().read(answer, until, self._clock)
            case Flush(stream=stream, until=until):
                return self._flush(cast("SyncByteStream", stream), until)
            case Connect():
                return self._connect(effect)
            case Fetch(request=request, timeouts=timeouts, until=until):
                library = self._library_or_raise()
                fetched = library.fetch(request, timeouts, self._seconds(until))
                return self._passed(fetched, until)
            case Close(stream=stream):
                return cast("SyncByteStream", stream).close()
            case CloseAnswer(answer=answer):
                return self._library_or_raise().close_answer(answer)
            case Sleep(until=until):
                time.sleep(self._clock.sleep_seconds(until))
                return self._clock.passed(until)
            case RefreshAuth():
                return self._refresh(effect)

    def _seconds(self, until: float | None) -> float | None:
        return self._clock.wait_seconds(until)

    def _receive(self, stream: SyncByteStream, until: float | None) -> bytes | None:
        try:
            data = stream.receive(self._clock.wait_seconds(until))
        except (OSError, ValueError) as error:
            raise connection_failed(error) from error
        return self._passed(data, until)

    def _passed(self, result: T | None, until: float | None) -> T | None:
        """Report to the clock that a wait ended without a result."""
        if result is None and until is not None:
            self._clock.passed(until)
        return result

    def _flush(self, stream: SyncByteStream, until: float | None) -> bool:
        try:
            return stream.flush(self._clock.wait_seconds(until))
        except (OSError, ValueError):
            # The next read raises the error.
            return True

    def _connect(self, effect: Connect) -> SyncByteStream | None:
        seconds = self._seconds(effect.until)
        until = None if seconds is None else time.monotonic() + seconds
        # Before connecting: if this failed later, the socket would not be closed.
        context = self._context() if effect.is_secure else None
        try:
            sock = _connected(effect.host, effect.port, until)
            if context is not None:
                sock = _secured(sock, context, effect.host, until)
        except TimeoutError:
            return self._passed(None, effect.until)
        except (OSError, UnicodeError) as error:
            raise connection_failed(error, effect) from error
        return SyncByteStream(sock)

    def _refresh(self, effect: RefreshAuth) -> bool:
        credentials = effect.credentials
        with self._refreshing:
            if credentials.auth is not effect.used:
                return True
            auth = None if credentials.hook is None else credentials.hook(effect.error)
            if inspect.isawaitable(auth):
                if inspect.iscoroutine(auth):
                    auth.close()
                raise LocalProtocolError(
                    "refresh_auth: must not be a coroutine function here; use AsyncCodexClient"
                )
            return credentials.renew(auth)

    def _library_or_raise(self) -> SyncLibrary:
        if self._library is None:
            raise ConnectionFailed("No HTTP library is set to send requests with.")
        return self._library


def _connected(host: str, port: int, until: float | None) -> socket.socket:
    """Return a socket connected to the first address that accepts."""
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            left = _left(until)
            # 0 would make the socket non-blocking.
            sock.settimeout(left if left is None else max(0.001, left))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
            if isinstance(error, TimeoutError) and _left(until) == 0:
                break
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError("the name has no address")


def _secured(
    sock: socket.socket, context: ssl.SSLContext, host: str, until: float | None
) -> ssl.SSLSocket:
    """Return the socket with TLS; the whole handshake has to be done by `until`."""
    secure: ssl.SSLSocket | None = None
    try:
        sock.setblocking(False)
        secure = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        while True:
            try:
                secure.do_handshake()
            except ssl.SSLWantReadError:
                wanted = _IN
            except ssl.SSLWantWriteError:
                wanted = _OUT
            else:
                return secure
            if not _poll(secure, wanted, _left(until)):
                raise TimeoutError("the TLS handshake took too long")
    except BaseException:
        (secure or sock).close()
        raise


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())


def _poll(sock: socket.socket, wanted: int, seconds: float | None) -> bool:
    """Wait until a socket is ready or broken; return whether it is."""
    if not hasattr(select, "poll"):  # Windows
        reads = [sock] if wanted & _IN else []
        writes = [sock] if wanted & _OUT else []
        return any(select.select(reads, writes, [sock], seconds))
    poll = select.poll()
    poll.register(sock, wanted)
    return bool(poll.poll(None if seconds is None else seconds * 1000))
