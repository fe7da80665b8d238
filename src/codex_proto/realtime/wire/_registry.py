"""Every wire type of the realtime protocol: one row for each class that has one.

To add a type, add a class to a family file; its row is made from the class. Decoding, the docs and
the tests all read this one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

# Loaded so that their classes exist.
from codex_proto.realtime.wire import (  # noqa: F401
    _input,  # pyright: ignore[reportUnusedImport]
    _items,  # pyright: ignore[reportUnusedImport]
    _output,  # pyright: ignore[reportUnusedImport]
    _response,  # pyright: ignore[reportUnusedImport]
    _session,  # pyright: ignore[reportUnusedImport]
    _tools,  # pyright: ignore[reportUnusedImport]
    _translation,  # pyright: ignore[reportUnusedImport]
    _v1,  # pyright: ignore[reportUnusedImport]
)
from codex_proto.realtime.wire._base import RealtimeWireEvent
from codex_proto.realtime.wire._versions import RealtimeVersion

__all__ = ["ROWS", "RealtimeRow"]


class RealtimeRow(NamedTuple):
    """The facts about one wire type; `RealtimeWireEvent` describes them."""

    cls: type[RealtimeWireEvent]
    spec: str
    versions: tuple[RealtimeVersion, ...]

    @property
    def type(self) -> str:
        """The type as written in the JSON."""
        return str(self.cls.__struct_config__.tag)


def _concrete(base: type[RealtimeWireEvent]) -> Iterator[type[RealtimeWireEvent]]:
    """Yield the classes below a base that have a wire type.

    msgspec tags a base that names no type with the name of its class.
    """
    for cls in base.__subclasses__():
        if cls.__struct_config__.tag != cls.__name__:
            yield cls
        yield from _concrete(cls)


# Sorted by type, so that the order does not depend on the order of imports.
ROWS: Final[tuple[RealtimeRow, ...]] = tuple(
    sorted(
        (RealtimeRow(cls, cls.section, cls.versions) for cls in _concrete(RealtimeWireEvent)),
        key=lambda row: row.type,
    )
)

SCALAR_CLASSES: Final = frozenset(
    row.cls for row in ROWS if row.cls.__struct_config__.forbid_unknown_fields
)
"""The classes that refuse unknown members, and have no member of an open type."""
