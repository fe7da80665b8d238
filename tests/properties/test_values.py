"""Values are values: equal, hashed, pickled, copied, changed in one member, and shown.

That holds for everything that this library gives or takes, whatever bytes it came from.

Source: docs/architecture.md, "Rules".
"""

from __future__ import annotations

import copy
import functools
import inspect
import json
import pickle
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct

from codex_proto._wire import MalformedPart, UnknownPart
from codex_proto.connections.http1 import BodyData, RequestReceived
from codex_proto.connections.serving import ResponseCreateReceived, read_endpoint_request
from codex_proto.connections.websocket import TextMessage
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.http import Headers, HttpRequest, HttpResponse
from codex_proto.items import decode_item
from codex_proto.realtime import (
    RealtimeConversation,
    RealtimeDecoder,
    TranscriptAccumulator,
    call_request,
    decode_client_message,
    decode_realtime_event,
    read_call_reply,
)
from codex_proto.refusals import error_from_response
from codex_proto.requests import (
    Body,
    CompactionInput,
    MemorySummarizeInput,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    decode_request,
)
from codex_proto.responses import (
    ResponseBuilder,
    ResponsesDecoder,
    StreamFailed,
    decode_response_event,
)
from codex_proto.sessions import ResponsesSession
from codex_proto.sse import EventStreamBlock, EventStreamDecoder, ServerSentEvent
from tests.items.item_samples import SAMPLES
from tests.properties.made_values import (
    ERROR_CLASSES,
    JSON,
    VALUE_CLASSES,
    errors_of,
    values_of,
)
from tests.properties.plain import lazy_members
from tests.properties.strategies import messages, mutated, share
from tests.realtime import realtime_messages
from tests.recordings import recordings
from tests.requests.captured import recorded_bodies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.recordings import Recording

PROTOCOLS: Final = range(2, pickle.HIGHEST_PROTOCOL + 1)
REQUESTS: Final[tuple[type[Body], ...]] = (
    ResponsesApiRequest,
    ResponseCreateWsRequest,
    CompactionInput,
    MemorySummarizeInput,
)


# -- what has to hold of one value --------------------------------------------------------------


def _is_a_value(value: Any) -> None:
    shown = repr(value)
    copies = [
        copy.copy(value),
        copy.deepcopy(value),
        *(pickle.loads(pickle.dumps(value, protocol)) for protocol in PROTOCOLS),
    ]
    for each in copies:
        _are_the_same(value, each)
        assert repr(each) == shown
    # Nobody sees what somebody does to a copy.
    own = set(map(id, _mutable_parts(value)))
    for each in copies[1:]:
        assert own.isdisjoint(map(id, _mutable_parts(each)))
    for name in _names(value):
        _are_the_same(value, _replaced(value, **{name: getattr(value, name)}))


def _are_the_same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    assert one == other
    assert not one != other  # noqa: SIM202 - both operators
    assert hash(one) == hash(other)
    assert len({one, other}) == 1


def _names(value: Any) -> tuple[str, ...]:
    """Return the names of the members that can be changed."""
    if isinstance(value, Struct):
        return value.__struct_fields__
    if isinstance(value, CodexError):
        return value.fields
    return _MEMBERS.get(type(value), ())


_MEMBERS: Final[dict[type, tuple[str, ...]]] = {
    HttpRequest: ("method", "url", "headers", "body"),
    HttpResponse: ("status", "headers", "body"),
    ServerSentEvent: ("event", "id", "retry"),
    EventStreamBlock: ("raw", "event"),
    UnknownPart: ("type", "raw"),
}


def _replaced(value: Any, **members: Any) -> Any:
    if sys.version_info >= (3, 13):
        return copy.replace(value, **members)
    if isinstance(value, Struct):
        return msgspec.structs.replace(value, **members)
    return value.__replace__(**members)


def _mutable_parts(value: Any) -> Iterator[object]:
    """Yield every list and dict inside of a value."""
    if isinstance(value, Struct):
        parts = [getattr(value, name) for name in value.__struct_fields__]
    elif isinstance(value, CodexError):
        parts = [getattr(value, name) for name in value.fields]
    elif isinstance(value, dict):
        yield value
        parts = list(value.values())
    elif isinstance(value, list | tuple):
        if isinstance(value, list):
            yield value
        parts = list(value)
    else:
        return
    for part in parts:
        yield from _mutable_parts(part)


