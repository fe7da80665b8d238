"""`iter_response_events`: an answer from its chunks, and an error from its body."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from codex_proto.errors import (
    HttpStatusError,
    InvalidRequest,
    LocalProtocolError,
    StreamClosedEarly,
)
from codex_proto.responses import (
    MAX_ERROR_BODY_SIZE,
    Completed,
    RateLimits,
    ResponsesDecoder,
    ServerModel,
    StreamFailed,
    aiter_response_events,
    iter_response_events,
)
from tests.recordings import recordings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from codex_proto.responses import ResponseEvent

BODY = next(r for r in recordings() if "4_1" in r.name or "simple" in r.name).bytes
HEADERS = {"OpenAI-Model": "m", "x-codex-primary-used-percent": "5"}


def _chunks(size: int) -> Iterator[bytes]:
    return (BODY[at : at + size] for at in range(0, len(BODY), size))


async def _async_chunks(size: int) -> AsyncIterator[bytes]:
    for chunk in _chunks(size):
        yield chunk


async def _collect(events: AsyncIterator[ResponseEvent]) -> list[ResponseEvent]:
    return [event async for event in events]


@pytest.mark.parametrize("size", [100, 1 << 20])
def test_the_events_are_those_of_the_headers_and_of_the_body(size: int) -> None:
    decoder = ResponsesDecoder()
    expected = decoder.receive_headers(HEADERS) + decoder.receive_data(BODY)
    events = list(iter_response_events(_chunks(size), 200, HEADERS))
    assert events == expected
    assert [type(event) for event in events[:2]] == [ServerModel, RateLimits]
    assert isinstance(events[-1], Completed)
    again = asyncio.run(_collect(aiter_response_events(_async_chunks(size), 200, HEADERS)))
    assert again == expected


def test_reading_stops_at_the_outcome() -> None:
    def chunks() -> Iterator[bytes]:
        yield BODY
        raise AssertionError("the outcome was there")

    assert isinstance(list(iter_response_events(chunks()))[-1], Completed)


def test_a_body_that_ends_early_has_an_outcome_all_the_same() -> None:
    *_, last = iter_response_events([BODY[:1000]])
    assert isinstance(last, StreamFailed)
    assert isinstance(last.error, StreamClosedEarly)


def test_another_status_is_an_error_with_its_body() -> None:
    url = "https://example.invalid/v1/responses"
    chunks = [b'{"error":{"mess', b'age":"No."}}']
    (event,) = iter_response_events(chunks, 418, {"x-request-id": "r"}, url=url)
    assert isinstance(event, StreamFailed)
    assert isinstance(event.error, HttpStatusError)
    assert (event.error.status, event.error.request_id, event.error.url) == (418, "r", url)
    assert event.error.body == '{"error":{"message":"No."}}'
    assert [event] == asyncio.run(
        _collect(aiter_response_events(_aiter(chunks), 418, {"x-request-id": "r"}, url=url))
    )


async def _aiter(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_no_more_of_an_error_is_read_than_is_of_use() -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 65_536

    (event,) = iter_response_events(chunks(), 400)
    assert isinstance(event, StreamFailed)
    assert isinstance(event.error, InvalidRequest)
    assert read == MAX_ERROR_BODY_SIZE // 65_536


@pytest.mark.parametrize("status", [0, 99, 1000])
def test_a_status_that_is_none_is_the_callers_mistake(status: int) -> None:
    with pytest.raises(LocalProtocolError, match="status"):
        list(iter_response_events([], status))
