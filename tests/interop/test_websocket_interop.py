"""Our WebSocket against `websockets`: both ways, compressed and not, fragmented, with pings."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
import websockets
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

from codex_proto.connections import (
    BinaryMessage,
    HandshakeAccepted,
    HandshakeRefused,
    Http1ServerConnection,
    Ping,
    Pong,
    RequestReceived,
    TextMessage,
    WebSocketClosed,
    WebSocketConnection,
    WebSocketLimits,
)
from codex_proto.http import HttpRequest
from tests.socket_loops import PATIENCE, drive, serve_ours

if TYPE_CHECKING:
    from collections.abc import Iterator

BIG: Final = "grüße, " * (16 * 1024 * 1024 // 9)
MESSAGES: Final[list[str | bytes]] = [
    "",
    "hello",
    "grüße 𝄞" * 100,
    "x" * 70_000,
    b"",
    bytes(range(256)) * 50,
]
COMPRESSIONS: Final = [None, "deflate"]


# -- our client to theirs -----------------------------------------------------------------------


@contextlib.contextmanager
def their_server(handler: Any, **options: Any) -> Iterator[int]:
    with serve(handler, "127.0.0.1", 0, max_size=2**25, **options) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join(PATIENCE)


def echo(connection: ServerConnection) -> None:
    """Send back what comes: whole, then in fragments, with a ping between."""
    for message in connection:
        connection.send(message)
        connection.ping()
        half = len(message) // 2
        connection.send([message[:half], message[half:]])


def open_ours(port: int, **options: Any) -> tuple[WebSocketConnection, socket.socket]:
    request = HttpRequest("GET", f"ws://127.0.0.1:{port}/v1/responses", [("x-a", "b")])
    client = WebSocketConnection(request, **options)
    sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    client.start(time.monotonic())
    return client, sock


@pytest.mark.parametrize("frame_size", [None, 1000])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_our_client_talks_to_their_server(compression: str | None, frame_size: int | None) -> None:
    limits = WebSocketLimits(max_frame_size=frame_size)
    with their_server(echo, compression=compression) as port:
        client, sock = open_ours(port, limits=limits)
        told: list[Any] = []
        expected = [
            TextMessage.of(message) if isinstance(message, str) else BinaryMessage(message)
            for message in MESSAGES
            for _ in range(2)
        ]

        def handle(event: Any, now: float) -> None:
            if isinstance(event, HandshakeAccepted):
                assert event.is_compressed == (compression is not None)
                for message in MESSAGES:
                    sent = message if isinstance(message, str) else BinaryMessage(message)
                    client.send(sent, now)
                client.send(Ping(b"ours"), now)
            elif isinstance(event, TextMessage | BinaryMessage):
                told.append(event)
                if len(told) == len(expected):
                    client.close(now, 1000, "done")
            elif isinstance(event, Pong):
                assert event.payload == b"ours"

        with sock:
            drive(client, sock, handle)
        assert told == expected
        assert client.pings_received == len(MESSAGES)
        assert client.outcome == WebSocketClosed(1000, "done", by_peer=False)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_messages_of_16_mib_go_both_ways(compression: str | None) -> None:
    def once(connection: ServerConnection) -> None:
        connection.send(connection.recv())

    with their_server(once, compression=compression) as port:
        client, sock = open_ours(port, compression=compression is not None)
        told: list[Any] = []

        def handle(event: Any, now: float) -> None:
            told.append(event)
            if isinstance(event, HandshakeAccepted):
                client.send(BIG, now)

        with sock:
            drive(client, sock, handle)
        assert isinstance(told[1], TextMessage)
        assert told[1].text == BIG
        assert isinstance(told[-1], WebSocketClosed)
        assert told[-1].code == 1000


def test_their_refusal_is_told_with_its_body() -> None:
    def refuse(connection: ServerConnection, request: Any) -> Any:
        return connection.respond(426, "use HTTP instead\n")

    with their_server(echo, process_request=refuse) as port:
        client, sock = open_ours(port)
        with sock:
            drive(client, sock, lambda event, now: None)
        assert isinstance(client.outcome, HandshakeRefused)
        assert client.outcome.response.status == 426
        assert client.outcome.response.body == b"use HTTP instead\n"


# -- their client to our server -----------------------------------------------------------------


def serve_one(sock: socket.socket) -> None:
    """Accept the upgrade, send back what comes; a word makes it close."""
    front = Http1ServerConnection()
    front.start(time.monotonic())

    def handle(event: Any, now: float) -> None:
        websocket = front.websocket
        if isinstance(event, RequestReceived):
            if event.is_upgrade:
                front.accept(now, headers=[("x-server", "ours")], limits=LIMITS)
            else:
                front.respond(now, 400, body=b"no upgrade")
        elif websocket is not None and isinstance(event, TextMessage | BinaryMessage):
            if event == TextMessage(b"close"):
                websocket.close(now, 4001, "as you wish")
            else:
                websocket.send(event, now)

    drive(front, sock, handle)


LIMITS: Final = WebSocketLimits(max_frame_size=100_000)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_their_client_talks_to_our_server(compression: Any) -> None:
    with (
        serve_ours(serve_one) as port,
        connect(
            f"ws://127.0.0.1:{port}/x", compression=compression, max_size=2**25, proxy=None
        ) as client,
    ):
        assert client.response is not None
        assert client.response.headers["x-server"] == "ours"
        offered = "Sec-WebSocket-Extensions" in client.response.headers
        assert offered == (compression is not None)
        for message in [*MESSAGES, BIG]:
            client.send(message)
            assert client.recv(PATIENCE) == message
        client.send(["in ", "three ", "pieces"])
        assert client.recv(PATIENCE) == "in three pieces"
        assert client.ping(b"x").wait(PATIENCE)
        client.send("close")
        with pytest.raises(websockets.ConnectionClosed):
            client.recv(PATIENCE)
        assert (client.close_code, client.close_reason) == (4001, "as you wish")


def test_their_goodbye_is_answered() -> None:
    with serve_ours(serve_one) as port:
        with connect(f"ws://127.0.0.1:{port}/", proxy=None) as client:
            client.close(4002, "bye")
        assert client.close_code == 4002


def test_our_server_refuses_what_is_no_upgrade() -> None:
    with serve_ours(serve_one) as port, socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        answer = b""
        while data := sock.recv(4096):
            answer += data
        assert answer.startswith(b"HTTP/1.1 400 Bad Request")
        assert answer.endswith(b"no upgrade")
