"""Realtime sessions and calls.

Source: wire.md 8.1, 8.2, 8.7, 8.9, 8.10.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from codex_proto.connections import RealtimeSocket, RealtimeSocketEvent
from codex_proto.errors import (
    ApiError,
    CodexError,
    ConnectionClosed,
    LocalProtocolError,
    MalformedReply,
)
from codex_proto.http import Headers, HttpRequest, HttpResponse
from codex_proto.realtime import (
    Admission,
    CallReply,
    RealtimeConversation,
    RealtimeSessionConfig,
    RealtimeVersion,
    call_request,
    handshake_headers,
    read_call_reply,
    realtime_url,
    sideband_url,
)
from codex_proto.requests import AuthProvider, ResponsesOptions, RetryAfter, RetryState, backoff
from codex_proto.responses import MalformedPart
from codex_proto_io.core._effects import Operation, flush, sleep
from codex_proto_io.core._failures import equal_copy
from codex_proto_io.core._runtime import Runtime
from codex_proto_io.core._telemetry import Retrying
from codex_proto_io.core._unary import request_reply
from codex_proto_io.core._websocket import SocketDriver

__all__ = ["CallAnswer", "RealtimeOperation", "call_url", "create_call", "session_url"]

# Statuses after which a join is not retried: the call does not exist (wire.md 8.10).
_NO_CALL: Final = frozenset({404, 410})


class RealtimeOperation:
    """One realtime session: queues its events, and sends what the caller asks for.

    Args:
        runtime: the settings and connections of the client.
        url: the URL of the WebSocket.
        version: the version of the protocol.
        config: the configuration of the session; `None` where the server has one already.
        options: of these, `session_id`, `thread_id` and `extra_headers` are used.
        is_full: whether to yield the events of the wire as they are, without a conversation.
        joins: whether it joins a call, which is retried.
    """

    def __init__(
        self,
        runtime: Runtime,
        url: str,
        version: RealtimeVersion,
        config: RealtimeSessionConfig | None,
        options: ResponsesOptions,
        *,
        is_full: bool = False,
        joins: bool = False,
    ) -> None:
        self.runtime: Final = runtime
        self.driver: Final = SocketDriver[RealtimeSocketEvent](runtime)
        self.queue: Final[deque[RealtimeSocketEvent]] = deque()
        self.is_over = False
        self.error: CodexError | None = None
        self._url = url
        self._version: Final[RealtimeVersion] = version
        self._config = config
        self._options = options
        self._joins = joins
        self._is_open = False
        self._is_filling = False
        self._is_full = is_full
        self.conversation: RealtimeConversation | None = None
        self._renew()

    def _renew(self) -> None:
        """Begin with a new conversation: one that could not connect has ended."""
        if not self._is_full:
            wire = self.runtime.provider.wire_version
            self.conversation = RealtimeConversation(self._version, wire=wire)

    # -- actions -----------------------------------------------------------------------

    def open(self) -> Operation[None]:
        """Open the socket and send the configuration of the session.

        Raises:
            CodexError: the session could not be opened.
        """
        yield from self._guard(self._until_open())

    def fill(self) -> Operation[None]:
        """Read until an event is in the queue or the session is over.

        Raises:
            LocalProtocolError: another task or thread is reading the session.
        """
        if self._is_filling:
            raise LocalProtocolError("session: another task or thread is reading it")
        yield from self._guard(self._until_filled())

    def _guard(self, steps: Operation[None]) -> Operation[None]:
        """Run the steps, and close the connection if they raise."""
        try:
            yield from steps
        except GeneratorExit:
            self._break_off()
            self.driver.abort()
            raise
        except BaseException as error:
            self._break_off(error)
            yield from self.driver.abandon()
            raise

    def _break_off(self, error: BaseException | None = None) -> None:
        """End the operation with an error, which a caller who goes on reading receives."""
        was_over, self.is_over = self.is_over, True
        if not was_over and not isinstance(error, CodexError):
            self.error = LocalProtocolError(
                "session: was closed before its end, when reading it was broken off"
            )

    def _until_open(self) -> Operation[None]:
        if self._is_open or self.is_over:
            return
        self.runtime.check_open()
        runtime = self.runtime
        retries = runtime.provider.retry.request_max_retries if self._joins else 0
        attempt = 0
        while True:
            error = yield from self._connect(runtime.credentials.auth)
            if error is None:
                self._is_open = True
                return
            status = error.status if isinstance(error, ApiError) else None
            if attempt >= retries or status in _NO_CALL or isinstance(error, LocalProtocolError):
                raise equal_copy(error)
            attempt += 1
            yield from self._wait(error, attempt, retries)
            self._renew()

    def _until_filled(self) -> Operation[None]:
        self._is_filling = True
        try:
            yield from self._until_open()
            while not self.queue and not self.is_over:
                self.queue.extend((yield from self.driver.receive()))
                yield from self._look_for_end()
        finally:
            self._is_filling = False

    def say(self, call: Callable[[RealtimeConversation], Admission]) -> Operation[Admission]:
        """Call a method of the conversation, and send the messages that it queues.

        Raises:
            LocalProtocolError: the session is not open, or has no conversation.
        """
        conversation, socket = self.conversation, self._socket()
        if conversation is None:
            raise LocalProtocolError("profile: 'full' has no conversation; use send()")
        admission = call(conversation)
        self.queue.extend(socket.flush(self.runtime.clock.now()))
        yield from self._write()
        return admission

    def send(self, message: Any) -> Operation[None]:
        """Send a message without changes.

        Raises:
            LocalProtocolError: the session is not open, or the message cannot be sent.
        """
        self._socket().send(message, self.runtime.clock.now())
        yield from self._write()

    def close(self) -> Operation[None]:
        """End the session with a close frame."""
        self.is_over = True
        socket = self.driver.socket
        if isinstance(socket, RealtimeSocket) and self.driver.is_open():
            # A caller who is still reading receives the end of the conversation as an event.
            events = socket.close(self.runtime.clock.now())
            self.queue.extend(self.driver.sort(events))
        yield from self.driver.drop()

    # -- internals ---------------------------------------------------------------------------------

    def _connect(self, auth: AuthProvider) -> Operation[CodexError | None]:
        runtime = self.runtime
        headers = _headers(runtime, self._version, self._options)
        request = auth.authorize(HttpRequest("GET", self._url, headers))
        socket = RealtimeSocket(
            request,
            self._version,
            config=self._config,
            profile="codex" if self.conversation is not None else "full",
            conversation=self.conversation,
            timeouts=runtime.websocket_timeouts(),
        )
        # Events may come with the answer to the handshake.
        return (yield from self.driver.open(request, socket))

    def _wait(self, error: CodexError, attempt: int, retries: int) -> Operation[None]:
        runtime = self.runtime
        now = runtime.clock.now()
        delay = backoff(runtime.provider.retry.base_delay, attempt, runtime.random())
        decision = RetryAfter(
            delay=delay,
            at=now + delay,
            attempt=attempt,
            max_attempts=retries,
            layer="request",
            state=RetryState(policy=runtime.provider.retry, request_retries=attempt),
        )
        retrying = Retrying(operation="realtime", error=error, decision=decision)
        runtime.telemetry.retry(retrying)
        yield from sleep(decision.at)

    def _socket(self) -> RealtimeSocket:
        socket = self.driver.socket
        if not isinstance(socket, RealtimeSocket) or not self.driver.is_open():
            raise LocalProtocolError("session: is not open")
        return socket

    def _write(self) -> Operation[None]:
        self.driver.write()
        if self.driver.stream is not None:
            # A caller who sends more than the network takes has to wait here.
            yield from flush(self.driver.stream, None)

    def _look_for_end(self) -> Operation[None]:
        socket = self.driver.socket
        if socket is None:
            self.is_over = True
        elif socket.closed is not None:
            self.is_over = True
            ended = self.driver.ended
            is_polite = isinstance(ended, ConnectionClosed) and ended.close_code == 1000
            self.error = None if is_polite else ended
            yield from self.driver.drop()


# -- addresses and calls ------------------------------------------------------------------------


class CallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was created: the SDP answer and the id of the call."""

    sdp: str
    call_id: str


