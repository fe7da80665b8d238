"""Sends requests through httpx, or any client with its interface."""

# Not in the face: _cookies, _within.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.httpx._transport import *
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_transport": "AsyncLibrary SyncLibrary error_from_httpx",
        },
    )
# isort: on
# -- end of what is written
