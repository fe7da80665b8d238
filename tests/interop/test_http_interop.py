"""Our HTTP against independent stacks: our client to uvicorn, httpx to our server."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from codex_proto.connections import (
    BodyData,
    Http1Connection,
    Http1ServerConnection,
    Reply,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
    ResponsesExchange,
    ResponsesServerStream,
    UnaryExchange,
)
from codex_proto.errors import RetryLimit
from codex_proto.http import Headers, HttpRequest
from codex_proto.responses import Completed, StreamFailed
from tests.interop.interop_data import EVENTS, SSE
from tests.socket_loops import PATIENCE, drive, serve_ours
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

# -- our client to uvicorn ----------------------------------------------------------------------


async def app(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application: streams, compressed streams, refusals, echoes."""
    assert scope["type"] == "http"
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    path = scope["path"]
    headers = [(b"x-request-id", b"req_1")]
    status, parts = 200, [SSE[start : start + 37] for start in range(0, len(SSE), 37)]
    if path == "/v1/gzip":
        headers.append((b"content-encoding", b"gzip"))
        packed = gzip.compress(SSE)
        parts = [packed[start : start + 11] for start in range(0, len(packed), 11)]
    elif path == "/v1/refuse":
        status, parts = 429, [b'{"error":{"message":"slow down"}}']
        headers.append((b"retry-after", b"3"))
    elif path == "/v1/echo":
        told = {
            "size": len(body),
            "headers": [[n.decode(), v.decode()] for n, v in scope["headers"]],
        }
        parts = [json.dumps(told).encode()]
        headers.append((b"content-length", str(len(parts[0])).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body"})


@pytest.fixture(scope="module", params=["h11", "httptools"])
def server_port(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == "httptools":
        pytest.importorskip("httptools")
    with socket.create_server(("127.0.0.1", 0)) as sock:
        config = uvicorn.Config(
            app, http=request.param, log_level="critical", lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        yield sock.getsockname()[1]
        server.should_exit = True
        thread.join(PATIENCE)


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        yield sock


def run(exchange: Any, sock: socket.socket) -> list[Any]:
    """Drive an exchange until its connection is free; return its events."""
    events: list[Any] = []
    drive(exchange, sock, lambda event, now: events.append(event), lambda: exchange.is_done)
    return events


def test_many_exchanges_over_one_connection(server_port: int) -> None:
    connection = Http1Connection()
    with connected(server_port) as sock:
        for number, path in enumerate(["responses", "gzip", "refuse", "responses", "echo"]):
            url = f"http://127.0.0.1:{server_port}/v1/{path}"
            request = HttpRequest("POST", url, [("accept-encoding", "gzip")], b"x" * 100_000)
            exchange: Any = (
                UnaryExchange(connection, request, lambda response: json.loads(response.body))
                if path == "echo"
                else ResponsesExchange(connection, request)
            )
            exchange.start(time.monotonic())
            events = run(exchange, sock)
            assert connection.requests_sent == number + 1
            outcome = exchange.outcome
            if path == "refuse":
                assert isinstance(outcome, StreamFailed)
                assert isinstance(outcome.error, RetryLimit)
                assert outcome.error.retry_after == 3
            elif path == "echo":
                assert isinstance(outcome, Reply)
                assert outcome.output["size"] == 100_000
                assert ["accept-encoding", "gzip"] in outcome.output["headers"]
            else:
                assert isinstance(outcome, Completed)
                assert [type(event).__name__ for event in events] == list(EVENTS)


# -- httpx to our server ------------------------------------------------------------------------


def serve_one(sock: socket.socket) -> None:
    """Serve one connection: stream, whole, chunked echo, head."""
    connection = Http1ServerConnection()
    connection.start(time.monotonic())

    def handle(event: Any, now: float) -> None:
        if not isinstance(event, RequestReceived):
            return
        if event.path == "/v1/responses":
            stream = ResponsesServerStream(connection, now)
            for start in range(0, len(SSE), 50):
                stream.send_bytes(SSE[start : start + 50], now)
            stream.end(now)
        elif event.path == "/echo":
            connection.send(ResponseHead(200, Headers([("x-method", event.method)])), now)
            connection.send(BodyData(event.body), now)
            connection.send(ResponseComplete(Headers([("x-trailer", "t")])), now)
        else:
            connection.respond(now, 404, [("content-type", "text/plain")], b"no such thing")

    drive(connection, sock, handle)


def test_httpx_understands_our_server() -> None:
    with (
        serve_ours(serve_one) as port,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False
        ) as client,
    ):
        for _ in range(2):
            with client.stream("POST", "/v1/responses", json={"model": "m"}) as response:
                assert response.headers["content-type"] == "text/event-stream"
                assert b"".join(response.iter_bytes()) == SSE
            big = bytes(range(256)) * 4000
            (big[start : start + 9999] for start in range(0, len(big), 9999))
            response = client.post(
                "/echo", content=(big[i : i + 9999] for i in range(0, len(big), 9999))
            )
            assert response.content == big
            assert response.headers["x-method"] == "POST"
            assert client.post("/echo", content=b"").content == b""
            missing = client.get("/missing")
            assert (missing.status_code, missing.text) == (404, "no such thing")
            head = client.head("/missing")
            assert (head.status_code, head.content) == (404, b"")
            assert head.headers["content-length"] == "13"


def test_a_client_that_closes_its_side_still_gets_its_answer() -> None:
    with serve_ours(serve_one) as port, connected(port) as sock:
        sock.sendall(b"GET /echo HTTP/1.1\r\nhost: h\r\n\r\nGET /x HTTP/1.1\r\nhost: h\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while data := sock.recv(65536):
            answer += data
        assert answer.count(b"HTTP/1.1 ") == 2
        assert answer.endswith(b"no such thing")
