"""Our server against the client of the standard library, which shares no parser with us."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any

from codex_proto.connections import (
    BodyData,
    Http1ServerConnection,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
)
from tests.interop.interop_data import SSE
from tests.socket_loops import PATIENCE, drive, serve_ours

if TYPE_CHECKING:
    import socket


def serve_one(sock: socket.socket) -> None:
    connection = Http1ServerConnection()
    connection.start(time.monotonic())

    def handle(event: Any, now: float) -> None:
        if not isinstance(event, RequestReceived):
            return
        if event.path == "/stream":
            connection.send(ResponseHead(200), now)
            for start in range(0, len(SSE), 101):
                connection.send(BodyData(SSE[start : start + 101]), now)
            connection.send(ResponseComplete(), now)
        else:
            told = {"method": event.method, "body": event.body.decode(), "query": event.query}
            connection.respond(now, 201, [("x-a", "b")], json.dumps(told).encode())

    drive(connection, sock, handle)


def test_the_standard_library_understands_our_server() -> None:
    with serve_ours(serve_one) as port:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for _ in range(3):
            client.request("GET", "/stream")
            response = client.getresponse()
            assert (response.status, response.reason) == (200, "OK")
            assert response.read() == SSE
            client.request("PUT", "/echo?a=b", body=b"hello", headers={"Expect": "100-continue"})
            response = client.getresponse()
            assert (response.status, response.getheader("x-a")) == (201, "b")
            assert json.loads(response.read()) == {"method": "PUT", "body": "hello", "query": "a=b"}
            client.request("POST", "/echo", body=iter([b"in ", b"pieces"]), encode_chunked=True)
            assert json.loads(client.getresponse().read())["body"] == "in pieces"
        client.close()
