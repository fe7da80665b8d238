"""Feeds h11 so that limits hold however bytes are cut, and peer bytes never raise.

h11 checks its limit only when it runs out of bytes, so a head of a megabyte that arrives in one
piece would pass, and one that arrives in two would not. Here h11 receives what fits the limit, and
then one byte at a time.

`b""` means the end of input to h11, and has no effect here; only `receive_eof` reports the end.
"""

from __future__ import annotations

import itertools
from typing import Final, TypeAlias

import h11

from codex_proto.errors import CodexError, HeadersTooLarge, RemoteProtocolError

__all__ = ["H11Event", "H11Reader", "joined"]

H11Event: TypeAlias = (
    h11.Request | h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage
)
_Answer: TypeAlias = h11.InformationalResponse | h11.Response

_TOO_LONG: Final = 431
# h11 accepts any two digits as a version.
_VERSIONS: Final = frozenset({b"1.0", b"1.1"})
_IN_HEAD: Final = (h11.IDLE, h11.SEND_RESPONSE)
# A head begins with a visible character. h11 rejects other bytes only while the head is incomplete,
# so the first byte is checked before h11 sees it.
_FIRST_VISIBLE: Final = 0x21


class H11Reader:
    """Converts bytes to the events of h11, one message at a time.

    After the end of a message (or a 101) it pauses: bytes wait in `held` until `resume` after
    `start_next_cycle`, or until `take_rest`. `failure` is set when the peer breaks the rules;
    `status_hint` is the status that a server would answer with.
    """

    def __init__(self, connection: h11.Connection, max_header_size: int) -> None:
        self.failure: CodexError | None = None
        self.status_hint = 400
        self.is_paused = False
        self._connection = connection
        self._limit = max_header_size
        # An upper bound of the bytes inside h11 that have not become an event yet.
        self._unparsed = 0
        self._held = bytearray()

    @property
    def held(self) -> int:
        """How many bytes wait for the next message."""
        return len(self._held) + (self._unparsed if self.is_paused else 0)

    @property
    def is_idle(self) -> bool:
        """Whether no message has begun."""
        return not self._unparsed and not self._held

    def receive(self, data: bytes) -> list[H11Event]:
        """Take bytes; return the events up to the end of the message."""
        self._held += data
        return [] if self.is_paused else self._read()

    def resume(self) -> list[H11Event]:
        """Read the held bytes, after `start_next_cycle`."""
        self.is_paused = False
        return self._parse(is_start=True) + self._read()

    def receive_eof(self) -> list[H11Event]:
        """Report the end of input, which ends a body without a length."""
        if self.is_paused or self.failure is not None:
            return []
        self._connection.receive_data(b"")
        return self._parse()

    def take_rest(self) -> bytes:
        """Remove and return all bytes that belong to no message."""
        rest = self._connection.trailing_data[0] + bytes(self._held)
        self._held.clear()
        return rest

    def _read(self) -> list[H11Event]:
        events: list[H11Event] = []
        while self._held and not self.is_paused and self.failure is None:
            if not self._unparsed and self._refuse_start(self._held[0]):
                break
            size = max(1, self._limit - self._unparsed)
            part = bytes(self._held[:size])
            del self._held[:size]
            self._connection.receive_data(part)
            self._unparsed += len(part)
            events += self._parse()
        return events

    def _parse(self, *, is_start: bool = False) -> list[H11Event]:
        events: list[H11Event] = []
        while self.failure is None and not self.is_paused:
            if is_start:
                rest = self._connection.trailing_data[0]
                if rest and self._refuse_start(rest[0]):
                    break
            try:
                event = self._connection.next_event()
            except h11.RemoteProtocolError as error:
                self._fail(error)
                break
            if isinstance(event, _Answer) and event.http_version not in _VERSIONS:
                self._break("the version of its answer is neither 1.0 nor 1.1")
                break
            if isinstance(event, H11Event):
                events.append(event)
                self.is_paused = _ends_message(event)
                is_start = isinstance(event, h11.InformationalResponse)
            elif event is h11.PAUSED:
                self.is_paused = True
            else:  # NEED_DATA or ConnectionClosed
                break
        if events or self.is_paused:
            self._unparsed = len(self._connection.trailing_data[0])
        return events

    def _refuse_start(self, first: int) -> bool:
        if first >= _FIRST_VISIBLE or self._connection.their_state not in _IN_HEAD:
            return False
        self._break("its head does not begin with a visible character")
        return True

    def _fail(self, error: h11.RemoteProtocolError) -> None:
        self.status_hint = error.error_status_hint
        if self.status_hint == _TOO_LONG:
            self.failure = HeadersTooLarge(limit_name="max_header_size", limit=self._limit)
        else:
            # After the colon are bytes of the peer, as many as had arrived.
            self._break(str(error).partition(":")[0].partition(" (")[0])

    def _break(self, what: str) -> None:
        self.failure = RemoteProtocolError(f"The peer broke HTTP/1.1: {what}.")


def _ends_message(event: H11Event) -> bool:
    return isinstance(event, h11.EndOfMessage) or (
        isinstance(event, h11.InformationalResponse) and event.status_code == 101
    )


def joined(events: list[H11Event]) -> list[H11Event]:
    """Return the events with adjacent data joined: the boundaries of chunks mean nothing."""
    if len(events) < 2:
        return events
    whole: list[H11Event] = []
    for is_data, group in itertools.groupby(events, lambda event: isinstance(event, h11.Data)):
        if is_data:
            parts = (event.data for event in group if isinstance(event, h11.Data))
            whole.append(h11.Data(data=b"".join(parts)))
        else:
            whole += group
    return whole
