"""The demonstration: bundled recordings, decoded for somebody who has just installed this."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
import time

import pytest
from cli_runner import BUNDLED, SGR, rows, run, run_on_terminal

from codex_proto_io.cli.demo import demo


def test_demo_shows_events_and_outcomes() -> None:
    done = run("demo")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert "\x1b" not in text
    for said in (
        "Created",
        "ReasoningSummaryDelta",
        "2 + 2 = 4.",
        '{"city":"Detroit"}',
        "StreamFailed",
        "28 tokens: 14 in, 14 out",
        "The response failed with ",
    ):
        assert said in text
    for path in BUNDLED.glob("*.sse"):
        assert path.name in text


def test_what_to_try_next_works() -> None:
    last = run("demo").stdout.decode().rstrip().split("\n")[-1]
    command, *args = shlex.split(last)
    assert command == "codex-proto"
    done = run(*args)
    assert done.returncode == 0
    assert rows(done.stdout)[-1]["event"] == "Completed"


def test_demo_is_quick(capfd: pytest.CaptureFixture[str]) -> None:
    begin = time.perf_counter()
    assert demo() == 0
    assert time.perf_counter() - begin < 1
    assert "Completed" in capfd.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="terminals as on Linux")
def test_demo_on_a_terminal() -> None:
    code, seen = run_on_terminal("demo")
    assert code == 0
    assert SGR.search(seen)
    text = SGR.sub(b"", seen).decode()
    screens = text.split("outcome")
    # About a screen for each recording: nothing scrolls away before it can be read.
    assert all(screen.count("\n") < 40 for screen in screens)


def test_every_recording_has_its_source() -> None:
    notice = (BUNDLED / "THIRD_PARTY.md").read_text("utf-8")
    for path in BUNDLED.glob("*.sse"):
        (line,) = re.findall(rf"^\| `{re.escape(path.name)}` .*$", notice, re.MULTILINE)
        assert hashlib.sha256(path.read_bytes()).hexdigest() in line
        assert re.search(r"`[0-9a-f]{40}`", line)
        assert "| MIT |" in line
    assert "Permission is hereby granted" in notice
