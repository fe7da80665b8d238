"""Creating a call over WebRTC: the request that carries the offer, and what its answer contains.

The call's audio goes over WebRTC; its events come over a WebSocket that joins the call, at
`sideband_url`.

Source: wire.md 8.9 and 8.10.
"""

from __future__ import annotations

import re
from typing import Final, cast

import msgspec
from msgspec import Raw

from codex_proto._input import as_bytes
from codex_proto._wire import MalformedPart
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike
from codex_proto.realtime.setup._session_config import RealtimeSessionConfig, call_session
from codex_proto.realtime.wire._arguments import as_wire_version
from codex_proto.realtime.wire._discreet import Discreet
from codex_proto.versions import WireVersion

__all__ = [
    "CALLS_PATH",
    "CallReply",
    "CallRequest",
    "call_id_from_location",
    "call_request",
    "read_call_reply",
]

CALLS_PATH: Final = "realtime/calls"

_BOUNDARY: Final = "codex-realtime-call-boundary"
_AVAS: Final = (("intent", "quicksilver"), ("architecture", "avas"))
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class CallRequest(Discreet, frozen=True, kw_only=True):
    """A request that creates a call: `POST` it to `path` at the provider's base URL.

    `query` are parameters to add to the URL, `content_type` and `body` belong to the request. The
    other header fields are those of `handshake_headers`. It may be retried like any request.
    """

    # It contains the credentials of a WebRTC connection.
    hidden = frozenset({"body"})

    content_type: str
    body: bytes
    path: str = CALLS_PATH
    query: tuple[tuple[str, str], ...] = ()


class CallReply(Discreet, frozen=True, kw_only=True):
    """The server's answer: its `sdp`, and the `call_id` for `sideband_url`.

    Either is a `MalformedPart` if it is missing or invalid.
    """

    hidden = frozenset({"sdp"})

    sdp: str | MalformedPart
    call_id: str | MalformedPart


def call_request(
    offer: str,
    session: RealtimeSessionConfig | None = None,
    *,
    base_url: str = "",
    avas: bool | None = None,
    wire: WireVersion = WireVersion.V2026_08,
) -> CallRequest:
    """Return the request that offers a call.

    `offer` is the SDP. Without a session it is the whole body; with one the body is multipart, or
    JSON where `base_url` has `/backend-api` in it. `avas` is whether the call uses that
    architecture, which needs version 1: None means what Codex does, True since August (for a call
    with a session) and False before.

    Next: pass the answer to `read_call_reply`.

    Raises:
        LocalProtocolError: an argument is of a wrong type, the offer would end the multipart body
            early, or such calls do not allow the session.
    """
    if not isinstance(offer, str):
        raise LocalProtocolError(f"offer: must be text, not {type(cast('object', offer)).__name__}")
    try:
        sdp = offer.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError("offer: has a lone surrogate") from error
    may_be_avas = as_wire_version("wire", wire) is WireVersion.V2026_08
    if session is None:
        query = _AVAS if avas else ()
        return CallRequest(content_type="application/sdp", body=sdp, query=query)
    config = call_session(session)
    query = _AVAS if (may_be_avas if avas is None else avas) else ()
    if query:
        _check_avas(session)
    if "/backend-api" in base_url:
        body = msgspec.json.encode({"sdp": offer, "session": Raw(config)})
        return CallRequest(content_type="application/json", body=body, query=query)
    return CallRequest(
        content_type=f"multipart/form-data; boundary={_BOUNDARY}",
        body=_multipart(sdp, config),
        query=query,
    )


def _check_avas(session: RealtimeSessionConfig) -> None:
    if session.version != "v1":
        raise LocalProtocolError(
            f"avas: such calls are of version v1, not {session.version}; "
            "pass avas=False to call the public Realtime API"
        )
    if session.mode != "conversational":
        raise LocalProtocolError("avas: such calls are conversations, not transcriptions")


def _multipart(sdp: bytes, session: bytes) -> bytes:
    delimiter = f"--{_BOUNDARY}".encode()
    # JSON strings have no line ends, so only the offer could contain a delimiter.
    if delimiter in sdp:
        raise LocalProtocolError(f"offer: must not contain --{_BOUNDARY}")
    parts = (("sdp", b"application/sdp", sdp), ("session", b"application/json", session))
    lines: list[bytes] = []
    for name, content_type, content in parts:
        disposition = f'Content-Disposition: form-data; name="{name}"'.encode()
        lines += [delimiter, disposition, b"Content-Type: " + content_type, b"", content]
    return b"\r\n".join([*lines, delimiter + b"--", b""])


def read_call_reply(headers: HeadersLike, body: bytes | bytearray | memoryview) -> CallReply:
    """Return the contents of a successful answer to `call_request`.

    Next: give `sdp` to the WebRTC peer, and join the call at `sideband_url(call_id=...)`.

    Raises:
        LocalProtocolError: `body` is not bytes, or `headers` are not headers.
    """
    answer = as_bytes("body", body)
    try:
        sdp: str | MalformedPart = answer.decode()
    except UnicodeDecodeError as error:
        reason = f"invalid UTF-8 at byte {error.start}: {error.reason}"
        sdp = MalformedPart(field="sdp", reason=reason, raw=answer)
    location = Headers.of(headers).get_text("location")
    if location is None:
        missing = MalformedPart(field="Location", reason="the answer has no such field")
        return CallReply(sdp=sdp, call_id=missing)
    call_id = call_id_from_location(location)
    if call_id is None:
        reason = "no segment of its path is a call id"
        raw = location.encode()
        return CallReply(sdp=sdp, call_id=MalformedPart(field="Location", reason=reason, raw=raw))
    return CallReply(sdp=sdp, call_id=call_id)


def call_id_from_location(location: str) -> str | None:
    """Return the call id in a `Location`, the last segment of its path that is one, or None.

    A call id is `rtc_` and more, or has the form of a UUID.
    """
    segments = location.partition("?")[0].split("/")
    return next((each for each in reversed(segments) if _is_call_id(each)), None)


def _is_call_id(segment: str) -> bool:
    if segment.startswith("rtc_"):
        return len(segment) > len("rtc_")
    return _UUID.fullmatch(segment) is not None
