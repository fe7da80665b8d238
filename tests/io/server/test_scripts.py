"""The format of scripts: read, written, matched, and refused where it makes no sense."""

from __future__ import annotations

import contextlib
import json
import math
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto_io.server import (
    CutAfter,
    EmbeddedServer,
    Exchange,
    Pace,
    RecordedRequest,
    Script,
    ScriptError,
    ScriptRun,
    refuse,
    say,
    stream,
)
from codex_proto_io.server import (
    _steps as steps,
)
from tests.plain_client import ask, post

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {"format": "codex-proto-script", "version": 1}


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in (HEADER, *values))


# -- reading and writing ------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
seconds = st.none() | st.floats(0, 1e6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
fields = st.lists(
    st.tuples(
        st.from_regex(r"x-[a-z]{1,8}", fullmatch=True), st.from_regex(r"[!-~]{0,9}", fullmatch=True)
    ),
    max_size=3,
).map(lambda pairs: tuple((name, value.strip()) for name, value in pairs))
content = st.one_of(
    st.fixed_dictionaries({"text": text}),
    st.binary(max_size=20).map(lambda data: {"base64": steps.Spoken.binary(data).base64}),
    st.fixed_dictionaries({"json": json_values}),
    text.map(lambda word: {"event": {"type": word}}),
    st.just({}),
)
http_steps = st.tuples(
    st.builds(steps.HeadStep, after=seconds, status=st.integers(200, 999), headers=fields),
    st.builds(lambda said, after: steps.BodyStep(after=after, **said), content, seconds),
    st.builds(steps.EndStep, after=seconds, headers=fields),
).map(list)
socket_steps = st.lists(
    st.one_of(
        st.builds(lambda said: steps.MessageStep(**said), content),
        st.builds(lambda said: steps.ReceiveStep(**said), content),
        st.builds(lambda said: steps.PingStep(**said), content),
        st.builds(lambda said: steps.RawStep(**said), content),
        st.builds(steps.StallStep, seconds=seconds),
    ),
    max_size=4,
)
exchanges = st.one_of(
    st.builds(
        Exchange,
        on=st.sampled_from(["*", "POST /v1/responses", "GET *"]),
        steps=http_steps,
        times=st.integers(1, 5) | st.just("always"),
        cut=st.none() | st.builds(CutAfter, after=st.integers(0, 99)),
        if_=st.none() | st.just({"model": "m"}),
    ),
    st.builds(
        Exchange,
        on=st.just("GET /v1/responses"),
        message=st.none() | text,
        steps=socket_steps,
        pace=st.none() | st.builds(Pace, size=st.integers(1, 9), every=st.floats(0, 9)),
        request=st.none() | st.builds(RecordedRequest, target=text, headers=fields, text=text),
        note=st.none() | text,
    ),
)


@given(st.lists(exchanges, max_size=4), st.sampled_from(["builtin", "error"]))
def test_what_is_written_is_read(given_exchanges: list[Exchange], otherwise: Any) -> None:
    written = Script(given_exchanges, otherwise=otherwise).dumps()
    again = Script.loads(written)
    assert again.dumps() == written
    assert again == Script.loads(again.dumps())
    assert [each.on for each in again.exchanges] == [each.on for each in given_exchanges]
    assert written.count(b"\n") == len(given_exchanges) + 1


@given(st.binary(max_size=60) | st.lists(json_values, max_size=3).map(lambda v: lines(*v)))
def test_whatever_is_read_only_scripts_errors_are_raised(data: bytes) -> None:
    with contextlib.suppress(ScriptError):
        Script.loads(data)


def test_builders_make_what_a_file_can_have() -> None:
    made = Script([stream({"type": "a"}, b"\xff"), refuse(400), say({"type": "a"}, close=1000)])
    assert Script.loads(made.dumps()).dumps() == made.dumps()


def test_files_are_relative_to_the_script(tmp_path: Path) -> None:
    (tmp_path / "body.sse").write_bytes(b"data: from a file\n\n")
    step = {"do": "body", "file": "body.sse"}
    (tmp_path / "script.jsonl").write_bytes(lines({"on": "*", "steps": [step]}))
    with EmbeddedServer(tmp_path / "script.jsonl") as server:
        assert ask(server, post()).answer.body == b"data: from a file\n\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: the header is missing"),
        (b"{}", "line 1: .*format"),
        (b'{"format":"har","version":1}', "line 1: the format must be"),
        (b'{"format":"codex-proto-script","version":2}', "line 1: the version must be 1, not 2"),
        (b"\xff", "line 1: "),
        (lines(7), "line 2: Expected `object`"),
        (lines({"on": "*"}, {"steps": []}), "line 3: .*`on`"),
        (lines({"on": "/v1/responses"}), "line 2: on: must be a method and a path"),
        (lines({"on": "*", "step": []}), "line 2: .*unknown field `step`"),
        (lines({"on": "*", "times": 0}), "times: must be"),
        (lines({"on": "*", "steps": [{"do": "dance"}]}), r"'dance' - at `\$.steps"),
        (lines({"on": "*", "steps": [{"do": "body", "txt": ""}]}), "unknown field `txt`"),
        (lines({"on": "*", "steps": [{"do": "body", "text": "", "json": 1}]}), "both text and js"),
        (lines({"on": "*", "steps": [{"do": "body", "base64": "?"}]}), "is not base64"),
        (lines({"on": "*", "steps": [{"do": "body", "event": {}}]}), "object with a type"),
        (lines({"on": "*", "steps": [{"do": "body", "repeat": 0}]}), "repeat: must be"),
        (lines({"on": "*", "steps": [{"do": "body", "after": -1}]}), "after: must be seconds"),
        (lines({"on": "*", "steps": [{"do": "head", "status": 99}]}), "status: must be 100"),
        (lines({"on": "*", "steps": [{"do": "head", "status": 101}]}), "status: must be"),
        (lines({"on": "*", "steps": [{"do": "respond", "status": 100}]}), "status: must be 200"),
        (lines({"on": "*", "steps": [{"do": "head", "headers": {"a b": ""}}]}), "does not allow"),
        (lines({"on": "*", "steps": [{"do": "close", "code": 65536}]}), "code: must be"),
        (lines({"on": "*", "steps": [{"do": "close", "reason": "x" * 124}]}), "reason: must be"),
        (lines({"on": "*", "steps": [{"do": "cut", "how": "bang"}]}), "Invalid enum value 'bang'"),
        (lines({"on": "*", "cut": {"after": -1}}), "after: must be a number of bytes"),
        (lines({"on": "*", "pace": {"size": 0}}), "size: must be a number of bytes"),
        (lines({"on": "*", "steps": [{"do": "body", "file": "nowhere"}]}), "nowhere: No such file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(content: bytes, told: str) -> None:
    with pytest.raises(ScriptError, match=told):
        Script.loads(content)


@pytest.mark.parametrize(
    "wrong",
    [
        ["head", "head"],
        ["respond", "body"],
        ["body", "respond"],
        ["end", "body"],
        ["body", "message"],
        ["accept", "body"],
        ["accept", "accept"],
        ["message", "accept"],
        ["close", "message"],
        ["answer", "body"],
        ["cut", "body"],
        ["wait_for_close", "message"],
    ],
)
def test_steps_in_an_impossible_order(wrong: list[str]) -> None:
    with pytest.raises(ScriptError, match=rf"steps\[1\]: {wrong[1]} is not allowed"):
        Script.of({"on": "*", "steps": [{"do": name} for name in wrong]})


def test_a_message_is_not_answered_over_http() -> None:
    with pytest.raises(ScriptError, match="body is not allowed on a WebSocket"):
        Script.of({"on": "*", "message": "*", "steps": [{"do": "body"}]})


@pytest.mark.parametrize(
    "right",
    [
        ["head", "body", "body", "end", "cut"],
        ["raw", "cut"],
        ["stall", "raw", "stall", "answer"],
        ["accept", "receive", "message", "raw", "ping", "close", "raw", "wait_for_close"],
    ],
)
def test_steps_in_a_possible_order(right: list[str]) -> None:
    Script.of({"on": "*", "steps": [{"do": name} for name in right]})


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ScriptError, match=r"nowhere\.jsonl: No such file"):
        EmbeddedServer("nowhere.jsonl")


