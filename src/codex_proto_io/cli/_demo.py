"""`codex-proto demo`: a server and a client on this machine, and recordings of real streams."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.resources import files
from itertools import cycle
from pathlib import Path

from rich.rule import Rule
from rich.text import Text

from codex_proto_io.cli._demo_conversation import DemoConversation
from codex_proto_io.cli._demo_live import show_live
from codex_proto_io.cli._event_view import EventView
from codex_proto_io.cli._feeds import Feed, ResponsesFeed
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._pretty import PrettyView
from codex_proto_io.cli._realtime_feed import RealtimeFeed
from codex_proto_io.cli._realtime_pretty import DialogueView
from codex_proto_io.cli._screen import Screen

__all__ = ["demo"]

_RECORDINGS = (
    ("function_call.sse", "The model calls a function"),
    ("rate_limited.sse", "The request is refused in mid-stream"),
)
_FOLDER = files("codex_proto_io") / "recordings"
# Sizes as they come off a socket: a burst, a straggler, an event cut in the middle.
_CUTS = (1369, 41, 613, 1, 1369, 287, 1024)
_VOICE = ("voice_turn.jsonl", "The user says something, and the model answers aloud")
_HANDOFF = ("handoff.jsonl", "The model hands a task over to an agent")
_NEXT = """\
The first server ran here, and the last one was made up; the rest came from the real APIs.
Try next: some of it as JSON lines for other programs, or a recording of your own.

"""
_TRIES = (("realtime-v2", _VOICE[0]), ("responses", _RECORDINGS[0][0]))


def demo() -> int:
    """Show streams over sockets, then decode every recording."""
    output = Output()
    screen = Screen(output)
    for show in (show_live, _show_streams, _show_session, _show_conversation):
        show(output, screen)
        if output.closed:
            return 0
    output.write_text(_NEXT)
    for protocol, name in _TRIES:
        example = _FOLDER / name
        where = shlex.quote(str(example)) if isinstance(example, Path) else "FILE"
        # Not wrapped: a command to copy must not be broken over lines.
        command = f"codex-proto decode --protocol {protocol} --format jsonl"
        output.write_text(f"  {command} {where}\n")
    output.flush()
    return 0


def _show_streams(output: Output, screen: Screen) -> None:
    for name, title in _RECORDINGS:
        _show_title(screen, name, title)
        feed = ResponsesFeed("full", None)
        _show_decoded(feed, PrettyView(output, feed), name)
        screen.blank_line()
        output.flush()


def _show_session(output: Output, screen: Screen) -> None:
    _show_title(screen, *_VOICE)
    feed = RealtimeFeed("v2", "full")
    _show_decoded(feed, DialogueView(output, feed), _VOICE[0])
    screen.blank_line()
    output.flush()


def _show_conversation(output: Output, screen: Screen) -> None:
    name = _HANDOFF[0]
    _show_title(screen, *_HANDOFF)
    conversation = DemoConversation()
    view = DialogueView(output, conversation)
    view.show_sent(conversation.messages_to_send())
    for message in (_FOLDER / name).read_bytes().splitlines():
        view.show(conversation.receive_data(message))
        view.show_sent(conversation.messages_to_send())
    view.show(conversation.receive_eof())
    view.show_sent(conversation.messages_to_send())
    view.summarise()
    screen.blank_line()
    output.flush()


def _show_title(screen: Screen, name: str, title: str) -> None:
    screen.print(Rule(Text(f"{title}  ({name})", "bold"), align="left", style="dim"))


def _show_decoded(feed: Feed, view: EventView, name: str) -> None:
    chunks = 0
    for chunk in _as_received((_FOLDER / name).read_bytes()):
        view.show(feed.receive_data(chunk))
        chunks += 1
    view.show(feed.receive_eof())
    view.summarise(f"in {chunks} chunks")


def _as_received(body: bytes) -> Iterator[bytes]:
    start = 0
    for size in cycle(_CUTS):
        if start >= len(body):
            return
        yield body[start : start + size]
        start += size
