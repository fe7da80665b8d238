"""An item as upstream has it after reading: the projection that the codex view passes on.

Decoding keeps more than upstream does: parts it drops the item for, members it does not have,
values it does not know. This takes all that away again, by the table of `_policies`.

Source: wire.md 3.1 to 3.4.
"""

from __future__ import annotations

from typing import Any, Final

from codex_proto._wire import MalformedPart, UnknownPart
from codex_proto.items._control import Compaction, CompactionSummary
from codex_proto.items._decoding import Item, KnownItem
from codex_proto.items._policies import POLICIES
from codex_proto.items._unknown import UnknownItem
from codex_proto.versions import DropsRecord, PolicyReader, WireVersion

__all__ = ["OTHER", "codex_item"]

OTHER: Final = UnknownItem("other", b'{"type":"other"}')
"""What upstream makes of any item of a type that it does not know."""

_read: Final = PolicyReader(POLICIES, UnknownPart("other", b'{"type":"other"}')).read


def codex_item(
    item: Item, version: WireVersion = WireVersion.V2026_08
) -> KnownItem | UnknownItem | None:
    """The item as upstream reads it; None where upstream cannot and drops it.

    The result is of the same class, with the members that upstream has and no others; null and
    absent are one. A type that upstream does not know becomes `OTHER`.
    """
    if isinstance(item, MalformedPart):
        return None
    if isinstance(item, UnknownItem):
        return OTHER
    if any(note.field == "type" for note in item.notes):
        return None
    try:
        members = _read(item, version)
    except DropsRecord:
        return None
    if members is None:
        return OTHER
    cls: Any = Compaction if isinstance(item, CompactionSummary) else type(item)
    known: KnownItem = cls(**members)
    return known
