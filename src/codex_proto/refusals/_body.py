"""Reads the body of a refusal: JSON, an event stream, a sentence with JSON in it, HTML, or text.

Source: wire.md 6.4 and 6.5; answers that were recorded; docs/servers.md.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from codex_proto._wire import DECODE_ERRORS
from codex_proto.rate_limits import BLANKS, Moment
from codex_proto.refusals._embedded import decode_any
from codex_proto.refusals._shapes import (
    ErrorDetails,
    page_title,
    read_record_in,
    read_value,
    read_words,
)
from codex_proto.sse import EventStreamDecoder, ServerSentEvent

__all__ = ["BODY_KEPT", "BodyDetails", "body_text", "read_body"]

BODY_KEPT: Final = 64 * 1024
"""Characters of a body that an error carries: all of any error record, and of most error pages."""

# Bytes of a body that are read: a server that quotes a long input ends its record after that.
_READ: Final = 1024 * 1024
# Bytes of a body without any known form that are shown in a message (wire.md 6.5).
_SHOWN: Final = 1_000
_MARK: Final = "\ufeff"
_STREAM: Final = re.compile(r"(?:event|data|id|retry)(?::|\r?\n)|:")
# Events of a refusal that are read; more than one is rare.
_EVENTS: Final = 32


class BodyDetails(NamedTuple):
    """What a body contains; None for what is missing. `shown` is its message, or else its text."""

    code: str | None
    error_type: str | None
    message: str | None
    param: str | None
    shown: str
    plan_type: str | None = None
    moment: Moment = Moment()


class _Code(Struct):
    code: str | None = None


class _CodeBody(Struct):
    error: _Code | None = None


_decode_code: Final = msgspec.json.Decoder(_CodeBody).decode


def body_text(body: bytes | bytearray | memoryview | str | None) -> str | None:
    """Return a body as text of at most `BODY_KEPT` characters; invalid UTF-8 becomes U+FFFD."""
    # A character has up to four bytes.
    text = _text(body, 4 * BODY_KEPT)
    return None if text is None else text[:BODY_KEPT]


def _text(body: bytes | bytearray | memoryview | str | None, size: int) -> str | None:
    if body is None:
        return None
    if isinstance(body, str):
        # A lone surrogate would make the error one that cannot be printed or stored.
        return body[:size].encode("utf-8", "replace").decode()
    data = bytes(body[:size])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def read_body(body: bytes | bytearray | memoryview | str | None) -> BodyDetails:
    """Read the body, whichever of the known forms it has."""
    trimmed = (_text(body, _READ) or "").removeprefix(_MARK).strip(BLANKS)
    details = _read(trimmed) if trimmed else ErrorDetails()
    plan = details.record.get("plan_type")
    return BodyDetails(
        details.code,
        details.error_type,
        details.message,
        details.param,
        details.message or _cut(trimmed),
        plan if isinstance(plan, str) else None,
        details.moment,
    )


def _read(text: str) -> ErrorDetails:
    try:
        return read_value(decode_any(text))
    except DECODE_ERRORS:
        pass
    if _STREAM.match(text):
        details = _from_stream(text)
        if details is not None:
            return details
    return read_record_in(text) or ErrorDetails(message=page_title(text))


def _from_stream(text: str) -> ErrorDetails | None:
    """Read the first event that is about an error, or else the first with a message."""
    events = EventStreamDecoder().receive_data(f"{text}\n\n".encode())[:_EVENTS]
    found = [(event, read_words(event.data)) for event in events if event.data != "[DONE]"]
    by_rank = sorted(found, key=lambda one: not _is_about_an_error(*one))
    return next((details for _, details in by_rank if details.message), None)


def _is_about_an_error(event: ServerSentEvent, details: ErrorDetails) -> bool:
    return event.event == "error" or bool(details.record)


def _cut(text: str) -> str:
    """The beginning of a text, on one line."""
    text = " ".join(text.split())
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= _SHOWN:
        return text
    return encoded[:_SHOWN].decode("utf-8", "ignore") + "..."


def read_identity_code(header: str | None) -> str | None:
    """Return the code in an `x-error-json` header: base64 of JSON with `error.code`."""
    try:
        document = base64.b64decode(header or "", validate=True)
        error = _decode_code(document).error
    except (*DECODE_ERRORS, binascii.Error):
        return None
    return None if error is None else error.code
