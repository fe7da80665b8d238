"""`codex-proto demo`: bundled recordings of real streams, decoded as a network would cut them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.resources import files
from itertools import cycle
from pathlib import Path

from rich.rule import Rule
from rich.text import Text

from codex_proto_io.cli.feeds import ResponsesFeed
from codex_proto_io.cli.output import Output
from codex_proto_io.cli.pretty import PrettyView
from codex_proto_io.cli.screen import Screen

__all__ = ["demo"]

_RECORDINGS = (
    ("text_answer.sse", "A question, some reasoning, an answer"),
    ("function_call.sse", "The model calls a function"),
    ("rate_limited.sse", "The request is refused in mid-stream"),
)
# Sizes as they come off a socket: a burst, a straggler, an event cut in the middle.
_CUTS = (1369, 41, 613, 1, 1369, 287, 1024)
_NEXT = """\
These came from the real API. Try next: one of them as JSON lines for other
programs, or a recording of your own in its place.

"""


def demo() -> int:
    """Decode every recording and show what comes out."""
    output = Output()
    screen = Screen(output)
    folder = files("codex_proto_io") / "recordings"
    for name, title in _RECORDINGS:
        recording = folder / name
        body = recording.read_bytes()
        screen.print(Rule(Text(f"{title}  ({name})", "bold"), align="left", style="dim"))
        feed = ResponsesFeed("full", None)
        view = PrettyView(output, feed)
        chunks = 0
        for chunk in _as_received(body):
            view.show(feed.receive_data(chunk))
            chunks += 1
        view.show(feed.receive_eof())
        view.summarise(f"in {chunks} chunks")
        screen.blank_line()
        output.flush()
        if output.closed:
            return 0
    example = folder / _RECORDINGS[1][0]
    where = shlex.quote(str(example)) if isinstance(example, Path) else "FILE"
    # Not laid out: a command that is to be copied must not be broken over lines.
    output.write_text(_NEXT + f"  codex-proto decode --protocol responses --format jsonl {where}\n")
    output.flush()
    return 0


def _as_received(body: bytes) -> Iterator[bytes]:
    start = 0
    for size in cycle(_CUTS):
        if start >= len(body):
            return
        yield body[start : start + size]
        start += size
