"""What a server answers without a script: each endpoint, from recordings or from the request.

Source: wire.md 2, 4.9, 4.10, 8.9 and 9; docs/server.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw

from codex_proto import Headers
from codex_proto.connections import EndpointRequest, ServedEndpoint, TextMessage
from codex_proto.requests import (
    CompactionInput,
    MemorySummarizeInput,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
)
from codex_proto.responses.items import encode_item_lossless
from codex_proto.responses.wire import MalformedPart
from codex_proto_io.server.api_errors import api_error, socket_error
from codex_proto_io.server.channel import Channel
from codex_proto_io.server.offers import has_offer
from codex_proto_io.server.recordings import RealtimeRecording, ResponsesRecording, bundled
from codex_proto_io.server.received import ReceivedMessage

__all__ = ["SOCKETS", "Builtin", "RealtimeConversation"]

SOCKETS: Final = (ServedEndpoint.RESPONSES_SOCKET, ServedEndpoint.REALTIME_SOCKET)

_REQUEST_ID: Final = "req_embedded"
_JSON: Final = ("content-type", "application/json")
_ID: Final = ("x-request-id", _REQUEST_ID)
_PATHS: Final = {path for _, path, _ in (endpoint.value for endpoint in ServedEndpoint)}
_ANSWER_SDP: Final = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 127.0.0.1\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n"
)
_CALL_ID: Final = "rtc_embedded0001"


class Builtin:
    """The built-in answers.

    Args:
        responses: what is streamed for a response.
        realtime: what is said in a realtime session; None for a recording of the session's
            version.
    """

    def __init__(self, responses: ResponsesRecording, realtime: RealtimeRecording | None) -> None:
        self._responses = responses
        self._realtime = realtime

    # -- HTTP -----------------------------------------------------------------------------------

    async def answer(self, channel: Channel, received: EndpointRequest) -> None:
        """Answer a request over HTTP, or accept its WebSocket."""
        request, endpoint, body = received.request, received.endpoint, received.body
        if endpoint in SOCKETS:
            channel.accept(Headers([_ID]))
        elif isinstance(body, MalformedPart):
            where = "" if body.field == "request" else f"'{body.field}': "
            message = f"The body cannot be read: {where}{body.reason}."
            self.refuse(channel, 400, message, param=None if not where else body.field)
        elif isinstance(body, ResponsesApiRequest):
            await self._stream(channel) if body.stream is True else self._whole(channel)
        elif isinstance(body, CompactionInput):
            self._json(channel, _compacted(body))
        elif isinstance(body, MemorySummarizeInput):
            self._json(channel, {"output": _memories(body)})
        elif endpoint is ServedEndpoint.MODELS:
            self._json(channel, _MODELS, [("etag", '"models-1"')])
        elif endpoint is ServedEndpoint.REALTIME_CALLS:
            self._call(channel, received)
        else:
            self._unknown(channel, request.method, request.path)

    def refuse(
        self,
        channel: Channel,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        """Refuse a request in the API's own way."""
        body = api_error(message, param=param, code=code)
        channel.respond(status, Headers([_JSON, _ID]), body)

    async def _stream(self, channel: Channel) -> None:
        channel.head(200, Headers([("content-type", "text/event-stream; charset=utf-8"), _ID]))
        for block in self._responses.blocks:
            channel.body(block)
            await channel.flush()
        channel.end()

    def _whole(self, channel: Channel) -> None:
        response = self._responses.response
        if response is None:
            # Its stream has no end that says what came of it.
            body = api_error("The recording does not end.", type="server_error")
            channel.respond(500, Headers([_JSON, _ID]), body)
        else:
            channel.respond(200, Headers([_JSON, _ID]), response)

    def _json(
        self, channel: Channel, value: object, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        channel.respond(200, Headers([_JSON, _ID, *headers]), msgspec.json.encode(value))

    def _call(self, channel: Channel, received: EndpointRequest) -> None:
        if not has_offer(received.request):
            message = "The body has no SDP offer: it must be one, or have it as 'sdp'."
            self.refuse(channel, 400, message, param="sdp")
            return
        fields = [
            ("content-type", "application/sdp"),
            ("location", f"/v1/realtime/calls/{_CALL_ID}"),
            _ID,
        ]
        channel.respond(201, Headers(fields), _ANSWER_SDP.encode())

    def _unknown(self, channel: Channel, method: str, path: str) -> None:
        tail = path.removeprefix("/v1").rstrip("/")
        if path.startswith("/v1/") and tail in _PATHS:
            if method == "GET":
                message = f"{path} is a WebSocket: ask for an upgrade, or use POST."
                self.refuse(channel, 400, message, code="websocket_expected")
            else:
                message = f"{path} does not take {method}."
                self.refuse(channel, 405, message, code="method_not_supported")
        else:
            self.refuse(channel, 404, f"There is nothing at {method} {path}.", code="unknown_url")

    # -- WebSockets -----------------------------------------------------------------------------

    async def respond(self, channel: Channel, message: ReceivedMessage) -> None:
        """Answer a message on a Responses WebSocket."""
        request = message.request
        if isinstance(request, ResponseCreateWsRequest):
            said = _PREWARMED if request.generate is False else self._responses.messages
            await _say(channel, said)
        elif message.type != "response.interrupt":
            # An interrupt comes too late: what it would stop is over.
            why = request.reason if isinstance(request, MalformedPart) else "it is binary"
            param = request.field if isinstance(request, MalformedPart) else None
            error = socket_error(f"The message cannot be read: {why}.", param=param)
            await _say(channel, (error,))

    def conversation(self, received: EndpointRequest) -> RealtimeConversation:
        """Return who speaks on a realtime WebSocket."""
        recording = self._realtime
        if recording is None:
            is_v1 = "intent=quicksilver" in received.request.query.split("&")
            name = "realtime_v1.jsonl" if is_v1 else "realtime_v2.jsonl"
            recording = RealtimeRecording(bundled(name))
        return RealtimeConversation(recording)


class RealtimeConversation:
    """A realtime session from a recording: which of its turns comes next."""

    def __init__(self, recording: RealtimeRecording) -> None:
        self._recording = recording
        self._next = 0

    async def begin(self, channel: Channel) -> None:
        """Say what is said without being asked."""
        await _say(channel, self._recording.opening)

    async def respond(self, channel: Channel, message: ReceivedMessage) -> None:
        """Answer a message, if it asks for anything."""
        kind = message.type
        if kind is None:
            error = {"message": "The message is no JSON object with a type.", "code": None}
            detail = {"type": "invalid_request_error", "param": None, **error}
            await _say(channel, (msgspec.json.encode({"type": "error", "error": detail}),))
            return
        at = self._recording.next_turn(kind, self._next)
        if at is not None:
            self._next = at + 1
            await _say(channel, self._recording.turns[at].messages)


async def _say(channel: Channel, messages: Sequence[bytes]) -> None:
    for message in messages:
        channel.send(TextMessage(message))
        await channel.flush()


_USAGE: Final = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}
_PREWARM: Final = {"id": "resp_prewarmed0001", "object": "response", "output": [], "tools": []}
_PREWARMED: Final = tuple(
    msgspec.json.encode({"type": kind, "sequence_number": number, "response": response})
    for number, (kind, response) in enumerate(
        (
            ("response.created", {**_PREWARM, "status": "in_progress", "usage": None}),
            ("response.completed", {**_PREWARM, "status": "completed", "usage": _USAGE}),
        )
    )
)


