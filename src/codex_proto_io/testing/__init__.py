"""A server for your tests: `pytest_plugins = ["codex_proto_io.testing"]` brings the fixtures.

`codex_server` is a server that runs, `make_codex_server` starts as many as you like, with scripts;
`async_codex_server` runs on the test's own loop. docs/server.md shows them. Without pytest there
is only `EmbeddedServer` here.
"""

from codex_proto_io.server import EmbeddedServer, Exchange, Script, refuse, say, stream

__all__ = ["EmbeddedServer", "Exchange", "Script", "refuse", "say", "stream"]

try:
    from codex_proto_io.testing._fixtures import (
        async_codex_server,
        codex_server,
        make_codex_server,
    )
except ModuleNotFoundError as error:
    if error.name != "pytest":
        raise
else:
    __all__ += ["async_codex_server", "codex_server", "make_codex_server"]
