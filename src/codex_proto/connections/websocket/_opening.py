"""The client's side of opening a WebSocket: the request, and the server's answer to it.

A refusal is an answer like any other, so it is read as one: by an `Http1Connection`, with its
limits, 1xx answers and compression.

Source: RFC 6455, 4.1; wire.md 2.1.
"""

from __future__ import annotations

from typing import NamedTuple

from codex_proto.connections._options import HttpLimits, HttpTimeouts, WebSocketLimits
from codex_proto.connections._trailing import TrailingData
from codex_proto.connections.http1 import (
    BodyData,
    ClientEvent,
    Http1Connection,
    Http1State,
    HttpFailed,
    ResponseComplete,
    ResponseHead,
    Upgraded,
)
from codex_proto.connections.websocket._handshake import Agreement, ClientHandshake
from codex_proto.errors import CodexError, RemoteProtocolError
from codex_proto.http import Headers, HttpRequest, HttpResponse

__all__ = ["Accepted", "ClientOpening"]


class Accepted(NamedTuple):
    """The server takes part: what was agreed on, and the frames that came along."""

    headers: Headers
    agreement: Agreement
    rest: bytes


class ClientOpening:
    """One handshake of a client.

    `is_refused` is whether the head of a refusal has come; its body follows. Each method that
    takes bytes returns how it ended, or None while it has not: `Accepted`, the refusal as an
    `HttpResponse` (with as much of its body as came), or what went wrong.
    """

    def __init__(
        self,
        request: HttpRequest,
        subprotocols: tuple[str, ...],
        *,
        compression: bool,
        limits: WebSocketLimits,
    ) -> None:
        self._request = request
        self._handshake = ClientHandshake(subprotocols, compression=compression)
        self._http = Http1Connection(
            # How long it may take is for the WebSocket to say.
            timeouts=HttpTimeouts(connect=None, idle=None),
            limits=HttpLimits(
                max_header_size=limits.max_header_size, max_body_size=limits.max_refusal_size
            ),
        )
        self._head: ResponseHead | None = None
        self._body = bytearray()

    @property
    def is_refused(self) -> bool:
        """Whether the server has begun to refuse."""
        return self._head is not None

    @property
    def bytes_pending(self) -> int:
        """How many bytes of the request wait."""
        return self._http.bytes_pending

    def data_to_send(self) -> bytes:
        """Return the request, once."""
        return self._http.data_to_send()

    @property
    def trailing(self) -> TrailingData:
        """What followed the end of a refusal."""
        return self._http.trailing

    def start(self, now: float) -> None:
        """Write the request.

        Raises:
            LocalProtocolError: the request has fields that are the connection's.
        """
        # The second time, if the request could not be sent the first.
        if self._http.state is Http1State.NEW:
            self._http.start(now)
        self._http.send_upgrade(self._request, now, self._handshake.fields)

    def receive_data(self, data: bytes, now: float) -> Accepted | HttpResponse | CodexError | None:
        """Take bytes of the answer."""
        return self._read(self._http.receive_data(data, now))

    def receive_eof(self, now: float, clean: bool) -> Accepted | HttpResponse | CodexError | None:
        """Report that no more comes."""
        return self._read(self._http.receive_eof(now, clean))

    def give_up(self, now: float) -> HttpResponse | None:
        """Wait no longer; return the refusal as far as it came, if there is one."""
        self._http.close(now)
        return self._refusal()

    def _read(self, events: list[ClientEvent]) -> Accepted | HttpResponse | CodexError | None:
        for event in events:
            match event:
                case Upgraded(head=head):
                    agreement = self._handshake.check(head.headers)
                    if isinstance(agreement, RemoteProtocolError):
                        return agreement
                    return Accepted(head.headers, agreement, self._http.take_rest())
                case ResponseHead():
                    self._head = event
                case BodyData(data=data):
                    self._body += data
                case ResponseComplete():
                    return self._refusal()
                case HttpFailed(error=error):
                    # The status says more than the loss of the rest.
                    return self._refusal() or error
                case _:  # 1xx before the answer
                    pass
        return None

    def _refusal(self) -> HttpResponse | None:
        head = self._head
        return None if head is None else HttpResponse(head.status, head.headers, bytes(self._body))
