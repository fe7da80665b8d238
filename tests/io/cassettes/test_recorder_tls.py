"""Recording a server that speaks TLS, as the real ones do."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import websockets.sync.client

from codex_proto_io.cassettes import Recorder
from codex_proto_io.server import CutAfter, EmbeddedServer, Script, stream
from codex_proto_io.server._recordings import bundled
from tests.plain_client import ask, post
from tests.recordings import DATA

if TYPE_CHECKING:
    from pathlib import Path

CERT, KEY = DATA / "tls" / "cert.pem", DATA / "tls" / "key.pem"


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERT, KEY)
    return context


def test_the_server_speaks_tls(tls: ssl.SSLContext) -> None:
    trusting = ssl.create_default_context(cafile=str(CERT))
    with EmbeddedServer(tls=tls) as server:
        assert server.url.startswith("https://127.0.0.1:")
        with httpx.Client(verify=trusting) as http:
            body = {"model": "m", "stream": True}
            assert http.post(f"{server.url}/responses", json=body).content == bundled(
                "text_answer.sse"
            )
        url = server.url.replace("https", "wss") + "/responses"
        with websockets.sync.client.connect(url, ssl=trusting, proxy=None) as websocket:
            websocket.send('{"type":"response.create","model":"m","generate":false}')
            assert json.loads(websocket.recv(timeout=10))["type"] == "response.created"


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_cuts_under_tls(tls: ssl.SSLContext, how: Any) -> None:
    trusting = ssl.create_default_context(cafile=str(CERT))
    script = stream({"type": "a"}, cut=CutAfter(after=100, how=how))
    with (
        EmbeddedServer(script, tls=tls) as server,
        httpx.Client(verify=trusting) as http,
        pytest.raises(httpx.HTTPError),
    ):
        http.post(f"{server.url}/responses", json={"model": "m", "stream": True})


def test_a_server_behind_tls_is_recorded(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "r.jsonl"
    monkeypatch.setenv("CODEX_CA_CERTIFICATE", str(CERT))
    with EmbeddedServer(tls=tls) as server, Recorder(server.url, out) as recorder:
        assert ask(recorder, post()).answer.body == bundled("text_answer.sse")
        url = recorder.url.replace("http", "ws") + "/responses"
        with websockets.sync.client.connect(url, proxy=None) as websocket:
            websocket.send('{"type":"response.create","model":"m","generate":false}')
            assert json.loads(websocket.recv(timeout=10))["type"] == "response.created"
    assert [each.on for each in Script.load(out).exchanges] == [
        "POST /v1/responses", "GET /v1/responses"
    ]  # fmt: skip


def test_a_server_that_nobody_vouches_for_is_not_recorded(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEX_CA_CERTIFICATE", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with EmbeddedServer(tls=tls) as server, Recorder(server.url, tmp_path / "r") as recorder:
        answer = ask(recorder, post()).answer
        assert answer.status == 502
        assert "certificate" in answer.json["error"]["message"].lower()
        assert server.requests == ()
