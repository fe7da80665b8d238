"""From an error as a value to an exception that is raised.

Source: DESIGN section 6.
"""

from __future__ import annotations

import copy

from codex_proto.errors import CodexError

__all__ = ["as_raised"]


def as_raised(error: CodexError) -> CodexError:
    """Return an equal copy to raise: the value itself is shared, and a traceback sticks to it."""
    return copy.copy(error)
