"""No secret that was sent is in a recording."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.http import Headers
from codex_proto_io.cassettes import Recorder, Secrets
from codex_proto_io.server import EmbeddedServer, Exchange, Script
from codex_proto_io.server import _steps as steps
from tests.plain_client import PlainClient, ask, text_frame, upgrade

if TYPE_CHECKING:
    from pathlib import Path

# Made up, every one of them.
SECRETS = {
    "authorization": "Bearer tok.en-1234567890/abc==",
    "x-api-key": "key+1234567890",
    "api-key": "azure key with blanks",
    "cookie": "sid=cookie1234567; other=cookie7654321",
    "chatgpt-account-id": "acct-aaaa-bbbb-cccc",
    "openai-organization": "org-made1up2org3",
    "openai-project": "proj_made1up2project",
    "x-codex-installation-id": "11111111-2222-3333-4444-555555555555",
    "proxy-authorization": "Basic " + base64.b64encode(b"user:pass word 1").decode(),
    "x-openai-assertion": "assertion-1234567",
}
QUERY = {"api_key": "query-key-12345", "access_token": "query token 12345", "sig": "signature/1="}
BODY = {
    "access_token": "body-access-token",
    "refresh_token": 'quoted "refresh" token',
    "client_metadata": {
        "x-codex-installation-id": "66666666-7777-8888-9999-000000000000",
        "nested": json.dumps({"account_id": "nested-account-1"}),
    },
    "user_id": "user-id-123456",
    "email": "someone@example.com",
}
WORDS = [
    "tok.en-1234567890/abc==", "key+1234567890", "azure key with blanks", "cookie1234567",
    "cookie7654321", "acct-aaaa-bbbb-cccc", "org-made1up2org3", "proj_made1up2project",
    "11111111-2222-3333-4444-555555555555", "user:pass word 1", "pass word 1",
    SECRETS["proxy-authorization"], "assertion-1234567", *QUERY.values(), "body-access-token",
    'quoted "refresh" token', "66666666-7777-8888-9999-000000000000", "nested-account-1",
    "user-id-123456", "someone@example.com", "set-cookie-value-1", "sk-inanswer1234567890",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
]  # fmt: skip
SAFE = ["the question itself", "gpt-5.2", "req_123", "session-77", "the answer itself"]


def forms(secret: str) -> set[bytes]:
    """The ways in which it may be spelt."""
    escaped = json.dumps(secret)[1:-1]
    spelt = {secret, quote(secret), quote(secret, safe=""), escaped, json.dumps(escaped)[1:-1]}
    return {each.encode() for each in spelt}


def everything(file: Path) -> bytes:
    """The file, and all that is hidden in it: base64, and texts that are cut in pieces."""
    content = file.read_bytes()
    seen = [content]
    for exchange in Script.load(file).exchanges:
        bodies = [step for step in exchange.steps if isinstance(step, steps.StepContent)]
        seen += [step.data({}) for step in bodies]
        seen.append(b"".join(step.data({}) for step in bodies))
        if exchange.request is not None and isinstance(exchange.request.base64, str):
            seen.append(base64.b64decode(exchange.request.base64))
    return b"\n".join(seen)


def check(file: Path, *, safe: list[str]) -> None:
    found = everything(file)
    for secret in WORDS:
        for form in forms(secret):
            assert form not in found, secret
    for word in safe:
        assert word.encode() in found, word


def request(body: Any) -> bytes:
    content = json.dumps(body).encode()
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in QUERY.items())
    fields = {**SECRETS, "session_id": "session-77", "content-length": str(len(content))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    target = f"/v1/responses?model=gpt-5.2&{query}"
    return f"POST {target} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + content


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_what_was_sent_is_not_in_the_file(tmp_path: Path, size: int) -> None:
    out = tmp_path / "r.jsonl"
    # A server that gives back whatever it was told.
    told = "the answer itself " + json.dumps(BODY) + " ".join(WORDS)
    told += " ".join(quote(word, safe="") for word in WORDS)
    data = told.encode()
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    pieces = [steps.BodyStep(after=0.001, text=part.decode()) for part in parts]
    head = steps.HeadStep(
        status=401, headers={"set-cookie": "a=set-cookie-value-1", "x-request-id": "req_123"}
    )
    with (
        EmbeddedServer(Exchange(on="*", steps=[head, *pieces])) as server,
        Recorder(server.url, out) as recorder,
        PlainClient(recorder.port) as client,
    ):
        client.send(request({"input": "the question itself", **BODY}))
        seen = client.see(until=b"0\r\n\r\n")
        # The client is not to notice.
        assert seen.answer.body == data
        assert seen.answer.headers["set-cookie"] == "a=set-cookie-value-1"
        assert server.requests[0].headers.get("authorization") == SECRETS["authorization"]
    check(out, safe=SAFE)
    (exchange,) = Script.load(out).exchanges
    bodies = [step.data({}) for step in exchange.steps if isinstance(step, steps.BodyStep)]
    assert sum(map(len, bodies)) == len(data)
    assert (len(bodies) > 1) is (size < 1000)


def test_what_was_said_on_a_websocket_is_not_in_the_file(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    fields = "".join(f"{name}: {value}\r\n" for name, value in SECRETS.items())
    protocols = "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.subprotocol-key\r\n"
    told = json.dumps({"type": "error", "error": {"message": " ".join(WORDS)}})
    script = Exchange(
        on="*",
        steps=[
            steps.ReceiveStep(),
            steps.MessageStep(text=told + "the answer itself"),
            steps.MessageStep(base64=base64.b64encode(told.encode()).decode()),
            steps.PingStep(text="subprotocol-key"),
            steps.CloseStep(code=1008, reason="bad key acct-aaaa-bbbb-cccc"),
        ],
    )
    with (
        EmbeddedServer(script) as server,
        Recorder(server.url, out) as recorder,
        PlainClient(recorder.port) as client,
    ):
        client.send(upgrade("/v1/realtime?api_key=query-key-12345", more=fields + protocols))
        client.see(until=b"\r\n\r\n")
        client.send(text_frame(json.dumps({"type": "hello", **BODY})))
        assert told.encode() in client.see(until=b"bad key acct-aaaa-bbbb-cccc").data
    found = everything(out)
    assert b"subprotocol-key" not in found
    sent = [word for word in WORDS if word not in list(QUERY.values())[1:] + WORDS[-3:-2]]
    for secret in sent:
        assert not any(form in found for form in forms(secret)), secret
    assert b"the answer itself" in found


def test_what_is_secret_by_its_looks() -> None:
    secrets = Secrets()
    for text in (
        b"Incorrect API key provided: sk-proj-abcdefghijklmnop.",
        b"a=ice-pwd:abcdefgh12345678\r\n",
        b'{"client_secret":{"value":"ek_abcdefghijklmnop"}}',
        b"Rate limit reached in organization org-abcdefgh12345678 on tokens",
    ):
        masked = secrets.mask(text)
        assert len(masked) == len(text)
        assert b"abcdefgh" not in masked
        assert b"****" in masked


@pytest.mark.parametrize(
    "text",
    [
        b'{"type":"response.output_text.delta","delta":"token","logprobs":[{"token":"Hello"}]}',
        b'{"model":"gpt-5.2","max_output_tokens":5,"prompt_cache_key":"abc"}',
        b'{"id":"resp_0aa12d9607ff97e3006977ce959b288195b8213928c78712de","call_id":"call_1"}',
        b'{"session_id":"11111111-2222","thread_id":"x","encrypted_content":"gAAAAABabc"}',
    ],
)
def test_what_is_no_secret_stays(text: bytes) -> None:
    assert Secrets().mask(text) == text


def test_a_secret_is_known_in_every_spelling() -> None:
    secrets = Secrets()
    secret = 'a"b\\c/d e+f'
    secrets.learn(Headers({"api-key": secret}))
    for form in forms(secret) | {quote_plus(secret).encode()}:
        assert secrets.mask(b"-" + form + b"-") == b"-" + b"*" * len(form) + b"-", form


def test_a_scheme_is_no_secret() -> None:
    secrets = Secrets()
    secrets.learn(Headers({"authorization": "Bearer abcdefghij", "api-key": "short"}), "/")
    assert (
        secrets.mask(b"Bearer of news, abcdefghij, short") == b"Bearer of news, **********, short"
    )
    assert secrets.headers(Headers({"api-key": "short"})) == (("api-key", "[redacted]"),)


@given(
    st.binary(max_size=60),
    st.binary(max_size=60),
    st.text("abcdefgh0123456789-_.~+/=", min_size=6, max_size=30),
)
def test_lengths_stay_and_secrets_go(before: bytes, after: bytes, secret: str) -> None:
    secrets = Secrets()
    secrets.learn(Headers({"authorization": f"Bearer {secret}"}), "/")
    data = before + secret.encode() + after
    masked = secrets.mask(data)
    assert len(masked) == len(data)
    assert secret.encode() not in masked


def test_secrets_that_overlap_are_covered_both() -> None:
    secrets = Secrets()
    for secret in ("abcdefgh", "efghijkl", "ababab"):
        secrets.learn(Headers({"api-key": secret}))
    assert secrets.mask(b"-abcdefghijkl-abababab-") == b"-************-********-"


def test_with_more_secrets_than_can_be_known_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codex_proto._secrets._seen.MAX_SECRETS", 3)
    out = tmp_path / "r.jsonl"
    with EmbeddedServer() as server, Recorder(server.url, out) as recorder:
        ask(recorder, request({"input": "hi"}), until=b"\r\n\r\n")
    assert recorder.problems == ("not recorded: more than MAX_SECRETS secrets were sent",)
    assert Script.load(out).exchanges == ()


def test_the_whole_recording_is_quick_to_mask() -> None:
    secrets = Secrets()
    secrets.learn(Headers({"authorization": "Bearer abcdefghij"}), "/?api_key=klmnopqrst")
    began = time.thread_time()
    for hostile in (b'"a_token":"' * 50_000, b'\\"' * 200_000, b"eyJ" * 200_000, b"a_" * 200_000):
        assert len(secrets.mask(hostile)) == len(hostile)
    # What is quadratic takes minutes.
    assert time.thread_time() - began < 10


def test_the_plain_request_helper_is_what_it_says(tmp_path: Path) -> None:
    """So that the tests above cannot pass because nothing was sent."""
    with EmbeddedServer() as server:
        seen = ask(server, request({"model": "m"}), until=b"}")
        assert seen.data.startswith(b"HTTP/1.1 200 ")
        headers = server.requests[0].headers
    assert {name: headers.get(name) for name in SECRETS} == SECRETS
