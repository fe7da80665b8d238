"""A server for tests: `pytest_plugins = ["codex_proto_io.testing"]` adds the fixtures.

`codex_server` is a running server, `make_codex_server` starts further ones with scripts, and
`async_codex_server` runs on the loop of the test. docs/server.md shows them. Without pytest only
`EmbeddedServer` is exported.
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
