"""However the bytes of the peer are cut: equal events, equal outcome, equal bytes to send.

The two ends of a WebSocket, of HTTP, and all that is built on them get the same steps twice: bytes
of the peer, and sends of ours at fixed places between them. The bytes come once in one piece, once
in any pieces.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple
from unittest import mock

import pytest
from wsproto.utilities import generate_accept_token

from codex_proto.connections import (
    RealtimeSocket,
    RequestReceived,
    ResponsesSocket,
    SocketClosed,
    SocketOpened,
)
from codex_proto.errors import ConnectionClosed, LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.realtime import (
    RealtimeError,
    RealtimeSessionConfig,
)
from codex_proto.requests import ResponsesApiRequest
from codex_proto.responses import StreamFailed
from tests.connections.drive import NOW, merged
from tests.connections.mock_server import CREATED
from tests.connections.samples import socket_request

CONFIG: Final = RealtimeSessionConfig(version="v2", instructions="Be brief.")
REALTIME: Final = HttpRequest("GET", "ws://localhost:8080/v1/realtime?model=m", [])
REQUEST: Final = ResponsesApiRequest(model="m", input="Hi")
# The nonce of the handshake and the masks of frames, which are the same each time here.
ZEROS: Final = bytes
ACCEPT: Final = generate_accept_token(b"AAAAAAAAAAAAAAAAAAAAAA==")

SWITCH: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
)
HANDSHAKE: Final = (
    b"GET /v1/responses HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
FAILED: Final = (
    b'{"type":"response.failed","response":{"id":"resp_1","error":'
    b'{"code":"server_error","message":"no"}}}'
)
REFUSED: Final = (
    b'{"event_id":"event_x","type":"error","error":{"type":"invalid_request_error",'
    b'"code":"invalid_api_key","message":"Incorrect API key provided: k.","param":null,'
    b'"event_id":null}}'
)
UPDATED: Final = b'{"type":"session.updated","session":{"id":"sess_1"}}'


# -- frames of the peer ---------------------------------------------------------------------------


def frame(
    opcode: int, payload: bytes, *, is_last: bool = True, is_client: bool = False, rsv: int = 0
) -> bytes:
    """A frame; one of a client has a mask of zeros."""
    size = len(payload)
    mask = 0x80 if is_client else 0
    head = bytes([(0x80 if is_last else 0) | rsv | opcode])
    if size < 126:
        head += bytes([mask | size])
    else:
        head += bytes([mask | 126]) + size.to_bytes(2, "big")
    return head + (ZEROS(4) if is_client else b"") + payload


def text(payload: bytes, **options: Any) -> bytes:
    return frame(1, payload, **options)


def close_frame(code: int | None = 1000, reason: bytes = b"", **options: Any) -> bytes:
    payload = b"" if code is None else code.to_bytes(2, "big") + reason
    return frame(8, payload, **options)


# -- steps, done twice ----------------------------------------------------------------------------

Send = Callable[[Any, float], Any]


class End(NamedTuple):
    """The end of the peer's bytes."""

    clean: bool


Step = bytes | Send | End


@dataclass
class Told:
    """What is seen of one run."""

    events: list[Any] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    outcome: Any = None

    def seen(self) -> tuple[Any, ...]:
        return merged(self.events), self.sent, self.answers, self.outcome


def run(make: Callable[[], Any], steps: list[Step], cut: Callable[[bytes], list[bytes]]) -> Told:
    """Do the steps; bytes of the peer come in the pieces of `cut`."""
    told = Told()
    with mock.patch.object(os, "urandom", ZEROS):
        connection = make()
        connection.start(NOW)
        for step in steps:
            _do(connection, step, cut, told)
            told.sent.append(connection.data_to_send())
        for name in ("outcome", "closed", "state", "must_close", "status", "subprotocol"):
            told.answers.append((name, repr(getattr(connection, name, None))))
    told.outcome = (connection.state, connection.must_close, connection.bytes_pending)
    return told


def _do(connection: Any, step: Step, cut: Callable[[bytes], list[bytes]], told: Told) -> None:
    if isinstance(step, bytes):
        for piece in cut(step):
            told.events += _react(connection, connection.receive_data(piece, NOW))
            due = connection.deadline()
            while due is not None and due <= NOW:
                told.events += _react(connection, connection.handle_timeout(NOW))
                due = connection.deadline()
    elif isinstance(step, End):
        told.events += connection.receive_eof(NOW, step.clean)
    else:
        try:
            told.answers.append(repr(step(connection, NOW)))
        except LocalProtocolError as error:
            told.answers.append(error.message)
        due = connection.deadline()
        while due is not None and due <= NOW:
            told.events += _react(connection, connection.handle_timeout(NOW))
            due = connection.deadline()


def _react(connection: Any, events: list[Any]) -> list[Any]:
    """Accept a handshake, as the program of a server does."""
    for event in events:
        if isinstance(event, RequestReceived) and event.is_upgrade:
            connection.accept(NOW)
    return events


def whole(data: bytes) -> list[bytes]:
    return [data]


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


# -- known places ---------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_a_failed_response_and_a_close_frame(cut: Any) -> None:
    data = text(CREATED) + text(FAILED) + close_frame(1000)
    ask = partial(ResponsesSocket.send, request=REQUEST)
    steps: list[Step] = [b"", SWITCH, lambda socket, now: ask(socket, now=now), data]
    told = run(partial(ResponsesSocket, socket_request()), steps, cut)
    assert isinstance(told.events[-2], StreamFailed)
    # We closed it, and the server's close frame is its answer.
    assert told.events[-1] == SocketClosed(None)
    assert told.sent[-1] == close_frame(1000, is_client=True)


@pytest.mark.parametrize("cut", [whole, bytewise])
def test_a_realtime_session_that_is_refused_in_one_segment(cut: Any) -> None:
    data = SWITCH + text(REFUSED) + close_frame(3000, b"invalid_request_error.invalid_api_key")
    told = run(partial(RealtimeSocket, REALTIME, config=CONFIG), [b"", data], cut)
    opened, error, *_, closed = told.events
    assert isinstance(opened, SocketOpened)
    assert isinstance(error, RealtimeError)
    assert error.message == "Incorrect API key provided: k."
    assert isinstance(closed, SocketClosed)
    assert isinstance(closed.error, ConnectionClosed)
    assert closed.error.close_code == 3000
    assert b"session.update" in told.sent[1]
