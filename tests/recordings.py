"""The recordings that tests read: the ones in `data/`, and a larger corpus where there is one.

`data/recordings` is enough to cover every fact that was ever seen on the wire. Where the full
corpus lies beside the project it is read too, so that each file runs once.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.paths import DATA, SHARED

__all__ = ["DATA", "Recording", "read_json", "recordings", "request_files"]

_FOLDERS: Final = (DATA / "recordings", SHARED / "corpus")
# What tests read of an entry of the index, by the kind of recording, and what it is.
_ANY: Final = {"file": str, "sha256": str, "bytes": int}
_COUNTED: Final = _ANY | {"provider": str, "event_types": dict}
_NEEDED: Final[dict[str, dict[str, type]]] = {
    ".sse": _COUNTED | {"events": int, "item_types": dict, "wire": dict, "integrity": dict},
    ".jsonl": _COUNTED,
}


@dataclass(frozen=True, eq=False)
class Recording:
    """One recorded stream, and what its index says about it."""

    name: str
    path: Path
    entry: dict[str, Any]
    shipped: bool
    """Whether it is part of this repository (and not only of the corpus beside it)."""

    @property
    def bytes(self) -> bytes:
        """The bytes of the stream, checked against the index."""
        return _read(self.path, self.entry["sha256"])

    @property
    def size(self) -> int:
        """How many bytes the stream has."""
        size: int = self.entry["bytes"]
        return size

    def __str__(self) -> str:
        return self.name


@functools.cache
def _read(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise AssertionError(f"{path} is not the file that its index describes")
    return content


@functools.cache
def recordings(folder: str = "responses", suffix: str = ".sse") -> tuple[Recording, ...]:
    """All recordings of one kind by name, each once: the shipped ones win."""
    found: dict[str, Recording] = {}
    for root in _FOLDERS:
        index = root / "INDEX.json"
        if not index.is_file():
            continue
        shipped = root == _FOLDERS[0]
        for entry in _entries(index):
            if not _is_known(entry, suffix, root):
                assert not shipped, entry
                continue
            kind, _, name = entry["file"].partition("/")
            if kind != folder or not name.endswith(suffix) or name in found:
                continue
            found[name] = Recording(
                name=name.removesuffix(suffix),
                path=root / entry["file"],
                entry=entry,
                shipped=shipped,
            )
    return tuple(sorted(found.values(), key=lambda recording: recording.name))


def request_files() -> list[Path]:
    """Return the bodies of recorded requests, which the index has no entries for."""
    found: list[Path] = []
    for root in _FOLDERS:
        for path in sorted(root.glob("requests/*.json")):
            content = read_json(path)
            if isinstance(content, dict) and "input" in content:
                found.append(path)
            else:
                assert root != _FOLDERS[0], path
    return found


def _entries(index: Path) -> list[Any]:
    content = read_json(index)
    entries = content.get("captures") if isinstance(content, dict) else None
    return entries if isinstance(entries, list) else []


def _is_known(entry: Any, suffix: str, root: Path) -> bool:
    """Whether an entry of an index has what tests read of it."""
    if not _has(entry, _ANY):
        return False
    path = root / entry["file"]
    if not path.is_file() or path.stat().st_size != entry["bytes"]:
        return False
    return not entry["file"].endswith(suffix) or _has(entry, _NEEDED.get(suffix, _ANY))


def _has(entry: Any, members: dict[str, type]) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(name), type_) for name, type_ in members.items()
    )


def read_json(path: Path) -> Any:
    """Return what a file holds as JSON, or `None` where it is no file of JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
