"""Realtime sessions through the command: the feed, its JSON lines, and how it ends."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import pytest

from codex_proto.realtime import (
    ROWS,
    HandoffRequested,
    InputTranscriptDelta,
    MalformedEvent,
    OutputTranscriptDelta,
    RealtimeDecoder,
    RealtimeError,
    TranscriptAccumulator,
    TranscriptEntry,
    UnknownEvent,
    decode_realtime_event,
    delegation_from_handoff,
)
from codex_proto_io.cli import _realtime_feed as realtime_feed
from codex_proto_io.cli import main
from codex_proto_io.cli._decode import cut
from codex_proto_io.cli._feeds import make_feed
from codex_proto_io.cli._jsonl import json_line
from codex_proto_io.cli._lines import MessageLines
from codex_proto_io.cli._misuse import Misuse
from codex_proto_io.cli._realtime_feed import RealtimeFeed
from codex_proto_io.cli._realtime_jsonl import realtime_line
from tests.io.cli.cli_runner import message, rows, run
from tests.recordings import DATA, Recording, recordings

V1: Final = ("decode", "--protocol", "realtime-v1")
V2: Final = ("decode", "--protocol", "realtime-v2")
SESSION: Final = DATA / "realtime_conversation.jsonl"
CAPTURES: Final = json.loads((DATA / "realtime_captures.json").read_text("utf-8"))
VECTORS: Final = [
    json.loads(line)["req"]
    for line in (DATA / "upstream" / "realtime.jsonl").read_bytes().splitlines()
]
SERVER: Final = tuple(r for r in recordings("realtime", ".jsonl") if ".client" not in r.name)
PROFILES: Final = ("full", "codex")
Version = Literal["v1", "v2"]

UPDATED: Final = message("session.updated", session={"id": "sess_1"})
ERROR: Final = message("error", error={"type": "server_error", "message": "went wrong"})
CALL: Final = message(
    "conversation.item.done",
    item={
        "id": "item_1",
        "type": "function_call",
        "name": "background_agent",
        "call_id": "call_1",
        "arguments": '{"prompt": "do <it>"}',
    },
)


def served(capture: str) -> bytes:
    """What the server said in a captured session, one message a line."""
    frames = CAPTURES[capture]["frames"]
    return b"".join(
        json.dumps(frame["message"]).encode() + b"\n" for frame in frames if frame["dir"] == "s2c"
    )


def row(event: object) -> dict[str, Any]:
    (only,) = rows(realtime_line(event))
    assert next(iter(only)) == "event"
    return only


def decoded(body: bytes, version: Version = "v2", profile: str = "full") -> list[dict[str, Any]]:
    feed = RealtimeFeed(version, profile)
    return [row(event) for event in (*feed.receive_data(body), *feed.receive_eof())]


# -- recordings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("recording", SERVER, ids=str)
def test_every_recording(
    recording: Recording, profile: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(recording.bytes)
    outputs: set[bytes] = set()
    for more in ((), ("--chunk", "1"), ("--chunk", "7"), ("--chunk", "4096")):
        assert main([*V2, "--profile", profile, "--check", *more, str(path)]) == 0
        out, err = capfdbinary.readouterr()
        assert err == b""
        outputs.add(out)
    (output,) = outputs
    lines = rows(output)
    decoder: RealtimeDecoder[Any] = RealtimeDecoder("v2", "codex" if profile == "codex" else "full")
    messages = recording.bytes.splitlines()
    events = [event for each in messages for event in decoder.receive_message(each)]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in events]
    if profile == "full":
        for line, each in zip(lines, messages, strict=True):
            # There are no handoffs in these, so a line is a message.
            on_wire = json.loads(each)
            members = {name: value for name, value in line.items() if name != "event"}
            assert members
            assert members.items() <= on_wire.items()


@pytest.mark.parametrize("form", ["jsonl", "pretty"])
def test_a_recording_through_the_command(form: str) -> None:
    whole = run(*V2, "--format", form, "--check", str(SESSION))
    assert (whole.returncode, whole.stderr) == (0, b"")
    piped = run(*V2, "--format", form, "--chunk", "5", stdin=SESSION.read_bytes())
    assert piped.stdout == whole.stdout
    if form == "jsonl":
        assert rows(whole.stdout) == decoded(SESSION.read_bytes())


# -- handoffs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("capture", [name for name in CAPTURES if "basic" in name])
def test_handoffs_carry_what_the_agent_gets(capture: str, profile: str) -> None:
    version: Version = "v1" if "v1" in capture else "v2"
    lines = decoded(served(capture), version, profile)
    handoffs = [line for line in lines if line["event"] == "HandoffRequested"]
    # Byte for byte what the real client handed over.
    assert [line["delegation"] for line in handoffs] == CAPTURES[capture]["delegations"]
    if version == "v1":
        assert handoffs == [
            {
                "event": "HandoffRequested",
                "handoff_id": "handoff_1",
                "item_id": "item_2",
                "input_transcript": "delegate now & <go>",
                "active_transcript": [
                    {"role": "user", "text": "delegate now"},
                    {"role": "assistant", "text": "ok"},
                    {"role": "user", "text": "delegate now & <go>"},
                ],
                "delegation": CAPTURES[capture]["delegations"][0],
            }
        ]


def test_a_handoff_comes_after_the_event_that_carries_it() -> None:
    names = [line["event"] for line in decoded(CALL)]
    assert names == ["ConversationItemDoneEvent", "HandoffRequested"]
    assert [line["event"] for line in decoded(CALL, profile="codex")] == ["HandoffRequested"]


def test_a_handoff_of_nothing() -> None:
    body = message(
        "conversation.handoff.requested", handoff_id="h", item_id="i", input_transcript=""
    )
    handoff = decoded(body, "v1")[-1]
    assert handoff["active_transcript"] == []
    assert handoff["delegation"] is None


@pytest.mark.parametrize("profile", PROFILES)
def test_both_profiles_hear_what_one_accumulator_hears(profile: str) -> None:
    """On upstream's vectors: the handoffs are those of decoder and accumulator put together."""
    seen = 0
    for vector in VECTORS:
        messages = [each for each in vector["messages"] if "\n" not in each and each.strip()]
        decoder, transcript = RealtimeDecoder(vector["parser"]), TranscriptAccumulator()
        expected = [
            filled
            for each in messages
            for event in decoder.receive_message(each)
            if isinstance(filled := transcript.receive_event(event), HandoffRequested)
        ]
        body = "\n".join(messages).encode("utf-8", "surrogatepass")
        feed = RealtimeFeed(vector["parser"], profile)
        events = [*feed.receive_data(body), *feed.receive_eof()]
        handoffs = [event for event in events if isinstance(event, HandoffRequested)]
        assert handoffs == expected
        for handoff in handoffs:
            seen += 1
            assert handoff.active_transcript is not None
            line = row(handoff)
            assert line["delegation"] == delegation_from_handoff(handoff)
            assert [(each["role"], each["text"]) for each in line["active_transcript"]] == [
                (entry.role, entry.text) for entry in handoff.active_transcript
            ]
    assert seen > 20


