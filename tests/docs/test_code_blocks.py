"""Every Python block of the README and of docs/ runs, and every command in them can be parsed."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from codex_proto import errors
from codex_proto.connections import Http1Connection, ResponsesExchange
from codex_proto.http import HttpRequest
from codex_proto.items import FunctionCallOutput
from codex_proto.realtime import (
    AudioOut,
    HandoffRequested,
    RealtimeSessionConfig,
    delegation_from_handoff,
)
from codex_proto.requests import NoAuth, ResponsesApiRequest
from codex_proto_io.cli._arguments import make_parser
from codex_proto_io.client import AsyncCodexClient
from codex_proto_io.server import EmbeddedServer
from tests.paths import DOCS, ROOT

if TYPE_CHECKING:
    from pathlib import Path


class Block(NamedTuple):
    """A block of code, and what the page says it prints."""

    page: str
    number: int
    language: str
    code: str
    printed: str | None

    def __str__(self) -> str:
        return f"{self.page}-{self.number}"


_FENCE: Final = re.compile(
    r"^```(\w*)\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(DOCS.glob("*.md")),
]
BLOCKS: Final = [
    Block(page.name, number, language, code, printed or None)
    for page in PAGES
    for number, (language, code, printed) in enumerate(_FENCE.findall(page.read_text("utf-8")))
]
PYTHON: Final = [block for block in BLOCKS if block.language == "python"]


# What a page takes for granted where its text says so in words.
def _names(block: Block, stack: ExitStack) -> dict[str, Any]:
    match block.page:
        case "README.md":
            failure = errors.TimedOut("no answer in time")
            return {"headers": {"openai-model": "gpt-5.2"}, "my_error": failure}
        case "client.md":
            server = stack.enter_context(EmbeddedServer())
            os.environ["OPENAI_API_KEY"], os.environ["OPENAI_BASE_URL"] = "any", server.url
            return {
                "client": AsyncCodexClient(base_url=server.url, auth=NoAuth()),
                "request": ResponsesApiRequest(model="gpt-5.2", input="Hello"),
                "play": repr,
                "ask_the_agent": repr,
                **{
                    cls.__name__: cls
                    for cls in (
                        AudioOut,
                        FunctionCallOutput,
                        HandoffRequested,
                        RealtimeSessionConfig,
                        ResponsesApiRequest,
                    )
                },
                "delegation_from_handoff": delegation_from_handoff,
            }
        case "connections.md":
            connection = ResponsesExchange(
                Http1Connection(), HttpRequest("GET", "http://localhost/")
            )
            return {
                "connection": connection,
                "clock": lambda: 0.0,
                "sock": _Socket(),
                "read_until": lambda _sock, _deadline: b"",
                "handle": list,
            }
        case _:
            return {}


class _Socket:
    """A transport that takes everything and gives nothing."""

    def sendall(self, _: bytes) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(
    "block",
    [block for block in PYTHON if "def test_" not in block.code],
    ids=str,
)
def test_the_code_runs(
    block: Block, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "")
    with ExitStack() as stack:
        names = _names(block, stack)
        code = compile(
            block.code, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
        result = eval(code, names)
        if inspect.iscoroutine(result):
            asyncio.run(_bounded(result, names))
    if block.printed is not None:
        assert capsys.readouterr().out == block.printed


async def _bounded(code: Any, names: dict[str, Any]) -> None:
    async with asyncio.timeout(30):
        try:
            await code
        finally:
            if isinstance(client := names.get("client"), AsyncCodexClient):
                await client.close()


@pytest.mark.parametrize("block", [b for b in PYTHON if "def test_" in b.code], ids=str)
def test_the_tests_of_a_page_pass(block: Block, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["codex_proto_io.testing"]\n')
    (tmp_path / "test_page.py").write_text(block.code)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def _commands() -> list[str]:
    found = [
        line.partition("#")[0].partition("|")[0].strip()
        for block in BLOCKS
        if block.language in ("", "sh")
        for line in block.code.replace("\\\n", " ").splitlines()
    ]
    ours = [line.rpartition("codex-proto ")[2] for line in found if "codex-proto " in line]
    return sorted({line for line in ours if line and "[" not in line})


@pytest.mark.parametrize("command", _commands())
def test_the_commands_are_commands(command: str) -> None:
    make_parser().parse_args(shlex.split(command))


def test_there_are_blocks() -> None:
    assert len(PYTHON) >= 8
    assert len(_commands()) >= 6
