"""A short run of bench/soak.py: random faults, one outcome for each stream, nothing left behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.paths import ROOT


@pytest.mark.parametrize("transport", ["raw", "httpx", "websocket"])
def test_it_holds(transport: str) -> None:
    pytest.importorskip("bench.soak", reason="the folder bench is not here")
    done = subprocess.run(
        [
            *(sys.executable, "-X", "dev", "-W", "error", "-m", "bench.soak"),
            *("--seconds", "2", "--streams", "40", "--transport", transport, "--short"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left behind: 0 tasks, 0 sockets" in done.stdout
    assert "Completed" in done.stdout
    assert "unclosed" not in done.stderr
    assert "never" not in done.stderr
