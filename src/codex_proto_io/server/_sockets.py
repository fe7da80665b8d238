"""What asyncio does not offer for a socket: resetting it, and counting unacknowledged bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Any, Final

__all__ = ["bytes_unsent", "close_with_rst"]

# Close at once and drop unsent bytes, which sends an RST.
_NO_LINGER: Final = struct.pack("ii", 1, 0)


def close_with_rst(transport: asyncio.Transport) -> None:
    """Close with an RST: the other side sees a reset connection."""
    sock: Any = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


def bytes_unsent(transport: asyncio.Transport) -> int:
    """Return how many bytes the other side has not acknowledged, or 0 if that is not known."""
    waiting = transport.get_write_buffer_size()
    sock: Any = transport.get_extra_info("socket")
    if waiting or sock is None or sys.platform != "linux":
        return waiting
    import fcntl
    import termios

    try:
        return int.from_bytes(fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:
        return 0
