"""Runs the command as its users do: as a process, on pipes or on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import IO, Any, Final

from tests.paths import ROOT

__all__ = [
    "BUNDLED",
    "COMMAND",
    "COMPLETED",
    "CREATED",
    "SGR",
    "environment",
    "message",
    "rows",
    "run",
    "run_on_terminal",
    "sse",
]

COMMAND: Final = (sys.executable, "-m", "codex_proto_io")
BUNDLED: Final = ROOT / "src" / "codex_proto_io" / "recordings"
# The only escape sequences that the command may send to a terminal: colours and the like.
SGR: Final = re.compile(rb"\x1b\[[0-9;]*m")

_TIMEOUT: Final = 30
# What would make the output depend on who runs the tests.
_PERSONAL: Final = (
    "CLICOLOR", "COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "PYTHONIOENCODING",
    "TTY_COMPATIBLE", "TTY_INTERACTIVE",
)  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
    return kept | {"TERM": "xterm-256color", "PYTHONUTF8": "1"} | more


def run(*args: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *args],
        input=stdin,
        capture_output=True,
        env=environment(**env),
        timeout=_TIMEOUT,
        check=False,
    )


def run_on_terminal(
    *args: str,
    columns: int = 80,
    typed: bytes = b"",
    stdout: IO[bytes] | None = None,
    env: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Run with a terminal of so many columns; return the exit code and what the terminal got."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [*COMMAND, *args],
        stdin=slave,
        stdout=slave if stdout is None else stdout,
        stderr=slave,
        env=environment(**(env or {})),
        start_new_session=True,
    ) as process:
        os.close(slave)
        os.write(master, typed)
        seen: list[bytes] = []
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                # Linux says so when the last one has left the terminal.
                break
            if not data:
                break
            seen.append(data)
        os.close(master)
        code = process.wait(_TIMEOUT)
    return code, b"".join(seen)


def rows(output: bytes) -> list[dict[str, Any]]:
    """Parse JSON lines, each of which must be one whole line of UTF-8."""
    assert output == b"" or output.endswith(b"\n")
    return [json.loads(line) for line in output.decode().split("\n")[:-1]]


def message(type_: str, **members: Any) -> bytes:
    return json.dumps({"type": type_, **members}).encode()


def sse(*messages: bytes) -> bytes:
    return b"".join(b"data: " + m.replace(b"\n", b"\ndata: ") + b"\n\n" for m in messages)


CREATED: Final = message("response.created", response={"id": "resp_1", "status": "in_progress"})
COMPLETED: Final = message(
    "response.completed",
    response={
        "id": "resp_1",
        "status": "completed",
        "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
    },
)
