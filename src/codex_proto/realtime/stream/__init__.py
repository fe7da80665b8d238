"""A realtime session as events, whichever version of the protocol it speaks (level 2).

Profile `codex` of `RealtimeDecoder` gives upstream's events, profile `full` the wire events.
Source: wire.md 8.5.
"""

# Not in the face: _view_tables.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.realtime.stream._closing import *
    from codex_proto.realtime.stream._codex_view import *
    from codex_proto.realtime.stream._decoder import *
    from codex_proto.realtime.stream._events import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_closing": "SessionClosed",
            "_codex_view": "CodexRealtimeView FullRealtimeView",
            "_decoder": "FullRealtimeEvent RealtimeDecoder RealtimeOutcome RealtimeProfile",
            "_events": (
                "AudioFrame AudioOut ConversationItemAdded ConversationItemDone HandoffRequested "
                "InputAudioSpeechStarted InputTranscriptDelta InputTranscriptDone NoopRequested "
                "OutputTranscriptDelta OutputTranscriptDone RealtimeError RealtimeEvent "
                "ResponseCancelled ResponseCreated ResponseDone SessionUpdated TranscriptEntry"
            ),
        },
    )
# isort: on
# -- end of what is written
