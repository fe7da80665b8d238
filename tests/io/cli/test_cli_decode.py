"""The command as a process: what it reads, how it ends, how it is refused."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codex_proto import __version__
from codex_proto_io.cli import _decode, main
from tests.io.cli.cli_runner import (
    BUNDLED,
    COMMAND,
    COMPLETED,
    CREATED,
    SGR,
    environment,
    message,
    rows,
    run,
    run_on_terminal,
    sse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
from codex_proto_io.cli._decode import read_headers
from codex_proto_io.cli._misuse import Misuse

RESPONSES = ("decode", "--protocol", "responses")
MESSAGES = ("decode", "--protocol", "responses-ws")
EVENTS = ("decode", "--protocol", "eventstream")

TEXT = BUNDLED / "text_answer.sse"
CALL = BUNDLED / "function_call.sse"
FAILED = BUNDLED / "rate_limited.sse"


def names(output: bytes) -> list[str]:
    return [row["event"] for row in rows(output)]


# -- reading -------------------------------------------------------------------------------------


def test_file_and_standard_input_give_the_same() -> None:
    from_file = run(*RESPONSES, str(CALL))
    assert from_file.returncode == 0
    assert from_file.stderr == b""
    assert names(from_file.stdout)[-1] == "Completed"
    for dash in ((), ("-",)):
        from_pipe = run(*RESPONSES, *dash, stdin=CALL.read_bytes())
        assert (from_pipe.returncode, from_pipe.stdout) == (0, from_file.stdout)


@pytest.mark.parametrize("path", [TEXT, CALL, FAILED], ids=lambda path: path.stem)
@pytest.mark.parametrize("form", ["jsonl", "pretty"])
def test_output_does_not_depend_on_the_chunks(
    path: Path, form: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main([*RESPONSES, "--format", form, str(path)]) == 0
    whole = capfdbinary.readouterr().out
    assert whole
    for chunk in ("1", "2", "7", "4096", "1000000000000"):
        assert main([*RESPONSES, "--format", form, "--chunk", chunk, str(path)]) == 0
        assert capfdbinary.readouterr().out == whole


@pytest.mark.parametrize("protocol", ["responses-ws", "eventstream"])
def test_other_protocols_do_not_depend_on_the_chunks_either(protocol: str) -> None:
    body = CREATED + b"\r\n\n" + COMPLETED if protocol == "responses-ws" else FAILED.read_bytes()
    whole = run("decode", "--protocol", protocol, stdin=body).stdout
    assert whole
    assert run("decode", "--protocol", protocol, "--chunk", "3", stdin=body).stdout == whole


def test_live_input_is_shown_at_once() -> None:
    with subprocess.Popen(
        [*COMMAND, *RESPONSES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(sse(CREATED))
        process.stdin.flush()
        # Blocks for ever if the command waits for more.
        assert names(process.stdout.readline()) == ["Created"]
        process.stdin.write(sse(COMPLETED))
        process.stdin.flush()
        assert names(process.stdout.readline()) == ["Completed"]
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(60) == 0


def test_messages_are_lines_and_streams_follow_each_other() -> None:
    lines = [CREATED, b"", COMPLETED + b"\r", b"  ", message("keepalive"), CREATED, COMPLETED]
    done = run(*MESSAGES, "--check", stdin=b"\n".join(lines))
    assert names(done.stdout) == ["Created", "Completed", "Created", "Completed"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_last_stream_of_messages_without_an_outcome_fails() -> None:
    done = run(*MESSAGES, "--check", stdin=b"\n".join([CREATED, COMPLETED, CREATED]))
    assert names(done.stdout) == ["Created", "Completed", "Created", "StreamFailed"]
    assert done.returncode == 1
    assert done.stderr == b"codex-proto: check failed: 1 of 2 streams did not complete\n"


def test_messages_are_not_split_at_other_line_ends() -> None:
    text = message("response.output_text.delta", delta="a b\x85c").replace(b"}", b"\r}")
    assert names(run(*MESSAGES, stdin=text).stdout) == ["OutputTextDelta", "StreamFailed"]


# -- exit codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "body", "code"),
    [
        (RESPONSES, sse(CREATED, COMPLETED), 0),
        (RESPONSES, sse(CREATED), 1),
        (RESPONSES, b"", 1),
        (RESPONSES, b"<html>Bad Gateway</html>", 1),
        (RESPONSES, FAILED.read_bytes(), 1),
        (MESSAGES, b"", 1),
        (EVENTS, b"", 0),
        (EVENTS, b"data: x\n\n", 0),
        (EVENTS, b"data: x\n\n: alive\nid: 7", 0),
        (EVENTS, b"data: x\n\ndata: y\n", 1),
        (EVENTS, b"data: x\n\ndata: y", 1),
    ],
)
def test_check(
    args: tuple[str, ...],
    body: bytes,
    code: int,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    path = tmp_path / "body"
    path.write_bytes(body)
    assert main([*args, str(path)]) == 0
    unchecked, complaint = capfdbinary.readouterr()
    assert complaint == b""
    assert main([*args, "--check", str(path)]) == code
    checked, complaint = capfdbinary.readouterr()
    assert checked == unchecked
    if code:
        assert complaint.startswith(b"codex-proto: check failed: ")
        assert complaint.count(b"\n") == 1
    else:
        assert complaint == b""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "decode, demo, stream, realtime, serve or record"),
        (("decode",), "--protocol"),
        (("frobnicate",), "frobnicate"),
        (("demo", "extra"), "extra"),
        (("decode", "--protocol", "realtime-v9"), "realtime-v9"),
        ((*RESPONSES, "--chunk", "0"), "at least 1"),
        ((*RESPONSES, "--chunk", "-5"), "at least 1"),
        ((*RESPONSES, "--chunk", "many"), "at least 1"),
        ((*RESPONSES, "--chunk", "1.5"), "at least 1"),
        ((*RESPONSES, "--format", "xml"), "xml"),
        ((*RESPONSES, "--profile", "other"), "other"),
        ((*RESPONSES, "--che"), "--che"),
        ((*RESPONSES, "one", "two"), "two"),
        ((*RESPONSES, "/no/such/file"), "/no/such/file"),
        ((*RESPONSES, "no\nsuch\x1b[31mfile"), r"no\nsuch\x1b[31mfile"),
        ((*RESPONSES, str(BUNDLED)), "directory"),
        ((*RESPONSES, "--headers", "/no/such/file"), "/no/such/file"),
        ((*RESPONSES, "--headers", str(BUNDLED / "THIRD_PARTY.md")), "Name: value"),
        ((*EVENTS, "--profile", "codex"), "--profile"),
        ((*EVENTS, "--headers", os.devnull), "--headers"),
    ],
)
def test_misuse_is_one_line_and_exit_2(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"codex-proto: error: ")
    assert done.stderr.endswith(b"\n")
    assert done.stderr.count(b"\n") == 1
    assert said in done.stderr.decode()


def test_unreadable_file(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(name: str, **_: object) -> object:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)

    # Not by the file's mode: those who run the tests may be allowed to read everything.
    monkeypatch.setattr(_decode, "FileIO", refuse)
    assert main([*RESPONSES, "secret.sse"]) == 2
    assert capfd.readouterr() == ("", "codex-proto: error: secret.sse: Permission denied\n")


def test_closed_standard_streams() -> None:
    script = f"{' '.join(COMMAND)} {' '.join(RESPONSES)}"
    for closed, code in (("<&-", 2), (">&- </dev/null", 2), ("2>&- /no/such/file", 2)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{script} {closed}"],
            capture_output=True,
            env=environment(),
            check=False,
        )
        assert done.returncode == code
        assert done.stdout == b""
        assert b"Traceback" not in done.stderr


# -- readers that go away, full disks, impatience ------------------------------------------------


@pytest.fixture(scope="module")
def long_input(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than a pipe holds, so that the command meets the closed end."""
    path = tmp_path_factory.mktemp("input") / "long.sse"
    delta = message("response.output_text.delta", item_id="msg_1", delta="word ")
    path.write_bytes(sse(CREATED, *[delta] * 20_000))
    return path


