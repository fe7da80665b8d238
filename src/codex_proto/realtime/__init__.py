"""The realtime protocol: events, transcript, delegation and the conversation machine.

Enter at the level you have: `decode_realtime_event` for one message, `RealtimeDecoder` for a
session of them, in upstream's events (`events`) or those of the wire (the `wire_*` files). A
`TranscriptAccumulator` keeps what was said, and `delegation_from_handoff` makes of it what the
agent reads. `registry.ROWS` lists every wire type with its class.

A client says what `client_messages` makes, in a session as `RealtimeSessionConfig` has it, at
`realtime_url`; `encode_client_message` makes text of it. `RealtimeConversation` is all that Codex
does between the server, the user and the agent: `docs/realtime.md` shows how the parts fit.
"""

# Also in the face: MalformedEvent, MalformedPart, Notes, UnknownEvent of codex_proto._wire.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.realtime.conversation._audio_clock import *
    from codex_proto.realtime.conversation._events import *
    from codex_proto.realtime.conversation._machine import *
    from codex_proto.realtime.conversation._writer import *
    from codex_proto.realtime.setup._calls import *
    from codex_proto.realtime.setup._client_messages import *
    from codex_proto.realtime.setup._handshake import *
    from codex_proto.realtime.setup._session_config import *
    from codex_proto.realtime.setup._tools import *
    from codex_proto.realtime.setup._urls import *
    from codex_proto.realtime.stream._closing import *
    from codex_proto.realtime.stream._codex_view import *
    from codex_proto.realtime.stream._decoder import *
    from codex_proto.realtime.stream._events import *
    from codex_proto.realtime.transcript._accumulator import *
    from codex_proto.realtime.transcript._delegation import *
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
    from codex_proto._wire import MalformedEvent as MalformedEvent
    from codex_proto._wire import MalformedPart as MalformedPart
    from codex_proto._wire import Notes as Notes
    from codex_proto._wire import UnknownEvent as UnknownEvent
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
            "conversation._audio_clock": "BargeIn",
            "conversation._events": (
                "Admission ConversationCounts ConversationEnded ConversationEvent EndReason "
                "ResponseDeferred"
            ),
            "conversation._machine": "RealtimeConversation",
            "conversation._writer": "HANDOFF_ANSWER STANDALONE_HANDOFF_ID STEERING_ANSWER",
            "setup._calls": (
                "CALLS_PATH CallReply CallRequest call_id_from_location call_request "
                "read_call_reply"
            ),
            "setup._client_messages": (
                "FINAL_MESSAGE_PREFIX append_audio cancel_response clear_audio commit_audio "
                "create_item create_response function_output handoff_append text_item "
                "truncate_audio update_session"
            ),
            "setup._handshake": "handshake_headers",
            "setup._session_config": (
                "DEFAULT_MODEL NoiseReduction OutputModality RealtimeSessionConfig SessionMode "
                "TurnDetection VOICES call_session default_voice session_update"
            ),
            "setup._tools": (
                "BACKGROUND_AGENT DEFAULT_TOOLS FunctionTool REMAIN_SILENT background_agent_tool "
                "remain_silent_tool"
            ),
            "setup._urls": "Params encode_form realtime_url sideband_url",
            "stream._closing": "SessionClosed",
            "stream._codex_view": "CodexRealtimeView FullRealtimeView",
            "stream._decoder": "FullRealtimeEvent RealtimeDecoder RealtimeOutcome RealtimeProfile",
            "stream._events": (
                "AudioFrame AudioOut ConversationItemAdded ConversationItemDone HandoffRequested "
                "InputAudioSpeechStarted InputTranscriptDelta InputTranscriptDone NoopRequested "
                "OutputTranscriptDelta OutputTranscriptDone RealtimeError RealtimeEvent "
                "ResponseCancelled ResponseCreated ResponseDone SessionUpdated TranscriptEntry"
            ),
            "transcript._accumulator": (
                "DEFAULT_MAX_HISTORY_SIZE DEFAULT_MAX_TRANSCRIPT_SIZE SeedContent SeedItem "
                "TranscriptAccumulator"
            ),
            "transcript._delegation": (
                "DEFAULT_MAX_FIELD_SIZE Delegation DelegationContent DelegationItem "
                "TAIL_INSTRUCTION TAIL_SOURCE delegation_from_handoff delegation_from_tail "
                "delegation_item is_delegation parse_delegation"
            ),
            "wire._base": "RealtimeWireEvent",
            "wire._commands": (
                "ClientMessage ConversationHandoffAppend ConversationItemCreate "
                "ConversationItemDelete ConversationItemRetrieve ConversationItemTruncate "
                "InputAudioBufferAppend InputAudioBufferClear InputAudioBufferCommit "
                "OutputAudioBufferClear RealtimeCommand ResponseCancel ResponseCreate "
                "SessionClose SessionInputAudioBufferAppend SessionUpdate "
                "TranscriptionSessionUpdate decode_client_message encode_client_message"
            ),
            "wire._decode": "DecodedRealtimeEvent decode_realtime_event encode_realtime_event",
            "wire._input": (
                "ConversationItemInputAudioTranscriptionCompletedEvent "
                "ConversationItemInputAudioTranscriptionDeltaEvent "
                "ConversationItemInputAudioTranscriptionFailedEvent "
                "ConversationItemInputAudioTranscriptionSegmentEvent "
                "ConversationItemInputAudioTranscriptionUpdatedEvent InputAudioBufferClearedEvent "
                "InputAudioBufferCommittedEvent InputAudioBufferDtmfEventReceivedEvent "
                "InputAudioBufferSpeechStartedEvent InputAudioBufferSpeechStoppedEvent "
                "InputAudioBufferTimeoutTriggeredEvent"
            ),
            "wire._items": (
                "ConversationItemAddedEvent ConversationItemCreatedEvent "
                "ConversationItemDeletedEvent ConversationItemDoneEvent "
                "ConversationItemRetrievedEvent ConversationItemTruncatedEvent"
            ),
            "wire._output": (
                "ResponseAudioDeltaEvent ResponseAudioDoneEvent ResponseAudioTranscriptDeltaEvent "
                "ResponseAudioTranscriptDoneEvent ResponseOutputAudioDeltaEvent "
                "ResponseOutputAudioDoneEvent ResponseOutputAudioTranscriptDeltaEvent "
                "ResponseOutputAudioTranscriptDoneEvent ResponseOutputTextDeltaEvent "
                "ResponseOutputTextDoneEvent ResponseTextDeltaEvent ResponseTextDoneEvent"
            ),
            "wire._registry": "ROWS RealtimeRow",
            "wire._response": (
                "OutputAudioBufferClearedEvent OutputAudioBufferStartedEvent "
                "OutputAudioBufferStoppedEvent ResponseCancelledEvent "
                "ResponseContentPartAddedEvent ResponseContentPartDoneEvent ResponseCreatedEvent "
                "ResponseDoneEvent ResponseOutputItemAddedEvent ResponseOutputItemDoneEvent"
            ),
            "wire._session": (
                "ConversationCreatedEvent ErrorEvent PingEvent RateLimitsUpdatedEvent "
                "RealtimeErrorEvent SessionCreatedEvent SessionUpdatedEvent "
                "TranscriptionSessionCreatedEvent TranscriptionSessionUpdatedEvent"
            ),
            "wire._tools": (
                "McpListToolsCompletedEvent McpListToolsFailedEvent McpListToolsInProgressEvent "
                "ResponseFunctionCallArgumentsDeltaEvent ResponseFunctionCallArgumentsDoneEvent "
                "ResponseMcpCallArgumentsDeltaEvent ResponseMcpCallArgumentsDoneEvent "
                "ResponseMcpCallCompletedEvent ResponseMcpCallFailedEvent "
                "ResponseMcpCallInProgressEvent"
            ),
            "wire._translation": (
                "SessionClosedEvent SessionInputTranscriptDeltaEvent SessionOutputAudioDeltaEvent "
                "SessionOutputTranscriptDeltaEvent"
            ),
            "wire._v1": (
                "ConversationHandoffRequestedEvent ConversationInputTranscriptDeltaEvent "
                "ConversationInputTranscriptTurnMarkedEvent ConversationOutputAudioDeltaEvent "
                "ConversationOutputTranscriptDeltaEvent"
            ),
            "wire._versions": "RealtimeVersion",
            "codex_proto._wire": "MalformedEvent MalformedPart Notes UnknownEvent",
        },
        "conversation setup stream transcript wire",
    )
# isort: on
# -- end of what is written
