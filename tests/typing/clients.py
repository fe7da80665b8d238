"""The clients: what is asked for and what comes, the same with `await` and without."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type

from codex_proto import FinalResponse, ResponseEvent
from codex_proto.connections import RealtimeSocketEvent
from codex_proto.realtime import RealtimeSessionConfig
from codex_proto.requests import ResponsesApiRequest
from codex_proto_io.client import (
    AsyncCodexClient,
    AsyncRealtimeSession,
    AsyncResponseStream,
    CodexClient,
    RealtimeSession,
    ResponseStream,
)


def a_thread(request: ResponsesApiRequest, config: RealtimeSessionConfig) -> None:
    with CodexClient(base_url="http://localhost/v1", api_key="any") as client:
        assert_type(client, CodexClient)
        assert_type(client.responses.create(request), FinalResponse)
        with client.responses.stream(request) as stream:
            assert_type(stream, ResponseStream)
            for event in stream:
                assert_type(event, ResponseEvent)
            assert_type(list(stream.text_deltas()), list[str])
            assert_type(list(stream.raw), list[bytes])
            assert_type(stream.get_final_response(), FinalResponse)
            assert_type(stream.request_id, str | None)
        with client.realtime.connect(config, full=True) as session:
            assert_type(session, RealtimeSession)
            for each in session:
                assert_type(each, RealtimeSocketEvent)
    client.responses.create("2 + 2?")  # type: ignore[arg-type]


async def a_task(request: ResponsesApiRequest, config: RealtimeSessionConfig) -> None:
    async with AsyncCodexClient(base_url="http://localhost/v1", api_key="any") as client:
        assert_type(client, AsyncCodexClient)
        assert_type(await client.responses.create(request), FinalResponse)
        async with client.responses.stream(request) as stream:
            assert_type(stream, AsyncResponseStream)
            async for event in stream:
                assert_type(event, ResponseEvent)
            assert_type([text async for text in stream.text_deltas()], list[str])
            assert_type(await stream.get_final_response(), FinalResponse)
            assert_type(stream.request_id, str | None)
        async with client.realtime.connect(config) as session:
            assert_type(session, AsyncRealtimeSession)
            async for each in session:
                assert_type(each, RealtimeSocketEvent)
