"""A realtime session of ours to a server of ours: transcript, conversation, ends, and every cut."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.connections import (
    BinaryMessage,
    RealtimeServerSocket,
    RealtimeSocket,
    ServedEndpoint,
    SocketClosed,
    SocketOpened,
    TextMessage,
    WebSocketTimeouts,
)
from codex_proto.errors import ConnectionClosed, HttpStatusError, LocalProtocolError
from codex_proto.http import Headers, HttpRequest
from codex_proto.realtime import (
    ConversationEnded,
    ConversationItemCreate,
    HandoffRequested,
    InputAudioBufferAppend,
    RealtimeConversation,
    RealtimeError,
    RealtimeSessionConfig,
    ResponseCreate,
    SessionUpdate,
    SessionUpdated,
    TranscriptAccumulator,
    TranscriptEntry,
    create_response,
)
from codex_proto.testing import Cut, Pair, Side, bytewise, every, whole
from tests.connections.mock_server import MockServer, json_answer

REQUEST: Final = HttpRequest(
    "GET", "ws://localhost:8080/v1/realtime?model=gpt-realtime-1.5", [("x-session-id", "s")]
)
CONFIG: Final = RealtimeSessionConfig(version="v2", instructions="Be brief.")

UPDATED: Final = b'{"type":"session.updated","session":{"id":"sess_1"}}'
SAID: Final = (
    b'{"type":"conversation.item.input_audio_transcription.completed","item_id":"u",'
    b'"transcript":"please fix it"}'
)
HANDOFF: Final = json.dumps(
    {
        "type": "conversation.item.done",
        "item": {
            "type": "function_call",
            "id": "item_1",
            "call_id": "call_1",
            "name": "background_agent",
            "arguments": '{"prompt":"fix it"}',
        },
    }
).encode()


class Server(MockServer):
    """Answers session.update with the events it is given."""

    def __init__(self, *events: bytes, **options: Any) -> None:
        super().__init__(**options)
        self.to_send = events
        self.heard: list[Any] = []

    def _answer(self, message: TextMessage, now: float) -> None:
        websocket = self.connection.websocket
        assert websocket is not None
        self.heard.append(RealtimeServerSocket(websocket).read(message))
        if isinstance(self.heard[-1], SessionUpdate):
            self.send(now, *self.to_send)


def run(
    server: Server, chunker: Any = whole, *, cut: Cut | None = None, **options: Any
) -> tuple[RealtimeSocket, list[Any], Pair]:
    options = {"config": CONFIG, **options}
    socket = RealtimeSocket(REQUEST, **options)
    pair = Pair(
        Side(socket, chunker=chunker, latency=0.01),
        Side(server.connection, server.handle, chunker=chunker, latency=0.01, cut=cut),
    )
    pair.start()
    pair.run(until=pair.now + 5)
    return socket, pair.client.events, pair


@pytest.mark.parametrize("chunker", [whole, bytewise, every(5)])
def test_the_session_is_configured_first_and_a_handoff_has_its_transcript(chunker: Any) -> None:
    server = Server(UPDATED, SAID, HANDOFF)
    socket, events, pair = run(server, chunker)
    opened, updated, _said, handoff = events
    assert isinstance(opened, SocketOpened)
    assert isinstance(updated, SessionUpdated)
    assert isinstance(handoff, HandoffRequested)
    assert handoff.active_transcript == (
        TranscriptEntry("user", "please fix it"),
        TranscriptEntry("user", "fix it"),
    )
    (request,) = server.requests
    assert request.endpoint is ServedEndpoint.REALTIME_SOCKET
    assert b"permessage-deflate" not in bytes(pair.client.sent)
    (configured,) = server.heard
    assert configured.session["instructions"] == "Be brief."
    socket.send(create_response(), pair.now)
    socket.send('{"type":"response.create"}', pair.now)
    pair.run(until=pair.now + 1)
    assert [type(message) for message in server.heard[1:]] == [ResponseCreate] * 2


def test_a_sideband_says_nothing_first() -> None:
    server = Server()
    _, events, _ = run(server, config=None)
    assert [type(event) for event in events] == [SocketOpened]
    assert not server.heard


def test_a_transcript_outlives_its_socket() -> None:
    transcript = TranscriptAccumulator()
    run(Server(UPDATED, SAID), transcript=transcript)
    _, events, _ = run(Server(UPDATED, HANDOFF), transcript=transcript)
    assert len(events[-1].active_transcript) == 2


def test_profile_full_gives_the_events_of_the_wire() -> None:
    server = Server(UPDATED, b'{"type":"new.one"}', HANDOFF)
    socket, events, pair = run(server, profile="full")
    assert len(events) == 5
    server.connection.close(pair.now)
    pair.run(until=pair.now + 1)
    assert [type(event).__name__ for event in events[-2:]] == ["SessionClosed", "SocketClosed"]
    assert socket.must_close


def test_a_conversation_drives_the_socket() -> None:
    conversation = RealtimeConversation("v2")
    server = Server(UPDATED, SAID, HANDOFF)
    socket, events, pair = run(server, conversation=conversation)
    assert conversation.active_handoff == "call_1"
    assert isinstance(server.heard[0], SessionUpdate)
    conversation.send_audio(b"\x00\x00" * 10)
    conversation.agent_final("done")
    conversation.complete_turn()
    assert socket.flush(pair.now) == []
    pair.run(until=pair.now + 1)
    kinds = [type(message) for message in server.heard[1:]]
    assert InputAudioBufferAppend in kinds
    assert kinds.count(ConversationItemCreate) == 2
    assert kinds[-1] is ResponseCreate
    server.send(pair.now, b'{"type":"error","error":{"message":"oh"}}')
    pair.run(until=pair.now + 20)
    assert [type(event) for event in events[-3:]] == [
        RealtimeError,
        ConversationEnded,
        SocketClosed,
    ]
    assert socket.must_close


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_a_session_cut_after_any_byte_has_one_end(how: Any) -> None:
    _, _, pair = run(Server(UPDATED, SAID, HANDOFF, compression=False))
    for after in range(len(pair.server.sent) + 1):
        conversation = RealtimeConversation("v2")
        server = Server(UPDATED, SAID, HANDOFF, compression=False)
        socket, events, _ = run(server, conversation=conversation, cut=Cut(after, how))
        assert isinstance(events[-1], SocketClosed)
        assert sum(isinstance(event, SocketClosed) for event in events) == 1
        assert sum(isinstance(event, ConversationEnded) for event in events) == 1
        assert not conversation.is_running
        assert socket.must_close


def test_ends_are_told() -> None:
    server = Server(UPDATED)
    _, events, pair = run(server)
    websocket = server.connection.websocket
    assert websocket is not None
    websocket.close(pair.now, 4000, "invalid_request_error.model_not_found")
    pair.run(until=pair.now + 1)
    closed = events[-1]
    assert isinstance(closed.error, ConnectionClosed)
    assert closed.error.close_code == 4000

    server = Server(UPDATED)
    _, events, pair = run(server)
    assert server.connection.websocket is not None
    server.connection.websocket.send(BinaryMessage(b"x"), pair.now)
    pair.run(until=pair.now + 1)
    assert isinstance(events[-1], RealtimeError)

    _, events, _ = run(Server(script=json_answer(401, b"{}")))
    assert [type(event) for event in events] == [RealtimeError, SocketClosed]
    assert isinstance(events[-1].error, HttpStatusError)


def test_silence_may_have_a_limit() -> None:
    socket, events, pair = run(Server(UPDATED), idle_timeout=30)
    pair.run(until=pair.now + 60)
    assert isinstance(events[-2], RealtimeError)
    assert isinstance(events[-1], SocketClosed)
    socket, _, _ = run(Server(UPDATED))
    assert socket.deadline() is None


def test_closing_ends_the_conversation() -> None:
    conversation = RealtimeConversation("v2")
    socket, _, pair = run(Server(UPDATED), conversation=conversation)
    (ended,) = socket.close(pair.now)
    assert isinstance(ended, ConversationEnded)
    pair.run(until=pair.now + 5)
    assert pair.client.events[-1] == SocketClosed(None)


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(LocalProtocolError, match="config"):
        RealtimeSocket(REQUEST, "v1", config=CONFIG)
    with pytest.raises(LocalProtocolError, match="conversation"):
        RealtimeSocket(REQUEST, profile="full", conversation=RealtimeConversation("v2"))
    socket = RealtimeSocket(REQUEST, timeouts=WebSocketTimeouts())
    with pytest.raises(LocalProtocolError, match="NEW"):
        socket.send(create_response(), 0)
    with pytest.raises(LocalProtocolError, match="flush"):
        socket.flush(0)
    with pytest.raises(LocalProtocolError, match="websocket"):
        RealtimeServerSocket(Headers())  # type: ignore[arg-type]
