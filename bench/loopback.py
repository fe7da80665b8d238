"""The full stack over loopback: bytes of a socket to typed events, HTTP chunked and WebSocket.

The server is a separate process that answers with prepared bytes. The floor is the time of h11 and
wsproto for the same bytes from the same socket, without decoding any event.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import h11
from wsproto.frame_protocol import FrameDecoder

from bench.ours import CheckFailedError
from codex_proto.connections import (
    Http1Connection,
    Http1ServerConnection,
    RequestReceived,
    ResponsesExchange,
    ResponsesSocket,
    SocketOpened,
    TextMessage,
)
from codex_proto.http import HttpRequest
from codex_proto.requests import ResponsesApiRequest
from codex_proto.responses import Completed

READ = 65536
_REQUEST = ResponsesApiRequest(model="none", input="none")

Pass = Callable[[], int]


# --- the server --------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(payloads: Sequence[bytes], chunk: int | None = None) -> Iterator[int]:
    """Serve a stream of these payloads from another process; yield its port.

    A chunk of HTTP holds `chunk` bytes of the body, or one event.
    """
    command = [sys.executable, "-m", "bench.loopback", str(chunk or 0)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise CheckFailedError("the server has no pipes")
        process.stdin.write(b"\n".join(payloads) + b"\n\n")
        process.stdin.flush()
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    """Run the server's process: read payloads as lines, write the port."""
    size = int(sys.argv[1])
    payloads: list[bytes] = []
    while line := sys.stdin.buffer.readline().rstrip(b"\n"):
        payloads.append(line)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            sock, _ = server.accept()
            # Each side keeps its connection open while the others are timed.
            threading.Thread(target=_serve, args=(sock, payloads, size), daemon=True).start()


def _serve(sock: socket.socket, payloads: list[bytes], size: int) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    front = Http1ServerConnection()
    front.start(time.monotonic())
    blocks = [b"data: " + payload + b"\n\n" for payload in payloads]
    if size:
        body = b"".join(blocks)
        blocks = [body[start : start + size] for start in range(0, len(body), size)]
    answer = _HEAD + b"".join(map(_chunk, blocks)) + b"0\r\n\r\n"
    messages: bytes | None = None
    while data := sock.recv(READ):
        for event in front.receive_data(data, time.monotonic()):
            if isinstance(event, RequestReceived) and event.is_upgrade:
                front.accept(time.monotonic(), compression=False)
            elif isinstance(event, RequestReceived):
                # The prepared bytes are sent; the connection's own output is dropped.
                front.respond(time.monotonic(), 200)
                front.data_to_send()
                sock.sendall(answer)
                front.handle_timeout(time.monotonic())
            elif isinstance(event, TextMessage) and front.websocket is not None:
                if messages is None:
                    for payload in payloads:
                        front.websocket.send(TextMessage(payload), time.monotonic())
                    messages = front.data_to_send()
                sock.sendall(messages)
        sock.sendall(front.data_to_send())


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


# --- the sides ---------------------------------------------------------------------------------


def http_request(port: int) -> HttpRequest:
    """Return the request that every side sends."""
    return HttpRequest("POST", f"http://127.0.0.1:{port}/v1/responses", body=b"{}")


def ours_over_http(port: int) -> Pass:
    """Run one exchange after another on one connection."""
    sock = socket.create_connection(("127.0.0.1", port))
    connection = Http1Connection()

    def one_pass() -> int:
        exchange = ResponsesExchange(connection, http_request(port))
        exchange.start(time.monotonic())
        sock.sendall(exchange.data_to_send())
        seen = 0
        while not exchange.is_done:
            seen += len(exchange.receive_data(sock.recv(READ), time.monotonic()))
        if not isinstance(exchange.outcome, Completed):
            raise CheckFailedError(f"outcome is {exchange.outcome!r}, not Completed")
        return seen

    return one_pass


def h11_alone(port: int) -> Pass:
    """Read the same bytes with h11 only, and count the chunks."""
    sock = socket.create_connection(("127.0.0.1", port))
    connection = h11.Connection(h11.CLIENT)

    def one_pass() -> int:
        head = h11.Request(method="POST", target="/v1/responses", headers=[("host", "h")])
        sock.sendall(connection.send(head) + connection.send(h11.EndOfMessage()))
        seen = 0
        while True:
            event: Any = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(sock.recv(READ))
            elif isinstance(event, h11.EndOfMessage):
                connection.start_next_cycle()
                return seen
            else:
                seen += isinstance(event, h11.Data) and event.chunk_end

    return one_pass


def _opened(port: int) -> tuple[ResponsesSocket, socket.socket]:
    sock = socket.create_connection(("127.0.0.1", port))
    client = ResponsesSocket(HttpRequest("GET", f"ws://127.0.0.1:{port}/v1/responses"))
    client.start(time.monotonic())
    sock.sendall(client.data_to_send())
    (opened,) = client.receive_data(sock.recv(READ), time.monotonic())
    if not isinstance(opened, SocketOpened):
        raise CheckFailedError(f"the socket is not open: {opened!r}")
    return client, sock


def ours_over_websocket(port: int) -> Pass:
    """Send one request after another on one socket."""
    client, sock = _opened(port)

    def one_pass() -> int:
        client.send(_REQUEST, time.monotonic())
        sock.sendall(client.data_to_send())
        seen = 0
        while client.outcome is None:
            seen += len(client.receive_data(sock.recv(READ), time.monotonic()))
        if not isinstance(client.outcome, Completed):
            raise CheckFailedError(f"outcome is {client.outcome!r}, not Completed")
        return seen

    return one_pass


def wsproto_alone(port: int, messages: int) -> Pass:
    """Read the same frames with wsproto's decoder only."""
    client, sock = _opened(port)
    decoder = FrameDecoder(client=True)

    def one_pass() -> int:
        client.websocket.send("{}", time.monotonic())
        sock.sendall(client.data_to_send())
        seen = 0
        while seen < messages:
            decoder.receive_bytes(sock.recv(READ))
            while (frame := decoder.process_buffer()) is not None:
                seen += frame.frame_finished
        return seen

    return one_pass


if __name__ == "__main__":
    main()
