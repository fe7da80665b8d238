"""The bytes that wait to be written: one buffer with a limit."""

from __future__ import annotations

from typing import Final

from codex_proto.errors import LocalProtocolError

__all__ = ["DEFAULT_MAX_PENDING", "OutgoingBuffer"]

# Bytes that may wait to be written: more than the largest request that servers take.
DEFAULT_MAX_PENDING: Final = 64 * 1024 * 1024


class OutgoingBuffer:
    """Collects bytes until they are taken.

    What the caller sends has to fit (`check_room`); what the protocol itself sends is small and
    always fits.
    """

    def __init__(self, max_pending: int = DEFAULT_MAX_PENDING) -> None:
        self._max_pending = max_pending
        self._parts: list[bytes] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def check_room(self, argument: str, size: int) -> None:
        """Raise `LocalProtocolError` if `size` more bytes would exceed the limit."""
        if self._size + size > self._max_pending:
            raise LocalProtocolError(
                f"{argument}: {size} bytes, with {self._size} bytes waiting to be written, are "
                f"more than max_pending allows ({self._max_pending}); write data_to_send() first"
            )

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes."""
        if data:
            self._parts.append(bytes(data))
            self._size += len(data)

    def take(self) -> bytes:
        """Return all waiting bytes and remove them."""
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self.clear()
        return data

    def clear(self) -> None:
        """Remove all waiting bytes: the peer will not read them."""
        self._parts = []
        self._size = 0
