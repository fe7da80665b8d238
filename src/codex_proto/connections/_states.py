"""The states of a connection as a table: what may happen in each, and where it leads.

A table is the whole truth about who may do what when. Calls that it does not have in a state raise
before anything changes, docs/connections.md is made from it, and tests walk through it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from codex_proto.errors import LocalProtocolError

__all__ = ["Machine", "StateTable", "Transition"]

S = TypeVar("S", bound=enum.Enum)


class Transition(NamedTuple, Generic[S]):
    """One row of a table. `is_call`: the caller does it; otherwise it happens to the connection."""

    state: S
    trigger: str
    is_call: bool
    next: S


class StateTable(Generic[S]):
    """The table of one kind of connection.

    Args:
        name: what the connection is called in messages and in the docs.
        initial: the state of a new one.
        calls: of each state, the caller's calls that are legal there and where they lead.
        happenings: of each state, what may happen there by the peer or by the clock.
    """

    def __init__(
        self,
        name: str,
        initial: S,
        *,
        calls: Mapping[S, Mapping[str, S]],
        happenings: Mapping[S, Mapping[str, S]],
    ) -> None:
        self.name: Final = name
        self.initial: Final = initial
        self._calls: Final = calls
        self._happenings: Final = happenings

    def next_of_call(self, state: S, call: str) -> S:
        """Return where a call leads.

        Raises:
            LocalProtocolError: it is not legal in that state; the message names both.
        """
        legal = self.legal_calls(state)
        if call not in legal:
            allowed = f"there are {', '.join(legal)}" if legal else "there is none"
            raise LocalProtocolError(
                f"{call}: not in the state {state.name} of {self.name}; of such calls {allowed}"
            )
        return legal[call]

    def legal_calls(self, state: S) -> Mapping[str, S]:
        """Return the caller's calls that are legal in a state, and where they lead."""
        return self._calls.get(state, {})

    def next_of_happening(self, state: S, happening: str) -> S:
        """Return where a happening leads; the table has it, or it is a mistake in here."""
        return self._happenings[state][happening]

    def rows(self) -> list[Transition[S]]:
        """Return the table row by row, states in their order, calls first."""
        states: type[S] = type(self.initial)
        found: list[Transition[S]] = []
        for state in states:
            for table, is_call in ((self._calls, True), (self._happenings, False)):
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
        # Looked up when the state was reached: this is asked of each piece of a stream.
        if call not in self._legal:
            self._table.next_of_call(self.state, call)

    def call(self, call: str) -> None:
        """Go where the caller's call leads; `check` it before anything is changed."""
        self._go(self._table.next_of_call(self.state, call))

    def happen(self, happening: str) -> None:
        """Go where a happening leads."""
        self._go(self._table.next_of_happening(self.state, happening))

    def _go(self, state: S) -> None:
        self.state = state
        self._legal = self._table.legal_calls(state)