# -- made values --------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", VALUE_CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_record_is_a_value(cls: type[Struct]) -> None:
    @share(0.3)
    @given(values_of(cls))
    def check(value: Struct) -> None:
        _is_a_value(value)

    check()


@pytest.mark.parametrize("cls", ERROR_CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_is_a_value(cls: type[CodexError]) -> None:
    @share(0.3)
    @given(errors_of(cls))
    def check(error: CodexError) -> None:
        _is_a_value(error)

    check()


# Of the form of a key, under a name of a secret, and in a header.
_KEY: Final = "sk-hush0123456789abcdef"


def test_no_request_shows_a_secret() -> None:
    tool = {"type": "mcp", "authorization": "hush", "headers": {"X-Api-Key": "hush", "k": _KEY}}
    shared: dict[str, Any] = {"tools": [tool], "extra_body": {"access_token": "hush"}}
    for value in (
        ResponsesApiRequest(model="m", client_metadata={"my_secret": "hush"}, **shared),
        ResponseCreateWsRequest(model="m", metadata={"password": "hush"}, **shared),
        CompactionInput(model="m", instructions=f"the key is {_KEY}", **shared),
        HttpRequest("GET", f"https://a.example/v1?key={_KEY}", {"authorization": "hush"}, b"hush"),
        HttpResponse(200, {"set-cookie": "hush"}, b"hush"),
    ):
        assert "hush" not in repr(value)
        assert "hush" not in repr(copy.deepcopy(value))


_SHOWN_WITH_KEY: Final[dict[str, Any]] = {
    "message": f"Incorrect API key provided: {_KEY}.",
    "url": "https://user:hush@a.example/v1?key=hush",
    "headers": (("set-cookie", "hush"), ("x-a", _KEY)),
    "body": f'{{"authorization": "hush", "k": "{_KEY}"}}',
    "leftover": f'data: {{"authorization": "hush"}}\n{_KEY}\n'.encode(),
    "unread": f'{{"authorization": "hush"}} {_KEY}'.encode(),
}


@pytest.mark.parametrize(
    "cls",
    [cls for cls in ERROR_CLASSES if not issubclass(cls, LocalProtocolError)],
    ids=lambda cls: cls.__name__,
)
def test_no_error_of_the_peer_shows_a_secret(cls: type[CodexError]) -> None:
    values = {
        # What is text for the peer to choose may hold a key wherever it stands.
        name: _SHOWN_WITH_KEY.get(name, f"a\n{_KEY}" if "str" in _kind_of(cls, name) else 7)
        for name in cls.fields
    }
    error = cls(**values)
    assert "hush" not in repr(error) + str(error) + repr(StreamFailed(error))
    assert "hush" not in repr(_replaced(error, message=f"Bearer {_KEY}"))


def _kind_of(cls: type[CodexError], name: str) -> str:
    kinds = [inspect.get_annotations(base).get(name) for base in cls.__mro__]
    return str(next(kind for kind in kinds if kind is not None))


def test_a_mistake_of_the_caller_is_quoted_in_full() -> None:
    error = LocalProtocolError("api_key: must be text")
    assert str(error) == "api_key: must be text"
    assert repr(error) == "LocalProtocolError(message='api_key: must be text')"


def test_no_message_shows_a_secret() -> None:
    body = f'{{"model":"m","tools":[{{"authorization":"hush"}}],"metadata":{{"k":"{_KEY}"}}}}'
    target = "/v1/responses?key=hush"
    received = RequestReceived("POST", target, Headers({"authorization": "hush"}), body.encode())
    message = TextMessage(f'{{"type":"response.create",{body[1:]}'.encode())
    session = ResponsesSession()
    session.connected(())
    for value in (
        received,
        read_endpoint_request(received),
        message,
        ResponseCreateReceived(decode_request(message.data, ResponseCreateWsRequest), message.data),
        session.send(ResponsesApiRequest(model="m", tools=[{"authorization": "hush"}])),
        BodyData(body.encode()),
        ServerSentEvent("message", body),
        EventStreamBlock(body.encode(), None),
        call_request("a=ice-pwd:hush"),
        read_call_reply({"location": "/v1/realtime/calls/rtc_1"}, b"a=ice-pwd:hush"),
    ):
        assert "hush" not in repr(value)


def test_no_event_and_no_item_shows_a_secret() -> None:
    members = f'"tools":[{{"authorization":"hush"}}],"metadata":{{"k":"{_KEY}"}}'
    response: Any = decode_response_event(
        f'{{"type":"response.created","response":{{"id":"r",{members}}}}}'
    )
    item = decode_item("item", f'{{"type":"additional_tools","role":"user",{members}}}'.encode())
    assert not isinstance(response.response, MalformedPart)
    assert not isinstance(item, MalformedPart)
    assert "hush" not in repr(response) + repr(response.response) + repr(item)
    raw = f'{{"type":"unheard_of",{members}}}'.encode()
    for value in (
        decode_response_event(raw),
        decode_response_event(raw[1:]),
        decode_item("item", raw),
        decode_item("item", raw[1:]),
        UnknownPart("unheard_of", raw),
    ):
        assert repr(value).startswith(("Unknown", "Malformed"))
        assert "hush" not in repr(value)


def test_the_other_values() -> None:
    request = HttpRequest("POST", "https://a.example/v1", [("x-a", "b"), ("x-a", "c")], b"{}")
    event = ServerSentEvent.from_wire("e", b"\xff\n", "7", 10)
    for value in (
        request,
        HttpResponse(200, request.headers, b"\xff"),
        request.headers,
        event,
        EventStreamBlock(b"data: \xff\n\n", event),
        EventStreamBlock(b":\n\n", None),
        UnknownPart("x", b'{"type":"x"}'),
    ):
        _is_a_value(value)
    assert _replaced(event, data="new") == ServerSentEvent("e", "new", "7", retry=10)
    assert _replaced(event, id="8").data_bytes == b"\xff\n"
    assert _replaced(request, method="GET", body=b"") == HttpRequest(
        "GET", "https://a.example/v1", request.headers
    )
    assert _replaced(UnknownPart("x", b"{}"), type="y") == UnknownPart("y", b"{}")


# -- decoded values -----------------------------------------------------------------------------


def _decoded_twice(decode: Callable[[Any], Any], message: bytes) -> None:
    """Decode bytes and text, or bytes twice: whatever comes of it is a value."""
    try:
        other = decode(message.decode())
    except UnicodeDecodeError:
        other = decode(bytearray(message))
    value = decode(message)
    _are_the_same(value, other)
    _is_a_value(value)
    for _, _, _, part in lazy_members(value):
        if isinstance(part, Struct):
            _is_a_value(part)


@given(messages())
def test_events_of_a_response(message: bytes) -> None:
    _decoded_twice(decode_response_event, message)


@given(realtime_messages.messages(), st.sampled_from(["v1", "v2"]))
def test_events_of_a_session(message: str, version: Any) -> None:
    _decoded_twice(lambda each: decode_realtime_event(each, version), message.encode())
    decoder = RealtimeDecoder(version)
    for event in decoder.receive_message(message):
        _is_a_value(event)


_CLIENT_TYPES: Final = st.sampled_from(
    ["session.update", "conversation.item.create", "response.create", "input_audio_buffer.append"]
)


@given(
    st.fixed_dictionaries(
        {"type": _CLIENT_TYPES | JSON},
        optional=dict.fromkeys(
            ("event_id", "item", "session", "response", "audio", "item_id"), JSON
        ),
    )
)
def test_messages_of_a_client(message: dict[str, Any]) -> None:
    _decoded_twice(decode_client_message, json.dumps(message).encode())


_SAMPLES: Final = st.sampled_from([json.dumps(each).encode() for each in SAMPLES.values()])


@st.composite
def _spoilt_items(draw: st.DrawFn) -> bytes:
    item = dict(draw(st.sampled_from(list(SAMPLES.values()))))
    for name in draw(st.sets(st.sampled_from(sorted(item)), max_size=2)):
        item[name] = draw(JSON | st.just([{"type": "unheard_of", "v": [1]}]))
    return json.dumps(item).encode()


@given(_spoilt_items() | mutated(_SAMPLES))
def test_items(raw: bytes) -> None:
    one, other = decode_item("item", raw), decode_item("item", raw)
    _are_the_same(one, other)
    _is_a_value(one)


@st.composite
def _spoilt_requests(draw: st.DrawFn) -> bytes:
    _, body = draw(st.sampled_from(recorded_bodies()))
    request = json.loads(body)
    for name in draw(st.sets(st.sampled_from(sorted(request)), max_size=2)):
        request[name] = draw(JSON)
    wrong = st.sampled_from([{"type": "message"}, 7, None, {"type": "unheard_of", "v": {}}])
    for item in draw(st.lists(wrong, max_size=2)):
        if isinstance(request.get("input"), list):
            request["input"].append(item)
    request |= draw(st.dictionaries(st.sampled_from(["type", "x-more", "traces"]), JSON))
    return json.dumps(request).encode()


@share(0.5)
@given(_spoilt_requests())
@example(b'{"model":"m","input":[{"type":"message"},{"type":"x","v":[]},7]}')
@example(b'{"type":"response.create","model":"m","input":[{"type":"message"}],"metadata":{}}')
def test_requests_of_a_peer(body: bytes) -> None:
    for cls in REQUESTS:
        _decoded_twice(functools.partial(decode_request, cls=cls), body)


def test_a_request_of_a_peer_can_be_changed_whatever_its_items_are() -> None:
    body = b'{"model":"m","input":[{"type":"message"},{"type":"x"}]}'
    request = decode_request(body, ResponsesApiRequest)
    assert isinstance(request, ResponsesApiRequest)
    other = msgspec.structs.replace(request, model="n")
    assert (other.model, other.input) == ("n", request.input)
    assert isinstance(request.items[0], MalformedPart)
    # What the caller puts there is the caller's.
    with pytest.raises(LocalProtocolError, match="input: is a MalformedPart"):
        ResponsesApiRequest(model="n", input=list(request.items))


@given(
    st.sampled_from([400, 401, 429, 500, 503]),
    st.dictionaries(st.sampled_from(["retry-after", "x-request-id", "x-error-json"]), st.text()),
    JSON | st.dictionaries(st.just("error"), JSON),
)
def test_refusals(status: int, headers: dict[str, str], body: Any) -> None:
    one, other = (error_from_response(status, headers, json.dumps(body)) for _ in range(2))
    if one.retry_after == one.retry_after:
        _are_the_same(one, other)
        _is_a_value(one)


# -- recordings ---------------------------------------------------------------------------------


def _once_a_kind(values: list[Any]) -> list[Any]:
    """Return the first few values of each class: the others are of the same form."""
    kept: dict[type, list[Any]] = {}
    for value in values:
        kept.setdefault(type(value), []).append(value)
    return [value for same in kept.values() for value in same[:3]]


@pytest.mark.parametrize("recording", recordings(), ids=str)
def test_recorded_responses(recording: Recording) -> None:
    runs: list[list[Any]] = []
    for profile in ("full", "codex", "full"):
        decoder = ResponsesDecoder(profile=profile)
        events: list[Any] = [*decoder.receive_data(recording.bytes), *decoder.receive_eof()]
        runs.append(events)
    assert [*map(hash, runs[0])] == [*map(hash, runs[2])]
    builder = ResponseBuilder()
    builder.receive_events(runs[0])
    final = builder.build()
    blocks = EventStreamDecoder().receive_blocks(recording.bytes)
    values = [*runs[0], *runs[1], final, *final.items, *blocks]
    for value in _once_a_kind(values):
        _is_a_value(value)
        for _, _, _, part in lazy_members(value):
            if isinstance(part, Struct):
                _is_a_value(part)


@pytest.mark.parametrize("recording", recordings("realtime", ".jsonl"), ids=str)
def test_recorded_sessions(recording: Recording) -> None:
    values: list[Any] = []
    decoder, full = RealtimeDecoder("v2"), RealtimeDecoder("v2", "full")
    transcript, conversation = TranscriptAccumulator(), RealtimeConversation("v2")
    for message in recording.bytes.splitlines():
        if recording.name.endswith(".client"):
            values.append(decode_client_message(message))
            continue
        values += full.receive_message(message)
        for event in decoder.receive_message(message):
            filled = transcript.receive_event(event)
            values += [event, filled, *conversation.receive_event(filled)]
            values += conversation.messages_to_send()
    values += transcript.history
    for value in values:
        hash(value)
    for value in _once_a_kind(values):
        _is_a_value(value)
