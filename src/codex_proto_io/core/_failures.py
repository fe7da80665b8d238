"""Convert between errors as values and exceptions that are raised.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

import copy

from codex_proto.errors import CodexError, ConnectionFailed
from codex_proto_io.core._effects import Connect

__all__ = ["connection_failed", "equal_copy"]


def equal_copy(error: CodexError) -> CodexError:
    """Return an equal error without a traceback, on the way from a value to a raise and back.

    A value is shared, so it is a copy that is raised: the traceback sticks to it. What was raised
    holds on to all that was under way, so it is a copy that is kept.
    """
    return copy.copy(error)


def connection_failed(error: Exception, connect: Connect | None = None) -> ConnectionFailed:
    """Return the error for a failed transport; `connect` is the effect if connecting failed."""
    why = str(error) or type(error).__name__
    if connect is None:
        return ConnectionFailed(f"The connection broke: {why}.")
    return ConnectionFailed(f"Could not connect to {connect.host}:{connect.port}: {why}.")
