"""A server on loopback: built-in recordings, or a script with faults (docs/server.md)."""

# Not in the face: _builtin, _canned, _offers, _player, _recordings, _responder, _sockets.
# Not in the face: _threads.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto_io.server._api_errors import *
    from codex_proto_io.server._builders import *
    from codex_proto_io.server._channel import *
    from codex_proto_io.server._embedded import *
    from codex_proto_io.server._exchange import *
    from codex_proto_io.server._host import *
    from codex_proto_io.server._limits import *
    from codex_proto_io.server._listener import *
    from codex_proto_io.server._outlet import *
    from codex_proto_io.server._received import *
    from codex_proto_io.server._script import *
    from codex_proto_io.server._steps import *
else:
    from codex_proto_io._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_api_errors": "api_error",
            "_builders": "EventLike refuse say stream",
            "_channel": "Channel",
            "_embedded": "EmbeddedServer",
            "_exchange": "CutAfter Exchange Pace RecordedRequest",
            "_host": "Host",
            "_limits": "ServerLimits",
            "_listener": "Listener",
            "_outlet": "ClientGone",
            "_received": "MessageRequest ReceivedMessage ReceivedRequest type_of",
            "_script": (
                "FORMAT Otherwise Script ScriptError ScriptLike ScriptRun VERSION dump_exchange "
                "dump_header"
            ),
            "_steps": (
                "AcceptStep AnswerStep BodyStep CloseStep CutKind CutStep EndStep HeadStep "
                "MessageStep PingStep PongStep RawStep ReceiveStep RespondStep Spoken StallStep "
                "Step StepContent WaitForCloseStep"
            ),
        },
    )
# isort: on
# -- end of what is written
