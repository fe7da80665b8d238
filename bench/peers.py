"""The peers, each reading the same stream from a transport in memory; a missing one is left out.

Each is a `Peer`: a function from the reads of a stream to a function that reads it once and returns
the number of events.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

Pass = Callable[[], int]
Peer = Callable[[Sequence[bytes]], Pass]

OPENAI = "openai-python"
HTTPX_SSE = "httpx-sse"
PACKAGES = {OPENAI: "openai", HTTPX_SSE: "httpx-sse"}


def installed() -> dict[str, str]:
    """Return the installed peers and their versions."""
    found: dict[str, str] = {}
    for name, package in PACKAGES.items():
        try:
            found[name] = version(package)
        except PackageNotFoundError:
            continue
    return found


def openai_stream(reads: Sequence[bytes]) -> Pass:
    """Convert body bytes to typed events with openai-python, called as by a user."""
    import openai

    # The client uses httpx or, in newer versions, httpx2: ask it which.
    http: Any = sys.modules[openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0]]
    transport = http.MockTransport(lambda _: _answer(http, reads))
    client = openai.OpenAI(
        api_key="none",
        base_url="http://peer.invalid/v1",
        http_client=openai.DefaultHttpxClient(transport=transport),
    )

    def one_pass() -> int:
        seen = 0
        for _ in client.responses.create(model="none", input="none", stream=True):
            seen += 1
        return seen

    return one_pass


def httpx_sse_framing(reads: Sequence[bytes]) -> Pass:
    """Convert body bytes to events with text: framing only, no JSON."""
    import httpx
    import httpx_sse

    http: Any = httpx
    client = httpx.Client(transport=httpx.MockTransport(lambda _: _answer(http, reads)))

    def one_pass() -> int:
        seen = 0
        with httpx_sse.connect_sse(client, "GET", "http://peer.invalid/") as source:
            for _ in source.iter_sse():
                seen += 1
        return seen

    return one_pass


def _answer(http: Any, reads: Sequence[bytes]) -> Any:
    return http.Response(200, headers={"content-type": "text/event-stream"}, content=iter(reads))
