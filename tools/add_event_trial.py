"""Adds an event to a copy of the repository as CONTRIBUTING.md says, and sees that it works.

`python -m tools.add_event_trial`: exit code 0 if one class in one file, and what the tools write of
it, is all that it takes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tools.faces import ROOT

__all__ = ["main"]

_FAMILY: Final = Path("src/codex_proto/responses/wire/_text.py")
_CLASS: Final = '''

class LimerickAdded(
    ContentEvent, frozen=True, kw_only=True, gc=False, tag="response.limerick.added"
):
    """The model wrote a limerick; it comes whole."""

    section = 'observed.md, "Public recordings"'

    lines: tuple[str, ...]
'''
_CHECK: Final = """
from codex_proto import decode_response_event
from codex_proto.responses import LimerickAdded

event = decode_response_event('{"type":"response.limerick.added","lines":["a"]}')
assert event == LimerickAdded(lines=("a",)), event
"""
_TESTS: Final = ("tests/test_rows.py", "tests/test_exports.py", "tests/docs/test_made_pages.py")


def main() -> int:
    """Run the trial; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__"))
        _add_the_class(copy / _FAMILY)
        # Step 2: what is made of the classes. Step 3: the tests that find it by themselves.
        _run(copy, "-m", "tools.write")
        _run(copy, "-c", _CHECK)
        _run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_TESTS)
        page = (copy / "docs" / "events.md").read_text(encoding="utf-8")
        if "### `response.limerick.added`" not in page:
            print("docs/events.md does not have it", file=sys.stderr)
            return 1
    print("one class in one file was enough")
    return 0


def _add_the_class(family: Path) -> None:
    source = family.read_text(encoding="utf-8")
    source = source.replace(
        '    "OutputTextDone",\n', '    "OutputTextDone",\n    "LimerickAdded",\n'
    )
    family.write_text(source + _CLASS, encoding="utf-8")


def _run(copy: Path, *arguments: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(copy / "src"), str(copy)))}
    subprocess.run([sys.executable, *arguments], cwd=copy, env=environment, check=True)


if __name__ == "__main__":
    raise SystemExit(main())
