"""The client's side of opening a WebSocket: the request, and the server's answer to it.

A refusal is an ordinary HTTP answer, so an `Http1Connection` reads it, with its limits, 1xx
responses and compression.

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
    """The server accepted: what was agreed on, and the frames that arrived with the answer."""

    headers: Headers
    agreement: Agreement
    rest: bytes


class ClientOpening:
    """One handshake of a client.

    `is_refused` is whether the head of a refusal has arrived; its body follows. Each method that
    takes bytes returns how the handshake ended, or None while it has not: `Accepted`, the refusal
    as an `HttpResponse` (with the part of its body that arrived), or the error.
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
            # The WebSocket has its own timeouts.
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
        """The bytes after the end of a refusal."""
        return self._http.trailing

    def start(self, now: float) -> None:
        """Write the request.

        Raises:
            LocalProtocolError: the request has fields that the connection sets.
        """
        # Started before, if the request could not be sent the first time.
        if self._http.state is Http1State.NEW:
            self._http.start(now)
        self._http.send_upgrade(self._request, now, self._handshake.fields)

    def receive_data(self, data: bytes, now: float) -> Accepted | HttpResponse | CodexError | None:
        """Take bytes of the answer."""
        return self._read(self._http.receive_data(data, now))

    def receive_eof(self, now: float, clean: bool) -> Accepted | HttpResponse | CodexError | None:
        """Report the end of input."""
        return self._read(self._http.receive_eof(now, clean))

    def give_up(self, now: float) -> HttpResponse | None:
        """Stop waiting; return the refusal with the part of its body that arrived, if any."""
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
                    # The status is more useful than the loss of the rest of the body.
                    return self._refusal() or error
                case _:  # 1xx before the answer
                    pass
        return None

    def _refusal(self) -> HttpResponse | None:
        head = self._head
        return None if head is None else HttpResponse(head.status, head.headers, bytes(self._body))
