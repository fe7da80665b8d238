"""The command line of `codex-proto`: its arguments and its help."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from codex_proto_io.cli._client_arguments import add_client_commands
from codex_proto_io.cli._misuse import Misuse
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._server_arguments import add_server_commands

__all__ = ["make_parser"]

_DESCRIPTION = "Reads the wire format of Codex: recorded streams in, typed events out."
_EPILOG = """\
examples:
  codex-proto demo
  codex-proto decode --protocol responses recording.sse
  curl -sN https://... | codex-proto decode --protocol responses --format jsonl
  codex-proto decode --protocol responses --check recording.sse >/dev/null && echo whole
"""
_DECODE_DESCRIPTION = """\
Decodes FILE (or standard input) and shows every event as soon as it is complete.

protocols:
  responses      the body of a streamed Responses answer (text/event-stream)
  responses-ws   the messages of a Responses WebSocket, one JSON message a line;
                 several streams may follow each other
  realtime-v2    the server's messages of a realtime session, one JSON message a line
  realtime-v1    the same of the older protocol (intent=quicksilver)
  eventstream    any text/event-stream, without decoding its data
"""
_DECODE_EPILOG = """\
JSON lines:
  One object a line: "event" (the class name) first, then the event's members; absent ones are
  left out. UnknownEvent and MalformedEvent carry the input as "raw": JSON, else text, else
  {"base64": ...}. StreamFailed carries "error": kind, message, retryable, and the rest.
  Of a realtime session, HandoffRequested carries "active_transcript" (a list of "role" and
  "text") and "delegation", the text that the agent gets; audio stays base64.
  A ServerSentEvent is {"event": "ServerSentEvent", "type": the name of the event, "data", "id"},
  and "retry" if the block set it.

exit code:
  0  the input could be read
  1  with --check: a stream did not complete, the event stream is not whole, or the session
     failed or ended with an error
  2  the command was used wrongly

example:
  codex-proto decode --protocol responses --format jsonl recording.sse | head -3
"""


class _Parser(argparse.ArgumentParser):
    """Reports mistakes in one line, without the usage, like the rest of the command."""

    def error(self, message: str) -> NoReturn:
        raise Misuse(message)


def _chunk(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return value


class _Version(argparse.Action):
    """Prints the version. The library is imported only then, because that is slow."""

    def __init__(self, option_strings: list[str], dest: str) -> None:
        super().__init__(
            option_strings,
            dest,
            nargs=0,
            default=argparse.SUPPRESS,
            help="show program's version number and exit",
        )

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from codex_proto import __version__

        output = Output()
        output.write_text(f"codex-proto {__version__}\n")
        output.flush()
        parser.exit()


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; it raises `Misuse` for mistakes."""
    parser = _Parser(
        prog="codex-proto",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_arguments(
        commands.add_parser(
            "decode",
            help="decode a recorded or live stream",
            description=_DECODE_DESCRIPTION,
            epilog=_DECODE_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
    )
    commands.add_parser(
        "demo",
        help="a server and a client on this machine, and recordings of real streams",
        description=(
            "Runs a server and a client on this machine: a response over HTTP, two turns over one "
            "WebSocket, and a conversation that hands a task to an agent. Then decodes bundled "
            "recordings of real streams and shows what comes out."
        ),
        allow_abbrev=False,
    )
    add_client_commands(commands)
    add_server_commands(commands)
    return parser


def _add_arguments(decode: argparse.ArgumentParser) -> None:
    decode.add_argument(
        "--protocol",
        required=True,
        choices=("responses", "responses-ws", "realtime-v1", "realtime-v2", "eventstream"),
        help="what the input is",
    )
    decode.add_argument(
        "--profile",
        default="full",
        choices=("full", "codex"),
        help="full: every event; codex: the events that Codex itself uses (default: full)",
    )
    decode.add_argument("--chunk", type=_chunk, metavar="N", help="feed at most N bytes at a time")
    decode.add_argument(
        "--headers",
        metavar="FILE",
        help="the headers of the answer, as 'Name: value' lines (as curl -D writes them)",
    )
    decode.add_argument(
        "--format",
        choices=("jsonl", "pretty"),
        help="default: pretty on a terminal, jsonl otherwise",
    )
    decode.add_argument(
        "--check", action="store_true", help="exit with 1 if the input did not end well"
    )
    decode.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="- or nothing: standard input"
    )
