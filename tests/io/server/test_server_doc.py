"""docs/server.md says what is so: its scripts load, its Python runs, its tables are complete."""

from __future__ import annotations

import re
import typing
from typing import Final

import pytest

from codex_proto.connections import ServedEndpoint
from codex_proto_io.server import Exchange, Script
from codex_proto_io.server import _steps as steps
from tests.paths import DOCS

DOC: Final = (DOCS / "server.md").read_text("utf-8")
BLOCKS: Final = re.findall(r"```(\w*)\n(.*?)```", DOC, re.DOTALL)


def test_the_script_loads() -> None:
    (script,) = [text for language, text in BLOCKS if language == "jsonl"]
    loaded = Script.loads(script)
    assert len(loaded.exchanges) == script.count("\n") - 1


@pytest.mark.parametrize(
    "code", [text for language, text in BLOCKS if language == "python" and "def " not in text]
)
def test_the_python_runs(code: str) -> None:
    exec(compile(code, "docs/server.md", "exec"), {})


def test_every_endpoint_is_there() -> None:
    for endpoint in ServedEndpoint:
        method, path, is_socket = endpoint.value
        suffix = " (WebSocket)" if is_socket else ""
        assert f"| `{method} /v1{path}`{suffix} |" in DOC


def test_every_step_is_there_with_its_members() -> None:
    rows = dict(re.findall(r"^\| (`[^|]*`) \| (.*) \|$", DOC, re.MULTILINE))
    told = {name: text for names, text in rows.items() for name in re.findall(r"`(\w+)`", names)}
    everywhere = {"after", *steps.StepContent.__struct_fields__}
    for step in typing.get_args(steps.Step):
        tag = step.__struct_config__.tag
        assert tag in told, tag
        for member in set(step.__struct_fields__) - everywhere:
            assert f"`{member}`" in told[tag], (tag, member)
    for member in everywhere:
        assert f"`{member}`" in DOC


def test_every_member_of_an_exchange_is_there() -> None:
    for name in Exchange.__struct_encode_fields__:
        assert f"| `{name}` |" in DOC
