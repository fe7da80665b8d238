"""Nothing may be left behind by any test here: no socket, and no thread."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest

from tests.io.client.driving import KINDS
from tests.io.client.leftovers import open_sockets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    sockets, threads = set(open_sockets()), set(threading.enumerate())
    yield
    # Not by the garbage collector: that would hide what was forgotten.
    left = [sock for sock in open_sockets() if sock not in sockets]
    assert not left, left
    assert not [each for each in threading.enumerate() if each not in threads]
    gc.collect()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        *("OPENAI_API_KEY", "OPENAI_BASE_URL", "CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    ):
        monkeypatch.delenv(name, raising=False)
