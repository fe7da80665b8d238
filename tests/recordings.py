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

__all__ = ["DATA", "Recording", "recordings"]

DATA: Final = Path(__file__).parent / "data"
_FOLDERS: Final = (
    DATA / "recordings",
    Path(__file__).parent.parent.parent / "shared" / "corpus",
)


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
        if not index.exists():
            continue
        for entry in json.loads(index.read_text("utf-8"))["captures"]:
            kind, _, name = entry["file"].partition("/")
            if kind != folder or not name.endswith(suffix) or name in found:
                continue
            found[name] = Recording(
                name=name.removesuffix(suffix),
                path=root / entry["file"],
                entry=entry,
                shipped=root == _FOLDERS[0],
            )
    return tuple(sorted(found.values(), key=lambda recording: recording.name))
