"""One class per kind of input: bytes in, events out, and at the end what is to be said about it.

This and `realtime_feed` are the only places of the command that know the decoders.
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
    """The one failure of framing, as an event so that it has a line of its own."""

    error: CodexError


class Feed(Protocol):
    """The way from the bytes of an input to its events."""

    bytes_received: int
    # Whether a client reads it from a service: then its bytes are the client's business.
    is_live: bool

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the input; return the events they finish."""
        ...

    def receive_eof(self) -> Sequence[object]:
        """Say that the input has ended; return what that makes happen."""
        ...

    def problem(self) -> str | None:
        """After the end: why the input is not whole, or None if it is."""
        ...

    def conclusion(self) -> Conclusion:
        """After the end: how it ended."""
        ...

    def remarks(self) -> list[str]:
        """After the end: what was counted and is no event."""
        ...


class EventStreamFeed:
    """Level 0: the events of a `text/event-stream`, whatever is in them."""

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
        """End the stream, which makes no event: an unfinished block is none."""
        self._decoder.receive_eof()
        return ()

    def problem(self) -> str | None:
        """Return the failure, or that the input ends inside an event."""
        if self._decoder.failure is not None:
            return str(self._decoder.failure)
        # Whether the unfinished block would have made an event is for the decoder to say. The
        # comment line keeps the block from being taken for the beginning of a stream.
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
        # After CR LF CR LF the last LF is left, and it is nothing that anybody misses.
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
        """End the stream; one without an outcome gets its failure now."""
        return self._collected(self._decoder.receive_eof())

    def problem(self) -> str | None:
        """Return why the streams, or the one, did not complete."""
        return self.outcomes.problem()

    def conclusion(self) -> Conclusion:
        """Return how the streams, or the one, ended."""
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
    """Return the feed for a protocol, the headers already in it.

    Raises:
        Misuse: the decoder does not know the profile, or the protocol has no use for an option.
    """
    if protocol in REALTIME_PROTOCOLS:
        if headers is not None:
            raise Misuse("--headers: a realtime session has no use for headers")
        # It takes its time to import, and the other protocols do without.
        from codex_proto_io.cli._realtime_feed import RealtimeFeed

        return RealtimeFeed(REALTIME_PROTOCOLS[protocol], profile)
    match protocol:
        case "responses":
            return ResponsesFeed(profile, headers)
        case "responses-ws":
            return MessagesFeed(profile, headers)
        case "eventstream":
            if profile != "full":
                raise Misuse(f"--profile {profile}: an event stream is not seen through a profile")
            if headers is not None:
                raise Misuse("--headers: an event stream has no use for headers")
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
