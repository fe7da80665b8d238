"""A realtime session, one message a line: bytes in, events out, with filled handoffs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    CodexRealtimeView,
    FullRealtimeEvent,
    HandoffRequested,
    MalformedEvent,
    RealtimeDecoder,
    RealtimeError,
    RealtimeErrorEvent,
    RealtimeEvent,
    RealtimeProfile,
    RealtimeVersion,
    RealtimeWireEvent,
    TranscriptAccumulator,
    UnknownEvent,
    decode_realtime_event,
)
from codex_proto_io.cli._conclusion import Conclusion, counted
from codex_proto_io.cli._lines import MessageLines
from codex_proto_io.cli._misuse import Misuse

__all__ = ["RealtimeFeed"]


class RealtimeFeed:
    """The messages of a server in a realtime session.

    The transcript is accumulated only here, in either profile, so that a `HandoffRequested` has its
    `active_transcript`. The input does not contain the end of the connection.

    Args:
        version: the version of the protocol.
        profile: `full` or `codex`.

    Raises:
        Misuse: the decoder does not know the profile.
    """

    is_live = False

    def __init__(self, version: RealtimeVersion, profile: str) -> None:
        try:
            self._decoder = RealtimeDecoder(version, cast("RealtimeProfile", profile))
        except LocalProtocolError as error:
            raise Misuse(f"--profile {profile}: {error}") from None
        self.bytes_received = 0
        self._version: RealtimeVersion = version
        self._lines = MessageLines()
        self._transcript = TranscriptAccumulator(max_history_size=0)
        # The transcript needs upstream's events, which the full profile does not yield.
        self._view = CodexRealtimeView(version) if profile == "full" else None
        self._messages = 0
        self._last = b""
        self._strange = 0
        self._handoffs = 0
        self._errors = 0

    def receive_data(self, data: bytes) -> Sequence[object]:
        """Take the next bytes of the file; a message is complete at its newline."""
        self.bytes_received += len(data)
        return self._receive(self._lines.receive_data(data))

    def receive_eof(self) -> Sequence[object]:
        """End the input; the last line need not have a newline."""
        return self._receive(self._lines.receive_eof())

    def _receive(self, messages: Sequence[bytes]) -> list[object]:
        events: list[object] = []
        for message in messages:
            self._messages += 1
            self._last = message
            events += map(self._pass_to_transcript, self._decoder.receive_message(message))
        return events

    def _pass_to_transcript(self, event: RealtimeEvent | FullRealtimeEvent) -> object:
        """Pass the event to the transcript, and count it."""
        if isinstance(event, HandoffRequested):
            self._handoffs += 1
        elif isinstance(event, RealtimeWireEvent) and self._view is not None:
            for projected in self._view.receive_event(event):
                # The handoff is an event of its own, after the one that carries it.
                if not isinstance(projected, HandoffRequested):
                    self._transcript.receive_event(projected)
            self._errors += isinstance(event, RealtimeErrorEvent)
        elif isinstance(event, UnknownEvent | MalformedEvent):
            self._strange += 1
        return self._transcript.receive_event(event)

    # -- the end --------------------------------------------------------------------------------

    def problem(self) -> str | None:
        """Return how the session failed or that there was no session; None if it is good."""
        outcome = self._decoder.outcome
        if isinstance(outcome, RealtimeError):
            return f"the session failed: {outcome.message}"
        left_out = self._decoder.left_out
        strange = (
            self._strange + left_out.get("UnknownEvent", 0) + left_out.get("MalformedEvent", 0)
        )
        if self._messages == strange:
            return "no event of a realtime session came"
        match decode_realtime_event(self._last, self._version):
            case RealtimeErrorEvent() as error:
                (upstream_error,) = CodexRealtimeView(self._version).receive_event(error) or (None,)
                message = (
                    upstream_error.message
                    if isinstance(upstream_error, RealtimeError)
                    else "no message"
                )
                return f"the session ended with an error: {message}"
            case MalformedEvent(reason=reason):
                return f"the last message is malformed: {reason}"
            case _:
                return None

    def conclusion(self) -> Conclusion:
        """Return how the session ended, as far as the input shows it."""
        problem = self.problem()
        if problem is not None:
            sentence = problem[0].upper() + problem[1:]
            return Conclusion(sentence if sentence.endswith(".") else f"{sentence}.", is_good=False)
        handoffs = counted([(self._handoffs, "handoff to the agent", "handoffs to the agent")])
        return Conclusion("; ".join(["No error at the end", *handoffs]) + ".", is_good=True)

    def remarks(self) -> list[str]:
        """Return the number of errors, and of events that were not shown."""
        decoder = self._decoder
        return counted(
            [
                (self._errors, "server error", "server errors"),
                (
                    sum(decoder.left_out.values()),
                    "event that Codex ignores, not shown",
                    "events that Codex ignores, not shown",
                ),
                (
                    decoder.messages_discarded,
                    "message after the failure, not shown",
                    "messages after the failure, not shown",
                ),
            ]
        )
