# Made from _async_streams.py by tools/unasync.py: edit that file instead.
"""A response in a thread, and a conversation over one WebSocket."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from codex_proto.requests import ResponsesApiRequest, ResponsesOptions
from codex_proto.responses import FinalResponse, OutputTextDelta, ResponseEvent
from codex_proto_io.client._streams import ResponseStreamBase
from codex_proto_io.core import ConversationSocket, ResponseOperation
from codex_proto_io.pumps import SyncPump

__all__ = ["RawBytes", "ResponseStream", "ResponsesConnection", "TextDeltas"]


class ResponseStream(ResponseStreamBase):
    """The events of one response, as an iterator and a context manager.

    Entering it waits until the response begins. If the response fails, the iteration raises its
    error instead of yielding `StreamFailed`. Leaving it early closes the connection at once.

    Raises:
        CodexError: on entering or reading: the response failed after all attempts.
        LocalProtocolError: on entering or reading: the client is closed, another task or thread
            is reading, or, on a WebSocket, another response is open.
    """

    def __init__(self, operation: ResponseOperation, pump: SyncPump) -> None:
        super().__init__(operation)
        self._pump = pump.guarded()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> ResponseEvent:
        queue = self._operation.queue
        if not queue:
            self._operation.choose(raw=False)
            self._pump.run(self._operation.fill())
            if not queue:
                raise self._take_error() or StopIteration
        return queue.popleft()

    @property
    def raw(self) -> RawBytes:
        """Return an iterator of the bytes of the stream, decompressed, instead of its events.

        The bytes are decoded as well, so that `outcome`, `usage` and the exception at the end are
        the same as with events.

        Raises:
            LocalProtocolError: events were read before, or the response comes over a WebSocket.
        """
        self._operation.choose(raw=True)
        return RawBytes(self._next_raw)

    def text_deltas(self) -> TextDeltas:
        """Return an iterator of the text deltas of the answer only. It ends as the events do."""
        return TextDeltas(self)

    def get_final_response(self) -> FinalResponse:
        """Read to the end and return the whole response.

        An incomplete response is returned too: its `outcome` is a `StreamFailed` with the reason.

        Raises:
            CodexError: the response failed; `current_response` returns the part that arrived.
        """
        operation = self._operation
        operation.choose(raw=False)
        while True:
            operation.queue.clear()
            self._pump.run(self._operation.fill())
            if not operation.queue:
                operation.error = None
                return self._final()

    def interrupt(self) -> bool:
        """Ask the server to stop, on a WebSocket; return whether that is possible now.

        Continue to read: the events end with a `Completed` whose `end_turn` is false. It is not
        possible over HTTP, nor after the response is over: leave the stream instead.
        """
        return self._operation.interrupt()

    def close(self) -> None:
        """Close the stream; if the response is not over, its connection is closed at once."""
        self._pump.run(self._operation.close())

    def __enter__(self) -> Self:
        self._pump.run(self._operation.open())
        if self._operation.is_over and not self._operation.queue:
            error = self._take_error()
            if error is not None:
                self.close()
                raise error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _next_raw(self) -> bytes:
        raw = self._operation.raw
        if not raw:
            self._pump.run(self._operation.fill())
            if not raw:
                raise self._take_error() or StopIteration
        return raw.popleft()


class RawBytes:
    """The bytes of a stream, as an iterator."""

    def __init__(self, next_bytes: Callable[[], bytes]) -> None:
        self._next_bytes = next_bytes

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return self._next_bytes()


class TextDeltas:
    """The text of a stream, as an iterator."""

    def __init__(self, stream: ResponseStream) -> None:
        self._stream = stream

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        while True:
            event = next(self._stream)
            if isinstance(event, OutputTextDelta):
                return event.delta


class ResponsesConnection:
    """A conversation over one WebSocket, which is reused for each response (wire.md 2.8).

    The socket is opened with the first request, or by `preconnect`. Pass each request whole: what
    the server has already is not sent again. If WebSockets do not work, HTTP is used.
    """

    def __init__(self, socket: ConversationSocket, pump: SyncPump) -> None:
        self._socket = socket
        self._pump = pump

    @property
    def uses_http(self) -> bool:
        """Whether WebSockets were given up for HTTP."""
        return self._socket.uses_http

    def stream(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> ResponseStream:
        """Request a response, one at a time. Nothing is sent before it is entered or read.

        Raises:
            LocalProtocolError: `request` is not a `ResponsesApiRequest`, or has `stream=False`.
        """
        return ResponseStream(self._operation(request, options), self._pump)

    def create(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> FinalResponse:
        """Request a response and return it whole; see `get_final_response`.

        Raises:
            CodexError: the response failed after all attempts.
            LocalProtocolError: another response is open, or the conversation is closed.
        """
        with self.stream(request, options) as stream:
            return stream.get_final_response()

    def prewarm(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> None:
        """Let the server prepare for a request, unless the connection has had one already.

        Raises:
            CodexError: it failed after all attempts.
            LocalProtocolError: another response is open, or the conversation is closed.
        """
        operation = self._operation(request, options, is_prewarm=True)
        with ResponseStream(operation, self._pump) as stream:
            for _ in stream:
                pass

    def preconnect(self) -> None:
        """Open the socket before the first request.

        Raises:
            CodexError: it could not be opened. Requests try again, and then use HTTP.
            LocalProtocolError: a response is open, or the conversation is closed.
        """
        self._pump.run(self._socket.preconnect())

    def start_turn(self) -> None:
        """Begin another turn of the conversation: the turn state of the last one is dropped."""
        self._socket.session.start_turn()

    def close(self) -> None:
        """Close the conversation and its socket; this ends a response in progress."""
        self._pump.run(self._socket.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _operation(
        self,
        request: ResponsesApiRequest,
        options: ResponsesOptions | None,
        *,
        is_prewarm: bool = False,
    ) -> ResponseOperation:
        socket = self._socket
        return ResponseOperation(
            socket.runtime, request, options or socket.options, socket, is_prewarm=is_prewarm
        )
