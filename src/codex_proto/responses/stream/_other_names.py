"""Events of a type that the protocol does not have, read as those that they mean.

Source: docs/servers.md, "Streams"; docs/architecture.md, "Outcome".
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw

from codex_proto._wire import DECODE_ERRORS, MalformedPart, Notes, UnknownEvent, split_members
from codex_proto.refusals import read_body
from codex_proto.responses.stream._raw_members import (
    TYPES_BY_STATUS,
    decode_members,
    is_null,
    raw_json,
    response_of,
    status_of,
)
from codex_proto.responses.wire import DecodedEvent, WireEvent

__all__ = ["OTHER_NAMES", "by_another_name"]

# Types that the protocol does not have: other names of ends, with the status that they mean where
# the response has none, and errors whose own type stands in the place of the event's.
_ENDS: Final = {
    "response.done": "completed",
    "response.complete": "completed",
    "response.finished": "completed",
    "response.cancelled": "cancelled",
    "response.canceled": "cancelled",
}
_RESPONSE_ERROR: Final = "response.error"
_ERRORS: Final = frozenset(
    {
        "",
        "APIError",
        "AuthenticationError",
        "BadRequestError",
        "ERROR",
        "Error",
        "Internal Server Error",
        "InternalServerError",
        "NotFoundError",
        "RateLimitError",
        "ServiceUnavailableError",
        "about:blank",
        "api_error",
        "authentication_error",
        "exceed_context_size_error",
        "exception",
        "insufficient_quota",
        "internal_error",
        "internal_server_error",
        "invalid_request_error",
        "not_found_error",
        "overloaded_error",
        "permission_error",
        "rate_limit_error",
        "server_error",
        "stream_error",
        "timeout_error",
        "unavailable_error",
        "upstream_error",
    }
)
OTHER_NAMES: Final = frozenset({*_ENDS, _RESPONSE_ERROR, *_ERRORS})


def by_another_name(event: UnknownEvent) -> WireEvent | None:
    """Return the event that another name means, None where it does not say enough.

    A type that is not among the `OTHER_NAMES` is taken for that of an error.
    """
    try:
        members = split_members(event.raw)
    except DECODE_ERRORS:
        return None
    members.pop("type", None)
    read: DecodedEvent | None
    if event.type in _ENDS:
        read = _end_by_another_name(members, _ENDS[event.type])
    elif event.type == _RESPONSE_ERROR:
        read = _response_error(members)
    else:
        read = _error_by_its_type(members, event)
    if not isinstance(read, WireEvent):
        return None
    note = MalformedPart(
        field="type", reason=f"read as `{read.type}`", raw=msgspec.json.encode(event.type)
    )
    return msgspec.structs.replace(read, wire_notes=Notes((*event.notes, *read.notes, note)))


def _end_by_another_name(members: dict[str, Raw], status: str) -> DecodedEvent | None:
    response = response_of(members)
    if response is None:
        if status == "completed":
            # Nothing says that it did.
            return None
        response = {"id": members["response_id"]} if "response_id" in members else {}
    if status_of(response) in TYPES_BY_STATUS:
        status = status_of(response)
    elif status == "completed" and not is_null(response.get("error")):
        status = "failed"
    else:
        response["status"] = raw_json(status)
    if status in ("queued", "in_progress"):
        status = "completed"
    return decode_members(
        {**members, "type": raw_json(TYPES_BY_STATUS[status]), "response": raw_json(response)}
    )


def _response_error(members: dict[str, Raw]) -> DecodedEvent:
    """It ends the response like `response.failed`, wherever the error stands."""
    response = response_of(members) or {}
    if is_null(response.get("error")):
        error = members.get("error")
        flat = {name: members[name] for name in ("code", "message", "param") if name in members}
        response["error"] = raw_json(flat) if error is None or is_null(error) else error
    return decode_members(
        {"type": raw_json("response.failed"), **members, "response": raw_json(response)}
    )


def _error_by_its_type(members: dict[str, Raw], event: UnknownEvent) -> DecodedEvent | None:
    if not is_null(members.get("error")):
        return decode_members({"type": raw_json("error"), **members})
    error = {"type": event.type, "message": read_body(event.raw.decode("utf-8", "replace")).message}
    if "message" in members:
        return decode_members({"type": raw_json("error"), **members, "error": Raw(event.raw)})
    return decode_members({"type": raw_json("error"), **members, "error": error})
