"""The record that a violation of the policy on misalignment carries.

Source: additions-2026-11.md 4.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import DECODE_ERRORS, DEFAULT_MAX_DEPTH, is_too_deep

__all__ = ["misalignment_record", "read_misalignment"]


class _Error(Struct):
    misalignment: Raw | UnsetType = UNSET


class _Body(Struct):
    error: _Error


_decode_body: Final = msgspec.json.Decoder(_Body).decode
_decode_record: Final = msgspec.json.Decoder(dict[str, Any]).decode


def read_misalignment(text: str | None) -> dict[str, Any] | None:
    """Return `error.misalignment` of a body, None where it has no such record."""
    try:
        raw = _decode_body(text or "").error.misalignment
    except DECODE_ERRORS:
        return None
    return misalignment_record(raw)


def misalignment_record(raw: Raw | UnsetType | None) -> dict[str, Any] | None:
    """Return the record whose JSON this is, None where it is not one or far too deep."""
    if not isinstance(raw, Raw) or is_too_deep(bytes(raw), DEFAULT_MAX_DEPTH):
        return None
    try:
        return _decode_record(raw)
    except DECODE_ERRORS:
        return None
