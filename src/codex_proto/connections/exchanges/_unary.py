"""One request whose answer is read as a whole: models, compaction, memories, realtime calls.

Source: wire.md 8.9 and 9; docs/architecture.md, "Connections".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct

from codex_proto._wire import Value
from codex_proto.connections._options import DEFAULT_MAX_BODY
from codex_proto.connections.exchanges._exchange import DEFAULT_DRAIN, HttpExchange
from codex_proto.connections.http1 import Http1Connection, ResponseHead
from codex_proto.errors import BodyTooLarge, CodexError, LocalProtocolError
from codex_proto.http import HttpRequest, HttpResponse

__all__ = ["Reply", "RequestFailed", "UnaryEvent", "UnaryExchange"]

T = TypeVar("T")


class Reply(Value, Generic[T], frozen=True):
    """A successful answer: its decoded output, and the answer itself."""

    output: T
    response: HttpResponse


class RequestFailed(Struct, frozen=True):
    """The request failed: refused, unreadable, or lost on the way."""

    error: CodexError


UnaryEvent: TypeAlias = Reply[T] | RequestFailed


class UnaryExchange(HttpExchange[UnaryEvent[T]], Generic[T]):
    """Sends one request and reads the whole answer (docs/connections.md).

    Call `start`, write `data_to_send()`, feed `receive_data` until `outcome`, which is also the
    only event.

    Args:
        connection: one that is new, being connected, or idle.
        request: what to send.
        read: converts a successful answer (2xx) to the output, or to an error. One of the
            endpoints' functions, or your own.
        max_body_size: bytes of the answer's body.
        drain: seconds to read on for the end of the answer after the outcome.
    """

    def __init__(
        self,
        connection: Http1Connection,
        request: HttpRequest,
        read: Callable[[HttpResponse], T | CodexError],
        *,
        max_body_size: int = DEFAULT_MAX_BODY,
        drain: float | None = DEFAULT_DRAIN,
    ) -> None:
        super().__init__(connection, request, drain=drain)
        if max_body_size < 1:
            raise LocalProtocolError(f"max_body_size: must be at least 1, not {max_body_size}")
        self._read = read
        self._max_body_size = max_body_size
        self._body = bytearray()
        self._outcome: UnaryEvent[T] | None = None

    @property
    def outcome(self) -> UnaryEvent[T] | None:
        """`Reply` or `RequestFailed`; None until the exchange has ended."""
        return self._outcome

    @property
    def _has_outcome(self) -> bool:
        return self._outcome is not None

    def _on_success(self, head: ResponseHead) -> list[UnaryEvent[T]]:
        del head
        return []

    def _on_body(self, data: bytes) -> list[UnaryEvent[T]]:
        self._body += data
        if len(self._body) <= self._max_body_size:
            return []
        limit = self._max_body_size
        return self._on_error(BodyTooLarge(limit_name="max_body_size", limit=limit))

    def _on_end(self) -> list[UnaryEvent[T]]:
        head = self._head
        if head is None:
            return []
        response = HttpResponse(head.status, head.headers, bytes(self._body))
        output = self._read(response)
        if isinstance(output, CodexError):
            return self._on_error(output)
        return self._conclude(Reply(output, response))

    def _on_broken(self, error: CodexError) -> list[UnaryEvent[T]]:
        return self._on_error(error)

    def _on_error(self, error: CodexError) -> list[UnaryEvent[T]]:
        return self._conclude(RequestFailed(error))

    def _conclude(self, outcome: UnaryEvent[T]) -> list[UnaryEvent[T]]:
        self._outcome = outcome
        self._body = bytearray()
        return [outcome]
