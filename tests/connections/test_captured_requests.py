"""What goes on the wire is what real clients put there: request line, header set, body, frames.

The captures hold headers and texts that callers give; given the same ones, ours sends the same.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.connections import (
    Http1Connection,
    Http1ServerConnection,
    RequestReceived,
    TextMessage,
    WebSocketConnection,
)
from codex_proto.http import HttpRequest
from tests.captures import captured_connections
from tests.connections.drive import NOW

CAPTURES: Final[dict[str, dict[str, Any]]] = {
    f"{path.parent.parent.name}-{path.stem[:50]}": capture
    for path, capture in captured_connections().items()
}
EXTENSIONS: Final = "sec-websocket-extensions"
# What the connection adds, the same or its own.
OURS: Final = {"host", "content-length", "connection", "upgrade"}
OURS_OF_A_SOCKET: Final = {"sec-websocket-key", "sec-websocket-version"}
ANY_VALUE: Final = {"sec-websocket-key", "content-length"}


def is_socket(capture: dict[str, Any]) -> bool:
    return any(name.lower() == "upgrade" for name, _ in capture["headers"])


def request_of(capture: dict[str, Any]) -> HttpRequest:
    method, target, _ = capture["request_line"].split(" ")
    fields = [(name.lower(), value) for name, value in capture["headers"]]
    host = dict(fields)["host"]
    added = OURS | (OURS_OF_A_SOCKET if is_socket(capture) else set())
    own = [field for field in fields if field[0] not in added | {EXTENSIONS}]
    content = capture.get("body")
    body = json.dumps(content).encode() if content is not None else b""
    return HttpRequest(method, f"http://{host}{target}", own, body)


@pytest.mark.parametrize("name", CAPTURES)
def test_the_request_is_the_one_that_was_captured(name: str) -> None:
    capture = CAPTURES[name]
    request = request_of(capture)
    offer = {name.lower(): value for name, value in capture["headers"]}.get(EXTENSIONS)
    client: Any = (
        WebSocketConnection(request, compression=offer is not None)
        if is_socket(capture)
        else Http1Connection()
    )
    client.start(NOW)
    if not is_socket(capture):
        client.send(request, NOW)
    data = client.data_to_send()
    assert data.split(b"\r\n", 1)[0].decode() == capture["request_line"]

    server = Http1ServerConnection()
    server.start(NOW)
    (received,) = server.receive_data(data, NOW)
    assert isinstance(received, RequestReceived)
    assert received.is_upgrade is is_socket(capture)
    assert received.body == request.body
    sent = dict(received.headers)
    captured = {name.lower(): value for name, value in capture["headers"]}
    captured.pop("connection" if not is_socket(capture) else "", None)
    sent.pop("connection" if not is_socket(capture) else "", None)
    # Only clients that know the length beforehand tell it; ours always does.
    assert set(sent) - {"content-length"} == set(captured) - {"content-length", "transfer-encoding"}
    for field in set(sent) - ANY_VALUE - {EXTENSIONS}:
        assert sent[field].lower() == captured[field].lower(), field
    if offer == "permessage-deflate; client_max_window_bits":
        assert sent[EXTENSIONS] == offer


SOCKETS: Final = [name for name, capture in CAPTURES.items() if is_socket(capture)]


@pytest.mark.parametrize("name", SOCKETS)
@pytest.mark.parametrize("compression", [True, False])
def test_the_frames_hold_the_messages_that_were_captured(name: str, compression: bool) -> None:
    capture = CAPTURES[name]
    client = WebSocketConnection(request_of(capture), compression=compression)
    client.start(NOW)
    front = Http1ServerConnection()
    front.start(NOW)
    front.receive_data(client.data_to_send(), NOW)
    server = front.accept(NOW)
    client.receive_data(front.data_to_send(), NOW)
    for frame in capture["frames"]:
        if not frame.get("message"):
            continue
        sender, receiver = (client, server) if frame["dir"] == "c2s" else (server, client)
        sender.send(json.dumps(frame["message"]), NOW)
        (message,) = receiver.receive_data(sender.data_to_send(), NOW)
        assert isinstance(message, TextMessage)
        assert json.loads(message.data) == frame["message"]
