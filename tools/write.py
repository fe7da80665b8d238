"""Writes everything that is made of the code: `python -m tools.write`.

Faces first, since the documents import them; the sync client; then each page of docs/ that is made,
or holds parts that are.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from tools.faces import ROOT

__all__ = ["MAKERS", "main"]

MAKERS: Final = (
    "faces",
    "unasync",
    "errors_doc",
    "events_doc",
    "items_doc",
    "requests_doc",
    "connections_doc",
    "realtime_doc",
    "architecture_doc",
)


def main() -> int:
    """Run every maker, each in a process of its own, so that it sees what the others wrote."""
    for maker in MAKERS:
        subprocess.run([sys.executable, "-m", f"tools.{maker}"], cwd=ROOT, check=True)
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "-q", "src"], ["check", "-q", "--fix", "src"]):
        subprocess.run([*ruff, *command], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
