"""The switch from HTTP to a WebSocket: the answer 101, and the connection that follows it.

Source: RFC 6455, 4.2.2.
"""

from __future__ import annotations

import h11

from codex_proto.connections._options import WebSocketLimits, WebSocketTimeouts
from codex_proto.connections.http1 import RequestReceived
from codex_proto.connections.websocket import WebSocketConnection
from codex_proto.connections.websocket._handshake import handshake_response
from codex_proto.errors import LocalProtocolError
from codex_proto.http import HeadersLike, legal_headers, written_headers

__all__ = ["upgrade"]


def upgrade(
    request: RequestReceived | None,
    now: float,
    *,
    headers: HeadersLike,
    subprotocol: str | None,
    compression: bool,
    timeouts: WebSocketTimeouts | None,
    limits: WebSocketLimits | None,
) -> tuple[h11.InformationalResponse, WebSocketConnection]:
    """Return the answer to a handshake, and the server's end of the WebSocket.

    Raises:
        LocalProtocolError: the request does not ask for a WebSocket; the connection sets one
            of `headers`; the client does not offer `subprotocol`.
    """
    if request is None or not request.is_upgrade:
        raise LocalProtocolError("accept: the request does not ask for a WebSocket")
    fields, deflate = handshake_response(
        request.headers, legal_headers("headers", headers), subprotocol, compression=compression
    )
    response = h11.InformationalResponse(
        status_code=101, headers=written_headers(fields), reason=b"Switching Protocols"
    )
    websocket = WebSocketConnection.accepted(
        now, deflate=deflate, subprotocol=subprotocol, timeouts=timeouts, limits=limits
    )
    return response, websocket
