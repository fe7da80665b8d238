"""The tables of states: complete in themselves, and the same as what docs/connections.md shows."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto.connections._states import Machine, StateTable
from codex_proto.errors import LocalProtocolError
from tools.connections_doc import DOC, TABLES, render

if TYPE_CHECKING:
    from codex_proto.connections._states import Transition


def states_of(table: StateTable[Any]) -> list[Any]:
    states: Any = type(table.initial)
    return list(states)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_is_reached_and_leads_somewhere_or_is_the_end(table: StateTable[Any]) -> None:
    rows: list[Transition[Any]] = table.rows()
    reached = {table.initial}
    for _ in rows:
        reached |= {row.next for row in rows if row.state in reached}
    assert reached == set(states_of(table))
    for state in states_of(table):
        leads = {row.next for row in rows if row.state is state} - {state}
        # The end is marked by its meaning: there is nothing left to do but close.
        assert leads or state.name in {"CLOSED", "DONE", "UPGRADED"}, state
        assert isinstance(state.value, str)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_calls_that_a_state_does_not_have_raise_and_stay(table: StateTable[Any]) -> None:
    rows = table.rows()
    calls = {row.trigger for row in rows if row.is_call}
    for state in states_of(table):
        legal = {row.trigger for row in rows if row.is_call and row.state is state}
        for call in calls:
            machine = Machine(table)
            machine.state = state
            if call in legal:
                machine.check(call)
                assert machine.state is state
                continue
            with pytest.raises(LocalProtocolError) as raised:
                machine.call(call)
            assert call in raised.value.message
            assert state.name in raised.value.message
            assert table.name in raised.value.message
            assert machine.state is state


def test_what_a_table_does_not_have_is_a_mistake_in_here() -> None:
    class Only(enum.Enum):
        ONE = "one"

    table = StateTable("Thing", Only.ONE, calls={}, occurrences={})
    with pytest.raises(KeyError):
        Machine(table).happen("surprise")
    with pytest.raises(LocalProtocolError, match="no call is allowed there"):
        Machine(table).call("anything")


def test_the_documentation_shows_the_tables() -> None:
    text = DOC.read_text("utf-8")
    for table in TABLES:
        assert render(table) in text, "docs: run python tools/connections_doc.py"
