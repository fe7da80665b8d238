"""The opening handshake, both ends: fields to send, and the check of the peer's fields.

Source: RFC 6455, 4; RFC 7692, 7.1.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from wsproto.utilities import generate_accept_token, generate_nonce

from codex_proto.connections.websocket._deflate import (
    CLIENT_OFFER,
    DeflateParameters,
    choose_offer,
    read_agreement,
)
from codex_proto.errors import LocalProtocolError, RemoteProtocolError
from codex_proto.http import Headers, is_header_name

__all__ = ["ClientHandshake", "asks_for_websocket", "handshake_response"]

_VERSION: Final = "13"
_NOT_THE_CALLERS: Final = frozenset(
    {"connection", "content-length", "transfer-encoding", "upgrade"}
)
_EXTENSIONS: Final = "sec-websocket-extensions"
_PROTOCOL: Final = "sec-websocket-protocol"


class Agreement(NamedTuple):
    """What both sides agreed on."""

    deflate: DeflateParameters | None
    subprotocol: str | None


class ClientHandshake:
    """The client's request, and the check of the server's answer to it.

    Raises:
        LocalProtocolError: `subprotocols` are not tokens.
    """

    def __init__(self, subprotocols: tuple[str, ...], *, compression: bool) -> None:
        for name in subprotocols:
            if not isinstance(name, str) or not is_header_name(name):
                raise LocalProtocolError("subprotocols: must be tokens")
        self._nonce = generate_nonce()
        self._subprotocols = subprotocols
        self._compression = compression

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields that make a request a handshake."""
        fields = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", _VERSION),
            ("sec-websocket-key", self._nonce.decode()),
        ]
        if self._subprotocols:
            fields.append((_PROTOCOL, ", ".join(self._subprotocols)))
        if self._compression:
            fields.append((_EXTENSIONS, CLIENT_OFFER))
        return tuple(fields)

    def check(self, headers: Headers) -> Agreement | RemoteProtocolError:
        """Return what the server agrees on, or the error in its answer (101)."""
        if "websocket" not in _tokens(headers, "upgrade"):
            return _wrong("it switches to another protocol than WebSocket")
        if "upgrade" not in _tokens(headers, "connection"):
            return _wrong("'connection' does not contain upgrade")
        if headers.get_all("sec-websocket-accept") != (_accept_token(self._nonce),):
            return _wrong("'sec-websocket-accept' does not match the key")
        chosen = headers.get_all(_PROTOCOL)
        if len(chosen) > 1 or (chosen and chosen[0] not in self._subprotocols):
            return _wrong("it chooses a subprotocol that was not offered")
        agreed = ",".join(headers.get_all(_EXTENSIONS))
        deflate = None
        if agreed.strip(" \t,"):
            deflate = read_agreement(agreed) if self._compression else None
            if deflate is None:
                return _wrong("it uses extensions, or parameters of them, that were not offered")
        return Agreement(deflate, chosen[0] if chosen else None)


def asks_for_websocket(method: str, headers: Headers) -> bool:
    """Whether a request is the opening handshake of a WebSocket that can be accepted."""
    keys = headers.get_all("sec-websocket-key")
    return (
        method == "GET"
        and "websocket" in _tokens(headers, "upgrade")
        and "upgrade" in _tokens(headers, "connection")
        and headers.get_all("sec-websocket-version") == (_VERSION,)
        and len(keys) == 1
        and keys[0].isascii()
    )


def handshake_response(
    request: Headers, fields: Headers, subprotocol: str | None, *, compression: bool
) -> tuple[list[tuple[str, str]], DeflateParameters | None]:
    """Return the fields of the answer (101), and the compression that they agree on.

    Raises:
        LocalProtocolError: `fields` has one that the connection sets; the client does not offer
            `subprotocol`.
    """
    for name in fields.names():
        if name in _NOT_THE_CALLERS or name.startswith("sec-websocket-"):
            raise LocalProtocolError(f"headers: {name!r} is set by the connection")
    answer = [
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-accept", _accept_token((request.get("sec-websocket-key") or "").encode())),
    ]
    if subprotocol is not None:
        offered = [name.strip(" \t") for name in ",".join(request.get_all(_PROTOCOL)).split(",")]
        if subprotocol not in offered:
            raise LocalProtocolError("subprotocol: the client does not offer it")
        answer.append((_PROTOCOL, subprotocol))
    deflate = choose_offer(",".join(request.get_all(_EXTENSIONS))) if compression else None
    if deflate is not None:
        answer.append((_EXTENSIONS, deflate.answer()))
    return [*answer, *fields], deflate


def _accept_token(key: bytes) -> str:
    return generate_accept_token(key).decode()


def _tokens(headers: Headers, name: str) -> set[str]:
    return {token.strip(" \t").lower() for token in ",".join(headers.get_all(name)).split(",")}


def _wrong(what: str) -> RemoteProtocolError:
    return RemoteProtocolError(f"The server's answer to the WebSocket handshake is wrong: {what}.")
