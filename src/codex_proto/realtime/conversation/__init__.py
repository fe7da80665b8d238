"""The machine between server, user and agent: `RealtimeConversation`.

Server events, text, audio and the agent's results go in; client messages and events for the
application come out. Source: wire.md 8.7, 8.9 and 8.11.
"""

# Not in the face: _agent_text, _handoffs, _outbox, _response_queue, _tables.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.realtime.conversation._audio_clock import *
    from codex_proto.realtime.conversation._events import *
    from codex_proto.realtime.conversation._machine import *
    from codex_proto.realtime.conversation._writer import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_audio_clock": "BargeIn",
            "_events": (
                "Admission ConversationCounts ConversationEnded ConversationEvent EndReason "
                "ResponseDeferred"
            ),
            "_machine": "RealtimeConversation",
            "_writer": "HANDOFF_ANSWER STANDALONE_HANDOFF_ID STEERING_ANSWER",
        },
    )
# isort: on
# -- end of what is written
