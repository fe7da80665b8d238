"""The one table: a row per measurement, as text or as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.targets import Target
    from bench.timing import Ratio


@dataclass(frozen=True)
class Row:
    """One measurement.

    `unit` is that of the sides and the peers. `judged` is the value that the target limits, nearly
    always a ratio ("x"), and None when the peer it needs is not installed.
    """

    workload: str
    unit: str
    floor: float | None
    ours: float
    judged: Ratio | None
    judged_unit: str
    target: Target | None
    peers: Mapping[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.judged is None:
            return "not measured"
        if self.target is None:
            return "for information"
        return self.target.verdict(self.judged.median)


Align = Literal["<", ">"]
COLUMNS: tuple[tuple[str, Align], ...] = (
    ("workload", "<"),
    ("unit", "<"),
    ("floor", ">"),
    ("ours", ">"),
    ("ratio", ">"),
    ("rounds", ">"),
    ("must", ">"),
    ("reach", ">"),
    ("verdict", "<"),
)


def as_text(rows: Sequence[Row], peers: Mapping[str, bool]) -> str:
    """Return the table; `peers` is whether each peer is installed."""
    columns = [*COLUMNS, *((peer, ">") for peer in peers)]
    lines = [[name for name, _ in columns], *(_cells(row, peers) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    aligned = [
        "  ".join(
            f"{cell:{align}{width}}"
            for cell, width, (_, align) in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in lines
    ]
    aligned.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(aligned)


def as_plain(row: Row) -> dict[str, object]:
    """Return the row as values for JSON."""
    return asdict(row) | {"verdict": row.verdict}


def _cells(row: Row, peers: Mapping[str, bool]) -> list[str]:
    unit = row.judged_unit
    target = row.target
    return [
        row.workload,
        row.unit,
        "" if row.floor is None else _number(row.floor),
        _number(row.ours),
        _number(row.judged.median) + unit if row.judged else "-",
        f"{_number(row.judged.lowest)}..{_number(row.judged.highest)}" if row.judged else "-",
        target.bound(target.must, unit) if target else "",
        target.bound(target.reach, unit) if target else "",
        row.verdict,
        *(_peer(row, peer, installed) for peer, installed in peers.items()),
    ]


def _peer(row: Row, peer: str, installed: bool) -> str:
    if not installed:
        return "-"
    return _number(row.peers[peer]) if peer in row.peers else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 20 else f"{value:.2f}"
