"""What the peer sends after its last word: counted, and the beginning kept to be looked at."""

from __future__ import annotations

from typing import Final

__all__ = ["TRAILING_KEPT"]

# Enough to tell what it is (a second answer, a gateway's page); a peer may send without end.
TRAILING_KEPT: Final = 64 * 1024


class TrailingData:
    """Keeps the first `TRAILING_KEPT` bytes and counts all of them."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.size = 0

    def add(self, data: bytes | bytearray) -> None:
        """Take bytes that were not asked for."""
        self.size += len(data)
        self._kept += data[: TRAILING_KEPT - len(self._kept)]

    def add_all(self, other: TrailingData) -> None:
        """Take what another one counted, and what it kept of it."""
        self.add(other.data)
        self.size += other.size - len(other.data)

    @property
    def data(self) -> bytes:
        """The beginning of them."""
        return bytes(self._kept)
