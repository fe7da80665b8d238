"""The sync client is made of the async one, and says the same."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from typing import Any

import pytest

from codex_proto_io import client
from tools import unasync


def formatted(source: str) -> str:
    command = [sys.executable, "-m", "ruff"]
    name = str(unasync.CLIENT / "_sync_x.py")
    sorted_ = subprocess.run(
        [*command, "check", "-q", "--fix", "--stdin-filename", name, "-"],
        input=source.encode(),
        capture_output=True,
        check=True,
    ).stdout
    return subprocess.run(
        [*command, "format", "-q", "--stdin-filename", name, "-"],
        input=sorted_,
        capture_output=True,
        check=True,
    ).stdout.decode()


def told(source: str) -> list[str]:
    """What a module says, whatever it looks like: its statements, and its imports in any order."""
    body = ast.parse(source).body
    for node in body:
        if isinstance(node, ast.ImportFrom):
            node.names.sort(key=lambda alias: alias.name)
    imports = [ast.dump(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    others = [ast.dump(node) for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return [*sorted(imports), *others]


@pytest.mark.parametrize("part", unasync.PARTS)
def test_the_files_say_what_is_made(part: str) -> None:
    written = (unasync.CLIENT / f"_sync_{part}.py").read_text("utf-8")
    assert told(unasync.made(part)) == told(written)


@pytest.mark.parametrize("part", unasync.PARTS)
def test_the_files_are_what_is_made(part: str) -> None:
    pytest.importorskip("ruff", reason="what it is to look like is for the style check")
    written = (unasync.CLIENT / f"_sync_{part}.py").read_text("utf-8")
    assert formatted(unasync.made(part)) == written


PAIRS = [
    (getattr(client, name), getattr(client, name.removeprefix("Async")))
    for name in vars(client)["__all__"]
    if name.startswith("Async")
]


def methods(cls: type) -> dict[str, Any]:
    return {
        name: inspect.getattr_static(cls, name)
        for name in dir(cls)
        if not name.startswith("_") and name != "__init__"
    }


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].__name__)
def test_both_have_the_same_methods(pair: tuple[type, type]) -> None:
    ours, theirs = methods(pair[0]), methods(pair[1])
    assert list(ours) == list(theirs)
    for name, method in ours.items():
        if inspect.isfunction(method):
            assert [*inspect.signature(method).parameters] == [
                *inspect.signature(theirs[name]).parameters
            ]


def test_there_are_pairs() -> None:
    assert len(PAIRS) >= 9
