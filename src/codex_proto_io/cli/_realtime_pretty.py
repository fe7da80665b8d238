"""A realtime session for people: the dialogue as it grows, and the other events.

The text of one side runs on until another side or another event interrupts it. Audio is summed up
and reported with the next line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from codex_proto.realtime import (
    AudioOut,
    ClientMessage,
    ConversationEnded,
    ConversationInputTranscriptDeltaEvent,
    ConversationInputTranscriptTurnMarkedEvent,
    ConversationItemCreate,
    ConversationItemInputAudioTranscriptionCompletedEvent,
    ConversationItemInputAudioTranscriptionDeltaEvent,
    ConversationItemInputAudioTranscriptionSegmentEvent,
    ConversationItemInputAudioTranscriptionUpdatedEvent,
    ConversationOutputAudioDeltaEvent,
    ConversationOutputTranscriptDeltaEvent,
    HandoffRequested,
    InputTranscriptDelta,
    InputTranscriptDone,
    MalformedEvent,
    OutputTranscriptDelta,
    OutputTranscriptDone,
    RealtimeCommand,
    RealtimeError,
    RealtimeErrorEvent,
    ResponseAudioDeltaEvent,
    ResponseAudioTranscriptDeltaEvent,
    ResponseAudioTranscriptDoneEvent,
    ResponseOutputAudioDeltaEvent,
    ResponseOutputAudioTranscriptDeltaEvent,
    ResponseOutputAudioTranscriptDoneEvent,
    ResponseOutputTextDeltaEvent,
    ResponseOutputTextDoneEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
    SessionClosed,
    SessionInputTranscriptDeltaEvent,
    SessionOutputAudioDeltaEvent,
    SessionOutputTranscriptDeltaEvent,
    UnknownEvent,
    delegation_from_handoff,
)
from codex_proto_io.cli._audio_sum import AudioSum
from codex_proto_io.cli._describe import describe
from codex_proto_io.cli._event_view import EventView
from codex_proto_io.cli._feeds import Feed
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._text import shortened

__all__ = ["DialogueView"]

_USER: Final = "user"
_ASSISTANT: Final = "assistant"
_STYLES_OF_SPEAKERS: Final = {_USER: "cyan", _ASSISTANT: "bold"}

# The speaker, and the member that has the text.
_PIECES: Final[dict[type, tuple[str, str]]] = {
    ConversationInputTranscriptDeltaEvent: (_USER, "delta"),
    ConversationItemInputAudioTranscriptionDeltaEvent: (_USER, "delta"),
    InputTranscriptDelta: (_USER, "delta"),
    SessionInputTranscriptDeltaEvent: (_USER, "delta"),
    ConversationOutputTranscriptDeltaEvent: (_ASSISTANT, "delta"),
    OutputTranscriptDelta: (_ASSISTANT, "delta"),
    ResponseAudioTranscriptDeltaEvent: (_ASSISTANT, "delta"),
    ResponseOutputAudioTranscriptDeltaEvent: (_ASSISTANT, "delta"),
    ResponseOutputTextDeltaEvent: (_ASSISTANT, "delta"),
    ResponseTextDeltaEvent: (_ASSISTANT, "delta"),
    SessionOutputTranscriptDeltaEvent: (_ASSISTANT, "delta"),
}
_WHOLES: Final[dict[type, tuple[str, str]]] = {
    ConversationInputTranscriptTurnMarkedEvent: (_USER, "transcript"),
    ConversationItemInputAudioTranscriptionCompletedEvent: (_USER, "transcript"),
    ConversationItemInputAudioTranscriptionSegmentEvent: (_USER, "text"),
    ConversationItemInputAudioTranscriptionUpdatedEvent: (_USER, "transcript"),
    InputTranscriptDone: (_USER, "text"),
    OutputTranscriptDone: (_ASSISTANT, "text"),
    ResponseAudioTranscriptDoneEvent: (_ASSISTANT, "transcript"),
    ResponseOutputAudioTranscriptDoneEvent: (_ASSISTANT, "transcript"),
    ResponseOutputTextDoneEvent: (_ASSISTANT, "text"),
    ResponseTextDoneEvent: (_ASSISTANT, "text"),
}
# A label for a whole text that is not the final one.
_KINDS: Final[dict[type, str]] = {
    ConversationItemInputAudioTranscriptionSegmentEvent: "segment",
    ConversationItemInputAudioTranscriptionUpdatedEvent: "so far",
}
_AUDIO: Final = (
    AudioOut,
    ConversationOutputAudioDeltaEvent,
    ResponseAudioDeltaEvent,
    ResponseOutputAudioDeltaEvent,
    SessionOutputAudioDeltaEvent,
)
_STYLES: Final[dict[str, str]] = {
    "ConversationEnded": "bold",
    "Error": "bold red",
    "HandoffRequested": "bold magenta",
    "InputAudioBufferSpeechStarted": "cyan",
    "InputAudioBufferSpeechStopped": "cyan",
    "InputAudioSpeechStarted": "cyan",
    "MalformedEvent": "bold red",
    "NoopRequested": "magenta",
    "RealtimeError": "bold red",
    "ResponseCancelled": "bold yellow",
    "ResponseCreated": "green",
    "ResponseDeferred": "yellow",
    "ResponseDone": "bold green",
    "SessionClosed": "bold",
    "SessionCreated": "blue",
    "SessionUpdated": "blue",
    "UnknownEvent": "bold yellow",
}
_NO_NUMBER: Final = 0
# Characters of running text that are kept to compare it with the whole text that follows.
_MAX_RUNNING: Final = 64 * 1024


class DialogueView(EventView):
    """The view of a realtime session, in both profiles, and of a client's messages in it.

    Args:
        output: the output to write to.
        feed: the source of the events, for the progress and the summary.
        size: bytes of the input, to show the progress on each line of a long one.
    """

    def __init__(self, output: Output, feed: Feed, size: int = 0) -> None:
        super().__init__(output, feed, size)
        self._audio = AudioSum()
        # The running text since it began; None once it is too long to keep.
        self._running: str | None = None
        # The speakers whose deltas no whole text has followed yet.
        self._speaking: set[str] = set()

    def show_sent(self, messages: Iterable[RealtimeCommand]) -> None:
        """Show the client's messages, without numbers since they are not part of the input."""
        for message in messages:
            self._show_audio()
            details = _describe_sent(message)
            self._show_line(f"→ {_name(message)}", details, style="yellow", number=_NO_NUMBER)

    def summarise(self, *remarks: str) -> None:
        """Show how the session ended, and the counts of events."""
        self._show_audio()
        super().summarise(*remarks)

    # -- events ---------------------------------------------------------------------------------

    def _show_event(self, event: Any) -> None:
        self._count(_name(event))
        cls: type[object] = event.__class__
        if isinstance(event, _AUDIO):
            self._audio.add(event, self._number)
        elif cls in _PIECES:
            speaker, member = _PIECES[cls]
            if isinstance(piece := getattr(event, member), str):
                self._show_piece(event, speaker, piece)
        elif cls in _WHOLES:
            speaker, member = _WHOLES[cls]
            self._show_whole(event, speaker, getattr(event, member))
        elif isinstance(piece := getattr(event, "delta", None), str):
            # Arguments of a call.
            self._run_on((cls, *_place(event)), _name(event), piece, "dim")
        else:
            self._show_audio()
            self._show_other(event)

    def _show_piece(self, event: object, speaker: str, piece: str) -> None:
        self._speaking.add(speaker)
        flow = (speaker, *_place(event))
        if flow != self._flow:
            # No separator is needed at the beginning of a line.
            piece, self._running = piece.lstrip(), ""
        self._run_on(flow, speaker, piece, _STYLES_OF_SPEAKERS[speaker])
        whole = None if self._running is None else self._running + piece
        self._running = whole if whole is None or len(whole) <= _MAX_RUNNING else None

    def _show_whole(self, event: object, speaker: str, text: str) -> None:
        runs = self._flow is not None and self._flow[0] == speaker
        notes = getattr(event, "notes", ())
        kind = _KINDS.get(type(event))
        if kind is None:
            kind = "in all" if speaker in self._speaking else ""
            self._speaking.discard(speaker)
        # The same text stands right above; do not repeat it.
        is_seen = runs and self._running is not None and self._running.strip() == text.strip()
        if is_seen and not notes:
            self.end_line()
            return
        label = f"{speaker}, {kind}" if kind else speaker
        style = _STYLES_OF_SPEAKERS[speaker]
        self._show_line(label, text.strip(), tone=style, is_whole=True, notes=notes)

    def _show_other(self, event: object) -> None:
        name = _name(event)
        tone = "yellow" if isinstance(event, UnknownEvent) else ""
        is_wrong = isinstance(event, MalformedEvent | RealtimeError | RealtimeErrorEvent)
        self._show_line(
            name,
            _describe(event),
            style=_STYLES.get(name, ""),
            tone="red" if is_wrong else tone,
            is_whole=is_wrong or isinstance(event, SessionClosed),
            notes=getattr(event, "notes", ()),
        )
        if isinstance(event, HandoffRequested):
            self._show_envelope(event)

    def _show_envelope(self, handoff: HandoffRequested) -> None:
        envelope = delegation_from_handoff(handoff)
        self._screen.write(" " * self._indent)
        if envelope is None:
            self._screen.write("there is nothing in it for the agent", "yellow")
        else:
            self._screen.flow(envelope, "magenta", self._indent)
        self._screen.end_line()

    def _show_audio(self) -> None:
        audio, self._audio = self._audio, AudioSum()
        if audio.frames:
            self._show_line("audio", str(audio), number=audio.number, style="green")


