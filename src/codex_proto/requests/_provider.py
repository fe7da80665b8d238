"""Where requests go: one service, its address, its manners.

Source: wire.md 7.1 to 7.3. Upstream escapes nothing in a query; here it is escaped, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from codex_proto._secrets import redact_url
from codex_proto._wire import Value
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike, HttpRequest, caller_headers
from codex_proto.requests._retry_state import RetryPolicy
from codex_proto.versions import WireVersion

__all__ = [
    "CHATGPT_BASE_URL",
    "DEFAULT_CONNECT_TIMEOUT",
    "DEFAULT_STREAM_IDLE_TIMEOUT",
    "OPENAI_BASE_URL",
    "Provider",
]

OPENAI_BASE_URL: Final = "https://api.openai.com/v1"
CHATGPT_BASE_URL: Final = "https://chatgpt.com/backend-api/codex"

DEFAULT_STREAM_IDLE_TIMEOUT: Final = 300.0
"""Seconds that a stream may say nothing."""
DEFAULT_CONNECT_TIMEOUT: Final = 15.0
"""Seconds for a WebSocket's connection and handshake together."""

# What makes an address one of Azure's (wire.md 7.2).
_AZURE: Final = (
    "openai.azure.",
    "cognitiveservices.azure.",
    "aoai.azure.",
    "azure-api.",
    "azurefd.",
    "windows.net/openai",
)
_WEBSOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}

# RFC 3986: what stands in a path or query as it is. `%` is escaped unless it escapes something.
_NOT_IN_PATH: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/%-]")
_NOT_IN_QUERY: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]")
_NOT_IN_PARAMETER: Final = re.compile(rb"[^A-Za-z0-9._~-]")


