"""How the command says that it was used wrongly: one line, and exit code 2."""

from __future__ import annotations

import contextlib
import sys

from codex_proto_io.cli._text import visible

__all__ = ["Misuse", "complain", "reason", "say"]


class Misuse(Exception):
    """The command cannot do what it was asked; the message is one clear sentence part."""


def reason(error: OSError) -> str:
    """Say what the operating system said, without number and path."""
    return error.strerror or str(error)


def complain(message: str) -> None:
    """Print a message of the command on standard error, on one line."""
    say(f"codex-proto: {message}")


def say(line: str) -> None:
    """Print one line on standard error, whatever it holds."""
    # Without standard error there is nobody to tell; print() would turn to standard output.
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison]
        with contextlib.suppress(OSError, ValueError):
            print(visible(line, one_line=True), file=sys.stderr, flush=True)
