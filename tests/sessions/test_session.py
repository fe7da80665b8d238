"""A session of requests on WebSockets: what is sent of each, and what is kept between them."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import UNSET

from codex_proto.errors import (
    ConnectionClosed,
    ConnectionLimitReached,
    IdleTimeout,
    LocalProtocolError,
    PreviousResponseNotFound,
    ResponseFailedError,
    UnexpectedBinary,
)
from codex_proto.items import (
    FunctionCall,
    Item,
    Message,
    OutputText,
    PassthroughMetadata,
    encode_item_lossless,
    tool_output,
    user_message,
)
from codex_proto.requests import (
    ReasoningControls,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    ResponsesOptions,
    StreamOptions,
    decode_request,
)
from codex_proto.responses import (
    Completed,
    ModelsEtag,
    OutputItemDone,
    ServerModel,
    ServerReasoningIncluded,
    StreamFailed,
)
from codex_proto.sessions import ResponsesSession, SessionRequest
from codex_proto.versions import WireVersion

MAY, AUGUST = WireVersion.V2026_05, WireVersion.V2026_08
HI: Final = user_message("hi")
ANSWER: Final = Message(
    id="msg_1",
    role="assistant",
    status="completed",
    content=(OutputText(text="hello", annotations=()),),
)
CALL: Final = FunctionCall(id="fc_1", call_id="c1", name="f", arguments="{}", status="completed")


def request(*items: Any, **more: Any) -> ResponsesApiRequest:
    return ResponsesApiRequest(model="m", input=list(items), **more)


def open_session(version: WireVersion = AUGUST, **more: Any) -> ResponsesSession:
    session = ResponsesSession(version, **more)
    session.connected()
    return session


def event(type_: str, **members: Any) -> str:
    return json.dumps({"type": type_, **members})


def answer(session: ResponsesSession, response_id: str | None, *items: Item) -> list[Any]:
    """Have the server answer the open request with these items."""
    events = [*session.receive_message(event("response.created", response={"id": response_id}))]
    for item in items:
        raw = json.loads(encode_item_lossless(item))  # type: ignore[arg-type]
        done = event("response.output_item.done", output_index=0, item=raw)
        events += session.receive_message(done)
    response = {} if response_id is None else {"id": response_id}
    return events + session.receive_message(event("response.completed", response=response))


def message(sent: SessionRequest) -> ResponseCreateWsRequest:
    decoded = decode_request(sent.text, ResponseCreateWsRequest)
    assert isinstance(decoded, ResponseCreateWsRequest)
    return decoded


# -- incremental requests -----------------------------------------------------------------------


def test_a_turn_with_a_tool_call() -> None:
    session = open_session()
    prewarm = session.prewarm(request())
    assert prewarm is not None
    assert (message(prewarm).generate, message(prewarm).items) == (False, ())
    assert not prewarm.is_incremental
    answer(session, "resp_0")
    assert session.prewarm(request(HI)) is None
    first = session.send(request(HI))
    assert first.is_incremental
    assert message(first).previous_response_id == "resp_0"
    assert message(first).items == (HI,)
    assert message(first).generate is UNSET
    answer(session, "resp_1", CALL)
    second = session.send(request(HI, CALL, tool_output("c1", "done")))
    assert message(second).previous_response_id == "resp_1"
    assert message(second).items == (tool_output("c1", "done"),)
    answer(session, "resp_2", ANSWER)
    # Nothing new is allowed, too.
    third = session.send(request(HI, CALL, tool_output("c1", "done"), ANSWER))
    assert message(third).previous_response_id == "resp_2"
    assert json.loads(third.text)["input"] == []


def sends_whole(session: ResponsesSession, *items: Any, **more: Any) -> bool:
    sent = session.send(request(*items, **more))
    if sent.is_incremental:
        return False
    assert message(sent).previous_response_id is UNSET
    assert len(message(sent).items) == len(items)
    return True


def after_first(version: WireVersion = AUGUST, **more: Any) -> ResponsesSession:
    session = open_session(version)
    session.send(request(HI, **more))
    answer(session, "resp_1", ANSWER)
    return session


@pytest.mark.parametrize("version", WireVersion)
@pytest.mark.parametrize(
    ("before", "after", "may", "august"),
    [
        ({}, {}, True, True),
        # May sends an empty list in either case.
        ({}, {"tools": None}, True, False),
        ({}, {"instructions": "x"}, False, False),
        ({}, {"stream": False}, False, False),
        ({}, {"store": True}, False, False),
        ({}, {"service_tier": "flex"}, False, False),
        ({}, {"extra_body": {"x": 1}}, False, False),
        ({}, {"reasoning": UNSET}, True, True),
        ({}, {"text": {}}, True, True),
        ({}, {"reasoning": ReasoningControls(effort="low")}, False, False),
        ({}, {"client_metadata": {"a": "b"}}, False, True),
        ({}, {"stream_options": StreamOptions(reasoning_summary_delivery="x")}, True, True),
        ({"tools": [{"a": 1, "b": 2}]}, {"tools": [{"b": 2, "a": 1}]}, True, True),
        ({"tools": [{"a": 1}]}, {"tools": [{"a": True}]}, False, False),
        ({"tools": [{"a": 1}]}, {"tools": [{"a": 1.0}]}, False, False),
    ],
)
def test_what_else_may_differ(
    version: WireVersion, before: Any, after: Any, may: bool, august: bool
) -> None:
    session = after_first(version, **before)
    is_incremental = not sends_whole(session, HI, ANSWER, **after)
    assert is_incremental is (may if version is MAY else august)


@pytest.mark.parametrize("version", WireVersion)
@pytest.mark.parametrize(
    ("items", "incremental"),
    [
        ((HI, ANSWER), True),
        ((HI, ANSWER, HI), True),
        ((HI,), False),
        ((), False),
        ((ANSWER, HI), False),
        ((user_message("other"), ANSWER, HI), False),
        ((HI, HI, HI), False),
        ((HI, msgspec.structs.replace(ANSWER, role="user")), False),
        # Ids count, though May does not send them; status and annotations upstream never sees.
        ((HI, msgspec.structs.replace(ANSWER, id="msg_2")), False),
        ((HI, msgspec.structs.replace(ANSWER, id=UNSET)), False),
        ((HI, msgspec.structs.replace(ANSWER, status=UNSET)), True),
        ((HI, msgspec.structs.replace(ANSWER, content=(OutputText(text="hello"),))), True),
        (
            (msgspec.structs.replace(HI, passthrough=PassthroughMetadata(turn_id="t")), ANSWER),
            True,
        ),
    ],
)
def test_the_input_has_to_begin_with_what_was_seen(
    version: WireVersion, items: tuple[Any, ...], incremental: bool
) -> None:
    session = after_first(version)
    assert sends_whole(session, *items) is not incremental


def test_the_last_response_is_used_once() -> None:
    session = after_first()
    assert sends_whole(session, user_message("other"))
    # That it was not needed does not bring it back.
    session.receive_message(event("response.completed", response={"id": ""}))
    assert sends_whole(session, user_message("other"))


@pytest.mark.parametrize("response", [{}, {"id": ""}, {"id": None}])
def test_a_response_without_an_id_cannot_be_built_on(response: Any) -> None:
    session = open_session()
    session.send(request(HI))
    session.receive_message(event("response.completed", response=response))
    assert session.outcome is not None
    assert sends_whole(session, HI)


def test_forgetting_and_reconnecting_make_the_next_request_whole() -> None:
    session = after_first()
    session.forget()
    assert sends_whole(session, HI, ANSWER)
    answer(session, "resp_2")
    session.disconnected()
    assert session.needs_connection
    session.connected()
    assert sends_whole(session, HI, ANSWER)
    answer(session, "resp_3")
    session.connected()
    assert sends_whole(session, HI, ANSWER)


def test_items_that_upstream_would_lose_are_not_built_on_by_mistake() -> None:
    session = open_session()
    session.send(request(HI))
    raw = {"type": "from_the_future", "x": [1]}
    session.receive_message(event("response.output_item.done", output_index=0, item=raw))
    session.receive_message(
        event("response.output_item.done", output_index=0, item={"type": "message"})
    )
    session.receive_message(event("response.completed", response={"id": "resp_1"}))
    assert sends_whole(session, HI, {"type": "from_the_future", "x": [2]})
    session.receive_message(event("response.completed", response={"id": "resp_2"}))


# -- failures -----------------------------------------------------------------------------------

LIMIT: Final = event(
    "error", status=400, error={"code": "websocket_connection_limit_reached", "message": "m"}
)
NOT_FOUND: Final = event(
    "error", status=400, error={"code": "previous_response_not_found", "message": "m"}
)


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        (lambda s: s.receive_message(LIMIT), ConnectionLimitReached),
        (lambda s: s.receive_message(NOT_FOUND), PreviousResponseNotFound),
        (lambda s: s.receive_message(event("response.failed", response={})), ResponseFailedError),
        (lambda s: s.receive_binary(), UnexpectedBinary),
        (lambda s: s.receive_close(1000, "bye"), ConnectionClosed),
        (lambda s: s.receive_error(IdleTimeout("m")), IdleTimeout),
    ],
    ids=["limit", "not found", "failed", "binary", "close", "idle"],
)
@pytest.mark.parametrize("profile", ["full", "codex"])
def test_after_a_failure_all_is_sent_on_another_connection(
    fail: Any, error: type[Exception], profile: Any
) -> None:
    session = open_session(profile=profile)
    session.send(request(HI))
    answer(session, "resp_1", ANSWER)
    assert session.send(request(HI, ANSWER)).is_incremental
    events = fail(session)
    assert isinstance(events[-1], StreamFailed)
    assert isinstance(events[-1].error, error)
    assert session.outcome == events[-1]
    assert session.needs_connection
    assert not session.is_open
    with pytest.raises(LocalProtocolError, match=r"^send: there is no connection"):
        session.send(request(HI))
    # What the old socket still has to say is no one's.
    assert session.receive_message(event("response.created", response={"id": "late"})) == []
    assert session.receive_close(1000) == session.receive_binary() == []
    assert session.receive_error(IdleTimeout("m")) == []
    session.connected()
    assert session.messages_discarded == 1
    assert sends_whole(session, HI, ANSWER)
    assert not session.outcome
    assert isinstance(answer(session, "resp_2")[-1], Completed)


def test_what_nobody_asked_for_is_counted_and_harms_nothing() -> None:
    session = open_session()
    assert session.receive_message(event("keepalive")) == []
    session.send(request(HI))
    answer(session, "resp_1", ANSWER)
    assert session.receive_message(event("keepalive")) == []
    assert session.receive_message(event("response.created", response={"id": "x"})) == []
    assert session.messages_discarded == 3
    assert session.send(request(HI, ANSWER)).is_incremental
    assert isinstance(answer(session, "resp_2")[-1], Completed)


def test_an_idle_connection_may_go() -> None:
    ends: list[Any] = [
        lambda s: s.receive_close(1001),
        lambda s: s.receive_binary(),
        lambda s: s.receive_error(IdleTimeout("m")),
    ]
    for end in ends:
        session = after_first()
        outcome = session.outcome
        assert end(session) == []
        assert session.needs_connection
        assert session.outcome is outcome


# -- headers, turns, etags ----------------------------------------------------------------------

HANDSHAKE: Final = {
    "openai-model": "real",
    "x-models-etag": "e1",
    "x-reasoning-included": "false",
    "x-codex-turn-state": "from the handshake",
    "x-codex-primary-used-percent": "5",
}


@pytest.mark.parametrize(
    ("version", "events"),
    [
        (MAY, [ServerModel("real"), ModelsEtag("e1"), ServerReasoningIncluded()]),
        (AUGUST, [ServerModel("real"), ServerReasoningIncluded()]),
    ],
)
@pytest.mark.parametrize("profile", ["full", "codex"])
def test_what_the_handshake_says_is_repeated(
    version: WireVersion, events: list[Any], profile: Any
) -> None:
    session = ResponsesSession(version, profile)
    session.connected(HANDSHAKE)
    for response_id in ("resp_1", "resp_2"):
        assert session.send(request(HI)).events == events
        answer(session, response_id)
    assert session.models_etag == "e1"
    assert session.turn_state == ("from the handshake" if version is MAY else None)
    session.connected()
    assert session.send(request(HI)).events == []


def metadata(value: Any) -> str:
    return event("response.metadata", headers={"X-Codex-Turn-State": value})


def state_of(session: ResponsesSession) -> str | None:
    return session.turn_state


def test_the_state_of_a_turn() -> None:
    session = open_session()
    key = "x-codex-turn-state"
    assert "client_metadata" not in json.loads(session.send(request(HI)).text)
    session.receive_message(metadata("one"))
    session.receive_message(metadata("two"))
    answer(session, "resp_1")
    assert state_of(session) == "one"
    assert json.loads(session.send(request(HI)).text)["client_metadata"] == {key: "one"}
    answer(session, "resp_2")
    options = ResponsesOptions(turn_state="mine")
    assert json.loads(session.send(request(HI), options).text)["client_metadata"] == {key: "mine"}
    answer(session, "resp_3")
    session.start_turn()
    assert state_of(session) is None
    assert "client_metadata" not in json.loads(session.send(request(HI)).text)
    session.receive_message(metadata(["three"]))
    assert state_of(session) == "three"
    # It outlives the connection.
    session.receive_close(1006)
    session.connected()
    assert json.loads(session.send(request(HI)).text)["client_metadata"] == {key: "three"}


@pytest.mark.parametrize("value", ["a\r\nb: c", "\u2028", 5, None, [], {}])
def test_a_state_that_no_header_holds_is_none(value: Any) -> None:
    session = open_session()
    session.send(request(HI))
    session.receive_message(metadata(value))
    assert session.turn_state is None


def test_may_tells_the_state_in_no_message() -> None:
    session = ResponsesSession(MAY)
    session.connected(HANDSHAKE)
    assert "client_metadata" not in json.loads(session.send(request(HI)).text)


def test_an_etag_comes_as_an_event() -> None:
    session = open_session()
    session.send(request(HI))
    told = event("codex.response.metadata", headers={"x-models-etag": "e2"})
    assert ModelsEtag("e2") in session.receive_message(told)
    assert session.models_etag == "e2"


def test_the_time_of_sending() -> None:
    sent = open_session().send(request(HI), ResponsesOptions(window_id="w:0"), now_unix=1.2345)
    assert json.loads(sent.text)["client_metadata"] == {
        "x-codex-window-id": "w:0",
        "x-codex-ws-stream-request-start-ms": "1234",
    }


def test_passthrough_is_for_the_first_party() -> None:
    item = msgspec.structs.replace(HI, passthrough=PassthroughMetadata(turn_id="t"))
    key = "internal_chat_message_metadata_passthrough"
    for first_party in (True, False):
        sent = open_session(first_party=first_party).send(request(item))
        assert (key in json.loads(sent.text)["input"][0]) is first_party


# -- interruption -------------------------------------------------------------------------------


def test_a_response_is_interrupted_once() -> None:
    session = open_session()
    assert session.interrupt() is None
    session.send(request(HI))
    assert session.interrupt() is None
    session.receive_message(event("response.created", response={"id": "resp_1"}))
    assert json.loads(session.interrupt() or "") == {
        "type": "response.interrupt",
        "response_id": "resp_1",
        "mode": "discard_partial_items",
    }
    assert session.interrupt() is None
    ended = event(
        "response.incomplete",
        response={"id": "resp_1", "incomplete_details": {"reason": "interrupted"}},
    )
    (*_, outcome) = session.receive_message(ended)
    assert isinstance(outcome, Completed)
    assert outcome.end_turn is False
    assert session.interrupt() is None
    assert session.send(request(HI)).is_incremental
    session.receive_message(event("response.created", response={"id": "resp_2"}))
    assert session.interrupt() is not None


# -- misuse -------------------------------------------------------------------------------------


def test_misuse_is_told_with_the_state() -> None:
    session = ResponsesSession()
    assert session.needs_connection
    for call, name in (
        (lambda: session.send(request(HI)), "send"),
        (lambda: session.prewarm(request(HI)), "send"),
        (lambda: session.receive_message("{}"), "receive_message"),
        (lambda: session.receive_binary(), "receive_binary"),
        (lambda: session.receive_close(), "receive_close"),
        (lambda: session.receive_error(IdleTimeout("m")), "receive_error"),
    ):
        with pytest.raises(LocalProtocolError, match=f"^{name}: there is no connection"):
            call()
    session.connected()
    with pytest.raises(LocalProtocolError, match=r"^request: "):
        session.send({"model": "m"})  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match=r"^request: previous_response_id"):
        session.send(request(HI, previous_response_id="resp_1"))
    with pytest.raises(LocalProtocolError):
        session.send(request(user_message("\ud800")))
    session.send(request(HI))
    assert session.is_open
    for call, name in (
        (lambda: session.send(request(HI)), "send"),
        (lambda: session.prewarm(request(HI)), "prewarm"),
        (lambda: session.connected(), "connected"),
        (lambda: session.disconnected(), "disconnected"),
    ):
        with pytest.raises(LocalProtocolError, match=f"^{name}: a response is open"):
            call()
    with pytest.raises(LocalProtocolError, match=r"^error: "):
        session.receive_error(ValueError("m"))  # type: ignore[arg-type]
    with pytest.raises(LocalProtocolError, match=r"^message: "):
        session.receive_message(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [{"profile": "other"}, {"max_event_size": 0}, {"max_depth": 0}],
)
def test_arguments_out_of_range(arguments: Any) -> None:
    with pytest.raises(LocalProtocolError):
        ResponsesSession(**arguments)


@given(messages=st.lists(st.text(max_size=30) | st.binary(max_size=30), max_size=5))
def test_no_message_raises(messages: list[Any]) -> None:
    session = open_session()
    session.send(request(HI))
    for text in messages:
        session.receive_message(text)
    session.receive_close()
    assert session.outcome is not None


# -- a server that puts it together again -------------------------------------------------------

texts = st.text("ab", max_size=2)
new_items = st.lists(
    st.one_of(
        texts.map(user_message),
        st.builds(lambda t: tool_output("c", t), texts),
        st.builds(
            lambda t, p: msgspec.structs.replace(
                user_message(t), passthrough=PassthroughMetadata(turn_id=p)
            ),
            texts,
            texts,
        ),
    ),
    max_size=2,
)
done_items = st.lists(
    st.one_of(
        st.builds(
            lambda t: Message(
                id="msg_1",
                role="assistant",
                status="completed",
                content=(OutputText(text=t, annotations=()),),
            ),
            texts,
        ),
        st.just(CALL),
    ),
    max_size=2,
)


class Server:
    """Knows responses by their ids, and puts each request together from what it knows."""

    def __init__(self) -> None:
        self.known: dict[str, list[Any]] = {}

    def receive(self, text: str) -> list[Any]:
        sent = json.loads(text)
        previous = sent.get("previous_response_id")
        return [*(self.known[previous] if previous else ()), *sent["input"]]

    def completed(self, response_id: str, whole: list[Any], done: list[Any]) -> None:
        # A connection keeps the last response only.
        self.known = {response_id: [*whole, *done]}


def as_sent(items: Any, version: WireVersion) -> list[Any]:
    """What a whole request would have sent, as far as it counts."""
    session = open_session(version)
    sent = json.loads(session.send(request(*items)).text)["input"]
    return without_passthrough(sent)


def without_passthrough(items: list[Any]) -> list[Any]:
    key = "internal_chat_message_metadata_passthrough"
    return [{name: value for name, value in item.items() if name != key} for item in items]


class Conversation(RuleBasedStateMachine):
    """Requests in any order and shape: the server always ends up with the whole input."""

    @initialize(version=st.sampled_from(WireVersion), profile=st.sampled_from(["full", "codex"]))
    def begin(self, version: WireVersion, profile: Any) -> None:
        self.version = version
        self.session = ResponsesSession(version, profile)
        self.server = Server()
        self.history: list[Any] = []
        self.count = 0
        self.increments = 0

    def is_open(self) -> bool:
        return self.session.is_open

    @precondition(lambda self: not self.session.is_open)
    @rule()
    def connect(self) -> None:
        self.session.connected()
        self.server = Server()

    @precondition(lambda self: not self.session.is_open and not self.session.needs_connection)
    @rule(new=new_items, model=st.sampled_from(["m", "m", "m", "n"]), cut=st.booleans())
    def send(self, new: list[Any], model: str, cut: bool) -> None:
        if cut and self.history:
            self.history = self.history[:-1]
        self.history += new
        asked = ResponsesApiRequest(model=model, input=list(self.history))
        sent = self.session.send(asked)
        whole = self.server.receive(sent.text)
        assert without_passthrough(whole) == as_sent(self.history, self.version)
        self.whole = whole
        self.increments += sent.is_incremental

    @precondition(lambda self: not self.session.is_open and not self.session.needs_connection)
    @rule(model=st.sampled_from(["m", "n"]))
    def prewarm(self, model: str) -> None:
        sent = self.session.prewarm(ResponsesApiRequest(model=model, input=list(self.history)))
        if sent is not None:
            assert json.loads(sent.text)["generate"] is False
            self.whole = self.server.receive(sent.text)

    @precondition(lambda self: self.session.is_open)
    @rule(done=done_items)
    def complete(self, done: list[Any]) -> None:
        self.count += 1
        response_id = f"resp_{self.count}"
        events = answer(self.session, response_id, *done)
        items = [e.item for e in events if isinstance(e, OutputItemDone)]
        assert len(items) == len(done)
        self.server.completed(response_id, self.whole, as_sent(items, self.version))
        self.history += items

    @precondition(lambda self: self.session.is_open)
    @rule(kind=st.sampled_from(["close", "failed", "limit"]))
    def fail(self, kind: str) -> None:
        match kind:
            case "close":
                self.session.receive_close(1006)
            case "failed":
                self.session.receive_message(event("response.failed", response={"id": "x"}))
            case _:
                self.session.receive_message(LIMIT)
        assert self.session.needs_connection

    @precondition(lambda self: not self.session.is_open)
    @rule()
    def forget(self) -> None:
        self.session.forget()

    @invariant()
    def it_is_open_or_not(self) -> None:
        if hasattr(self, "session"):
            assert not (self.session.is_open and self.session.needs_connection)


Conversation.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestConversation = Conversation.TestCase


@given(
    old=new_items,
    done=done_items,
    new=new_items,
    changed=st.integers(-1, 5),
    version=st.sampled_from(WireVersion),
)
def test_incremental_exactly_where_it_is_allowed(
    old: list[Any], done: list[Any], new: list[Any], changed: int, version: WireVersion
) -> None:
    session = open_session(version)
    session.send(request(*old))
    events = answer(session, "resp_1", *done)
    seen = [*old, *(e.item for e in events if isinstance(e, OutputItemDone))]
    assume(changed < len(seen))
    items = [*seen, *new]
    if changed >= 0:
        items[changed] = user_message("changed")
    sent = session.send(request(*items))
    assert sent.is_incremental is (changed < 0)
    expected = new if changed < 0 else items
    assert without_passthrough(json.loads(sent.text)["input"]) == as_sent(expected, version)
