"""The pump for asyncio: runs operations as coroutines over asyncio transports.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, cast

from codex_proto.errors import CodexError, ConnectionFailed
from codex_proto_io.core import (
    ByteStream,
    Clock,
    Close,
    CloseAnswer,
    Connect,
    Effect,
    Fetch,
    Flush,
    LibraryAnswer,
    Operation,
    ReadBody,
    Receive,
    RefreshAuth,
    Sleep,
    connection_failed,
    equal_copy,
)
from codex_proto_io.httpx import AsyncLibrary
from codex_proto_io.pumps._addresses import connect_to_any
from codex_proto_io.pumps._linger import LINGER

__all__ = ["AsyncByteStream", "AsyncPump"]

T = TypeVar("T")

# Bytes of one read. Each connection keeps a buffer of that size, so it is smaller than where one
# is made for each read; the decoders take larger reads in pieces of this size anyway.
_READ: Final = 64 * 1024
# Bytes that are read ahead, four reads; from there on the peer has to wait, as TCP has it.
_READ_AHEAD: Final = 4 * _READ


class AsyncByteStream(asyncio.BufferedProtocol):
    """One connection: reads with a deadline over an asyncio transport."""

    def __init__(self) -> None:
        # One buffer for all reads: a new one of that size for each would fragment the heap.
        self._buffer = memoryview(bytearray(_READ))
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._is_paused = False
        self._is_ended = False
        self._failure: CodexError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._reader: Callable[[bytes], None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._lost = asyncio.Event()

    # -- what asyncio calls ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the transport is connected."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer to read into."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Called when bytes were read into the buffer."""
        data = bytes(self._buffer[:nbytes])
        if self._reader is not None:
            self._reader(data)
            return
        self._chunks.append(data)
        self._size += len(data)
        if self._size > _READ_AHEAD and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Called when the peer sends no more."""
        self._end()
        # The operation closes. Over TLS asyncio does, and warns if the answer is True.
        return self._transport is None or self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the transport is closed."""
        if exc is not None:
            self._failure = connection_failed(exc)
        self._end()
        self._may_write.set()
        self._lost.set()

    def pause_writing(self) -> None:
        """Called when the write buffer is full."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Called when the write buffer is nearly empty."""
        self._may_write.set()

    def _end(self) -> None:
        was_ended, self._is_ended = self._is_ended, True
        if self._reader is not None and not was_ended:
            self._reader(b"")
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- what operations call -------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """Write bytes as far as possible, and queue the rest."""
        transport = self._transport
        if data and transport is not None and not transport.is_closing():
            transport.write(data)

    def abort(self) -> None:
        """Close the connection at once; queued bytes are lost."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def bytes_queued(self) -> int:
        """Return how many bytes asyncio has not written yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    @property
    def has_input(self) -> bool:
        """Whether there are bytes to read, or the end of input."""
        return bool(self._chunks) or self._is_ended

    def watch(self, reader: Callable[[bytes], None] | None) -> None:
        """Pass bytes that come while no operation reads to `reader`."""
        self._reader = reader
        if reader is not None:
            for chunk in self._take_chunks():
                reader(chunk)
            if self._is_ended:
                reader(b"")

    # -- what the pump calls --------------------------------------------------------------------

    async def receive(self, seconds: float | None) -> bytes | None:
        """Return the next bytes: `b""` at the end, `None` after `seconds`."""
        if not self._chunks and not self._is_ended:
            await self._wait(seconds)
        if self._chunks:
            chunks = self._take_chunks()
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if not self._is_ended:
            return None
        if self._failure is not None:
            raise equal_copy(self._failure)
        return b""

    async def _wait(self, seconds: float | None) -> None:
        waiter = self._waiter = self._loop.create_future()
        timer = None if seconds is None else self._loop.call_later(seconds, self._wake)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _take_chunks(self) -> list[bytes]:
        chunks, self._chunks, self._size = self._chunks, [], 0
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return chunks

    async def flush(self, seconds: float | None) -> bool:
        """Wait until little is left to be written; return whether that was done in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._may_write.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Write what is queued as far as that is possible at once, and close."""
        transport = self._transport
        if transport is None:
            return
        try:
            transport.close()
            async with asyncio.timeout(LINGER):
                await self._lost.wait()
        except TimeoutError:
            transport.abort()
            await self._lost.wait()
        except BaseException:
            transport.abort()
            raise


