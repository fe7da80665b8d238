"""One HTTP message as a value: what an endpoint asks for, and what came back as a whole.

`HttpRequest` is made by the endpoint functions, changed by whoever signs it, and written by a
connection or by the caller's own HTTP library. What HTTP does not allow never gets into one: a
name, value or URL with a CR, LF or NUL in it is refused here, where the caller can see it.

Source: RFC 9110 5.5, 5.6.2 and 9.1; RFC 3986 3; wire.md 4.5 and 7.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, final

from codex_proto._input import as_bytes
from codex_proto._secrets import redact_url
from codex_proto.errors import LocalProtocolError
from codex_proto.http._headers import Headers, HeadersLike, is_header_name

__all__ = [
    "HttpRequest",
    "HttpResponse",
    "UrlParts",
    "caller_headers",
    "is_header_value",
    "legal_headers",
    "split_url",
    "written_headers",
]

# RFC 9110, 5.5: visible characters, blanks and tabs, and bytes beyond ASCII (as Latin-1).
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# What httpx, urllib and we read in the same way, and send as it is written. A name is one that DNS
# could have; a path and a query hold what RFC 3986 allows, and the brackets of `include[]`.
_IN_PATH: Final = r"[-a-z0-9._~!$&'()*+,;=:@/\[\]]++|%[0-9a-f]{2}"
_URL: Final = re.compile(
    r"(?P<scheme>https?|wss?)://"
    r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[-a-z0-9._]+))(?::(?P<port>[0-9]{0,10}))?"
    rf"(?P<path>(?:/(?:{_IN_PATH})*+)?)(?P<query>(?:\?(?:{_IN_PATH}|\?)*+)?)",
    re.IGNORECASE | re.ASCII,
)
_USER: Final = re.compile(r"[^/?#]*//[^/?#]*@")
_FOUR_NUMBERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
# Some libraries take these out of a path, and so ask for another.
_DOTS: Final = re.compile(r"/\.\.?(?![^/])")
_VISIBLE: Final = re.compile(r"[!-~]*")
# What says where a message ends and how it is carried: whoever writes the message says it.
_OF_THE_CONNECTION: Final = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-version",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SECURE: Final = frozenset({"https", "wss"})


class UrlParts(NamedTuple):
    """The parts of a URL: where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    query: str


@final
class HttpRequest:
    """One request: method, absolute URL, header fields and the whole body.

    `url` has the scheme http, https, ws or wss, and is ASCII that is already escaped; user and
    password in it are refused, as are a fragment and what libraries read in different ways.
    `headers` holds the request's own fields, names in lower case: `host`, `content-length` and what
    else belongs to the connection is added by who writes the request, where it is missing. Blanks
    around a value are not part of it and are taken off. `body` is bytes-like.

    Two are equal when all four are. A `repr` shows no values of headers, no body, and of the query
    only what is known to be harmless.

    Raises:
        LocalProtocolError: HTTP does not allow one of the four; the message names it, and in the
            case of a header its name, never its value.

    Hand it to a connection, or to your own HTTP library as `(method, url, list(headers), body)`.
    """

    __slots__ = ("_parts", "body", "headers", "method", "url")

    method: str
    url: str
    headers: Headers
    body: bytes
    _parts: UrlParts

    def __init__(
        self,
        method: str,
        url: str,
        headers: HeadersLike = (),
        body: bytes | bytearray | memoryview = b"",
    ) -> None:
        if not isinstance(method, str) or not is_header_name(method):
            raise LocalProtocolError("method: must be a token such as GET or POST")
        _set(self, "method", method)
        _set(self, "_parts", split_url("url", url))
        _set(self, "url", url)
        _set(self, "headers", legal_headers("headers", headers))
        _set(self, "body", as_bytes("body", body))

    @property
    def scheme(self) -> str:
        """`http`, `https`, `ws` or `wss`."""
        return self._parts.scheme

    @property
    def is_secure(self) -> bool:
        """Whether the scheme asks for TLS."""
        return self._parts.scheme in _SECURE

    @property
    def host(self) -> str:
        """The name or address to connect to, in lower case, an IPv6 address without brackets."""
        return self._parts.host

    @property
    def port(self) -> int:
        """The port to connect to, that of the scheme where the URL has none."""
        return self._parts.port

    @property
    def authority(self) -> str:
        """The value of the `Host` field: host, and port where it is not that of the scheme."""
        return self._parts.authority

    @property
    def target(self) -> str:
        """The request target in origin form: path and query, `/` where there is neither."""
        return self._parts.path + self._parts.query

    @property
    def path(self) -> str:
        """The path of the URL as it is escaped there, `/` where it is empty."""
        return self._parts.path

    def replace(
        self,
        *,
        method: str | None = None,
        url: str | None = None,
        headers: HeadersLike | None = None,
        body: bytes | bytearray | memoryview | None = None,
    ) -> HttpRequest:
        """Return a request that differs in what is given; None leaves a part as it is.

        Raises:
            LocalProtocolError: HTTP does not allow what is given.
        """
        return HttpRequest(
            self.method if method is None else method,
            self.url if url is None else url,
            self.headers if headers is None else headers,
            self.body if body is None else body,
        )

    def __replace__(self, **changes: Any) -> HttpRequest:
        return self.replace(**changes)

    def with_headers(self, headers: HeadersLike) -> HttpRequest:
        """Return a request with those fields, each replacing all others of its name.

        Raises:
            LocalProtocolError: HTTP does not allow a name or a value.
        """
        added = Headers.of(headers)
        kept = [field for field in self.headers if field[0] not in added]
        return self.replace(headers=[*kept, *added])

    def __eq__(self, other: object) -> bool:
        return _state(self) == _state(other) if isinstance(other, HttpRequest) else NotImplemented

    def __hash__(self) -> int:
        return hash(_state(self))

    def __repr__(self) -> str:
        return (
            f"HttpRequest({self.method} {redact_url(self.url)}, {self.headers!r}, "
            f"<{len(self.body)} bytes>)"
        )

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a request is immutable: {name} cannot be set; see replace()")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a request is immutable: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return (HttpRequest, _state(self))


