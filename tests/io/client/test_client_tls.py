"""TLS, and the certificates that the environment names."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    LocalProtocolError,
    StreamClosedEarly,
    TimedOut,
)
from codex_proto.http import Headers, HttpRequest
from codex_proto.requests import Provider, RetryPolicy
from codex_proto_io._environment import tls_context
from codex_proto_io.client import CodexClient
from codex_proto_io.httpx import AsyncLibrary, SyncLibrary
from tests.certificates import certificate
from tests.io.client.driving import REQUEST, SILENCE, Driven, told
from tests.io.client.scripted import COMPLETED, CREATED, DELTA, accept, serving, sse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TURN = (CREATED, DELTA, COMPLETED)
ONCE = RetryPolicy(request_max_retries=0, stream_max_retries=0)


def both(peer: Any, request: Any) -> None:
    (accept(TURN, TURN) if request.is_upgrade else sse(*TURN))(peer, request)


async def everything(client: Any) -> None:
    final = await client.responses.create(REQUEST)
    assert final.is_complete
    async with client.responses.connect() as connection:
        for _ in range(2):
            final = await connection.create(REQUEST)
            assert final.is_complete
        assert not connection.uses_http


@pytest.mark.parametrize("name", ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE", "argument"])
def test_a_certificate_of_ones_own(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificate()
    arguments: dict[str, Any] = {}
    if name == "argument":
        arguments["ssl_context"] = made.trusting()
    else:
        monkeypatch.setenv(name, str(made.path))
    with serving(both, context=made.context) as server:
        with Driven(kind, server.base_url, **arguments) as driven:
            driven.run(everything)


def test_a_certificate_that_nobody_vouches_for(kind: str) -> None:
    with serving(both, context=certificate().context) as server:
        provider = Provider(base_url=server.base_url, retry=ONCE)
        with Driven(kind, provider=provider) as driven:
            result = driven.tell()
            assert type(result.error) is ConnectionFailed
            assert "certificate" in str(result.error).lower()

            async def by_socket(client: Any) -> Any:
                async with client.responses.connect() as connection:
                    with pytest.raises(ConnectionFailed, match=r"(?i)certificate"):
                        await connection.preconnect()

            driven.run(by_socket)


class Elsewhere:
    """Sends each request to the next of some servers."""

    def __init__(self, *origins: str) -> None:
        self._origins = iter(origins)

    def auth_headers(self) -> Headers:
        return Headers()

    def authorize(self, request: HttpRequest) -> HttpRequest:
        return request.replace(url=f"{next(self._origins)}{request.target}")


@pytest.mark.parametrize("order", ["http first", "https first"])
def test_a_server_is_verified_whatever_was_asked_before(kind: str, order: str) -> None:
    with serving(both) as plain, serving(both, context=certificate().context) as secure:
        origins = [server.base_url.removesuffix("/v1") for server in (plain, secure)]
        if order == "https first":
            origins.reverse()
        # Each twice: by a client that was made for it, and by one that was there.
        auth = Elsewhere(*origins, *origins)
        provider = Provider(base_url=plain.base_url, retry=ONCE)
        with Driven(kind, provider=provider, auth=auth) as driven:
            for origin in origins * 2:
                result = driven.tell()
                if origin.startswith("https"):
                    assert type(result.error) is ConnectionFailed
                    assert "certificate" in str(result.error).lower()
                else:
                    assert result.error is None
    assert len(plain.requests) == 2
    assert not secure.requests


@pytest.mark.parametrize("library", [AsyncLibrary, SyncLibrary])
def test_a_client_for_plain_http_trusts_nobody(library: Any, monkeypatch: Any) -> None:
    """Should it ever be asked for TLS, by a redirect for one, no server passes."""
    contexts: list[ssl.SSLContext] = []
    made = library(None, certificate().trusting)
    kind = made.kind

    def spy(**arguments: Any) -> Any:
        contexts.append(arguments["verify"])
        return kind(**arguments)

    monkeypatch.setattr(library, "kind", staticmethod(spy))
    for url in ("http://h", "https://h", "ws://h", "wss://h"):
        made._client_for(HttpRequest("GET", url))
    assert len(contexts) == 2
    assert all(context.verify_mode is ssl.CERT_REQUIRED for context in contexts)
    assert [len(context.get_ca_certs()) for context in contexts] == [0, 1]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (tmp_path / "none.pem", empty):
        with pytest.raises(LocalProtocolError, match=r"^CODEX_CA_CERTIFICATE:"):
            tls_context({"CODEX_CA_CERTIFICATE": str(path)})
    # An empty value is none, and the first of the two counts.
    tls_context({"CODEX_CA_CERTIFICATE": "", "SSL_CERT_FILE": str(certificate().path)})


@contextlib.contextmanager
def silent_listener() -> Iterator[int]:
    """Takes connections, and says nothing."""
    socks = []
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)

        def run() -> None:
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    socks.append(listener.accept()[0])

        thread = threading.Thread(target=run)
        thread.start()
        yield listener.getsockname()[1]
        stopping.set()
        thread.join()
    for sock in socks:
        sock.close()


def test_a_handshake_that_stalls(kind: str) -> None:
    certificate()
    with silent_listener() as port:
        provider = Provider(base_url=f"https://127.0.0.1:{port}/v1", retry=ONCE)
        with Driven(kind, provider=provider, patience=SILENCE) as driven:
            began = time.monotonic()
            assert type(driven.tell().error) is TimedOut
            # Connecting has its own limit, TLS included; a library has only one for all of it.
            assert driven.clock.skipped < (16 if kind.endswith("raw") else 301)

            async def by_socket(client: Any) -> None:
                async with client.responses.connect() as connection:
                    with pytest.raises(TimedOut):
                        await connection.preconnect()

            driven.run(by_socket)
            assert time.monotonic() - began < 20


def test_a_handshake_that_dawdles_is_over_in_its_time() -> None:
    """A byte now and then: each read comes in its time, the whole does not."""
    stopping = threading.Event()

    def drip(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            # The header of a long record, and then one byte of it after another.
            sock.sendall(b"\x16\x03\x03\x10\x00")
            while not stopping.wait(0.02):
                sock.sendall(b"\x00")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=lambda: drip(listener.accept()[0]))
        thread.start()
        provider = Provider(
            base_url=f"https://127.0.0.1:{listener.getsockname()[1]}/v1",
            retry=ONCE,
            websocket_connect_timeout=0.3,
        )
        began = time.monotonic()
        with CodexClient(provider=provider, api_key="x", transport="raw") as client:
            with client.responses.connect() as connection, pytest.raises(CodexError):
                connection.preconnect()
        took = time.monotonic() - began
        stopping.set()
        thread.join()
    assert took < 10


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_connection_cut_in_the_middle_of_tls(kind: str, how: str) -> None:
    made = certificate()
    with serving(sse(CREATED, DELTA, end=how), context=made.context) as server:
        with Driven(kind, server.base_url, ssl_context=made.trusting()) as driven:
            result = driven.run(lambda client: told(client.responses.stream(REQUEST)))
    assert isinstance(result.error, StreamClosedEarly | ConnectionFailed)
    # A reset overtakes what was sent before it.
    assert len(server.requests) == 1 or how == "rst"
