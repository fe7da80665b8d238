"""The settings of both clients."""

from __future__ import annotations

import random as random_numbers
import ssl
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from codex_proto.connections import IdleOn
from codex_proto.errors import LocalProtocolError
from codex_proto.requests import AuthProvider, ClientInfo, Provider, Secret
from codex_proto.responses import Profile
from codex_proto_io._environment import (
    auth_from_environment,
    provider_from_environment,
    tls_context,
)
from codex_proto_io.core import Clock, Credentials, RefreshHook, Runtime, Telemetry

__all__ = ["HttpTransport"]

HttpTransport: TypeAlias = Literal["httpx", "raw"]
"""What sends HTTP requests: httpx, or connections of our own over sockets."""

_TRANSPORTS: Final = ("httpx", "raw")


def new_runtime(
    *,
    api_key: str | Secret | None,
    auth: AuthProvider | None,
    refresh_auth: RefreshHook | None,
    base_url: str | None,
    provider: Provider | None,
    client_info: ClientInfo,
    profile: Profile,
    transport: HttpTransport,
    http_client: Any | None,
    idle_on: IdleOn,
    telemetry: object | None,
    clock: Clock | None,
    random: Callable[[], float] | None,
) -> Runtime:
    """Return the runtime for the arguments of a client.

    Raises:
        LocalProtocolError: arguments exclude each other, or no key is set.
    """
    if provider is not None and base_url is not None:
        raise LocalProtocolError("base_url: is part of provider; pass one of the two")
    if auth is not None and api_key is not None:
        raise LocalProtocolError("api_key: cannot be passed together with auth")
    if transport not in _TRANSPORTS:
        raise LocalProtocolError(f"transport: must be one of {_TRANSPORTS}, not {transport!r}")
    if http_client is not None and transport != "httpx":
        raise LocalProtocolError("http_client: needs the transport 'httpx'")
    if profile not in ("full", "codex"):
        raise LocalProtocolError(f"profile: must be 'full' or 'codex', not {profile!r}")
    if auth is None:
        auth = auth_from_environment(api_key)
    return Runtime(
        provider or provider_from_environment(base_url),
        Credentials(auth, refresh_auth),
        client=client_info,
        profile=profile,
        idle_on=idle_on,
        has_library=transport == "httpx",
        telemetry=Telemetry(telemetry),
        clock=Clock() if clock is None else clock,
        random=random_numbers.random if random is None else random,
    )


class TlsContext:
    """Returns one TLS context, which is made on first use because that takes long."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context

    def __call__(self) -> ssl.SSLContext:
        """Return the context."""
        if self._context is None:
            self._context = tls_context()
        return self._context
