"""Realtime over real sockets: sessions, what is said and heard, calls and their sideband."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any, Final

import pytest

from codex_proto.connections import TextMessage
from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    HttpStatusError,
    LocalProtocolError,
    MalformedReply,
)
from codex_proto.realtime import (
    Admission,
    ConversationEnded,
    HandoffRequested,
    RealtimeError,
    RealtimeErrorEvent,
    RealtimeSessionConfig,
    create_response,
)
from codex_proto.requests import BearerAuth, ClientInfo, NoAuth, ResponsesOptions
from codex_proto_io.client import AsyncCodexClient, CodexClient
from tests.io.client.driving import Driven
from tests.io.client.scripted import Peer, accept, hang_up, refuse, serving

V2: Final = RealtimeSessionConfig()
V1: Final = RealtimeSessionConfig(version="v1")

UPDATED: Final = b'{"type":"session.updated","session":{"id":"sess_1"}}'
KEY_REFUSED: Final = (
    b'{"type":"error","error":{"type":"invalid_request_error","code":"invalid_api_key",'
    b'"message":"Incorrect API key provided: k."}}'
)
HEARD: Final = (
    b'{"type":"conversation.item.input_audio_transcription.completed","item_id":"i",'
    b'"content_index":0,"transcript":"fix it"}'
)
HANDOFF: Final = (
    b'{"type":"conversation.item.done","item":{"id":"i2","type":"function_call",'
    b'"name":"background_agent","call_id":"call_1","arguments":"{\\"prompt\\":\\"fix it\\"}"}}'
)


def session(*turns: Any, close: int | None = None) -> Any:
    """Accept, take session.update, and answer the n-th message after it with the n-th turn."""

    def answer(peer: Peer, request: Any) -> None:
        websocket = peer.front.accept(time.monotonic())
        peer.flush()
        for events in ((UPDATED,), *turns):
            message = peer.message()
            if message is None:
                return
            peer.server.messages.append(message)
            peer.say(*events)
        if close is not None:
            websocket.close(time.monotonic(), close)
            peer.flush()
        while (message := peer.message()) is not None:
            peer.server.messages.append(message)

    return answer


def types(server: Any) -> list[str]:
    return [json.loads(message)["type"] for message in server.messages]


def test_a_session(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        options = ResponsesOptions(session_id="s1", thread_id="t1")
        async with client.realtime.connect(V2, options) as talk:
            events = [await anext(talk)]
            assert await talk.send_audio(b"\0\0") is Admission.TAKEN
            await talk.send_text("please")
            events += [await anext(talk), await anext(talk)]
            handoff = events[-1]
            await talk.agent_progress("working", handoff.handoff_id)
            await talk.agent_final("done", handoff.handoff_id)
            await talk.complete_turn(handoff.handoff_id)
        rest = [event async for event in talk]
        return events, rest, talk

    with serving(session((), (HEARD, HANDOFF))) as server:
        client_info = ClientInfo(originator="me", user_agent="me/1")
        with Driven(
            kind, server.base_url, auth=BearerAuth("sk-1"), client_info=client_info
        ) as driven:
            events, rest, talk = driven.run(scenario)
    handoff = events[-1]
    assert isinstance(handoff, HandoffRequested)
    assert [entry.text for entry in handoff.active_transcript or ()] == ["fix it"]
    assert rest == [ConversationEnded("requested")]
    assert talk.ended == ConversationEnded("requested")
    request = server.requests[0]
    assert request.target == "/v1/realtime?model=gpt-realtime-1.5"
    for name, value in (
        ("authorization", "Bearer sk-1"),
        ("x-session-id", "s1"),
        ("thread-id", "t1"),
        ("originator", "me"),
        ("user-agent", "me/1"),
    ):
        assert request.headers.get(name) == value
    assert "sec-websocket-extensions" not in request.headers
    said = types(server)
    assert said[:3] == ["session.update", "input_audio_buffer.append", "conversation.item.create"]
    assert "response.create" in said[3:]


def test_the_wire_as_it_is(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.realtime.connect(V2, full=True) as talk:
            first = await anext(talk)
            await talk.send(create_response())
            second = await anext(talk)
            with pytest.raises(LocalProtocolError, match="full"):
                await talk.send_text("no")
            assert talk.conversation is None
            return first, second

    unknown = b'{"type":"brand.new","x":1}'
    with serving(session((unknown,))) as server, Driven(kind, server.base_url) as driven:
        first, second = driven.run(scenario)
    assert first.type == "session.updated"
    assert second.type == "brand.new"


def test_an_error_event_ends_the_conversation(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.realtime.connect(V2) as talk:
            await talk.send_text("x")
            return [event async for event in talk]

    error = b'{"type":"error","error":{"message":"no such model"}}'
    with serving(session((error,))) as server, Driven(kind, server.base_url) as driven:
        events = driven.run(scenario)
    assert events[-2:] == [
        RealtimeError("no such model"),
        ConversationEnded("error", "no such model"),
    ]


@pytest.mark.parametrize(("code", "raises"), [(1000, False), (1011, True)])
def test_a_close_of_the_servers(kind: str, code: int, raises: bool) -> None:
    async def scenario(client: Any) -> Any:
        events = []
        async with client.realtime.connect(V2) as talk:
            try:
                async for event in talk:
                    events.append(event)
            except CodexError as error:
                return events, error
        return events, None

    with serving(session(close=code)) as server, Driven(kind, server.base_url) as driven:
        events, error = driven.run(scenario)
    assert events[-1] == ConversationEnded("transport_closed")
    assert isinstance(error, ConnectionClosed) is raises


def test_a_connection_that_breaks_is_raised(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        events = []
        with pytest.raises(CodexError):
            async with client.realtime.connect(V2) as talk:
                async for event in talk:
                    events.append(event)
        return events

    with serving(accept((UPDATED,), end="rst")) as server:
        with Driven(kind, server.base_url) as driven:
            events = driven.run(scenario)
    assert type(events[-1]) is ConversationEnded


def test_a_refusal_is_told_on_entering_and_not_tried_again(kind: str) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(HttpStatusError) as caught:
            async with client.realtime.connect(V2):
                pass
        assert caught.value.status == 401

    with serving(refuse(401)) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
    assert len(server.requests) == 1


def test_events_that_come_with_the_handshake_are_not_lost(kind: str) -> None:
    def at_once(peer: Peer, request: Any) -> None:
        websocket = peer.front.accept(time.monotonic())
        websocket.send(TextMessage(UPDATED), time.monotonic())
        peer.flush()
        while peer.next_event() is not None:
            pass

    async def scenario(client: Any) -> Any:
        async with client.realtime.connect(V2) as talk:
            return await anext(talk)

    with serving(at_once) as server, Driven(kind, server.base_url) as driven:
        assert type(driven.run(scenario)).__name__ == "SessionUpdated"
        assert driven.clock.skipped < 1


@pytest.mark.parametrize("is_full", [False, True])
def test_a_refusal_that_comes_with_the_handshake_is_told(kind: str, is_full: bool) -> None:
    def refused(peer: Peer, request: Any) -> None:
        now = time.monotonic()
        websocket = peer.front.accept(now)
        websocket.send(TextMessage(KEY_REFUSED), now)
        websocket.close(now, 3000, "invalid_request_error.invalid_api_key")
        # All in one segment.
        peer.flush()
        while peer.next_event() is not None:
            pass

    async def scenario(client: Any) -> Any:
        told: list[Any] = []
        async with client.realtime.connect(V2, full=is_full) as talk:
            try:
                async for event in talk:
                    told.append(event)
            except ConnectionClosed as error:
                told.append(error)
            with pytest.raises(LocalProtocolError, match="is not open"):
                await talk.send(create_response())
        return told

    with serving(refused) as server, Driven(kind, server.base_url) as driven:
        event, *_, end = driven.run(scenario)
        assert driven.clock.skipped < 1
    assert isinstance(event, RealtimeErrorEvent if is_full else RealtimeError)
    if is_full:
        assert isinstance(end, ConnectionClosed)
        assert end.close_code == 3000
    else:
        # The error ends the conversation, and we close the socket over it.
        assert isinstance(end, ConversationEnded)
    assert len(server.requests) == 1


def test_a_close_that_comes_with_the_handshake_is_the_end(kind: str) -> None:
    def closed(peer: Peer, request: Any) -> None:
        peer.front.accept(time.monotonic()).close(time.monotonic(), 1000)
        peer.flush()
        while peer.next_event() is not None:
            pass

    async def scenario(client: Any) -> Any:
        async with client.realtime.connect(V2, full=True) as talk:
            return [event async for event in talk]

    with serving(closed) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
        assert driven.clock.skipped < 1


def test_nobody_speaks_before_or_after(kind: str) -> None:
    async def scenario(client: Any) -> None:
        talk = client.realtime.connect(V2)
        with pytest.raises(LocalProtocolError, match="not open"):
            await talk.send_text("x")
        async with talk:
            pass
        with pytest.raises(LocalProtocolError, match="not open"):
            await talk.send_audio(b"\0\0")

    with serving(session()) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)


def test_a_call_and_its_sideband(kind: str) -> None:
    async def scenario(client: Any) -> Any:
        call = await client.realtime.create_call("v=0", V1)
        async with call.connect() as talk:
            await anext(talk)
            # It exists, and may be joined by others, too.
            async with client.realtime.join_call(call.call_id) as other:
                await other.send_text("hello")
                event = await anext(other)
        return call, event

    answers = (
        refuse(500),
        refuse(201, b"v=1", [("location", "/v1/realtime/calls/rtc_1?x=1")]),
        refuse(503),
        session(),
        session(),
    )
    with serving(*answers) as server:
        with Driven(kind, server.base_url, auth=BearerAuth("sk-1")) as driven:
            call, event = driven.run(scenario)
    assert (call.sdp, call.call_id) == ("v=1", "rtc_1")
    assert type(event).__name__ == "SessionUpdated"
    targets = [request.target for request in server.requests]
    assert targets[:2] == ["/v1/realtime/calls?intent=quicksilver&architecture=avas"] * 2
    assert targets[2:] == ["/v1/realtime?intent=quicksilver&call_id=rtc_1"] * 3
    assert all(r.headers.get("authorization") == "Bearer sk-1" for r in server.requests)
    assert driven.clock.slept == pytest.approx([0.2, 0.2], abs=0.1)
    # Two connections: whose message the server reads first is nobody's business.
    assert sorted(types(server)) == ["conversation.item.create", "session.update"]


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (410, 1), (500, 5), (401, 5)])
def test_joining_a_call_takes_several_attempts(kind: str, status: int, attempts: int) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(CodexError):
            async with client.realtime.join_call("rtc_1"):
                pass

    with serving(refuse(status)) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
    assert len(server.requests) == attempts
    waits = [0.2, 0.4, 0.8, 1.6][: attempts - 1]
    assert driven.clock.slept == pytest.approx(waits, abs=0.1)


def test_an_answer_without_a_call_id(kind: str) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(MalformedReply):
            await client.realtime.create_call("v=0", avas=False)

    with serving(refuse(201, b"v=1")) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
    assert server.requests[0].headers.get("content-type") == "application/sdp"


def test_the_default_version_needs_a_word_about_calls(kind: str) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(LocalProtocolError, match="avas"):
            await client.realtime.create_call("v=0", V2)

    with Driven(kind, "http://127.0.0.1:1/v1") as driven:
        driven.run(scenario)


def test_no_connection(kind: str) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(ConnectionFailed):
            async with client.realtime.connect(V2):
                pass

    with Driven(kind, "http://127.0.0.1:1/v1") as driven:
        driven.run(scenario)
    with serving(hang_up()) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)


# -- one reads while another speaks -------------------------------------------------------------


def echo(peer: Peer, request: Any) -> None:
    """Repeat what is said, as events of an unknown type that hold its number."""
    peer.front.accept(time.monotonic())
    peer.flush()
    while (message := peer.message()) is not None:
        kind = json.loads(message)["type"]
        if kind == "input_audio_buffer.append":
            peer.say(b'{"type":"conversation.item.added","item":{"id":"i"}}')


def test_a_thread_reads_while_others_speak() -> None:
    heard = 0
    with serving(echo) as server:
        client = CodexClient(base_url=server.base_url, auth=NoAuth(), transport="raw")
        with client, client.realtime.connect(V2) as talk:

            def speak() -> None:
                for _ in range(50):
                    talk.send_audio(b"\0\0" * 500)

            threads = [threading.Thread(target=speak) for _ in range(3)]
            for thread in threads:
                thread.start()
            while heard < 150:
                next(talk)
                heard += 1
            for thread in threads:
                thread.join()


def test_a_thread_that_reads_wakes_up_when_the_session_is_closed() -> None:
    ends: list[Any] = []
    with serving(session()) as server:
        client = CodexClient(base_url=server.base_url, auth=NoAuth(), transport="raw")
        with client, client.realtime.connect(V2) as talk:
            next(talk)
            thread = threading.Thread(target=lambda: ends.extend(talk))
            thread.start()
            time.sleep(0.1)
            talk.close()
            thread.join(10)
            assert not thread.is_alive()
    assert ends == [ConversationEnded("requested")]


def test_a_task_reads_while_another_speaks() -> None:
    async def main(base_url: str) -> None:
        client = AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport="raw")
        async with client, client.realtime.connect(V2) as talk:

            async def speak() -> None:
                for _ in range(200):
                    await talk.send_audio(b"\0\0" * 500)

            speaker = asyncio.create_task(speak())
            for _ in range(200):
                await anext(talk)
            await speaker
            reader = asyncio.create_task(anext(talk))
            await asyncio.sleep(0.05)
            await talk.close()
            assert await reader == ConversationEnded("requested")

    with serving(echo) as server:
        asyncio.run(main(server.base_url))


def test_two_readers_of_one_session() -> None:
    async def main(base_url: str) -> None:
        client = AsyncCodexClient(base_url=base_url, auth=NoAuth(), transport="raw")
        async with client, client.realtime.connect(V2) as talk:
            await anext(talk)
            reader = asyncio.create_task(anext(talk))
            await asyncio.sleep(0.05)
            with pytest.raises(LocalProtocolError, match="another task or thread"):
                await asyncio.wait_for(anext(talk), 5)
            # It costs the one that reads nothing.
            await talk.send_text("Hi")
            assert isinstance(await asyncio.wait_for(reader, 5), HandoffRequested)

    with serving(session([HANDOFF])) as server:
        asyncio.run(main(server.base_url))
