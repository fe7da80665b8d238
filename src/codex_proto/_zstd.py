"""Zstandard (RFC 8878), of the standard library where it has it, else of the package `zstandard`.

Imported only where a body is compressed in this way: not every installation can do that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from codex_proto._lazy import explain

__all__ = ["Decompressor", "ZstdError", "compress", "frame_decompressor"]


class Decompressor(Protocol):
    """Reads one frame, in pieces."""

    @property
    def eof(self) -> bool:
        """Whether the frame has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the frame."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """Return what the next bytes become."""
        ...


if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError, compress

    def frame_decompressor(max_window_log: int) -> Callable[[], Decompressor]:
        """Return what makes a decompressor of one frame: a window is at most two to that power."""
        options = {DecompressionParameter.window_log_max: max_window_log}
        return lambda: ZstdDecompressor(options=options)

else:
    try:
        from zstandard import ZstdDecompressor, ZstdError, compress
    except ModuleNotFoundError as error:
        explain("zstd", error)
        raise

    def frame_decompressor(max_window_log: int) -> Callable[[], Decompressor]:
        """Return what makes a decompressor of one frame: a window is at most two to that power."""
        return ZstdDecompressor(max_window_size=1 << max_window_log).decompressobj
