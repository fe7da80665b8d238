"""`codex-proto record`: a proxy that records what goes through it, until it is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from codex_proto.errors import LocalProtocolError
from codex_proto_io.cassettes import Recorder
from codex_proto_io.cli._misuse import Misuse, complain, reason
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._until_stopped import run_until_stopped

__all__ = ["RecordOptions", "record"]


@dataclass(frozen=True)
class RecordOptions:
    """The options of the command."""

    upstream: str
    out: str
    host: str = "127.0.0.1"
    port: int = 0


def record(options: RecordOptions) -> int:
    """Record until SIGINT or SIGTERM, and report how many exchanges there were.

    Raises:
        Misuse: the URL is not valid, the file cannot be written, or the port is not available.
    """
    try:
        recorder = Recorder(options.upstream, options.out, host=options.host, port=options.port)
    except LocalProtocolError as error:
        raise Misuse(f"--upstream: {error.message.removeprefix('url: ')}") from None
    except OSError as error:
        raise Misuse(f"cannot write {options.out}: {reason(error)}") from None

    async def run() -> None:
        try:
            await recorder.start()
        except OSError as error:
            where = f"{options.host}:{options.port}"
            raise Misuse(f"cannot listen on {where}: {reason(error)}") from None
        output = Output()
        output.write_text(f"listening on {recorder.origin}\n")
        output.flush()

    try:
        asyncio.run(run_until_stopped(run, recorder.stop))
    finally:
        recorder.close()
    for problem in recorder.problems:
        complain(problem)
    complain(f"recorded {recorder.exchanges} exchanges in {options.out}")
    return 0
