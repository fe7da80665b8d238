"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


# Code, and right after it what it prints.
EXAMPLES = re.findall(
    r"```python\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```", README, re.DOTALL
)


def test_there_are_examples_of_the_decoder_and_of_a_client() -> None:
    assert ["ResponsesDecoder" in code for code, _ in EXAMPLES] == [True, False]
    assert ["CodexClient" in code for code, _ in EXAMPLES] == [False, True]


@pytest.mark.parametrize(("code", "printed"), EXAMPLES, ids=["decoder", "client"])
def test_the_examples_print_what_the_readme_says(code: str, printed: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout == printed
    assert not run.stderr


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_both_commands_are_one_line_each() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    demo, tests = commands
    assert demo.endswith("codex-proto demo")
    assert "pytest" in tests


def test_the_demo_prints_what_the_readme_says() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "codex_proto_io", "demo"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    (passages,) = re.findall(r"```text\n(Two turns.*?)```", README, re.DOTALL)
    lines = [line for line in passages.splitlines() if line.strip() not in ("", "[...]")]
    assert len(lines) > 10
    at = 0
    for line in lines:
        # In this order, and the lines of a passage as they are.
        at = run.stdout.index(line, at) + len(line)
