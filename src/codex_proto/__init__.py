"""The wire layer of Codex without I/O: bytes in, typed events out; requests in, bytes out."""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto._version import __version__ as __version__
    from codex_proto.errors import CodexError as CodexError
    from codex_proto.errors import LocalProtocolError as LocalProtocolError
    from codex_proto.errors import RateLimitExceeded as RateLimitExceeded
    from codex_proto.errors import StreamClosedEarly as StreamClosedEarly
    from codex_proto.items import CustomToolCall as CustomToolCall
    from codex_proto.items import FunctionCall as FunctionCall
    from codex_proto.items import Item as Item
    from codex_proto.items import Message as Message
    from codex_proto.items import Reasoning as Reasoning
    from codex_proto.items import UnknownItem as UnknownItem
    from codex_proto.realtime import AudioOut as AudioOut
    from codex_proto.realtime import HandoffRequested as HandoffRequested
    from codex_proto.realtime import InputTranscriptDelta as InputTranscriptDelta
    from codex_proto.realtime import InputTranscriptDone as InputTranscriptDone
    from codex_proto.realtime import NoopRequested as NoopRequested
    from codex_proto.realtime import OutputTranscriptDelta as OutputTranscriptDelta
    from codex_proto.realtime import OutputTranscriptDone as OutputTranscriptDone
    from codex_proto.realtime import RealtimeDecoder as RealtimeDecoder
    from codex_proto.realtime import RealtimeError as RealtimeError
    from codex_proto.realtime import SessionUpdated as SessionUpdated
    from codex_proto.realtime import TranscriptAccumulator as TranscriptAccumulator
    from codex_proto.realtime import decode_realtime_event as decode_realtime_event
    from codex_proto.realtime import delegation_from_handoff as delegation_from_handoff
    from codex_proto.refusals import error_from_response as error_from_response
    from codex_proto.responses import CodexView as CodexView
    from codex_proto.responses import Completed as Completed
    from codex_proto.responses import Created as Created
    from codex_proto.responses import DecodedEvent as DecodedEvent
    from codex_proto.responses import ErrorEvent as ErrorEvent
    from codex_proto.responses import Failed as Failed
    from codex_proto.responses import FinalResponse as FinalResponse
    from codex_proto.responses import Incomplete as Incomplete
    from codex_proto.responses import MalformedEvent as MalformedEvent
    from codex_proto.responses import MalformedPart as MalformedPart
    from codex_proto.responses import ModelVerifications as ModelVerifications
    from codex_proto.responses import ModelsEtag as ModelsEtag
    from codex_proto.responses import OutputItemAdded as OutputItemAdded
    from codex_proto.responses import OutputItemDone as OutputItemDone
    from codex_proto.responses import OutputTextDelta as OutputTextDelta
    from codex_proto.responses import RateLimits as RateLimits
    from codex_proto.responses import ReasoningContentDelta as ReasoningContentDelta
    from codex_proto.responses import ReasoningSummaryDelta as ReasoningSummaryDelta
    from codex_proto.responses import ReasoningSummaryDone as ReasoningSummaryDone
    from codex_proto.responses import ReasoningSummaryPartAdded as ReasoningSummaryPartAdded
    from codex_proto.responses import ResponseBuilder as ResponseBuilder
    from codex_proto.responses import ResponseEvent as ResponseEvent
    from codex_proto.responses import ResponseStreamState as ResponseStreamState
    from codex_proto.responses import ResponsesDecoder as ResponsesDecoder
    from codex_proto.responses import SafetyBuffering as SafetyBuffering
    from codex_proto.responses import ServerModel as ServerModel
    from codex_proto.responses import ServerReasoningIncluded as ServerReasoningIncluded
    from codex_proto.responses import StreamFailed as StreamFailed
    from codex_proto.responses import TokenUsage as TokenUsage
    from codex_proto.responses import ToolCallInputDelta as ToolCallInputDelta
    from codex_proto.responses import TurnModerationMetadata as TurnModerationMetadata
    from codex_proto.responses import UnknownEvent as UnknownEvent
    from codex_proto.responses import aiter_response_events as aiter_response_events
    from codex_proto.responses import decode_response_event as decode_response_event
    from codex_proto.responses import encode_response_event as encode_response_event
    from codex_proto.responses import iter_response_events as iter_response_events
    from codex_proto.sse import EventStreamDecoder as EventStreamDecoder
    from codex_proto.sse import EventStreamEncoder as EventStreamEncoder
    from codex_proto.sse import ServerSentEvent as ServerSentEvent
    from codex_proto import connections as connections
    from codex_proto import errors as errors
    from codex_proto import http as http
    from codex_proto import items as items
    from codex_proto import rate_limits as rate_limits
    from codex_proto import realtime as realtime
    from codex_proto import refusals as refusals
    from codex_proto import requests as requests
    from codex_proto import responses as responses
    from codex_proto import sessions as sessions
    from codex_proto import sse as sse
    from codex_proto import testing as testing
    from codex_proto import versions as versions
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_version": "__version__",
            "errors": "CodexError LocalProtocolError RateLimitExceeded StreamClosedEarly",
            "items": "CustomToolCall FunctionCall Item Message Reasoning UnknownItem",
            "realtime": (
                "AudioOut HandoffRequested InputTranscriptDelta InputTranscriptDone NoopRequested "
                "OutputTranscriptDelta OutputTranscriptDone RealtimeDecoder RealtimeError "
                "SessionUpdated TranscriptAccumulator decode_realtime_event "
                "delegation_from_handoff"
            ),
            "refusals": "error_from_response",
            "responses": (
                "CodexView Completed Created DecodedEvent ErrorEvent Failed FinalResponse "
                "Incomplete MalformedEvent MalformedPart ModelVerifications ModelsEtag "
                "OutputItemAdded OutputItemDone OutputTextDelta RateLimits ReasoningContentDelta "
                "ReasoningSummaryDelta ReasoningSummaryDone ReasoningSummaryPartAdded "
                "ResponseBuilder ResponseEvent ResponseStreamState ResponsesDecoder "
                "SafetyBuffering ServerModel ServerReasoningIncluded StreamFailed TokenUsage "
                "ToolCallInputDelta TurnModerationMetadata UnknownEvent aiter_response_events "
                "decode_response_event encode_response_event iter_response_events"
            ),
            "sse": "EventStreamDecoder EventStreamEncoder ServerSentEvent",
        },
        (
            "connections errors http items rate_limits realtime refusals requests responses "
            "sessions sse testing versions"
        ),
    )
# isort: on
# -- end of what is written
