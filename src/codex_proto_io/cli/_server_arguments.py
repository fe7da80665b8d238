"""The command line of `serve` and `record`."""

from __future__ import annotations

import argparse
import math
from typing import Any

__all__ = ["add_server_commands"]

_SERVE_DESCRIPTION = """\
Serves the endpoints of Codex on this machine: recorded answers, or those of a script.

  POST /v1/responses                   GET /v1/responses (WebSocket)
  POST /v1/responses/compact           GET /v1/realtime (WebSocket)
  POST /v1/memories/trace_summarize    GET /v1/models
  POST /v1/realtime/calls

Prints where it listens, and stops on Ctrl-C or SIGTERM.
"""
_SERVE_EPILOG = """\
A script is JSON lines: a header, then one exchange a line (docs/server.md).

examples:
  codex-proto serve --port 8080
  codex-proto serve --script recording.jsonl --speed max
  OPENAI_BASE_URL=http://127.0.0.1:8080/v1 OPENAI_API_KEY=none python my_program.py
"""
_RECORD_DESCRIPTION = """\
Relays to a server and writes the traffic as a script, which serve --script plays again: requests,
answers, chunk boundaries, times, and how each ended. Credentials, cookies and account ids are
removed before anything is written; the texts of people are not.

Prints where it listens, and stops on Ctrl-C or SIGTERM.
"""
_RECORD_EPILOG = """\
example:
  codex-proto record --upstream https://api.openai.com/v1 --out recording.jsonl --port 8080
"""


def add_server_commands(commands: Any) -> None:
    """Add both to the commands of the parser."""
    serve = _add(commands, "serve", "serve recordings or a script", _SERVE_DESCRIPTION)
    serve.epilog = _SERVE_EPILOG
    serve.add_argument("--script", metavar="FILE", help="what to answer, faults included")
    serve.add_argument(
        "--responses", metavar="FILE.sse", help="the stream that answers a request for a response"
    )
    serve.add_argument(
        "--realtime", metavar="FILE.jsonl", help="the server's events of a realtime session"
    )
    serve.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="play the script N times as fast; max: without waits (default: 1)",
    )
    record = _add(commands, "record", "record what a server answers", _RECORD_DESCRIPTION)
    record.epilog = _RECORD_EPILOG
    record.add_argument(
        "--upstream", required=True, metavar="URL", help="the base URL of the server"
    )
    record.add_argument(
        "--out", required=True, metavar="FILE", help="the file to write; it must be new"
    )
    for command in (serve, record):
        command.add_argument(
            "--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)"
        )
        command.add_argument(
            "--port", type=_port, default=0, help="the port; 0 for any free one (default: 0)"
        )


def _add(commands: Any, name: str, summary: str, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _port(text: str) -> int:
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"must be 0 to 65535, not {text!r}")
    return value


def _speed(text: str) -> float:
    try:
        value = math.inf if text == "max" else float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be a number above 0, or max, not {text!r}")
    return value
