"""The demonstration: bundled recordings, decoded for somebody who has just installed this."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
import time

import pytest

from codex_proto.realtime import HANDOFF_ANSWER, parse_delegation
from codex_proto_io.cli._conclusion import Conclusion
from codex_proto_io.cli._demo import demo
from codex_proto_io.cli._demo_conversation import DemoConversation
from tests.io.cli.cli_runner import BUNDLED, SGR, message, rows, run, run_on_terminal
from tests.io.cli.test_cli_realtime import CAPTURES
from tests.recordings import DATA, recordings

RECORDINGS = sorted([*BUNDLED.glob("*.sse"), *BUNDLED.glob("*.jsonl")])
# What the server on this machine says; the others are decoded.
SERVED = {"text_answer.sse", "realtime_v1.jsonl", "realtime_v2.jsonl"}
DECODED = [path for path in RECORDINGS if path.name not in SERVED]
VOICE = "test_openai_ws-test_audio_in_server_vad_turn"


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
    for path in DECODED:
        assert path.name in text


def test_demo_goes_over_sockets() -> None:
    text = run("demo").stdout.decode()
    places = set(re.findall(r"\((http://127\.0\.0\.1:\d+/v1)\)", text))
    assert len(places) == 1
    http, socket, realtime = (
        text.index(title)
        for title in (
            "A response over HTTP",
            "Two turns over one WebSocket",
            "A conversation that hands a task to an agent",
        )
    )
    assert http < socket < realtime < text.index(DECODED[0].name)
    # The second request says only what is new.
    turns = text[socket:realtime]
    assert re.findall(r"sent +(.*)", turns) == [
        "1 item of input",
        "1 item of input, the rest known as resp_0aa12d9607f...",
    ]
    assert re.findall(r"answered +(.*)", turns) == ["2 + 2 = 4."] * 2
    handoff = text[realtime : text.index(DECODED[0].name)]
    (envelope,) = re.findall(r"<realtime_delegation>.*?</realtime_delegation>", handoff, re.DOTALL)
    delegation = parse_delegation(re.sub(r"\n {34}", "\n", envelope))
    assert delegation is not None
    assert delegation.transcript_delta is not None


def test_demo_shows_a_spoken_turn_and_a_handoff() -> None:
    text = run("demo").stdout.decode()
    assert "assistant, in all          Hello, Someone! Great to meet you." in text
    assert "audio                      18 ms in 27 pieces" in text
    _, _, handoff = text.partition("(handoff.jsonl)")
    envelope = CAPTURES["e-169__v2-basic"]["delegations"][0]
    assert f"\n{envelope}\n" in re.sub(r"\n {34}", "\n", handoff)
    said = re.findall(r"→ (\w+)(?: +(.*))?", handoff)
    assert said == [
        ("SessionUpdate", "realtime"),
        ("ConversationItemCreate", "user: [BACKEND] Done: do the <thing> & more"),
        ("ConversationItemCreate", f"call_bg1: {HANDOFF_ANSWER}"),
        ("ResponseCreate", ""),
    ]
    # The response is not asked for before the one under way is done.
    assert handoff.index("ResponseDone") < handoff.index("→ ResponseCreate")
    assert "outcome  The conversation is over, with 1 handoff to the agent.\n" in handoff


def test_what_to_try_next_works() -> None:
    lines = run("demo").stdout.decode().rstrip().split("\n")[-2:]
    for line, last in zip(lines, ("ResponseDoneEvent", "Completed"), strict=True):
        command, *args = shlex.split(line)
        assert command == "codex-proto"
        done = run(*args)
        assert done.returncode == 0
        assert rows(done.stdout)[-1]["event"] == last


def test_demo_is_quick(capfd: pytest.CaptureFixture[str]) -> None:
    begin = time.perf_counter()
    assert demo() == 0
    assert time.perf_counter() - begin < 5
    assert "Completed" in capfd.readouterr().out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="terminals as on Linux")
def test_demo_on_a_terminal() -> None:
    code, seen = run_on_terminal("demo")
    assert code == 0
    assert SGR.search(seen)
    text = SGR.sub(b"", seen).decode()
    screens = text.split("─\r\n")
    # About a screen for each recording: nothing scrolls away before it can be read.
    # The two turns over a WebSocket have no summary of their own.
    assert len(screens) == 2 * (len(DECODED) + 2) + 2
    assert all(screen.count("\n") < 40 for screen in screens)


def test_a_conversation_that_fails_says_so() -> None:
    conversation = DemoConversation()
    conversation.messages_to_send()
    assert conversation.problem() is None
    assert conversation.conclusion().is_good
    conversation.receive_data(message("error", error={"message": "boom"}))
    assert conversation.conclusion() == Conclusion("The conversation failed: boom.", is_good=False)
    assert conversation.receive_eof() == []


def test_recordings_of_sessions_are_parts_of_the_ones_in_the_tests() -> None:
    (whole,) = [r for r in recordings("realtime", ".jsonl") if r.name.endswith(VOICE)]
    voice = (BUNDLED / "voice_turn.jsonl").read_bytes()
    assert whole.bytes.splitlines()[1:] == voice.splitlines()
    handoff = (BUNDLED / "handoff.jsonl").read_bytes()
    assert (DATA / "realtime_conversation.jsonl").read_bytes().startswith(handoff)


def test_every_recording_has_its_source() -> None:
    notice = (BUNDLED / "THIRD_PARTY.md").read_text("utf-8")
    own = BUNDLED / "handoff.jsonl"
    assert hashlib.sha256(own.read_bytes()).hexdigest() in notice
    for path in RECORDINGS:
        if path == own or path.name.startswith("realtime_v"):
            continue
        (line,) = re.findall(rf"^\| `{re.escape(path.name)}` .*$", notice, re.MULTILINE)
        assert hashlib.sha256(path.read_bytes()).hexdigest() in line
        assert re.search(r"`[0-9a-f]{40}`", line)
        assert "| MIT |" in line
    assert "Permission is hereby granted" in notice
