"""The whole request of each endpoint: address, headers by the tables, body, and the replies."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from codex_proto.errors import (
    CodexError,
    InternalServerError,
    LocalProtocolError,
    MalformedReply,
    RetryLimit,
)
from codex_proto.http import Headers, HttpRequest, HttpResponse
from codex_proto.items import Compaction, Message, OutputText, PassthroughMetadata, user_message
from codex_proto.requests import (
    METADATA_POLICIES,
    BearerAuth,
    ClientInfo,
    CompactionInput,
    CompactionOutput,
    Compression,
    MemorySummarizeInput,
    MemorySummarizeOutput,
    ModelInfo,
    ModelList,
    Provider,
    RawMemory,
    RawMemoryMetadata,
    ResponsesApiRequest,
    ResponsesOptions,
    SessionSource,
    SigningAuth,
    TraceContext,
    ascii_json,
    compact_request,
    compress,
    memories_request,
    models_request,
    read_compaction,
    read_memories,
    read_models,
    responses_request,
    responses_upgrade,
    websocket_message,
)
from codex_proto.requests._client_metadata import client_metadata
from codex_proto.requests._header_policies import HEADER_POLICIES, Endpoint
from codex_proto.responses import MalformedPart
from codex_proto.versions import WireVersion

MAY, AUGUST = WireVersion.V2026_05, WireVersion.V2026_08
REQUEST: Final = ResponsesApiRequest(model="m", input=[user_message("hi")])
COMPACTION: Final = CompactionInput(model="m", input=[user_message("hi")])
MEMORIES: Final = MemorySummarizeInput(
    model="m",
    raw_memories=[
        RawMemory(id="1", metadata=RawMemoryMetadata(source_path="/p"), items=[{"a": 1}])
    ],
)
AUTH: Final = BearerAuth("key")
EVERYTHING: Final = ResponsesOptions(
    conversation_id="conversation",
    session_id="session",
    thread_id="thread",
    session_source=SessionSource(subagent="memory_consolidation", parent_thread_id="parent"),
    turn_state="state",
    trace_context=TraceContext(traceparent="tp", tracestate="ts"),
    window_id="window:0",
    installation_id="installation",
    turn_id="turn",
    parent_turn_id="parent-turn",
    root_turn_id="root-turn",
    turn_metadata={"k": "ü"},
    beta_features=["a", "b"],
    routing_hint="model=m",
    attestation="attested",
    inference_call_id="call",
    include_timing_metrics=True,
    responses_lite=True,
)


def provider(version: WireVersion = AUGUST, **more: Any) -> Provider:
    return Provider(base_url="https://h/v1", wire_version=version, **more)


def make(
    endpoint: Endpoint, at: Provider, options: ResponsesOptions = EVERYTHING, **more: Any
) -> HttpRequest:
    match endpoint:
        case Endpoint.RESPONSES:
            return responses_request(REQUEST, at, AUTH, options, **more)
        case Endpoint.WEBSOCKET:
            return responses_upgrade(at, AUTH, options, **more)
        case Endpoint.COMPACT:
            return compact_request(COMPACTION, at, AUTH, options, **more)
        case Endpoint.MEMORIES:
            return memories_request(MEMORIES, at, AUTH, options, **more)
        case Endpoint.MODELS:
            return models_request(at, AUTH, options, **more)


# -- headers ------------------------------------------------------------------------------------

SUBAGENT: Final = {"x-openai-subagent": "memory_consolidation", "x-openai-memgen-request": "true"}
COMMON: Final = {
    **SUBAGENT,
    "x-codex-parent-thread-id": "parent",
    "x-codex-window-id": "window:0",
    "x-codex-beta-features": "a,b",
}
TRACE: Final = {"traceparent": "tp", "tracestate": "ts"}
IDS: Final = {"session-id": "session", "thread-id": "thread"}
STATE: Final = {"x-codex-turn-state": "state"}
TURN: Final = {"x-client-request-id": "thread", "x-codex-turn-metadata": '{"k":"\\u00fc"}'}
HINTS: Final = {"x-codex-routing-hint": "model=m", "x-oai-attestation": "attested"}
LITE: Final = {"x-openai-internal-codex-responses-lite": "true"}
ALWAYS: Final = {"authorization": "Bearer key", **TRACE}
JSON: Final = {"content-type": "application/json"}
SSE: Final = {"accept": "text/event-stream"}
ANY: Final = {"accept": "*/*"}
SOCKET: Final = {
    "openai-beta": "responses_websockets=2026-02-06",
    "x-responsesapi-include-timing-metrics": "true",
}
MAY_ID: Final = {"session_id": "session"}
INSTALLED: Final = {"x-codex-installation-id": "installation"}

HEADERS: Final[dict[tuple[Endpoint, WireVersion], dict[str, str]]] = {
    (Endpoint.RESPONSES, MAY): {**COMMON, **MAY_ID, **TURN, **STATE, **JSON, **SSE},
    (Endpoint.RESPONSES, AUGUST): {
        **COMMON,
        **IDS,
        **TURN,
        **STATE,
        **HINTS,
        **LITE,
        **JSON,
        **SSE,
        "x-codex-inference-call-id": "call",
    },
    (Endpoint.WEBSOCKET, MAY): {**COMMON, **MAY_ID, **TURN, **STATE, **SOCKET},
    (Endpoint.WEBSOCKET, AUGUST): {**COMMON, **IDS, **TURN, **HINTS, **SOCKET},
    (Endpoint.COMPACT, MAY): {**COMMON, **MAY_ID, **INSTALLED, **JSON, **ANY},
    (Endpoint.COMPACT, AUGUST): {
        **COMMON,
        **IDS,
        **STATE,
        **HINTS,
        **LITE,
        **INSTALLED,
        **JSON,
        **ANY,
    },
    (Endpoint.MEMORIES, MAY): {**SUBAGENT, **JSON, **ANY},
    (Endpoint.MEMORIES, AUGUST): {**SUBAGENT, **JSON, **ANY},
    (Endpoint.MODELS, MAY): ANY,
    (Endpoint.MODELS, AUGUST): ANY,
}


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize("version", WireVersion)
def test_headers(endpoint: Endpoint, version: WireVersion) -> None:
    request = make(endpoint, provider(version))
    assert dict(request.headers) == {**HEADERS[endpoint, version], **ALWAYS}
    assert len(request.headers) == len(dict(request.headers))


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize("version", WireVersion)
def test_without_options_nothing_is_told(endpoint: Endpoint, version: WireVersion) -> None:
    headers = dict(make(endpoint, provider(version), ResponsesOptions()).headers)
    assert headers.keys() <= {"authorization", "content-type", "accept", "openai-beta"}


@pytest.mark.parametrize(
    ("endpoint", "method", "url"),
    [
        (Endpoint.RESPONSES, "POST", "https://h/v1/responses"),
        (Endpoint.WEBSOCKET, "GET", "wss://h/v1/responses"),
        (Endpoint.COMPACT, "POST", "https://h/v1/responses/compact"),
        (Endpoint.MEMORIES, "POST", "https://h/v1/memories/trace_summarize"),
        (Endpoint.MODELS, "GET", "https://h/v1/models"),
    ],
)
def test_addresses(endpoint: Endpoint, method: str, url: str) -> None:
    request = make(endpoint, provider())
    assert (request.method, request.url) == (method, url)
    assert bool(request.body) is (method == "POST")


def test_the_version_of_the_client_is_asked_with_the_models() -> None:
    at = provider(query_params={"a": "b"})
    request = models_request(at, AUTH, client_version="0.128.0 x")
    assert request.url == "https://h/v1/models?a=b&client_version=0.128.0%20x"


@pytest.mark.parametrize(
    "source",
    [
        (SessionSource.review(), "review"),
        (SessionSource.compact(), "compact"),
        (SessionSource.memory_consolidation(), "memory_consolidation"),
        (SessionSource.thread_spawn("p"), "collab_spawn"),
        (SessionSource.other("mine"), "mine"),
        (SessionSource(), None),
        (None, None),
    ],
)
def test_who_asks(source: tuple[SessionSource | None, str | None]) -> None:
    headers = responses_request(
        REQUEST, provider(), AUTH, ResponsesOptions(session_source=source[0])
    ).headers
    assert headers.get("x-openai-subagent") == source[1]
    assert ("x-openai-memgen-request" in headers) is (source[1] == "memory_consolidation")
    assert ("x-codex-parent-thread-id" in headers) is (source[1] == "collab_spawn")


@pytest.mark.parametrize(
    ("options", "session", "thread"),
    [
        (ResponsesOptions(conversation_id="c"), "c", "c"),
        (ResponsesOptions(session_id="s"), "s", "s"),
        (ResponsesOptions(thread_id="t"), "t", "t"),
        (ResponsesOptions(conversation_id="c", thread_id="t"), "c", "t"),
        (ResponsesOptions(conversation_id="c", session_id="s"), "s", "c"),
    ],
)
def test_which_id_is_which(options: ResponsesOptions, session: str, thread: str) -> None:
    headers = responses_request(REQUEST, provider(), AUTH, options).headers
    assert headers.get("session-id") == session
    assert headers.get("thread-id") == headers.get("x-client-request-id") == thread


# -- precedence ---------------------------------------------------------------------------------


def test_precedence() -> None:
    """One name for each pair of layers, so that each step of the order is seen."""
    client = ClientInfo(originator="client", user_agent="client", residency="us")
    at = provider(
        headers=[
            ("originator", "provider"),
            ("x-a", "provider"),
            ("x-a", "provider too"),
            ("content-type", "provider"),
        ]
    )
    options = ResponsesOptions(
        extra_headers={
            "X-A": "extra",
            "User-Agent": "extra",
            "x-codex-turn-state": "extra",
            "accept": "extra",
            "authorization": "extra",
            "traceparent": "extra",
        },
        turn_state="option",
        trace_context=TraceContext(traceparent="trace"),
    )
    request = responses_request(REQUEST, at, AUTH, options, client)
    assert dict(request.headers) == {
        "originator": "provider",
        "user-agent": "extra",
        "x-openai-internal-codex-residency": "us",
        "x-a": "extra",
        "content-type": "provider",
        "x-codex-turn-state": "option",
        "accept": "text/event-stream",
        "authorization": "Bearer key",
        "traceparent": "trace",
    }
    repeated = responses_request(REQUEST, at).headers
    assert repeated.get_all("x-a") == ("provider", "provider too")
    assert responses_upgrade(at, AUTH, options, client).headers.get("accept") == "extra"
    assert compact_request(COMPACTION, at, AUTH, options).headers.get("accept") == "extra"


def test_a_whole_answer_is_not_asked_for_as_a_stream() -> None:
    whole = ResponsesApiRequest(model="m", stream=False)
    assert responses_request(whole, provider()).headers.get("accept") == "*/*"
    options = ResponsesOptions(extra_headers={"Accept": "application/json"})
    assert responses_request(whole, provider(), AUTH, options).headers.get("accept") == (
        "application/json"
    )
    silent = ResponsesApiRequest(model="m", stream=UNSET)
    assert responses_request(silent, provider()).headers.get("accept") == "text/event-stream"


def test_options_show_no_secrets() -> None:
    options = ResponsesOptions(
        attestation="hush", turn_state="hush", extra_headers={"x-key": "hush"}, window_id="w"
    )
    assert repr(options) == (
        "ResponsesOptions(extra_headers=Headers(<x-key>), turn_state=[secret], window_id='w', "
        "attestation=[secret])"
    )
    assert repr(ResponsesOptions()) == "ResponsesOptions()"


def test_a_signer_sees_all_that_is_sent() -> None:
    pytest.importorskip("codex_proto._zstd")
    seen: list[HttpRequest] = []

    def sign(request: HttpRequest) -> HttpRequest:
        seen.append(request)
        return request.with_headers({"signature": "s"})

    options = ResponsesOptions(
        compression=Compression.ZSTD, trace_context=TraceContext(traceparent="t")
    )
    request = responses_request(REQUEST, provider(), SigningAuth(sign), options)
    assert request == seen[0].with_headers({"signature": "s"})
    assert seen[0].headers.get("content-encoding") == "zstd"
    assert seen[0].headers.get("traceparent") == "t"
    for endpoint in Endpoint:
        if endpoint is not Endpoint.RESPONSES:
            assert "authorization" in make(endpoint, provider()).headers


# -- what is refused ----------------------------------------------------------------------------

TEXTS: Final = [
    field.name
    for field in msgspec.structs.fields(ResponsesOptions)
    if field.default is None and field.name not in ("session_source", "trace_context")
]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", ["a\r\nx: y", "a\0", "\u2028", "\x7f", 5])
def test_no_line_end_gets_in_by_an_option(name: str, value: Any) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{name}: "):
        ResponsesOptions(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extra_headers", {"a": "b\nc"}),
        ("extra_headers", {"a b": "c"}),
        ("extra_headers", {"Content-Length": "3"}),
        ("extra_headers", {"transfer-encoding": "chunked"}),
        ("extra_headers", {"Sec-WebSocket-Key": "k"}),
        ("extra_headers", {"upgrade": "h2c"}),
        ("extra_headers", 5),
        ("beta_features", "abc"),
        ("beta_features", ["a,b"]),
        ("beta_features", ["a\n"]),
        ("beta_features", [1]),
        ("turn_metadata", {"a": object()}),
        ("session_source", "review"),
        ("trace_context", "00-..."),
        ("compression", "zstd"),
        ("include_timing_metrics", "yes"),
        ("responses_lite", 1),
    ],
)
def test_mistakes_in_options(name: str, value: Any) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{name}: "):
        ResponsesOptions(**{name: value})


def test_mistakes_in_the_records_of_options() -> None:
    for make_one in (
        lambda: SessionSource(subagent="a\nb"),
        lambda: TraceContext(traceparent="a\nb"),
        lambda: ClientInfo(originator="a\nb"),
        lambda: ClientInfo(user_agent=5),  # type: ignore[arg-type]
    ):
        with pytest.raises(LocalProtocolError):
            make_one()


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (responses_request, COMPACTION),
        (compact_request, REQUEST),
        (memories_request, {"model": "m"}),
    ],
)
def test_each_endpoint_wants_its_own_body(function: Any, wrong: Any) -> None:
    with pytest.raises(LocalProtocolError, match=r"must be \w+, not"):
        function(wrong, provider())


def test_a_user_agent_of_the_usual_form() -> None:
    info = ClientInfo.codex(
        "my_agent",
        "1.0",
        os="Debian",
        os_version="12",
        arch="x86_64",
        terminal="xtürm\n",
        suffix="s",
    )
    assert info.user_agent == "my_agent/1.0 (Debian 12; x86_64) xt_rm_ (s)"
    assert info.originator == "my_agent"


@given(value=st.recursive(st.text(max_size=5) | st.integers(), st.lists, max_leaves=5))
def test_ascii_json(value: Any) -> None:
    text = ascii_json({"k": value}) if _is_utf8(value) else "{}"
    assert re.fullmatch("[ -~]*", text)
    assert not _is_utf8(value) or json.loads(text) == {"k": value}


def _is_utf8(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return False
    return True


# -- metadata of the body -----------------------------------------------------------------------

ID: Final = {"x-codex-installation-id": "installation"}
OF_MAY_SOCKET: Final = {
    **ID,
    "x-codex-window-id": "window:0",
    "x-openai-subagent": "memory_consolidation",
    "x-codex-parent-thread-id": "parent",
    "x-codex-turn-metadata": '{"k":"\\u00fc"}',
}
OF_AUGUST: Final = {
    **OF_MAY_SOCKET,
    "session_id": "session",
    "thread_id": "thread",
    "turn_id": "turn",
    "parent_turn_id": "parent-turn",
    "root_turn_id": "root-turn",
}
OF_SOCKETS: Final = {
    "ws_request_header_traceparent": "tp",
    "ws_request_header_tracestate": "ts",
}


@pytest.mark.parametrize(
    ("version", "transport", "expected"),
    [
        (MAY, "http", ID),
        (MAY, "websocket", {**OF_MAY_SOCKET, **OF_SOCKETS}),
        (AUGUST, "http", OF_AUGUST),
        (
            AUGUST,
            "websocket",
            {
                **OF_AUGUST,
                **OF_SOCKETS,
                "x-codex-turn-state": "state",
                "x-codex-ws-stream-request-start-ms": "1500",
                "ws_request_header_x_openai_internal_codex_responses_lite": "true",
            },
        ),
    ],
)
def test_client_metadata(version: WireVersion, transport: Any, expected: dict[str, str]) -> None:
    assert client_metadata(EVERYTHING, version, transport, now_unix=1.5) == expected
    assert client_metadata(ResponsesOptions(), version, transport) == {}
    body = (
        responses_request(REQUEST, provider(version), AUTH, EVERYTHING).body
        if transport == "http"
        else websocket_message(REQUEST, EVERYTHING, version, now_unix=1.5)
    )
    assert json.loads(body)["client_metadata"] == expected


def test_what_a_request_says_of_itself_stays() -> None:
    said = {"x-codex-window-id": "mine", "more": "x"}
    request = ResponsesApiRequest(model="m", client_metadata=said)
    options = ResponsesOptions(installation_id="i", window_id="theirs")
    expected = {"x-codex-installation-id": "i", **said}
    body = json.loads(responses_request(request, provider(), AUTH, options).body)
    assert body["client_metadata"] == expected
    message = json.loads(websocket_message(request, options))
    assert message["client_metadata"] == expected
    for plain in (REQUEST, ResponsesApiRequest(model="m", client_metadata={})):
        assert "client_metadata" not in json.loads(websocket_message(plain))
    assert "client_metadata" not in json.loads(responses_request(REQUEST, provider()).body)


def test_the_tables_name_each_thing_once() -> None:
    keys = [policy.key for policy in METADATA_POLICIES]
    assert len(keys) == len(set(keys))
    where = [
        (policy.name, endpoint, version)
        for policy in HEADER_POLICIES
        for endpoint in policy.endpoints
        for version in policy.versions
    ]
    assert len(where) == len(set(where))


# -- bodies -------------------------------------------------------------------------------------

ANSWER: Final = Message(id="msg_1", role="assistant", content=(OutputText(text="a"),))


@pytest.mark.parametrize(
    ("version", "name", "store", "has_id"),
    [
        (MAY, "azure", True, True),
        (MAY, "azure", False, False),
        (MAY, "OpenAI", True, False),
        (AUGUST, "azure", True, True),
        (AUGUST, "OpenAI", False, True),
    ],
)
def test_ids_for_azure(version: WireVersion, name: str, store: bool, has_id: bool) -> None:
    request = ResponsesApiRequest(model="m", input=[ANSWER], store=store)
    at = provider(version, name=name)
    (item,) = json.loads(responses_request(request, at).body)["input"]
    assert ("id" in item) is has_id
    if version is MAY:
        compaction = CompactionInput(model="m", input=[ANSWER])
        assert "id" not in json.loads(compact_request(compaction, at).body)["input"][0]


def test_passthrough_is_for_the_first_party() -> None:
    item = msgspec.structs.replace(ANSWER, passthrough=PassthroughMetadata(turn_id="t"))
    key = "internal_chat_message_metadata_passthrough"
    for name in ("OpenAI", "openai", "mock"):
        at = provider(name=name)
        for request in (
            responses_request(ResponsesApiRequest(model="m", input=[item]), at),
            compact_request(CompactionInput(model="m", input=[item]), at),
        ):
            assert (key in json.loads(request.body)["input"][0]) is (name == "OpenAI")


def test_compression() -> None:
    zstd = pytest.importorskip("codex_proto._zstd")
    options = ResponsesOptions(compression=Compression.ZSTD)
    plain = responses_request(REQUEST, provider(), AUTH)
    request = responses_request(REQUEST, provider(), AUTH, options)
    assert dict(request.headers) == {**dict(plain.headers), "content-encoding": "zstd"}
    assert zstd.frame_decompressor(23)().decompress(request.body) == plain.body
    # Only requests for responses are compressed (wire.md 4.8).
    assert "content-encoding" not in compact_request(COMPACTION, provider(), AUTH, options).headers
    assert compress(plain, Compression.NONE) is plain


def test_conflicts_of_compression() -> None:
    options = ResponsesOptions(
        compression=Compression.ZSTD, extra_headers={"Content-Encoding": "gzip"}
    )
    already = "request compression was requested but content-encoding is already set"
    with pytest.raises(LocalProtocolError, match=already):
        responses_request(REQUEST, provider(), AUTH, options)
    raw = HttpRequest("POST", "https://h/", {"content-type": "application/sdp"}, b"x")
    with pytest.raises(LocalProtocolError, match="cannot be used with raw bodies"):
        compress(raw, Compression.ZSTD)
    charset = raw.with_headers({"content-type": "application/json; charset=utf-8"})
    pytest.importorskip("codex_proto._zstd")
    assert "content-encoding" in compress(charset, Compression.ZSTD).headers


# -- replies ------------------------------------------------------------------------------------


def reply(body: Any, status: int = 200, **headers: Any) -> HttpResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, headers, content)


def test_a_compaction_is_read() -> None:
    output = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "compaction", "encrypted_content": "e"},
        {"type": "message"},
    ]
    read = read_compaction(reply({"id": "x", "output": output}))
    assert isinstance(read, CompactionOutput)
    message, compaction, broken = read.output
    assert message == user_message("hi")
    assert compaction == Compaction(encrypted_content="e")
    assert isinstance(broken, MalformedPart)
    assert read_compaction(reply({"output": []})) == CompactionOutput(())
    assert read_compaction(reply({"output": []}, status=201)) == CompactionOutput(())


def test_memories_are_read() -> None:
    read = read_memories(
        reply(
            {
                "output": [
                    {"trace_summary": "a", "memory_summary": "b", "more": 1},
                    {"raw_memory": "c", "memory_summary": "d"},
                ]
            }
        )
    )
    assert read == (
        MemorySummarizeOutput(trace_summary="a", memory_summary="b"),
        MemorySummarizeOutput(trace_summary="c", memory_summary="d"),
    )


def test_models_are_read_each_for_itself() -> None:
    models = [
        {"slug": "a", "display_name": "A", "supported_reasoning_levels": [{"effort": "low"}]},
        {"display_name": "no slug"},
        {"slug": "b", "priority": "high", "context_window": 5},
        5,
        {"slug": "c", "supported_reasoning_levels": [{"effort": 1}, {"effort": "x"}]},
    ]
    read = read_models(reply({"models": models}, etag='W/"1"'))
    assert isinstance(read, ModelList)
    a, no_slug, b, five, c = read.models
    assert isinstance(no_slug, MalformedPart)
    assert isinstance(five, MalformedPart)
    assert isinstance(a, ModelInfo)
    assert isinstance(b, ModelInfo)
    assert isinstance(c, ModelInfo)
    assert a.supported_reasoning_levels
    assert a.supported_reasoning_levels[0].effort == "low"
    assert [note.field for note in b.notes] == ["priority"]
    assert b.context_window == 5
    assert c.supported_reasoning_levels
    assert c.supported_reasoning_levels[1].effort == "x"
    assert read.etag == 'W/"1"'
    assert read.find("b") is b
    assert read.find("z") is None


def test_the_public_list_of_models_is_read() -> None:
    body = {
        "object": "list",
        "data": [{"id": "gpt", "object": "model", "owned_by": "o", "created": 1}],
    }
    read = read_models(reply(body))
    assert isinstance(read, ModelList)
    (info,) = read.models
    assert isinstance(info, ModelInfo)
    assert (info.slug, info.owned_by, info.created) == ("gpt", "o", 1)
    assert read.etag is None


READERS: Final = [read_compaction, read_memories, read_models]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b'{"output":null,"models":null}',
        b'{"output":5,"models":5}',
        b'{"output":{},"models":{}}',
        b'{"output":[\xff],"models":[\xff]}',
        b'{"output":' + b"[" * 999 + b"]" * 999 + b',"models":' + b"[" * 9999,
    ],
)
def test_a_reply_that_is_none(read: Any, body: bytes) -> None:
    error = read(
        HttpResponse(200, {"x-request-id": "r", "cf-ray": "c"}, body), "https://h/x?key=hush"
    )
    assert isinstance(error, MalformedReply)
    assert (error.status, error.request_id, error.cf_ray) == (200, "r", "c")
    assert error.url is not None
    assert "hush" not in error.url
    assert not error.retryable


@pytest.mark.parametrize("read", READERS)
def test_refusals(read: Any) -> None:
    error = read(reply(b"{}", status=500), "https://h/")
    assert isinstance(error, InternalServerError)
    limited = read(reply(b"{}", status=429, **{"retry-after": "5"}), None, 0.0)
    assert isinstance(limited, RetryLimit)
    assert limited.retry_after == 5


@given(body=st.binary(max_size=80), status=st.integers(100, 599), read=st.sampled_from(READERS))
def test_no_reply_raises(body: bytes, status: int, read: Any) -> None:
    result = read(HttpResponse(status, Headers(), body))
    assert isinstance(result, CodexError | CompactionOutput | tuple | ModelList)


@given(
    element=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["slug", "id", "type", "role", "content", "memory_summary", "priority"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ),
    read=st.sampled_from(READERS),
)
def test_no_json_raises(element: Any, read: Any) -> None:
    result = read(reply({"output": [element], "models": [element]}))
    assert isinstance(result, CodexError | CompactionOutput | tuple | ModelList)
