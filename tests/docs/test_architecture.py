"""docs/architecture.md says what is so: its lists are made, and the files that it names exist."""

from __future__ import annotations

import re
from typing import Final

from tests.paths import ROOT
from tools.architecture_doc import DOC, render

TEXT: Final = DOC.read_text("utf-8")
PATHS: Final = sorted(set(re.findall(r"`([\w/]+/_\w+\.py)`", TEXT)))


def test_the_lists_are_what_is_made() -> None:
    assert render(TEXT) == TEXT, "run: PYTHONPATH=. python tools/architecture_doc.py"


def test_every_file_that_it_names_is_there() -> None:
    assert len(PATHS) > 30
    for path in PATHS:
        inside = [ROOT / "src" / path, ROOT / "src" / "codex_proto" / path]
        assert any(each.is_file() for each in [*inside, ROOT / "src" / "codex_proto_io" / path]), (
            path
        )
