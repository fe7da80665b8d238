"""What the peer sends after its last message: counted, and the beginning kept for inspection."""

from __future__ import annotations

from typing import Final

__all__ = ["TRAILING_KEPT"]

# Enough to recognise it (a second answer, a gateway's page); a peer may send without end.
TRAILING_KEPT: Final = 64 * 1024


class TrailingData:
    """Keeps the first `TRAILING_KEPT` bytes and counts all of them."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.size = 0

    def add(self, data: bytes | bytearray) -> None:
        """Count bytes, and keep those that fit."""
        self.size += len(data)
        self._kept += data[: TRAILING_KEPT - len(self._kept)]

    def add_all(self, other: TrailingData) -> None:
        """Add what `other` has counted and kept."""
        self.add(other.data)
        self.size += other.size - len(other.data)

    @property
    def data(self) -> bytes:
        """The bytes that were kept."""
        return bytes(self._kept)
