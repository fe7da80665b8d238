"""One streamed response over HTTP: request out, events in, exactly one outcome.

Source: wire.md 1.3, 1.9 and 7.3; docs/architecture.md, "Outcome" and "Connections".
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, cast

from codex_proto._wire import DEFAULT_MAX_DEPTH
from codex_proto.connections._options import DEFAULT_IDLE
from codex_proto.connections._timers import check_duration
from codex_proto.connections.exchanges._exchange import HttpExchange
from codex_proto.connections.http1 import Http1Connection, ResponseHead
from codex_proto.errors import CodexError, ConnectionFailed, IdleTimeout, LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.responses.stream import (
    CodexView,
    DerivedEvent,
    Outcome,
    Profile,
    ResponseEvent,
    ResponsesDecoder,
    StreamFailed,
)
from codex_proto.responses.wire import Completed
from codex_proto.sse import DEFAULT_MAX_EVENT_SIZE, DEFAULT_MAX_LINE_SIZE

__all__ = ["IdleOn", "ResponsesExchange"]

# What shows that a stream is alive: an event, an event or a comment, or any byte of it.
IdleOn: TypeAlias = Literal["events", "comments", "bytes"]

_IDLE_ON: Final = ("events", "comments", "bytes")


class ResponsesExchange(HttpExchange[ResponseEvent]):
    """Sends one request for a response, and decodes its stream (docs/connections.md).

    Call `start`, write `data_to_send()`, feed `receive_data` until `outcome`; go on until
    `is_done` if the connection is to be used again. An error response is reported as `StreamFailed`
    with the error of its status and body, and so is any failure of the connection.

    Args:
        connection: one that is new, being connected, or idle.
        request: what to send.
        profile: `full` or `codex`, as of `ResponsesDecoder`.
        idle_timeout: seconds that the stream may be silent after its head; None sets no limit.
        idle_on: what ends the silence; upstream uses `events`. The connection's own
            `timeouts.idle` counts bytes, and applies as well.
        max_event_size: bytes of one event.
        max_line_size: bytes of one line.
        max_depth: levels of nesting that are read in one event.
        keep_raw: whether `raw_data` returns the bytes of the stream, for a relay. Take them
            regularly, or set the attribute `keep_raw` to False.
        drain: seconds to read on for the end of the body after the outcome.
    """

    def __init__(
        self,
        connection: Http1Connection,
        request: HttpRequest,
        *,
        profile: Profile = "full",
        idle_timeout: float | None = DEFAULT_IDLE,
        idle_on: IdleOn = "events",
        max_event_size: int = DEFAULT_MAX_EVENT_SIZE,
        max_line_size: int = DEFAULT_MAX_LINE_SIZE,
        max_depth: int = DEFAULT_MAX_DEPTH,
        keep_raw: bool = False,
        drain: float | None = 1.0,
    ) -> None:
        super().__init__(connection, request, drain=drain)
        check_duration("idle_timeout", idle_timeout)
        if idle_on not in _IDLE_ON:
            raise LocalProtocolError(f"idle_on: must be one of {_IDLE_ON}, not {idle_on!r}")
        if profile not in ("full", "codex"):
            raise LocalProtocolError(f"profile: must be 'full' or 'codex', not {profile!r}")
        self._idle_timeout = idle_timeout
        self._idle_on = idle_on
        # Events that the view leaves out also end the silence, so the view is applied last.
        self._view = CodexView() if profile == "codex" else None
        self._decoder = ResponsesDecoder(
            ends_as=profile,
            max_event_size=max_event_size,
            max_line_size=max_line_size,
            max_depth=max_depth,
        )
        self._comments = 0
        self._keepalives = 0
        self.keep_raw = keep_raw
        self._raw: list[bytes] = []
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome | None:
        """How the response ended: `Completed` or `StreamFailed`; None while it is open."""
        return self._outcome

    @property
    def _has_outcome(self) -> bool:
        return self._outcome is not None

    @property
    def turn_state(self) -> str | None:
        """The turn state that the next request of the turn sends; None if the server sent none."""
        return self._decoder.turn_state

    @property
    def request_id(self) -> str | None:
        """The request id in the headers of the answer, or None."""
        return self._decoder.request_id

    def raw_data(self) -> bytes:
        """Return the bytes of the stream since the last call, decompressed; needs `keep_raw`."""
        raw, self._raw = self._raw, []
        return b"".join(raw)

    def _on_success(self, head: ResponseHead) -> list[ResponseEvent]:
        self._arm_idle()
        derived = self._decoder.receive_headers(head.headers)
        if self._view is not None:
            return self._view.receive_header_events(cast("list[DerivedEvent]", derived))
        return derived

    def _on_body(self, data: bytes) -> list[ResponseEvent]:
        if self.keep_raw:
            self._raw.append(data)
        events = self._decoder.receive_data(data)
        is_alive = self._idle_on == "bytes" or bool(events)
        if self._has_new_keepalive() or self._has_new_comment() or is_alive:
            self._arm_idle()
        return self._seen(events)

    def _on_end(self) -> list[ResponseEvent]:
        return self._seen(self._decoder.receive_eof())

    def _on_broken(self, error: CodexError) -> list[ResponseEvent]:
        if isinstance(error, ConnectionFailed):
            # Treated like any other end that comes too early: the error depends on what was seen.
            return self._on_end()
        return self._on_error(error)

    def _on_error(self, error: CodexError) -> list[ResponseEvent]:
        return self._seen(self._decoder.receive_error(error))

    def _on_timeout(self, name: str) -> list[ResponseEvent]:
        if name != "silence":
            return super()._on_timeout(name)
        error = IdleTimeout(f"The stream was silent for {self._idle_timeout} seconds.")
        return self._on_error(error)

    def _arm_idle(self) -> None:
        self._timers.arm("silence", self._idle_timeout)

    def _has_new_keepalive(self) -> bool:
        """Whether an event came that says nothing, and so is not handed out."""
        before, self._keepalives = self._keepalives, self._decoder.keepalives
        return self._keepalives > before

    def _has_new_comment(self) -> bool:
        if self._idle_on != "comments":
            return False
        before, self._comments = self._comments, self._decoder.comments_received
        return self._comments > before

    def _seen(self, events: list[ResponseEvent]) -> list[ResponseEvent]:
        if self._view is None:
            self._outcome = self._decoder.outcome
            return events
        seen = self._view.receive_events(events)
        # Where only the view has an outcome the decoder goes on, and its later events are dropped.
        for place, event in enumerate(seen, 1):
            if isinstance(event, Completed | StreamFailed):
                self._outcome = event
                return seen[:place]
        return seen
