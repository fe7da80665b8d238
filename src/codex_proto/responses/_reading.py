"""A whole answer, from chunks of its body to events: the few lines that an HTTP client needs.

    with httpx.stream("POST", url, json=body) as answer:
        for event in iter_response_events(answer.iter_bytes(), answer.status_code, answer.headers):
            ...

Source: docs/architecture.md, "Levels".
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Final

from codex_proto._input import as_bytes
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike
from codex_proto.refusals import error_from_response
from codex_proto.responses.stream import Profile, ResponseEvent, ResponsesDecoder, StreamFailed

__all__ = ["MAX_ERROR_BODY_SIZE", "aiter_response_events", "iter_response_events"]

MAX_ERROR_BODY_SIZE: Final = 1024 * 1024
"""Bytes that are read of the body of an answer that is an error."""


def iter_response_events(
    chunks: Iterable[bytes | bytearray | memoryview],
    status: int = 200,
    headers: HeadersLike = (),
    *,
    profile: Profile = "full",
    url: str | None = None,
) -> Iterator[ResponseEvent]:
    """Yield the events of an answer to `POST /responses`, the outcome last.

    `chunks` is the body in pieces of any size, without its content coding. Reading stops at the
    outcome, so what is left of `chunks` is the caller's. An answer whose status is not 2xx is
    read as an error: its only event is the `StreamFailed` with it. What `chunks` raises passes
    through.

    Raises:
        LocalProtocolError: `status` is not a status, `headers` are not headers, a chunk is not
        bytes.
    """
    answer = _Answer(status, headers, profile, url)
    yield from answer.start()
    for chunk in chunks:
        yield from answer.receive_data(chunk)
        if answer.is_over:
            return
    yield from answer.receive_eof()


async def aiter_response_events(
    chunks: AsyncIterable[bytes | bytearray | memoryview],
    status: int = 200,
    headers: HeadersLike = (),
    *,
    profile: Profile = "full",
    url: str | None = None,
) -> AsyncIterator[ResponseEvent]:
    """Yield the same for chunks that come asynchronously; see `iter_response_events`."""
    answer = _Answer(status, headers, profile, url)
    for event in answer.start():
        yield event
    async for chunk in chunks:
        for event in answer.receive_data(chunk):
            yield event
        if answer.is_over:
            return
    for event in answer.receive_eof():
        yield event


class _Answer:
    """A stream of events, or an error that is collected."""

    def __init__(
        self, status: int, headers: HeadersLike, profile: Profile, url: str | None
    ) -> None:
        if not 100 <= status <= 999:
            raise LocalProtocolError(f"status: must be from 100 to 999, not {status}")
        self._status = status
        self._headers = Headers.of(headers)
        self._url = url
        self._decoder = ResponsesDecoder(profile)
        self._body: bytearray | None = None if 200 <= status <= 299 else bytearray()

    @property
    def is_over(self) -> bool:
        if self._body is not None:
            return len(self._body) >= MAX_ERROR_BODY_SIZE
        return self._decoder.outcome is not None

    def start(self) -> list[ResponseEvent]:
        return [] if self._body is not None else self._decoder.receive_headers(self._headers)

    def receive_data(self, chunk: bytes | bytearray | memoryview) -> list[ResponseEvent]:
        if self._body is None:
            return self._decoder.receive_data(chunk)
        self._body += as_bytes("chunks", chunk)
        return self.receive_eof() if self.is_over else []

    def receive_eof(self) -> list[ResponseEvent]:
        if self._body is None:
            return self._decoder.receive_eof()
        body = bytes(self._body[:MAX_ERROR_BODY_SIZE])
        error = error_from_response(self._status, self._headers, body, url=self._url)
        return [StreamFailed(error)]
