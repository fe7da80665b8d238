"""Small parts of the server: what scripts are made of, what asyncio does not say of a socket."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from codex_proto import MalformedEvent, decode_response_event
from codex_proto_io.server import _offers, _sockets, say, stream

CREATED = b'{"type":"response.created","response":{"id":"r"}}'


def test_a_body_is_made_of_mappings_events_and_bytes() -> None:
    event = decode_response_event(CREATED)
    broken = decode_response_event(b"[]")
    assert isinstance(broken, MalformedEvent)
    body = stream({"type": "a"}, event, broken, b": comment\n\n", b"\xff")
    said = [getattr(step, "text", None) for step in body.steps]
    assert f"event: response.created\ndata: {CREATED.decode()}\n\n" in said
    assert "event: message\ndata: []\n\n" in said
    assert ": comment\n\n" in said


def test_messages_are_made_of_mappings_events_and_bytes() -> None:
    exchange = say({"type": "a"}, decode_response_event(CREATED), CREATED, close=1000)
    said = [getattr(step, "text", None) for step in exchange.steps]
    assert said[:3] == ['{"type":"a"}', CREATED.decode(), CREATED.decode()]
    assert len(said) == 4


class Transport:
    def __init__(self, sock: socket.socket | None, buffered: int = 0) -> None:
        self._sock = sock
        self._buffered = buffered
        self.is_aborted = False

    def get_extra_info(self, name: str) -> Any:
        return self._sock if name == "socket" else None

    def get_write_buffer_size(self) -> int:
        return self._buffered

    def abort(self) -> None:
        self.is_aborted = True


def test_a_transport_without_a_socket_can_be_broken_and_asked() -> None:
    transport: Any = Transport(None)
    _sockets.close_with_rst(transport)
    assert transport.is_aborted
    assert _sockets.bytes_unsent(transport) == 0


def test_what_is_unsent_is_what_nobody_has_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as sock:
        waiting: Any = Transport(sock, 7)
        assert _sockets.bytes_unsent(waiting) == 7
        empty: Any = Transport(sock)
        monkeypatch.setattr("sys.platform", "darwin")
        assert _sockets.bytes_unsent(empty) == 0


def test_a_call_without_an_offer_has_an_empty_one() -> None:
    assert _offers._member(b"no JSON") == ""
    assert _offers._member(b"[]") == ""
    assert _offers._part(b"--b\r\n\r\nno offer", "b") == b""
    assert _offers._part(b"no parts", "") == b""
