"""The realtime protocol: events, transcript, delegation and the conversation machine.

Use the level that fits: `decode_realtime_event` (`wire`) for one message, `RealtimeDecoder`
(`stream`) for a session, as upstream's events or as those of the wire. `TranscriptAccumulator`
(`transcript`) keeps the transcript, and `delegation_from_handoff` converts it to the text that the
agent reads. `ROWS` lists every wire type with its class.

For a client, `setup` has the URL (`realtime_url`), the configuration (`RealtimeSessionConfig`) and
functions that build the messages; `encode_client_message` encodes them. `RealtimeConversation`
(`conversation`) does what Codex does between the server, the user and the agent:
`docs/realtime.md` shows how the parts fit together.
"""

# Also in the face: MalformedEvent, MalformedPart, Notes, UnknownEvent of codex_proto._wire.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto._wire import MalformedEvent as MalformedEvent
    from codex_proto._wire import MalformedPart as MalformedPart
    from codex_proto._wire import Notes as Notes
    from codex_proto._wire import UnknownEvent as UnknownEvent
    from codex_proto.realtime.conversation import *
    from codex_proto.realtime.setup import *
    from codex_proto.realtime.stream import *
    from codex_proto.realtime.transcript import *
    from codex_proto.realtime.wire import *
    from codex_proto.realtime import conversation as conversation
    from codex_proto.realtime import setup as setup
    from codex_proto.realtime import stream as stream
    from codex_proto.realtime import transcript as transcript
    from codex_proto.realtime import wire as wire
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "codex_proto._wire": "MalformedEvent MalformedPart Notes UnknownEvent",
            "conversation": "*",
            "setup": "*",
            "stream": "*",
            "transcript": "*",
            "wire": "*",
        },
        "conversation setup stream transcript wire",
    )
# isort: on
# -- end of what is written
