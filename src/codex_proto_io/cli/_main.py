"""The `codex-proto` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (by default the process's) and return its exit code."""
    try:
        # Imported here, so that Ctrl-C is silent from the start.
        from codex_proto_io._lazy import EXTRAS
        from codex_proto_io.cli._misuse import Misuse, complain, say
        from codex_proto_io.cli._output import Output

        try:
            code = _run(argv)
            # argparse prints --help and --version, to a reader that may have gone as well.
            if sys.stdout is not None:  # pyright: ignore[reportUnnecessaryComparison]
                Output().flush()
        except Misuse as misuse:
            complain(f"error: {misuse}")
            return 2
        except ModuleNotFoundError as error:
            if error.name not in EXTRAS:
                raise
            say(f"codex-proto needs {error.name}: pip install 'codex-proto[cli]'")
            return 2
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _run(argv: Sequence[str] | None) -> int:
    from importlib.util import find_spec

    from codex_proto_io.cli._arguments import make_parser
    from codex_proto_io.cli._misuse import Misuse

    try:
        arguments = make_parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    # The command is installed with the codec alone, too. A missing extra is reported at once, not
    # only when rich is used.
    if find_spec("rich") is None:
        raise ModuleNotFoundError("No module named 'rich'", name="rich")
    if arguments.command is None:
        raise Misuse(
            "name a command: decode, demo, stream, realtime, serve or record "
            "(see codex-proto --help)"
        )
    return _dispatch(arguments)


def _dispatch(arguments: argparse.Namespace) -> int:
    if arguments.command == "demo":
        from codex_proto_io.cli._demo import demo

        return demo()
    if arguments.command in ("serve", "record"):
        return _dispatch_server(arguments)
    if arguments.command in ("stream", "realtime"):
        return _dispatch_client(arguments)
    from codex_proto_io.cli._decode import DecodeOptions, decode

    return decode(
        DecodeOptions(
            protocol=arguments.protocol,
            profile=arguments.profile,
            chunk=arguments.chunk,
            headers=arguments.headers,
            format=arguments.format,
            check=arguments.check,
            file=arguments.file,
        )
    )


def _dispatch_client(arguments: argparse.Namespace) -> int:
    given = {
        name: value
        for name, value in vars(arguments).items()
        if name != "command" and value is not None
    }
    if arguments.command == "stream":
        from codex_proto_io.cli._stream import StreamCommandOptions, stream

        return stream(StreamCommandOptions(**given))
    from codex_proto_io.cli._talk import RealtimeOptions, talk

    return talk(RealtimeOptions(**given))


def _dispatch_server(arguments: argparse.Namespace) -> int:
    if arguments.command == "serve":
        from codex_proto_io.cli._serve import ServeOptions, serve

        return serve(
            ServeOptions(
                host=arguments.host,
                port=arguments.port,
                script=arguments.script,
                responses=arguments.responses,
                realtime=arguments.realtime,
                speed=arguments.speed,
            )
        )
    from codex_proto_io.cli._record import RecordOptions, record

    return record(
        RecordOptions(
            upstream=arguments.upstream,
            out=arguments.out,
            host=arguments.host,
            port=arguments.port,
        )
    )
