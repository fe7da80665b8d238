"""The progress of a long input, on standard error while the output goes to a file."""

from __future__ import annotations

import contextlib
import sys
from types import TracebackType
from typing import Final, Self

__all__ = ["LONG_INPUT", "Progress"]

# Bytes: a smaller input is decoded before a progress report would be useful.
LONG_INPUT: Final = 1024 * 1024


class Progress:
    """A percentage on standard error, removed at the end; only if both are useful.

    Args:
        size: bytes of the input, 0 if unknown.
    """

    def __init__(self, size: int) -> None:
        stderr = sys.stderr
        is_seen = stderr is not None and stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison]
        self._size = size if size >= LONG_INPUT and is_seen else 0
        self._shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            self._write("\r" + " " * len(self._shown) + "\r")

    def show(self, done: int) -> None:
        """Show that `done` bytes are decoded."""
        if self._size:
            shown = f"{min(100, done * 100 // self._size):>3}%"
            if shown != self._shown:
                self._shown = shown
                self._write("\r" + shown)

    @staticmethod
    def _write(text: str) -> None:
        # A failure to show the progress must not fail the command.
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()