class AsyncPump:
    """Runs operations in asyncio tasks.

    Args:
        clock: the clock of the operations.
        context: returns the TLS context, called when one is needed.
        library: the HTTP library that sends requests; `None` for connections of our own.
    """

    def __init__(
        self,
        clock: Clock,
        context: Callable[[], ssl.SSLContext],
        library: AsyncLibrary | None = None,
    ) -> None:
        self._clock = clock
        self._context = context
        self._library = library
        self._refreshing = asyncio.Lock()

    def guarded(self) -> AsyncPump:
        """Return a pump for concurrent operations on one object: tasks take turns in any case."""
        return self

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation and return its result; a cancellation is raised inside it as well."""
        try:
            effect = next(operation)
            while True:
                try:
                    result = await self._perform(effect)
                except GeneratorExit:
                    # The coroutine itself is being closed: nothing can be awaited any more.
                    operation.close()
                    raise
                except BaseException as error:
                    effect = operation.throw(error)
                else:
                    effect = operation.send(result)
        except StopIteration as stop:
            return cast("T", stop.value)

    async def close(self, stream: ByteStream) -> None:
        """Close a connection that no operation uses any more."""
        await cast("AsyncByteStream", stream).close()

    def _perform(self, effect: Effect) -> Awaitable[Any]:
        match effect:
            case Receive():
                return self._receive(effect)
            case ReadBody(answer=answer, until=until):
                return self._library_or_raise().read(answer, until, self._clock)
            case Flush(stream=stream, until=until):
                return cast("AsyncByteStream", stream).flush(self._seconds(until))
            case Connect():
                return self._connect(effect)
            case Fetch():
                return self._fetch(effect)
            case Close(stream=stream):
                return cast("AsyncByteStream", stream).close()
            case CloseAnswer(answer=answer):
                return self._library_or_raise().close_answer(answer)
            case Sleep(until=until):
                return self._sleep(until)
            case RefreshAuth():
                return self._refresh(effect)

    async def _receive(self, effect: Receive) -> bytes | None:
        stream, until = cast("AsyncByteStream", effect.stream), effect.until
        return self._passed(await stream.receive(self._seconds(until)), until)

    async def _fetch(self, effect: Fetch) -> LibraryAnswer | None:
        library, until = self._library_or_raise(), effect.until
        seconds = self._seconds(until)
        return self._passed(await library.fetch(effect.request, effect.timeouts, seconds), until)

    async def _sleep(self, until: float) -> None:
        await asyncio.sleep(self._clock.sleep_seconds(until))
        self._clock.passed(until)

    def _seconds(self, until: float | None) -> float | None:
        return self._clock.wait_seconds(until)

    def _passed(self, result: T | None, until: float | None) -> T | None:
        """Report to the clock that a wait ended without a result."""
        if result is None and until is not None:
            self._clock.passed(until)
        return result

    async def _connect(self, effect: Connect) -> AsyncByteStream | None:
        loop = asyncio.get_running_loop()
        # Before connecting: if this failed later, the socket would not be closed.
        context = self._context() if effect.is_secure else None
        try:
            async with asyncio.timeout(self._seconds(effect.until)):
                sock = await connect_to_any(effect.host, effect.port)
                _, stream = await loop.create_connection(
                    AsyncByteStream,
                    sock=sock,
                    ssl=context,
                    server_hostname=effect.host if effect.is_secure else None,
                )
        except TimeoutError:
            return self._passed(None, effect.until)
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise connection_failed(error, effect) from error
        return stream

    async def _refresh(self, effect: RefreshAuth) -> bool:
        credentials = effect.credentials
        async with self._refreshing:
            if credentials.auth is not effect.used:
                return True
            if credentials.hook is None:
                return False
            auth = credentials.hook(effect.error)
            if inspect.isawaitable(auth):
                auth = await auth
            return credentials.renew(auth)

    def _library_or_raise(self) -> AsyncLibrary:
        if self._library is None:
            raise ConnectionFailed("No HTTP library is set to send requests with.")
        return self._library
