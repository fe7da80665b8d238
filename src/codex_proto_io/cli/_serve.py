"""`codex-proto serve`: the embedded server, until it is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from codex_proto_io.cli._misuse import Misuse, complain, reason
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._until_stopped import run_until_stopped
from codex_proto_io.server import EmbeddedServer, ScriptError

__all__ = ["ServeOptions", "serve"]


@dataclass(frozen=True)
class ServeOptions:
    """The options of the command."""

    host: str = "127.0.0.1"
    port: int = 0
    script: str | None = None
    responses: str | None = None
    realtime: str | None = None
    speed: float = 1.0


def serve(options: ServeOptions) -> int:
    """Serve until SIGINT or SIGTERM; problems of the script are reported at the end.

    Raises:
        Misuse: a file cannot be read, or the port is not available.
    """
    try:
        server = EmbeddedServer(
            options.script,
            responses=options.responses,
            realtime=options.realtime,
            host=options.host,
            port=options.port,
            speed=options.speed,
        )
    except ScriptError as error:
        raise Misuse(str(error)) from None
    except OSError as error:
        raise Misuse(f"cannot read {error.filename}: {reason(error)}") from None

    async def run() -> None:
        try:
            await server.start()
        except OSError as error:
            where = f"{options.host}:{options.port}"
            raise Misuse(f"cannot listen on {where}: {reason(error)}") from None
        output = Output()
        output.write_text(f"listening on {server.origin}\n")
        output.flush()

    asyncio.run(run_until_stopped(run, server.stop))
    for problem in server.problems:
        complain(f"the script could not be played: {problem}")
    return 0
