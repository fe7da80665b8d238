"""The states of the protocol that differ in what a client sends.

Decoding takes the superset of all of them; only encoding asks which one is meant.

Source: wire.md 0 (S and N).
"""

from __future__ import annotations

import enum

__all__ = ["WireVersion"]


class WireVersion(enum.Enum):
    """Which state of the protocol a request is written in."""

    V2026_05 = "2026-05"
    """May 2026 (wire.md's S): ids of items stay at home, absent shell options go out as null."""
    V2026_08 = "2026-08"
    """August 2026 (wire.md's N), the default: ids and passthrough metadata travel with the item."""
