"""The command called in this process: what another program that runs it gets back."""

from __future__ import annotations

from pathlib import Path

import pytest

from codex_proto_io.cli import main
from codex_proto_io.cli._describe import brief_json
from codex_proto_io.cli._jsonl import event_row
from codex_proto_io.server import EmbeddedServer, refuse


def test_realtime(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with EmbeddedServer() as server:
        assert main(["realtime", "Run the tests", "--base-url", server.url, "--model", "m"]) == 0
    assert "<realtime_delegation>" in capsys.readouterr().out


def test_a_conversation_that_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with EmbeddedServer([refuse(400, "not like that")] * 3) as server:
        assert main(["realtime", "x", "--base-url", server.url]) == 1
    assert "The conversation failed: " in capsys.readouterr().err


def test_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stream", "What is 2 + 2?"]) == 0
    assert capsys.readouterr().out == "2 + 2 = 4.\n"


def test_a_stream_that_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with EmbeddedServer([refuse(400, "no")]) as server:
        assert main(["stream", "x", "--base-url", server.url]) == 1
    assert "InvalidRequest" in capsys.readouterr().err


def test_no_command_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "--help" in capsys.readouterr().err
    assert main(["--version"]) == 0


def test_what_is_not_an_event_is_shown_as_text() -> None:
    assert event_row(7) == {"event": "int", "value": "7"}
    assert brief_json(b"{nope") == "{nope"


def test_recording_where_somebody_listens_already(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with EmbeddedServer() as server:
        port = server.url.partition("//")[2].partition("/")[0].rpartition(":")[2]
        out = str(tmp_path / "out.jsonl")
        arguments = ["record", "--upstream", "http://127.0.0.1:9/v1", "--out", out, "--port", port]
        assert main(arguments) == 2
    assert "cannot listen on" in capsys.readouterr().err
