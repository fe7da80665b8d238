"""What goes wrong between the two sides: connections, time, and streams that break off.

Source: wire.md 1.9, 2.5 and 6.2.
"""

from __future__ import annotations

import re
from typing import Any, Final

from codex_proto.errors._base import CodexError, positional

__all__ = [
    "ConnectionClosed",
    "ConnectionFailed",
    "IdleTimeout",
    "InvalidUtf8",
    "StreamClosedEarly",
    "TimedOut",
    "UnexpectedBinary",
]


class StreamClosedEarly(CodexError):
    """The stream ended before any event that ends a response.

    Attributes:
        last_event_type: wire type of the last event that was seen, or None when there was none.
        response_id: id of the response, where an event had it.
        output_started: whether output had begun, which makes a blind retry repeat it.
        leftover: bytes of the unfinished last block (at most `LEFTOVER_SHOWN` of them), such as
            the HTML page of a gateway that answered in the server's place.
        unread: the last thing that the server sent and that could not be read (as much of it). The
            message quotes it, or else the leftover.
    """

    retryable = True

    message: str = positional(kw_only=False, default="")
    last_event_type: str | None = None
    response_id: str | None = None
    output_started: bool = False
    leftover: bytes = b""
    unread: bytes = b""

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        last = values["last_event_type"]
        seen = f"after {last}" if last else "without a single event"
        values["message"] = values["message"] or (
            f"The stream closed before response.completed, {seen}{_quoted(values)}."
        )
        super()._settle(values)


_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
# Characters of what could not be read that a message quotes.
_QUOTED: Final = 300


def _quoted(values: dict[str, Any]) -> str:
    """What a message says of the last thing that could not be read; of a page its title."""
    unread: bytes = values["leftover"].strip() or values["unread"]
    text = unread.decode("utf-8", "replace")
    title = _TITLE.search(text) if text.lstrip().startswith("<") else None
    text = " ".join((title[1] if title else text).split())
    if not text:
        return ""
    return f"; the last thing it sent: {text[:_QUOTED]}" + ("..." if len(text) > _QUOTED else "")


class ConnectionClosed(StreamClosedEarly):
    """The WebSocket was closed before any event that ends a response.

    `close_code` and `close_reason` are those of the close frame, or None.
    """

    close_code: int | None = None
    close_reason: str | None = None

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        code = "" if values["close_code"] is None else f" with code {values['close_code']}"
        values["message"] = values["message"] or (
            f"The WebSocket was closed{code} before response.completed{_quoted(values)}."
        )
        super()._settle(values)


class UnexpectedBinary(CodexError):
    """The peer sent a binary WebSocket message, where the protocol only has text."""

    retryable = True
    default_message = "The server sent a binary WebSocket message; only text is expected."

    message: str = positional(kw_only=False, default="")


class ConnectionFailed(CodexError):
    """The connection could not be made, or broke. The driver says so with this value."""

    retryable = True


class TimedOut(CodexError):
    """A step did not finish in its time, as the caller's clock says."""

    retryable = True


class IdleTimeout(TimedOut):
    """Nothing arrived for longer than the stream may be silent, as the caller's clock says."""


class InvalidUtf8(CodexError):
    """The peer sent bytes that are not valid UTF-8 where the stream has to be text.

    Only the `codex` view fails a stream over that, as upstream does; elsewhere it costs one event.
    """

    retryable = True
    default_message = "The stream holds bytes that are not UTF-8."

    message: str = positional(kw_only=False, default="")
