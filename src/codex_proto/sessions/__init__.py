"""What spans several requests on one WebSocket: `ResponsesSession`.

Request in, text out; text in, events out, with any WebSocket library. Source: wire.md 2.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.sessions._session import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_session": "ResponsesSession SessionRequest",
        },
    )
# isort: on
# -- end of what is written
