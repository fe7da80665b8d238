"""One request that another HTTP library sends, with the states, deadlines and limits of this one.

A program that uses httpx or a similar library does not need this library's framing, only the
exchanges above it, which map error responses, limit silence and end with exactly one outcome. This
is the connection to give to them.

Source: docs/architecture.md, "Connections" and "Drivers".
"""

from __future__ import annotations

from typing import Final

from codex_proto.connections._options import HttpLimits, HttpTimeouts
from codex_proto.connections.http1 import (
    ClientEvent,
    Http1Connection,
    Http1State,
    ResponseComplete,
    ResponseHead,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike, HttpRequest

__all__ = ["ForeignHttpConnection"]


class ForeignHttpConnection(Http1Connection):
    """A client's connection whose bytes another library reads and writes.

    Give it to an exchange, `start` the exchange, and have your library send `request`. Pass the
    result to `receive_head`, `receive_body` and `receive_end`, or `receive_error`, and pass what
    each of them returns to `exchange.receive_http`. Between the calls wait no longer than
    `exchange.deadline()`. There are no bytes to send. It takes one request.

    Args:
        timeouts: how long to wait.
        limits: how much to accept; the limits on framing do not apply here.
        decode_content: whether to decompress the body; False if your library does it.
    """

    def __init__(
        self,
        *,
        timeouts: HttpTimeouts | None = None,
        limits: HttpLimits | None = None,
        decode_content: bool = True,
    ) -> None:
        super().__init__(timeouts=timeouts, limits=limits, decode_content=decode_content)
        self.request: HttpRequest | None = None

    def send_upgrade(
        self, request: HttpRequest, now: float, upgrade: tuple[tuple[str, str], ...]
    ) -> None:
        """Record that the other library sends the request."""
        self._call("send", now)
        if not isinstance(request, HttpRequest):
            raise LocalProtocolError(
                f"request: must be an HttpRequest, not {type(request).__name__}"
            )
        if upgrade or self.request is not None:
            raise LocalProtocolError(
                "request: such a connection takes one request, and not an upgrade"
            )
        self._machine.call("send")
        self.request = request
        self._begin_request()

    def receive_head(self, status: int, headers: HeadersLike, now: float) -> list[ClientEvent]:
        """Take status and header fields of the answer.

        Raises:
            LocalProtocolError: no answer is due.
        """
        self._expect("receive_head", Http1State.WAITING, now)
        self._note_arrival()
        return [self._begin_body(ResponseHead(status, Headers.of(headers)))]

    def receive_body(self, data: bytes, now: float) -> list[ClientEvent]:
        """Take the next bytes of the body, as received.

        Raises:
            LocalProtocolError: there was no head.
        """
        self._expect("receive_body", _RECEIVING, now)
        self._note_arrival()
        return self._receive_body(data) if data else []

    def receive_end(self, now: float) -> list[ClientEvent]:
        """Report that the body is complete. The connection cannot be used again.

        Raises:
            LocalProtocolError: there was no head.
        """
        self._expect("receive_end", Http1State.RECEIVING, now)
        broken = None if self._body is None else self._body.finish()
        if broken is not None:
            return self._fail(broken)
        self._outcome = ResponseComplete()
        self._timers.clear()
        self._machine.happen("end of the last response")
        return [self._outcome]

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[ClientEvent]:
        """Raise: another library reads the bytes.

        Raises:
            LocalProtocolError: always.
        """
        del data, now
        raise LocalProtocolError("receive_data: another library reads these bytes")

    def _expect(self, call: str, state: Http1State, now: float) -> None:
        if self._machine.state is not state:
            raise LocalProtocolError(
                f"{call}: not allowed in the state {self.state.name} of {_NAME}"
            )
        self._timers.tick(now)


_NAME: Final = ForeignHttpConnection.__name__
# Looked up once: it is asked for with each piece of a body.
_RECEIVING: Final = Http1State.RECEIVING
