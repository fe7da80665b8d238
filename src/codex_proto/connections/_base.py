"""What all connections share: a state, deadlines, bytes to write, and trailing data.

Source: docs/architecture.md, "Connections".
"""

from __future__ import annotations

import enum
from typing import Generic, TypeVar

from codex_proto._input import as_bytes
from codex_proto.connections._outgoing import OutgoingBuffer
from codex_proto.connections._states import Machine, StateTable
from codex_proto.connections._timers import Timers
from codex_proto.connections._trailing import TrailingData
from codex_proto.errors import LocalProtocolError

__all__ = ["ConnectionBase"]

S = TypeVar("S", bound=enum.Enum)


class ConnectionBase(Generic[S]):
    """The part of the contract that is the same for all connections."""

    def __init__(self, table: StateTable[S], max_pending: int) -> None:
        self._machine = Machine(table)
        self._timers = Timers()
        self._out = OutgoingBuffer(max_pending)
        self._trailing = TrailingData()
        self._eof = False

    @property
    def state(self) -> S:
        """Where the connection is; docs/connections.md has the table."""
        return self._machine.state

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        return len(self._out)

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when nothing is waiting."""
        return self._out.take()

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens (monotonic seconds), or None."""
        return self._timers.next()

    @property
    def trailing_data(self) -> bytes:
        """The first `TRAILING_KEPT` bytes of what the peer sent after its last message here."""
        return self._trailing.data

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were."""
        return self._trailing.size

    @property
    def trailing(self) -> TrailingData:
        """The trailing data, for a connection that is built on this one."""
        return self._trailing

    def _call(self, call: str, now: float) -> None:
        """Check that a call is legal now and that `now` is a time, and set the clock."""
        self._machine.check(call)
        self._timers.tick(now)

    def _incoming(self, data: bytes | bytearray | memoryview, now: float) -> bytes:
        """Check a call of `receive_data`, set the clock, and return the data as bytes."""
        self._machine.check("receive_data")
        chunk = as_bytes("data", data)
        if self._eof:
            raise LocalProtocolError("receive_data: called after receive_eof")
        self._timers.tick(now)
        return chunk
