"""Where a session is, what opens it, and how a call is created."""

from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesParser
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from codex_proto._wire import MalformedPart
from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    CALLS_PATH,
    RealtimeSessionConfig,
    call_id_from_location,
    call_request,
    call_session,
    encode_form,
    handshake_headers,
    read_call_reply,
    realtime_url,
    sideband_url,
)
from codex_proto.versions import WireVersion
from tests.realtime.client_frames import CAPTURES

MAY: Final = WireVersion.V2026_05
V1: Final = RealtimeSessionConfig(version="v1", instructions="i")
V2: Final = RealtimeSessionConfig(instructions="i")
VERSIONS: Final = st.sampled_from(["v1", "v2"])
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


# -- URLs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://h", "wss://h/v1/realtime"),
        ("https://h/", "wss://h/v1/realtime"),
        ("http://h:8080/v1", "ws://h:8080/v1/realtime"),
        ("ws://h/v1/", "ws://h/v1/realtime"),
        ("wss://h/a/v1", "wss://h/a/v1/realtime"),
        ("wss://h/realtime", "wss://h/realtime"),
        ("wss://h/a/realtime/", "wss://h/a/realtime"),
        ("wss://h/a/realtimes", "wss://h/a/realtimes"),
        ("wss://h/other/", "wss://h/other/"),
        ("https://h/v1?api-version=1&x=%20", "wss://h/v1/realtime?api-version=1&x=%20"),
        ("HTTPS://h/v1#part", "wss://h/v1/realtime"),
        ("https://h:8443/v1?", "wss://h:8443/v1/realtime"),
        ("https://[::1]:9/v1", "wss://[::1]:9/v1/realtime"),
    ],
)
def test_paths_and_schemes(base: str, expected: str) -> None:
    assert realtime_url(base, "v2") == expected
    again = realtime_url(expected, "v2")
    assert again == expected


def test_the_query_in_its_order() -> None:
    params = {"intent": "mine", "model": "mine", "a b": "c&d"}
    assert realtime_url("wss://h/v1?k=v", "v1", model="m 1", params=params) == (
        "wss://h/v1/realtime?k=v&intent=quicksilver&model=m+1&a+b=c%26d"
    )
    assert realtime_url("wss://h/v1", "v2", params=params) == (
        "wss://h/v1/realtime?model=mine&a+b=c%26d"
    )
    pairs = [("x", "1"), ("x", "2")]
    assert realtime_url("wss://h/v1", "v2", params=pairs).endswith("?x=1&x=2")


def test_a_call_is_joined_at_its_sideband() -> None:
    assert sideband_url("https://api.openai.com/v1", "v1", call_id="rtc_1") == (
        "wss://api.openai.com/v1/realtime?intent=quicksilver&call_id=rtc_1"
    )
    assert sideband_url("https://h/v1", "v2", call_id="rtc 1", params={"model": "m"}) == (
        "wss://h/v1/realtime?model=m&call_id=rtc+1"
    )


@pytest.mark.parametrize("capture", [name for name in CAPTURES if name.startswith("e-")])
def test_real_clients_go_to_the_same_place(capture: str) -> None:
    version = "v1" if "v1" in capture else "v2"
    url = realtime_url("http://127.0.0.1:8080/v1", version, model="gpt-realtime-1.5")  # type: ignore[arg-type]
    method, target, _ = CAPTURES[capture]["request_line"].split(" ")
    assert method == "GET"
    assert url == f"ws://127.0.0.1:8080{target}"


@given(VERSIONS, st.none() | TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_any_parameters_arrive_as_they_are(
    version: Any, model: str | None, params: list[tuple[str, str]]
) -> None:
    url = realtime_url("https://h/v1", version, model=model, params=params)
    assert url.isascii()
    found = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing="?" in url)
    expected = [("intent", "quicksilver")] if version == "v1" else []
    expected += [] if model is None else [("model", model)]
    gone = {"intent"} if model is None else {"intent", "model"}
    assert found == expected + [pair for pair in params if pair[0] not in gone]


def test_forms_are_encoded_as_the_standard_says() -> None:
    assert encode_form([("a*-._~ é", "\x00+%")]) == "a*-._%7E+%C3%A9=%00%2B%25"


