"""What the packages export: all there, written by the tool, and no more imported than asked for."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import codex_proto
import codex_proto_io
from tests.paths import ROOT
from tools import faces

if TYPE_CHECKING:
    from types import ModuleType

PACKAGES = [
    ".".join(init.parent.relative_to(faces.SOURCE).parts)
    for top in faces.PACKAGES
    for init in faces.inits(faces.SOURCE / top)
]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_name_is_there(name: str) -> None:
    package = importlib.import_module(name)
    exported: list[str] = package.__all__
    assert exported == sorted(set(exported))
    for each in exported:
        assert getattr(package, each) is not None
        assert each in dir(package)
    with pytest.raises(AttributeError, match="nonsense"):
        package.nonsense  # noqa: B018


def test_the_faces_are_what_the_tool_writes() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "faces.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_both_packages_load_in_the_same_way() -> None:
    one, other = (ROOT / "src" / top / "_lazy.py" for top in faces.PACKAGES)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("package", [codex_proto, codex_proto_io], ids=lambda each: each.__name__)
def test_the_packages_below_are_attributes(package: ModuleType) -> None:
    for name in faces.namespaces(faces.SOURCE / package.__name__):
        assert getattr(package, name).__name__ == f"{package.__name__}.{name}"


def test_the_front_is_short() -> None:
    assert 50 <= len(" ".join(faces.FRONT.values()).split()) <= 75


def _loaded(code: str) -> set[str]:
    code += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name for name in json.loads(run.stdout) if name.startswith("codex_proto")}


def test_importing_the_package_imports_nothing_else() -> None:
    assert _loaded("import codex_proto") == {"codex_proto", "codex_proto._lazy"}


def test_decoding_a_stream_imports_neither_realtime_nor_requests() -> None:
    rooms = {
        name.split(".")[1]
        for name in _loaded("import codex_proto; codex_proto.ResponsesDecoder()")
        if "." in name
    }
    assert "responses" in rooms
    assert not rooms & {"realtime", "requests", "connections", "sessions", "testing"}
