"""Standard output, whose reader may close it at any time."""

from __future__ import annotations

import os
import stat
import sys

from codex_proto_io.cli._misuse import Misuse, reason

__all__ = ["Output"]


class Output:
    """Collects what is to be written and writes it in one go at `flush`.

    When the reader has gone (`| head`), `closed` becomes True and the rest is dropped.

    Raises:
        Misuse: there is no standard output, or it cannot be written (a full disk).
    """

    def __init__(self) -> None:
        if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise Misuse("standard output is closed")
        self._pending: list[bytes] = []
        self._encoding = sys.stdout.encoding or "utf-8"
        self.closed = False

    @property
    def is_terminal(self) -> bool:
        """Whether it is a terminal."""
        return sys.stdout.isatty()

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, so that progress has to be shown elsewhere."""
        try:
            return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
        except OSError:
            # A program that runs the command may have replaced it.
            return False

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._pending.append(data)

    def write_text(self, text: str) -> None:
        """Add text; characters that the terminal's encoding lacks are escaped."""
        self._pending.append(text.encode(self._encoding, "backslashreplace"))

    def flush(self) -> None:
        """Write what was added."""
        data = b"".join(self._pending)
        self._pending.clear()
        if self.closed:
            return
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        except BrokenPipeError:
            self.closed = True
            discard_standard_output()
        except OSError as error:
            discard_standard_output()
            raise Misuse(f"cannot write the output: {reason(error)}") from None


def discard_standard_output() -> None:
    """Redirect standard output to the null device, so that the exit does not flush it again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
