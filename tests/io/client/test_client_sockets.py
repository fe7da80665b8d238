"""Responses over a WebSocket: used again, incremental, opened anew, given up for HTTP.

The rows are observed.md's ("Responses over WebSocket") and wire.md 2.5 to 2.8.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any, Final, NamedTuple

import pytest

from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    IdleTimeout,
    LocalProtocolError,
    StreamClosedEarly,
    UsageLimitReached,
)
from codex_proto.items import FunctionCallOutput
from codex_proto.requests import BearerAuth, NoAuth, Provider, ResponsesApiRequest
from codex_proto_io.client import AsyncCodexClient
from tests.io.client.driving import FALLING_SILENT, PATIENCE, REQUEST, SILENCE, Driven, told
from tests.io.client.scripted import (
    COMPLETED,
    CREATED,
    DELTA,
    ITEM,
    Answer,
    Peer,
    accept,
    failed,
    hang_up,
    refuse,
    serving,
    sse,
    stall,
)
from tests.waiting import until

TURN: Final = (CREATED, DELTA, ITEM, COMPLETED)
OUTER: Final = [0.2, 0.4, 0.8, 1.6, 3.2]
HTTP: Final = sse(*TURN)


def ws_error(code: str, **more: Any) -> bytes:
    return json.dumps({"type": "error", "error": {"code": code, "message": "m"}, **more}).encode()


async def one(client: Any) -> Any:
    async with client.responses.connect() as connection:
        return await told(connection.stream(REQUEST)), connection


def test_a_socket_is_used_again_and_says_only_what_is_new(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            first = await connection.create(REQUEST)
            output = FunctionCallOutput(call_id="c", output="done")
            request = ResponsesApiRequest(
                model="gpt-5.2", input=[*REQUEST.items, *first.items, output]
            )
            return first, await connection.create(request)

    with serving(accept(TURN, TURN)) as server, Driven(kind, server.base_url) as driven:
        first, second = driven.run(scenario)
    assert first.output_text == second.output_text == "Héllo"
    assert server.connections == 1
    assert [request.path for request in server.requests] == ["/v1/responses"]
    whole, increment = (json.loads(message) for message in server.messages)
    assert "previous_response_id" not in whole
    assert increment["previous_response_id"] == "resp_1"
    assert [item["type"] for item in increment["input"]] == ["function_call_output"]
    assert [request.connection_reused for request in driven.hooks.ws_requests] == [False, True]


def test_prewarm_and_preconnect(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            await connection.preconnect()
            await connection.preconnect()
            await connection.prewarm(REQUEST)
            await connection.prewarm(REQUEST)
            connection.start_turn()
            final = await connection.create(REQUEST)
            assert final.is_complete
            assert not connection.uses_http

    with serving(accept((CREATED, COMPLETED), TURN)) as server:
        with Driven(kind, server.base_url) as driven:
            driven.run(scenario)
    warm, real = (json.loads(message) for message in server.messages)
    assert warm["generate"] is False
    assert real["previous_response_id"] == "resp_1"
    assert real["input"] == []
    assert all(request.connection_reused for request in driven.hooks.ws_requests)


class Row(NamedTuple):
    name: str
    answers: tuple[Answer, ...]
    waits: list[float]
    uses_http: bool = False
    error: type[CodexError] | None = None


RECOVERIES: Final = (
    Row("426", (refuse(426), HTTP), [], uses_http=True),
    Row(
        "connection limit",
        (accept((ws_error("websocket_connection_limit_reached"),)), accept(TURN)),
        [0.2],
    ),
    Row(
        "previous response",
        (accept((ws_error("previous_response_not_found"),)), accept(TURN)),
        [0.2],
    ),
    Row("a close", (accept((CREATED,), end="close"), accept(TURN)), [0.2]),
    Row("FIN", (accept((CREATED,), end="fin"), accept(TURN)), [0.2]),
    Row("RST", (accept((CREATED,), end="rst"), accept(TURN)), [0.2]),
    Row("binary", (accept((CREATED,), end="binary"), accept(TURN)), [0.2]),
    Row("404, then HTTP", (*[refuse(404)] * 6, HTTP), OUTER, uses_http=True),
    Row("500, then HTTP", (*[refuse(500)] * 6, HTTP), OUTER, uses_http=True),
    Row("401, then HTTP", (*[refuse(401)] * 6, HTTP), OUTER, uses_http=True),
    Row("no answer, then HTTP", (*[hang_up()] * 6, HTTP), OUTER, uses_http=True),
    Row(
        "429 usage limit",
        (refuse(429, b'{"error":{"type":"usage_limit_reached"}}'),),
        [],
        error=UsageLimitReached,
    ),
    Row(
        "an error of status 429",
        (accept((ws_error("usage_limit", status=429) + b"",)),),
        [],
        error=CodexError,
    ),
    Row(
        "rate limit with a delay",
        (accept((failed("rate_limit_exceeded", "try again in 1.5s"),)), accept(TURN)),
        [1.5],
    ),
    Row("text that is no JSON", (accept((b"{", *TURN)),), []),
    Row("an error without status", (accept((ws_error("strange"),)), accept(TURN)), [0.2]),
    Row("closed early for good", (*[accept((CREATED,), end="fin")] * 6, HTTP), OUTER, True),
)


@pytest.mark.parametrize("row", RECOVERIES, ids=lambda row: row.name)
def test_it_goes_on_as_upstream_does(kind: str, row: Row) -> None:
    with serving(*row.answers) as server, Driven(kind, server.base_url) as driven:
        result, connection = driven.run(one)
    if row.error is None:
        assert result.error is None, result.error
        assert result.types[-1] == "Completed"
    else:
        assert isinstance(result.error, row.error), result.error
    assert driven.clock.slept == pytest.approx(row.waits, abs=0.1)
    assert connection.uses_http is row.uses_http
    assert len(server.requests) == len(row.answers)
    assert server.requests[-1].is_upgrade is not row.uses_http


def test_in_profile_codex_an_error_without_status_is_passed_over(kind: str) -> None:
    with serving(accept((ws_error("strange"), *TURN))) as server:
        with Driven(kind, server.base_url, profile="codex") as driven:
            result, _ = driven.run(one)
    assert result.error is None
    assert driven.clock.slept == []


def test_nothing_is_repeated_once_output_has_begun(kind: str) -> None:
    with serving(accept((CREATED, DELTA), end="fin")) as server:
        with Driven(kind, server.base_url) as driven:
            result, _ = driven.run(one)
    assert type(result.error) is ConnectionClosed
    assert isinstance(result.error, StreamClosedEarly)
    assert result.types == ["Created", "OutputTextDelta"]
    assert len(server.requests) == 1


def test_silence_ends_a_socket(kind: str) -> None:
    with (
        serving(accept((CREATED, DELTA))) as server,
        Driven(kind, server.base_url, patience=FALLING_SILENT) as driven,
    ):
        result, _ = driven.run(one)
    assert type(result.error) is IdleTimeout
    assert driven.clock.skipped > 300 - 2 * FALLING_SILENT


def test_a_handshake_takes_only_so_long(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            with pytest.raises(CodexError):
                await connection.preconnect()

    with serving(stall) as server, Driven(kind, server.base_url, patience=SILENCE) as driven:
        driven.run(scenario)
        assert 15 - 2 * SILENCE < driven.clock.skipped < 15
        server.stopping.set()


def test_a_provider_without_sockets(kind: str) -> None:
    with serving(HTTP) as server:
        provider = Provider(base_url=server.base_url, supports_websockets=False)
        with Driven(kind, provider=provider) as driven:
            result, connection = driven.run(one)
    assert result.error is None
    assert connection.uses_http
    assert [request.method for request in server.requests] == ["POST"]


def test_leaving_a_response_early_costs_the_socket_and_nothing_else(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            async with connection.stream(REQUEST) as stream:
                await anext(stream)
            return await connection.create(REQUEST)

    with serving(accept((CREATED,)), accept(TURN)) as server:
        with Driven(kind, server.base_url) as driven:
            assert driven.run(scenario).is_complete
    assert server.connections == 2
    assert driven.clock.slept == []


def test_one_response_at_a_time(kind: str) -> None:
    go_on = threading.Event()

    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            async with connection.stream(REQUEST) as first:
                await anext(first)
                with pytest.raises(LocalProtocolError, match="another response is open"):
                    await connection.create(REQUEST)
                go_on.set()
                # The first is none the worse for it.
                assert (await first.get_final_response()).is_complete
        with pytest.raises(LocalProtocolError, match="is closed"):
            await connection.create(REQUEST)

    def slowly(peer: Peer, request: Any) -> None:
        peer.front.accept(time.monotonic())
        peer.flush()
        peer.message()
        peer.say(CREATED)
        assert go_on.wait(PATIENCE)
        peer.say(DELTA, ITEM, COMPLETED)
        while peer.next_event() is not None:
            pass

    with serving(slowly) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)


def test_a_socket_that_was_closed_between_responses_costs_no_attempt(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            await connection.create(REQUEST)
            await until(server.has_closed.is_set)
            await asyncio.sleep(0.02)
            await connection.create(REQUEST)

    with serving(accept(TURN, end="close"), accept(TURN, end="fin")) as server:
        with Driven(kind, server.base_url) as driven:
            driven.run(scenario)
    assert server.connections == 2
    assert driven.clock.slept == []


def test_interrupt(kind: str) -> None:
    incomplete = (
        b'{"type":"response.incomplete","response":{"id":"resp_1",'
        b'"incomplete_details":{"reason":"interrupted"}}}'
    )

    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            async with connection.stream(REQUEST) as stream:
                await anext(stream)
                assert bool(await stream.interrupt())
                assert not bool(await stream.interrupt())
                return await stream.get_final_response()

    with serving(accept((CREATED,), (incomplete,))) as server:
        with Driven(kind, server.base_url) as driven:
            final = driven.run(scenario)
    assert json.loads(server.messages[1])["type"] == "response.interrupt"
    assert final.is_complete
    assert final.end_turn is False


def test_raw_is_for_http(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            stream = connection.stream(REQUEST)
            with pytest.raises(LocalProtocolError, match=r"^raw:"):
                stream.raw  # noqa: B018

    with serving(accept(TURN)) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)


def test_credentials_of_a_handshake_are_refreshed(kind: str) -> None:
    def by_key(peer: Peer, request: Any) -> None:
        good = request.headers.get("authorization") == "Bearer new"
        (accept(TURN) if good else refuse(401))(peer, request)

    with (
        serving(by_key) as server,
        Driven(
            kind,
            server.base_url,
            auth=BearerAuth("old"),
            refresh_auth=lambda _: BearerAuth("new"),
        ) as driven,
    ):
        result, _ = driven.run(one)
    assert result.error is None
    assert len(server.requests) == 2
    assert driven.clock.slept == []


def test_pings_are_answered_between_responses() -> None:
    """Under asyncio, where something can happen while nobody calls."""
    pongs: list[Any] = []

    def answer(peer: Peer, request: Any) -> None:
        from codex_proto.connections import Ping

        websocket = peer.front.accept(time.monotonic())
        peer.flush()
        peer.message()
        peer.say(*TURN)
        websocket.send(Ping(b"there?"), time.monotonic())
        peer.flush()
        pongs.append(peer.next_event())
        while peer.next_event() is not None:
            pass

    async def main(base_url: str) -> None:
        client = AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport="raw")
        async with client, client.responses.connect() as connection:
            await connection.create(REQUEST)
            await until(lambda: pongs)
        assert pongs[0].payload == b"there?"

    with serving(answer) as server:
        asyncio.run(main(server.base_url))


def test_a_failed_handshake_is_told_by_preconnect(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            with pytest.raises(ConnectionFailed):
                await connection.preconnect()

    with Driven(kind, "http://127.0.0.1:1/v1") as driven:
        driven.run(scenario)


def test_a_close_that_comes_with_the_handshake_is_told_by_preconnect(kind: str) -> None:
    def closed(peer: Peer, request: Any) -> None:
        peer.front.accept(time.monotonic()).close(time.monotonic(), 1008, "no")
        peer.flush()
        while peer.next_event() is not None:
            pass

    async def scenario(client: Any) -> Any:
        async with client.responses.connect() as connection:
            with pytest.raises(ConnectionClosed) as caught:
                await connection.preconnect()
            return caught.value

    with serving(closed) as server, Driven(kind, server.base_url) as driven:
        error = driven.run(scenario)
        assert driven.clock.skipped < 1
    assert error.close_code == 1008


def test_a_conversation_that_is_closed_under_a_response(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            stream = connection.stream(REQUEST)
            await anext(stream)
            await connection.close()
            with pytest.raises(LocalProtocolError, match="was closed"):
                while True:
                    await anext(stream)
            await stream.close()

    with serving(accept((CREATED,))) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
