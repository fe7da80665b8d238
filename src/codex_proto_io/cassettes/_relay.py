"""The header fields that a relay forwards: not those that belong to one connection.

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
# The recorder reads bodies, so they must not be compressed; `host` is set for the other server.
_OF_THE_REQUEST: Final = frozenset(
    {"accept-encoding", "content-encoding", "content-length", "host", *_OF_A_CONNECTION}
)


class UpstreamUrl:
    """The base URL of the server that is recorded.

    Its path replaces `/v1`; without a path, the paths of requests are kept.

    Raises:
        LocalProtocolError: it is not an http or https URL.
    """

    def __init__(self, url: str) -> None:
        HttpRequest("GET", url)
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")

    def request(self, received: RequestReceived) -> HttpRequest:
        """Return the request to send to the server.

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
    """Return the fields of an answer that are forwarded; its body is decompressed."""
    named = _named_by_connection(headers) | _OF_A_CONNECTION
    if "content-encoding" in headers:
        named |= {"content-encoding", "content-length"}
    return Headers([field for field in headers if field[0] not in named])


def handshake_headers(headers: Headers) -> Headers:
    """Return the fields of a handshake answer that are forwarded."""
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
