"""docs/requests.md says what the tables say."""

from __future__ import annotations

from tools.requests_doc import DOC, render


def test_the_documentation_is_up_to_date() -> None:
    assert DOC.read_text("utf-8") == render(), "run: python tools/requests_doc.py"
