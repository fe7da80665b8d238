"""Responses and Realtime over a WebSocket of their own, from the handshake to the close.

Source: wire.md 2 and 8.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.connections.sockets._base import *
    from codex_proto.connections.sockets._events import *
    from codex_proto.connections.sockets._realtime import *
    from codex_proto.connections.sockets._responses import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_base": "SocketBase",
            "_events": "SocketClosed SocketOpened",
            "_realtime": "RealtimeServerSocket RealtimeSocket RealtimeSocketEvent",
            "_responses": "ResponsesSocket SocketEvent",
        },
    )
# isort: on
# -- end of what is written
