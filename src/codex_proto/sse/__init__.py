"""Event streams of any kind (level 0): bytes in, `ServerSentEvent`s out, and back.

Source: WHATWG HTML, "Server-sent events"; wire.md 1.1.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.sse._decoder import *
    from codex_proto.sse._encoder import *
    from codex_proto.sse._events import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_decoder": "DEFAULT_MAX_EVENT_SIZE DEFAULT_MAX_LINE_SIZE EventStreamDecoder",
            "_encoder": "EventStreamEncoder",
            "_events": "EventStreamBlock ServerSentEvent",
        },
    )
# isort: on
# -- end of what is written
