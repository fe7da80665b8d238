"""Runs `codex-proto serve` and `record` as a user does: a process that a signal stops."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["running", "serving", "stopped"]

_COMMAND: Final = (sys.executable, "-X", "dev", "-W", "error", "-m", "codex_proto_io")
_TIMEOUT: Final = 20
_SAYS: Final = "listening on "


def started(*args: str) -> tuple[subprocess.Popen[str], str]:
    """Start a command that listens; return it, and the URL that it prints."""
    process = subprocess.Popen(
        [*_COMMAND, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Nothing of it may depend on what a pipe is buffered like.
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith(_SAYS):
        _, told = process.communicate(timeout=_TIMEOUT)
        raise AssertionError(f"it does not listen: {line}{told}")
    return process, line.removeprefix(_SAYS).strip()


def stopped(
    process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM
) -> tuple[int, str, str]:
    """Stop it; return its exit code, and what it has written."""
    process.send_signal(number)
    out, told = process.communicate(timeout=_TIMEOUT)
    return process.returncode, out, told


@contextlib.contextmanager
def running(*args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that listens, and its URL; it is killed if the test leaves it running."""
    process, url = started(*args)
    try:
        yield process, url
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=_TIMEOUT)


@contextlib.contextmanager
def serving(*args: str) -> Iterator[str]:
    """`codex-proto serve`, which has to end without a word."""
    with running("serve", *args) as (process, url):
        yield url
        assert stopped(process) == (0, "", "")
