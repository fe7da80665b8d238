"""Whole connections without I/O: bytes and a clock in, events and bytes to write out (level 3).

Mutate with `now`, then drain `data_to_send()`, then arm `deadline()`. docs/connections.md shows
the states of each connection; examples/ has the loops.
"""

# Not in the face: _base, _outgoing, _states, _timers.
# Also in the face: ABNORMAL, CLOSE_CODES, CloseCode, NO_STATUS of codex_proto._close_codes.
# Also in the face: explain_close, is_sendable_close_code of codex_proto._close_codes.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.connections._contract import *
    from codex_proto.connections._options import *
    from codex_proto.connections._trailing import *
    from codex_proto.connections.exchanges._exchange import *
    from codex_proto.connections.exchanges._foreign_http import *
    from codex_proto.connections.exchanges._responses import *
    from codex_proto.connections.exchanges._unary import *
    from codex_proto.connections.http1._client import *
    from codex_proto.connections.http1._events import *
    from codex_proto.connections.http1._states import *
    from codex_proto.connections.serving._http1_server import *
    from codex_proto.connections.serving._http1_server_states import *
    from codex_proto.connections.serving._requests import *
    from codex_proto.connections.serving._responses_server import *
    from codex_proto.connections.sockets._base import *
    from codex_proto.connections.sockets._events import *
    from codex_proto.connections.sockets._realtime import *
    from codex_proto.connections.sockets._responses import *
    from codex_proto.connections.websocket._connection import *
    from codex_proto.connections.websocket._events import *
    from codex_proto.connections.websocket._states import *
    from codex_proto._close_codes import ABNORMAL as ABNORMAL
    from codex_proto._close_codes import CLOSE_CODES as CLOSE_CODES
    from codex_proto._close_codes import CloseCode as CloseCode
    from codex_proto._close_codes import NO_STATUS as NO_STATUS
    from codex_proto._close_codes import explain_close as explain_close
    from codex_proto._close_codes import is_sendable_close_code as is_sendable_close_code
    from codex_proto.connections import exchanges as exchanges
    from codex_proto.connections import http1 as http1
    from codex_proto.connections import serving as serving
    from codex_proto.connections import sockets as sockets
    from codex_proto.connections import websocket as websocket
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_contract": "Connection",
            "_options": "HttpLimits HttpTimeouts WebSocketLimits WebSocketTimeouts",
            "_trailing": "TRAILING_KEPT",
            "exchanges._exchange": "EXCHANGE_STATES ExchangeState HttpExchange",
            "exchanges._foreign_http": "ForeignHttpConnection",
            "exchanges._responses": "IdleOn ResponsesExchange",
            "exchanges._unary": "Reply RequestFailed UnaryEvent UnaryExchange",
            "http1._client": "Http1Connection",
            "http1._events": (
                "BodyData ClientEvent HttpFailed HttpOutcome InformationalResponse "
                "RequestReceived ResponseComplete ResponseHead ServerEvent ServerMessage Upgraded"
            ),
            "http1._states": "Http1State",
            "serving._http1_server": "FrontEvent Http1ServerConnection",
            "serving._http1_server_states": "Http1ServerState",
            "serving._requests": "EndpointRequest ServedEndpoint read_endpoint_request",
            "serving._responses_server": (
                "ResponseCreateReceived ResponsesServerSocket ResponsesServerStream"
            ),
            "sockets._base": "SocketBase",
            "sockets._events": "SocketClosed SocketOpened",
            "sockets._realtime": "RealtimeServerSocket RealtimeSocket RealtimeSocketEvent",
            "sockets._responses": "ResponsesSocket SocketEvent",
            "websocket._connection": "WebSocketConnection",
            "websocket._events": (
                "BinaryMessage HandshakeAccepted HandshakeRefused Ping Pong TextMessage "
                "WebSocketClosed WebSocketEvent WebSocketFailed WebSocketMessage WebSocketOutcome"
            ),
            "websocket._states": "WebSocketState",
            "codex_proto._close_codes": (
                "ABNORMAL CLOSE_CODES CloseCode NO_STATUS explain_close is_sendable_close_code"
            ),
        },
        "exchanges http1 serving sockets websocket",
    )
# isort: on
# -- end of what is written
