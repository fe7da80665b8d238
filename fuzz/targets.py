"""The targets: functions that take any bytes, return None, and raise if a guarantee is broken.

The guarantees are those of docs/architecture.md, "Rules" and "Connections": bytes from a peer never
raise, their meaning does not depend on how they are cut, no byte is lost, and every stream and
request has exactly one outcome.

The first byte of an input decides how the rest is cut, so that an engine can vary that as well.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from codex_proto import MalformedPart
from codex_proto.connections import (
    Http1Connection,
    Http1ServerConnection,
    ResponsesExchange,
    ResponsesSocket,
    WebSocketConnection,
)
from codex_proto.http import Headers, HttpRequest
from codex_proto.items import decode_item, encode_item_lossless
from codex_proto.rate_limits import api_rate_limits, rate_limits_from_headers
from codex_proto.realtime import (
    HandoffRequested,
    RealtimeConversation,
    RealtimeDecoder,
    TranscriptAccumulator,
    TranscriptEntry,
    decode_realtime_event,
    delegation_from_handoff,
    encode_realtime_event,
    parse_delegation,
)
from codex_proto.refusals import error_from_response
from codex_proto.responses import (
    Completed,
    ResponseBuilder,
    ResponsesDecoder,
    StreamFailed,
    decode_response_event,
    encode_response_event,
)
from codex_proto.sse import EventStreamDecoder

__all__ = ["TARGETS", "Broken", "Target"]

Target: TypeAlias = Callable[[bytes], None]


class Broken(AssertionError):
    """A guarantee that does not hold; the message names it."""


def _expect(holds: bool, promise: str) -> None:
    if not holds:
        raise Broken(promise)


def _cut(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return the input without its first byte, whole and in pieces; that byte sets their size."""
    rest = data[1:]
    size = data[0] + 1 if data else 1
    return rest, [rest[start : start + size] for start in range(0, len(rest), size)]


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


# -- streams and messages -----------------------------------------------------------------------


def eventstream(data: bytes) -> None:
    """Framing: cuts change nothing, and the blocks contain all bytes."""
    body, pieces = _cut(data)
    whole, cut, blocks = EventStreamDecoder(), EventStreamDecoder(), EventStreamDecoder()
    events = whole.receive_data(body)
    _expect([e for piece in pieces for e in cut.receive_data(piece)] == events, "cuts change it")
    cut_blocks = [block for piece in pieces for block in blocks.receive_blocks(piece)]
    _expect(
        [block.event for block in cut_blocks if block.event is not None] == events, "blocks differ"
    )
    if blocks.failure is None:
        joined = b"".join(block.raw for block in cut_blocks) + blocks.trailing_data
        _expect(joined == body, "bytes are lost")


def _responses(pieces: Iterable[bytes], profile: Any) -> list[Any]:
    decoder = ResponsesDecoder(profile=profile)
    events: list[Any] = []
    for piece in pieces:
        events += decoder.receive_data(piece)
    events += decoder.receive_eof()
    outcomes = [event for event in events if isinstance(event, Completed | StreamFailed)]
    _expect(outcomes == [decoder.outcome], f"{len(outcomes)} outcomes")
    return events


def responses(data: bytes) -> None:
    """A stream: cuts change nothing, and it has one outcome in either profile."""
    body, pieces = _cut(data)
    for profile in ("full", "codex"):
        events = _responses([body], profile)
        _expect(_responses(pieces, profile) == events, f"cuts change it (profile {profile})")
        ResponseBuilder().receive_events(events)


def messages(data: bytes) -> None:
    """One JSON message a line: each is one event, which is written and read again the same."""
    decoder = ResponsesDecoder()
    for line in _lines(data):
        event = decode_response_event(line)
        repr(event)
        # An event of unknown type is kept unchanged.
        again = decode_response_event(encode_response_event(event))
        _expect(type(again) is type(event), "it is another event after a round trip")
        decoder.receive_message(line)
    decoder.receive_close(1006)
    _expect(decoder.outcome is not None, "no outcome")


def items(data: bytes) -> None:
    """One item a line: it is decoded, written and read again the same."""
    for line in _lines(data):
        item = decode_item("item", line)
        if not isinstance(item, MalformedPart):
            again = decode_item("item", encode_item_lossless(item))
            _expect(again == item, "it is another item after a round trip")


# -- realtime -----------------------------------------------------------------------------------


def _realtime(version: Any) -> Target:
    def target(data: bytes) -> None:
        full = RealtimeDecoder(version, profile="full")
        codex = RealtimeDecoder(version)
        transcript, conversation = TranscriptAccumulator(), RealtimeConversation(version)
        for line in _lines(data):
            event = decode_realtime_event(line, version)
            again = decode_realtime_event(encode_realtime_event(event), version)
            _expect(type(again) is type(event), "it is another event after a round trip")
            full.receive_message(line)
            for reported in codex.receive_message(line):
                conversation.receive_event(transcript.receive_event(reported))
            conversation.messages_to_send()
        for decoder in (full, codex):
            decoder.receive_close(1006)
            _expect(decoder.outcome is not None, "no outcome")

    target.__doc__ = (
        f"Feed a conversation the messages of a session of version {version}, one a line."
    )
    return target


def delegation(data: bytes) -> None:
    """An envelope with any text can be parsed, and is the same when it is built again.

    Parsing the text itself does not raise either.
    """
    text = data.decode("utf-8", "surrogateescape")
    parse_delegation(text)
    request, _, spoken = text.partition("\n")
    handoff = HandoffRequested("h", "i", request, (TranscriptEntry("user", spoken),))
    envelope = delegation_from_handoff(handoff, max_field_size=None)
    if envelope is None:
        _expect(not request, "text is lost")
        return
    parsed = parse_delegation(envelope)
    if parsed is None:
        raise Broken("the envelope cannot be read")
    again = HandoffRequested("h", "i", parsed.input, (TranscriptEntry("user", spoken),))
    _expect(delegation_from_handoff(again, max_field_size=None) == envelope, "text is lost")


