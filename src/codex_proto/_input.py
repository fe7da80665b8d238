"""What callers hand in, checked once and in one way."""

from __future__ import annotations

from codex_proto.errors import LocalProtocolError

__all__ = ["as_bytes"]


def as_bytes(argument: str, data: bytes | bytearray | memoryview) -> bytes:
    """Return bytes-like data as bytes that nobody can change; a copy only where it must be one.

    Raises:
        LocalProtocolError: `data` is something else, text for example.
    """
    if type(data) is bytes:
        return data
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    raise LocalProtocolError(f"{argument}: must be bytes, not {type(data).__name__}")
