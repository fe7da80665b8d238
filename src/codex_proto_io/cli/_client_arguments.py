"""The command line of `stream` and `realtime`."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["add_client_commands"]

_STREAM_DESCRIPTION = """\
Asks for one response and shows it as it arrives. Without --base-url the embedded server answers,
with a recording; with it the key is taken from OPENAI_API_KEY.
"""
_REALTIME_DESCRIPTION = """\
Sends a text in a realtime session and shows the dialogue, until the first response is done. A
handoff to an agent is shown with its envelope, and answered. Without --base-url the embedded
server answers; with it the key is taken from OPENAI_API_KEY.
"""
_EPILOG = """\
exit code:
  0  success
  1  the response, or the conversation, failed
  2  the command was used wrongly
"""


def add_client_commands(commands: Any) -> None:
    """Add both to the commands of the parser."""
    stream = _add(commands, "stream", "ask for a response", _STREAM_DESCRIPTION)
    stream.add_argument("prompt", help="the question")
    stream.add_argument("--model", help="the model")
    stream.add_argument("--instructions", default="", help="the instructions of the response")
    stream.add_argument("--websocket", action="store_true", help="use a WebSocket instead of HTTP")
    stream.add_argument("--profile", default="full", choices=("full", "codex"), help="as of decode")
    stream.add_argument(
        "--format", default="text", choices=("text", "jsonl"), help="the text, or every event"
    )
    realtime = _add(commands, "realtime", "hold a realtime session", _REALTIME_DESCRIPTION)
    realtime.add_argument("text", help="the text to send")
    realtime.add_argument("--model", help="the model")


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
