"""The fixtures that users have from `codex_proto_io.testing`, used as they do."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CONFTEST = """
import pytest
pytest_plugins = ["codex_proto_io.testing"]

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""
TESTS = """
import httpx
import pytest
from codex_proto_io.testing import refuse

ASK = {"model": "m", "input": "hi"}

def test_sync(codex_server):
    codex_server.add(refuse(429))
    url = f"{codex_server.url}/responses"
    assert [httpx.post(url, json=ASK).status_code for _ in range(2)] == [429, 200]
    assert codex_server.requests[0].body.input == "hi"

def test_many(make_codex_server):
    one, two = make_codex_server(refuse(404)), make_codex_server(speed=2.0)
    assert httpx.get(f"{one.url}/models").status_code == 404
    assert httpx.get(f"{two.url}/models").status_code == 200

@pytest.mark.anyio
async def test_async(async_codex_server):
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{async_codex_server.url}/responses", json=ASK)
    assert answer.status_code == 200
    assert async_codex_server.request_count == 1
"""


def test_the_fixtures_work(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


def test_without_pytest_there_is_a_server_all_the_same() -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from codex_proto_io.testing import EmbeddedServer\n"
        "import codex_proto_io.testing as t\n"
        "assert 'codex_server' not in t.__all__\n"
        "with EmbeddedServer() as server: print(server.url)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("http://127.0.0.1:")