def test_the_line_is_told_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_bytes(lines({"on": 1}))
    with pytest.raises(ScriptError, match=r"s\.jsonl: line 2: "):
        Script.load(file)


# -- which exchange -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "method", "path", "fits"),
    [
        ("*", "GET", "/x", True),
        ("POST *", "POST", "/x", True),
        ("POST *", "GET", "/x", False),
        ("* /x", "GET", "/x", True),
        ("GET /x", "GET", "/x", True),
        ("GET /x", "GET", "/y", False),
        ("GET /x", "POST", "/x", False),
    ],
)
def test_on(on: str, method: str, path: str, fits: bool) -> None:
    run = ScriptRun(Script([Exchange(on=on)]))
    assert (run.take(method, path, b"") is not None) is fits
    assert run.remaining == (() if fits else (Exchange(on=on),))


@pytest.mark.parametrize(
    ("wanted", "body", "fits"),
    [
        ({}, b"{}", True),
        ({"a": 1}, b'{"a":1,"b":2}', True),
        ({"a": {"b": 1}}, b'{"a":{"b":1,"c":2}}', True),
        ({"a": [1]}, b'{"a":[1]}', True),
        ({"a": [1]}, b'{"a":[1,2]}', False),
        ({"a": None}, b"{}", False),
        ({"a": 1}, b"nonsense", False),
        ({"a": 1}, b"[]", False),
    ],
)
def test_if(wanted: dict[str, Any], body: bytes, fits: bool) -> None:
    run = ScriptRun(Script([Exchange(on="*", if_=wanted)]))
    assert (run.take("POST", "/", body) is not None) is fits


def test_exchanges_come_in_order_and_as_often_as_they_say() -> None:
    given_exchanges = [Exchange(on="*", note="a", times=2), Exchange(on="*", note="b")]
    run = ScriptRun(Script([*given_exchanges, Exchange(on="*", note="c", times="always")]))
    found = [run.take("GET", "/", b"") for _ in range(6)]
    assert [each.note for each in found if each is not None] == list("aabccc")
    assert [each.note for each in run.remaining] == ["c"]
    assert run.remaining[0].uses == math.inf


def test_messages_and_requests_have_exchanges_of_their_own() -> None:
    run = ScriptRun(Script([Exchange(on="*", message="a"), Exchange(on="*")]))
    assert run.take("GET", "/", b"", "b") is None
    assert run.take("GET", "/", b"") == Exchange(on="*")
    assert run.take("GET", "/", b"", "a") == Exchange(on="*", message="a")


def test_after_the_script_come_built_in_answers() -> None:
    with EmbeddedServer(refuse(500, times=2)) as server:
        url = f"{server.url}/models"
        assert [httpx.get(url).status_code for _ in range(3)] == [500, 500, 200]
        server.add(refuse(404))
        assert [httpx.get(url).status_code for _ in range(2)] == [404, 200]


def test_after_a_recording_comes_an_error() -> None:
    with EmbeddedServer(Script([refuse(500)], otherwise="error")) as server:
        assert httpx.get(f"{server.url}/models").status_code == 500
        answer = httpx.get(f"{server.url}/models")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "script_exhausted"
