"""`text/event-stream` without I/O: events in, bytes out (level 0).

The inverse of `EventStreamDecoder`: what is written here decodes to equal events, and what the
format cannot express is refused by name.

Source: WHATWG HTML standard, section 9.2.5, "Parsing an event stream" (the grammar).
"""

from __future__ import annotations

from codex_proto.errors import LocalProtocolError
from codex_proto.sse._events import ServerSentEvent

__all__ = ["EventStreamEncoder"]


class EventStreamEncoder:
    """Writes the events of one stream.

    It remembers the last event id that it wrote, since ids are sticky on the wire: `id:` is
    written when it changes, also back to empty.
    """

    def __init__(self) -> None:
        self._last_event_id = ""

    def encode(self, event: ServerSentEvent) -> bytes:
        """Return the bytes of the block that decodes to an equal event.

        Raises:
            LocalProtocolError: the format cannot express a field. `event`: empty, or with a line
                end; `id`: with a line end or NUL; `retry`: negative; or what UTF-8 cannot hold.
        """
        lines: list[bytes] = []
        if event.event != "message":
            if not event.event:
                raise LocalProtocolError("event: an empty name decodes as 'message'")
            lines.append(b"event: " + _single_line("event", event.event))
        if event.id != self._last_event_id:
            if "\0" in event.id:
                raise LocalProtocolError("id: a decoder ignores an id that contains NUL")
            lines.append(b"id: " + _single_line("id", event.id))
        if event.retry is not None:
            if event.retry < 0:
                raise LocalProtocolError(f"retry: must be milliseconds, not {event.retry}")
            lines.append(b"retry: %d" % event.retry)
        lines.extend(b"data: " + line for line in event.data_bytes.split(b"\n"))
        self._last_event_id = event.id
        return b"\n".join(lines) + b"\n\n"

    def encode_comment(self, text: str = "") -> bytes:
        """Return a comment line, which keeps a connection alive and is no event.

        Raises:
            LocalProtocolError: `text` holds a line end, or what UTF-8 cannot hold.
        """
        return b": " + _single_line("text", text) + b"\n"


def _single_line(name: str, value: str) -> bytes:
    if "\n" in value or "\r" in value:
        raise LocalProtocolError(f"{name}: a line end cannot be expressed")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"{name}: not encodable as UTF-8 ({error.reason})") from None
