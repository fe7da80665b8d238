"""A server on a real socket that does what a test says: one answer for each request, faults too.

Requests are read by our own server's connection; answers are written as raw bytes, so that they can
be as wrong as they like.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Self

from codex_proto.connections import (
    Http1ServerConnection,
    RequestReceived,
    TextMessage,
    WebSocketState,
)

__all__ = [
    "COMPLETED",
    "CREATED",
    "DELTA",
    "INCOMPLETE",
    "ITEM",
    "Answer",
    "Peer",
    "ScriptedServer",
    "accept",
    "failed",
    "refuse",
    "sse",
    "stall",
]

PATIENCE: Final = 10.0

CREATED: Final = b'{"type":"response.created","response":{"id":"resp_1"}}'
DELTA: Final = (
    b'{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,'
    b'"delta":"H\xc3\xa9llo"}'
)
ITEM: Final = (
    b'{"type":"response.output_item.done","output_index":0,"item":{"type":"message",'
    b'"role":"assistant","id":"m","content":[{"type":"output_text","text":"H\xc3\xa9llo"}]}}'
)
COMPLETED: Final = (
    b'{"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":1,'
    b'"output_tokens":2,"total_tokens":3}}}'
)
INCOMPLETE: Final = (
    b'{"type":"response.incomplete","response":{"id":"resp_1","incomplete_details":'
    b'{"reason":"max_output_tokens"},"usage":{"input_tokens":1,"output_tokens":2,'
    b'"total_tokens":3}}}'
)


def failed(code: str, message: str = "no") -> bytes:
    """A `response.failed` with that code."""
    error = f'{{"code":"{code}","message":"{message}"}}'
    return b'{"type":"response.failed","response":{"id":"resp_1","error":' + error.encode() + b"}}"


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: ScriptedServer, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.front = Http1ServerConnection()
        self.front.start(time.monotonic())
        self._events: list[Any] = []
        self.is_ended = False

    def next_event(self) -> Any:
        """Read on until something is said; None at the end."""
        while not self._events:
            now = time.monotonic()
            deadline = self.front.deadline()
            if deadline is not None and deadline <= now:
                self._events += self.front.handle_timeout(now)
                self.flush()
                continue
            if self.is_ended:
                return None
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b""
            if data:
                self._events += self.front.receive_data(data, time.monotonic())
            else:
                self.is_ended = True
                self._events += self.front.receive_eof(time.monotonic())
            self.flush()
        return self._events.pop(0)

    def request(self) -> RequestReceived | None:
        """Read the next request; None when there is none."""
        while (event := self.next_event()) is not None:
            if isinstance(event, RequestReceived):
                return event
        return None

    def message(self) -> bytes | None:
        """Read the next message of a WebSocket; None when there is none."""
        while (event := self.next_event()) is not None:
            if isinstance(event, TextMessage):
                return event.data
        return None

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.sendall(self.front.data_to_send())

    def write(self, data: bytes) -> None:
        """Write raw bytes; a client that has gone is no matter."""
        with contextlib.suppress(OSError):
            self.sock.sendall(data)

    def say(self, *messages: bytes) -> None:
        """Send messages over the WebSocket; a client that has gone is no matter."""
        websocket = self.front.websocket
        assert websocket is not None
        for message in messages:
            if websocket.state is WebSocketState.OPEN:
                websocket.send(TextMessage(message), time.monotonic())
        self.flush()

    def close(self, how: str = "fin") -> None:
        """Close the connection: with FIN, or with RST."""
        with contextlib.suppress(OSError):
            if how == "rst":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.sock.shutdown(socket.SHUT_RDWR)
            self.sock.close()
        self.is_ended = True

    def answered(self) -> None:
        """Have our connection know that the request is answered, by bytes it has not written."""
        self.front.respond(time.monotonic(), 200)
        self.front.data_to_send()
        # What came with it, if anything, is the next request.


Answer = Callable[[Peer, RequestReceived], None]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""


def head(status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} X\r\n{fields}".encode()


def sse(
    *events: bytes,
    headers: Sequence[tuple[str, str]] = (),
    end: str = "clean",
    raw: bytes | None = None,
    pause: float = 0.0,
) -> Answer:
    """Answer with a stream of these events, or of these bytes; how it ends is `end`.

    `clean`, `fin` and `rst` (in the middle of the body), `open` (nothing more, for ever), or
    `close` (a whole body that ends with the connection).
    """

    def answer(peer: Peer, request: RequestReceived) -> None:
        is_chunked = end != "close"
        fields = [("content-type", "text/event-stream"), *headers]
        fields += [("transfer-encoding", "chunked")] if is_chunked else []
        peer.write(head(200, fields) + b"\r\n")
        pieces = [raw] if raw is not None else [b"data: " + event + b"\n\n" for event in events]
        for piece in pieces:
            peer.write(chunk(piece) if is_chunked else piece)
            if pause:
                time.sleep(pause)
        match end:
            case "clean":
                peer.write(b"0\r\n\r\n")
                peer.answered()
            case "open":
                peer.server.silent.set()
                peer.server.stopping.wait(PATIENCE)
                peer.close()
            case "close":
                peer.close()
            case how:
                peer.close(how)

    return answer


def refuse(status: int, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> Answer:
    """Answer as a whole."""

    def answer(peer: Peer, request: RequestReceived) -> None:
        fields = [("content-length", str(len(body))), *headers]
        peer.write(head(status, fields) + b"\r\n" + body)
        peer.answered()

    return answer


def stall(peer: Peer, request: RequestReceived) -> None:
    """Answer nothing."""
    peer.server.stopping.wait(PATIENCE)
    peer.close()


def hang_up(how: str = "fin") -> Answer:
    """Close the connection in place of an answer."""
    return lambda peer, request: peer.close(how)


def garbage(peer: Peer, request: RequestReceived) -> None:
    """Answer with what is no HTTP."""
    peer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    peer.close()


def accept(
    *turns: Sequence[bytes], end: str = "wait", headers: Sequence[tuple[str, str]] = ()
) -> Answer:
    """Accept a WebSocket, and answer each message with these; then go on as `end` says.

    `wait` for the client to leave, `close` (with code 1011), `fin`, `rst`, or `binary`.
    """

    def answer(peer: Peer, request: RequestReceived) -> None:
        peer.front.accept(time.monotonic(), headers=headers)
        peer.flush()
        for events in turns:
            message = peer.message()
            if message is None:
                return
            peer.server.messages.append(message)
            peer.say(*events)
        match end:
            case "wait":
                while peer.next_event() is not None:
                    pass
            case "close":
                assert peer.front.websocket is not None
                peer.front.websocket.close(time.monotonic(), 1011, "broken")
                peer.flush()
                peer.server.has_closed.set()
                while peer.next_event() is not None:
                    pass
            case "binary":
                from codex_proto.connections import BinaryMessage

                assert peer.front.websocket is not None
                peer.front.websocket.send(BinaryMessage(b"\x00"), time.monotonic())
                peer.flush()
                while peer.next_event() is not None:
                    pass
            case how:
                peer.close(how)

    return answer


class ScriptedServer:
    """Answers the n-th request with the n-th answer; the last one is for all that follow."""

    def __init__(self, *answers: Answer, context: ssl.SSLContext | None = None) -> None:
        self.answers = answers
        self.requests: list[RequestReceived] = []
        self.messages: list[bytes] = []
        self.connections = 0
        self.failures: list[BaseException] = []
        self.stopping = threading.Event()
        self.silent = threading.Event()
        self.has_closed = threading.Event()
        self._context = context
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._socks: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._listener.settimeout(0.02)
        self.port = self._listener.getsockname()[1]

    @property
    def base_url(self) -> str:
        scheme = "http" if self._context is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._accept)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stopping.set()
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        self._listener.close()
        if self.failures:
            raise self.failures[0]

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            sock.setblocking(True)
            # What is flushed is there, and does not wait for the peer's acknowledgement.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socks.append(sock)
            self.connections += 1
            thread = threading.Thread(target=self._run, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _run(self, sock: socket.socket) -> None:
        try:
            with sock:
                if self._context is not None:
                    try:
                        sock = self._context.wrap_socket(sock, server_side=True)
                    except OSError:
                        return
                with sock:
                    self._serve(Peer(self, sock))
        except BaseException as error:
            self.failures.append(error)

    def _serve(self, peer: Peer) -> None:
        while (request := peer.request()) is not None:
            with self._lock:
                number = len(self.requests)
                self.requests.append(request)
            self.answers[min(number, len(self.answers) - 1)](peer, request)
            if peer.is_ended or peer.front.websocket is not None:
                return


@contextlib.contextmanager
def serving(*answers: Answer, context: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    with ScriptedServer(*answers, context=context) as server:
        yield server
