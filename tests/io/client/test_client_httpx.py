"""What goes wrong inside of httpx: it is told in our words, and without what it quotes."""

from __future__ import annotations

import traceback
from typing import Any

import httpx
import pytest

from codex_proto.errors import (
    CodexError,
    ConnectionFailed,
    HttpStatusError,
    LocalProtocolError,
    RemoteProtocolError,
)
from codex_proto.requests import NoAuth, Provider, RetryPolicy
from codex_proto_io.client import CodexClient
from tests.io.client.driving import REQUEST, Driven
from tests.io.client.scripted import Answer, serving

ONCE = RetryPolicy(request_max_retries=0, stream_max_retries=0)
KINDS = ("sync-httpx", "async-httpx")


def saying(data: bytes) -> Answer:
    def answer(peer: Any, request: Any) -> None:
        peer.write(data)
        peer.close()

    return answer


def failure(kind: str, base_url: str, **arguments: Any) -> CodexError:
    provider = Provider(base_url=base_url, retry=ONCE)
    with Driven(kind, provider=provider, **arguments) as driven:
        error = driven.tell().error
    assert error is not None
    return error


def secret_free(error: BaseException) -> None:
    told = "".join(traceback.format_exception(error))
    assert "SECRET" not in told + repr(error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "location", [b"http://xn--/", b"http://a:b:c/", b"//SECRET[", b"http://h:99999/", b"\xff\xfe"]
)
def test_a_redirect_to_nowhere(kind: str, location: bytes) -> None:
    head = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    with serving(saying(head)) as server:
        error = failure(kind, server.base_url)
    # It is the server's doing, whether or not the library can read where it leads to.
    assert isinstance(error, RemoteProtocolError | HttpStatusError)
    if isinstance(error, RemoteProtocolError):
        secret_free(error)


@pytest.mark.parametrize("kind", ["sync-raw", "async-raw", *KINDS])
@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nSet-Cookie: session=SECRET\x00\r\n\r\n",
        b"HTTP/1.1 2000 SECRET\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: SECRET\r\n\r\n",
        b"SECRET\r\n\r\n",
    ],
)
def test_an_answer_that_is_none_is_not_quoted(kind: str, head: bytes) -> None:
    with serving(saying(head)) as server:
        error = failure(kind, server.base_url)
    assert isinstance(error, RemoteProtocolError)
    secret_free(error)


@pytest.mark.parametrize("kind", ["sync-raw", "async-raw", *KINDS])
def test_a_host_that_cannot_be(kind: str) -> None:
    error = failure(kind, "http://a..b/v1")
    assert isinstance(error, ConnectionFailed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "proxy", ["http://user:SECRET/x@127.0.0.1:1", "foo://SECRET:x@127.0.0.1:1"]
)
def test_a_proxy_that_is_none(kind: str, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    error = failure(kind, "http://127.0.0.1:9/v1")
    assert isinstance(error, LocalProtocolError)
    assert "proxy" in error.message
    secret_free(error)


def test_a_field_of_the_users_own_that_http_does_not_allow() -> None:
    with serving(saying(b"")) as server, httpx.Client(headers={"x-key": "SECRET\n"}) as theirs:
        client = CodexClient(
            auth=NoAuth(),
            provider=Provider(base_url=server.base_url, retry=ONCE),
            http_client=theirs,
        )
        with pytest.raises(LocalProtocolError, match="Illegal header value") as caught:
            client.responses.create(REQUEST)
    secret_free(caught.value)
