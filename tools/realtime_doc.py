"""Puts the conversation's tables into docs/realtime.md; `python tools/realtime_doc.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from codex_proto.realtime.conversation._tables import (
    EVENTS,
    HANDOFFS,
    RESPONSES,
    EventRow,
    Handoff,
    HandoffInput,
    ResponseInput,
    ResponsePhase,
)

__all__ = ["DOC", "render"]

DOC: Final = Path(__file__).resolve().parent.parent / "docs" / "realtime.md"
BEGIN: Final = "<!-- tables: python tools/realtime_doc.py -->\n"
END: Final = "<!-- end of tables -->\n"


def render(document: str) -> str:
    """Return the document with the tables as they are now."""
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n\n".join(
        "\n".join(lines) for lines in (_responses(), _handoffs("v2"), _handoffs("v1"), _events())
    )
    return f"{before}{BEGIN}\n{tables}\n\n{END}{after}"


def _table(title: str, head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"**{title}**", "", *(f"| {' | '.join(line)} |" for line in lines)]


def _responses() -> list[str]:
    rows: list[list[str]] = []
    for state in ResponsePhase:
        cells = [f"*{state.value}*"]
        for happened in ResponseInput:
            after, sends = RESPONSES[state][happened]
            cells.append(("send, " if sends else "") + f"*{after.value}*")
        rows.append(cells)
    head = ["a response is", *(happened.value for happened in ResponseInput)]
    return _table("Responses (version 2)", head, rows)


def _handoffs(version: str) -> list[str]:
    table = HANDOFFS["v1" if version == "v1" else "v2"]
    rows: list[list[str]] = []
    for state in Handoff:
        cells = [f"*{state.value}*"]
        for happened in HandoffInput:
            after, action = table[state][happened]
            cells.append(f"{action.value}, *{after.value}*")
        rows.append(cells)
    head = ["the handoff is", *(happened.value for happened in HandoffInput)]
    return _table(f"Handoffs (version {version[1:]})", head, rows)


def _events() -> list[str]:
    rows = [[f"`{cls.__name__}`", *_cells(row)] for cls, row in EVENTS.items()]
    head = ["event", "clock of the audio", "responses", "calls"]
    return _table("Events of the server (version 2; in version 1 only the handoff)", head, rows)


def _cells(row: EventRow) -> list[str]:
    return [
        row.clock.value if row.clock else "",
        row.response.value if row.response else "",
        "adopted, or answered" if row.is_call else "",
    ]


if __name__ == "__main__":
    DOC.write_text(render(DOC.read_text(encoding="utf-8")), encoding="utf-8")
