"""The command line of `stream` and `realtime`."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["add_client_commands"]

_STREAM_DESCRIPTION = """\
Asks for one response and shows it as it comes. Without --base-url the embedded server answers, with
a recording; with it the key is taken from OPENAI_API_KEY.
"""
_REALTIME_DESCRIPTION = """\
Says something in a realtime session and shows the dialogue, until the first response is done. What
is handed to an agent is shown with its envelope, and answered. Without --base-url the embedded
server answers; with it the key is taken from OPENAI_API_KEY.
"""
_EPILOG = """\
exit code:
  0  it went well
  1  the response, or the conversation, failed
  2  the command was used wrongly
"""


def add_client_commands(commands: Any) -> None:
    """Add both to the commands of the parser."""
    stream = _add(commands, "stream", "ask for a response", _STREAM_DESCRIPTION)
    stream.add_argument("prompt", help="what to ask")
    stream.add_argument("--model", help="who is to answer")
    stream.add_argument("--instructions", default="", help="how it is to answer")
    stream.add_argument(
        "--websocket", action="store_true", help="over a WebSocket, and not over HTTP"
    )
    stream.add_argument("--profile", default="full", choices=("full", "codex"), help="as of decode")
    stream.add_argument(
        "--format", default="text", choices=("text", "jsonl"), help="the text, or every event"
    )
    realtime = _add(commands, "realtime", "hold a realtime session", _REALTIME_DESCRIPTION)
    realtime.add_argument("text", help="what to say")
    realtime.add_argument("--model", help="who is to answer")


def _add(commands: Any, name: str, summary: str, description: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument("--base-url", metavar="URL", help="of the service, such as .../v1")
    return command