class Provider(Value, frozen=True, kw_only=True):
    """One service: address, fixed headers and query, limits of patience, and version.

    `base_url` is what paths such as `responses` are appended to; a query in it is kept. Headers go
    with every request, an endpoint's own come over them, and authorisation over those. Timeouts
    are in seconds. `websocket_connect_timeout` covers connection and handshake, a request's
    `request_timeout` the whole of a unary one (None: no limit but the idle one).

    A `repr` shows no values of headers and no secret parts of the address.

    Raises:
        LocalProtocolError: a member cannot be used; the message names it.
    """

    name: str = "OpenAI"
    base_url: str = OPENAI_BASE_URL
    query_params: Mapping[str, str] = {}
    headers: HeadersLike = ()
    retry: RetryPolicy = RetryPolicy()
    stream_idle_timeout: float = DEFAULT_STREAM_IDLE_TIMEOUT
    websocket_connect_timeout: float = DEFAULT_CONNECT_TIMEOUT
    request_timeout: float | None = None
    wire_version: WireVersion = WireVersion.V2026_08
    supports_websockets: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise LocalProtocolError("name: must be text")
        force_setattr(self, "headers", caller_headers("headers", self.headers))
        if not isinstance(self.query_params, Mapping):
            raise LocalProtocolError("query_params: must be a mapping of texts")
        for key, value in self.query_params.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise LocalProtocolError("query_params: names and values must be text")
        force_setattr(self, "query_params", dict(self.query_params))
        if not isinstance(self.retry, RetryPolicy):
            raise LocalProtocolError("retry: must be a RetryPolicy")
        if not isinstance(self.wire_version, WireVersion):
            raise LocalProtocolError("wire_version: must be a WireVersion")
        for name in ("stream_idle_timeout", "websocket_connect_timeout", "request_timeout"):
            _check_seconds(name, getattr(self, name), may_be_none=name == "request_timeout")
        if not isinstance(self.base_url, str) or "#" in self.base_url:
            raise LocalProtocolError("base_url: must be an address without a fragment")
        try:
            HttpRequest("GET", self.url_for(""))
        except LocalProtocolError as error:
            raise LocalProtocolError(f"base_url: {error.message}") from None

    @classmethod
    def openai(cls, **members: object) -> Provider:
        """The public API at OpenAI; `members` are those of the class."""
        return msgspec.structs.replace(cls(), **members)

    @classmethod
    def chatgpt(cls, **members: object) -> Provider:
        """The backend that a ChatGPT sign-in is for; `members` are those of the class."""
        return msgspec.structs.replace(cls(base_url=CHATGPT_BASE_URL), **members)

    @classmethod
    def azure(cls, base_url: str, *, api_version: str | None = None, **members: object) -> Provider:
        """A deployment at Azure, such as `https://NAME.openai.azure.com/openai/v1`."""
        params = {} if api_version is None else {"api-version": api_version}
        azure = cls(name="azure", base_url=base_url, query_params=params)
        return msgspec.structs.replace(azure, **members)

    @property
    def is_azure(self) -> bool:
        """Whether it is one of Azure's, by its name or its address (wire.md 7.2)."""
        address = self.base_url.lower()
        return self.name.lower() == "azure" or any(part in address for part in _AZURE)

    @property
    def is_first_party(self) -> bool:
        """Whether it is OpenAI's own, by its name; others are not sent what Codex adds to items."""
        return self.name == "OpenAI"

    @property
    def compact_timeout(self) -> float | None:
        """Seconds for a compaction: none in May 2026, four times the idle time-out in August."""
        if self.request_timeout is not None or self.wire_version is WireVersion.V2026_05:
            return self.request_timeout
        return 4 * self.stream_idle_timeout

    def url_for(self, path: str, extra_params: Iterable[tuple[str, str]] = ()) -> str:
        """Return the address of an endpoint: base, path, and all of the query.

        The query is that of `base_url`, then `query_params`, then `extra_params`, names and values
        escaped as RFC 3986 has it. What `base_url` or `path` already escape stays as it is.
        """
        base, _, base_query = self.base_url.partition("?")
        base, tail = base.rstrip("/"), path.lstrip("/")
        address = f"{base}/{tail}" if tail else base
        scheme, slashes, rest = address.partition("://")
        host, slash, path_of_all = rest.partition("/")
        pairs = (*self.query_params.items(), *extra_params)
        query = "&".join(
            [
                *([_escape(_NOT_IN_QUERY, base_query)] if base_query else []),
                *(f"{escape_parameter(key)}={escape_parameter(value)}" for key, value in pairs),
            ]
        )
        escaped = f"{scheme}{slashes}{host}{slash}{_escape(_NOT_IN_PATH, path_of_all)}"
        return f"{escaped}?{query}" if query else escaped

    def websocket_url_for(self, path: str, extra_params: Iterable[tuple[str, str]] = ()) -> str:
        """Return the same with the scheme of a WebSocket; one that already has it keeps it."""
        scheme, slashes, rest = self.url_for(path, extra_params).partition("://")
        return f"{_WEBSOCKET_SCHEMES.get(scheme.lower(), scheme)}{slashes}{rest}"

    def __repr__(self) -> str:
        headers = Headers.of(self.headers)
        return (
            f"Provider(name={self.name!r}, base_url={redact_url(self.base_url)!r}, "
            f"query_params=<{', '.join(self.query_params)}>, headers={headers!r}, "
            f"retry={self.retry!r}, stream_idle_timeout={self.stream_idle_timeout}, "
            f"websocket_connect_timeout={self.websocket_connect_timeout}, "
            f"request_timeout={self.request_timeout}, wire_version={self.wire_version})"
        )


def escape_parameter(text: str) -> str:
    """Escape one name or value of a query, so that it is read back as it is."""
    return _escape(_NOT_IN_PARAMETER, text)


def _escape(not_allowed: re.Pattern[bytes], text: str) -> str:
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"url: has a lone surrogate at {error.start}") from None
    return not_allowed.sub(lambda found: f"%{found[0][0]:02X}".encode(), content).decode()


def _check_seconds(name: str, value: object, *, may_be_none: bool) -> None:
    if value is None and may_be_none:
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e9:
        raise LocalProtocolError(f"{name}: must be seconds above 0, not {value!r}")
