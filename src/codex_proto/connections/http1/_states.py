"""The states of a client's HTTP/1.1 connection, and what leads from one to another.

Source: RFC 9112, 9; docs/architecture.md, "Connections".
"""

from __future__ import annotations

import enum
from typing import Final

from codex_proto.connections._states import StateTable

__all__ = ["Http1State"]


class Http1State(enum.Enum):
    """Where a client's connection is."""

    NEW = "no transport yet"
    CONNECTING = "the transport is being connected"
    IDLE = "connected; the next request may be sent"
    WAITING = "a request has been sent; no answer has begun"
    RECEIVING = "the answer's body is being received"
    SWITCHED = "the server speaks another protocol now"
    CLOSED = "cannot be used again; close the transport"


_S = Http1State

HTTP1_CLIENT_STATES: Final[StateTable[Http1State]] = StateTable(
    "Http1Connection",
    _S.NEW,
    calls={
        _S.NEW: {"connect": _S.CONNECTING, "start": _S.IDLE, "close": _S.CLOSED},
        _S.CONNECTING: {"start": _S.IDLE, "close": _S.CLOSED},
        _S.IDLE: {"send": _S.WAITING, "receive_data": _S.IDLE, "close": _S.CLOSED},
        _S.WAITING: {"receive_data": _S.WAITING, "close": _S.CLOSED},
        _S.RECEIVING: {"receive_data": _S.RECEIVING, "close": _S.CLOSED},
        _S.SWITCHED: {"receive_data": _S.SWITCHED, "close": _S.CLOSED},
        _S.CLOSED: {"receive_data": _S.CLOSED, "close": _S.CLOSED},
    },
    occurrences={
        _S.CONNECTING: {"failure": _S.CLOSED},
        _S.IDLE: {"unexpected data": _S.CLOSED, "end of input": _S.CLOSED, "failure": _S.CLOSED},
        _S.WAITING: {
            "response head": _S.RECEIVING,
            "switch of protocols": _S.SWITCHED,
            "failure": _S.CLOSED,
        },
        _S.RECEIVING: {
            "end of a response": _S.IDLE,
            "end of the last response": _S.CLOSED,
            "failure": _S.CLOSED,
        },
        _S.SWITCHED: {"end of input": _S.CLOSED, "failure": _S.CLOSED},
        _S.CLOSED: {"end of input": _S.CLOSED, "failure": _S.CLOSED},
    },
)
