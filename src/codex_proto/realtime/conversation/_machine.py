"""The conversation: what Codex does between the realtime server, its user and its agent.

The contract: *call an input method and act on what it returns; whenever the transport can accept
more, send what `messages_to_send()` returns, in that order.*

Its behaviour is in the tables of `_tables.py`. Nothing in versions 1 and 2 depends on time, so no
method takes the time.

Source: wire.md 8.7 and 8.11; docs/differences.md, "Realtime conversation".
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.realtime.conversation._agent_text import DEFAULT_OUTPUT_BUDGET
from codex_proto.realtime.conversation._audio_clock import AudioClock, BargeIn
from codex_proto.realtime.conversation._events import (
    Admission,
    ConversationCounts,
    ConversationEnded,
    EndReason,
    ResponseDeferred,
)
from codex_proto.realtime.conversation._handoffs import Handoffs
from codex_proto.realtime.conversation._outbox import Lane, Outbox
from codex_proto.realtime.conversation._response_queue import ResponseQueue
from codex_proto.realtime.conversation._tables import (
    EVENTS,
    ClockAction,
    EventRow,
    HandoffAction,
    HandoffInput,
    ResponseInput,
    ResponsePhase,
)
from codex_proto.realtime.conversation._writer import (
    HANDOFF_ANSWER,
    STEERING_ANSWER,
    ConversationWriter,
)
from codex_proto.realtime.setup import (
    RealtimeSessionConfig,
    append_audio,
    create_response,
    function_output,
    session_update,
    truncate_audio,
)
from codex_proto.realtime.stream import (
    AudioFrame,
    AudioOut,
    HandoffRequested,
    InputAudioSpeechStarted,
    NoopRequested,
    RealtimeError,
)
from codex_proto.realtime.wire import RealtimeCommand, RealtimeVersion
from codex_proto.realtime.wire._arguments import as_text, as_wire_version, name_of
from codex_proto.realtime.wire._text import trim
from codex_proto.realtime.wire._versions import check_version
from codex_proto.versions import WireVersion

__all__ = ["RealtimeConversation"]

E = TypeVar("E")

_ACTIVE_RESPONSE: Final = "Conversation already has an active response in progress:"
_NO_ROW: Final = EventRow()


class RealtimeConversation:
    """The conversation of one session: takes events and texts, and returns messages to send.

    From the server: `receive_event` takes the events of `RealtimeDecoder` in profile `codex`, best
    through a `TranscriptAccumulator`, since the conversation itself keeps no transcript. It passes
    on every event, and `delegation_from_handoff` converts a `HandoffRequested` to the agent's
    input. From the application: `send_audio`, `send_text`, `request_response`; for the agent
    `agent_progress` and `agent_final`, and `complete_turn` when its turn is over. They return an
    `Admission`.

    Events of the server never raise, and `counts` has what was dropped.

    Args:
        version: `v1` or `v2`, the version of the protocol that is spoken.
        wire: the version of the client whose messages it writes.
        barge_in: which speech of the user cuts the model's audio.
        max_audio: frames of audio that may wait to be sent; the next one is dropped.
        max_text: texts that may wait; the next one is not accepted.
        max_output: outputs of the agent that may wait; the next one is not accepted.
        max_answers: answers to the server that may wait; the next one ends the conversation.
        output_budget: bytes of an output of the agent, beyond which its middle is cut out. None
            sets no limit, as clients of May have it.

    Raises:
        LocalProtocolError: an argument has a wrong type or is out of range.
    """

    def __init__(
        self,
        version: RealtimeVersion = "v2",
        *,
        wire: WireVersion = WireVersion.V2026_08,
        barge_in: BargeIn = BargeIn.SAME_ITEM,
        max_audio: int = 256,
        max_text: int = 64,
        max_output: int = 64,
        max_answers: int = 256,
        output_budget: int | None = DEFAULT_OUTPUT_BUDGET,
    ) -> None:
        check_version(version)
        if not isinstance(barge_in, BargeIn):
            raise LocalProtocolError(f"barge_in: must be a BargeIn, not {name_of(barge_in)}")
        self.version: Final = version
        self._outbox: Final = Outbox(
            {
                Lane.AUDIO: max_audio,
                Lane.TEXT: max_text,
                Lane.OUTPUT: max_output,
                Lane.ANSWERS: max_answers,
            }
        )
        self._writer: Final = ConversationWriter(
            version, as_wire_version("wire", wire), output_budget
        )
        self._clock: Final = AudioClock(barge_in)
        self._responses: Final = ResponseQueue()
        self._handoffs: Final = Handoffs(version)
        self._overflowed = False
        self._ended: ConversationEnded | None = None
        self.counts: Final = ConversationCounts()

    # -- state ----------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether the conversation has not ended. Until then the application may send."""
        return self._ended is None

    @property
    def ended(self) -> ConversationEnded | None:
        """How the conversation ended; None while it is running."""
        return self._ended

    @property
    def active_handoff(self) -> str | None:
        """The id of the handoff that the agent works on, or None.

        If it differs from that of a `HandoffRequested` just received, the new one only steers.
        """
        return self._handoffs.active

    @property
    def response_active(self) -> bool:
        """Whether a response of the model is in progress, as far as is known (version 2)."""
        return self._responses.state is not ResponsePhase.IDLE

    @property
    def messages_pending(self) -> int:
        """How many messages wait in `messages_to_send()`."""
        return len(self._outbox)

    def messages_to_send(self) -> list[RealtimeCommand]:
        """Remove and return the messages to send, in order; `encode_client_message` encodes each.

        After `close()` it still returns earlier messages; after another end it returns nothing.
        """
        return self._outbox.take()

    # -- from the server ------------------------------------------------------------------------

    def receive_event(self, event: E) -> list[E | ResponseDeferred | ConversationEnded]:
        """Take an event of the server; return the events for the application, this one first.

        Anything that is not an event of profile `codex` is passed on and has no effect.
        Next: start the agent on a `HandoffRequested`, play an `AudioOut`, and so on; then drain.
        """
        if self._ended is not None:
            self.counts.events_discarded += 1
            return []
        if isinstance(event, RealtimeError):
            if self.version == "v2" and event.message.startswith(_ACTIVE_RESPONSE):
                self._respond(ResponseInput.REFUSED)
                return [ResponseDeferred(event.message)]
            return [event, *self._end("error", event.message)]
        row = EVENTS.get(type(event), _NO_ROW)
        if self.version == "v2":
            self._run_clock(row.clock, event)
            if row.response is not None and self._responses.receive_event(row.response, event):
                self._answer(create_response())
        if row.is_call:
            self._receive_call(event)
        if self._overflowed:
            message = "The server requires more answers than may wait (max_answers)."
            return [event, *self._end("error", message)]
        return [event]

    def receive_eof(self) -> list[ConversationEnded]:
        """Report that the transport ended without an error; return the end, once."""
        return self._end("transport_closed")

    def receive_error(self, error: Exception | str) -> list[RealtimeError | ConversationEnded]:
        """Report that the transport failed; return the error and the end, once."""
        if self._ended is not None:
            return []
        message = str(error)
        typed = error if isinstance(error, CodexError) else None
        return [RealtimeError(message, error=typed), *self._end("error", message)]

    # -- from the application -------------------------------------------------------------------

    def configure(self, config: RealtimeSessionConfig) -> Admission:
        """Send the configuration of the session: the first call, unless you join a call.

        Raises:
            LocalProtocolError: the config is of another version, or the conversation has ended.
        """
        self._check_running()
        if config.version != self.version:
            raise LocalProtocolError(
                f"config: is of version {config.version}, the conversation of {self.version}"
            )
        return self._send(Lane.ANSWERS, session_update(config))

    def send_audio(self, audio: AudioFrame | bytes | bytearray | memoryview | str) -> Admission:
        """Send the next audio of the user: a frame, PCM as bytes, or base64 text.

        When too many frames wait it is dropped (FULL) and counted, since late audio is of little
        use.

        Raises:
            LocalProtocolError: `audio` is not one of these, or the conversation has ended.
        """
        self._check_running()
        admission = self._send(Lane.AUDIO, append_audio(audio))
        if admission is Admission.FULL:
            self.counts.audio_dropped += 1
        return admission

    def send_text(self, text: str, *, role: str = "user") -> Admission:
        """Send a text of the user; it causes no response (see `request_response`).

        Raises:
            LocalProtocolError: `text` or `role` cannot be sent, or the conversation has ended.
        """
        self._check_running()
        return self._send(Lane.TEXT, self._writer.user_text(text, role))

    def request_response(self) -> Admission:
        """Make the model respond: now, or when its present response is done (DEFERRED).

        Raises:
            LocalProtocolError: in version 1, which has no such message, or after the end.
        """
        self._check_running()
        if self.version == "v1":
            raise LocalProtocolError("version: v1 has no message that makes the model respond")
        if self._outbox.is_full(Lane.ANSWERS):
            return Admission.FULL
        return Admission.TAKEN if self._respond(ResponseInput.WANTED) else Admission.DEFERRED

    def agent_progress(self, text: str, handoff_id: str | None = None) -> Admission:
        """Take a piece of progress from the agent.

        It belongs to the active handoff. If `handoff_id` is given and no longer active, the text is
        dropped (STALE). Without an active handoff the text is sent by itself, and the model
        responds to it (version 2).

        Raises:
            LocalProtocolError: `text` cannot be sent, or the conversation has ended.
        """
        return self._receive_output(text, handoff_id, final=False)

    def agent_final(self, text: str, handoff_id: str | None = None) -> Admission:
        """Take the agent's final answer; the rest is as in `agent_progress`.

        Next: `complete_turn`.

        Raises:
            LocalProtocolError: `text` cannot be sent, or the conversation has ended.
        """
        return self._receive_output(text, handoff_id, final=True)

    def complete_turn(self, handoff_id: str | None = None) -> Admission:
        """End the agent's turn, successful or not; no handoff is active after it.

        In version 2 the handoff is answered, and the model responds to the agent's output; without
        output there is no answer (BLANK). `handoff_id` is as in `agent_progress`.
        """
        if self._ended is not None:
            return Admission.BLANK
        if handoff_id is not None and handoff_id != self._handoffs.active:
            return Admission.STALE
        answers = self._handoffs.peek(HandoffInput.COMPLETE) is HandoffAction.ANSWER
        if answers and self._outbox.is_full(Lane.ANSWERS, more=2):
            return Admission.FULL
        call_id = self._handoffs.complete()
        if call_id is None:
            return Admission.BLANK
        self._answer_call(call_id, HANDOFF_ANSWER)
        self._respond(ResponseInput.WANTED)
        return Admission.TAKEN

    def close(self) -> list[ConversationEnded]:
        """End the conversation; return its end, once.

        Next: send what `messages_to_send()` still returns, then close the transport.
        """
        return self._end("requested")

    # -- events of the server -------------------------------------------------------------------

    def _run_clock(self, action: ClockAction | None, event: object) -> None:
        if action is ClockAction.ADVANCE and isinstance(event, AudioOut):
            self._clock.advance(event.frame)
        elif action is ClockAction.INTERRUPT and isinstance(event, InputAudioSpeechStarted):
            cut = self._clock.interrupt(event.item_id)
            if cut is not None:
                self._answer(truncate_audio(*cut))
        elif action is ClockAction.STOP:
            self._clock.stop()

    def _receive_call(self, event: object) -> None:
        if isinstance(event, HandoffRequested):
            self._receive_handoff(event.handoff_id)
        elif isinstance(event, NoopRequested) and self.version == "v2":
            self._answer_call(event.call_id, "")

    def _receive_handoff(self, handoff_id: str) -> None:
        action = self._handoffs.request(handoff_id)
        if action is None:
            self.counts.calls_repeated += 1
        elif action is HandoffAction.STEER:
            self._answer_call(handoff_id, STEERING_ANSWER)
            self._respond(ResponseInput.WANTED)

    # -- output of the agent --------------------------------------------------------------------

    def _receive_output(self, text: str, handoff_id: str | None, *, final: bool) -> Admission:
        self._check_running()
        as_text("text", text)
        if handoff_id is not None and handoff_id != self._handoffs.active:
            self.counts.stale_output += 1
            return Admission.STALE
        unasked = self._handoffs.peek(HandoffInput.OUTPUT) is HandoffAction.STANDALONE
        if unasked and self._writer.is_may:
            self.counts.unasked_output += 1
            return Admission.UNASKED
        if unasked and not trim(text):
            return Admission.BLANK
        wants_response = unasked and self.version == "v2"
        if wants_response and self._outbox.is_full(Lane.ANSWERS):
            return Admission.FULL
        admission = self._send(
            Lane.OUTPUT, self._writer.agent_output(text, self._handoffs.active, final=final)
        )
        if admission is Admission.TAKEN:
            self._handoffs.report()
            if wants_response:
                self._respond(ResponseInput.WANTED)
        return admission

    # -- what goes out --------------------------------------------------------------------------

    def _send(self, lane: Lane, message: RealtimeCommand) -> Admission:
        if self._outbox.is_full(lane):
            return Admission.FULL
        self._outbox.put(lane, message)
        return Admission.TAKEN

    def _respond(self, happened: ResponseInput) -> bool:
        """Run the table of responses; return whether `response.create` is sent now."""
        sends = self._responses.take(happened)
        if sends:
            self._answer(create_response())
        return sends

    def _answer_call(self, call_id: str, output: str) -> None:
        if self._handoffs.answer(call_id):
            self._answer(function_output(call_id, output))
        else:
            self.counts.calls_repeated += 1

    def _answer(self, message: RealtimeCommand) -> None:
        if self._send(Lane.ANSWERS, message) is Admission.FULL:
            self._overflowed = True

    # -- the end --------------------------------------------------------------------------------

    def _end(self, reason: EndReason, message: str | None = None) -> list[ConversationEnded]:
        if self._ended is not None:
            return []
        self._ended = ConversationEnded(reason, message)
        if reason != "requested":
            self.counts.messages_unsent += len(self._outbox.take())
        return [self._ended]

    def _check_running(self) -> None:
        if self._ended is not None:
            raise LocalProtocolError(f"conversation: is not running ({self._ended.reason})")

    def __repr__(self) -> str:
        shown: dict[str, Any] = {
            "version": self.version,
            "response": self._responses.state.name,
            "handoff": self._handoffs.state.name,
            "ended": self._ended,
            "messages_pending": self.messages_pending,
        }
        return f"RealtimeConversation({', '.join(f'{k}={v!r}' for k, v in shown.items())})"
