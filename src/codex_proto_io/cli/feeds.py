"""One class per kind of input: bytes in, events out, and at the end what is to be said about it.

This is the only place of the command that knows the decoders.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.eventstream import DEFAULT_MAX_EVENT_SIZE, EventStreamDecoder
from codex_proto.responses.decoder import Profile, ResponsesDecoder
from codex_proto.responses.state import Transport
from codex_proto.responses.wire import StreamFailed
from codex_proto.responses.wire_lifecycle import Completed
from codex_proto_io.cli.misuse import Misuse

__all__ = [
    "EventStreamFailed",
    "EventStreamFeed",
    "Feed",
    "MessagesFeed",
    "Outcomes",
    "ResponsesFeed",
    "make_feed",
]

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class EventStreamFailed:
    """The one failure of framing, as an event so that it has a line of its own."""

    error: CodexError


@dataclass
class Outcomes:
    """How the streams of the input ended: how many in which way, and the last of them whole."""

    completed: int = 0
    failed: int = 0
    last: Completed | StreamFailed | None = None

    def collect(self, events: Iterable[object]) -> None:
        """Count the outcomes among the events."""
        for event in events:
            if isinstance(event, Completed):
                self.completed += 1
                self.last = event
            elif isinstance(event, StreamFailed):
                self.failed += 1
                self.last = event


class Feed(Protocol):
    """The way from the bytes of an input to its events."""

    bytes_received: int
    outcomes: Outcomes

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the input; return the events they finish."""
        ...

    def receive_eof(self) -> Sequence[object]:
        """Say that the input has ended; return what that makes happen."""
        ...

    def problem(self) -> str | None:
        """After the end: why the input is not whole, or None if it is."""
        ...

    def remarks(self) -> list[str]:
        """After the end: what was counted and is no event."""
        ...


class EventStreamFeed:
    """Level 0: the events of a `text/event-stream`, whatever is in them."""

    def __init__(self) -> None:
        self._decoder = EventStreamDecoder()
        self.bytes_received = 0
        self.outcomes = Outcomes()

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes; a failure is told once."""
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

    def remarks(self) -> list[str]:
        """Return the comments and what is left over."""
        # After CR LF CR LF the last LF is left, and it is nothing that anybody misses.
        left = len(self._decoder.trailing_data.removeprefix(b"\n"))
        return _counted(
            [
                (self._decoder.comments_received, "comment", "comments"),
                (left, "byte left of an unfinished block", "bytes left of an unfinished block"),
            ]
        )


class _StreamFeed:
    """What the two ways to feed a `ResponsesDecoder` share."""

    transport: Transport

    def __init__(self, profile: str, headers: Headers | None) -> None:
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
        outcomes = self.outcomes
        if not outcomes.failed:
            return None if outcomes.completed else "no stream completed"
        if outcomes.completed + outcomes.failed == 1 and isinstance(outcomes.last, StreamFailed):
            return f"the stream did not complete: {outcomes.last.error}"
        streams = outcomes.completed + outcomes.failed
        return f"{outcomes.failed} of {streams} streams did not complete"

    def remarks(self) -> list[str]:
        """Return the comments, end markers, and events after the outcome."""
        decoder = self._decoder
        return _counted(
            [
                (decoder.comments_received, "comment", "comments"),
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

    def __init__(self, profile: str, headers: Headers | None) -> None:
        super().__init__(profile, headers)
        # The unfinished line, as it came in pieces: joined once, when its end arrives.
        self._pieces: list[bytes] = []
        self._size = 0
        self._skipping = False

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the file; a message is complete at its newline."""
        self.bytes_received += len(data)
        first, *others = data.split(b"\n")
        events = self._add(first)
        for piece in others:
            events += self._end_line()
            events += self._add(piece)
        return self._collected(events)

    def receive_eof(self) -> Sequence[object]:
        """End the input; the last line need not have a newline."""
        events = self._end_line()
        events += self._decoder.receive_eof()
        return self._collected(events)

    def _add(self, piece: bytes) -> list[object]:
        if not piece or self._skipping:
            return []
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size <= DEFAULT_MAX_EVENT_SIZE:
            return []
        # Longer than the decoder takes: let it say so now, and hold no more of the line.
        events = self._end_line()
        self._skipping = True
        return events

    def _end_line(self) -> list[object]:
        line = b"".join(self._pieces).removesuffix(b"\r")
        self._pieces.clear()
        self._size = 0
        self._skipping = False
        return list(self._decoder.receive_message(line)) if line.strip() else []


def make_feed(protocol: str, profile: str, headers: Headers | None) -> Feed:
    """Return the feed for a protocol, the headers already in it.

    Raises:
        Misuse: the decoder does not know the profile, or the protocol has no use for an option.
    """
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


def _counted(counts: Iterable[tuple[int, str, str]]) -> list[str]:
    return [f"{number:,} {one if number == 1 else many}" for number, one, many in counts if number]
