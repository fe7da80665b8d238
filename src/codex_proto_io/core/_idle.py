"""Idle connections, kept for the next request to the same host."""

from __future__ import annotations

from typing import Final

from codex_proto.connections import Http1Connection
from codex_proto.http import HttpRequest
from codex_proto_io.core._effects import ByteStream

__all__ = ["IdleConnections"]

# Connections kept for the next request: as many as a program has streams at once, mostly; each is
# a file descriptor, of which a process has 256 where it has few.
_MOST: Final = 64

Place = tuple[str, str, int]
Kept = tuple[Place, Http1Connection, ByteStream]


class IdleConnections:
    """A bounded list of idle connections; the oldest is closed first.

    It may be used from several threads, since each step is a single operation on a list.
    """

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, request: HttpRequest) -> tuple[Http1Connection, ByteStream] | None:
        """Remove and return an open connection to the host of the request, or `None`."""
        place = _place(request)
        for kept in reversed([*self._kept]):
            if kept[0] != place:
                continue
            try:
                self._kept.remove(kept)
            except ValueError:  # another thread took it first
                continue
            _, connection, stream = kept
            if not stream.has_input:
                return connection, stream
            stream.abort()
        return None

    def give(self, request: HttpRequest, connection: Http1Connection, stream: ByteStream) -> None:
        """Keep a connection that is free."""
        if self._is_closed:
            stream.abort()
            return
        self._kept.append((_place(request), connection, stream))
        if len(self._kept) > _MOST:
            self._kept.pop(0)[2].abort()

    def take_all(self) -> list[ByteStream]:
        """Remove and return all connections, and keep no more."""
        self._is_closed = True
        kept, self._kept = self._kept, []
        return [stream for _, _, stream in kept]


def _place(request: HttpRequest) -> Place:
    return (request.scheme, request.host, request.port)