def _name(event: object) -> str:
    """Return the name of the class; for wire events without the suffix `Event`."""
    name = type(event).__name__
    if isinstance(event, UnknownEvent | MalformedEvent | ClientMessage):
        return name
    return name.removesuffix("Event")


def _place(event: object) -> tuple[object, object]:
    return getattr(event, "item_id", None), getattr(event, "content_index", None)


def _describe(event: object) -> str:
    match event:
        case RealtimeErrorEvent():
            return _describe_error(event)
        case RealtimeError(message=message):
            return shortened(message, 2000)
        case SessionClosed():
            parts = (str(event.code or ""), event.reason, event.explanation)
            return " · ".join(filter(None, parts))
        case HandoffRequested(handoff_id=handoff_id):
            return shortened(handoff_id)
        case ConversationEnded():
            return " · ".join(filter(None, (event.reason, event.message)))
        case _:
            return describe(event)


def _describe_error(event: RealtimeErrorEvent) -> str:
    error: object = event.error
    members = cast("dict[str, object]", error) if isinstance(error, dict) else {}
    parts = [members.get(name) for name in ("type", "code", "message")]
    parts_shown = [
        shortened(part, 2000) for part in (*parts, event.message) if isinstance(part, str)
    ]
    return ": ".join(parts_shown) or describe(event)


def _describe_sent(message: RealtimeCommand) -> str:
    if not isinstance(message, ConversationItemCreate) or not isinstance(message.item, dict):
        return describe(message)
    item = message.item
    texts: list[object] = [item.get(name) for name in ("call_id", "role", "output")]
    content: object = item.get("content")
    if isinstance(content, list):
        parts = cast("list[object]", content)
        texts += [cast("Any", part).get("text") for part in parts if isinstance(part, dict)]
    return ": ".join(shortened(each, 200) for each in texts if isinstance(each, str))
