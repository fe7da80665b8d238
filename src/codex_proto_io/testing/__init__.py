"""A server for your tests: `pytest_plugins = ["codex_proto_io.testing"]` brings the fixtures.

`codex_server` is a server that runs, `make_codex_server` starts as many as you like, with scripts;
`async_codex_server` runs on the test's own loop. docs/server.md shows them. Without pytest there
is only `EmbeddedServer` here.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.testing._fixtures import *
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_fixtures": "MakeCodexServer async_codex_server codex_server make_codex_server",
        },
    )
# isort: on
# -- end of what is written
