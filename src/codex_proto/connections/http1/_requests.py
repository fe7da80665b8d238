"""The header fields of a request as they go on the wire, and which of them are not the caller's."""

from __future__ import annotations

from typing import Final

from codex_proto.errors import LocalProtocolError
from codex_proto.http import HttpRequest

__all__ = ["request_fields"]

# What belongs to one connection, or would say something else about the body than is done.
_NOT_THE_CALLERS: Final = frozenset({"keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
# Methods whose requests are expected to have a body, so that its absence is told (RFC 9110, 8.6).
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


def request_fields(
    request: HttpRequest, upgrade: tuple[tuple[str, str], ...] = ()
) -> list[tuple[str, str]]:
    """Return all fields in their order: `host` first, then the caller's, then what was missing.

    `upgrade` are the fields of a WebSocket handshake.

    Raises:
        LocalProtocolError: the caller's fields say how the message is framed, or what this
            connection may be used for.
    """
    if request.method == "CONNECT":
        raise LocalProtocolError("request: CONNECT is for proxies, which the transport sees to")
    ours = dict(upgrade)
    for name in request.headers.names():
        if name in _NOT_THE_CALLERS or name in ours:
            raise LocalProtocolError(f"headers: {name!r} is set by the connection")
    if not set(request.headers.get_all("connection")) <= {"close", "keep-alive"}:
        raise LocalProtocolError("headers: 'connection' can only be close or keep-alive")
    size = str(len(request.body))
    told = request.headers.get_all("content-length")
    if any(length != size for length in told):
        raise LocalProtocolError("headers: 'content-length' is not the length of the body")
    fields = [field for field in request.headers if field[0] != "content-length"]
    if "host" not in request.headers:
        fields.insert(0, ("host", request.authority))
    elif len(request.headers.get_all("host")) > 1:
        raise LocalProtocolError("headers: 'host' can be there only once")
    fields += upgrade
    if request.body or told or request.method in _WITH_BODY:
        fields.append(("content-length", size))
    return fields
