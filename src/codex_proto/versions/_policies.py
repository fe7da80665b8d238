"""What a table of field policies is made of: which version reads and sends which member, and how.

A row (`Policy`) is a class of records, its members (`Member`) are in the order they are sent in. A
table of rows is data: `PolicyReader` and `PolicyWriter` walk it, and neither asks which version it
walks for. A new version is a new set of versions in the rows that differ.

Source: wire.md 0, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from codex_proto.versions._wire_version import WireVersion

__all__ = [
    "EVERY_VERSION",
    "MAY",
    "NO_VERSION",
    "SINCE_AUGUST",
    "Member",
    "Policy",
    "Versions",
    "in_versions",
]

Versions = frozenset[WireVersion]

EVERY_VERSION: Final[Versions] = frozenset(WireVersion)
NO_VERSION: Final[Versions] = frozenset()
MAY: Final[Versions] = frozenset({WireVersion.V2026_05})
SINCE_AUGUST: Final[Versions] = EVERY_VERSION - MAY

ByVersion = Mapping[WireVersion, Any]


def in_versions(versions: Iterable[WireVersion], value: Any) -> dict[WireVersion, Any]:
    """Return a value for some versions, as `when_absent` and `default` take it."""
    return dict.fromkeys(versions, value)


class Member(Struct, frozen=True):
    """What becomes of one member of a record."""

    name: str
    """The attribute; its name on the wire is the class's business."""
    may_be_null: bool = False
    """Whether null is a value like any other (JSON of any kind); otherwise it is no value."""

    read: Versions = EVERY_VERSION
    """The versions that know the member."""
    required: Versions = NO_VERSION
    """The versions that drop the record when the member has no value."""
    default: ByVersion = {}
    """What a version takes for a missing member, which must not be null then."""
    is_read: Callable[[Any], bool] | None = None
    """Whether upstream takes a value (else it drops the record); `None` where it takes all."""
    parts: tuple[type[Struct], ...] = ()
    """The records that upstream takes here, in a list or alone."""
    may_be_text: bool = False
    """Whether text may stand instead of the list."""
    unknown_parts: bool = False
    """Whether a part of an unknown type is taken, as `{"type": "other"}`."""

    written: Versions = EVERY_VERSION
    """The versions that send it."""
    first_party: bool = False
    """Whether only OpenAI's own servers are sent it."""
    when_absent: ByVersion = {}
    """What a version sends instead of no value; for the others the key is left out."""
    is_sent: Callable[[Any], bool] | None = None
    """Whether a value is sent; `None` where all are."""
    sent_as: Callable[[Any], Any] | None = None
    """What is sent for a value; `None` where it goes out as it is."""


class Policy(Struct, frozen=True):
    """How the versions of the protocol read and write one class of records."""

    members: tuple[Member, ...]
    known: Versions = EVERY_VERSION
    """The versions that know the type; for the others it is a type like any unknown one."""
    written_as: str | None = None
    """The type that is written, where it is not the class's own."""
    azure_id: Versions = NO_VERSION
    """The versions that put the id at the end for Azure (wire.md 4.4)."""
