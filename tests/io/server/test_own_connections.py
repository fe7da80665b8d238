"""The server is made of our own connections: nobody else's server is in it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

import codex_proto_io

ROOT: Final = Path(codex_proto_io.__file__).parent
SOURCES: Final = sorted(ROOT.rglob("*.py"))
FORBIDDEN: Final = frozenset(
    {
        "aiohttp", "bottle", "django", "fastapi", "flask", "h11", "h2", "hypercorn", "http.server",
        "quart", "sanic", "socketserver", "starlette", "tornado", "trio_websocket", "twisted",
        "uvicorn", "websocket", "websockets", "werkzeug", "wsgiref", "wsproto", "xmlrpc",
    }
)  # fmt: skip


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def forbidden(names: set[str]) -> set[str]:
    return {
        name
        for name in names
        if any(name == each or name.startswith(f"{each}.") for each in FORBIDDEN)
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nobody_elses_server_is_in_it(path: Path) -> None:
    assert not forbidden(imported(path))


def test_the_test_would_see_one(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("import http.server\nfrom http import server\nimport uvicorn.config\n")
    assert forbidden(imported(file)) == {"http.server", "uvicorn.config"}
    assert "codex_proto.connections" in imported(ROOT / "server" / "_channel.py")
