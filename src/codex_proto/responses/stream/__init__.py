"""One response from its first byte to its outcome (level 2).

`ResponsesDecoder` takes body bytes or WebSocket messages. It is put together from the event-stream
decoder, `decode_response_event` and `ResponseStreamState`; `CodexView` is a projection on top.
Source: wire.md 1 and 2.
"""

# Not in the face: _body_reader, _error_mapping, _fastpath, _other_names, _raw_members, _recovery.
# Not in the face: _statuses.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.responses.stream._body_events import *
    from codex_proto.responses.stream._codex_view import *
    from codex_proto.responses.stream._decoder import *
    from codex_proto.responses.stream._derived import *
    from codex_proto.responses.stream._header_events import *
    from codex_proto.responses.stream._rate_limits import *
    from codex_proto.responses.stream._state import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_body_events": "BodyEvents",
            "_codex_view": "CodexView",
            "_decoder": "ResponseBlock ResponsesDecoder",
            "_derived": (
                "DerivedEvent ModelVerification ModelVerifications ModelsEtag RateLimits "
                "ResponseEvent SafetyBuffering ServerModel ServerReasoningIncluded StreamFailed "
                "TurnModerationMetadata"
            ),
            "_header_events": "events_from_headers request_id_from_headers turn_state_from_headers",
            "_rate_limits": "rate_limit_from_event",
            "_state": "Outcome Profile ResponseStreamState StreamTransport",
        },
    )
# isort: on
# -- end of what is written
