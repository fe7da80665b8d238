"""Every source that code and documents name can be opened: `tools/check_citations.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PAGE = """\
# The wire

## 6. Errors

### 6.4 Statuses

## Compaction
"""


def check(root: Path) -> tuple[int, list[str]]:
    """Return the exit code of the tool and the lines that it prints about `root`."""
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "check_citations.py", root],
        capture_output=True,
        check=False,
        text=True,
    )
    assert not run.stderr
    return run.returncode, run.stdout.splitlines()


def test_every_citation_opens() -> None:
    assert check(ROOT) == (0, [])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one page and no code."""
    (tmp_path / "docs" / "wire").mkdir(parents=True)
    (tmp_path / "docs" / "wire" / "wire.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "docs" / "errors.md").write_text("# Errors\n", encoding="utf-8")
    (tmp_path / "src").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        '"""Source: wire.md 6.4."""',
        '"""Source: docs/wire/wire.md 6 and 6.4 (row 8); RFC 9110, 5.6.7."""',
        '"""Source: wire.md 6,\n6.4; the table beside it.\n\nAnd 9 more words.\n"""',
        "# It is final (wire.md 6\n# and 6.4).",
        '"""Source: wire.md, "Compaction"; docs/errors.md, "Errors"."""',
        '"""Source: the WHATWG HTML standard, 9.2.6."""',
        '"""Source: OpenAI API\nreference, Responses."""',
        '"""Upstream is wire.md\'s N; 6.5 is no section of it."""',
        '"""Source: docs/errors.md."""',
    ],
)
def test_what_opens_is_accepted(project: Path, text: str) -> None:
    (project / "src" / "module.py").write_text(text + "\n", encoding="utf-8")
    assert check(project) == (0, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"""Source: wire.md 6.5."""', "wire.md has no section 6.5"),
        ('"""Source: wire.md 6 and\n6.5."""', "wire.md has no section 6.5"),
        ('"""Source: wire.md 6 (row 8), 7."""', "wire.md has no section 7"),
        ("# It is final (wire.md 6\n# to 6.9).", "wire.md has no section 6.9"),
        ('"""Source: wire.md, "Compacting"."""', 'wire.md has no section "Compacting"'),
        ('"""Source: wires.md 6.4."""', "wires.md does not exist"),
        ('"""Source: docs/client.md."""', "docs/client.md does not exist"),
        (
            '"""Source: docs/errors.md, "Errors" and "Laws"."""',
            'docs/errors.md has no section "Laws"',
        ),
        ('"""Source: wire.md 6; DESIGN section 2."""', "DESIGN is not in this repository"),
        ('"""Source: wire.md 6; spec/x.json."""', "spec/ is not in this repository"),
        ('"""Source: wire.md 6; corpus/x.json."""', "corpus/ is not in this repository"),
        ('"""Source: wire.md 6; ../shared/x."""', "../shared is not in this repository"),
        ('NAME = "catalogue: events"', "catalogue: is not in this repository"),
        ('"""Source: wire.md 6; RFC of 2022."""', "an RFC has a number"),
        ('"""Source: what was seen."""', "the source names nothing that opens"),
    ],
)
def test_what_does_not_open_is_reported(project: Path, text: str, reason: str) -> None:
    (project / "src" / "module.py").write_text("\n" + text + "\n", encoding="utf-8")
    assert check(project) == (1, [f"src/module.py:2: {reason}"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("As wire.md 6.5 has it.", "wire.md has no section 6.5"),
        (
            "See [there](errors.md#compaction).",
            "the link to errors.md#compaction leads to no heading",
        ),
        ("See [there](client.md).", "the link to client.md leads nowhere"),
        ("As in DESIGN.", "DESIGN is not in this repository"),
    ],
)
def test_documents_are_checked_with_their_links(project: Path, text: str, reason: str) -> None:
    page = project / "docs" / "start.md"
    page.write_text("See [errors](errors.md#errors) and wire.md 6.4.\n", encoding="utf-8")
    assert check(project) == (0, [])
    page.write_text(f"{text}\n", encoding="utf-8")
    assert check(project) == (1, [f"docs/start.md:1: {reason}"])
