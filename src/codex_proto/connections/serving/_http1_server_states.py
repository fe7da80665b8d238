"""The states of a server's HTTP/1.1 connection, and what leads from one to another.

Source: RFC 9112, 9; RFC 6455, 4.2; docs/architecture.md, "Connections".
"""

from __future__ import annotations

import enum
from typing import Final

from codex_proto.connections._states import StateTable

__all__ = ["Http1ServerState"]


class Http1ServerState(enum.Enum):
    """Where a server's connection is."""

    NEW = "no transport yet"
    IDLE = "waiting for a request"
    READING = "a request is being received"
    REQUESTED = "a complete request waits for its answer"
    RESPONDING = "the answer's head has been sent; its body is due"
    UPGRADED = "it is a WebSocket now"
    CLOSED = "cannot be used again; close the transport"


_S = Http1ServerState

HTTP1_SERVER_STATES: Final[StateTable[Http1ServerState]] = StateTable(
    "Http1ServerConnection",
    _S.NEW,
    calls={
        _S.NEW: {"start": _S.IDLE, "close": _S.CLOSED},
        _S.IDLE: {"receive_data": _S.IDLE, "close": _S.CLOSED},
        _S.READING: {"receive_data": _S.READING, "close": _S.CLOSED},
        _S.REQUESTED: {
            "receive_data": _S.REQUESTED,
            "send InformationalResponse": _S.REQUESTED,
            "send ResponseHead": _S.RESPONDING,
            "accept": _S.UPGRADED,
            "close": _S.CLOSED,
        },
        _S.RESPONDING: {
            "receive_data": _S.RESPONDING,
            "send BodyData": _S.RESPONDING,
            "send ResponseComplete": _S.RESPONDING,
            "close": _S.CLOSED,
        },
        _S.UPGRADED: {"receive_data": _S.UPGRADED, "close": _S.UPGRADED},
        _S.CLOSED: {"receive_data": _S.CLOSED, "close": _S.CLOSED},
    },
    occurrences={
        _S.IDLE: {
            "request head": _S.READING,
            "end of input": _S.CLOSED,
            "keep-alive timeout": _S.CLOSED,
            "failure": _S.CLOSED,
        },
        _S.READING: {"request": _S.REQUESTED, "failure": _S.CLOSED},
        _S.REQUESTED: {"failure": _S.CLOSED},
        _S.RESPONDING: {
            "end of a response": _S.IDLE,
            "end of the last response": _S.CLOSED,
            "failure": _S.CLOSED,
        },
    },
)
