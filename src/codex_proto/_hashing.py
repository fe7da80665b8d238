"""The hash of values that may hold what has none: a list, a dict, raw JSON."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

__all__ = ["hash_members"]


def hash_members(cls: type, members: Iterable[object]) -> int:
    """Return a hash over a class and those members that have one; `==` compares the others."""
    hashes: list[int] = []
    for member in members:
        with suppress(TypeError):
            hashes.append(hash(member))
    return hash((cls, *hashes))
