"""The conversation against a server and an application that do whatever they like.

The server here is a small true one: it has at most one response, refuses a second one, and what
either side says arrives late, in its order. The application's side of the rules is a plain model.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, deque
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from codex_proto.realtime import (
    HANDOFF_ANSWER,
    STEERING_ANSWER,
    Admission,
    AudioFrame,
    AudioOut,
    BargeIn,
    HandoffRequested,
    InputAudioSpeechStarted,
    InputTranscriptDelta,
    NoopRequested,
    OutputTranscriptDelta,
    RealtimeConversation,
    RealtimeError,
    ResponseCancelled,
    ResponseCreated,
    ResponseDeferred,
    ResponseDone,
    TranscriptAccumulator,
    encode_client_message,
)

ALREADY: Final = "Conversation already has an active response in progress: "
IDS: Final = st.integers(0, 5).map(lambda number: f"call{number}")
ITEMS: Final = st.sampled_from(["item0", "item1"])
WORD: Final = re.compile(r"<\d+>")
WORDS: Final = st.sampled_from(["word", "other word", ""])


class Server:
    """Has at most one response, and answers in order."""

    def __init__(self) -> None:
        self.events: deque[Any] = deque()
        self.active: str | None = None
        self.accepted = 0
        self._number = 0

    def begin(self) -> None:
        self._number += 1
        self.active = f"resp{self._number}"
        self.events.append(ResponseCreated(self.active))

    def end(self, how: str) -> None:
        if how != "done":
            self.events.append(ResponseCancelled(self.active))
        if how != "cancelled":
            self.events.append(ResponseDone(self.active))
        self.active = None

    def hear(self, message: dict[str, Any]) -> None:
        if message["type"] != "response.create":
            return
        if self.active is not None:
            self.events.append(RealtimeError(f"{ALREADY}{self.active}"))
        else:
            self.accepted += 1
            self.begin()


class Clock:
    """What of the model's audio was heard, in ms."""

    def __init__(self) -> None:
        self.item: str | None = None
        self.ms = 0


