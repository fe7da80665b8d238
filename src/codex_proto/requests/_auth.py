"""Who is asking: what proves it on a request.

An `AuthProvider` takes a request and returns one that is authorised. Most add header fields
(`BearerAuth`, `AzureApiKeyAuth`, `HeaderAuth`, `NoAuth`); `SigningAuth` may change all of it, since
a signature covers method, URL, headers and body. Every attempt is authorised again.

Refreshing credentials takes I/O and so belongs to the caller. The hook for it is in `retry`: after
a 401 `decide` answers `Resend(refresh_auth=True)` once. Refresh, make a new provider of this kind,
build the request again and send it; if the refresh fails, hand the same error to `decide` again.

Source: wire.md 7.5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol, final

from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike, HttpRequest, legal_headers
from codex_proto.requests._secret import Secret

__all__ = ["AuthProvider", "AzureApiKeyAuth", "BearerAuth", "HeaderAuth", "NoAuth", "SigningAuth"]


class AuthProvider(Protocol):
    """What authorises requests. Your own class will do; it needs no base."""

    def auth_headers(self) -> Headers:
        """The header fields that prove who is asking; empty where that takes a whole request.

        Cheap, and without side effects: it is asked for upgrades, probes and telemetry, too.
        """
        ...

    def authorize(self, request: HttpRequest) -> HttpRequest:
        """Return the request to send instead of `request`, which is complete otherwise."""
        ...


class HeaderAuth:
    """Adds fixed header fields; each takes the place of all others of its name.

    Raises:
        LocalProtocolError: HTTP does not allow a name or a value (a key with a line end after it,
            for example); the message names the field and never shows the value.
    """

    def __init__(self, headers: HeadersLike) -> None:
        self._headers = legal_headers("headers", headers)

    def auth_headers(self) -> Headers:
        """The fields that were given."""
        return self._headers

    def authorize(self, request: HttpRequest) -> HttpRequest:
        """Return the request with the fields laid over its own."""
        return request.with_headers(self._headers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HeaderAuth):
            return NotImplemented
        return self._headers == other._headers

    def __hash__(self) -> int:
        return hash(self._headers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._headers.names())})"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("credentials cannot be pickled")


@final
class NoAuth(HeaderAuth):
    """Adds nothing: local servers, and gateways that know their callers otherwise."""

    def __init__(self) -> None:
        super().__init__(())


@final
class BearerAuth(HeaderAuth):
    """`Authorization: Bearer ...`: API keys, and the tokens of a ChatGPT sign-in.

    `account_id` and `is_fedramp` belong to the latter.
    """

    def __init__(
        self,
        token: str | Secret,
        *,
        account_id: str | None = None,
        is_fedramp: bool = False,
    ) -> None:
        fields = [("authorization", f"Bearer {Secret.of(token).reveal()}")]
        if account_id is not None:
            fields.append(("chatgpt-account-id", account_id))
        if is_fedramp:
            fields.append(("x-openai-fedramp", "true"))
        super().__init__(fields)


@final
class AzureApiKeyAuth(HeaderAuth):
    """`api-key: ...`, as Azure takes it."""

    def __init__(self, key: str | Secret) -> None:
        super().__init__([("api-key", Secret.of(key).reveal())])


@final
class SigningAuth:
    """Has a function of yours sign the whole request, AWS SigV4 for example.

    `sign` gets the request as it would be sent, body compressed and all, and returns another; the
    connection adds only what belongs to it (`host`, `content-length`, the WebSocket handshake).
    """

    def __init__(self, sign: Callable[[HttpRequest], HttpRequest]) -> None:
        if not callable(sign):
            raise LocalProtocolError("sign: must be a function of a request")
        self._sign = sign

    def auth_headers(self) -> Headers:
        """None: a signature is of one request."""
        return Headers()

    def authorize(self, request: HttpRequest) -> HttpRequest:
        """Return what `sign` makes of the request.

        Raises:
            LocalProtocolError: `sign` returned no request.
        """
        signed = self._sign(request)
        if not isinstance(signed, HttpRequest):
            raise LocalProtocolError(f"sign: must return a request, not {type(signed).__name__}")
        return signed

    def __repr__(self) -> str:
        return f"SigningAuth({getattr(self._sign, '__qualname__', '...')})"
