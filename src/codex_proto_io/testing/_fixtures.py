"""The pytest fixtures of `codex_proto_io.testing`.

Source: docs/server.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

import pytest

from codex_proto_io.server import EmbeddedServer, ScriptLike

__all__ = ["MakeCodexServer", "async_codex_server", "codex_server", "make_codex_server"]


class MakeCodexServer(Protocol):
    """Starts a server, which is stopped after the test."""

    def __call__(self, script: ScriptLike = None, **options: Any) -> EmbeddedServer:
        """Start a server; the arguments are those of `EmbeddedServer`."""
        ...


@pytest.fixture
def make_codex_server() -> Iterator[MakeCodexServer]:
    """Start servers, each in a thread of its own; they are stopped after the test."""
    with contextlib.ExitStack() as servers:

        def make(script: ScriptLike = None, **options: Any) -> EmbeddedServer:
            return servers.enter_context(EmbeddedServer(script, **options))

        yield make


@pytest.fixture
def codex_server(make_codex_server: MakeCodexServer) -> EmbeddedServer:
    """Run a server with built-in answers; call `add` to script it."""
    return make_codex_server()


@pytest.fixture
async def async_codex_server() -> AsyncIterator[EmbeddedServer]:
    """Run a server on the loop of the test; needs a plugin for async tests such as anyio's."""
    async with EmbeddedServer() as server:
        yield server
