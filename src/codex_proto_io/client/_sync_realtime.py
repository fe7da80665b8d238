# Made from _async_realtime.py by tools/unasync.py: edit that file instead.
"""Realtime in threads."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from codex_proto.connections import RealtimeSocketEvent
from codex_proto.http import Headers
from codex_proto.realtime import (
    Admission,
    AudioFrame,
    ConversationEnded,
    RealtimeCommand,
    RealtimeConversation,
    RealtimeSessionConfig,
    RealtimeVersion,
)
from codex_proto.requests import ResponsesOptions
from codex_proto_io.core import (
    RealtimeOperation,
    Runtime,
    call_url,
    create_call,
    equal_copy,
    session_url,
)
from codex_proto_io.pumps import SyncPump

__all__ = ["Realtime", "RealtimeCall", "RealtimeSession"]

_NO_OPTIONS = ResponsesOptions()


class RealtimeSession:
    """One realtime session: an iterator of its events, with methods to send (wire.md 8.7).

    Entering it opens the session; leaving it ends it. One thread may read while another sends. The
    iteration ends after `ConversationEnded`; if the connection broke, it raises after that.

    The methods return an `Admission`: accepted, deferred, or dropped with a reason. Pass a
    `handoff_id` with the agent's text to have it dropped when that handoff is no longer active.

    Raises:
        CodexError: on entering or reading: the session cannot be opened, or its connection broke.
        LocalProtocolError: on sending: the session is not open or is over, was opened with `full`,
            or the message cannot be sent.
    """

    def __init__(self, operation: RealtimeOperation, pump: SyncPump) -> None:
        self._operation = operation
        self._pump = pump.guarded()

    @property
    def conversation(self) -> RealtimeConversation | None:
        """The conversation, or `None` if the session was opened with `full`."""
        return self._operation.conversation

    @property
    def ended(self) -> ConversationEnded | None:
        """How the conversation ended, or `None` while it is open."""
        conversation = self._operation.conversation
        return None if conversation is None else conversation.ended

    @property
    def response_headers(self) -> Headers:
        """The header fields of the answer to the handshake; empty before it arrived."""
        return self._operation.driver.headers

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> RealtimeSocketEvent:
        operation = self._operation
        if not operation.queue:
            self._pump.run(operation.fill())
            if not operation.queue:
                error, operation.error = operation.error, None
                raise StopIteration if error is None else equal_copy(error)
        return operation.queue.popleft()

    def send_audio(self, audio: AudioFrame | bytes | bytearray | memoryview | str) -> Admission:
        """Append audio of the user's speech: a frame, PCM as bytes, or base64 text.

        PCM is 16 bits, little-endian, one channel, 24,000 samples a second.
        """
        return self._pump.run(self._operation.say(lambda talk: talk.send_audio(audio)))

    def send_text(self, text: str, *, role: str = "user") -> Admission:
        """Send text of the user. The model does not respond to it: see `request_response`."""
        return self._pump.run(self._operation.say(lambda talk: talk.send_text(text, role=role)))

    def request_response(self) -> Admission:
        """Request a response of the model: now, or when its current response is done."""
        return self._pump.run(self._operation.say(lambda talk: talk.request_response()))

    def agent_progress(self, text: str, handoff_id: str | None = None) -> Admission:
        """Send progress text of the agent; without an active handoff the model responds to it."""
        return self._pump.run(
            self._operation.say(lambda talk: talk.agent_progress(text, handoff_id))
        )

    def agent_final(self, text: str, handoff_id: str | None = None) -> Admission:
        """Send the final text of the agent. Call `complete_turn` next."""
        return self._pump.run(self._operation.say(lambda talk: talk.agent_final(text, handoff_id)))

    def complete_turn(self, handoff_id: str | None = None) -> Admission:
        """End the agent's turn, successful or not: the handoff is answered and no longer active."""
        return self._pump.run(self._operation.say(lambda talk: talk.complete_turn(handoff_id)))

    def send(self, message: RealtimeCommand | str) -> None:
        """Send a message without changes, as a value or JSON. It bypasses the conversation."""
        self._pump.run(self._operation.send(message))

    def close(self) -> None:
        """End the session: send queued messages and a close frame. May be called twice."""
        self._pump.run(self._operation.close())

    def __enter__(self) -> Self:
        self._pump.run(self._operation.open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class RealtimeCall:
    """A call that was created. Give `sdp` to the WebRTC peer; call `connect` for its events.

    Attributes:
        sdp: the server's SDP answer to the offer.
        call_id: the id of the call, which `join_call` takes.
    """

    def __init__(
        self,
        runtime: Runtime,
        pump: SyncPump,
        sdp: str,
        call_id: str,
        config: RealtimeSessionConfig | None,
        options: ResponsesOptions,
    ) -> None:
        self._runtime = runtime
        self._pump = pump
        self.sdp = sdp
        self.call_id = call_id
        self._config = config
        self._options = options

    def connect(self, *, full: bool = False, base_url: str | None = None) -> RealtimeSession:
        """Return the session of the call over a second connection, a WebSocket (the sideband).

        `base_url` is the service to join at, by default the one where the call was created.
        Joining is retried, because a new call takes a moment to exist.
        """
        version: RealtimeVersion = "v1" if self._config is None else self._config.version
        url = call_url(self._runtime, version, self.call_id, base_url)
        operation = RealtimeOperation(
            self._runtime, url, version, self._config, self._options, is_full=full, joins=True
        )
        return RealtimeSession(operation, self._pump)


class Realtime:
    """`client.realtime`: sessions and calls (wire.md 8)."""

    def __init__(self, runtime: Runtime, pump: SyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    def connect(
        self,
        config: RealtimeSessionConfig,
        options: ResponsesOptions | None = None,
        *,
        full: bool = False,
    ) -> RealtimeSession:
        """Return a session over a WebSocket; enter or read it to open it.

        Of `options`, session, thread and extra headers are used. With `full` it yields the events
        of the wire as they are, without a conversation.
        """
        operation = RealtimeOperation(
            self._runtime,
            session_url(self._runtime, config),
            config.version,
            config,
            options or _NO_OPTIONS,
            is_full=full,
        )
        return RealtimeSession(operation, self._pump)

    def join_call(
        self,
        call_id: str,
        version: RealtimeVersion = "v1",
        options: ResponsesOptions | None = None,
        *,
        full: bool = False,
        base_url: str | None = None,
    ) -> RealtimeSession:
        """Return the session of a call that was created elsewhere; its configuration is kept."""
        url = call_url(self._runtime, version, call_id, base_url)
        operation = RealtimeOperation(
            self._runtime, url, version, None, options or _NO_OPTIONS, is_full=full, joins=True
        )
        return RealtimeSession(operation, self._pump)

    def create_call(
        self,
        sdp: str,
        config: RealtimeSessionConfig | None = None,
        options: ResponsesOptions | None = None,
        *,
        avas: bool | None = None,
    ) -> RealtimeCall:
        """Create a WebRTC call; `sdp` is the offer. `avas` is as in `call_request`.

        Raises:
            CodexError: the server refused the call.
        """
        chosen = options or _NO_OPTIONS
        operation = create_call(self._runtime, sdp, config, chosen, avas=avas)
        answer = self._pump.run(operation)
        return RealtimeCall(self._runtime, self._pump, answer.sdp, answer.call_id, config, chosen)
