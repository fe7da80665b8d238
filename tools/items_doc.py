"""Makes docs/items.md from the item classes: `python -m tools.items_doc`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codex_proto import items
from codex_proto._wire import Noted
from codex_proto.items import ITEM_CLASSES, ResponseItem
from codex_proto.items._policies import POLICIES
from codex_proto.versions import WireVersion
from tools.classes import members, summary
from tools.faces import ROOT

if TYPE_CHECKING:
    from msgspec import Struct

__all__ = ["DOC", "render"]

DOC: Final = ROOT / "docs" / "items.md"

_HEAD: Final = """# Items

Made from the classes by `python -m tools.items_doc`; a test compares them.

An item is a message, a call, its output, reasoning, or what else an input or output consists of. The
decoder chooses the class by the item's `type`. What is not known is an `UnknownItem(type, raw)` or an
`UnknownPart(type, raw)`, what upstream could not read either is a `MalformedPart`. "Sent by" names the
versions of Codex that send the type, with the members of the table in `items/_policies.py`; for other
versions, and for types that Codex does not know, an item goes out with all that it holds.

Every item may have `id`, `status`, `created_by`, `agent`, `metadata` and
`internal_chat_message_metadata_passthrough` (attribute `passthrough`).
"""


def render() -> str:
    """Return the whole page."""
    parts = [_HEAD, "## Items", ""]
    for type_, cls in ITEM_CLASSES.items():
        parts += [f"### `{type_}`", "", f"`{cls.__name__}` ({_sent_by(cls)}). {summary(cls)}", ""]
        table = members(cls, ResponseItem.__struct_fields__)
        parts += [*table, ""] if table else []
    parts += ["## Parts", "", "What items are made of.", ""]
    for part in _parts():
        tag = part.__struct_config__.tag
        parts += [f"### `{part.__name__}`", ""]
        parts += [f"{f'Type `{tag}`. ' if tag else ''}{summary(part)}", ""]
        table = members(part)
        parts += [*table, ""] if table else []
    return "\n".join(parts).rstrip() + "\n"


def _sent_by(cls: type[Struct]) -> str:
    policy = POLICIES.get(cls)
    versions = [each.value for each in WireVersion if policy and each in policy.known]
    return f"sent by {' and '.join(versions)}" if versions else "not sent by Codex"


def _parts() -> list[type[Struct]]:
    exported = [getattr(items, name) for name in vars(items)["__all__"]]
    return [
        each
        for each in exported
        if isinstance(each, type) and issubclass(each, Noted) and not issubclass(each, ResponseItem)
    ]


if __name__ == "__main__":
    DOC.write_text(render(), encoding="utf-8")
