"""The states of a connection as a table: what may happen in each, and where it leads.

Calls that the table does not list for a state raise before anything changes. docs/connections.md is
made from the tables, and tests walk through them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from codex_proto.errors import LocalProtocolError

__all__ = ["Machine", "StateTable", "Transition"]

S = TypeVar("S", bound=enum.Enum)


class Transition(NamedTuple, Generic[S]):
    """One row of a table. `is_call` is False where the peer or the clock is the cause."""

    state: S
    trigger: str
    is_call: bool
    next: S


class StateTable(Generic[S]):
    """The table of one kind of connection.

    Args:
        name: what the connection is called in messages and in the docs.
        initial: the state of a new one.
        calls: for each state, the caller's calls that are legal there and where they lead.
        occurrences: for each state, what the peer or the clock may cause there.
    """

    def __init__(
        self,
        name: str,
        initial: S,
        *,
        calls: Mapping[S, Mapping[str, S]],
        occurrences: Mapping[S, Mapping[str, S]],
    ) -> None:
        self.name: Final = name
        self.initial: Final = initial
        self._calls: Final = calls
        self._occurrences: Final = occurrences

    def next_of_call(self, state: S, call: str) -> S:
        """Return where a call leads.

        Raises:
            LocalProtocolError: it is not legal in that state; the message names both.
        """
        legal = self.legal_calls(state)
        if call not in legal:
            allowed = f"allowed there: {', '.join(legal)}" if legal else "no call is allowed there"
            raise LocalProtocolError(
                f"{call}: not allowed in the state {state.name} of {self.name}; {allowed}"
            )
        return legal[call]

    def legal_calls(self, state: S) -> Mapping[str, S]:
        """Return the caller's calls that are legal in a state, and where they lead."""
        return self._calls.get(state, {})

    def next_of_occurrence(self, state: S, occurrence: str) -> S:
        """Return where an occurrence leads; the table must have it."""
        return self._occurrences[state][occurrence]

    def rows(self) -> list[Transition[S]]:
        """Return the table row by row, states in their order, calls first."""
        states: type[S] = type(self.initial)
        found: list[Transition[S]] = []
        for state in states:
            for table, is_call in ((self._calls, True), (self._occurrences, False)):
                found += [
                    Transition(state, trigger, is_call, target)
                    for trigger, target in table.get(state, {}).items()
                ]
        return found


class Machine(Generic[S]):
    """Where one connection is in its table."""

    def __init__(self, table: StateTable[S]) -> None:
        self._table = table
        self.state: S = table.initial
        self._legal = table.legal_calls(table.initial)

    def check(self, call: str) -> None:
        """Raise `LocalProtocolError` unless the call is legal now."""
        # Looked up when the state was reached: this runs for each piece of a stream.
        if call not in self._legal:
            self._table.next_of_call(self.state, call)

    def call(self, call: str) -> None:
        """Enter the state that the caller's call leads to; `check` it before changing anything."""
        self._go(self._table.next_of_call(self.state, call))

    def happen(self, occurrence: str) -> None:
        """Enter the state that an occurrence leads to."""
        self._go(self._table.next_of_occurrence(self.state, occurrence))

    def _go(self, state: S) -> None:
        self.state = state
        self._legal = self._table.legal_calls(state)
