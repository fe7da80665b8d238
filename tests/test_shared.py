"""Tests read what lies beside the project by what they need of it, and pass over the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.paths import ROOT
from tests.recordings import _entries

if TYPE_CHECKING:
    from pathlib import Path

# All that collect something of what lies there.
READERS: Final = (
    "tests/connections/test_captured_requests.py",
    "tests/items/test_item_corpus.py",
    "tests/realtime/setup/test_client_messages.py",
    "tests/realtime/test_realtime_recordings.py",
    "tests/requests",
    "tests/responses/test_recordings.py",
    "tests/vectors/test_upstream_captures.py",
)

ODD: Final = {
    "no JSON": b"\xff\xfe not JSON",
    "empty": b"",
    "a list": b"[1, 2]",
    "null": b"null",
    "another object": b'{"client": "codex-cli 0.171.0", "scenario": "live", "body": {"a": 1}}',
    "half a capture": b'{"client": "c", "request_line": "GET", "headers": {}, "frames": [[]]}',
}
ENTRIES: Final[list[Any]] = [
    None,
    {},
    {"file": "responses/odd.sse"},
    {"file": "responses/absent.sse", "sha256": "", "bytes": 1},
    {"file": "responses/odd-an-object.sse", "sha256": "0", "bytes": 1, "events": "many"},
    {"file": "realtime/odd.jsonl", "sha256": "0", "bytes": 0, "event_types": []},
]


def _collect(shared: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *READERS],
        cwd=ROOT,
        env={**os.environ, "CODEX_PROTO_SHARED": str(shared)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.exhaustive
def test_odd_files_beside_the_project_are_passed_over(tmp_path: Path) -> None:
    folders = ("captures", "corpus/requests", "corpus/realtime", "corpus/responses", "corpus")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name, content in ODD.items():
            for suffix in (".json", ".client.jsonl", ".jsonl", ".sse"):
                (tmp_path / folder / f"odd {name}{suffix}").write_bytes(content)
    (tmp_path / "captures" / "odd folder.json").mkdir()
    (tmp_path / "corpus" / "INDEX.json").write_text(json.dumps({"captures": ENTRIES}))

    odd, without = _collect(tmp_path), _collect(tmp_path / "absent")
    assert odd.returncode == 0, odd.stdout
    collected = [line for line in odd.stdout.splitlines() if "::" in line]
    assert collected == [line for line in without.stdout.splitlines() if "::" in line]
    assert len(collected) > 500


@pytest.mark.parametrize("content", [b"", b"[]", b'{"captures": {}}', b'{"captures": null}'])
def test_an_index_of_another_shape_is_passed_over(tmp_path: Path, content: bytes) -> None:
    index = tmp_path / "INDEX.json"
    index.write_bytes(content)
    assert _entries(index) == []
