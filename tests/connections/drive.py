"""Ways to drive one connection from its other end's bytes, and to compare what it told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codex_proto.connections import BodyData, Http1Connection
from tests.connections.samples import post

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codex_proto.connections import Connection
    from codex_proto.http import HttpRequest

__all__ = ["NOW", "feed", "merged", "waiting"]

NOW: Final = 100.0


def waiting(request: HttpRequest | None = None, **options: Any) -> Http1Connection:
    """A client's connection whose request is written."""
    connection = Http1Connection(**options)
    connection.start(NOW)
    connection.send(request or post(), NOW)
    connection.data_to_send()
    return connection


def feed(connection: Connection[Any], pieces: Iterable[bytes], *, end: str = "") -> list[Any]:
    """Feed pieces, then perhaps the end (`fin`, `rst`); return all events."""
    events: list[Any] = []
    for piece in pieces:
        events += connection.receive_data(piece, NOW)
    if end:
        events += connection.receive_eof(NOW, clean=end == "fin")
    return events


def merged(events: Iterable[Any]) -> list[Any]:
    """The same events, wherever body data were cut."""
    told: list[Any] = []
    for event in events:
        if isinstance(event, BodyData) and told and isinstance(told[-1], BodyData):
            told[-1] = BodyData(told[-1].data + event.data)
        else:
            told.append(event)
    return told
