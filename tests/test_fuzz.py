"""The fuzz targets hold for their seeds and a first few changes, and the engine finds a fault."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from fuzz.plain import mutations, run
from fuzz.seeds import seeds
from fuzz.targets import TARGETS

ROOT: Final = Path(__file__).parent.parent


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name: str) -> None:
    found = [*seeds(name)]
    assert found
    for data in itertools.islice(mutations(found, 1), len(found) + 200):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\0", b"\xff", b"\n\n", bytes(range(256))])
def test_a_target_takes_anything(name: str, data: bytes) -> None:
    TARGETS[name](data)


def test_the_engine_finds_a_fault() -> None:
    def faulty(data: bytes) -> None:
        if b"\r\n\xff" in data:
            raise ValueError

    count, broken = run(faulty, mutations([b"some\r\nlines\r\n"], 0), seconds=60)
    assert broken is not None
    assert b"\r\n\xff" in broken
    # The same again, so that a fault is found again.
    assert run(faulty, mutations([b"some\r\nlines\r\n"], 0), seconds=60) == (count, broken)


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"\x03data: 1\n\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for arguments in (["--seconds", "0.2"], [str(path)]):
        done = subprocess.run(
            [sys.executable, "-m", "fuzz", "eventstream", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
        assert (b"nothing broke" in done.stdout) is ("--seconds" in arguments)
