"""Captures: what one real client sent on one connection, and what it was answered.

`data/captures` has enough of them for a clone of the project; where the full ones lie beside it,
those are read too.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tests.paths import DATA, SHARED
from tests.recordings import read_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["captured_connections"]

_SHIPPED: Final = DATA / "captures"


@cache
def captured_connections() -> dict[Path, dict[str, Any]]:
    """Return all captures by their files, the shipped ones first."""
    found: dict[Path, dict[str, Any]] = {}
    for folder in (_SHIPPED, SHARED / "captures"):
        for path in sorted(folder.glob("*.json")):
            content = read_json(path)
            if _is_capture(content):
                found[path] = content
            else:
                assert folder != _SHIPPED, path
    return found


def _is_capture(content: Any) -> bool:
    match content:
        case {"client": str(), "request_line": str(line), "headers": list(fields)}:
            frames = content.get("frames") or []
            return (
                len(line.split(" ")) == 3
                and all(_is_field(field) for field in fields)
                and isinstance(frames, list)
                and all(isinstance(frame, dict) and "dir" in frame for frame in frames)
            )
        case _:
            return False


def _is_field(field: Any) -> bool:
    match field:
        case [str(), str()]:
            return True
        case _:
            return False
