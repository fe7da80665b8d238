"""Private names stay in their room: `tools/check_rooms.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.check_rooms import violations
from tools.faces import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

# A small house with one face, written as tools/faces.py writes it.
HOUSE = {
    "codex_proto/__init__.py": "",
    "codex_proto/_wire.py": '__all__ = ["brief"]\n',
    "codex_proto/items/__init__.py": "# -- written by tools/faces.py\n",
    "codex_proto/items/_base.py": '__all__ = ["Item"]\nhelper = 1\n',
    "codex_proto/requests/__init__.py": "",
    "codex_proto_io/__init__.py": "",
    "codex_proto_io/core/__init__.py": "",
    "codex_proto_io/core/_clock.py": '__all__ = ["Clock"]\n',
    "codex_proto_io/server/__init__.py": "",
}


def found(root: Path, module: str, code: str) -> list[str]:
    """Return what is wrong with `code` as a module of the house."""
    for name, text in {**HOUSE, module: code}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [reason for _, reason in violations(root)]


def test_no_import_reaches_into_another_room() -> None:
    assert violations(SOURCE) == []


@pytest.mark.parametrize(
    ("module", "code", "reason"),
    [
        ("codex_proto/items/_calls.py", "from codex_proto.items._base import _x", "underscore"),
        ("codex_proto/requests/_a.py", "from codex_proto._wire import _x", "underscore"),
        ("codex_proto/requests/_a.py", "from codex_proto._wire import helper", "__all__"),
        ("codex_proto/requests/_a.py", "from codex_proto.items import helper", "__all__"),
        ("codex_proto/requests/_a.py", "from codex_proto.items._base import helper", "__all__"),
        ("codex_proto/requests/_a.py", "from codex_proto.items._base import Item", "face"),
        ("codex_proto/requests/_a.py", "import codex_proto.items._base", "face"),
        ("codex_proto/requests/_a.py", "from codex_proto.items import _base", "face"),
        ("codex_proto_io/server/_a.py", "from codex_proto._wire import brief", "drivers"),
        ("codex_proto_io/server/_a.py", "from codex_proto import _wire", "drivers"),
        ("codex_proto_io/server/_a.py", "from codex_proto.items._base import Item", "drivers"),
        ("codex_proto_io/server/_a.py", "from codex_proto_io.core._clock import x", "__all__"),
        (
            "codex_proto/requests/_a.py",
            "if TYPE_CHECKING:\n    from codex_proto.items import helper",
            "__all__",
        ),
        ("codex_proto/requests/_a.py", "def f():\n    import codex_proto.items._base", "face"),
    ],
)
def test_what_is_reported(tmp_path: Path, module: str, code: str, reason: str) -> None:
    (one,) = found(tmp_path, module, code)
    assert reason in one


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("codex_proto/items/_calls.py", "from codex_proto.items._base import Item, helper"),
        ("codex_proto/requests/_a.py", "from codex_proto.items import Item"),
        ("codex_proto/requests/_a.py", "from codex_proto._wire import brief"),
        ("codex_proto_io/server/_a.py", "from codex_proto.items import Item"),
        ("codex_proto_io/server/_a.py", "from codex_proto import items"),
        ("codex_proto_io/server/_a.py", "from codex_proto_io.core._clock import Clock"),
        ("codex_proto_io/server/_a.py", "import json\nfrom os import _exit"),
    ],
)
def test_what_may_be(tmp_path: Path, module: str, code: str) -> None:
    assert found(tmp_path, module, code) == []
