"""Reads code, type, message and parameter from the records in which servers describe a refusal.

Known records, with the server that writes them: `{"error": {...}}` (OpenAI, Google, Anthropic),
`{"error": "...", "code": ...}` (xAI), `{"error": "...", "error_type": ...}` (TGI), `{"error_code",
"message"}` (Databricks), `{"__type", "message"}` (AWS), `{"errors": [...]}` (Cloudflare),
`{"detail": ...}` (the ChatGPT backend, FastAPI), `{"type", "title", "detail"}` (RFC 9457),
`{"error": "...", "error_description": "..."}` (sign-in), `{"message": ...}` (gateways); a list of
such records; and one of them written into the message of another (OpenRouter, litellm).

Source: wire.md 6.4 and 6.5; answers that were recorded; docs/servers.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from codex_proto.errors import DECODE_ERRORS
from codex_proto.rate_limits import BLANKS, Moment
from codex_proto.refusals._delays import moment_from_record
from codex_proto.refusals._embedded import decode_any, embedded_records

__all__ = ["ErrorDetails", "page_title", "read_record_in", "read_value", "read_words"]

# How deep records are looked for in records and in their texts.
_DEPTH: Final = 6
# How many of FastAPI's complaints make the message.
_COMPLAINTS: Final = 5

_CODES: Final = ("code", "error_code", "errorCode", "Code")
_MESSAGES: Final = ("message", "msg", "Message", "error_message", "errorMessage")
# The name of a status in Google's errors, beside a number.
_STATUS: Final = re.compile(r"[A-Z][A-Z_]{1,60}")
# Not names: Python's `None` as text, the type of an `error` event, and that of a problem without a
# type of its own.
_NO_NAMES: Final = ("None", "null", "error", "about:blank")
# Where FastAPI found what it complains about; the rest of a `loc` is the way to the member.
_PARTS: Final = ("body", "query", "path", "header", "cookie")
_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class ErrorDetails(NamedTuple):
    """What was read; None for what is missing. `record` is the error object itself."""

    code: str | None = None
    error_type: str | None = None
    message: str | None = None
    param: str | None = None
    moment: Moment = Moment()
    record: Mapping[str, Any] = _NOTHING

    def or_else(self, outer: ErrorDetails) -> ErrorDetails:
        """Return a copy in which what is missing comes from the record around it."""
        return ErrorDetails(
            self.code or outer.code,
            self.error_type or outer.error_type,
            self.message or outer.message,
            self.param or outer.param,
            Moment(
                outer.moment.delay if self.moment.delay is None else self.moment.delay,
                outer.moment.at if self.moment.at is None else self.moment.at,
            ),
            self.record or outer.record,
        )


def read_value(value: object, left: int = _DEPTH) -> ErrorDetails:
    """Read the error that a JSON value describes."""
    if left <= 0:
        return ErrorDetails()
    if isinstance(value, str):
        return read_words(value, left)
    if isinstance(value, list):
        return _from_list(cast("list[object]", value), left)
    if isinstance(value, dict):
        return _from_record(cast("dict[str, Any]", value), left)
    return ErrorDetails()


def read_words(text: str, left: int = _DEPTH) -> ErrorDetails:
    """Read the error in a text: a record that it contains, or else the text as the message."""
    words = text.strip(BLANKS)
    return read_record_in(words, left) or ErrorDetails(message=page_title(words) or words or None)


def page_title(text: str) -> str | None:
    """Return the title of an HTML page, which is all of it that a person wants to read."""
    if not text.startswith("<"):
        return None
    found = _TITLE.search(text)
    return " ".join(found[1].split()) or None if found else None


def read_record_in(words: str, left: int = _DEPTH) -> ErrorDetails | None:
    """Read the error record in a text; return None if it contains no such record.

    A text that is JSON as a whole may have any form. A record inside a sentence has to look like an
    error, since a server may quote what it was sent.
    """
    if left <= 1:
        return None
    if words[:1] in ("{", "["):
        try:
            details = read_value(decode_any(words), left - 1)
        except DECODE_ERRORS:
            pass
        else:
            return details if details.message else None
    for record in embedded_records(words):
        if _is_error(record):
            details = _from_record(record, left - 1)
            if details.message:
                return details
    return None


def _is_error(record: dict[str, Any]) -> bool:
    if isinstance(record.get("error"), dict | str):
        return True
    names = (*_CODES, "type", "status", "__type", "error_type")
    return any(name in record for name in _MESSAGES) and any(name in record for name in names)


def _from_list(values: list[object], left: int) -> ErrorDetails:
    complaints = [
        details for value in values[:_COMPLAINTS] if (details := _complaint(value)) is not None
    ]
    if complaints:
        words = "; ".join(details.message for details in complaints if details.message)
        return complaints[0]._replace(message=words)
    return read_value(values[0], left - 1) if values else ErrorDetails()


def _complaint(value: object) -> ErrorDetails | None:
    """Read one entry of FastAPI's `detail`: what is wrong, and where."""
    record = _record(value)
    loc, words = record.get("loc"), _words(record.get("msg"))
    if words is None or not isinstance(loc, list):
        return None
    param = _member(cast("list[object]", loc))
    return ErrorDetails(
        error_type=_words(record.get("type")),
        message=f"{param}: {words}" if param else words,
        param=param,
        record=record,
    )


