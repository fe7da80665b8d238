"""What all connections have in common, as a type: drive one, and you can drive them all.

The contract in one sentence: mutate with `now`, then drain `data_to_send()`, then arm `deadline()`.

Source: docs/architecture.md, "Connections".
"""

from __future__ import annotations

from typing import Protocol, TypeVar

__all__ = ["Connection"]

E = TypeVar("E")


class Connection(Protocol[E]):
    """One end of a conversation, fed with bytes and a clock.

    `now` is always monotonic seconds, from whatever clock the caller likes. After each call that
    takes it: write what `data_to_send()` gives, and wait for bytes or for `deadline()`, whichever
    comes first. Go on until `must_close`, or until you have what you came for.

    No bytes of the peer's raise. What the caller does wrong raises `LocalProtocolError`, which
    names the argument or the state, and changes nothing.
    """

    def start(self, now: float) -> None:
        """Report that the transport is connected (TLS included); the first bytes may be written."""
        ...

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> list[E]:
        """Take bytes of the peer's, however they are cut; `b""` says nothing."""
        ...

    def receive_eof(self, now: float, clean: bool = True) -> list[E]:
        """Report that the peer sends no more: cleanly (FIN), or not (RST, any other error)."""
        ...

    def handle_timeout(self, now: float) -> list[E]:
        """Report that it is `now`; does nothing before `deadline()`."""
        ...

    def data_to_send(self) -> bytes:
        """Return the bytes to write next, each once; `b""` when there are none."""
        ...

    @property
    def bytes_pending(self) -> int:
        """How many bytes wait for `data_to_send()`."""
        ...

    def deadline(self) -> float | None:
        """When to call `handle_timeout` if nothing else happens; None for never.

        A time that has passed asks for the call at once.
        """
        ...

    @property
    def must_close(self) -> bool:
        """Whether to close the transport once all is written: nothing more can come of it."""
        ...

    @property
    def trailing_data(self) -> bytes:
        """What the peer sent after its last word here (the first `TRAILING_KEPT` bytes of it)."""
        ...

    @property
    def trailing_size(self) -> int:
        """How many such bytes there were, those not kept included."""
        ...

    def close(self, now: float) -> list[E]:
        """End it from this side; what was under way gets its outcome."""
        ...
