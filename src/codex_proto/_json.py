"""What reading JSON raises for bytes of the peer, and writing it for values of the caller."""

from __future__ import annotations

from typing import Final

import msgspec

__all__ = ["DECODE_ERRORS", "ENCODE_ERRORS"]

# A text may hold lone surrogates, which are met when msgspec makes UTF-8 of it.
DECODE_ERRORS: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)
# Anything that may stand in a value: an unknown class, a cycle, a number beyond 64 bits.
ENCODE_ERRORS: Final = (
    msgspec.MsgspecError,
    TypeError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RecursionError,
)
