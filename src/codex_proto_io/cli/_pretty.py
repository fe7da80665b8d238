"""Events for people: a line for each event, running text for deltas, a summary."""

from __future__ import annotations

from typing import Final

from codex_proto.responses import MalformedEvent, StreamFailed, UnknownEvent
from codex_proto.sse import ServerSentEvent
from codex_proto_io.cli._describe import describe
from codex_proto_io.cli._event_view import LABEL_WIDTH, EventView
from codex_proto_io.cli._feeds import EventStreamFailed
from codex_proto_io.cli._text import shortened

__all__ = ["PrettyView"]

# The text for the user, and other deltas; unlisted deltas are shown like the latter.
_FLOW_STYLES: Final = {
    "OutputTextDelta": "bold",
    "RefusalDelta": "bold magenta",
    "AudioTranscriptDelta": "bold",
    "ReasoningSummaryDelta": "dim italic",
    "ReasoningContentDelta": "dim italic",
}
# Base64 is not readable: one line each is enough.
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


class PrettyView(EventView):
    """The view of Responses streams, and of any other event stream."""

    def _show_event(self, event: object) -> None:
        name = type(event).__name__
        if isinstance(event, ServerSentEvent):
            # They are all of one class; the name of the event distinguishes them.
            self._count(shortened(event.event, LABEL_WIDTH))
            self._show_line(shortened(event.event), describe(event))
            return
        self._count(name)
        delta = getattr(event, "delta", None)
        if isinstance(delta, str) and name not in _NO_FLOW:
            self._show_delta(event, name, delta)
            return
        is_wrong = isinstance(event, MalformedEvent | StreamFailed | EventStreamFailed)
        tone = "yellow" if isinstance(event, UnknownEvent) else ""
        self._show_line(
            name,
            describe(event),
            style=_STYLES.get(name, ""),
            tone="red" if is_wrong else tone,
            is_whole=is_wrong,
            notes=getattr(event, "notes", ()),
        )

    def _show_delta(self, event: object, name: str, delta: str) -> None:
        # One server sends another item_id with every event: the index is better, if there is one.
        index = getattr(event, "output_index", None)
        item = index if isinstance(index, int) else getattr(event, "item_id", None)
        parts = [getattr(event, name, None) for name in ("content_index", "summary_index")]
        self._run_on((name, item, *parts), name, delta, _FLOW_STYLES.get(name, "dim"))