# -- lines ---------------------------------------------------------------------------------------


def test_members_absent_null_raw_and_noted() -> None:
    (line,) = decoded(
        b'{"type":"conversation.item.created","previous_item_id":null,"event_id":5,"item":{"n":1.50}}'
    )
    assert line["previous_item_id"] is None
    assert line["item"] == {"n": 1.5}
    assert "event_id" not in line
    ((field, reason, raw),) = [tuple(note.values()) for note in line["notes"]]
    assert (field, raw) == ("event_id", 5)
    assert reason
    (line,) = decoded(b'{"type":"conversation.item.created","item":{"n":1.50}}', profile="codex")
    assert line == {"event": "ConversationItemAdded", "item": {"n": 1.5}}


def test_audio_stays_base64() -> None:
    delta = message("response.output_audio.delta", item_id="i", delta="AQID")
    assert decoded(delta)[0]["delta"] == "AQID"
    (line,) = decoded(delta, profile="codex")
    # What the server did not say is left out.
    frame = {"data": "AQID", "sample_rate": 24_000, "num_channels": 1, "item_id": "i"}
    assert line == {"event": "AudioOut", "frame": frame}


def test_a_pressed_key_is_no_name_of_an_event() -> None:
    pressed = message("input_audio_buffer.dtmf_event_received", event="5", received_at=7)
    name = "InputAudioBufferDtmfEventReceivedEvent"
    assert decoded(pressed) == [{"event": name, "received_at": 7, "key": "5"}]
    assert decoded(message("input_audio_buffer.dtmf_event_received")) == [{"event": name}]


def test_no_other_member_takes_the_name_of_the_event() -> None:
    taken = [cls.__name__ for cls, _, _ in ROWS if "event" in cls.__struct_encode_fields__]
    assert taken == ["InputAudioBufferDtmfEventReceivedEvent"]


def test_members_have_their_names_in_python() -> None:
    for cls, _, _ in ROWS:
        for field in msgspec.structs.fields(cls):
            if field.name != "wire_notes":
                assert field.encode_name == field.name.removeprefix("raw_")
                assert hasattr(cls, field.encode_name)


