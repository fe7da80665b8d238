"""The limits and time-outs of a server, with their defaults.

Durations are seconds, sizes are bytes.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from codex_proto.connections import HttpLimits, HttpTimeouts, WebSocketLimits, WebSocketTimeouts
from codex_proto.errors import LocalProtocolError

__all__ = ["ServerLimits"]

_MIB: Final = 1024 * 1024


class ServerLimits(Struct, frozen=True, kw_only=True):
    """What a server accepts from its clients, and how long it waits for them.

    Attributes:
        max_connections: simultaneous connections; one more is answered with 503 and closed.
        max_body_size: the body of one request, decompressed.
        max_message_size: one message on a WebSocket, decompressed.
        max_waiting_messages: messages of one client that wait to be read by a script; beyond that
            nothing more is read from the client.
        max_requests_kept: requests that are kept; the oldest are dropped.
        max_messages_kept: messages of each WebSocket that are kept; the oldest are dropped.
        request_timeout: to receive the rest of a request, and for the TLS handshake.
        keep_alive: to wait for the next request on a connection.
        write_timeout: to wait for a client to read what was written.
        close_timeout: to wait for a client to close its end.

    Raises:
        LocalProtocolError: one is not above 0.
    """

    max_connections: int = 1024
    max_body_size: int = 64 * _MIB
    max_message_size: int = 64 * _MIB
    max_waiting_messages: int = 1024
    max_requests_kept: int = 10_000
    max_messages_kept: int = 10_000
    request_timeout: float = 60.0
    keep_alive: float = 300.0
    write_timeout: float = 60.0
    close_timeout: float = 2.0

    def __post_init__(self) -> None:
        """Raise `LocalProtocolError` unless all limits are above 0."""
        for name in self.__struct_fields__:
            if not getattr(self, name) > 0:
                raise LocalProtocolError(f"{name}: must be above 0")

    @property
    def http_timeouts(self) -> HttpTimeouts:
        """Return those of HTTP connections."""
        return HttpTimeouts(idle=self.request_timeout, keep_alive=self.keep_alive)

    @property
    def http_limits(self) -> HttpLimits:
        """Return those of HTTP connections."""
        return HttpLimits(max_body_size=self.max_body_size)

    @property
    def websocket_timeouts(self) -> WebSocketTimeouts:
        """Return those of WebSockets."""
        return WebSocketTimeouts(close=self.close_timeout)

    @property
    def websocket_limits(self) -> WebSocketLimits:
        """Return those of WebSockets."""
        # A server that misbehaves on purpose may send more than servers accept.
        return WebSocketLimits(
            max_message_size=self.max_message_size, max_outgoing_message_size=64 * _MIB
        )
