"""Whole connections without I/O: bytes and a clock in, events and bytes to write out (level 3).

Mutate with `now`, then drain `data_to_send()`, then arm `deadline()`. docs/connections.md shows
the states of each connection; examples/ has the loops.
"""

from codex_proto.connections.close_codes import CLOSE_CODES, explain_close
from codex_proto.connections.contract import Connection
from codex_proto.connections.exchange import ExchangeState, HttpExchange
from codex_proto.connections.foreign_http import ForeignHttpConnection
from codex_proto.connections.http1 import Http1Connection, Http1State
from codex_proto.connections.http1_events import (
    BodyData,
    ClientEvent,
    HttpFailed,
    HttpOutcome,
    InformationalResponse,
    RequestReceived,
    ResponseComplete,
    ResponseHead,
    ServerEvent,
    ServerMessage,
    Upgraded,
)
from codex_proto.connections.http1_server import (
    FrontEvent,
    Http1ServerConnection,
    Http1ServerState,
)
from codex_proto.connections.options import (
    HttpLimits,
    HttpTimeouts,
    WebSocketLimits,
    WebSocketTimeouts,
)
from codex_proto.connections.realtime import (
    RealtimeServerSocket,
    RealtimeSocket,
    RealtimeSocketEvent,
)
from codex_proto.connections.responses import IdleOn, ResponsesExchange
from codex_proto.connections.responses_server import (
    ResponseCreateReceived,
    ResponsesServerSocket,
    ResponsesServerStream,
)
from codex_proto.connections.responses_socket import ResponsesSocket, SocketEvent
from codex_proto.connections.serving import (
    EndpointRequest,
    ServedEndpoint,
    read_endpoint_request,
)
from codex_proto.connections.socket_events import SocketClosed, SocketOpened
from codex_proto.connections.trailing import TRAILING_KEPT
from codex_proto.connections.unary import Reply, RequestFailed, UnaryEvent, UnaryExchange
from codex_proto.connections.websocket import WebSocketConnection, WebSocketState
from codex_proto.connections.websocket_events import (
    BinaryMessage,
    HandshakeAccepted,
    HandshakeRefused,
    Ping,
    Pong,
    TextMessage,
    WebSocketClosed,
    WebSocketEvent,
    WebSocketFailed,
    WebSocketMessage,
    WebSocketOutcome,
)

__all__ = [
    "CLOSE_CODES",
    "TRAILING_KEPT",
    "BinaryMessage",
    "BodyData",
    "ClientEvent",
    "Connection",
    "EndpointRequest",
    "ExchangeState",
    "ForeignHttpConnection",
    "FrontEvent",
    "HandshakeAccepted",
    "HandshakeRefused",
    "Http1Connection",
    "Http1ServerConnection",
    "Http1ServerState",
    "Http1State",
    "HttpExchange",
    "HttpFailed",
    "HttpLimits",
    "HttpOutcome",
    "HttpTimeouts",
    "IdleOn",
    "InformationalResponse",
    "Ping",
    "Pong",
    "RealtimeServerSocket",
    "RealtimeSocket",
    "RealtimeSocketEvent",
    "Reply",
    "RequestFailed",
    "RequestReceived",
    "ResponseComplete",
    "ResponseCreateReceived",
    "ResponseHead",
    "ResponsesExchange",
    "ResponsesServerSocket",
    "ResponsesServerStream",
    "ResponsesSocket",
    "ServedEndpoint",
    "ServerEvent",
    "ServerMessage",
    "SocketClosed",
    "SocketEvent",
    "SocketOpened",
    "TextMessage",
    "UnaryEvent",
    "UnaryExchange",
    "Upgraded",
    "WebSocketClosed",
    "WebSocketConnection",
    "WebSocketEvent",
    "WebSocketFailed",
    "WebSocketLimits",
    "WebSocketMessage",
    "WebSocketOutcome",
    "WebSocketState",
    "WebSocketTimeouts",
    "explain_close",
    "read_endpoint_request",
]
