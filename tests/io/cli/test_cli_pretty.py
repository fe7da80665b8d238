"""The view for people: when it is chosen, what it shows, and what must not reach a terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Protocol

import pytest

from codex_proto_io.cli import main
from codex_proto_io.cli._text import shortened, visible
from tests.io.cli.cli_runner import (
    BUNDLED,
    COMPLETED,
    CREATED,
    SGR,
    message,
    rows,
    run,
    run_on_terminal,
    sse,
)

RESPONSES = ("decode", "--protocol", "responses")
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="terminals as on Linux")

# Everything a peer might try: colours, titles, the bell, C1 controls, overwriting, direction.
HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31mred\x08\x08\r\u202eevil\u2028 [bold]markup[/bold] \x7f"
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u2028]")


class Pretty(Protocol):
    def __call__(self, body: bytes, protocol: str = "responses") -> str: ...


@pytest.fixture
def pretty(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Pretty:
    """Runs the view without a terminal, in this process: a new one takes its time."""

    def run_pretty(body: bytes, protocol: str = "responses") -> str:
        path = tmp_path / "body"
        path.write_bytes(body)
        code = main(["decode", "--protocol", protocol, "--format", "pretty", str(path)])
        out, err = capfdbinary.readouterr()
        assert (code, err) == (0, b"")
        return out.decode()

    return run_pretty


def delta(text: str, type_: str = "response.output_text.delta", **members: object) -> bytes:
    return message(type_, item_id="item_1", delta=text, **members)


# -- when ----------------------------------------------------------------------------------------


@on_linux
def test_a_terminal_gets_colours_and_a_pipe_gets_json() -> None:
    path = str(BUNDLED / "function_call.sse")
    code, seen = run_on_terminal(*RESPONSES, path)
    assert code == 0
    assert SGR.search(seen)
    text = SGR.sub(b"", seen).decode()
    assert "FunctionCallArgumentsDelta" in text
    assert "374 tokens: 355 in, 19 out" in text
    assert not FORBIDDEN.search(text)
    assert rows(run(*RESPONSES, path).stdout)
    code, seen = run_on_terminal(*RESPONSES, "--format", "jsonl", path)
    assert len(rows(seen.replace(b"\r\n", b"\n"))) == 13


@on_linux
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(env: dict[str, str]) -> None:
    code, seen = run_on_terminal(*RESPONSES, str(BUNDLED / "text_answer.sse"), env=env)
    assert code == 0
    assert b"2 + 2 = 4." in seen
    assert b"\x1b" not in seen


@on_linux
def test_no_color_that_is_empty_means_nothing() -> None:
    _, seen = run_on_terminal(*RESPONSES, str(BUNDLED / "rate_limited.sse"), env={"NO_COLOR": ""})
    assert SGR.search(seen)


def test_a_pipe_gets_plain_text_even_where_colours_are_forced() -> None:
    done = run(*RESPONSES, "--format", "pretty", str(BUNDLED / "text_answer.sse"), FORCE_COLOR="1")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.decode().split("\n"))


# -- what ----------------------------------------------------------------------------------------


def test_deltas_run_on_and_belong_together(pretty: Pretty) -> None:
    text = pretty(
        sse(
            CREATED,
            delta("One, ", "response.reasoning_summary_text.delta"),
            delta("two.", "response.reasoning_summary_text.delta"),
            delta("Hel"),
            delta("lo,\nwor"),
            delta("ld", output_index=1),
            COMPLETED,
        )
    )
    lines = text.split("\n")
    assert lines[0].split() == ["1", "Created", "in_progress", "resp_1"]
    assert lines[1].split() == ["2", "ReasoningSummaryDelta", "One,", "two."]
    assert lines[2].split() == ["4", "OutputTextDelta", "Hello,"]
    assert lines[3].split() == ["wor"]
    assert lines[3].index("wor") == lines[2].index("Hello")
    # Another place in the output is another text.
    assert lines[4].split() == ["6", "OutputTextDelta", "ld"]
    assert lines[5].startswith("    7  Completed ")
    assert "7 tokens: 5 in, 2 out" in lines[5]


def test_another_item_id_in_every_delta_is_still_one_text(pretty: Pretty) -> None:
    pieces = [
        message("response.output_text.delta", item_id=f"id_{n}", output_index=0, delta=f"{n} ")
        for n in range(5)
    ]
    assert "OutputTextDelta            0 1 2 3 4\n" in pretty(sse(CREATED, *pieces, COMPLETED))


def test_words_are_not_broken_where_deltas_are(pretty: Pretty) -> None:
    words = [f"word{number:04}" for number in range(100)]
    pieces = [part for word in words for part in (word[:3], word[3:] + " ")]
    text = pretty(sse(CREATED, *map(delta, pieces), COMPLETED))
    assert re.findall(r"word\d+", text) == words
    assert max(map(len, text.split("\n"))) <= 100


def test_a_word_without_end_is_cut_and_whole(pretty: Pretty) -> None:
    long = "X" * 1000
    text = pretty(sse(CREATED, *[delta(long)] * 3, COMPLETED))
    assert text.count("X") == 3000
    assert max(map(len, text.split("\n"))) <= 100


def test_summary_of_success_and_failure(pretty: Pretty) -> None:
    text = pretty(sse(CREATED, delta("a"), delta("b"), COMPLETED) + b": alive\n\n")
    assert "outcome  Response resp_1 completed, 7 tokens: 5 in, 2 out.\n" in text
    assert "events   4: 2 OutputTextDelta, Created, Completed\n" in text
    assert re.search(r"input    \d+ bytes, 1 comment\n", text)
    text = pretty(sse(CREATED))
    assert "StreamClosedEarly: The stream closed" in text
    assert "outcome  The response failed with StreamClosedEarly; the same request may" in text
    text = pretty(b"\n".join([CREATED, COMPLETED, CREATED]), "responses-ws")
    assert "outcome  2 streams: 1 completed, 1 did not.\n" in text
    text = pretty(b"data: x\n\ndata: y", "eventstream")
    assert "events   1: message\n" in text
    assert "outcome  Not whole: the input ends inside an event.\n" in text
    assert "input    16 bytes, 7 bytes left of an unfinished block\n" in text


def test_names_of_events_are_counted_up_to_a_limit(pretty: Pretty) -> None:
    names = [f"event: name{number}\ndata: x\n\n".encode() for number in range(200)]
    text = pretty(b"".join(names), "eventstream")
    assert "events   200: 150 (others), name0, name1," in text


def test_notes_are_shown(pretty: Pretty) -> None:
    odd = message("response.output_text.done", text="x", sequence_number="wrong")
    text = pretty(sse(CREATED, odd, COMPLETED))
    if "MalformedEvent" not in text:
        assert "note: sequence_number" in text


# -- what not ------------------------------------------------------------------------------------


def hostile_streams() -> dict[str, tuple[str, bytes]]:
    raw = HOSTILE.encode().replace(b"\r", b"")
    response = {"id": HOSTILE, "model": HOSTILE, "error": {"code": HOSTILE, "message": HOSTILE}}
    return {
        "text": ("responses", sse(CREATED, delta(HOSTILE), COMPLETED)),
        "arguments": (
            "responses",
            sse(CREATED, delta(HOSTILE, "response.function_call_arguments.delta")),
        ),
        "item": (
            "responses",
            sse(message("response.output_item.done", item={"type": HOSTILE, "name": HOSTILE})),
        ),
        "response": ("responses", sse(message("response.failed", response=response))),
        "completed": ("responses", sse(message("response.completed", response=response))),
        "error": ("responses", sse(message("error", code=HOSTILE, message=HOSTILE))),
        "unknown": ("responses", sse(message(HOSTILE, text=HOSTILE))),
        "malformed": ("responses", sse(raw)),
        "leftover": ("responses", raw),
        "messages": ("responses-ws", raw + b"\n" + CREATED),
        "events": ("eventstream", b"event: " + raw + b"\nid: " + raw + b"\ndata: " + raw + b"\n\n"),
    }


@pytest.mark.parametrize("case", hostile_streams())
def test_nothing_of_a_peers_commands_a_pipe(case: str, pretty: Pretty) -> None:
    protocol, body = hostile_streams()[case]
    text = pretty(body, protocol)
    assert not FORBIDDEN.search(text)
    assert "\r" not in text
    if case not in {"leftover", "completed"}:
        assert r"\x1b[2J" in text


@on_linux
@pytest.mark.parametrize("case", ["text", "response", "malformed", "events"])
def test_nothing_of_a_peers_commands_a_terminal(case: str, tmp_path: Path) -> None:
    protocol, body = hostile_streams()[case]
    path = tmp_path / "hostile"
    path.write_bytes(body)
    code, seen = run_on_terminal("decode", "--protocol", protocol, str(path), columns=200)
    assert code == 0
    text = SGR.sub(b"", seen).decode().replace("\r\n", "\n")
    assert not FORBIDDEN.search(text)
    assert "\r" not in text
    assert r"\x1b[2J" in text
    if case == "text":
        assert "[bold]markup[/bold]" in text


def test_visible_keeps_layout_and_shows_the_rest() -> None:
    assert visible("a\tb\nc\r\x1b\x9b\u202e\ud800é…") == "a\tb\nc\\r\\x1b\\x9b\\u202e\\ud800é…"
    assert visible("a\tb\nc", one_line=True) == "a\\tb\\nc"
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"


# -- the size of the terminal --------------------------------------------------------------------


@on_linux
@pytest.mark.parametrize("columns", [20, 60, 80, 133])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    code, seen = run_on_terminal(
        *RESPONSES, str(BUNDLED / "text_answer.sse"), columns=columns, env={"NO_COLOR": "1"}
    )
    assert code == 0
    # Below 40 columns there is no telling anything; the terminal breaks the lines then.
    assert max(map(len, seen.decode().split("\r\n"))) <= max(40, columns)
    assert b"Calculating" in seen


@on_linux
def test_long_input_shows_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "long.sse"
    path.write_bytes(sse(CREATED, *[message("keepalive", filler="x" * 5000)] * 300, COMPLETED))
    _, seen = run_on_terminal(*RESPONSES, str(path), env={"NO_COLOR": "1"})
    percentages = [int(percent) for percent in re.findall(rb"(?m)^ *(\d+)% ", seen)]
    assert len(percentages) == 302
    assert percentages == sorted(percentages)
    assert percentages[-1] == 100
    # While the output goes to a file, standard error has the terminal to itself.
    with (tmp_path / "out").open("wb") as out:
        code, seen = run_on_terminal(*RESPONSES, str(path), stdout=out)
    assert code == 0
    assert re.match(rb"(\r +\d+%)+\r100%\r    \r$", seen)
    assert len(rows((tmp_path / "out").read_bytes())) == 302


@on_linux
def test_short_input_is_not_measured() -> None:
    _, seen = run_on_terminal(*RESPONSES, str(BUNDLED / "text_answer.sse"), env={"NO_COLOR": "1"})
    assert b"%" not in seen
