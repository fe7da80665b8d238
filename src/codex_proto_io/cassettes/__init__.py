"""Record real conversations: a proxy that writes scripts (docs/server.md)."""

# Not in the face: _http_relay, _relay, _tape, _upstream, _websocket_relay.
# Also in the face: MAX_SECRETS, Secrets of codex_proto.errors.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.cassettes._recorder import *
    from codex_proto.errors import MAX_SECRETS as MAX_SECRETS
    from codex_proto.errors import Secrets as Secrets
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_recorder": "Recorder",
            "codex_proto.errors": "MAX_SECRETS Secrets",
        },
    )
# isort: on
# -- end of what is written
