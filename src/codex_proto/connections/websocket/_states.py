"""The states of a WebSocket, either end, and what leads from one to another.

Source: RFC 6455, 4 and 7; docs/architecture.md, "Connections".
"""

from __future__ import annotations

import enum
from typing import Final

from codex_proto.connections._states import StateTable

__all__ = ["WebSocketState"]


class WebSocketState(enum.Enum):
    """Where a WebSocket is."""

    NEW = "no transport yet"
    CONNECTING = "the transport is being connected"
    HANDSHAKE = "the handshake has been sent; no answer yet"
    REFUSING = "the server refuses; the body of its answer is being received"
    OPEN = "messages are sent both ways"
    CLOSING = "our close frame has been sent; the peer's is due"
    CLOSED = "closed; close the transport"


_S = WebSocketState

WEBSOCKET_STATES: Final[StateTable[WebSocketState]] = StateTable(
    "WebSocketConnection",
    _S.NEW,
    calls={
        _S.NEW: {"connect": _S.CONNECTING, "start": _S.HANDSHAKE, "close": _S.CLOSED},
        _S.CONNECTING: {"start": _S.HANDSHAKE, "close": _S.CLOSED},
        _S.HANDSHAKE: {"receive_data": _S.HANDSHAKE, "close": _S.CLOSED},
        _S.REFUSING: {"receive_data": _S.REFUSING, "close": _S.CLOSED},
        _S.OPEN: {"send": _S.OPEN, "receive_data": _S.OPEN, "close": _S.CLOSING},
        _S.CLOSING: {"receive_data": _S.CLOSING, "close": _S.CLOSING},
        _S.CLOSED: {"receive_data": _S.CLOSED, "close": _S.CLOSED},
    },
    occurrences={
        _S.NEW: {"accepted by this side": _S.OPEN},
        _S.CONNECTING: {"failure": _S.CLOSED},
        _S.HANDSHAKE: {
            "accepted": _S.OPEN,
            "refusal": _S.REFUSING,
            "failure": _S.CLOSED,
        },
        _S.REFUSING: {"end of the refusal": _S.CLOSED, "failure": _S.CLOSED},
        _S.OPEN: {"close frame": _S.CLOSED, "end of input": _S.CLOSED, "failure": _S.CLOSED},
        _S.CLOSING: {
            "close frame": _S.CLOSED,
            "end of input": _S.CLOSED,
            "no close frame in time": _S.CLOSED,
            "failure": _S.CLOSED,
        },
    },
)
