"""Recordings of real conversations: a proxy that writes scripts (docs/server.md)."""

from codex_proto_io.cassettes.recorder import Recorder
from codex_proto_io.cassettes.secrets import Secrets

__all__ = ["Recorder", "Secrets"]
