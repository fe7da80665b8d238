"""Makes the sync client from the async one, so that nobody maintains both by hand.

`python tools/unasync.py` writes the files; a test compares them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

CLIENT: Final = Path(__file__).resolve().parent.parent / "src" / "codex_proto_io" / "client"
PARTS: Final = ("client", "streams", "realtime")

HEADER: Final = "# Made from {source} by tools/unasync.py: edit that file instead.\n"

# Replaced in this order: whole texts, then syntax, then names.
TEXTS: Final = (
    ('"""The client for asyncio."""', '"""The client for threads."""'),
    ('"""Realtime under asyncio."""', '"""Realtime in threads."""'),
    (
        '"""A response under asyncio, and a conversation over one WebSocket."""',
        '"""A response in a thread, and a conversation over one WebSocket."""',
    ),
    (
        "A client of the Codex endpoints for asyncio; `CodexClient` is the same for threads.",
        "A client of the Codex endpoints for threads; `AsyncCodexClient` is the same for asyncio.",
    ),
    (
        (
            "credentials, or `None`. Called once for requests that fail together.\n"
            "            It may be a coroutine function."
        ),
        "credentials, or `None`. Called once for requests that fail together.",
    ),
    ("One task may read", "One thread may read"),
    ("pumps._asyncio", "pumps._sync"),
    ("client._async_", "client._sync_"),
)
WORDS: Final = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAwaitable, ", ""),
    (r"\b__a(iter|next|enter|exit)__", r"__\1__"),
    (r"\banext\(", "next("),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\bAsync(Pump|Library)\b", r"Sync\1"),
    (r"(?<!`)\bAsync(?=[A-Z])", ""),
    (r"`httpx\.AsyncClient`", "`httpx.Client`"),
)


def unasync(source: str, name: str) -> str:
    """Return the sync form of a module."""
    for old, new in TEXTS:
        source = source.replace(old, new)
    for pattern, replacement in WORDS:
        source = re.sub(pattern, replacement, source)
    return HEADER.format(source=name) + source


def made(part: str) -> str:
    """Return what a sync module has to be, but for its layout."""
    path = CLIENT / f"_async_{part}.py"
    return unasync(path.read_text("utf-8"), path.name)


if __name__ == "__main__":
    for part in PARTS:
        (CLIENT / f"_sync_{part}.py").write_text(made(part), "utf-8")
