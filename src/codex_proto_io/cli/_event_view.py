"""What the views for people share: numbered lines, running text, a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from codex_proto.responses import MalformedPart
from codex_proto_io.cli._feeds import Feed
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._progress import LONG_INPUT
from codex_proto_io.cli._screen import Screen
from codex_proto_io.cli._text import visible

__all__ = ["LABEL_WIDTH", "EventView"]

LABEL_WIDTH: Final = 26
_LABEL_STYLE: Final = "dim"
_MAX_NAMES: Final = 50


class EventView:
    """The view for people, whatever the events are.

    Args:
        output: the output to write to.
        feed: the source of the events, for the progress and the summary.
        size: bytes of the input, to show the progress on each line of a long one.
    """

    def __init__(self, output: Output, feed: Feed, size: int = 0) -> None:
        self._screen = Screen(output)
        self._feed = feed
        self._size = size if size >= LONG_INPUT and self._screen.is_terminal else 0
        self._counts: Counter[str] = Counter()
        self._number = 0
        # The key of the running text; None while there is no running text.
        self._flow: tuple[object, ...] | None = None
        self._indent = len(self._head("")) + LABEL_WIDTH + 1

    def show(self, events: Iterable[object]) -> None:
        """Show these events."""
        for event in events:
            self._number += 1
            self._show_event(event)

    def settle(self) -> None:
        """Show everything received so far, the unfinished last word included."""
        # Only for a terminal: a pipe gets the same lines however the input was cut.
        if self._screen.is_terminal:
            self._screen.settle()

    def end_line(self) -> None:
        """End the running text, so that the next output begins on a new line."""
        self._screen.end_line()
        self._flow = None

    def summarise(self, *remarks: str) -> None:
        """Show how the input ended, and the counts of events."""
        self.end_line()
        conclusion = self._feed.conclusion()
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
        style = "green" if conclusion.is_good else "red"
        sentence = visible(conclusion.sentence, one_line=True)
        table.add_row("outcome", Text().append(sentence, style))
        table.add_row("events", Text(events))
        if not self._feed.is_live:
            table.add_row("input", Text(", ".join(sizes)))
        self._screen.print(Rule(style=_LABEL_STYLE))
        self._screen.print(table)

    # -- for the views --------------------------------------------------------------------------

    def _show_event(self, event: object) -> None:
        raise NotImplementedError

    def _show_line(
        self,
        label: str,
        details: str,
        *,
        style: str = "",
        tone: str = "",
        is_whole: bool = False,
        number: int | None = None,
        notes: Sequence[MalformedPart] = (),
    ) -> None:
        """Show an event in one line, or in as many as needed if it `is_whole`.

        `number` is its number, by default that of the last event; 0 shows no number.
        """
        self.end_line()
        self._begin_line(label, style, number, has_more=bool(details))
        if is_whole:
            self._screen.flow(visible(details, one_line=True), tone, self._indent)
        else:
            self._screen.write(details, tone)
        self._screen.end_line()
        for note in notes:
            self._screen.write(" " * self._indent)
            self._screen.write(f"note: {note.field}: {note.reason}", "yellow")
            self._screen.end_line()

    def _run_on(self, flow: tuple[object, ...], label: str, text: str, style: str) -> None:
        """Add to the running text of `flow`, which begins on a line of its own."""
        if flow != self._flow:
            self.end_line()
            self._begin_line(label, _LABEL_STYLE)
            self._flow = flow
        self._screen.flow(text, style, self._indent)

    def _count(self, name: str) -> None:
        """Count an event. The number of names is limited, since peers may choose them."""
        if name not in self._counts and len(self._counts) >= _MAX_NAMES:
            name = "(others)"
        self._counts[name] += 1

    def _begin_line(
        self, label: str, style: str, number: int | None = None, *, has_more: bool = True
    ) -> None:
        number = self._number if number is None else number
        self._screen.write(self._head(f"{number:,}" if number else ""), _LABEL_STYLE)
        self._screen.write(label.ljust(LABEL_WIDTH) + " " if has_more else label, style)

    def _head(self, number: str) -> str:
        """Return the columns before the name: the progress of a long input, and the number."""
        if not self._size:
            return f"{number:>5}  "
        percent = min(100, self._feed.bytes_received * 100 // self._size)
        return f"{percent:>3}% {number:>7}  "
