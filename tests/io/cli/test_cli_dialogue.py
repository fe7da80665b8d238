"""The view of a realtime session for people: the dialogue, handoffs, audio, errors, closes."""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path
from typing import Protocol

import msgspec
import pytest

from codex_proto.realtime import (
    ConversationEnded,
    ConversationHandoffAppend,
    ConversationItemCreate,
    RealtimeConversation,
    RealtimeSessionConfig,
    ResponseCreate,
    SessionClosed,
    function_output,
    text_item,
)
from codex_proto_io.cli import main
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._realtime_feed import RealtimeFeed
from codex_proto_io.cli._realtime_pretty import DialogueView
from tests.io.cli.cli_runner import SGR, message, run_on_terminal
from tests.io.cli.test_cli_pretty import FORBIDDEN, HOSTILE
from tests.io.cli.test_cli_realtime import CALL, CAPTURES, ERROR, SERVER, SESSION, UPDATED, served
from tests.recordings import Recording

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="terminals as on Linux")


class Pretty(Protocol):
    def __call__(self, body: bytes, version: str = "v2", profile: str = "full") -> str: ...


@pytest.fixture
def pretty(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Pretty:
    """Runs the view without a terminal, in this process: a new one takes its time."""

    def run_pretty(body: bytes, version: str = "v2", profile: str = "full") -> str:
        path = tmp_path / "body"
        path.write_bytes(body)
        args = ["decode", "--protocol", f"realtime-{version}", "--profile", profile]
        code = main([*args, "--format", "pretty", str(path)])
        out, err = capfdbinary.readouterr()
        assert (code, err) == (0, b"")
        text = out.decode()
        assert all(line == line.rstrip() for line in text.split("\n"))
        return text

    return run_pretty


def session(*messages: bytes) -> bytes:
    return b"\n".join(messages)


def user(delta: str, **members: object) -> bytes:
    type_ = "conversation.item.input_audio_transcription.delta"
    return message(type_, item_id="u", content_index=0, delta=delta, **members)


def assistant(delta: str) -> bytes:
    return message("response.output_audio_transcript.delta", item_id="a", delta=delta)


def audio(samples: int, **members: object) -> bytes:
    delta = base64.b64encode(bytes(2 * samples)).decode()
    return message("response.output_audio.delta", item_id="a", delta=delta, **members)


def shown(text: str) -> list[tuple[str, ...]]:
    """The lines of the events: number, label, text; what goes on has neither."""
    body, _, _ = text.partition("\n─")
    found = [re.fullmatch(r"(.{5})  (\S.{0,25})(?: (.*))?|(.*)", line) for line in body.split("\n")]
    assert all(found)
    return [
        (match[1].strip(), match[2].strip(), match[3] or "") if match[1] else ("", "", line)
        for match, line in ((match, match[0]) for match in found if match)
    ]


# -- the dialogue --------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["full", "codex"])
def test_what_is_said_runs_on_by_speaker(pretty: Pretty, profile: str) -> None:
    body = session(
        user(" Hello"), user(","), user(" you"), assistant("Hi! "), audio(2400), assistant("Yes"),
        audio(2400), assistant(" please?"), user(" there."), UPDATED,
    )  # fmt: skip
    name = "SessionUpdated"
    lines = shown(pretty(body, profile=profile))
    assert [(number, label, text) for number, label, text in lines if label != name] == [
        ("1", "user", "Hello, you"),
        ("4", "assistant", "Hi! Yes please?"),
        ("9", "user", "there."),
        ("7", "audio", "200 ms in 2 pieces"),
    ]
    assert lines[-1][1] == name


@pytest.mark.parametrize("profile", ["full", "codex"])
def test_the_whole_is_told_where_it_is_not_seen_already(pretty: Pretty, profile: str) -> None:
    done = "conversation.item.input_audio_transcription.completed"
    whole = message("response.output_audio_transcript.done", item_id="a", transcript="Hi there.")
    heard = message(done, item_id="u", content_index=0, transcript="Hello, you")
    seen = session(user(" Hello,"), user(" you"), heard, assistant("Hi "), assistant("there."))
    assert [line[1:] for line in shown(pretty(session(seen, whole), profile=profile))] == [
        ("user", "Hello, you"),
        ("assistant", "Hi there."),
    ]
    # Somebody came in between, or it is not the same, or there were no pieces.
    body = session(user("Hello,"), assistant("Hi "), user(" you"), heard, assistant("there"), whole)
    body = session(body, heard)
    assert [line[1:] for line in shown(pretty(body, profile=profile))] == [
        ("user", "Hello,"),
        ("assistant", "Hi"),
        ("user", "you"),
        ("user, in all", "Hello, you"),
        ("assistant", "there"),
        ("assistant, in all", "Hi there."),
        ("user", "Hello, you"),
    ]


def test_after_the_whole_a_new_line_begins(pretty: Pretty) -> None:
    whole = message("response.output_text.done", item_id="a", text="One.")
    piece = message("response.output_text.delta", item_id="a", delta="One.")
    assert [line[1:] for line in shown(pretty(session(piece, whole, piece)))] == [
        ("assistant", "One."),
        ("assistant", "One."),
    ]


def test_a_whole_is_told_with_its_notes(pretty: Pretty) -> None:
    piece = message("response.output_text.delta", item_id="a", delta="One.")
    whole = message("response.output_text.done", item_id="a", text="One.", event_id=5)
    text = pretty(session(piece, whole))
    assert "assistant, in all          One.\n" in text
    assert "note: event_id" in text


def test_dialogue_of_other_servers(pretty: Pretty) -> None:
    beta = session(
        message("response.audio_transcript.delta", item_id="a", delta="Good "),
        message("response.audio_transcript.delta", item_id="a", delta="day"),
        message("response.text.delta", item_id="b", delta="to you"),
        message("session.input_transcript.delta", delta="Guten "),
        message("session.input_transcript.delta", delta="Tag"),
        message("session.output_transcript.delta", delta="Good day"),
        message(
            "conversation.item.input_audio_transcription.updated", item_id="u", transcript="So"
        ),
        message("conversation.item.input_audio_transcription.segment", item_id="u", text="So far"),
    )
    assert [line[1:] for line in shown(pretty(beta))] == [
        ("assistant", "Good day"),
        ("assistant", "to you"),
        ("user", "Guten Tag"),
        ("assistant", "Good day"),
        ("user, so far", "So"),
        ("user, segment", "So far"),
    ]


def test_version_1(pretty: Pretty) -> None:
    for profile in ("full", "codex"):
        text = pretty(served("e-169__v1-basic"), "v1", profile)
        lines = [line[1:] for line in shown(text)]
        assert ("user", "delegate now") in lines
        assert ("assistant", "ok") in lines
        assert ("audio", "21 ms in 1 piece") in lines
        assert ("HandoffRequested", "handoff_1") in lines
        assert "upstream boom" in lines[-1][1]
        assert "outcome  The session " in text
        assert ": upstream boom.\n" in text


def test_long_running_text_is_not_kept(pretty: Pretty) -> None:
    piece = "many words " * 100
    pieces = [assistant(piece)] * 100
    whole = message("response.output_audio_transcript.done", item_id="a", transcript=piece * 100)
    text = pretty(session(*pieces, whole))
    assert text.count("many") == 20_000
    assert max(map(len, text.split("\n"))) <= 100


def test_arguments_of_calls_run_on(pretty: Pretty) -> None:
    type_ = "response.function_call_arguments.delta"
    body = session(*(message(type_, item_id="c", delta=each) for each in ('{"a"', ":", "1}")))
    assert "ResponseFunctionCallArgumentsDelta" in pretty(body)
    assert '{"a":1}\n' in pretty(body)


# -- handoffs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["full", "codex"])
def test_handoffs_are_shown_with_their_envelope(pretty: Pretty, profile: str) -> None:
    text = pretty(SESSION.read_bytes(), profile=profile)
    unindented = re.sub(r"\n {34}", "\n", text)
    for delegation in CAPTURES["e-169__v2-basic"]["delegations"]:
        assert f"\n{delegation}\n" in unindented
    assert "outcome  No error at the end; 2 handoffs to the agent.\n" in text
    assert 'NoopRequested              call_id="call_sil1"\n' in text


def test_a_handoff_of_nothing(pretty: Pretty) -> None:
    body = message(
        "conversation.handoff.requested", handoff_id="h", item_id="i", input_transcript=""
    )
    assert "nothing in it for the agent\n" in pretty(body, "v1")


# -- audio ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([audio(1)], "less than 1 ms in 1 piece"),
        # Each of them is less than a millisecond.
        ([audio(16)] * 27, "18 ms in 27 pieces"),
        ([audio(24_000)] * 90, "90.0 s in 90 pieces"),
        ([audio(8_000, sample_rate=8_000, channels=2)] * 3, "1.5 s in 3 pieces"),
        ([audio(0, samples_per_channel=2400)], "100 ms in 1 piece"),
        ([audio(0, samples_per_channel=10**400), audio(240)], "10 ms in 2 pieces"),
        ([audio(240, sample_rate=-1)], "10 ms in 1 piece"),
        (
            [message("response.output_audio.delta", delta="?"), audio(240)],
            "10 ms in 2 pieces, 1 of them no base64",
        ),
    ],
)
def test_audio_is_a_duration(pretty: Pretty, pieces: list[bytes], told: str) -> None:
    (line,) = shown(pretty(session(*pieces)))
    assert line == (str(len(pieces)), "audio", told)


