"""The settings that all operations of one client share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from codex_proto.connections import HttpTimeouts, IdleOn, WebSocketTimeouts
from codex_proto.errors import LocalProtocolError
from codex_proto.requests import ClientInfo, Provider, RetryState, Transport
from codex_proto.responses import Profile
from codex_proto_io.core._clock import Clock
from codex_proto_io.core._effects import Credentials
from codex_proto_io.core._idle import IdleConnections
from codex_proto_io.core._telemetry import Telemetry

__all__ = ["Runtime"]

# Seconds to connect to an HTTP server.
_CONNECT_TIMEOUT: Final = 15.0


class Runtime:
    """The settings of one client, and the connections that it keeps.

    Args:
        provider: the service and the retry policy.
        credentials: the credentials of the client.
        client: the identity that the client sends.
        profile: the profile of the events of responses.
        idle_on: what resets the idle time-out of a stream.
        has_library: whether an HTTP library sends the requests, instead of our own connections.
        telemetry: the hooks.
        clock: the clock.
        random: returns numbers from 0 up to 1, to spread waits.
    """

    def __init__(
        self,
        provider: Provider,
        credentials: Credentials,
        *,
        client: ClientInfo,
        profile: Profile,
        idle_on: IdleOn,
        has_library: bool,
        telemetry: Telemetry,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self.provider: Final = provider
        self.credentials: Final = credentials
        self.client: Final = client
        self.profile: Final[Profile] = profile
        self.idle_on: Final[IdleOn] = idle_on
        self.has_library: Final = has_library
        self.telemetry: Final = telemetry
        self.clock: Final = clock
        self.random: Final = random
        self.idle: Final = IdleConnections()
        self.is_closed = False

    def retry_state(self, transport: Transport = "http", *, is_unary: bool = False) -> RetryState:
        """Return the retry state that an operation begins with."""
        policy = self.provider.retry
        if self.credentials.hook is None and policy.refresh_auth:
            policy = msgspec.structs.replace(policy, refresh_auth=False)
        return RetryState(policy=policy, transport=transport, is_unary=is_unary)

    def http_timeouts(self, total: float | None = None) -> HttpTimeouts:
        """Return the time-outs of HTTP exchanges."""
        idle = self.provider.stream_idle_timeout
        return HttpTimeouts(connect=_CONNECT_TIMEOUT, idle=idle, total=total)

    def websocket_timeouts(self) -> WebSocketTimeouts:
        """Return the time-outs of WebSockets."""
        return WebSocketTimeouts(connect=self.provider.websocket_connect_timeout)

    def check_open(self) -> None:
        """Raise `LocalProtocolError` if the client is closed."""
        if self.is_closed:
            raise LocalProtocolError("client: is closed")
