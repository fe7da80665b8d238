"""What spans the requests on one WebSocket, free of framing: request in, text out; text in, events.

A session works with any WebSocket library. It decides what of a request has to be sent, keeps the
turn's state, and repeats with every response what the handshake has reported.

Source: wire.md 2.1 to 2.9.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET

from codex_proto._wire import DEFAULT_MAX_DEPTH, MalformedPart
from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.http import Headers, HeadersLike, is_header_value
from codex_proto.items import Item
from codex_proto.requests import (
    Continuation,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    ResponsesOptions,
    encode_interrupt,
    websocket_message,
)
from codex_proto.responses.stream import (
    BodyEvents,
    CodexView,
    ModelsEtag,
    Outcome,
    Profile,
    ResponseEvent,
    ResponsesDecoder,
    StreamFailed,
    turn_state_from_headers,
)
from codex_proto.responses.wire import Completed, LifecycleEvent, OutputItemDone, ResponseMetadata
from codex_proto.sse import DEFAULT_MAX_EVENT_SIZE
from codex_proto.versions import WireVersion

__all__ = ["ResponsesSession", "SessionRequest"]

_NO_OPTIONS: Final = ResponsesOptions()


class SessionRequest(NamedTuple):
    """One request, ready: the text message to send, and the events to pass on before any other."""

    text: str
    events: list[ResponseEvent]
    is_incremental: bool
    """Whether it builds on the response before it, and holds only the input that is new."""

    def __repr__(self) -> str:
        return (
            f"SessionRequest(text=<{len(self.text)} characters>, events={self.events!r}, "
            f"is_incremental={self.is_incremental})"
        )


class ResponsesSession:
    """The requests and responses of one WebSocket after another.

    Open a socket (`responses_upgrade`), say so with `connected`, then for each request: `send`,
    put the text on the socket, feed what comes to `receive_message` until `outcome` is there. Say
    what else happens by `receive_binary`, `receive_close` or `receive_error`. A response that fails
    ends the connection: drop the socket and open another, `needs_connection` says when. The next
    request on it is sent whole.

    Call `start_turn` when a new turn of the conversation begins: `turn_state` belongs to one turn.

    Args:
        version: of the protocol that is spoken.
        profile: `full` or `codex`, as for `ResponsesDecoder`.
        first_party: whether the server is OpenAI's own, and is sent what Codex adds to items.
        max_event_size: bytes of one message.
        max_depth: levels of nesting that are read in one message.

    Raises:
        LocalProtocolError: an argument is out of range, or a method is called in a state that has
            no use for it; the message names the state. No bytes of the peer's raise.
    """

    def __init__(
        self,
        version: WireVersion = WireVersion.V2026_08,
        profile: Profile = "full",
        *,
        first_party: bool = True,
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
    ) -> None:
        if profile not in ("full", "codex"):
            raise LocalProtocolError(f"profile: must be 'full' or 'codex', not {profile!r}")
        self._version = version
        self._is_codex = profile == "codex"
        self._first_party = first_party
        self._max_event_size = max_event_size
        self._max_depth = max_depth
        self._continuation = Continuation(version)
        self._turn_state: str | None = None
        self._models_etag: str | None = None
        self._header_events: list[ResponseEvent] = []
        # To say at once what is wrong with the limits.
        self._new_decoder()
        self._decoder: ResponsesDecoder | None = None
        self._was_connected = False
        self._is_open = False
        self._messages_discarded = 0
        self._begin()

    def _begin(self) -> None:
        """Set what belongs to a single response."""
        self._response_id: str | None = None
        self._done: list[Item] = []
        self._interrupted = False
        self._outcome: Outcome | None = None

    def _new_decoder(self) -> ResponsesDecoder:
        # Always all of it: what a session has to know is not in every profile.
        self._view = CodexView(self._version) if self._is_codex else None
        return ResponsesDecoder(
            ends_as="codex" if self._is_codex else "full",
            max_event_size=self._max_event_size,
            max_depth=self._max_depth,
        )

    # -- what is known --------------------------------------------------------------------------

    @property
    def needs_connection(self) -> bool:
        """Whether a socket has to be opened (see `connected`) before the next request."""
        return self._decoder is None

    @property
    def is_open(self) -> bool:
        """Whether a response is on its way: a request was sent, and its outcome is not there."""
        return self._is_open

    @property
    def outcome(self) -> Outcome | None:
        """How the last response ended; None while one is open, and before the first."""
        return self._outcome

    @property
    def turn_state(self) -> str | None:
        """What the server wants to be sent again in this turn; the first value counts.

        `send` says it. A request over HTTP takes it as `ResponsesOptions(turn_state=...)`.
        """
        return self._turn_state

    @property
    def models_etag(self) -> str | None:
        """The last etag of the list of models that the server sent."""
        return self._models_etag

    @property
    def messages_discarded(self) -> int:
        """Messages that came while no response was open, and were not decoded."""
        return self._messages_discarded

    # -- the connection -------------------------------------------------------------------------

    def connected(self, headers: HeadersLike = ()) -> None:
        """Report that a socket is open, with the headers of the answer to the upgrade.

        Nothing of an earlier connection is built on. Next: `send`, or `prewarm`.

        Raises:
            LocalProtocolError: a response is open, or `headers` is nothing of the kind.
        """
        self._refuse_if_open("connected")
        fields = Headers.of(headers)
        self._continuation.forget()
        self._decoder = self._new_decoder()
        self._was_connected = True
        told = self._decoder.receive_headers(fields, "websocket")
        for event in told:
            self._note_etag(event)
        # In August the handshake's etag is old news; it comes as an event (wire.md 2.1).
        may = self._version is WireVersion.V2026_05
        self._header_events = [event for event in told if may or not isinstance(event, ModelsEtag)]
        if may:
            self._offer_turn_state(turn_state_from_headers(fields))

    def disconnected(self) -> None:
        """Report that the socket is given up while no response is open.

        Raises:
            LocalProtocolError: a response is open; say what became of it by `receive_close` or
                `receive_error`.
        """
        self._refuse_if_open("disconnected")
        self._drop()

    def forget(self) -> None:
        """Have the next request sent whole: after a compaction, for example."""
        self._continuation.forget()

    def start_turn(self) -> None:
        """Begin another turn of the conversation: the state of the last one is forgotten."""
        self._turn_state = None

    # -- requests -------------------------------------------------------------------------------

    def send(
        self,
        request: ResponsesApiRequest,
        options: ResponsesOptions = _NO_OPTIONS,
        *,
        now_unix: float | None = None,
    ) -> SessionRequest:
        """Make the message for a request: whole, or only what is new since the last response.

        Always give the whole request, with all input; whether the server needs all of it is
        decided here. `options` go into the message's metadata, `now_unix` (seconds) too.

        Next: put `text` on the socket, pass on `events`, then `receive_message`.

        Raises:
            LocalProtocolError: there is no connection, a response is open, or the request has a
                `previous_response_id` of its own or cannot be sent.
        """
        return self._send(request, options, now_unix, generate=None)

    def prewarm(
        self,
        request: ResponsesApiRequest,
        options: ResponsesOptions = _NO_OPTIONS,
        *,
        now_unix: float | None = None,
    ) -> SessionRequest | None:
        """Make the message that only warms the server up for a request, with `generate: false`.

        None where that has no use, since this connection has had a request. Its response is like
        any other, without output; the request itself then is an incremental one.

        Raises:
            LocalProtocolError: as `send`.
        """
        self._refuse_if_open("prewarm")
        if self._continuation.has_request:
            return None
        return self._send(request, options, now_unix, generate=False)

    def interrupt(self) -> str | None:
        """Make the message that stops the open response, if that is possible now.

        None before the server has sent the response's id, after the first time, and where no
        response is open. What follows ends with a `Completed` whose `end_turn` is false.
        """
        if not self._is_open or self._response_id is None or self._interrupted:
            return None
        self._interrupted = True
        return encode_interrupt(self._response_id)

    def _send(
        self,
        request: ResponsesApiRequest,
        options: ResponsesOptions,
        now_unix: float | None,
        *,
        generate: bool | None,
    ) -> SessionRequest:
        self._refuse_if_open("send")
        decoder = self._decoder
        if decoder is None:
            raise LocalProtocolError("send: there is no connection; see connected()")
        if not isinstance(request, ResponsesApiRequest):
            raise LocalProtocolError(
                f"request: must be a ResponsesApiRequest, not {type(request).__name__}"
            )
        if request.previous_response_id:
            raise LocalProtocolError("request: previous_response_id is for the session to set")
        if options.turn_state is None and self._turn_state is not None:
            options = msgspec.structs.replace(options, turn_state=self._turn_state)
        increment = self._continuation.take_increment(request)
        message = ResponseCreateWsRequest.from_request(
            request,
            input=UNSET if increment is None else increment.input,
            previous_response_id=UNSET if increment is None else increment.previous_response_id,
            generate=UNSET if generate is None else generate,
        )
        text = websocket_message(
            message, options, self._version, first_party=self._first_party, now_unix=now_unix
        )
        decoder.start_response()
        if self._view is not None:
            self._view.start_response()
        self._begin()
        self._is_open = True
        return SessionRequest(text, list(self._header_events), increment is not None)

    # -- what comes -----------------------------------------------------------------------------

    def receive_message(self, message: str | bytes | bytearray | memoryview) -> list[ResponseEvent]:
        """Take one whole text message; return its events, among them the outcome.

        What comes while no response is open is counted in
        `messages_discarded`.

        Raises:
            LocalProtocolError: there never was a connection, or `message` is neither text nor
                bytes.
        """
        decoder = self._listening("receive_message")
        return [] if decoder is None else self._received(decoder.receive_message(message))

    def receive_binary(self) -> list[ResponseEvent]:
        """Report that a binary message came, which ends the response and the connection.

        Raises:
            LocalProtocolError: there never was a connection.
        """
        decoder = self._listening("receive_binary", is_end=True)
        return [] if decoder is None else self._ended(decoder.receive_binary())

    def receive_close(
        self, code: int | None = None, reason: str | None = None
    ) -> list[ResponseEvent]:
        """Report that the socket is closed, with what the close frame said, if there was one.

        Raises:
            LocalProtocolError: there never was a connection.
        """
        decoder = self._listening("receive_close", is_end=True)
        return [] if decoder is None else self._ended(decoder.receive_close(code, reason))

    def receive_error(self, error: CodexError) -> list[ResponseEvent]:
        """Report that the transport failed or a deadline passed: the error is the outcome.

        Raises:
            LocalProtocolError: there never was a connection, or `error` is no `CodexError`.
        """
        decoder = self._listening("receive_error", is_end=True)
        return [] if decoder is None else self._ended(decoder.receive_error(error))

    # -- inside ---------------------------------------------------------------------------------

    def _listening(self, method: str, *, is_end: bool = False) -> ResponsesDecoder | None:
        """The decoder, if there is a response that what comes can belong to."""
        if not self._was_connected:
            raise LocalProtocolError(f"{method}: there is no connection; see connected()")
        if self._is_open:
            return self._decoder
        if is_end:
            self._drop()
        else:
            self._messages_discarded += 1
        return None

    def _received(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        handed_on = events if self._view is None else self._view.receive_events(events)
        for event in events:
            self._note(event)
        self._conclude(handed_on)
        return handed_on

    def _ended(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        handed_on = self._received(events)
        self._drop()
        return handed_on

    def _note(self, event: ResponseEvent) -> None:
        if isinstance(event, LifecycleEvent) and self._response_id is None:
            self._response_id = event.response_id or None
        elif isinstance(event, OutputItemDone):
            item = event.item
            if not isinstance(item, MalformedPart):
                self._done.append(item)
        elif isinstance(event, ResponseMetadata):
            self._offer_turn_state(_turn_state_of(event))
        else:
            self._note_etag(event)

    def _conclude(self, handed_on: list[ResponseEvent]) -> None:
        # By what is passed on: the codex view fails where the full profile goes on.
        outcome = handed_on[-1] if handed_on else None
        if isinstance(outcome, Completed):
            self._outcome = outcome
            self._is_open = False
            self._continuation.receive_completed(outcome.response_id, tuple(self._done))
        elif isinstance(outcome, StreamFailed):
            self._outcome = outcome
            self._is_open = False
            # What the server may still say of this response must not be taken for the next one's.
            self._drop()

    def _drop(self) -> None:
        self._decoder = None
        self._header_events = []
        self._continuation.forget()

    def _note_etag(self, event: ResponseEvent) -> None:
        if isinstance(event, ModelsEtag):
            self._models_etag = event.etag

    def _offer_turn_state(self, value: str | None) -> None:
        # It may have to go into a header, and the peer must not make us fail over that.
        if self._turn_state is None and value is not None and is_header_value(value):
            self._turn_state = value

    def _refuse_if_open(self, method: str) -> None:
        if self._is_open:
            raise LocalProtocolError(f"{method}: a response is open; wait for its outcome")


def _turn_state_of(event: ResponseMetadata) -> str | None:
    """What a single event says of the turn's state."""
    body = BodyEvents()
    body.receive_event(event, is_websocket=True)
    return body.turn_state
