"""The operations of the clients as generators that yield effects.

They are written once; the pumps of `codex_proto_io.pumps` run them.
"""

# Not in the face: _attempts, _carriers, _idle, _response_attempts, _websocket.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.core._clock import *
    from codex_proto_io.core._effects import *
    from codex_proto_io.core._failures import *
    from codex_proto_io.core._realtime import *
    from codex_proto_io.core._responses import *
    from codex_proto_io.core._runtime import *
    from codex_proto_io.core._socket import *
    from codex_proto_io.core._telemetry import *
    from codex_proto_io.core._unary import *
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_clock": "Clock",
            "_effects": (
                "ByteStream Close CloseAnswer Connect Credentials Effect Fetch Flush "
                "LibraryAnswer Operation ReadBody Receive RefreshAuth RefreshHook Sleep"
            ),
            "_failures": "connection_failed equal_copy",
            "_realtime": "CallAnswer RealtimeOperation call_url create_call session_url",
            "_responses": "ResponseOperation",
            "_runtime": "Runtime",
            "_socket": "ConversationSocket",
            "_telemetry": "Retrying Telemetry",
            "_unary": "compact list_models summarize_memories",
        },
    )
# isort: on
# -- end of what is written
