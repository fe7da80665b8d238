"""A server on loopback: built-in recordings, or a script with faults (docs/server.md)."""

from codex_proto_io.server import steps
from codex_proto_io.server.builders import EventLike, refuse, say, stream
from codex_proto_io.server.embedded import EmbeddedServer
from codex_proto_io.server.exchange import CutAfter, Exchange, Pace, RecordedRequest
from codex_proto_io.server.limits import ServerLimits
from codex_proto_io.server.received import ReceivedMessage, ReceivedRequest
from codex_proto_io.server.script import Script, ScriptError, ScriptLike, ScriptRun

__all__ = [
    "CutAfter",
    "EmbeddedServer",
    "EventLike",
    "Exchange",
    "Pace",
    "ReceivedMessage",
    "ReceivedRequest",
    "RecordedRequest",
    "Script",
    "ScriptError",
    "ScriptLike",
    "ScriptRun",
    "ServerLimits",
    "refuse",
    "say",
    "steps",
    "stream",
]
