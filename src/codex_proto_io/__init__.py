"""Clients, a server and tools that do the I/O for `codex_proto`, which decides everything."""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io import cassettes as cassettes
    from codex_proto_io import cli as cli
    from codex_proto_io import client as client
    from codex_proto_io import core as core
    from codex_proto_io import httpx as httpx
    from codex_proto_io import pumps as pumps
    from codex_proto_io import server as server
    from codex_proto_io import testing as testing
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {},
        "cassettes cli client core httpx pumps server testing",
    )
# isort: on
# -- end of what is written