class ConversationMachine(RuleBasedStateMachine):
    """Both sides of a conversation, and the wire between them."""

    @initialize(version=st.sampled_from(["v1", "v2", "v2"]), barge_in=st.sampled_from(BargeIn))
    def start(self, version: Any, barge_in: BargeIn) -> None:
        self.version = version
        self.barge_in = barge_in
        self.conversation = RealtimeConversation(version, barge_in=barge_in)
        self.server = Server()
        self.wire: deque[dict[str, Any]] = deque()
        self.answers: Counter[str] = Counter()
        # The model: what the client may believe, and what it has to do.
        self.active_handoff: str | None = None
        self.has_output = False
        self.known_calls: set[str] = set()
        self.believes_active = False
        self.cancelled: str | None = None
        self.wanted = 0
        self.created = 0
        self.clock = Clock()
        self.stale = 0
        # What was said, word by word: each in one handoff or in what is left at the end.
        self.transcript = TranscriptAccumulator()
        self.said = itertools.count()
        self.heard: list[str] = []
        self.handed_over: list[str] = []

    # -- the wire -------------------------------------------------------------------------------

    def take(self) -> list[dict[str, Any]]:
        """Put what the conversation says on the wire, and look at it."""
        said = [
            json.loads(encode_client_message(message))
            for message in self.conversation.messages_to_send()
        ]
        for message in said:
            self.wire.append(message)
            match message:
                case {"item": {"type": "function_call_output", "call_id": call_id}}:
                    self.answers[call_id] += 1
                    assert self.answers[call_id] == 1, "a call was answered twice"
                case {"type": "response.create"}:
                    assert not self.believes_active, "two responses in flight"
                    self.believes_active = True
                    self.created += 1
        return said

    def expect(self, *, outputs: tuple[tuple[str, str], ...] = (), wants: bool = False) -> None:
        """Take what is said: these answers to calls, and a response as soon as there is none."""
        if wants:
            self.wanted = self.created + 1
        may_create = not self.believes_active and self.wanted > self.created
        said = self.take()
        answers = tuple(
            (message["item"]["call_id"], message["item"]["output"])
            for message in said
            if message.get("item", {}).get("type") == "function_call_output"
        )
        assert answers == outputs
        creates = [message for message in said if message["type"] == "response.create"]
        assert len(creates) == may_create

    # -- the application ------------------------------------------------------------------------

    @rule(words=WORDS)
    def user_types(self, words: str) -> None:
        assert self.conversation.send_text(words) is Admission.TAKEN
        (message,) = self.take()
        prefix = "[USER] " if self.version == "v2" and words else ""
        assert message["item"]["content"][0]["text"] == prefix + words

    @precondition(lambda self: self.version == "v2")
    @rule()
    def user_wants_a_response(self) -> None:
        admission = self.conversation.request_response()
        assert admission is (Admission.DEFERRED if self.believes_active else Admission.TAKEN)
        self.expect(wants=True)

    @rule(words=WORDS, final=st.booleans(), named=st.none() | IDS)
    def agent_speaks(self, words: str, final: bool, named: str | None) -> None:
        conversation = self.conversation
        speak = conversation.agent_final if final else conversation.agent_progress
        admission = speak(words, named)
        if named is not None and named != self.active_handoff:
            assert admission is Admission.STALE
            self.stale += 1
            assert not self.take()
        elif self.active_handoff is None:
            assert admission is (Admission.TAKEN if words else Admission.BLANK)
            self.expect(wants=self.version == "v2" and bool(words))
        else:
            assert admission is Admission.TAKEN
            self.has_output = True
            self.expect()

    @rule(named=st.none() | IDS)
    def agents_turn_ends(self, named: str | None) -> None:
        admission = self.conversation.complete_turn(named)
        if named is not None and named != self.active_handoff:
            assert admission is Admission.STALE
            self.expect()
            return
        handoff, self.active_handoff = self.active_handoff, None
        spoke, self.has_output = self.has_output, False
        if handoff is None or not spoke or self.version == "v1":
            assert admission is Admission.BLANK
            self.expect()
        elif self.answers[handoff]:
            self.expect(wants=True)
        else:
            self.expect(outputs=((handoff, HANDOFF_ANSWER),), wants=True)

    # -- the server -----------------------------------------------------------------------------

    @precondition(lambda self: self.wire)
    @rule()
    def server_hears(self) -> None:
        self.server.hear(self.wire.popleft())

    @precondition(lambda self: self.version == "v2" and self.server.active is None)
    @rule()
    def server_responds_by_itself(self) -> None:
        self.server.begin()

    @precondition(lambda self: self.server.active is not None)
    @rule(how=st.sampled_from(["done", "cancelled", "cancelled and done"]))
    def server_ends_the_response(self, how: str) -> None:
        self.server.end(how)

    @rule(call_id=IDS)
    def server_hands_over(self, call_id: str) -> None:
        request = f"<{next(self.said)}>"
        self.server.events.append(
            HandoffRequested(handoff_id=call_id, item_id="item", input_transcript=request)
        )

    @rule(call_id=IDS)
    def server_stays_silent(self, call_id: str) -> None:
        self.server.events.append(NoopRequested(call_id=call_id, item_id="item"))

    @rule(item_id=st.none() | ITEMS, samples=st.integers(0, 50_000))
    def server_speaks(self, item_id: str | None, samples: int) -> None:
        frame = AudioFrame(
            data="",
            sample_rate=24_000,
            num_channels=1,
            samples_per_channel=samples,
            item_id=item_id,
        )
        self.server.events.append(AudioOut(frame))

    @rule(item_id=st.none() | ITEMS)
    def server_hears_speech(self, item_id: str | None) -> None:
        self.server.events.append(InputAudioSpeechStarted(item_id))

    @rule(event=st.sampled_from([InputTranscriptDelta, OutputTranscriptDelta]))
    def server_transcribes(self, event: type[Any]) -> None:
        self.server.events.append(event(f"<{next(self.said)}>"))

    # -- what the client gets -------------------------------------------------------------------

    @precondition(lambda self: self.server.events)
    @rule()
    def client_receives(self) -> None:
        event = self.transcript.receive_event(self.server.events.popleft())
        got = self.conversation.receive_event(event)
        self._remember(event, got)
        if isinstance(event, RealtimeError):
            assert got == [ResponseDeferred(event.message)]
            self.believes_active = True
            self.created -= 1
            self.wanted = self.created + 1
            self.expect()
            return
        assert got == [event]
        if self.version == "v1":
            if isinstance(event, HandoffRequested):
                self.active_handoff = event.handoff_id
                self.has_output = False
            assert not self.take()
            return
        self._receive_v2(event)

    def _remember(self, event: Any, got: list[Any]) -> None:
        if isinstance(event, InputTranscriptDelta | OutputTranscriptDelta):
            self.heard.append(event.delta)
        if isinstance(event, HandoffRequested):
            self.heard.append(event.input_transcript)
        for each in got:
            if isinstance(each, HandoffRequested):
                assert each.active_transcript is not None
                self.handed_over += WORD.findall("".join(e.text for e in each.active_transcript))

    def _receive_v2(self, event: Any) -> None:
        cancelled = self.cancelled
        match event:
            case AudioOut(frame=AudioFrame(item_id=item, samples_per_channel=samples)):
                ms = (samples or 0) * 1000 // 24_000
                if item is not None and ms:
                    self.clock.ms = ms + (self.clock.ms if item == self.clock.item else 0)
                    self.clock.item = item
                self.expect()
            case InputAudioSpeechStarted(item_id=item):
                cuts = self.clock.item is not None and (
                    item in (None, self.clock.item) or self.barge_in is BargeIn.ANY_SPEECH
                )
                (*said,) = self.take()
                if cuts:
                    assert said == [
                        {
                            "type": "conversation.item.truncate",
                            "item_id": self.clock.item,
                            "content_index": 0,
                            "audio_end_ms": self.clock.ms,
                        }
                    ]
                    self.clock = Clock()
                else:
                    assert not said
            case ResponseCreated():
                self.believes_active = True
                self.cancelled = None
                self.expect()
            case ResponseCancelled(response_id=response) | ResponseDone(response_id=response):
                self.clock = Clock()
                # The two ends of one response are one.
                if not (isinstance(event, ResponseDone) and response == cancelled):
                    self.believes_active = False
                is_cancel = isinstance(event, ResponseCancelled)
                self.cancelled = response if is_cancel else None
                self.expect()
            case NoopRequested(call_id=call_id):
                self.clock = Clock()
                self.expect(outputs=() if self.answers[call_id] else ((call_id, ""),))
            case HandoffRequested(handoff_id=id_):
                self.clock = Clock()
                if id_ == self.active_handoff or self.answers[id_]:
                    self.expect()
                elif self.active_handoff is None:
                    self.active_handoff = id_
                    self.has_output = False
                    self.expect()
                else:
                    self.expect(outputs=((id_, STEERING_ANSWER),), wants=True)
            case _:
                self.expect()

    # -- always, and in the end -----------------------------------------------------------------

    @invariant()
    def the_conversation_agrees(self) -> None:
        conversation = self.conversation
        assert conversation.is_running
        assert conversation.active_handoff == self.active_handoff
        assert conversation.counts.stale_output == self.stale
        if self.version == "v2":
            assert conversation.response_active == self.believes_active

    def teardown(self) -> None:
        """Let everything arrive: then every response that was wanted has been made."""
        if not hasattr(self, "conversation"):
            return
        for _ in range(10_000):
            if self.server.events:
                self.client_receives()
            elif self.wire:
                self.server_hears()
            elif self.server.active is not None:
                self.server_ends_the_response("done")
            else:
                break
        else:
            raise AssertionError("the conversation never comes to rest")
        assert self.wanted <= self.created
        assert self.server.accepted == self.created
        assert not self.conversation.response_active
        tail = "".join(entry.text for entry in self.transcript.take_tail())
        assert self.handed_over + WORD.findall(tail) == self.heard


ConversationMachine.TestCase.settings = settings(
    max_examples=settings().max_examples * 2, stateful_step_count=50
)
TestConversation = ConversationMachine.TestCase
