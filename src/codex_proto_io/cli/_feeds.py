"""One class per kind of input: bytes in, events out, and a conclusion at the end.

This module and `_realtime_feed` are the only ones of the command that use the decoders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, cast

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.responses import Profile, ResponsesDecoder, StreamTransport
from codex_proto.sse import EventStreamDecoder
from codex_proto_io.cli._conclusion import Conclusion, Outcomes, counted
from codex_proto_io.cli._lines import MessageLines
from codex_proto_io.cli._misuse import Misuse

__all__ = [
    "REALTIME_PROTOCOLS",
    "EventStreamFailed",
    "EventStreamFeed",
    "Feed",
    "MessagesFeed",
    "ResponsesFeed",
    "make_feed",
]

HeaderLines = Sequence[tuple[str, str]]

REALTIME_PROTOCOLS: Final[dict[str, Literal["v1", "v2"]]] = {
    "realtime-v1": "v1",
    "realtime-v2": "v2",
}


@dataclass(frozen=True)
class EventStreamFailed:
    """A failure of framing, as an event so that it has its own line."""

    error: CodexError


class Feed(Protocol):
    """Converts the bytes of an input to events."""

    bytes_received: int
    # Whether a client reads the input from a service and handles its bytes.
    is_live: bool

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the input; return the events they complete."""
        ...

    def receive_eof(self) -> Sequence[object]:
        """Report that the input has ended; return the last events."""
        ...

    def problem(self) -> str | None:
        """After the end: return why the input is not complete, or None."""
        ...

    def conclusion(self) -> Conclusion:
        """After the end: return how the input ended."""
        ...

    def remarks(self) -> list[str]:
        """After the end: return the counts of what is not an event."""
        ...


class EventStreamFeed:
    """Level 0: the events of a `text/event-stream`, with any data."""

    is_live = False

    def __init__(self) -> None:
        self._decoder = EventStreamDecoder()
        self.bytes_received = 0

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes; a failure is reported once."""
        had_failed = self._decoder.failure is not None
        self.bytes_received += len(data)
        events: list[object] = list(self._decoder.receive_data(data))
        if self._decoder.failure is not None and not had_failed:
            events.append(EventStreamFailed(self._decoder.failure))
        return events

    def receive_eof(self) -> Sequence[object]:
        """End the stream; an unfinished block is not an event."""
        self._decoder.receive_eof()
        return ()

    def problem(self) -> str | None:
        """Return the failure, or that the input ends inside an event."""
        if self._decoder.failure is not None:
            return str(self._decoder.failure)
        # A decoder finds out whether the unfinished block would have been an event. The comment
        # line keeps a BOM in the block from being dropped as at the start of a stream.
        trailing = self._decoder.trailing_data
        if EventStreamDecoder().receive_data(b":\n" + trailing + b"\n\n"):
            return "the input ends inside an event"
        return None

    def conclusion(self) -> Conclusion:
        """Return whether the stream is whole."""
        problem = self.problem()
        if problem is None:
            return Conclusion("The event stream is whole.", is_good=True)
        return Conclusion(f"Not whole: {problem}.", is_good=False)

    def remarks(self) -> list[str]:
        """Return the comments and what is left over."""
        # After CR LF CR LF the last LF is left over, which is not part of a block.
        left = len(self._decoder.trailing_data.removeprefix(b"\n"))
        return counted(
            [
                (self._decoder.comments_received, "comment", "comments"),
                (left, "byte left of an unfinished block", "bytes left of an unfinished block"),
            ]
        )


class _StreamFeed:
    """What the two ways to feed a `ResponsesDecoder` share."""

    is_live = False

    transport: StreamTransport

    def __init__(self, profile: str, headers: HeaderLines | None) -> None:
        self._decoder = make_decoder(profile)
        self.bytes_received = 0
        self.outcomes = Outcomes()
        self._first: Sequence[object] = ()
        if headers is not None:
            self._first = self._decoder.receive_headers(headers, self.transport)

    def _collected(self, events: Sequence[object]) -> Sequence[object]:
        if self._first:
            events = [*self._first, *events]
            self._first = ()
        self.outcomes.collect(events)
        return events

    def receive_eof(self) -> Sequence[object]:
        """End the stream; without an outcome it fails now."""
        return self._collected(self._decoder.receive_eof())

    def problem(self) -> str | None:
        """Return why the streams did not complete, or None."""
        return self.outcomes.problem()

    def conclusion(self) -> Conclusion:
        """Return how the streams ended."""
        return self.outcomes.conclusion()

    def remarks(self) -> list[str]:
        """Return the comments, end markers, and events after the outcome."""
        decoder = self._decoder
        return counted(
            [
                (decoder.comments_received, "comment", "comments"),
                (decoder.keepalives, "keep-alive", "keep-alives"),
                (decoder.done_markers, "[DONE] marker", "[DONE] markers"),
                (
                    decoder.events_discarded,
                    "event after the outcome, not shown",
                    "events after the outcome, not shown",
                ),
            ]
        )


class ResponsesFeed(_StreamFeed):
    """A Responses stream as the body of an HTTP answer."""

    transport = "sse"

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the body."""
        self.bytes_received += len(data)
        return self._collected(self._decoder.receive_data(data))


class MessagesFeed(_StreamFeed):
    """Responses streams as WebSocket messages, one a line, one stream after another."""

    transport = "websocket"

    def __init__(self, profile: str, headers: HeaderLines | None) -> None:
        super().__init__(profile, headers)
        self._lines = MessageLines()

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the file; a message is complete at its newline."""
        self.bytes_received += len(data)
        return self._collected(self._decoded(self._lines.receive_data(data)))

    def receive_eof(self) -> Sequence[object]:
        """End the input; the last line need not have a newline."""
        events = self._decoded(self._lines.receive_eof())
        events += self._decoder.receive_eof()
        return self._collected(events)

    def _decoded(self, messages: Sequence[bytes]) -> list[object]:
        return [event for message in messages for event in self._decoder.receive_message(message)]


def make_feed(protocol: str, profile: str, headers: HeaderLines | None) -> Feed:
    """Return the feed for a protocol, which has received the headers.

    Raises:
        Misuse: the decoder does not know the profile, or the option does not apply to the protocol.
    """
    if protocol in REALTIME_PROTOCOLS:
        if headers is not None:
            raise Misuse("--headers: not for a realtime session")
        # Slow to import, and not needed for the other protocols.
        from codex_proto_io.cli._realtime_feed import RealtimeFeed

        return RealtimeFeed(REALTIME_PROTOCOLS[protocol], profile)
    match protocol:
        case "responses":
            return ResponsesFeed(profile, headers)
        case "responses-ws":
            return MessagesFeed(profile, headers)
        case "eventstream":
            if profile != "full":
                raise Misuse(f"--profile {profile}: not for an event stream")
            if headers is not None:
                raise Misuse("--headers: not for an event stream")
            return EventStreamFeed()
        case _:
            raise Misuse(f"--protocol {protocol}: not known")


def make_decoder(profile: str) -> ResponsesDecoder:
    """Return a decoder with the profile.

    Raises:
        Misuse: the decoder does not know the profile.
    """
    try:
        return ResponsesDecoder(cast("Profile", profile))
    except LocalProtocolError as error:
        raise Misuse(f"--profile {profile}: {error}") from None
