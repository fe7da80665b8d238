"""What a `text/event-stream` is made of: events, and the blocks that they stand in.

Source: WHATWG HTML, 9.2.6.
"""

from __future__ import annotations

from typing import Any

from codex_proto._secrets import redact_text
from codex_proto.errors import LocalProtocolError

__all__ = ["EventStreamBlock", "ServerSentEvent"]


class ServerSentEvent:
    """One event of a stream.

    Args:
        event: the event's name; `message` where the stream names none.
        data: the data as text. CR and CR LF become LF: the wire cannot tell them apart.
        id: the last event id as of this event (it is sticky, so an earlier event may have set it).
        retry: reconnection time in milliseconds, if this very block set one.

    `data_bytes` is the same data as it came, undecoded; in `data` invalid UTF-8 is U+FFFD.
    Events are values: compared by all five, and hashable. Next: `EventStreamEncoder.encode(event)`
    writes one, `decode_response_event(event.data_bytes)` reads the JSON in it.

    Raises:
        LocalProtocolError: `data` holds a lone surrogate, which has no bytes.
    """

    __slots__ = ("data_bytes", "event", "id", "retry")

    event: str
    data_bytes: bytes
    id: str
    retry: int | None

    def __init__(
        self, event: str = "message", data: str = "", id: str = "", *, retry: int | None = None
    ) -> None:
        try:
            encoded = data.encode()
        except UnicodeEncodeError as error:
            raise LocalProtocolError(f"data: not encodable as UTF-8 ({error.reason})") from None
        if b"\r" in encoded:
            encoded = encoded.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self.event = event
        self.data_bytes = encoded
        self.id = id
        self.retry = retry

    @classmethod
    def from_wire(
        cls, event: str, data_bytes: bytes, id: str, retry: int | None
    ) -> ServerSentEvent:
        """Make an event whose data are bytes off the wire (free of CR, else whatever they are)."""
        self = cls.__new__(cls)
        self.event = event
        self.data_bytes = data_bytes
        self.id = id
        self.retry = retry
        return self

    @property
    def data(self) -> str:
        """The data as text; what is not UTF-8 in it is U+FFFD."""
        return self.data_bytes.decode("utf-8", "replace")

    def _state(self) -> tuple[str, bytes, str, int | None]:
        return (self.event, self.data_bytes, self.id, self.retry)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ServerSentEvent):
            return NotImplemented
        return self._state() == other._state()

    def __hash__(self) -> int:
        return hash(self._state())

    def __repr__(self) -> str:
        retry = "" if self.retry is None else f", retry={self.retry}"
        return redact_text(
            f"ServerSentEvent(event={self.event!r}, data={self.data!r}, id={self.id!r}{retry})"
        )

    def __replace__(self, **changes: Any) -> ServerSentEvent:
        own: dict[str, Any] = {"event": self.event, "id": self.id, "retry": self.retry}
        event = ServerSentEvent(**{**own, **changes})
        if "data" not in changes:
            # As bytes, since text cannot say what is not UTF-8 in them.
            event.data_bytes = self.data_bytes
        return event


class EventStreamBlock:
    """The exact bytes of one block, and the event it makes, if it makes one.

    A block runs to the blank line that ends it. Comments and other blocks without data are blocks
    too, with `event` None: a relay that forwards every `raw` forwards the stream as it was. Where
    the blank line ends in CR LF the LF opens the next block, since the event was whole at the CR.
    """

    __slots__ = ("event", "raw")

    def __init__(self, raw: bytes, event: ServerSentEvent | None) -> None:
        self.raw = raw
        self.event = event

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventStreamBlock):
            return NotImplemented
        return self.raw == other.raw and self.event == other.event

    def __hash__(self) -> int:
        return hash((self.raw, self.event))

    def __repr__(self) -> str:
        return redact_text(f"EventStreamBlock(raw={self.raw!r}, event={self.event!r})")

    def __replace__(self, **changes: Any) -> EventStreamBlock:
        own: dict[str, Any] = {"raw": self.raw, "event": self.event}
        return EventStreamBlock(**{**own, **changes})
