"""One client of a server: its socket and its connection.

The channel moves bytes, the connection decides what they mean, and the outlet how they are sent.

Source: docs/architecture.md, "Connections" and "Drivers".
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

from codex_proto.connections import (
    BinaryMessage,
    BodyData,
    FrontEvent,
    Http1ServerConnection,
    Http1ServerState,
    HttpFailed,
    InformationalResponse,
    Ping,
    Pong,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
    TextMessage,
    WebSocketClosed,
    WebSocketFailed,
    WebSocketMessage,
    WebSocketState,
    is_sendable_close_code,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers
from codex_proto_io.server._exchange import CutAfter, Pace
from codex_proto_io.server._limits import ServerLimits
from codex_proto_io.server._outlet import ClientGone, Outlet, Stalled
from codex_proto_io.server._steps import CutKind

__all__ = ["Channel"]

RequestHandler: TypeAlias = Callable[["Channel", RequestReceived], Coroutine[Any, Any, None]]


class Channel(asyncio.Protocol):
    """Serves one client: calls `handler` with its requests, one after another.

    What the handler sends is kept until `flush`, which writes it in one piece.

    Args:
        handler: answers a request, or serves its WebSocket to the end.
        limits: the limits on clients.
        on_begin: called when the client has connected.
        on_end: called once after that, when the socket is closed.
        on_problem: called with the description of a problem that the client did not cause.
    """

    def __init__(
        self,
        handler: RequestHandler,
        limits: ServerLimits,
        *,
        on_begin: Callable[[Channel], None],
        on_end: Callable[[Channel], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self._handler = handler
        self._limits = limits
        self._on_begin = on_begin
        self._on_end = on_end
        self._on_problem = on_problem
        self._loop = asyncio.get_running_loop()
        self.connection: Final = Http1ServerConnection(
            timeouts=limits.http_timeouts, limits=limits.http_limits
        )
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._inbox: deque[FrontEvent] = deque()
        self._changed = asyncio.Event()
        self._lost = asyncio.Event()
        self._ended = asyncio.Event()
        self._outlet = Outlet(limits, self._lost, self._ended)
        self._flushes: set[asyncio.Task[None]] = set()
        self._has_said_all = False

    # -- called by asyncio ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the client has connected; starts serving."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self._outlet.attach(transport)
        self._on_begin(self)
        self.connection.start(self._loop.time())
        self._task = self._loop.create_task(self._run())
        self._rearm()

    def data_received(self, data: bytes) -> None:
        """Called with bytes, which are passed to the connection."""
        self._take(self.connection.receive_data(data, self._loop.time()))

    def eof_received(self) -> bool:
        """Called when the client sends no more; without TLS it may still be reading."""
        self._ended.set()
        self._take(self.connection.receive_eof(self._loop.time()))
        self._changed.set()
        return self._transport is None or self._transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the socket is closed."""
        self._lost.set()
        self._ended.set()
        self._outlet.resume()
        if self.connection.state is not Http1ServerState.NEW:
            self._take(self.connection.receive_eof(self._loop.time(), clean=exc is None))
        self._changed.set()
        if self._timer is not None:
            self._timer.cancel()
        self._on_end(self)

    def pause_writing(self) -> None:
        """Called when the client does not read fast enough."""
        self._outlet.pause()

    def resume_writing(self) -> None:
        """Called when it does again."""
        self._outlet.resume()

    def _take(self, events: list[FrontEvent]) -> None:
        for event in events:
            if not isinstance(event, Ping | Pong):
                self._inbox.append(event)
        if events:
            self._changed.set()
        self._reply()
        is_full = len(self._inbox) > self._limits.max_waiting_messages
        if is_full and self._transport is not None and not self._lost.is_set():
            self._transport.pause_reading()

    def _reply(self) -> None:
        """Write what the connection sends by itself: pongs, close frames, refusals."""
        if self.connection.bytes_pending and not self._outlet.is_over:
            task = self._loop.create_task(self._flush_quietly())
            self._flushes.add(task)
            task.add_done_callback(self._flushes.discard)
        self._rearm()

    async def _flush_quietly(self) -> None:
        with contextlib.suppress(ClientGone):
            await self.flush()

    def _rearm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.connection.deadline()
        if deadline is not None and not self._lost.is_set():
            self._timer = self._loop.call_at(deadline, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        # The timer of the loop may fire a little early.
        now = max(self._loop.time(), self.connection.deadline() or 0.0)
        events = self.connection.handle_timeout(now)
        self._take(events)
        self._changed.set()

    # -- serving --------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            while (request := await self._next_request()) is not None:
                await self._handler(self, request)
                await self.flush()
                self.control(None, None)
                if self.connection.request is request:
                    # The answer is missing or incomplete.
                    break
        except Stalled:
            with contextlib.suppress(ClientGone):
                await self.wait_for_end()
        except ClientGone:
            pass
        except asyncio.CancelledError:
            self._outlet.is_over = True
            raise
        except LocalProtocolError as error:
            # The script asked for what HTTP does not allow, or the client is gone.
            if not self._lost.is_set() and self.connection.outcome is None:
                self._on_problem(error.message)
        except Exception as error:
            self._on_problem(f"{type(error).__name__}: {error}")
        finally:
            await self._finish()

    async def _next_request(self) -> RequestReceived | None:
        while True:
            while self._inbox:
                event = self._pop()
                if isinstance(event, RequestReceived):
                    return event
                if isinstance(event, HttpFailed):
                    return None
            if self.connection.must_close or self._lost.is_set():
                return None
            await self._wait()

    async def _finish(self) -> None:
        """Write what is left, wait until the client has closed its end, and close the socket."""
        transport = self._transport
        if transport is None:
            return
        try:
            if not self._outlet.is_over:
                with contextlib.suppress(ClientGone):
                    await self.flush()
            if not self._lost.is_set() and not self._outlet.is_over:
                await self._outlet.linger()
        finally:
            for task in self._flushes:
                task.cancel()
            transport.abort()

    async def stop(self) -> None:
        """End the connection at once."""
        task, transport = self._task, self._transport
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if transport is not None:
            transport.abort()
            await self._lost.wait()

    # -- receiving ------------------------------------------------------------------------------

    @property
    def was_cut(self) -> bool:
        """Whether the connection was cut here, on purpose."""
        return self._outlet.was_cut

    @property
    def has_ended(self) -> bool:
        """Whether the client has sent its last byte."""
        return self._ended.is_set()

    async def receive(self) -> WebSocketMessage | WebSocketClosed | WebSocketFailed:
        """Return the next message on the WebSocket, or its end.

        Raises:
            ClientGone: its end was returned before.
        """
        while True:
            while self._inbox:
                event = self._pop()
                if isinstance(
                    event, TextMessage | BinaryMessage | WebSocketClosed | WebSocketFailed
                ):
                    return event
            if self.connection.must_close or self._lost.is_set():
                raise ClientGone
            await self._wait()

    def _pop(self) -> FrontEvent:
        event = self._inbox.popleft()
        transport = self._transport
        if (
            transport is not None
            and len(self._inbox) <= self._limits.max_waiting_messages // 2
            and not transport.is_closing()
            and not transport.is_reading()
        ):
            transport.resume_reading()
        return event

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds.

        Raises:
            ClientGone: the socket was closed meanwhile.
        """
        await self._outlet.sleep(seconds)

    @property
    def _is_closed(self) -> bool:
        websocket = self.connection.websocket
        return websocket is not None and websocket.must_close

    async def client_left(self) -> None:
        """Wait until the client has sent its last byte, without reading events."""
        await self._ended.wait()

    async def wait_for_end(self, seconds: float | None = None) -> None:
        """Wait until the client has ended the connection or WebSocket, or `seconds` have passed.

        Raises:
            ClientGone: it has ended.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._ended.is_set() and not self._is_closed:
                    if self._inbox and not isinstance(self._inbox[0], RequestReceived):
                        # No step will read them any more.
                        self._pop()
                    else:
                        await self._wait()
                with contextlib.suppress(ClientGone):
                    await self.flush()
                raise ClientGone

    # -- sending --------------------------------------------------------------------------------

    def control(self, cut: CutAfter | None, pace: Pace | None) -> None:
        """Set the cut and the pace of what is written from here on."""
        self._outlet.control(cut, pace)

    def head(self, status: int, headers: Headers) -> None:
        """Send status and header fields, also of an informational (1xx) answer."""
        now = self._loop.time()
        if status < 200:
            self.connection.send(InformationalResponse(status, headers), now)
        else:
            self.connection.send(ResponseHead(status, headers), now)

    def body(self, data: bytes) -> None:
        """Send bytes of the body."""
        if data:
            self.connection.send(BodyData(data), self._loop.time())

    def end(self, trailers: Headers | None = None) -> None:
        """End the answer."""
        message = ResponseComplete() if trailers is None else ResponseComplete(trailers)
        self.connection.send(message, self._loop.time())

    def respond(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a whole answer."""
        now = self._loop.time()
        self.connection.respond(now, status, headers, body)

    def accept(
        self,
        headers: Headers | None = None,
        *,
        subprotocol: str | None = None,
        compression: bool = True,
    ) -> None:
        """Accept the WebSocket."""
        self.connection.accept(
            self._loop.time(),
            headers=headers or (),
            subprotocol=subprotocol,
            compression=compression,
            timeouts=self._limits.websocket_timeouts,
            limits=self._limits.websocket_limits,
        )

    def send(self, message: WebSocketMessage | Ping | Pong) -> None:
        """Send a message on the WebSocket.

        Raises:
            ClientGone: the WebSocket is closed.
        """
        websocket = self.connection.websocket
        if websocket is None or websocket.state is not WebSocketState.OPEN:
            raise ClientGone
        websocket.send(message, self._loop.time())

    async def goodbye(self, code: int | None, reason: str = "") -> None:
        """Close the WebSocket with any code or `None`, and wait for the client's answer.

        Raises:
            ClientGone: always.
        """
        websocket = self.connection.websocket
        if websocket is None or websocket.state is not WebSocketState.OPEN:
            raise ClientGone
        if code is not None and is_sendable_close_code(code):
            websocket.close(self._loop.time(), code, reason)
        else:
            # The connection refuses to send such a frame.
            payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
            self.raw(bytes((0x88, len(payload))) + payload)
            self._has_said_all = True
        await self.flush()
        await self.wait_for_end(self._limits.close_timeout)
        raise ClientGone

    def raw(self, data: bytes) -> None:
        """Send bytes that bypass the connection, after what it has queued."""
        self._collect()
        self._outlet.add(data)

    def _collect(self) -> None:
        data = self.connection.data_to_send()
        if not self._has_said_all:
            self._outlet.add(data)

    async def flush(self) -> None:
        """Write what was sent, and wait until the operating system has taken it.

        Raises:
            ClientGone: the socket is closed, the client does not read, or the cut was reached.
        """
        self._collect()
        self._rearm()
        await self._outlet.flush()

    async def cut_now(self, how: CutKind) -> None:
        """End the connection here, when all is written.

        Raises:
            ClientGone: always.
        """
        self._collect()
        self._rearm()
        await self._outlet.cut_now(how)

    async def finish_cut(self) -> None:
        """End the connection if the cut lies behind the last byte."""
        self._collect()
        self._rearm()
        await self._outlet.finish_cut()
