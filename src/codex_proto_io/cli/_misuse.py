"""Reports of wrong use of the command: one line, and exit code 2."""

from __future__ import annotations

import contextlib
import sys

from codex_proto_io.cli._text import visible

__all__ = ["Misuse", "complain", "reason", "say"]


class Misuse(Exception):
    """The command was used wrongly; the message is part of one sentence."""


def reason(error: OSError) -> str:
    """Return the message of the operating system, without number and path."""
    return error.strerror or str(error)


def complain(message: str) -> None:
    """Print a message of the command on standard error, on one line."""
    say(f"codex-proto: {message}")


def say(line: str) -> None:
    """Print one line on standard error, with any characters."""
    # Without standard error nothing is printed; print() would use standard output.
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison]
        with contextlib.suppress(OSError, ValueError):
            print(visible(line, one_line=True), file=sys.stderr, flush=True)
