"""Two connections that talk in memory: simulated time, latency, and a network that breaks on cue.

It drives both ends by the contract and by nothing else: what it does is what a driver does. So a
test that passes with it says something about the driver's loop, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from codex_proto.connections import Connection
from codex_proto.testing._chunkers import Chunker, whole

__all__ = ["Cut", "Pair", "Side"]

# More than any test takes, with each byte on its own; and two ends that never stop are found soon.
_MAX_STEPS: Final = 200_000

BreakKind: TypeAlias = Literal["fin", "rst"]
# What a side does with an event of its own: answer it, most of the time.
EventHandler: TypeAlias = Callable[[Any, float], None]


@dataclass(frozen=True)
class Cut:
    """Where the network breaks: after so many bytes of one direction.

    `fin` ends the direction as if the sender had closed it, and the sender's transport is gone;
    `rst` breaks both directions, and what is on its way is lost.
    """

    after: int
    how: BreakKind = "fin"


@dataclass
class Side:
    """One end: its connection, what it has reported, and what is on its way to it.

    `latency` is seconds from the other end to this one; `chunker` cuts what arrives here; `cut`
    breaks what this end sends.
    """

    connection: Connection[Any]
    handler: EventHandler | None = None
    chunker: Chunker = whole
    latency: float = 0.0
    cut: Cut | None = None
    events: list[Any] = field(default_factory=list[Any])
    sent: bytearray = field(default_factory=bytearray)
    is_closed: bool = False
    """Whether its transport is: nothing goes out, nothing comes in."""
    has_finished: bool = False
    """Whether it has sent its last byte."""
    inbox: deque[tuple[float, bytes | None, bool]] = field(
        default_factory=deque[tuple[float, bytes | None, bool]]
    )
    """What is on its way to it: when, which bytes (None for the end), whether the end is clean."""

    @property
    def next_arrival(self) -> float | None:
        """When the next bytes arrive."""
        return self.inbox[0][0] if self.inbox and not self.is_closed else None


class Pair:
    """A client's and a server's connection, and the network between them.

    Start the ends yourself (`start` of both), give what they do with events as handlers, and
    `run`. Time passes only between arrivals and deadlines, and costs nothing.

    Args:
        client: the client's end.
        server: the server's end.
        now: the simulated time to begin with.
    """

    def __init__(
        self, client: Connection[Any] | Side, server: Connection[Any] | Side, *, now: float = 1000.0
    ) -> None:
        self.client = client if isinstance(client, Side) else Side(client)
        self.server = server if isinstance(server, Side) else Side(server)
        self.now = now

    def start(self) -> None:
        """Start both ends."""
        for side in (self.client, self.server):
            side.connection.start(self.now)
        self.flush()

    def flush(self) -> None:
        """Put on the wire what both ends have to send; after each call that you make yourself."""
        self._drain(self.client, self.server)
        self._drain(self.server, self.client)

    def step(self, until: float | None = None) -> bool:
        """Let the next thing happen, an arrival or a deadline; return whether there was one.

        `until` is the latest time that it may happen at.
        """
        self.flush()
        due = [
            (at, order, side, is_arrival)
            for side in (self.client, self.server)
            for order, is_arrival, at in (
                (0, True, side.next_arrival),
                (1, False, None if side.is_closed else side.connection.deadline()),
            )
            if at is not None
        ]
        if not due:
            return False
        at, _, side, is_arrival = min(due, key=lambda entry: (max(entry[0], self.now), entry[1]))
        if until is not None and at > until:
            return False
        self.now = max(self.now, at)
        if is_arrival:
            self._deliver(side)
        else:
            self._handle(side, side.connection.handle_timeout(self.now))
        self.flush()
        return True

    def run(self, *, until: float | None = None, max_steps: int = _MAX_STEPS) -> None:
        """Let things happen until nothing more does.

        Raises:
            AssertionError: after `max_steps` there is still something to do: a livelock.
        """
        for _ in range(max_steps):
            if not self.step(until):
                return
        raise AssertionError(f"still busy after {max_steps} steps")

    def finish(self, side: Side) -> None:
        """Close one end's sending direction (a half-close); it still receives."""
        if not side.has_finished:
            side.has_finished = True
            self._arrive(self._other(side), None, clean=True)

    def disconnect(self, side: Side) -> None:
        """Close one end's transport, without a word of its connection's."""
        self.flush()
        self.finish(side)
        side.is_closed = True

    # -- inside ---------------------------------------------------------------------------------

    def _other(self, side: Side) -> Side:
        return self.server if side is self.client else self.client

    def _deliver(self, side: Side) -> None:
        _, data, clean = side.inbox.popleft()
        if data is None:
            self._handle(side, side.connection.receive_eof(self.now, clean))
            if not clean:
                side.is_closed = True
        else:
            self._handle(side, side.connection.receive_data(data, self.now))

    def _handle(self, side: Side, events: list[Any]) -> None:
        for event in events:
            side.events.append(event)
            if side.handler is not None:
                side.handler(event, self.now)

    def _drain(self, side: Side, other: Side) -> None:
        data = side.connection.data_to_send()
        if side.is_closed or side.has_finished:
            return
        cut = side.cut
        is_cut = cut is not None and len(side.sent) + len(data) >= cut.after
        if cut is not None and is_cut:
            data = data[: cut.after - len(side.sent)]
        side.sent += data
        for chunk in other.chunker(data) if data else ():
            self._arrive(other, chunk, clean=True)
        if cut is not None and is_cut:
            self._break(side, other, cut.how)
        elif side.connection.must_close and not side.connection.bytes_pending:
            self.finish(side)
            side.is_closed = True

    def _break(self, side: Side, other: Side, how: BreakKind) -> None:
        self.finish(side) if how == "fin" else self._arrive(other, None, clean=False)
        side.has_finished = True
        if how == "rst":
            other.has_finished = True
        # The sender finds out when it next looks.
        side.inbox.clear()
        side.inbox.append((self.now, None, False))

    def _arrive(self, side: Side, data: bytes | None, *, clean: bool) -> None:
        if not any(data is None for _, data, _ in side.inbox):
            side.inbox.append((self.now + side.latency, data, clean))
