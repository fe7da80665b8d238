"""The document's tables are the code's, and the example runs."""

from __future__ import annotations

import subprocess
import sys

from tests.recordings import DATA
from tools.realtime_doc import DOC, render

ROOT = DATA.parent.parent


def test_the_tables_are_those_of_the_code() -> None:
    document = DOC.read_text(encoding="utf-8")
    assert document == render(document), "run: python tools/realtime_doc.py"
    assert document.count("**") == 8


def test_the_example_runs_on_a_recorded_conversation() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            str(ROOT / "examples" / "realtime_conversation.py"),
            str(DATA / "realtime_conversation.jsonl"),
        ],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT / "src")},
    )
    assert not run.stderr
    lines = run.stdout.splitlines()
    assert lines[0].startswith('-> {"type":"session.update"')
    assert "the model says: Sure, delegating." in lines
    assert lines.count('-> {"type":"response.create"}') == 2
    assert lines.count("</realtime_delegation>") == 2