def session_url(runtime: Runtime, config: RealtimeSessionConfig) -> str:
    """Return the URL of a new session."""
    provider = runtime.provider
    return realtime_url(
        provider.base_url, config.version, model=config.model, params=provider.query_params
    )


def call_url(runtime: Runtime, version: RealtimeVersion, call_id: str, base_url: str | None) -> str:
    """Return the URL at which a call is joined."""
    provider = runtime.provider
    if base_url is not None:
        return sideband_url(base_url, version, call_id=call_id)
    params = provider.query_params
    return sideband_url(provider.base_url, version, call_id=call_id, params=params)


def create_call(
    runtime: Runtime,
    sdp: str,
    config: RealtimeSessionConfig | None,
    options: ResponsesOptions,
    *,
    avas: bool | None,
) -> Operation[CallAnswer]:
    """Send the offer of a call and return the answer of the server."""
    provider = runtime.provider
    call = call_request(
        sdp, config, base_url=provider.base_url, avas=avas, wire=provider.wire_version
    )
    version: RealtimeVersion = "v1" if config is None else config.version

    def build(auth: AuthProvider) -> HttpRequest:
        headers = _headers(runtime, version, options)
        fields = Headers([*headers, ("content-type", call.content_type)])
        url = provider.url_for(call.path, call.query)
        return auth.authorize(HttpRequest("POST", url, fields, call.body))

    answer, _ = yield from request_reply(
        runtime, "realtime call", build, _read_call, provider.request_timeout
    )
    return answer


def _read_call(response: HttpResponse, url: str) -> CallAnswer | CodexError:
    reply: CallReply = read_call_reply(response.headers, response.body)
    for part in (reply.sdp, reply.call_id):
        if isinstance(part, MalformedPart):
            return MalformedReply(
                f"The server's reply cannot be read: {part.field}: {part.reason}",
                status=response.status,
                url=url,
            )
    return CallAnswer(sdp=str(reply.sdp), call_id=str(reply.call_id))


def _headers(runtime: Runtime, version: RealtimeVersion, options: ResponsesOptions) -> Headers:
    provider, client = runtime.provider, runtime.client
    own = (("originator", client.originator), ("user-agent", client.user_agent))
    return handshake_headers(
        version,
        session_id=options.session,
        thread_id=options.thread,
        originator=client.originator,
        provider=provider.headers,
        extra=options.extra,
        defaults=[(name, value) for name, value in own if value is not None],
        wire=provider.wire_version,
    )