@given(st.text(max_size=30))
@example("wss://")
@example("http://h:x")
@example("http://h:99999")
@example("http://[h")
@example("ftp://h/v1")
def test_a_base_that_is_no_url_is_the_callers_mistake(base: str) -> None:
    try:
        url = realtime_url(base, "v2")
    except LocalProtocolError as error:
        assert error.message.startswith("base_url: ")  # noqa: PT017
    else:
        assert urlsplit(url).scheme in ("ws", "wss")
        assert urlsplit(url).hostname


def test_misuse_names_the_argument() -> None:
    cases: list[tuple[str, Any]] = [
        ("version", lambda: realtime_url("ws://h", "v3")),  # type: ignore[arg-type]
        ("base_url", lambda: realtime_url(b"ws://h", "v2")),  # type: ignore[arg-type]
        ("base_url", lambda: realtime_url("ftp://h", "v2")),
        ("base_url", lambda: realtime_url("https://u:p@h/v1", "v2")),
        ("base_url", lambda: realtime_url("https://h:443@evil.example/v1", "v2")),
        ("base_url", lambda: sideband_url("https://h\\@evil.example", "v2", call_id="c")),
        ("params", lambda: realtime_url("ws://h", "v2", params=["abc"])),  # type: ignore[list-item]
        ("params", lambda: realtime_url("ws://h", "v2", params=3)),  # type: ignore[arg-type]
        ("params", lambda: realtime_url("ws://h", "v2", params={"a": "\ud800"})),
        ("model", lambda: realtime_url("ws://h", "v2", model=3)),  # type: ignore[arg-type]
        ("call_id", lambda: sideband_url("ws://h", "v2", call_id="")),
        ("session_id", lambda: handshake_headers("v2", session_id="a\r\nb")),
        ("session_id", lambda: handshake_headers("v2", session_id="", wire=MAY)),
        ("originator", lambda: handshake_headers("v2", originator="é")),
        ("version", lambda: handshake_headers("v3")),  # type: ignore[arg-type]
        ("wire", lambda: handshake_headers("v2", wire=None)),  # type: ignore[arg-type]
        ("offer", lambda: call_request(b"v=0")),  # type: ignore[arg-type]
        ("offer", lambda: call_request("\ud800")),
        ("offer", lambda: call_request("--codex-realtime-call-boundary--", V1)),
        ("avas", lambda: call_request("v=0", V2)),
        ("avas", lambda: call_request("v=0", V2, avas=True, wire=MAY)),
        ("body", lambda: read_call_reply({}, "v=0")),  # type: ignore[arg-type]
    ]
    for argument, call in cases:
        with pytest.raises(LocalProtocolError, match=argument):
            call()


# -- the handshake ------------------------------------------------------------------------------


@pytest.mark.parametrize("capture", [name for name in CAPTURES if name.startswith("e-")])
def test_real_clients_send_the_same_fields(capture: str) -> None:
    sent = {name.lower(): value for name, value in CAPTURES[capture]["headers"]}
    may = capture.startswith("e-128")
    made = handshake_headers(
        "v1" if "v1" in capture else "v2",
        session_id=sent["x-session-id"],
        thread_id=sent["x-session-id"],
        originator="mockclient",
        extra={"Authorization": "Bearer mock-key"},
        defaults={"originator": "mockclient", "user-agent": sent["user-agent"]},
        wire=MAY if may else WireVersion.V2026_08,
    )
    assert dict(made) == sent
    assert len(made) == len(sent)


def test_which_fields_win() -> None:
    made = handshake_headers(
        "v1",
        session_id="s",
        originator="o",
        provider={"a": "provider", "b": "provider", "x-session-id": "provider"},
        extra=[("B", "1"), ("b", "2"), ("X-Session-Id", "extra"), ("OpenAI-Alpha", "mine")],
        defaults={"a": "default", "c": "default", "originator": "default"},
    )
    assert made.get("a") == "provider"
    assert made.get_all("b") == ("1", "2")
    assert made.get("c") == "default"
    assert made.get("x-session-id") == "s"
    assert made.get("session-id") == "s"
    assert made.get("originator") == "o"
    assert made.get("openai-alpha") == "mine"
    assert "openai-alpha" not in handshake_headers("v2")
    assert not list(handshake_headers("v1", wire=MAY))


# -- calls --------------------------------------------------------------------------------------

OFFER: Final = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"


def test_an_offer_alone_is_the_whole_body() -> None:
    request = call_request(OFFER)
    assert (request.content_type, request.body) == ("application/sdp", OFFER.encode())
    assert (request.path, request.query) == (CALLS_PATH, ())


