"""docs/client.md says what is so: its Python runs, and its methods are there."""

from __future__ import annotations

import asyncio
import re
import textwrap
from typing import Any, Final

import pytest

from codex_proto.items import FunctionCallOutput
from codex_proto.requests import NoAuth, ResponsesApiRequest
from codex_proto_io.client import AsyncCodexClient
from codex_proto_io.server import EmbeddedServer
from tests.paths import DOCS

DOC: Final = (DOCS / "client.md").read_text("utf-8")
BLOCKS: Final = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)


def run(code: str, names: dict[str, Any]) -> None:
    """Run code that awaits, as the body of a coroutine."""
    exec(compile(f"async def main():\n{textwrap.indent(code, '    ')}", "client.md", "exec"), names)
    asyncio.run(names["main"]())


def test_the_first_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with EmbeddedServer() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        run(BLOCKS[0], {})
    text, told = capsys.readouterr().out.split("TokenUsage")
    assert text == "2 + 2 = 4."
    assert told.endswith(" req_embedded\n")


def test_the_conversation_over_a_websocket_runs() -> None:
    with EmbeddedServer() as server:
        names: dict[str, Any] = {
            "client": AsyncCodexClient(base_url=server.url, auth=NoAuth()),
            "request": ResponsesApiRequest(model="gpt-5.2", input="Hello"),
            "FunctionCallOutput": FunctionCallOutput,
            "ResponsesApiRequest": ResponsesApiRequest,
        }
        run(f"{BLOCKS[1]}\nassert second.is_complete\nawait client.close()", names)
        (request,) = server.requests
        assert [message.type for message in request.messages] == ["response.create"] * 2


def test_every_method_of_the_table_is_there() -> None:
    client: Any = AsyncCodexClient(auth=NoAuth())
    rows = re.findall(r"^\| `([\w.]+)\(.*?\)` \|", DOC, re.MULTILINE)
    assert len(rows) >= 10
    for row in rows:
        found = client
        for name in row.split("."):
            found = getattr(found, name)
        assert callable(found)
