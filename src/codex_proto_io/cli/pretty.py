"""Events for a reader: a line an event, running text where text arrives in pieces, a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from codex_proto.eventstream import ServerSentEvent
from codex_proto.responses.wire import MalformedEvent, StreamFailed, UnknownEvent
from codex_proto.responses.wire_lifecycle import Completed
from codex_proto_io.cli.describe import describe, usage_sentence
from codex_proto_io.cli.feeds import EventStreamFailed, Feed
from codex_proto_io.cli.output import Output
from codex_proto_io.cli.progress import LONG_INPUT
from codex_proto_io.cli.screen import Screen
from codex_proto_io.cli.text import shortened, visible

__all__ = ["PrettyView"]

_NAME_WIDTH: Final = 26
_MAX_NAMES: Final = 50
_LABEL_STYLE: Final = "dim"
# What is said to the reader, and what passes behind it; other deltas are shown like the latter.
_FLOW_STYLES: Final = {
    "OutputTextDelta": "bold",
    "RefusalDelta": "bold magenta",
    "AudioTranscriptDelta": "bold",
    "ReasoningSummaryDelta": "dim italic",
    "ReasoningContentDelta": "dim italic",
}
# Base64 is nothing to read: a line each will do.
_NO_FLOW: Final = {"AudioDelta"}
_STYLES: Final = {
    "Completed": "bold green",
    "ErrorEvent": "bold red",
    "EventStreamFailed": "bold red",
    "Failed": "bold red",
    "Incomplete": "bold yellow",
    "MalformedEvent": "bold red",
    "OutputItemAdded": "cyan",
    "OutputItemDone": "bold cyan",
    "ModelVerifications": "blue",
    "ModelsEtag": "blue",
    "RateLimits": "blue",
    "SafetyBuffering": "bold yellow",
    "ServerModel": "blue",
    "ServerReasoningIncluded": "blue",
    "StreamFailed": "bold red",
    "TurnModerationMetadata": "blue",
    "UnknownEvent": "bold yellow",
}


class PrettyView:
    """The view for people.

    Args:
        output: where to.
        feed: where the events come from, for the progress and the summary.
        size: of the input, to show on each line how far it is if that takes a while.
    """

    def __init__(self, output: Output, feed: Feed, size: int = 0) -> None:
        self._screen = Screen(output)
        self._feed = feed
        self._size = size if size >= LONG_INPUT and self._screen.is_terminal else 0
        self._counts: Counter[str] = Counter()
        self._number = 0
        # What the running text belongs to; None while no text runs.
        self._flow: tuple[object, ...] | None = None
        self._indent = len(self._head("")) + _NAME_WIDTH + 1

    def show(self, events: Iterable[object]) -> None:
        """Show these events."""
        for event in events:
            self._number += 1
            name = type(event).__name__
            self._count(event, name)
            delta = getattr(event, "delta", None)
            if isinstance(delta, str) and name not in _NO_FLOW:
                self._show_delta(event, name, delta)
            else:
                self._show_line(event, name)

    def settle(self) -> None:
        """Let everything that came so far be seen, the unfinished last word included."""
        # Only a person cares; a pipe gets the same lines however the input came in.
        if self._screen.is_terminal:
            self._screen.settle()

    def end_line(self) -> None:
        """Leave the running text, so that what comes next begins on a line of its own."""
        self._screen.end_line()
        self._flow = None

    def summarise(self, *remarks: str) -> None:
        """Say how it ended and what it was."""
        self.end_line()
        sentence, style = self._outcome()
        events = f"{self._number:,}"
        if self._counts:
            ranking = self._counts.most_common()
            events += ": " + ", ".join(
                name if count == 1 else f"{count:,} {name}" for name, count in ranking
            )
        size = self._feed.bytes_received
        sizes = [f"{size:,} {'byte' if size == 1 else 'bytes'}", *self._feed.remarks(), *remarks]
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style=_LABEL_STYLE)
        table.add_column(overflow="fold")
        table.add_row("outcome", Text().append(visible(sentence, one_line=True), style))
        table.add_row("events", Text(events))
        table.add_row("input", Text(", ".join(sizes)))
        self._screen.print(Rule(style=_LABEL_STYLE))
        self._screen.print(table)

    # -- lines ----------------------------------------------------------------------------------

    def _show_line(self, event: object, name: str) -> None:
        self.end_line()
        style = _STYLES.get(name, "")
        if isinstance(event, ServerSentEvent):
            # They are all of one class; what tells them apart is the name of the event.
            self._begin_line(shortened(event.event), style)
        else:
            self._begin_line(name, style)
        is_wrong = isinstance(event, MalformedEvent | StreamFailed | EventStreamFailed)
        details = describe(event)
        if is_wrong:
            self._screen.flow(visible(details, one_line=True), "red", self._indent)
        else:
            self._screen.write(details, "yellow" if isinstance(event, UnknownEvent) else "")
        self._screen.end_line()
        for note in getattr(event, "notes", ()):
            self._screen.write(" " * self._indent)
            self._screen.write(f"note: {note.field}: {note.reason}", "yellow")
            self._screen.end_line()

    def _show_delta(self, event: object, name: str, delta: str) -> None:
        # There is a server that gives every event another item_id: the index is better, if any.
        index = getattr(event, "output_index", None)
        item = index if isinstance(index, int) else getattr(event, "item_id", None)
        parts = [getattr(event, name, None) for name in ("content_index", "summary_index")]
        flow = (name, item, *parts)
        style = _FLOW_STYLES.get(name, "dim")
        if flow != self._flow:
            self.end_line()
            self._begin_line(name, _LABEL_STYLE)
            self._flow = flow
        self._screen.flow(delta, style, self._indent)

    def _count(self, event: object, name: str) -> None:
        if isinstance(event, ServerSentEvent):
            # The names are the peer's, who must not make us remember any number of them.
            name = shortened(event.event, _NAME_WIDTH)
            if name not in self._counts and len(self._counts) >= _MAX_NAMES:
                name = "(others)"
        self._counts[name] += 1

    def _begin_line(self, name: str, style: str) -> None:
        self._screen.write(self._head(f"{self._number:,}"), _LABEL_STYLE)
        self._screen.write(name.ljust(_NAME_WIDTH), style)
        self._screen.write(" ")

    def _head(self, number: str) -> str:
        """The columns before the name: how far the input is, if it is long, and the number."""
        if not self._size:
            return f"{number:>5}  "
        percent = min(100, self._feed.bytes_received * 100 // self._size)
        return f"{percent:>3}% {number:>7}  "

    # -- the end --------------------------------------------------------------------------------

    def _outcome(self) -> tuple[str, str]:
        outcomes = self._feed.outcomes
        streams = outcomes.completed + outcomes.failed
        if streams > 1:
            sentence = f"{streams} streams: {outcomes.completed} completed, "
            return f"{sentence}{outcomes.failed} did not.", "red" if outcomes.failed else "green"
        match outcomes.last:
            case Completed() as completed:
                usage = usage_sentence(completed.token_usage)
                name = completed.response_id or "without an id"
                return f"Response {name} completed" + (f", {usage}." if usage else "."), "green"
            case StreamFailed(error=error):
                # What the error says has just been shown: it is the last event.
                again = (
                    "the same request may succeed later"
                    if error.retryable
                    else "a retry will not help"
                )
                return f"The response failed with {type(error).__name__}; {again}.", "red"
            case None:
                problem = self._feed.problem()
                if problem is None:
                    return "The event stream is whole.", "green"
                return f"Not whole: {problem}.", "red"
