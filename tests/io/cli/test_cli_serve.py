"""`codex-proto serve` and `codex-proto record`, as processes."""

from __future__ import annotations

import json
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from codex_proto_io.server import Script, refuse, stream
from codex_proto_io.server._recordings import bundled
from tests.cli_server import running, serving, stopped
from tests.io.cli.cli_runner import run
from tests.plain_client import PlainClient, ask, post

if TYPE_CHECKING:
    from pathlib import Path

ASK: dict[str, Any] = {"model": "gpt-5.2", "input": "hi", "stream": True}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_when_told(number: signal.Signals) -> None:
    with running("serve") as (process, url):
        assert httpx.post(f"{url}/v1/responses", json=ASK).content == bundled("text_answer.sse")
        with PlainClient(int(url.rpartition(":")[2])) as idle:
            idle.send(b"POST /v1/resp")
            began = time.monotonic()
            assert stopped(process, number) == (0, "", "")
            assert time.monotonic() - began < 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_host_and_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving("--host", "127.0.0.1", "--port", str(port)) as url:
        assert url == f"http://127.0.0.1:{port}"


def test_recordings_of_the_users_own(tmp_path: Path) -> None:
    stream_file, session = tmp_path / "a.sse", tmp_path / "b.jsonl"
    stream_file.write_bytes(b'data: {"type":"mine"}\n\n')
    session.write_bytes(b'{"type":"session.created","mine":1}\n')
    with serving("--responses", str(stream_file), "--realtime", str(session)) as url:
        assert httpx.post(f"{url}/v1/responses", json=ASK).content == stream_file.read_bytes()
        import websockets.sync.client

        where = url.replace("http", "ws") + "/v1/realtime"
        with websockets.sync.client.connect(where, proxy=None) as websocket:
            assert json.loads(websocket.recv(timeout=10)) == {"type": "session.created", "mine": 1}


def test_a_script_with_faults(tmp_path: Path) -> None:
    file = tmp_path / "script.jsonl"
    script = Script([refuse(503), stream({"type": "a"}, after=5)])
    file.write_bytes(script.dumps())
    with serving("--script", str(file), "--speed", "max") as url:
        codes = [httpx.post(f"{url}/v1/responses", json=ASK).status_code for _ in range(3)]
    assert codes == [503, 200, 200]


def test_what_could_not_be_played_is_told(tmp_path: Path) -> None:
    file = tmp_path / "script.jsonl"
    file.write_bytes(Script.of({"on": "*", "steps": [{"do": "accept"}]}).dumps())
    with running("serve", "--script", str(file)) as (process, url):
        ask(int(url.rpartition(":")[2]), post())
        code, _, told = stopped(process)
    assert code == 0
    assert told.startswith("codex-proto: the script could not be played: accept: ")


def test_a_recording_is_served_as_it_was_recorded(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    with (
        serving() as upstream,
        running("record", "--upstream", f"{upstream}/v1", "--out", str(out)) as (process, url),
    ):
        headers = {"authorization": "Bearer very-secret-key"}
        with httpx.Client(base_url=f"{url}/v1", headers=headers) as http:
            first = [http.post("/responses", json=ASK), http.get("/models")]
            refused = http.post("/responses", json={})
        code, _, told = stopped(process, signal.SIGINT)
    assert (code, told) == (0, f"codex-proto: recorded 3 exchanges in {out}\n")
    assert b"very-secret-key" not in out.read_bytes()
    with serving("--script", str(out)) as url, httpx.Client(base_url=f"{url}/v1") as http:
        again = [http.post("/responses", json=ASK), http.get("/models")]
        assert [each.content for each in again] == [each.content for each in first]
        assert http.post("/responses", json=ASK).content == refused.content
        assert http.get("/models").json()["error"]["code"] == "script_exhausted"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("serve", "--script", "nowhere"), "nowhere: No such file or directory"),
        (("serve", "--responses", "nowhere"), "cannot read nowhere: No such file"),
        (("serve", "--realtime", "nowhere"), "cannot read nowhere: No such file"),
        (("serve", "--port", "65536"), "--port: must be 0 to 65535"),
        (("serve", "--port", "x"), "--port: must be 0 to 65535"),
        (("serve", "--speed", "0"), "--speed: must be a number above 0, or max"),
        (("serve", "--speed", "fast"), "--speed: must be a number above 0, or max"),
        (("serve", "--host", "192.0.2.1"), "cannot listen on 192.0.2.1:0"),
        (("serve", "extra"), "unrecognized arguments"),
        (("record", "--out", "x"), "required: --upstream"),
        (("record", "--upstream", "http://x"), "required: --out"),
        (("record", "--upstream", "x", "--out", "x"), "--upstream: must be http(s)"),
        (("record", "--upstream", "http://x", "--out", "/nowhere/x"), "cannot write /nowhere/x"),
    ],
)
def test_misuse(args: tuple[str, ...], told: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1
    assert told in done.stderr.decode()


def test_a_port_that_is_taken() -> None:
    with serving() as url:
        done = run("serve", "--port", url.rpartition(":")[2])
    assert done.returncode == 2
    assert b"cannot listen on 127.0.0.1:" in done.stderr


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    out.write_text("mine")
    done = run("record", "--upstream", "http://127.0.0.1:1", "--out", str(out))
    assert done.returncode == 2
    assert b"File exists" in done.stderr
    assert out.read_text() == "mine"


@pytest.mark.parametrize("command", ["serve", "record"])
def test_help(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert b"example" in done.stdout