@final
class HttpResponse:
    """One reply that was read to its end: status, header fields and body.

    It takes whatever the peer sent. Two are equal when all three parts are; a `repr` shows no
    values of headers and no body.

    Raises:
        LocalProtocolError: `status` is no integer, or `headers` or `body` is nothing of the kind.
    """

    __slots__ = ("body", "headers", "status")

    status: int
    headers: Headers
    body: bytes

    def __init__(
        self,
        status: int,
        headers: HeadersLike = (),
        body: bytes | bytearray | memoryview = b"",
    ) -> None:
        if not isinstance(status, int) or isinstance(status, bool):
            raise LocalProtocolError(f"status: must be an integer, not {type(status).__name__}")
        _set(self, "status", int(status))
        _set(self, "headers", Headers.of(headers))
        _set(self, "body", as_bytes("body", body))

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299 (wire.md 7.6)."""
        return 200 <= self.status <= 299

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HttpResponse):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        return f"HttpResponse({self.status}, {self.headers!r}, <{len(self.body)} bytes>)"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a response is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a response is immutable: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return (HttpResponse, self._content())

    def __replace__(self, **changes: Any) -> HttpResponse:
        own: dict[str, Any] = {"status": self.status, "headers": self.headers, "body": self.body}
        return HttpResponse(**{**own, **changes})

    def _content(self) -> tuple[int, Headers, bytes]:
        return (self.status, self.headers, self.body)


def split_url(argument: str, url: str) -> UrlParts:
    """Return the parts of an absolute URL.

    A URL that libraries read in different ways is refused, so that a request goes to the host that
    was looked at here, whoever sends it.

    Raises:
        LocalProtocolError: it is no such URL. The message starts with `argument` and does not quote
            the URL.
    """
    if not isinstance(url, str):
        raise LocalProtocolError(f"{argument}: must be text, not {type(url).__name__}")
    if not _VISIBLE.fullmatch(url):
        raise LocalProtocolError(
            f"{argument}: has blanks, control or non-ASCII characters; escape them"
        )
    if _USER.match(url):
        raise LocalProtocolError(f"{argument}: must be without user and password")
    found = _URL.fullmatch(url)
    if not found:
        raise LocalProtocolError(
            f"{argument}: must be http(s) or ws(s) with a host and no fragment, and escaped as "
            "RFC 3986 has it"
        )
    scheme = found["scheme"].lower()
    host = (found["address"] or found["name"]).lower()
    if not _can_be_host(host, is_bracketed=bool(found["address"])):
        raise LocalProtocolError(f"{argument}: has an IP address that cannot be")
    port = int(found["port"]) if found["port"] else _PORTS[scheme]
    if port > 65535 or port == 0:
        raise LocalProtocolError(f"{argument}: has a port that cannot be")
    if _DOTS.search(found["path"]):
        raise LocalProtocolError(f"{argument}: must have no . or .. in its path")
    shown = f"[{host}]" if found["address"] else host
    authority = shown if port == _PORTS[scheme] else f"{shown}:{port}"
    return UrlParts(scheme, host, port, authority, found["path"] or "/", found["query"])


def is_header_value(text: str) -> bool:
    """Whether HTTP allows a field of that value."""
    return _VALUE.fullmatch(text) is not None


def legal_headers(argument: str, headers: HeadersLike) -> Headers:
    """Return the fields with blanks around their values taken off.

    Raises:
        LocalProtocolError: HTTP does not allow a name or a value, or `headers` is nothing of the
            kind. The message starts with `argument` and names the header, never its value.
    """
    fields: list[tuple[str, str]] = []
    try:
        given = Headers.of(headers)
    except LocalProtocolError as error:
        raise LocalProtocolError(f"{argument}: {error.message.partition(': ')[2]}") from None
    for name, value in given:
        if not is_header_name(name):
            raise LocalProtocolError(f"{argument}: HTTP does not allow the name {name!r}")
        if not is_header_value(value):
            raise LocalProtocolError(
                f"{argument}: HTTP does not allow the value of {name!r}: it has a control "
                "character (a line end?), or one beyond Latin-1"
            )
        fields.append((name, value.strip(" \t")))
    return Headers(fields)


def written_headers(fields: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return legal fields as the bytes that go on the wire.

    Libraries would take them for ASCII, and say what they could not encode: all of the value.
    """
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def caller_headers(argument: str, headers: HeadersLike) -> Headers:
    """Return fields that a caller adds to a request: legal ones, none of the connection's own.

    Raises:
        LocalProtocolError: as `legal_headers`, or a field is about the framing of the message.
    """
    fields = legal_headers(argument, headers)
    for name in fields.names():
        if name in _OF_THE_CONNECTION:
            raise LocalProtocolError(f"{argument}: {name!r} is for the connection to say")
    return fields


def _can_be_host(host: str, *, is_bracketed: bool) -> bool:
    """Whether a host that is written as an IP address is one."""
    if not is_bracketed and not _FOUR_NUMBERS.fullmatch(host):
        return True
    # Only here, since most URLs have a name, and the import takes milliseconds.
    import ipaddress

    try:
        ipaddress.IPv6Address(host) if is_bracketed else ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _state(request: HttpRequest) -> tuple[str, str, Headers, bytes]:
    return (request.method, request.url, request.headers, request.body)


_set: Final = object.__setattr__
