"""The built-in answers of each endpoint, from recordings or made from the request.

Source: wire.md 2, 4.9, 4.10, 8.9 and 9; docs/server.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from codex_proto.connections import EndpointRequest, ServedEndpoint, TextMessage
from codex_proto.http import Headers
from codex_proto.requests import (
    CompactionInput,
    MemorySummarizeInput,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
)
from codex_proto.responses import MalformedPart
from codex_proto_io.server._api_errors import api_error, socket_error
from codex_proto_io.server._canned import (
    ANSWER_SDP,
    CALL_ID,
    MODELS,
    PREWARMED,
    compacted,
    memories,
)
from codex_proto_io.server._channel import Channel
from codex_proto_io.server._offers import has_offer
from codex_proto_io.server._received import ReceivedMessage
from codex_proto_io.server._recordings import (
    RealtimePlace,
    RealtimeRecording,
    ResponsesRecording,
    bundled_session,
)

__all__ = ["SOCKETS", "Builtin", "RecordedConversation"]

SOCKETS: Final = (ServedEndpoint.RESPONSES_SOCKET, ServedEndpoint.REALTIME_SOCKET)

_REQUEST_ID: Final = "req_embedded"
_JSON: Final = ("content-type", "application/json")
_ID: Final = ("x-request-id", _REQUEST_ID)
_METHODS: Final = {
    path: sorted({each.value[0] for each in ServedEndpoint if each.value[1] == path})
    for path in (endpoint.value[1] for endpoint in ServedEndpoint)
}


class Builtin:
    """The built-in answers.

    Args:
        responses: the recording that is streamed for a response.
        realtime: the recording of realtime sessions; `None` for the bundled one of the session's
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
            self._json(channel, compacted(body))
        elif isinstance(body, MemorySummarizeInput):
            self._json(channel, {"output": memories(body)})
        elif endpoint is ServedEndpoint.MODELS:
            self._json(channel, MODELS, [("etag", '"models-1"')])
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
        """Refuse a request with an error in the shape of the API."""
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
            # The stream has no final event with the response.
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
            ("location", f"/v1/realtime/calls/{CALL_ID}"),
            _ID,
        ]
        channel.respond(201, Headers(fields), ANSWER_SDP)

    def _unknown(self, channel: Channel, method: str, path: str) -> None:
        tail = path.removeprefix("/v1").rstrip("/")
        allowed = _METHODS.get(tail) if path.startswith("/v1/") else None
        if allowed is not None and method in allowed:
            message = f"{path} is a WebSocket for {method}: ask for an upgrade."
            self.refuse(channel, 400, message, code="websocket_expected")
        elif allowed is not None:
            message = f"{path} does not take {method}."
            body = api_error(message, code="method_not_supported")
            channel.respond(405, Headers([_JSON, _ID, ("allow", ", ".join(allowed))]), body)
        else:
            self.refuse(channel, 404, f"There is nothing at {method} {path}.", code="unknown_url")

    # -- WebSockets -----------------------------------------------------------------------------

    async def respond(self, channel: Channel, message: ReceivedMessage) -> None:
        """Answer a message on a Responses WebSocket."""
        request = message.request
        if isinstance(request, ResponseCreateWsRequest):
            said = PREWARMED if request.generate is False else self._responses.messages
            await _say(channel, said)
        elif message.type != "response.interrupt":
            # An interrupt comes too late: the response is complete already.
            why = request.reason if isinstance(request, MalformedPart) else "it is binary"
            param = request.field if isinstance(request, MalformedPart) else None
            error = socket_error(f"The message cannot be read: {why}.", param=param)
            await _say(channel, (error,))

    def conversation(self, received: EndpointRequest) -> RecordedConversation:
        """Return who speaks on a realtime WebSocket."""
        recording = self._realtime
        if recording is None:
            is_v1 = "intent=quicksilver" in received.request.query.split("&")
            recording = RealtimeRecording(bundled_session("v1" if is_v1 else "v2"))
        return RecordedConversation(recording)


class RecordedConversation:
    """A realtime session from a recording."""

    def __init__(self, recording: RealtimeRecording) -> None:
        self._recording = recording
        self._place = RealtimePlace(recording)

    async def begin(self, channel: Channel) -> None:
        """Send the events that come without a request."""
        await _say(channel, self._recording.opening)

    async def respond(self, channel: Channel, message: ReceivedMessage) -> None:
        """Send the events that the recording has for a message, if any."""
        kind = message.type
        if kind is None:
            error = {"message": "The message is not a JSON object with a type.", "code": None}
            detail = {"type": "invalid_request_error", "param": None, **error}
            await _say(channel, (msgspec.json.encode({"type": "error", "error": detail}),))
            return
        await _say(channel, self._place.advance(kind))


async def _say(channel: Channel, messages: Sequence[bytes]) -> None:
    for message in messages:
        channel.send(TextMessage(message))
        await channel.flush()
