"""Running a part of the benchmark in a separate Python process."""

from __future__ import annotations

import os
import subprocess
import sys


def run(*arguments: str, **variables: str) -> str:
    """Run this interpreter with these arguments and our import path; return what it printed.

    `variables` are added to the environment.
    """
    path = os.pathsep.join(path for path in sys.path if path)
    environment = os.environ | {"PYTHONPATH": path} | variables
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