def test_the_multipart_body_to_the_byte() -> None:
    request = call_request("v=0", V1)
    assert request.content_type == "multipart/form-data; boundary=codex-realtime-call-boundary"
    assert request.query == (("intent", "quicksilver"), ("architecture", "avas"))
    assert request.body == (
        b"--codex-realtime-call-boundary\r\n"
        b'Content-Disposition: form-data; name="sdp"\r\n'
        b"Content-Type: application/sdp\r\n"
        b"\r\n"
        b"v=0\r\n"
        b"--codex-realtime-call-boundary\r\n"
        b'Content-Disposition: form-data; name="session"\r\n'
        b"Content-Type: application/json\r\n"
        b"\r\n" + call_session(V1) + b"\r\n"
        b"--codex-realtime-call-boundary--\r\n"
    )


def test_which_calls_are_avas() -> None:
    assert call_request(OFFER, V1, wire=MAY).query == ()
    assert call_request(OFFER, V1, avas=False).query == ()
    assert call_request(OFFER, V1, avas=True, wire=MAY).query
    assert call_request(OFFER, V2, avas=False).query == ()
    assert call_request(OFFER, V2, wire=MAY).query == ()
    singing = RealtimeSessionConfig(version="v1", mode="transcription")
    with pytest.raises(LocalProtocolError, match="avas"):
        call_request(OFFER, singing)


def test_the_backend_takes_json() -> None:
    request = call_request(OFFER, V1, base_url="https://chatgpt.com/backend-api/codex")
    assert request.content_type == "application/json"
    assert list(json.loads(request.body)) == ["sdp", "session"]
    assert json.loads(request.body)["sdp"] == OFFER
    assert json.loads(request.body)["session"] == json.loads(call_session(V1))


@given(TEXT, TEXT)
@example("--codex-realtime-call-boundary\r\n", "\r\n--codex-realtime-call-boundary--")
def test_any_multipart_body_reads_back(offer: str, instructions: str) -> None:
    config = RealtimeSessionConfig(instructions=instructions)
    try:
        request = call_request(offer, config, avas=False)
    except LocalProtocolError:
        assume(False)
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode()
    # Python's own reader of multipart bodies, for a second opinion.
    message = BytesParser().parsebytes(head + request.body)
    payload: Any = message.get_payload()
    sdp, session = payload
    assert isinstance(sdp, Message)
    assert isinstance(session, Message)
    assert sdp.get_param("name", header="content-disposition") == "sdp"
    assert session.get_param("name", header="content-disposition") == "session"
    assert session.get_payload(decode=True) == call_session(config)


def test_the_answer_to_a_call() -> None:
    reply = read_call_reply({"Location": "/v1/realtime/calls/rtc_abc?x=rtc_no"}, b"v=answer\r\n")
    assert (reply.sdp, reply.call_id) == ("v=answer\r\n", "rtc_abc")
    reply = read_call_reply((), b"\xff")
    assert isinstance(reply.sdp, MalformedPart)
    assert isinstance(reply.call_id, MalformedPart)
    assert reply.sdp.raw == b"\xff"
    assert reply.call_id.field == "Location"
    reply = read_call_reply({"location": "/v1/realtime/calls/"}, b"")
    assert isinstance(reply.call_id, MalformedPart)
    assert reply.call_id.raw == b"/v1/realtime/calls/"


UUID: Final = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("location", "call_id"),
    [
        ("rtc_1", "rtc_1"),
        ("https://api.openai.com/v1/realtime/calls/rtc_1", "rtc_1"),
        ("/v1/realtime/calls/rtc_1/", "rtc_1"),
        ("/rtc_1/x/rtc_2/answer", "rtc_2"),
        (f"/v1/live/{UUID}", UUID),
        (f"/v1/live/{UUID.upper()}?a", UUID.upper()),
        (f"/rtc_1/{UUID}", UUID),
        ("/v1/realtime/calls/rtc_", None),
        ("/v1/realtime/calls/xrtc_1", None),
        (f"/v1/live/{UUID[:-1]}", None),
        (f"/v1/live/{UUID}0", None),
        (UUID.replace("-", ""), None),
        ("/calls?id=/rtc_1", None),
        ("", None),
    ],
)
def test_call_ids(location: str, call_id: str | None) -> None:
    assert call_id_from_location(location) == call_id


@given(st.text(max_size=60))
def test_any_location_is_read(location: str) -> None:
    found = call_id_from_location(location)
    assert found is None or found in location.partition("?")[0].split("/")