def _compacted(body: CompactionInput) -> dict[str, Any]:
    """The user's messages, and one item that stands for the rest."""
    items = body.input if isinstance(body.input, Sequence) else ()
    kept: list[Any] = []
    if isinstance(items, str):
        part = {"type": "input_text", "text": items}
        kept.append({"type": "message", "role": "user", "content": [part]})
    else:
        kept += [Raw(encode_item_lossless(item)) for item in items if _is_users(item)]
    summary = {"type": "compaction", "id": "cmp_0001", "encrypted_content": "Y29tcGFjdGVk"}
    return {
        "id": "resp_compacted0001",
        "object": "response.compaction",
        "created_at": 1_790_000_000,
        "output": [*kept, summary],
        "usage": _USAGE,
    }


def _is_users(item: Any) -> bool:
    return getattr(item, "type", None) == "message" and getattr(item, "role", None) == "user"


def _memories(body: MemorySummarizeInput) -> list[dict[str, str]]:
    return [
        {
            "trace_summary": f"The session {memory.id} has {len(memory.items)} items.",
            "memory_summary": f"Remember the session {memory.id}.",
        }
        for memory in body.raw_memories
    ]


def _model(slug: str, name: str, priority: int) -> dict[str, Any]:
    return {
        "slug": slug,
        "display_name": name,
        "description": None,
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [
            {"effort": effort, "description": effort} for effort in ("low", "medium", "high")
        ],
        "shell_type": "shell_command",
        "visibility": "list",
        "supported_in_api": True,
        "priority": priority,
        "base_instructions": "",
        "supports_reasoning_summaries": True,
        "support_verbosity": True,
        "default_verbosity": "low",
        "truncation_policy": {"mode": "tokens", "limit": 10000},
        "supports_parallel_tool_calls": True,
        "context_window": 272000,
        "experimental_supported_tools": [],
    }


_SLUGS: Final = (("gpt-5.2", "GPT-5.2"), ("gpt-5.2-codex", "GPT-5.2 Codex"))
# The list that Codex asks for and the one of the public API have different names for it.
_MODELS: Final = {
    "object": "list",
    "models": [_model(slug, name, at) for at, (slug, name) in enumerate(_SLUGS)],
    "data": [
        {"id": slug, "object": "model", "created": 1_790_000_000, "owned_by": "embedded"}
        for slug, _ in _SLUGS
    ],
}
