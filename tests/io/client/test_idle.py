"""Connections that are kept: which is taken again, and which is closed."""

from __future__ import annotations

from typing import Any

from codex_proto.connections import Http1Connection
from codex_proto.http import HttpRequest
from codex_proto_io.core import _idle
from codex_proto_io.core._idle import IdleConnections

HERE = HttpRequest("GET", "http://here/")
THERE = HttpRequest("GET", "http://there/")


class Stream:
    has_input = False
    is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


def give(kept: IdleConnections, request: HttpRequest = HERE) -> Stream:
    stream = Stream()
    as_any: Any = stream
    kept.give(request, Http1Connection(), as_any)
    return stream


def taken(kept: IdleConnections, request: HttpRequest = HERE) -> object:
    found = kept.take(request)
    return None if found is None else found[1]


def test_the_newest_to_the_same_place_is_taken_first() -> None:
    kept = IdleConnections()
    first, second, _ = give(kept), give(kept), give(kept, THERE)
    assert [taken(kept), taken(kept), taken(kept)] == [second, first, None]
    assert len(kept) == 1


def test_one_that_the_server_has_closed_is_closed() -> None:
    kept = IdleConnections()
    good, ended = give(kept), give(kept)
    ended.has_input = True
    assert taken(kept) is good
    assert ended.is_aborted
    assert len(kept) == 0


def test_the_oldest_goes_where_there_are_too_many() -> None:
    kept = IdleConnections()
    streams = [give(kept) for _ in range(_idle._MOST + 1)]
    assert len(kept) == _idle._MOST
    assert [stream for stream in streams if stream.is_aborted] == streams[:1]


def test_nothing_is_kept_after_the_end() -> None:
    kept = IdleConnections()
    stream = give(kept)
    left: list[Any] = [*kept.take_all()]
    assert left == [stream]
    assert give(kept).is_aborted
    assert len(kept) == 0