# -- connections --------------------------------------------------------------------------------

_URL: Final = "http://127.0.0.1/v1/responses"
_ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def http_answer(data: bytes) -> None:
    """A server's bytes after a request: cuts change nothing, and there is one outcome."""
    body, pieces = _cut(data)
    _expect(_exchange([body]) == _exchange(pieces), "cuts change it")


def _exchange(pieces: Iterable[bytes]) -> list[Any]:
    exchange = ResponsesExchange(Http1Connection(), HttpRequest("POST", _URL, [], b"{}"))
    exchange.start(0.0)
    exchange.data_to_send()
    events: list[Any] = []
    for piece in pieces:
        if exchange.is_done:
            break
        events += exchange.receive_data(piece, 0.0)
    events += exchange.receive_eof(0.0)
    outcomes = [event for event in events if isinstance(event, Completed | StreamFailed)]
    _expect(outcomes == [exchange.outcome], f"{len(outcomes)} outcomes")
    return events


def http_body(data: bytes) -> None:
    """The body of an event stream, after a valid head."""
    http_answer(data[:1] + _ANSWER + data[1:])


def http_request(data: bytes) -> None:
    """A client's bytes to a server: cuts change nothing, and its end is reported."""
    body, pieces = _cut(data)
    _expect(_front([body]) == _front(pieces), "cuts change it")


def _front(pieces: Iterable[bytes]) -> list[Any]:
    front = Http1ServerConnection()
    front.start(0.0)
    events: list[Any] = []
    for piece in pieces:
        events += front.receive_data(piece, 0.0)
    events += front.receive_eof(0.0)
    front.data_to_send()
    return events


def _accepted(key: bytes) -> bytes:
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # noqa: S324
    return b"sec-websocket-accept: " + base64.b64encode(digest) + b"\r\n"


def _key(request: bytes) -> bytes:
    (line,) = [line for line in request.split(b"\r\n") if b"sec-websocket-key" in line.lower()]
    return line.partition(b":")[2].strip()


def websocket_frames(data: bytes) -> None:
    """A client's frames to the server's end of a WebSocket: cuts change nothing, one outcome."""
    body, pieces = _cut(data)
    outcomes = []
    for cut in ([body], pieces):
        websocket = WebSocketConnection.accepted(0.0)
        outcomes.append(_ended(websocket, cut))
    _expect(outcomes[0] == outcomes[1], "cuts change it")


def _ended(websocket: Any, pieces: Iterable[bytes]) -> list[Any]:
    events: list[Any] = []
    for piece in pieces:
        if websocket.must_close:
            break
        events += websocket.receive_data(piece, 0.0)
        websocket.data_to_send()
    events += websocket.receive_eof(0.0)
    _expect(websocket.outcome is not None, "no outcome")
    _expect(events.count(websocket.outcome) == 1, "the outcome is not reported once")
    return events


def websocket_answer(data: bytes) -> None:
    """A server's bytes instead of the handshake's answer."""
    client = ResponsesSocket(HttpRequest("GET", "ws://127.0.0.1/v1/responses"))
    client.start(0.0)
    _, pieces = _cut(data)
    _socket(client, pieces)


def websocket_session(data: bytes) -> None:
    """A server's frames on an open WebSocket."""
    client = ResponsesSocket(HttpRequest("GET", "ws://127.0.0.1/v1/responses"))
    client.start(0.0)
    head = b"HTTP/1.1 101 S\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    client.receive_data(head + _accepted(_key(client.data_to_send())) + b"\r\n", 0.0)
    _, pieces = _cut(data)
    _socket(client, pieces)


def _socket(client: ResponsesSocket, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        if client.must_close:
            break
        client.receive_data(piece, 0.0)
        client.data_to_send()
    client.receive_eof(0.0)
    _expect(client.must_close, "it is not over after the end of the input")


# -- errors -------------------------------------------------------------------------------------


def refusal(data: bytes) -> None:
    """A status, header fields and a body: always an error that can be shown and compared."""
    head, _, body = data[2:].partition(b"\n\n")
    fields = [line.partition(b":")[::2] for line in head.split(b"\n")]
    headers = Headers.of([(name, value) for name, value in fields])
    status = int.from_bytes(data[:2], "big") % 600
    error = error_from_response(status, headers, body, _URL, now_unix=0.0)
    _expect(bool(str(error)), "an error without a message")
    _expect(error == error_from_response(status, headers, body, _URL, now_unix=0.0), "not equal")
    repr(error)
    rate_limits_from_headers(headers)
    reset = api_rate_limits(headers, now_unix=0.0).requests.reset
    _expect(reset is None or reset >= 0, "a reset in the past")
    _expect(error.retry_after is None or error.retry_after >= 0, "a delay into the past")


TARGETS: Final[dict[str, Target]] = {
    "eventstream": eventstream,
    "responses": responses,
    "messages": messages,
    "items": items,
    "realtime-v1": _realtime("v1"),
    "realtime-v2": _realtime("v2"),
    "delegation": delegation,
    "http-answer": http_answer,
    "http-body": http_body,
    "http-request": http_request,
    "websocket-frames": websocket_frames,
    "websocket-answer": websocket_answer,
    "websocket-session": websocket_session,
    "refusal": refusal,
}
