"""Events of a stream in upstream's words, and how a request of the vectors is fed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from codex_proto.errors import (
    ApiError,
    ConnectionClosed,
    ConnectionFailed,
    IdleTimeout,
    InvalidUtf8,
    ResponseIncompleteError,
    StreamClosedEarly,
    UnexpectedBinary,
)
from codex_proto.items import encode_item, encode_item_lossless
from codex_proto.responses import (
    CodexView,
    Completed,
    Created,
    MalformedPart,
    ModelsEtag,
    OutputItemAdded,
    OutputItemDone,
    OutputTextDelta,
    RateLimits,
    ReasoningContentDelta,
    ReasoningSummaryDelta,
    ReasoningSummaryPartAdded,
    ResponsesDecoder,
    ServerModel,
    ServerReasoningIncluded,
    StreamFailed,
    TokenUsage,
    ToolCallInputDelta,
)
from codex_proto.versions import WireVersion
from tests.vectors.error_words import LATER_MEMBERS, NOTHING_TOLD, stream_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codex_proto.errors import CodexError
    from codex_proto.responses import ResponseEvent

__all__ = ["MAY", "april_decoder", "event_words", "upstream_words"]

MAY = WireVersion.V2026_05
# The members of token usage in April.
USAGE = (
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
)
BAD_COMPLETED = "failed to parse ResponseCompleted"
BAD_UTF8 = "UTF8 error"


def april_decoder() -> ResponsesDecoder:
    """The codex profile, with the items of the version that answered."""
    decoder = ResponsesDecoder(profile="codex")
    decoder._reader.view = CodexView(MAY)
    return decoder


def event_words(events: Iterable[ResponseEvent]) -> list[dict[str, Any]]:
    """Our events as upstream's answer has them."""
    return [_words(event) for event in events]


def _words(event: ResponseEvent) -> dict[str, Any]:
    if isinstance(event, StreamFailed):
        return {"err": _error(event.error)}
    told: dict[str, Any] = {"t": type(event).__name__}
    match event:
        case Created():
            pass
        case OutputItemAdded(item=item) | OutputItemDone(item=item):
            assert not isinstance(item, MalformedPart)
            told["item"] = without_nulls(json.loads(encode_item_lossless(item)))
            told["wire"] = json.loads(encode_item(item, MAY))
        case OutputTextDelta(delta=delta):
            told["delta"] = delta
        case ToolCallInputDelta():
            told |= {
                "item_id": event.item_id,
                "call_id": event.call_id or None,
                "delta": event.delta,
            }
        case ReasoningSummaryPartAdded(summary_index=index):
            told["summary_index"] = index
        case ReasoningSummaryDelta():
            told |= {"delta": event.delta, "summary_index": event.summary_index}
        case ReasoningContentDelta():
            told |= {"delta": event.delta, "content_index": event.content_index}
        case Completed():
            usage = event.token_usage
            assert usage is None or isinstance(usage, TokenUsage)
            told |= {
                "response_id": event.response_id,
                "token_usage": usage and {name: getattr(usage, name) for name in USAGE},
            }
        case ServerModel(model=model):
            told["model"] = model
        case RateLimits(snapshot=snapshot):
            plain = msgspec.to_builtins(snapshot)
            told["snapshot"] = {n: v for n, v in plain.items() if n not in LATER_MEMBERS}
        case ModelsEtag(etag=etag):
            told["etag"] = etag
        case ServerReasoningIncluded(included=included):
            told["included"] = included
        case _:
            raise AssertionError(f"upstream has no {told['t']}")
    return {"ok": told}


def _error(error: CodexError) -> dict[str, Any]:
    match error:
        case ConnectionClosed():
            return _stream("websocket closed by server before response.completed")
        case StreamClosedEarly():
            return _stream("stream closed before response.completed")
        case UnexpectedBinary():
            return _stream("unexpected binary websocket event")
        case InvalidUtf8():
            return _stream(BAD_UTF8)
        case ConnectionFailed():
            return _stream("transport")
        case ResponseIncompleteError(reason=reason):
            return _stream(f"Incomplete response returned, reason: {reason}")
        case ApiError() if error.message.startswith(BAD_COMPLETED):
            return _stream(BAD_COMPLETED)
        case IdleTimeout():
            return _stream("idle timeout")
        case _:
            # What is in it is compared in `test_upstream_failures`.
            return {"variant": stream_words(error)["variant"]}


def _stream(message: str) -> dict[str, Any]:
    return {"variant": "Stream", "message": message}


def upstream_words(answer: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Upstream's answer, without what it says of itself, and brought to one spelling."""
    return [_upstream(event) for event in answer]


def _upstream(event: Mapping[str, Any]) -> dict[str, Any]:
    if "err" in event:
        return {"err": _upstream_error(event)}
    told = event.get("ok")
    if not isinstance(told, dict) or "item" not in told:
        return dict(event)
    return {"ok": {**told, "item": without_nulls(told["item"])}}


def _upstream_error(event: Mapping[str, Any]) -> dict[str, Any]:
    variant, message = event["err"]["variant"], event["err"].get("message")
    if variant == "Transport.Http":
        return {"variant": _OURS.get(event["codex"]["variant"], event["codex"]["variant"])}
    if variant != "Stream" or message == NOTHING_TOLD or message is None:
        return {"variant": variant}
    # The cause is in the words of the library that found it.
    for general, said in _SAID.items():
        if message.startswith(general):
            return _stream(said)
    return _stream(message)


_OURS = {"UnexpectedStatus": "HttpStatusError", "InvalidImageRequest": "InvalidImage"}
_SAID = {
    BAD_COMPLETED: BAD_COMPLETED,
    BAD_UTF8: BAD_UTF8,
    "Transport error": "transport",
    "Connection closed normally": "transport",
    "idle timeout": "idle timeout",
}


def without_nulls(value: Any) -> Any:
    """In upstream's memory absent and null are one; `arguments` and `tools` are JSON as it came."""
    if not isinstance(value, dict):
        return [without_nulls(each) for each in value] if isinstance(value, list) else value
    return {
        name: each if name in ("arguments", "tools") else without_nulls(each)
        for name, each in value.items()
        if each is not None or name == "arguments"
    }
