"""The names at the top of the package: all there, and no more imported than was asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import codex_proto

SOURCE = ast.parse(Path(codex_proto.__file__).read_text("utf-8"))


def test_every_name_is_there_and_documented() -> None:
    assert len(codex_proto.__all__) == len(set(codex_proto.__all__))
    for name in codex_proto.__all__:
        assert getattr(codex_proto, name) is not None
        assert name in dir(codex_proto)
    with pytest.raises(AttributeError, match="nonsense"):
        codex_proto.nonsense  # type: ignore[attr-defined] # noqa: B018


def test_type_checkers_and_the_interpreter_are_told_the_same() -> None:
    block = next(node for node in SOURCE.body if isinstance(node, ast.If))
    told = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told
    for name, module in told.items():
        home: Any = codex_proto._home(name)
        assert home.__name__ == module
        assert getattr(codex_proto, name) is getattr(home, name)


def test_decoding_a_stream_imports_neither_realtime_nor_requests() -> None:
    code = (
        "import sys, codex_proto; codex_proto.ResponsesDecoder();"
        "print([m for m in sys.modules if m.startswith('codex_proto.') and"
        " m.split('.')[1] in ('realtime', 'requests', 'connections', 'retry', 'auth')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
