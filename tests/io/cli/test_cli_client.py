"""`codex-proto stream` and `codex-proto realtime`: a client in one line, against real sockets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from codex_proto_io.server import EmbeddedServer, refuse
from tests.io.cli.cli_runner import run

# As the command is run, but with an environment of the test's.
_COMMAND = (sys.executable, "-m", "codex_proto_io")


def _run(*args: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    base = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return subprocess.run([*_COMMAND, *args], capture_output=True, env={**base, **env}, check=False)


def test_stream_prints_the_answer_of_the_embedded_server() -> None:
    for more in ((), ("--websocket",)):
        done = run("stream", "What is 2 + 2?", *more)
        assert (done.returncode, done.stdout) == (0, b"2 + 2 = 4.\n")
        assert b"completed, 28 tokens: 14 in, 14 out." in done.stderr


def test_stream_prints_every_event() -> None:
    done = run("stream", "What is 2 + 2?", "--format", "jsonl", "--profile", "codex")
    names = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert names[0] == "RateLimits"
    assert names[-1] == "Completed"
    assert "ContentPartAdded" not in names


def test_stream_sends_what_it_was_told_to_whom_it_was_told() -> None:
    with EmbeddedServer() as server:
        done = _run(
            "stream",
            "Hello?",
            "--base-url",
            server.url,
            "--model",
            "m",
            "--instructions",
            "Be brief.",
            env={"OPENAI_API_KEY": "sk-test-1"},
        )
        assert done.returncode == 0
        (request,) = server.requests
        assert request.headers.get("authorization") == "Bearer sk-test-1"
        body = json.loads(request.raw_body)
        assert (body["model"], body["instructions"]) == ("m", "Be brief.")
        assert body["input"][0]["content"][0]["text"] == "Hello?"
    assert b"sk-test-1" not in done.stdout + done.stderr


def test_a_failure_is_told_in_a_line_and_by_the_exit_code() -> None:
    with EmbeddedServer([refuse(400, message="No, not like that.")] * 2) as server:
        env = {"OPENAI_API_KEY": "k"}
        done = _run("stream", "Hello?", "--base-url", server.url, env=env)
        assert (done.returncode, done.stdout) == (1, b"\n")
        assert b"InvalidRequest" in done.stderr
        assert b"No, not like that." in done.stderr
        done = _run("stream", "x", "--base-url", server.url, "--format", "jsonl", env=env)
        assert done.returncode == 1
        (row,) = [json.loads(line) for line in done.stdout.splitlines()]
        assert (row["event"], row["error"]["kind"]) == ("StreamFailed", "InvalidRequest")


def test_no_key_is_one_line_before_any_connection() -> None:
    for command in ("stream", "realtime"):
        done = _run(command, "x", "--base-url", "http://127.0.0.1:9/v1", env={})
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"OPENAI_API_KEY" in done.stderr
        assert done.stderr.count(b"\n") == 1


def test_nobody_there_is_a_failure() -> None:
    env = {"OPENAI_API_KEY": "k"}
    done = _run("realtime", "x", "--base-url", "http://127.0.0.1:9/v1", env=env)
    assert done.returncode == 1
    assert done.stderr.startswith(b"codex-proto: The conversation failed: ")


def test_realtime_shows_the_dialogue_and_the_handoff() -> None:
    done = run("realtime", "Please run the tests.")
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "<realtime_delegation>" in text
    assert "outcome  The conversation is over, with 1 handoff to the agent." in text
    assert "input" not in text.splitlines()[-1]


def test_realtime_shows_nothing_that_was_said_after_it_has_hung_up() -> None:
    done = {"type": "response.done", "response": {"id": "r", "output": []}}
    item = {"id": "late", "type": "message", "role": "user", "content": []}
    steps = [
        {"do": "accept"},
        {"do": "receive", "type": "session.update"},
        {"do": "message", "json": {"type": "session.updated", "session": {"id": "s"}}},
        {"do": "receive", "type": "response.create"},
        {"do": "message", "json": done},
        # In one piece with it: the client has it before it can hang up.
        {"do": "message", "json": {"type": "conversation.item.done", "item": item}},
        {"do": "wait_for_close"},
    ]
    with EmbeddedServer({"on": "GET /v1/realtime", "steps": steps}) as server:
        env = {"OPENAI_API_KEY": "sk-test-1"}
        told = _run("realtime", "Hello?", "--base-url", server.url, env=env)
    assert told.returncode == 0, told.stderr
    assert b"ResponseDone" in told.stdout
    assert b"late" not in told.stdout
    assert b"ConversationEnded" in told.stdout
