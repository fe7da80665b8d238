"""What real clients sent: captures, and bodies of recorded requests."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any, Final

from codex_proto.requests import CompactionInput, ResponseCreateWsRequest, ResponsesApiRequest
from codex_proto.versions import WireVersion
from tests.captures import captured_connections
from tests.paths import DATA
from tests.recordings import request_files

__all__ = ["Capture", "captures", "matches", "recorded_bodies", "sent_bodies"]

_SHORTENED: Final = re.compile(r"(.*)… \((\d+) characters\)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Capture:
    """One connection of a real client's."""

    name: str
    content: dict[str, Any]

    @property
    def version(self) -> WireVersion:
        is_may = "0.128" in self.content["client"]
        return WireVersion.V2026_05 if is_may else WireVersion.V2026_08

    @property
    def is_codex(self) -> bool:
        return bool(self.content["client"].startswith("codex"))

    @property
    def method(self) -> str:
        return str(self.content["request_line"].split()[0])

    @property
    def target(self) -> str:
        return str(self.content["request_line"].split()[1])

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.content["headers"]}

    @property
    def body(self) -> Any:
        return self.content.get("body")

    @property
    def messages(self) -> list[tuple[str, Any]]:
        """Direction and message of each frame of text."""
        frames = self.content.get("frames") or []
        return [(frame["dir"], frame["message"]) for frame in frames if frame.get("message")]

    def __str__(self) -> str:
        return self.name


@functools.cache
def captures() -> tuple[Capture, ...]:
    """All captures of Responses endpoints, the shipped ones and the full ones."""
    found: list[Capture] = []
    for path, content in captured_connections().items():
        origin = "shipped" if path.is_relative_to(DATA) else "full"
        target = content["request_line"].split()[1]
        if target.startswith("/v1/responses"):
            found.append(Capture(f"{origin}-{path.stem[:40]}", content))
    assert found
    return tuple(found)


def sent_bodies() -> list[tuple[str, Any, type[ResponsesApiRequest | CompactionInput], Capture]]:
    """Each body and message that a client sent, with the class it is of."""
    found: list[tuple[str, Any, type[ResponsesApiRequest | CompactionInput], Capture]] = []
    for capture in captures():
        if isinstance(capture.body, dict):
            is_compact = capture.target.endswith("/compact")
            cls = CompactionInput if is_compact else ResponsesApiRequest
            found.append((capture.name, capture.body, cls, capture))
        for number, (direction, message) in enumerate(capture.messages):
            if direction == "c2s":
                name = f"{capture.name}-{number}"
                found.append((name, message, ResponseCreateWsRequest, capture))
    return found


@functools.cache
def recorded_bodies() -> tuple[tuple[str, bytes], ...]:
    """The bodies of recorded requests, each once."""
    found: dict[str, bytes] = {}
    for path in request_files():
        found.setdefault(path.stem, path.read_bytes())
    assert found
    return tuple(found.items())


def matches(sent: Any, expected: Any) -> bool:
    """Whether JSON is equal, with a shortened text for any that begins so and has that length."""
    if isinstance(expected, str) and isinstance(sent, str):
        shortened = _SHORTENED.fullmatch(expected)
        if sent == expected or shortened is None:
            return sent == expected
        return sent.startswith(shortened[1]) and len(sent) == int(shortened[2])
    if type(sent) is not type(expected):
        return False
    if isinstance(expected, dict):
        return sent.keys() == expected.keys() and all(
            matches(sent[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(sent) == len(expected) and all(map(matches, sent, expected))
    return bool(sent == expected)
