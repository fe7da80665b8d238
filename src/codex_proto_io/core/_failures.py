"""From an error as a value to an exception that is raised.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

import copy

from codex_proto.errors import CodexError, ConnectionFailed
from codex_proto_io.core._effects import Connect

__all__ = ["as_raised", "connection_failed"]


def as_raised(error: CodexError) -> CodexError:
    """Return an equal copy to raise: the value itself is shared, and a traceback sticks to it."""
    return copy.copy(error)


def as_value(error: CodexError) -> CodexError:
    """Return an equal copy to keep: what was raised holds on to all that was under way."""
    return copy.copy(error)


def connection_failed(error: Exception, connect: Connect | None = None) -> ConnectionFailed:
    """Say in our words that a transport failed; `connect` is what could not be connected."""
    why = str(error) or type(error).__name__
    if connect is None:
        return ConnectionFailed(f"The connection broke: {why}.")
    return ConnectionFailed(f"Could not connect to {connect.host}:{connect.port}: {why}.")
