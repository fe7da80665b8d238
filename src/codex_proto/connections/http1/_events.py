"""What goes over an HTTP/1.1 connection, as values: one side sends what the other receives.

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
    """A 1xx answer before the answer; 101 never comes as one."""

    status: int
    headers: Headers = field(default_factory=Headers)


class ResponseHead(Struct, frozen=True):
    """Status and header fields of the answer; the body follows.

    `content-encoding` stays as it was sent; the body that follows is decompressed.
    """

    status: int
    headers: Headers = field(default_factory=Headers)

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status <= 299


class BodyData(Value, frozen=True):
    """The next bytes of a body, wherever the network has cut them."""

    data: bytes


class ResponseComplete(Struct, frozen=True):
    """The answer is whole; `trailers` are the fields after a chunked body."""

    trailers: Headers = field(default_factory=Headers)


class HttpFailed(Struct, frozen=True):
    """It went wrong: the outcome instead of a whole message."""

    error: CodexError


class Upgraded(Struct, frozen=True):
    """The server switches protocols (101); what it sends now is no HTTP any more.

    Only a WebSocket's handshake asks for it.
    """

    head: ResponseHead


class RequestReceived(Struct, frozen=True):
    """A whole request, as a server gets it; its body is decompressed.

    `target` is what the request line has, often a path with a query. `is_upgrade` is whether it
    asks for a WebSocket. A `repr` shows no values of headers, no body, and of the query only what
    is known to be harmless.
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
        """What follows the `?` of the target, as it is escaped there."""
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
