"""What real clients sent: shortened recordings, and how to compare with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from tests.paths import SHARED
from tests.recordings import DATA

__all__ = ["CAPTURES", "client_frames", "client_recordings", "difference", "server_frames"]

CAPTURES: Final[dict[str, Any]] = json.loads(
    (DATA / "realtime_captures.json").read_text(encoding="utf-8")
)
_SHORTENED: Final = re.compile(r"(.*)… \(\d+ characters\)", re.DOTALL)


def client_frames(capture: str) -> list[dict[str, Any]]:
    """The messages that the client sent, in their order."""
    return [each["message"] for each in CAPTURES[capture]["frames"] if each["dir"] == "c2s"]


def server_frames(capture: str) -> list[dict[str, Any]]:
    """The messages that the server sent, in their order."""
    return [each["message"] for each in CAPTURES[capture]["frames"] if each["dir"] == "s2c"]


def difference(ours: Any, theirs: Any, path: str = "$") -> str | None:
    """Where two JSON values differ, key order included; a shortened text is any text."""
    if isinstance(theirs, str) and _SHORTENED.fullmatch(theirs):
        return None if isinstance(ours, str) and ours else f"{path}: {ours!r} is no text"
    if type(ours) is not type(theirs):
        return f"{path}: {ours!r} is not {theirs!r}"
    if isinstance(theirs, dict):
        if list(ours) != list(theirs):
            return f"{path}: keys {list(ours)} are not {list(theirs)}"
        found = (difference(ours[key], theirs[key], f"{path}.{key}") for key in theirs)
        return next((each for each in found if each), None)
    if isinstance(theirs, list):
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} elements are not {len(theirs)}"
        pairs = zip(ours, theirs, strict=True)
        found = (difference(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(pairs))
        return next((each for each in found if each), None)
    return None if ours == theirs else f"{path}: {ours!r} is not {theirs!r}"


def client_recordings() -> list[Path]:
    """Recordings of clients: the ones here, and the whole corpus where it lies beside us."""
    found = {
        path.name: path
        for folder in (SHARED / "corpus" / "realtime", DATA / "realtime_clients")
        for path in folder.glob("*.client.jsonl")
        if _is_recording(path)
    }
    return sorted(found.values())


def _is_recording(path: Path) -> bool:
    """Whether each line is a message."""
    try:
        messages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except ValueError:
        return False
    return bool(messages) and all(isinstance(each, dict) and "type" in each for each in messages)
