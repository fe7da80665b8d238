"""The events and client messages of a realtime session as they are on the wire (level 1).

`decode_realtime_event` reads what a server sends. `encode_client_message` writes what a client
sends, and `decode_client_message` reads it on the other side. Source: wire.md 8.
"""

# Not in the face: _arguments, _discreet, _text.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.realtime.wire._base import *
    from codex_proto.realtime.wire._commands import *
    from codex_proto.realtime.wire._decode import *
    from codex_proto.realtime.wire._input import *
    from codex_proto.realtime.wire._items import *
    from codex_proto.realtime.wire._output import *
    from codex_proto.realtime.wire._registry import *
    from codex_proto.realtime.wire._response import *
    from codex_proto.realtime.wire._session import *
    from codex_proto.realtime.wire._tools import *
    from codex_proto.realtime.wire._translation import *
    from codex_proto.realtime.wire._v1 import *
    from codex_proto.realtime.wire._versions import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_base": "RealtimeWireEvent",
            "_commands": (
                "ClientMessage ConversationHandoffAppend ConversationItemCreate "
                "ConversationItemDelete ConversationItemRetrieve ConversationItemTruncate "
                "InputAudioBufferAppend InputAudioBufferClear InputAudioBufferCommit "
                "OutputAudioBufferClear RealtimeCommand ResponseCancel ResponseCreate "
                "SessionClose SessionInputAudioBufferAppend SessionUpdate "
                "TranscriptionSessionUpdate decode_client_message encode_client_message"
            ),
            "_decode": "DecodedRealtimeEvent decode_realtime_event encode_realtime_event",
            "_input": (
                "ConversationItemInputAudioTranscriptionCompletedEvent "
                "ConversationItemInputAudioTranscriptionDeltaEvent "
                "ConversationItemInputAudioTranscriptionFailedEvent "
                "ConversationItemInputAudioTranscriptionSegmentEvent "
                "ConversationItemInputAudioTranscriptionUpdatedEvent InputAudioBufferClearedEvent "
                "InputAudioBufferCommittedEvent InputAudioBufferDtmfEventReceivedEvent "
                "InputAudioBufferSpeechStartedEvent InputAudioBufferSpeechStoppedEvent "
                "InputAudioBufferTimeoutTriggeredEvent"
            ),
            "_items": (
                "ConversationItemAddedEvent ConversationItemCreatedEvent "
                "ConversationItemDeletedEvent ConversationItemDoneEvent "
                "ConversationItemRetrievedEvent ConversationItemTruncatedEvent"
            ),
            "_output": (
                "ResponseAudioDeltaEvent ResponseAudioDoneEvent ResponseAudioTranscriptDeltaEvent "
                "ResponseAudioTranscriptDoneEvent ResponseOutputAudioDeltaEvent "
                "ResponseOutputAudioDoneEvent ResponseOutputAudioTranscriptDeltaEvent "
                "ResponseOutputAudioTranscriptDoneEvent ResponseOutputTextDeltaEvent "
                "ResponseOutputTextDoneEvent ResponseTextDeltaEvent ResponseTextDoneEvent"
            ),
            "_registry": "ROWS RealtimeRow",
            "_response": (
                "OutputAudioBufferClearedEvent OutputAudioBufferStartedEvent "
                "OutputAudioBufferStoppedEvent ResponseCancelledEvent "
                "ResponseContentPartAddedEvent ResponseContentPartDoneEvent ResponseCreatedEvent "
                "ResponseDoneEvent ResponseOutputItemAddedEvent ResponseOutputItemDoneEvent"
            ),
            "_session": (
                "ConversationCreatedEvent ErrorEvent PingEvent RateLimitsUpdatedEvent "
                "RealtimeErrorEvent SessionCreatedEvent SessionUpdatedEvent "
                "TranscriptionSessionCreatedEvent TranscriptionSessionUpdatedEvent"
            ),
            "_tools": (
                "McpListToolsCompletedEvent McpListToolsFailedEvent McpListToolsInProgressEvent "
                "ResponseFunctionCallArgumentsDeltaEvent ResponseFunctionCallArgumentsDoneEvent "
                "ResponseMcpCallArgumentsDeltaEvent ResponseMcpCallArgumentsDoneEvent "
                "ResponseMcpCallCompletedEvent ResponseMcpCallFailedEvent "
                "ResponseMcpCallInProgressEvent"
            ),
            "_translation": (
                "SessionClosedEvent SessionInputTranscriptDeltaEvent SessionOutputAudioDeltaEvent "
                "SessionOutputTranscriptDeltaEvent"
            ),
            "_v1": (
                "ConversationHandoffRequestedEvent ConversationInputTranscriptDeltaEvent "
                "ConversationInputTranscriptTurnMarkedEvent ConversationOutputAudioDeltaEvent "
                "ConversationOutputTranscriptDeltaEvent"
            ),
            "_versions": "RealtimeVersion",
        },
    )
# isort: on
# -- end of what is written
