"""The embedded server's WebSockets: our client, an independent one, and recorded sessions."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import websockets.sync.client
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.connections import RealtimeSocket, ResponsesSocket, SocketOpened
from codex_proto.http import HttpRequest
from codex_proto.realtime import (
    HandoffRequested,
    OutputTranscriptDelta,
    RealtimeConversation,
    RealtimeSessionConfig,
    SessionUpdate,
    SessionUpdated,
    delegation_from_handoff,
    handshake_headers,
    realtime_url,
)
from codex_proto.requests import (
    Provider,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    responses_upgrade,
)
from codex_proto.responses import Completed, MalformedEvent, MalformedPart, UnknownEvent
from codex_proto_io.server import EmbeddedServer, ServerLimits
from codex_proto_io.server._recordings import RealtimePlace, RealtimeRecording, bundled_session
from tests.plain_client import PlainClient, ask, text_frame, upgrade
from tests.recordings import recordings
from tests.socket_loops import drive
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.sync.client import ClientConnection

ASK = ResponsesApiRequest(model="gpt-5.2", input="What is 2 + 2?")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as server:
        yield server


def connect(server: EmbeddedServer, path: str, **options: Any) -> Any:
    return websockets.sync.client.connect(
        server.url.replace("http", "ws") + path, proxy=None, **options
    )


def heard(websocket: ClientConnection, last: str) -> list[str]:
    """The types of what comes, up to the last."""
    types: list[str] = []
    while not types or types[-1] != last:
        types.append(json.loads(websocket.recv(timeout=10))["type"])
    return types


# -- Responses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", [True, False])
def test_our_client_has_one_response_after_another(
    server: EmbeddedServer, compression: bool
) -> None:
    client = ResponsesSocket(
        responses_upgrade(Provider(base_url=server.url)), compression=compression
    )
    outcomes: list[Any] = []
    with PlainClient(server) as plain:
        client.start(time.monotonic())

        def handle(event: Any, now: float) -> None:
            if isinstance(event, SocketOpened):
                client.prewarm(ASK, now)
            elif isinstance(event, Completed):
                outcomes.append(event)
                if len(outcomes) < 4:
                    client.send(ASK, now)
                else:
                    client.close(now)

        drive(client, plain.socket, handle)
    assert len(outcomes) == 4
    assert outcomes[0].response_id == "resp_prewarmed0001"
    asked = [message.request for message in server.requests[-1].messages]
    assert all(isinstance(request, ResponseCreateWsRequest) for request in asked)
    assert [getattr(request, "generate", None) is False for request in asked] == [
        True, False, False, False
    ]  # fmt: skip
    wait_until(lambda: server.requests[-1].outcome != "open")
    assert server.requests[-1].outcome == "answered"


@pytest.mark.parametrize("compression", ["deflate", None])
def test_an_independent_client(server: EmbeddedServer, compression: str | None) -> None:
    with connect(server, "/responses", compression=compression) as websocket:
        for generate in (False, True):
            message = {"type": "response.create", "model": "m", "generate": generate}
            websocket.send(json.dumps(message))
            types = heard(websocket, "response.completed")
            assert types[0] == "response.created"
            assert (len(types) == 2) is (not generate)


@pytest.mark.parametrize(
    "message", ["", "{", "[]", '{"type":"hello"}', '{"type":"response.create"}', b"\xff"]
)
def test_messages_that_are_not_understood(server: EmbeddedServer, message: str | bytes) -> None:
    with connect(server, "/responses") as websocket:
        websocket.send(message)
        said = json.loads(websocket.recv(timeout=10))
        assert (said["type"], said["status"]) == ("error", 400)
        assert set(said["error"]) == {"message", "type", "param", "code"}
        # It goes on.
        websocket.send('{"type":"response.create","model":"m","generate":false}')
        assert heard(websocket, "response.completed")
    received = server.requests[-1].messages[0]
    is_text = isinstance(message, str)
    assert received.is_text is is_text
    assert isinstance(received.request, MalformedPart) is is_text


def test_an_interrupt_comes_too_late(server: EmbeddedServer) -> None:
    with connect(server, "/responses") as websocket:
        websocket.send('{"type":"response.interrupt","response_id":"r"}')
        websocket.send('{"type":"response.create","model":"m","generate":false}')
        assert heard(websocket, "response.completed") == ["response.created", "response.completed"]


# -- realtime -----------------------------------------------------------------------------------


def test_a_realtime_session_with_a_handoff(server: EmbeddedServer) -> None:
    with connect(server, "/realtime?model=gpt-realtime") as websocket:
        assert heard(websocket, "session.created") == ["session.created"]
        websocket.send('{"type":"session.update","session":{}}')
        assert heard(websocket, "session.updated") == ["session.updated"]
        for turn in range(3):
            websocket.send('{"type":"conversation.item.create","item":{}}')
            websocket.send('{"type":"response.create"}')
            types = heard(websocket, "rate_limits.updated")
            assert types.count("response.done") == 1
            assert ("response.function_call_arguments.done" in types) is (turn == 0)
        for _ in range(3):
            websocket.send('{"type":"input_audio_buffer.append","audio":""}')
        types = heard(websocket, "rate_limits.updated")
        assert types[0] == "input_audio_buffer.speech_started"
        assert "response.function_call_arguments.done" in types
        websocket.send('{"type":"response.create"}')
        assert heard(websocket, "rate_limits.updated")[0] == "response.created"


def test_a_realtime_session_of_the_older_protocol(server: EmbeddedServer) -> None:
    with connect(server, "/realtime?intent=quicksilver&model=x") as websocket:
        websocket.send('{"type":"session.update","session":{}}')
        assert heard(websocket, "session.updated")
        websocket.send('{"type":"conversation.item.create","item":{}}')
        assert heard(websocket, "conversation.handoff.requested")
        websocket.send('{"type":"conversation.handoff.append"}')
        assert heard(websocket, "conversation.item.added")[0].endswith("output_transcript.delta")


def test_a_realtime_message_that_is_none(server: EmbeddedServer) -> None:
    with connect(server, "/realtime") as websocket:
        heard(websocket, "session.created")
        websocket.send("hello")
        assert heard(websocket, "error") == ["error"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_our_realtime_client_hands_work_over(server: EmbeddedServer, version: Any) -> None:
    """Configure, ask, get a handoff with its envelope, give the result, hear of it."""
    config = RealtimeSessionConfig(instructions="Be brief.", version=version)
    url = realtime_url(server.url, version, model="gpt-realtime-1.5")
    client = RealtimeSocket(
        HttpRequest("GET", url, handshake_headers(version)),
        version,
        config=config,
        conversation=(conversation := RealtimeConversation(version)),
    )
    said: list[str] = []
    envelopes: list[str] = []
    with PlainClient(server) as plain:
        client.start(time.monotonic())

        def handle(event: Any, now: float) -> None:
            match event:
                case SessionUpdated():
                    conversation.send_text("Please fix the test")
                    if version == "v2":
                        conversation.request_response()
                    client.flush(now)
                case HandoffRequested():
                    envelopes.append(delegation_from_handoff(event) or "")
                    conversation.agent_final("It passes now.")
                    conversation.complete_turn()
                    client.flush(now)
                case OutputTranscriptDelta(delta=delta) if envelopes:
                    said.append(delta)
                    if delta.endswith("."):
                        client.close(now)

        drive(client, plain.socket, handle)
    assert len(envelopes) == 1
    assert envelopes[0].startswith("<realtime_delegation>\n  <input>")
    assert "".join(said).endswith(".")
    requests = [message.request for message in server.requests[-1].messages]
    assert isinstance(requests[0], SessionUpdate)
    assert not any(isinstance(each, MalformedEvent | UnknownEvent) for each in requests)


SESSIONS = [each for each in recordings("realtime", ".jsonl") if "client" not in each.name]


@pytest.mark.parametrize("recording", SESSIONS, ids=str)
def test_a_recorded_session_loses_nothing(recording: Any) -> None:
    lines = [line for line in recording.bytes.split(b"\n") if line.strip()]
    played = RealtimeRecording(recording.bytes)
    said = [*played.opening, *(line for turn in played.turns for line in turn.messages)]
    assert said == [line.strip() for line in lines]


TRIGGERS = (
    "session.update", "conversation.item.create", "response.create",
    "input_audio_buffer.append", "conversation.handoff.append", "something.else",
)  # fmt: skip


@given(st.lists(st.sampled_from(TRIGGERS), max_size=20), st.sampled_from(["v1", "v2"]))
def test_whatever_a_client_says_it_gets_whole_turns(said: list[str], version: str) -> None:
    recording = RealtimeRecording(bundled_session(version))
    place = RealtimePlace(recording)
    turns = {turn.messages for turn in recording.turns}
    heard_turns = [place.advance(kind) for kind in said]
    assert all(answer == () or answer in turns for answer in heard_turns)
    # Sound is answered once only.
    sounds = [turn for turn in recording.turns if turn.trigger == "audio"]
    answered = [
        answer for answer, kind in zip(heard_turns, said, strict=True) if "audio" in kind and answer
    ]
    assert len(answered) <= len(sounds)


def test_a_client_that_says_what_was_said_hears_what_was_heard() -> None:
    """The recordings with both sides: in the order of the recording, without a gap."""
    name = "pydantic+pydantic-ai__test_openai_ws-test_text_in_audio_out_turn"
    server_side = next(each for each in SESSIONS if each.name == name)
    recording = RealtimeRecording(server_side.bytes)
    place = RealtimePlace(recording)
    heard_lines = list(recording.opening)
    for kind in ("session.update", "conversation.item.create", "response.create"):
        heard_lines += place.advance(kind)
    assert heard_lines == server_side.bytes.strip().split(b"\n")


def test_a_session_of_the_users_own(tmp_path: Any) -> None:
    file = tmp_path / "session.jsonl"
    file.write_text('{"type":"session.created"}\n\n{"type":"response.created"}\n{"type":"x"}\n')
    with EmbeddedServer(realtime=file) as server, connect(server, "/realtime") as websocket:
        assert heard(websocket, "session.created")
        for _ in range(2):
            websocket.send('{"type":"response.create"}')
            assert heard(websocket, "x") == ["response.created", "x"]


# -- limits -------------------------------------------------------------------------------------


def test_no_more_clients_than_allowed() -> None:
    with EmbeddedServer(limits=ServerLimits(max_connections=1)) as server:
        with PlainClient(server) as first:
            first.send(upgrade())
            first.see(until=b"\r\n\r\n")
            refused = ask(server, b"GET /v1/models HTTP/1.1\r\n\r\n")
            assert refused.answer.status == 503
            assert refused.answer.json["error"]["type"] == "server_error"
        wait_until(lambda: not server.connections)
        with PlainClient(server) as second:
            second.send(upgrade())
            assert b" 101 " in second.see(until=b"\r\n\r\n").data


def test_requests_that_come_early_are_answered_in_turn() -> None:
    with EmbeddedServer() as server, PlainClient(server) as client:
        client.send(get_models() * 2 + get_models(close=True))
        assert client.see().data.count(b"HTTP/1.1 200 ") == 3


def test_a_request_may_come_before_the_script_is_done_with_the_last() -> None:
    script = {"on": "*", "steps": [{"do": "respond"}, {"do": "stall", "seconds": 0.3}]}
    with EmbeddedServer(script) as server, PlainClient(server) as client:
        client.send(get_models())
        client.see(until=b"\r\n\r\n")
        client.send(get_models(close=True))
        assert client.see().answer.status == 200


def get_models(*, close: bool = False) -> bytes:
    end = b"Connection: close\r\n" if close else b""
    return b"GET /v1/models HTTP/1.1\r\nHost: x\r\n%b\r\n" % end


def test_no_larger_bodies_than_allowed() -> None:
    with EmbeddedServer(limits=ServerLimits(max_body_size=1000)) as server:
        head = b"POST /v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"
        assert ask(server, head + bytes(1001)).answer.status == 413


def test_no_larger_messages_than_allowed() -> None:
    limits = ServerLimits(max_message_size=100, close_timeout=0.2)
    with EmbeddedServer(limits=limits) as server, PlainClient(server) as client:
        client.send(upgrade() + text_frame("x" * 101))
        seen = client.see()
        assert seen.data.endswith(b"\x88\x02\x03\xf1")
        assert seen.end == "fin"


def test_a_request_has_to_come_in_its_time() -> None:
    limits = ServerLimits(request_timeout=0.2, close_timeout=0.2)
    with EmbeddedServer(limits=limits) as server:
        assert ask(server, b"POST /v1/responses HTTP/1.1\r\n").answer.status == 408


def test_a_silent_client_is_let_go() -> None:
    with EmbeddedServer(limits=ServerLimits(keep_alive=0.2, close_timeout=0.2)) as server:
        assert ask(server, b"").end == "fin"


def test_a_client_that_does_not_read_is_let_go() -> None:
    script = {"on": "*", "steps": [{"do": "body", "text": "x" * 10_000, "repeat": 5000}]}
    limits = ServerLimits(write_timeout=0.2)
    with EmbeddedServer(script, limits=limits) as server, PlainClient(server) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        wait_until(lambda: server.requests and server.requests[0].outcome != "open")
        assert server.requests[0].outcome == "gone"


def test_the_last_words_of_a_client_are_kept() -> None:
    """Also those that come with its goodbye, which nobody can answer any more."""
    said = [json.dumps({"type": "response.create", "model": name}) for name in "abc"]
    with EmbeddedServer() as server, PlainClient(server) as client:
        client.send(upgrade())
        client.see(until=b"\r\n\r\n")
        goodbye = text_frame((1000).to_bytes(2, "big"), 0x88)
        client.send(b"".join(map(text_frame, said)) + goodbye)
        assert client.see().end == "fin"
        wait_until(lambda: server.requests[0].outcome != "open")
        assert [message.data.decode() for message in server.requests[0].messages] == said
        assert server.requests[0].outcome == "answered"


def test_a_flood_of_messages_waits_outside() -> None:
    """The script never reads; what the client sends must not pile up here."""
    limits = ServerLimits(max_waiting_messages=10)
    script = {"on": "*", "steps": [{"do": "accept"}, {"do": "stall", "seconds": 600}]}
    with EmbeddedServer(script, limits=limits) as server, PlainClient(server) as client:
        client.send(upgrade())
        client.see(until=b"\r\n\r\n")
        client.socket.settimeout(0.5)
        sent = 0
        frame = text_frame("x" * 60_000)
        # Socket buffers hold some megabytes; the rest does not leave the client.
        with contextlib.suppress(TimeoutError):
            while sent < 1000:
                client.socket.sendall(frame)
                sent += 1
        assert sent < 1000


def test_only_the_last_requests_are_kept() -> None:
    with EmbeddedServer(limits=ServerLimits(max_requests_kept=3)) as server:
        for number in range(5):
            ask(server, f"GET /{number} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert [request.path for request in server.requests] == ["/2", "/3", "/4"]
        assert server.request_count == 5


def test_a_long_session_does_not_fill_the_memory() -> None:
    with EmbeddedServer(limits=ServerLimits(max_messages_kept=3)) as server:
        with connect(server, "/responses") as websocket:
            for number in range(10):
                websocket.send(json.dumps({"type": "nothing", "number": number}))
                websocket.recv()
        (request,) = server.requests
        assert [json.loads(each.data)["number"] for each in request.messages] == [7, 8, 9]
