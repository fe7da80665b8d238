"""Run the operations of `codex_proto_io.core`: one pump for asyncio, one for threads."""

# Not in the face: _addresses, _linger.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.pumps._asyncio import *
    from codex_proto_io.pumps._sync import *
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_asyncio": "AsyncByteStream AsyncPump",
            "_sync": "SyncByteStream SyncPump",
        },
    )
# isort: on
# -- end of what is written
