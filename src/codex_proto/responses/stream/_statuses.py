"""An event that ends a response, where the response itself says that it ended in another way.

Servers report a response that failed, was cut off or was cancelled as `response.completed`, and
only its `status` is right. Source: docs/servers.md; docs/architecture.md, "Outcome".
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar, cast

import msgspec
from msgspec import Raw, Struct

from codex_proto._wire import DECODE_ERRORS, MalformedPart, Notes
from codex_proto.responses.wire import Completed, Failed, Incomplete, LifecycleEvent

__all__ = ["by_status", "is_cancelled"]

L = TypeVar("L", bound=LifecycleEvent)

# A response is large, and its status nearly always stands before whatever makes it so: then
# nothing else of it has to be read.
_IS_COMPLETED: Final = re.compile(
    rb'\{(?:\s*+"(?!status")[^"\\]*+"\s*+:\s*+(?:"[^"\\]*+"|[\w.+-]++)\s*+,)*+'
    rb'\s*+"status"\s*+:\s*+"completed"'
)
_FAILED: Final = frozenset({"failed", "error"})
_CANCELLED: Final = frozenset({"cancelled", "canceled"})


class _Response(Struct, gc=False):
    """What decides how a response ended."""

    status: Any = None
    error: Any = None
    incomplete_details: Any = None


_decode_response: Final = msgspec.json.Decoder(_Response).decode


def by_status(event: LifecycleEvent) -> LifecycleEvent:
    """Return the event that the status of its response makes of one that ends a response."""
    if not isinstance(event, Completed | Failed | Incomplete):
        return event
    raw = event.raw_response
    if isinstance(event, Completed) and _IS_COMPLETED.match(event.raw_response):
        return event
    try:
        response = _decode_response(raw) if isinstance(raw, Raw) else _Response()
    except DECODE_ERRORS:
        return event
    status = response.status.lower() if isinstance(response.status, str) else ""
    match event:
        case Completed():
            if status in _FAILED or (not status and response.error):
                return _as(Failed, event, status)
            if status == "incomplete" or status in _CANCELLED:
                return _as(Incomplete, event, status)
            if not status and _has_reason(response.incomplete_details):
                return _as(Incomplete, event, status)
        case Incomplete() if status in _FAILED:
            return _as(Failed, event, status)
        case Failed() if not response.error and event.error is None:
            if status in _CANCELLED or (status == "incomplete" and response.incomplete_details):
                return _as(Incomplete, event, status)
        case _:
            pass
    return event


def is_cancelled(event: Incomplete) -> bool:
    """Whether the response did not stop by itself, but was cancelled."""
    return (event.status or "").lower() in _CANCELLED


def _has_reason(details: object) -> bool:
    return isinstance(details, dict) and bool(cast("dict[str, object]", details).get("reason"))


def _as(cls: type[L], event: LifecycleEvent, status: str) -> L:
    """The same event as one of another class, with a note."""
    shared: dict[str, Any] = {
        name: getattr(event, name)
        for name in event.__struct_fields__
        if name in cls.__struct_fields__
    }
    why = f"the status is `{status}`" if status else "what the response says"
    note = MalformedPart(
        field="type",
        reason=f"read as `{cls.__struct_config__.tag}`: {why}",
        raw=msgspec.json.encode(event.type),
    )
    shared["wire_notes"] = Notes((*event.notes, note))
    return cls(**shared)
