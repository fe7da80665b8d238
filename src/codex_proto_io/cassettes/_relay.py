"""What a relay may hand on, and what it must not: the fields that belong to one connection.

Source: RFC 9110, 7.6.1; RFC 6455, 4.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from codex_proto.connections import RequestReceived
from codex_proto.http import Headers, HttpRequest

__all__ = ["UpstreamUrl", "answer_headers", "handshake_headers"]

_OF_A_CONNECTION: Final = frozenset(
    {
        "connection",
        "expect",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Bodies are read here, so they must not be compressed; `host` is that of the other server.
_OF_THE_REQUEST: Final = frozenset(
    {"accept-encoding", "content-encoding", "content-length", "host", *_OF_A_CONNECTION}
)


class UpstreamUrl:
    """The base URL of the server that is recorded.

    Its path takes the place of `/v1`; without a path, paths stay as they are.

    Raises:
        LocalProtocolError: it is no such URL.
    """

    def __init__(self, url: str) -> None:
        HttpRequest("GET", url)
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")

    def request(self, received: RequestReceived) -> HttpRequest:
        """Return what to ask the server for.

        Raises:
            LocalProtocolError: the target cannot be part of a URL.
        """
        target = received.target
        if self._path and (target == "/v1" or target.startswith(("/v1/", "/v1?"))):
            target = self._path + target[len("/v1") :]
        elif not target.startswith("/"):
            target = "/" + target
        scheme, _, rest = self._origin.partition("://")
        if received.is_upgrade:
            scheme = {"http": "ws", "https": "wss"}.get(scheme, scheme)
        else:
            scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
        named = _named_by_connection(received.headers)
        fields = [
            (name, value)
            for name, value in received.headers
            if name not in _OF_THE_REQUEST
            and name not in named
            and not (received.is_upgrade and name.startswith("sec-websocket-"))
        ]
        return HttpRequest(received.method, f"{scheme}://{rest}{target}", fields, received.body)


def answer_headers(headers: Headers) -> Headers:
    """The fields of an answer that are handed on; its body is decompressed."""
    named = _named_by_connection(headers) | _OF_A_CONNECTION
    if "content-encoding" in headers:
        named |= {"content-encoding", "content-length"}
    return Headers([field for field in headers if field[0] not in named])


def handshake_headers(headers: Headers) -> Headers:
    """The fields of a handshake's answer that are handed on."""
    return Headers(
        [
            field
            for field in answer_headers(headers)
            if not field[0].startswith("sec-websocket-") and field[0] != "content-length"
        ]
    )


def _named_by_connection(headers: Headers) -> frozenset[str]:
    values = ",".join(headers.get_all("connection"))
    return frozenset(name.strip().lower() for name in values.split(","))
