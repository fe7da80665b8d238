"""The interface that all connections share, as a type.

The contract in one sentence: mutate with `now`, then drain `data_to_send()`, then arm `deadline()`.

Source: docs/architecture.md, "Connections".
"""

from __future__ import annotations

from typing import Protocol, TypeVar

__all__ = ["Connection"]

E = TypeVar("E")


class Connection(Protocol[E]):
    """One end of a connection, fed with bytes and the time.

    `now` is always monotonic seconds, from any clock. After each call that takes
    it: write what `data_to_send()` returns, and wait for bytes or for `deadline()`, whichever
    comes first. Go on until `must_close`, or until you have the result.

    Bytes from the peer never raise. A mistake of the caller raises `LocalProtocolError`, which
    names the argument or the state, and changes nothing.
    """

    def start(self, now: float) -> None:
        """Report that the transport is connected (TLS included); the first bytes may be written."""
        ...

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[E]:
        """Take bytes from the peer, in pieces of any size; `b""` has no effect."""
        ...

    def receive_eof(self, now: float, clean: bool = True) -> list[E]:
        """Report that the peer sends no more: cleanly (FIN), or not (RST, any other error)."""
        ...

    def handle_timeout(self, now: float) -> list[E]:
        """Report that it is `now`; does nothing before `deadline()`."""
        ...

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when nothing is waiting."""
        ...

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        ...

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens; None means never.

        A time in the past means at once.
        """
        ...

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written: it is of no further use."""
        ...

    @property
    def trailing_data(self) -> bytes:
        """The first `TRAILING_KEPT` bytes of what the peer sent after its last message here."""
        ...

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were, those not kept included."""
        ...

    def close(self, now: float) -> list[E]:
        """Close it from this side; whatever is in progress gets its outcome."""
        ...
