"""What the body of a refusal says, in all the forms that servers and gateways give it.

Known forms: `{"error": {...}}` (the API), `{"detail": ...}` (the ChatGPT backend),
`{"error": "...", "error_description": "..."}` (sign-in), `{"message": ...}` and `{"errors": [...]}`
(gateways), JSON text, plain text, and HTML pages.

Source: wire.md 6.4 and 6.5; answers that were recorded.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final, NamedTuple, TypeAlias, cast

import msgspec
from msgspec import Struct

from codex_proto._wire import DECODE_ERRORS
from codex_proto.rate_limits import BLANKS

__all__ = ["BODY_KEPT", "BodyDetails", "UsageDetails", "body_text", "read_body", "read_usage"]

BODY_KEPT: Final = 64 * 1024
"""Characters of a body that an error carries: all of any error record, and of most error pages."""

# Bytes of a body without any known form that are shown in a message (wire.md 6.5).
_SHOWN: Final = 1_000
_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)


# Code, type, message, parameter.
_Told: TypeAlias = tuple[str | None, str | None, str | None, str | None]


class BodyDetails(NamedTuple):
    """What a body says; None for what it does not. `shown` is its message, or else its text."""

    code: str | None
    error_type: str | None
    message: str | None
    param: str | None
    shown: str


class UsageDetails(Struct, frozen=True):
    """The members of a 429's `error` that tell of a used up allowance (wire.md 6.4, row 8)."""

    type: str | None = None
    plan_type: str | None = None
    resets_at: int | float | None = None


class _UsageBody(Struct):
    error: UsageDetails | None = None


class _UsageTimes(Struct):
    resets_in_seconds: int | float | None = None


class _UsageTimesBody(Struct):
    error: _UsageTimes | None = None


class _Code(Struct):
    code: str | None = None


class _CodeBody(Struct):
    error: _Code | None = None


_decode_usage: Final = msgspec.json.Decoder(_UsageBody).decode
_decode_times: Final = msgspec.json.Decoder(_UsageTimesBody).decode
_decode_code: Final = msgspec.json.Decoder(_CodeBody).decode
_decode_any: Final = msgspec.json.Decoder(object).decode


def body_text(body: bytes | bytearray | memoryview | str | None) -> str | None:
    """Return a body as text of at most `BODY_KEPT` characters; invalid UTF-8 becomes U+FFFD."""
    if body is None:
        return None
    if isinstance(body, str):
        # A lone surrogate would make the error one that cannot be printed or stored.
        return body[:BODY_KEPT].encode("utf-8", "replace").decode()
    return bytes(body[: 4 * BODY_KEPT]).decode("utf-8", "replace")[:BODY_KEPT]


def read_body(text: str | None) -> BodyDetails:
    """Return what the body says, whichever of the known forms it has."""
    trimmed = (text or "").strip(BLANKS)
    if not trimmed:
        return BodyDetails(None, None, None, None, "")
    try:
        value = _decode_any(trimmed)
    except DECODE_ERRORS:
        page = _page_title(trimmed)
        return BodyDetails(None, None, page, None, page or _cut(trimmed))
    code, error_type, message, param = _from_json(value)
    return BodyDetails(code, error_type, message, param, message or _cut(trimmed))


def _from_json(value: object) -> _Told:
    if isinstance(value, str):
        return None, None, _words(value), None
    record = _record(value)
    error = record.get("error")
    if isinstance(error, str):
        told = _words(record.get("error_description")) or _words(record.get("message"))
        # With a description beside it the text is a code, without one it is all there is.
        return (_words(error), None, told, None) if told else (None, None, _words(error), None)
    detail = record.get("detail") or record.get("errors")
    if isinstance(detail, str):
        return None, None, _words(detail), None
    return _from_record(_record(error) or _record(_first(detail)) or record)


def _record(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _first(value: object) -> object:
    if not isinstance(value, list):
        return value
    values = cast("list[object]", value)
    return values[0] if values else None


def _from_record(record: dict[str, Any]) -> _Told:
    code = record.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code) if abs(code) < 2**63 else None
    kind = _words(record.get("type"))
    return (
        _words(code),
        # What an `error` event without a record inside says of itself is nothing about the error.
        None if kind == "error" else kind,
        _words(record.get("message")) or _words(record.get("msg")),
        _words(record.get("param")),
    )


def _words(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return value.strip(BLANKS) or None


def _cut(text: str) -> str:
    """The beginning of a text, on one line."""
    text = " ".join(text.split())
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= _SHOWN:
        return text
    return encoded[:_SHOWN].decode("utf-8", "ignore") + "..."


def _page_title(text: str) -> str | None:
    """The title of an HTML page, which is all of it that a person wants to read."""
    if not text.startswith("<"):
        return None
    found = _TITLE.search(text)
    return " ".join(found[1].split()) or None if found else None


def read_usage(text: str | None) -> UsageDetails | None:
    """Return what a 429 says about the account's allowance; None where it is no such record.

    As upstream has it, one member of a wrong type makes it no such record at all.
    """
    try:
        return _decode_usage(text or "").error
    except DECODE_ERRORS:
        return None


def read_resets_in(text: str | None) -> float | None:
    """Return `error.resets_in_seconds`, None where there is no such number."""
    try:
        times = _decode_times(text or "").error
    except DECODE_ERRORS:
        return None
    return None if times is None else times.resets_in_seconds


def read_identity_code(header: str | None) -> str | None:
    """Return the code in an `x-error-json` header: base64 of JSON with `error.code`."""
    try:
        document = base64.b64decode(header or "", validate=True)
        error = _decode_code(document).error
    except (*DECODE_ERRORS, binascii.Error):
        return None
    return None if error is None else error.code
