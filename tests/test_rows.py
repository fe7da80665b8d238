"""One row is one class: what is registered is exported, and a class more is found everywhere."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from codex_proto import errors, items, realtime, requests, responses
from codex_proto.errors import CodexError
from codex_proto.items import ITEM_CLASSES
from codex_proto.requests._policies import POLICIES as REQUEST_POLICIES
from tests.paths import ROOT


def _tree(cls: type[CodexError]) -> list[type[CodexError]]:
    return [cls, *(each for below in cls.__subclasses__() for each in _tree(below))]


REGISTERED: list[tuple[Any, type]] = [
    *((responses, row.cls) for row in responses.ROWS),
    *((realtime, row.cls) for row in realtime.ROWS),
    *((items, cls) for cls in ITEM_CLASSES.values()),
    *((requests, cls) for cls in REQUEST_POLICIES),
    *(
        (errors, cls)
        for cls in _tree(CodexError)
        if cls.__module__.startswith("codex_proto.errors")
    ),
]


@pytest.mark.parametrize(
    ("room", "cls"), REGISTERED, ids=[f"{r.__name__}-{c.__name__}" for r, c in REGISTERED]
)
def test_what_is_registered_is_exported(room: Any, cls: type) -> None:
    assert cls.__name__ in room.__all__
    assert getattr(room, cls.__name__) is cls
    assert cls.__doc__


ONE_MORE_EVENT = """
from codex_proto._wire import Opt
from codex_proto.responses.wire._base import WireEvent


class PoemAdded(WireEvent, frozen=True, kw_only=True, gc=False, tag="response.poem.added"):
    "The model wrote a poem."

    codex_name = None
    section = "nowhere"

    lines: tuple[str, ...]


from codex_proto import ResponsesDecoder, decode_response_event, encode_response_event
from codex_proto.responses import ROWS

(row,) = [row for row in ROWS if row.cls is PoemAdded]
assert (row.type, row.is_output, row.codex, row.spec) == (
    "response.poem.added", True, None, "nowhere"
)
message = '{"type":"response.poem.added","lines":["a","b"]}'
event = decode_response_event(message)
assert event == PoemAdded(lines=("a", "b")), event
assert encode_response_event(event) == message.encode()
assert ResponsesDecoder().receive_data(f"data: {message}\\n\\n".encode()) == [event]
assert ResponsesDecoder("codex").receive_data(f"data: {message}\\n\\n".encode()) == []

from tools import events_doc

heading = "### `response.poem.added`\\n\\n`PoemAdded` (output; source: nowhere)."
assert heading in events_doc.render()

from tests.properties import strategies

assert "response.poem.added" in strategies._TYPES
print("found everywhere")
"""


def test_a_class_more_is_found_everywhere() -> None:
    run = subprocess.run(
        [sys.executable, "-c", ONE_MORE_EVENT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "found everywhere\n", run.stderr
