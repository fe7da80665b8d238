"""The Responses protocol: wire events, their decoding, and streams of them.

Enter at the level you have: `decode_response_event` for one JSON message, `ResponsesDecoder` for a
stream of bytes or messages. `ROWS` lists every wire type with its class.
"""

# Not in the face: _drafts, _identity, _merging, _pieces, _repeats, _runs.
# Also in the face: DEFAULT_MAX_DEPTH, MalformedEvent, MalformedPart, Notes of codex_proto._wire.
# Also in the face: UnknownEvent, UnknownPart of codex_proto._wire.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.responses._builder import *
    from codex_proto.responses._reading import *
    from codex_proto._wire import DEFAULT_MAX_DEPTH as DEFAULT_MAX_DEPTH
    from codex_proto._wire import MalformedEvent as MalformedEvent
    from codex_proto._wire import MalformedPart as MalformedPart
    from codex_proto._wire import Notes as Notes
    from codex_proto._wire import UnknownEvent as UnknownEvent
    from codex_proto._wire import UnknownPart as UnknownPart
    from codex_proto.responses.stream import *
    from codex_proto.responses.wire import *
    from codex_proto.responses import stream as stream
    from codex_proto.responses import wire as wire
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_builder": "DEFAULT_MAX_TEXT_SIZE FinalResponse ResponseBuilder",
            "_reading": "MAX_ERROR_BODY_SIZE aiter_response_events iter_response_events",
            "codex_proto._wire": (
                "DEFAULT_MAX_DEPTH MalformedEvent MalformedPart Notes UnknownEvent UnknownPart"
            ),
            "stream": "*",
            "wire": "*",
        },
        "stream wire",
    )
# isort: on
# -- end of what is written
