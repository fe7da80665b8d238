"""What stands in for an item of an unknown type.

Source: docs/architecture.md, "Rules"; wire.md 3.1.
"""

from __future__ import annotations

from codex_proto._wire import Value

__all__ = ["UnknownItem"]


class UnknownItem(Value, frozen=True, gc=False):
    """An item of a type that this version does not know: its type, and all of its JSON."""

    type: str
    raw: bytes