def test_audio_of_all_kinds(pretty: Pretty) -> None:
    data = base64.b64encode(bytes(480)).decode()
    body = session(
        message("response.audio.delta", delta=data),
        message("session.output_audio.delta", delta=data),
        message("conversation.output_audio.delta", data=data, sample_rate=24_000, channels=1),
        message("conversation.output_audio.delta"),
    )
    assert shown(pretty(body, "v1"))[0][1:] == ("audio", "30 ms in 4 pieces")
    assert data not in pretty(body, "v1")


def test_what_comes_after_other_things_is_another_sum(pretty: Pretty) -> None:
    done = message("response.output_audio.done", item_id="a")
    lines = shown(pretty(session(audio(24_000), audio(24_000), done, audio(240))))
    assert lines == [
        ("2", "audio", "2.0 s in 2 pieces"),
        ("3", "ResponseOutputAudioDone", "item_id=a"),
        ("4", "audio", "10 ms in 1 piece"),
    ]


# -- the rest ------------------------------------------------------------------------------------


def test_session_events_are_short(pretty: Pretty) -> None:
    body = message(
        "session.created",
        event_id="event_1",
        session={"type": "realtime", "id": "sess_1", "model": "m", "instructions": "x" * 5000},
    )
    cancelled = {"id": "r", "status": "cancelled", "status_details": {"reason": "turn_detected"}}
    text = pretty(session(body, message("response.done", response=cancelled), message("ping")))
    assert [line[1:] for line in shown(text)] == [
        ("SessionCreated", "realtime m sess_1"),
        ("ResponseDone", "cancelled turn_detected r"),
        ("Ping", ""),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (ERROR, "server_error: went wrong"),
        (message("error", message="at the top"), "at the top"),
        (message("error", error="text"), '"text"'),
        (message("error", error={"code": "c", "message": "long " * 50}), "c: long long"),
    ],
)
def test_errors_are_told_whole(pretty: Pretty, body: bytes, said: str) -> None:
    text = pretty(session(UPDATED, body))
    assert f"    2  RealtimeError              {said}" in text
    assert text.count("long") in (0, 100)
    assert "outcome  The session ended with an error: " in text


