"""One WebSocket, as client or server; wsproto makes the handshake and handles the frames.

Source: RFC 6455, RFC 7692.
"""

# Not in the face: _deflate, _frames, _handshake, _messages, _opening, _writer.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.connections.websocket._connection import *
    from codex_proto.connections.websocket._events import *
    from codex_proto.connections.websocket._states import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_connection": "WebSocketConnection",
            "_events": (
                "BinaryMessage HandshakeAccepted HandshakeRefused Ping Pong TextMessage "
                "WebSocketClosed WebSocketEvent WebSocketFailed WebSocketMessage WebSocketOutcome"
            ),
            "_states": "WebSocketState",
        },
    )
# isort: on
# -- end of what is written
