"""Running a piece of the benchmark in a Python of its own."""

from __future__ import annotations

import os
import subprocess
import sys


def run(*arguments: str) -> str:
    """Run this interpreter with these arguments and our import path; what it printed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