def test_strange_events_and_unpaired_surrogates() -> None:
    assert decoded(b'{"type":"x.y","a":[1]}') == [
        {"event": "UnknownEvent", "type": "x.y", "raw": {"type": "x.y", "a": [1]}}
    ]
    assert decoded(b'{"type":"x.y"}', profile="codex") == []
    assert row(OutputTranscriptDelta("a\ud800b")) == {
        "event": "OutputTranscriptDelta",
        "delta": "a\ufffdb",
    }
    said = (TranscriptEntry("user", "\ud83d"),)
    handoff = row(HandoffRequested("h", "i", "\ud83d", said))
    assert handoff["active_transcript"] == [{"role": "user", "text": "\ufffd"}]
    # The envelope loses nothing.
    assert "<input>&#xd83d;</input>" in handoff["delegation"]


def test_what_holds_for_both_is_the_same() -> None:
    event = decode_realtime_event(UPDATED, "v2")
    assert realtime_line(event) == json_line(event)
    assert row(InputTranscriptDelta("x")) == {"event": "InputTranscriptDelta", "delta": "x"}


def test_any_bytes_make_valid_lines() -> None:
    chance = random.Random(7)
    seeds = [r.bytes for r in SERVER] + [SESSION.read_bytes(), served("e-169__v1-basic")]
    for _ in range(200):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 12)):
            place = chance.randrange(len(body))
            body[place : place + chance.randrange(4)] = chance.choice(
                [b'"', b"\\ud800", b"\xff", b"\n", b"{", b"]", b"\\", b"\0", b"1e999", b",", b"-"]
            )
        version: Version = chance.choice(("v1", "v2"))
        profile = chance.choice(PROFILES)
        feeds = [RealtimeFeed(version, profile) for _ in range(2)]
        whole = [*feeds[0].receive_data(bytes(body)), *feeds[0].receive_eof()]
        size = chance.randrange(1, 100)
        pieces = [e for piece in cut(bytes(body), size) for e in feeds[1].receive_data(piece)]
        pieces += feeds[1].receive_eof()
        assert pieces == whole
        assert feeds[0].problem() == feeds[1].problem()
        assert feeds[0].conclusion() == feeds[1].conclusion()
        for event in whole:
            line = realtime_line(event)
            assert line.count(b"\n") == 1
            assert b"\r" not in line
            msgspec.json.decode(line, type=dict[str, msgspec.Raw])


# -- odd input -----------------------------------------------------------------------------------


def test_blank_lines_line_ends_and_what_is_no_json() -> None:
    body = b"\r\n\n" + UPDATED + b"\r\n \t\nnot json\n[1]\n" + ERROR
    names = [line["event"] for line in decoded(body)]
    assert names == [
        "SessionUpdatedEvent",
        "MalformedEvent",
        "MalformedEvent",
        "RealtimeErrorEvent",
    ]
    assert decoded(body)[1]["raw"] == "not json"
    assert [line["event"] for line in decoded(body, profile="codex")] == [
        "SessionUpdated",
        "RealtimeError",
    ]


def test_lines_are_cut_and_not_kept_beyond_the_limit() -> None:
    lines = MessageLines(10)
    assert lines.receive_data(b"a\n\r\n  \nb\rc\r\nd") == [b"a", b"b\rc"]
    assert lines.receive_data(b"e" * 5) == []
    assert lines.receive_data(b"e" * 5) == [b"d" + b"e" * 10]
    assert lines.receive_data(b"e" * 100) == []
    assert lines.receive_data(b"\n" + b"f" * 10 + b"\ng") == [b"f" * 10]
    assert lines.receive_eof() == [b"g"]
    assert lines.receive_eof() == []


def test_a_message_that_is_too_long_fails_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime_feed, "MessageLines", lambda: MessageLines(1000))
    monkeypatch.setattr(
        realtime_feed,
        "RealtimeDecoder",
        lambda version, profile: RealtimeDecoder(version, profile, max_event_size=1000),
    )
    feed = RealtimeFeed("v2", "full")
    events = [*feed.receive_data(UPDATED + b"\n" + b"x" * 600), *feed.receive_data(b"x" * 600)]
    assert [type(event).__name__ for event in events] == ["SessionUpdatedEvent", "RealtimeError"]
    error = json.loads(realtime_line(events[-1]))["error"]
    assert (error["kind"], error["limit"]) == ("EventTooLarge", 1000)
    said = json.loads(realtime_line(RealtimeError("No.")))
    assert said == {"event": "RealtimeError", "message": "No."}
    assert [*feed.receive_data(b"x\n" + UPDATED + b"\n"), *feed.receive_eof()] == []
    assert "max_event_size" in str(feed.problem())
    assert feed.remarks() == ["1 message after the failure, not shown"]


