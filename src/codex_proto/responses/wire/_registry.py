"""Every wire type of the Responses protocol: one row for each class that has one.

To add a type is to add a class to a family file; its row is made of the class. Decoding, the
stream states, the docs and the tests all read this one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

# Loaded so that their classes exist.
from codex_proto.responses.wire import (  # noqa: F401
    _hosted,  # pyright: ignore[reportUnusedImport]
    _items,  # pyright: ignore[reportUnusedImport]
    _lifecycle,  # pyright: ignore[reportUnusedImport]
    _reasoning,  # pyright: ignore[reportUnusedImport]
    _service,  # pyright: ignore[reportUnusedImport]
    _text,  # pyright: ignore[reportUnusedImport]
    _tools,  # pyright: ignore[reportUnusedImport]
)
from codex_proto.responses.wire._base import WireEvent

__all__ = ["ROWS", "Row"]


class Row(NamedTuple):
    """What is known of one wire type; `WireEvent` says what the facts mean."""

    cls: type[WireEvent]
    spec: str
    is_output: bool
    codex: str | None = None

    @property
    def type(self) -> str:
        """The type as it stands in the JSON."""
        return str(self.cls.__struct_config__.tag)

    @property
    def is_delta(self) -> bool:
        """Whether it is a piece of something larger."""
        return self.type.endswith(".delta")


def _concrete(base: type[WireEvent]) -> Iterator[type[WireEvent]]:
    """Yield the classes below a base that have a wire type.

    msgspec tags a base that names no type with the name of its class.
    """
    for cls in base.__subclasses__():
        if cls.__struct_config__.tag != cls.__name__:
            yield cls
        yield from _concrete(cls)


# By type: the order in which modules happen to be imported is not to show.
ROWS: Final[tuple[Row, ...]] = tuple(
    sorted(
        (Row(cls, cls.section, cls.is_output, cls.codex_name) for cls in _concrete(WireEvent)),
        key=lambda row: row.type,
    )
)
