"""A request as sent: its fields, which of them the caller may not set, and its body.

Source: RFC 9110, 8.6 and 10.1; RFC 9112, 3.
"""

from __future__ import annotations

from typing import Final

import h11

from codex_proto.connections._outgoing import OutgoingBuffer
from codex_proto.errors import LocalProtocolError
from codex_proto.http import HttpRequest, written_headers

__all__ = ["RequestWriter", "request_fields"]

# Fields that belong to one connection, or that could contradict the framing of the body.
_NOT_THE_CALLERS: Final = frozenset({"keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
# Methods whose requests are expected to have a body, so its absence is reported (RFC 9110, 8.6).
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


class RequestWriter:
    """Writes the requests of one connection, all of them to one server.

    `count` is how many it has written.
    """

    def __init__(
        self, connection: h11.Connection, out: OutgoingBuffer, max_header_size: int
    ) -> None:
        self._h11 = connection
        self._out = out
        self._max_header_size = max_header_size
        self._origin: str | None = None
        self.count = 0

    def write(self, request: HttpRequest, upgrade: tuple[tuple[str, str], ...]) -> None:
        """Write a whole request; `upgrade` are the fields of a switch of protocols.

        Raises:
            LocalProtocolError: it is for another server, has fields that the connection sets, or
                does not fit the outgoing buffer; nothing is written then.
        """
        if not isinstance(request, HttpRequest):
            raise LocalProtocolError(
                f"request: must be an HttpRequest, not {type(request).__name__}"
            )
        origin = f"{request.scheme}://{request.authority}"
        if self._origin not in {None, origin}:
            raise LocalProtocolError(
                "request: is for another scheme, host or port than this connection is"
            )
        head = h11.Request(
            method=request.method,
            target=request.target,
            headers=written_headers(request_fields(request, upgrade)),
        )
        self._out.check_room("request", len(request.body) + self._max_header_size)
        self._origin = origin
        self._out.write(self._h11.send(head))
        if request.body:
            self._out.write(self._h11.send(h11.Data(data=request.body)))
        self._out.write(self._h11.send(h11.EndOfMessage()))
        self.count += 1


def request_fields(
    request: HttpRequest, upgrade: tuple[tuple[str, str], ...] = ()
) -> list[tuple[str, str]]:
    """Return all fields in order: `host`, the caller's, then the missing ones.

    `upgrade` are the fields of a WebSocket handshake.

    Raises:
        LocalProtocolError: the caller's fields define the framing of the message, or what this
            connection may be used for.
    """
    if request.method == "CONNECT":
        raise LocalProtocolError("request: CONNECT is for proxies, which the transport handles")
    ours = dict(upgrade)
    for name in request.headers.names():
        if name in _NOT_THE_CALLERS or name in ours:
            raise LocalProtocolError(f"headers: {name!r} is set by the connection")
    if not set(request.headers.get_all("connection")) <= {"close", "keep-alive"}:
        raise LocalProtocolError("headers: 'connection' can only be close or keep-alive")
    size = str(len(request.body))
    lengths = request.headers.get_all("content-length")
    if any(length != size for length in lengths):
        raise LocalProtocolError("headers: 'content-length' is not the length of the body")
    fields = [field for field in request.headers if field[0] != "content-length"]
    if "host" not in request.headers:
        fields.insert(0, ("host", request.authority))
    elif len(request.headers.get_all("host")) > 1:
        raise LocalProtocolError("headers: 'host' can be there only once")
    fields += upgrade
    if request.body or lengths or request.method in _WITH_BODY:
        fields.append(("content-length", size))
    return fields