def test_a_close_is_explained(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output = Output()
    view = DialogueView(output, RealtimeFeed("v2", "full"))
    closed = SessionClosed(3000, "invalid_request_error.invalid_api_key")
    view.show([closed, SessionClosed(), ConversationEnded("error", "boom")])
    output.flush()
    text = " ".join(capfdbinary.readouterr().out.decode().split())
    assert f"3000 · invalid_request_error.invalid_api_key · {closed.explanation}" in text
    assert f"SessionClosed {SessionClosed().explanation}" in text
    assert "ConversationEnded error · boom" in text


def test_what_the_client_says(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    conversation = RealtimeConversation("v2")
    conversation.configure(RealtimeSessionConfig(instructions="Be brief."))
    output = Output()
    view = DialogueView(output, RealtimeFeed("v2", "full"))
    view.show_sent(conversation.messages_to_send())
    view.show_sent([text_item("hello"), function_output("call_1", "Done."), ResponseCreate()])
    view.show_sent([ConversationHandoffAppend(handoff_id="h", output_text="x")])
    view.show_sent([ConversationItemCreate(raw_item=msgspec.Raw(b"[]"))])
    output.flush()
    assert [line.strip() for line in capfdbinary.readouterr().out.decode().splitlines()] == [
        "→ SessionUpdate            realtime",
        "→ ConversationItemCreate   user: hello",
        "→ ConversationItemCreate   call_1: Done.",
        "→ ResponseCreate",
        '→ ConversationHandoffAppend handoff_id="h" output_text="x"',
        "→ ConversationItemCreate   [0]",
    ]


@pytest.mark.parametrize("recording", SERVER, ids=str)
def test_every_recording(recording: Recording, pretty: Pretty) -> None:
    for profile in ("full", "codex"):
        text = pretty(recording.bytes, profile=profile)
        assert "outcome  No error at the end.\n" in text
        assert not FORBIDDEN.search(text)
        # No base64 of audio is shown, and everything that was said is.
        words = " ".join(text.split())
        for line in recording.bytes.splitlines():
            plain = json.loads(line)
            if plain["type"].endswith("audio.delta"):
                assert plain["delta"] not in text
            elif plain["type"] == "response.output_audio_transcript.done":
                assert " ".join(plain["transcript"].split()) in words


def test_output_does_not_depend_on_the_chunks(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    args = ["decode", "--protocol", "realtime-v2", "--format", "pretty", str(SESSION)]
    assert main(args) == 0
    whole = capfdbinary.readouterr().out
    for chunk in ("1", "7", "4096"):
        assert main([*args, "--chunk", chunk]) == 0
        assert capfdbinary.readouterr().out == whole


def hostile() -> bytes:
    item = {"type": HOSTILE, "id": HOSTILE, "name": HOSTILE}
    arguments = json.dumps({"prompt": HOSTILE})
    return session(
        message("session.updated", session={"id": HOSTILE, "instructions": HOSTILE}),
        user(HOSTILE),
        message(
            "conversation.item.input_audio_transcription.completed", item_id="u", transcript=HOSTILE
        ),
        assistant(HOSTILE),
        message("conversation.item.added", item=item),
        CALL.replace(json.dumps('{"prompt": "do <it>"}').encode(), json.dumps(arguments).encode()),
        message("response.done", response={"id": HOSTILE, "status": HOSTILE}),
        message("error", error={"type": HOSTILE, "message": HOSTILE}),
        message(HOSTILE, text=HOSTILE),
        HOSTILE.encode(),
        message("error", message=HOSTILE),
    )


@pytest.mark.parametrize("profile", ["full", "codex"])
def test_nothing_of_a_peers_commands_a_pipe(pretty: Pretty, profile: str) -> None:
    text = pretty(hostile(), profile=profile)
    assert not FORBIDDEN.search(text)
    assert "\r" not in text
    assert text.count(r"\x1b[2J") > 8
    # The handoff was one.
    assert "<input>" in text


@on_linux
@pytest.mark.parametrize("columns", [20, 80, 133])
def test_on_a_terminal(columns: int, tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(SESSION.read_bytes().rstrip() + b"\n" + hostile())
    code, seen = run_on_terminal("decode", "--protocol", "realtime-v2", str(path), columns=columns)
    assert code == 0
    assert SGR.search(seen)
    text = SGR.sub(b"", seen).decode().replace("\r\n", "\n")
    assert not FORBIDDEN.search(text)
    assert "\r" not in text
    assert max(map(len, text.split("\n"))) <= max(40, columns)
    if columns > 40:
        assert "<realtime_delegation>" in text