def test_live_lines_are_told_at_once() -> None:
    feed = RealtimeFeed("v2", "full")
    assert len(feed.receive_data(UPDATED + b"\n")) == 1
    assert feed.receive_data(UPDATED) == []
    assert len(feed.receive_eof()) == 1


# -- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "problem_full", "problem_codex"),
    [
        (UPDATED, None, None),
        (UPDATED + b"\n" + message("new.kind"), None, None),
        (UPDATED + b"\nno json\n" + UPDATED, None, None),
        # A session of the public API goes on after an error, one of Codex ends.
        (ERROR + b"\n" + UPDATED, None, "the session failed: went wrong"),
        (
            UPDATED + b"\n" + ERROR + b"\n\n",
            "the session ended with an error: went wrong",
            "the session failed: went wrong",
        ),
        (
            UPDATED + b"\n" + message("error"),
            "the session ended with an error: no message",
            "the session ended with an error: no message",
        ),
        (b"", "no event of a realtime session came", "no event of a realtime session came"),
        (
            b"<html>\n</html>\n" + message("new.kind"),
            "no event of a realtime session came",
            "no event of a realtime session came",
        ),
        (UPDATED + b"\n" + UPDATED[:-5], "the last message is malformed: ", "the last message is "),
    ],
)
def test_check(
    body: bytes,
    problem_full: str | None,
    problem_codex: str | None,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(body)
    for profile, problem in (("full", problem_full), ("codex", problem_codex)):
        args = [*V2, "--profile", profile, str(path)]
        assert main(args) == 0
        unchecked = capfdbinary.readouterr()
        assert unchecked.err == b""
        assert main([*args, "--check"]) == (0 if problem is None else 1)
        checked = capfdbinary.readouterr()
        assert checked.out == unchecked.out
        if problem is None:
            assert checked.err == b""
        else:
            assert checked.err.decode().startswith(f"codex-proto: check failed: {problem}")
            assert checked.err.count(b"\n") == 1


def test_check_of_the_command() -> None:
    for stdin, code in ((UPDATED, 0), (ERROR, 1)):
        assert run(*V2, "--check", stdin=stdin).returncode == code
        assert run(*V1, "--check", "--profile", "codex", stdin=stdin).returncode == code


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((*V2, "--headers", os.devnull), "--headers: not for a realtime session"),
        ((*V1, "--headers", os.devnull), "--headers: not for a realtime session"),
        ((*V2, "--profile", "codec"), "codec"),
        (("decode", "--protocol", "realtime"), "realtime-v1"),
        ((*V2, "--chunk", "0"), "at least 1"),
        ((*V2, "/no/such/file"), "/no/such/file"),
    ],
)
def test_misuse_is_one_line_and_exit_2(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"codex-proto: error: ")
    assert done.stderr.count(b"\n") == 1
    assert said in done.stderr.decode()


def test_a_profile_that_the_decoder_refuses_is_misuse() -> None:
    with pytest.raises(Misuse, match="--profile nonsense"):
        make_feed("realtime-v1", "nonsense", None)


def test_remarks_and_conclusions() -> None:
    feed = RealtimeFeed("v2", "full")
    feed.receive_data(ERROR + b"\n" + CALL + b"\n" + UPDATED + b"\n")
    assert feed.remarks() == ["1 server error"]
    assert feed.conclusion().sentence == "No error at the end; 1 handoff to the agent."
    feed = RealtimeFeed("v2", "codex")
    feed.receive_data(message("session.created", session={}) + b"\nno\n" + UPDATED)
    feed.receive_eof()
    assert feed.remarks() == ["2 events that Codex ignores, not shown"]
    assert feed.conclusion().is_good
    feed.receive_data(b"\n" + ERROR + b"\n")
    assert feed.conclusion().sentence == "The session failed: went wrong."
    assert not feed.conclusion().is_good


def test_the_full_profile_is_the_default() -> None:
    by_default = run(*V2, stdin=UPDATED).stdout
    assert rows(by_default)[0]["event"] == "SessionUpdatedEvent"
    assert run(*V2, "--profile", "full", stdin=UPDATED).stdout == by_default


def test_kinds_of_events_that_count_as_none() -> None:
    feed = RealtimeFeed("v2", "full")
    events = feed.receive_data(b"no\n" + message("conversation.output_transcript.delta") + b"\n")
    assert [type(event) for event in events] == [MalformedEvent, UnknownEvent]
    assert feed.problem() == "no event of a realtime session came"
