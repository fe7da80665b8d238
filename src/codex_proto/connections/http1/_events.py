"""The messages of an HTTP/1.1 connection as values: one side sends what the other receives.

A client gets `InformationalResponse`*, `ResponseHead`, `BodyData`*, `ResponseComplete`, or
`HttpFailed` instead of what is missing. A server sends the same classes, and gets
`RequestReceived` or `HttpFailed`.
"""

from typing import TypeAlias

from msgspec import Struct, field

from codex_proto._secrets import redact_url
from codex_proto._wire import Value
from codex_proto.errors import CodexError
from codex_proto.http import Headers

__all__ = [
    "BodyData",
    "ClientEvent",
    "HttpFailed",
    "HttpOutcome",
    "InformationalResponse",
    "RequestReceived",
    "ResponseComplete",
    "ResponseHead",
    "ServerEvent",
    "ServerMessage",
    "Upgraded",
]


class InformationalResponse(Struct, frozen=True):
    """A 1xx response before the final one; 101 is `Upgraded` instead."""

    status: int
    headers: Headers = field(default_factory=Headers)


class ResponseHead(Struct, frozen=True):
    """The status and header fields of the answer; the body follows.

    `content-encoding` stays as it was sent; the body that follows is decompressed.
    """

    status: int
    headers: Headers = field(default_factory=Headers)

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status <= 299


class BodyData(Value, frozen=True):
    """The next bytes of a body, cut at any position."""

    data: bytes


class ResponseComplete(Struct, frozen=True):
    """The answer is complete; `trailers` are the fields after a chunked body."""

    trailers: Headers = field(default_factory=Headers)


class HttpFailed(Struct, frozen=True):
    """The exchange failed: the outcome instead of a complete message."""

    error: CodexError


class Upgraded(Struct, frozen=True):
    """The server switches protocols (101); what it sends after this is not HTTP.

    Only the handshake of a WebSocket asks for it.
    """

    head: ResponseHead


class RequestReceived(Struct, frozen=True):
    """A complete request, as a server receives it; its body is decompressed.

    `target` is that of the request line, often a path with a query. `is_upgrade` is whether the
    request asks for a WebSocket. A `repr` shows no values of headers, no body, and only those
    parameters of the query that are known to be harmless.
    """

    method: str
    target: str
    headers: Headers
    body: bytes = b""
    is_upgrade: bool = False

    @property
    def path(self) -> str:
        """The target up to its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query of the target, without its `?`, still escaped."""
        return self.target.partition("?")[2]

    def __repr__(self) -> str:
        return (
            f"RequestReceived({self.method} {redact_url(self.target)}, {self.headers!r}, "
            f"<{len(self.body)} bytes>, is_upgrade={self.is_upgrade})"
        )


ClientEvent: TypeAlias = (
    InformationalResponse | ResponseHead | BodyData | ResponseComplete | HttpFailed | Upgraded
)
ServerEvent: TypeAlias = RequestReceived | HttpFailed
ServerMessage: TypeAlias = InformationalResponse | ResponseHead | BodyData | ResponseComplete
HttpOutcome: TypeAlias = ResponseComplete | HttpFailed