def _member(loc: list[object]) -> str | None:
    steps = loc[1:] if loc and loc[0] in _PARTS else loc
    path = "".join(
        f"[{step}]" if isinstance(step, int) and abs(step) < 2**63 else f".{step}"
        for step in steps[:32]
        if isinstance(step, str | int)
    )
    return path.removeprefix(".") or None


def _from_record(record: dict[str, Any], left: int) -> ErrorDetails:
    own = _own(record, left)
    error = record.get("error") or _record(record.get("response")).get("error")
    if isinstance(error, str):
        return _from_text(_words(error), record, own, left)
    detail = record.get("detail") or record.get("errors")
    for inner in (error, detail):
        if isinstance(inner, dict | list) and inner:
            details = read_value(cast("object", inner), left - 1)
            if details != ErrorDetails():
                # The type of what is around an error is not the error's.
                return details.or_else(own._replace(error_type=None, record=_NOTHING))
    if isinstance(detail, str):
        # Its type is the only code that a problem of RFC 9457 has.
        code = own.code or (own.error_type if "title" in record else None)
        return read_words(detail, left - 1).or_else(own._replace(code=code))
    return own


def _from_text(
    error: str | None, record: dict[str, Any], own: ErrorDetails, left: int
) -> ErrorDetails:
    """Read a record whose `error` is a text: a code beside a description, or else the message."""
    description = (
        _words(record.get("error_description")) or own.message or _words(record.get("detail"))
    )
    if description is not None:
        return read_words(description, left - 1).or_else(own._replace(code=own.code or error))
    details = read_words(error or "", left - 1)
    # The type is the only code that TGI has.
    return details.or_else(own._replace(code=own.code or _name(record.get("error_type"))))


def _own(record: dict[str, Any], left: int) -> ErrorDetails:
    """Read the members of one record, without the records inside `error`, `errors` and `detail`."""
    details = ErrorDetails(
        code=_code(record),
        error_type=_name(record.get("type")) or _name(record.get("error_type")),
        message=_first_words(record, _MESSAGES),
        param=_name(record.get("param")),
        moment=moment_from_record(record),
        record=record,
    )
    message = record.get("message")
    inner = read_value(_record(message), left - 1)
    if details.message is not None:
        inner = read_record_in(details.message, left - 1) or ErrorDetails()
    if inner.message:
        details = inner._replace(record=_NOTHING).or_else(details)
    details = _with_metadata(record, details, left)
    return details if details.message else details._replace(message=_words(record.get("title")))


def _with_metadata(record: dict[str, Any], details: ErrorDetails, left: int) -> ErrorDetails:
    """Add the answer of the provider behind OpenRouter, or at least the name of the provider."""
    metadata = _record(record.get("metadata"))
    raw = metadata.get("raw")
    inner = read_value(raw, left - 1)
    if inner.message:
        # A number in `code` is the status, as the provider's own code is not.
        return inner._replace(record=_NOTHING).or_else(details)
    provider = _words(metadata.get("provider_name"))
    if provider and details.message:
        return details._replace(message=f"{details.message} ({provider})")
    return details


def _code(record: dict[str, Any]) -> str | None:
    for member in _CODES:
        value = record.get(member)
        if isinstance(value, int) and not isinstance(value, bool):
            status = _words(record.get("status"))
            if status is not None and _STATUS.fullmatch(status):
                return status
            return str(value) if abs(value) < 2**63 else None
        if name := _name(value):
            return name
    # `com.amazonaws.bedrock#ThrottlingException`
    kind = _words(record.get("__type"))
    return None if kind is None else _words(kind.rpartition("#")[2])


def _first_words(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((words for name in names if (words := _words(record.get(name)))), None)


def _record(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _name(value: object) -> str | None:
    words = _words(value)
    return None if words in _NO_NAMES else words


def _words(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return value.strip(BLANKS) or None
