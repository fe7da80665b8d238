"""How much a server takes, and how long it waits: all of it has a name and a default.

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
    """How much a server takes of its clients, and how long it waits for them.

    Attributes:
        max_connections: how many at a time; one more is answered with 503 and closed.
        max_body_size: of one request, decompressed.
        max_message_size: of one message on a WebSocket, decompressed.
        max_waiting_messages: how many messages of one client may wait to be read by a script;
            beyond that nothing more is read from it.
        max_requests_kept: how many requests are remembered; the oldest are forgotten.
        max_messages_kept: how many messages of each WebSocket are; the same.
        request_timeout: for a request to come, once it has begun; for the handshake of TLS.
        keep_alive: for the next request on a connection.
        write_timeout: for a client to read what was written.
        close_timeout: for a client to close its end.

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
        """Refuse what is no limit."""
        for name in self.__struct_fields__:
            if not getattr(self, name) > 0:
                raise LocalProtocolError(f"{name}: must be above 0")

    @property
    def http_timeouts(self) -> HttpTimeouts:
        """The part of them that a connection keeps."""
        return HttpTimeouts(idle=self.request_timeout, keep_alive=self.keep_alive)

    @property
    def http_limits(self) -> HttpLimits:
        """The part of them that a connection keeps."""
        return HttpLimits(max_body_size=self.max_body_size)

    @property
    def websocket_timeouts(self) -> WebSocketTimeouts:
        """The part of them that a WebSocket keeps."""
        return WebSocketTimeouts(close=self.close_timeout)

    @property
    def websocket_limits(self) -> WebSocketLimits:
        """The part of them that a WebSocket keeps."""
        # A server that is to misbehave may send more than servers take.
        return WebSocketLimits(
            max_message_size=self.max_message_size, max_outgoing_message_size=64 * _MIB
        )