@pytest.mark.parametrize("form", ["jsonl", "pretty"])
@pytest.mark.parametrize(("check", "code"), [((), 0), (("--check",), 1)])
def test_broken_pipe_is_silent(
    long_input: Path, form: str, check: tuple[str, ...], code: int
) -> None:
    with subprocess.Popen(
        [*COMMAND, *RESPONSES, "--format", form, *check, str(long_input)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()
        # The reader left, but whoever asked for a check still gets the answer.
        assert process.wait(60) == code
    assert complaint.startswith(b"codex-proto: check failed: ") if check else complaint == b""


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("demo",)])
def test_broken_pipe_from_the_start_is_silent(args: tuple[str, ...]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [*COMMAND, *args],
            stdout=write_end,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("args", [(*RESPONSES, str(CALL)), ("demo",), ("--version",)])
def test_full_disk_is_one_line(args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *args],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"codex-proto: error: cannot write the output: No space left on device\n"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Also for tests that a shell runs in the background: it has their processes ignore SIGINT."""
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("form", ["jsonl", "pretty"])
@pytest.mark.usefixtures("interruptible")
def test_interrupt_is_silent(form: str) -> None:
    delta = message("response.output_text.delta", delta="and then ")
    with subprocess.Popen(
        [*COMMAND, *RESPONSES, "--format", form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(sse(CREATED, delta))
        process.stdin.flush()
        assert b"Created" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b""
        assert process.stdout.read().endswith(b"\n")


# -- the rest ------------------------------------------------------------------------------------


def test_version_and_help() -> None:
    assert run("--version").stdout.decode() == f"codex-proto {__version__}\n"
    helped = run("--help")
    assert helped.returncode == 0
    assert b"codex-proto decode --protocol responses" in helped.stdout
    decode_help = run("decode", "--help").stdout
    for said in (b"--chunk", b"--check", b"ServerSentEvent", b"exit code", b"example"):
        assert said in decode_help
    for protocol in (b"responses-ws", b"realtime-v1", b"realtime-v2", b"eventstream"):
        # Among the choices, and explained.
        assert decode_help.count(protocol) >= 2
    assert b"(default: full)" in decode_help


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="terminals as on Linux")
def test_a_hint_where_the_input_is_a_terminal() -> None:
    code, seen = run_on_terminal(*EVENTS, typed=b"data: typed\n\n\x04")
    assert code == 0
    assert b"codex-proto: reading from the terminal; end with Ctrl-D\r\n" in seen
    assert b"The event stream is whole." in SGR.sub(b"", seen)


def test_headers_file(tmp_path: Path) -> None:
    path = tmp_path / "headers"
    path.write_bytes(
        b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
        b"HTTP/2 200\r\nContent-Type: text/event-stream\r\nx-empty:\r\nx-odd: caf\xe9: y\r\n\r\n"
    )
    assert read_headers(str(path)) == [
        ("Content-Type", "text/event-stream"),
        ("x-empty", ""),
        ("x-odd", "café: y"),
    ]
    path.write_bytes(b"one: 1\ntwo words: 2\n")
    with pytest.raises(Misuse, match="line 2"):
        read_headers(str(path))
    path.write_bytes(b"x: y\n" * 300_000)
    with pytest.raises(Misuse, match="1 MiB"):
        read_headers(str(path))
    with pytest.raises(Misuse, match="null"):
        read_headers("a\0b")


def test_the_codex_profile_is_what_codex_makes_of_the_stream(tmp_path: Path) -> None:
    headers = tmp_path / "headers.txt"
    headers.write_text("HTTP/2 200\r\nOpenAI-Model: m\r\nX-Models-Etag: e\r\n\r\n")
    recording = str(BUNDLED / "text_answer.sse")
    done = run(*RESPONSES, "--profile", "codex", "--headers", str(headers), recording)
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["event"] for row in rows[:4]] == [
        "ServerModel",
        "RateLimits",
        "ModelsEtag",
        "Created",
    ]
    assert rows[0] == {"event": "ServerModel", "model": "m"}
    assert rows[1]["snapshot"]["limit_id"] == "codex"
    assert rows[-1]["event"] == "Completed"
    assert "ContentPartAdded" not in {row["event"] for row in rows}
    # The full profile has all of that, and more.
    full = run(*RESPONSES, "--headers", str(headers), recording)
    names = [json.loads(line)["event"] for line in full.stdout.splitlines()]
    assert names[:3] == ["ServerModel", "ModelsEtag", "Created"]
    assert "ContentPartAdded" in names
