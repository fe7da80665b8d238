"""A name means one thing in the whole project."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.paths import ROOT
from tools.check_names import EXCEPTIONS, SOURCE, complaints, defined, homes

# Past about 400 lines a file has two jobs, most of the time.
MAX_LINES = 450


def test_every_name_has_one_home() -> None:
    assert list(complaints(homes(SOURCE), EXCEPTIONS)) == []


def test_a_second_home_is_found(tmp_path: Path) -> None:
    (tmp_path / "_a.py").write_text("class Thing: ...\nclass Other: ...\nclass _Inner: ...\n")
    (tmp_path / "_b.py").write_text("Thing: TypeAlias = int | str\nclass _Inner: ...\n")
    found = homes(tmp_path)
    assert [each.partition(":")[0] for each in complaints(found, {})] == [
        "Thing is defined in _a and in _b"
    ]
    assert list(complaints(found, {"Thing": "for a reason"})) == []
    assert len(list(complaints(found, {"Thing": "for a reason", "Other": "for none"}))) == 1


def test_what_counts_as_a_name() -> None:
    text = (
        "if TYPE_CHECKING:\n    Union: TypeAlias = int | str\nelse:\n    Union = build()\n"
        "Alias = dict[str, int]\nLIMIT: Final = 1 | 2\n_S = States\nT = TypeVar('T')\n"
        "class Public: ...\nclass _Private: ...\ndef Function(): ...\n"
    )
    assert list(defined(ast.parse(text).body)) == ["Union", "Alias", "Public"]


def test_no_file_is_too_long() -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCE.rglob("*.py")
    }
    assert {path: size for path, size in sizes.items() if size > MAX_LINES} == {}
