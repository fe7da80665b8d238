"""docs/requests.md says what the tables say."""

from __future__ import annotations

from requests_doc import DOC, render


def test_the_documentation_is_up_to_date() -> None:
    assert DOC.read_text("utf-8") == render(), "run: python tests/requests/requests_doc.py"
