"""The pages that are made of the classes are what is made, and leave nothing out."""

from __future__ import annotations

import pytest

from codex_proto import realtime, responses
from codex_proto.items import ITEM_CLASSES
from tools import events_doc, items_doc


@pytest.mark.parametrize("maker", [events_doc, items_doc], ids=lambda maker: maker.DOC.name)
def test_the_page_is_what_is_made(maker: object) -> None:
    page = maker.DOC.read_text("utf-8")  # type: ignore[attr-defined]
    assert page == maker.render(), "run: python -m tools.write"  # type: ignore[attr-defined]


def test_every_type_has_a_place() -> None:
    events = events_doc.DOC.read_text("utf-8")
    types = {row.type: row.cls for row in responses.ROWS}
    for wire_type, name in [
        *((type_, cls.__name__) for type_, cls in types.items()),
        *((row.type, row.cls.__name__) for row in realtime.ROWS),
    ]:
        assert f"### `{wire_type}`\n\n`{name}` (" in events
    items = items_doc.DOC.read_text("utf-8")
    for type_, cls in ITEM_CLASSES.items():
        assert f"### `{type_}`\n\n`{cls.__name__}` (" in items
