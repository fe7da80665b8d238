"""Finds the SDP offer of a request for a call, in the three forms that clients use.

Source: wire.md 8.9.
"""

from __future__ import annotations

from email.message import Message
from typing import Any, Final, cast

import msgspec

from codex_proto.connections import RequestReceived
from codex_proto.errors import DECODE_ERRORS

__all__ = ["has_offer"]

_START: Final = b"v="


def has_offer(request: RequestReceived) -> bool:
    """Return whether the body is an offer, or has one as a part or member `sdp`."""
    kind = Message()
    kind["content-type"] = request.headers.get("content-type") or "application/sdp"
    match kind.get_content_type():
        case "application/json":
            return _is_offer(_member(request.body).encode())
        case "multipart/form-data":
            return _is_offer(_part(request.body, kind.get_boundary() or ""))
        case _:
            return _is_offer(request.body)


def _is_offer(body: bytes) -> bool:
    return body.lstrip().startswith(_START)


def _member(body: bytes) -> str:
    value: Any
    try:
        value = msgspec.json.decode(body)
    except DECODE_ERRORS:
        return ""
    offer = cast("dict[str, Any]", value).get("sdp") if isinstance(value, dict) else None
    return offer if isinstance(offer, str) else ""


def _part(body: bytes, boundary: str) -> bytes:
    for part in body.split(f"--{boundary}".encode()) if boundary else ():
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="sdp"' in head:
            return content
    return b""
