"""Puts the tables of states into docs/connections.md: run this file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from codex_proto.connections import EXCHANGE_STATES
from codex_proto.connections._states import StateTable
from codex_proto.connections.http1._states import HTTP1_CLIENT_STATES
from codex_proto.connections.serving._http1_server_states import HTTP1_SERVER_STATES
from codex_proto.connections.websocket._states import WEBSOCKET_STATES

__all__ = ["DOC", "TABLES", "arrows", "render"]

DOC: Final = Path(__file__).resolve().parent.parent / "docs" / "connections.md"
TABLES: Final[tuple[StateTable[Any], ...]] = (
    HTTP1_CLIENT_STATES,
    HTTP1_SERVER_STATES,
    WEBSOCKET_STATES,
    EXCHANGE_STATES,
)


def render(table: StateTable[Any]) -> str:
    """Return a diagram, a table of the states, and a table of what leads where."""
    states = [f"| `{state.name}` | {state.value} |" for state in type(table.initial)]
    rows = table.rows()
    return "\n".join(
        [
            f"<!-- states: {table.name} -->",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {table.initial.name}",
            *arrows(table),
            "```",
            "",
            "| state | meaning |",
            "|---|---|",
            *states,
            "",
            "| in the state | the caller | leads to |",
            "|---|---|---|",
            *(_row(row) for row in rows if row.is_call),
            "",
            "| in the state | what happens | leads to |",
            "|---|---|---|",
            *(_row(row) for row in rows if not row.is_call),
            "",
            "<!-- end -->",
        ]
    )


def arrows(table: StateTable[Any]) -> list[str]:
    """One arrow for all that leads from one state to another; what leads nowhere has none."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in table.rows():
        if row.next is not row.state:
            found.setdefault((row.state.name, row.next.name), []).append(row.trigger)
    return [f"    {a} --> {b}: {', '.join(what)}" for (a, b), what in found.items()]


def _row(row: Any) -> str:
    stays = row.next is row.state
    return (
        f"| `{row.state.name}` | {row.trigger} | {'(stays)' if stays else f'`{row.next.name}`'} |"
    )


def update(text: str) -> str:
    """Return the document with the tables as they are now."""
    for table in TABLES:
        pattern = rf"<!-- states: {table.name} -->.*?<!-- end -->"
        text = re.sub(pattern, lambda _, table=table: render(table), text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    DOC.write_text(update(DOC.read_text("utf-8")), encoding="utf-8")
