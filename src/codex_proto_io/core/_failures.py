"""Convert between errors as values and exceptions that are raised.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

import copy

from codex_proto.errors import CodexError, ConnectionFailed
from codex_proto_io.core._effects import Connect

__all__ = ["as_raised", "connection_failed"]


def as_raised(error: CodexError) -> CodexError:
    """Return an equal copy to raise, so that the shared value gets no traceback."""
    return copy.copy(error)


def as_value(error: CodexError) -> CodexError:
    """Return an equal copy to keep, without the traceback and the frames that it refers to."""
    return copy.copy(error)


def connection_failed(error: Exception, connect: Connect | None = None) -> ConnectionFailed:
    """Return the error for a failed transport; `connect` is the effect if connecting failed."""
    why = str(error) or type(error).__name__
    if connect is None:
        return ConnectionFailed(f"The connection broke: {why}.")
    return ConnectionFailed(f"Could not connect to {connect.host}:{connect.port}: {why}.")
