"""The `codex-proto` command."""

from codex_proto_io.cli._main import main

__all__ = ["main"]
