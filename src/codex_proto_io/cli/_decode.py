"""`codex-proto decode`: read the input, decode it, show the events."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codex_proto_io.cli._feeds import REALTIME_PROTOCOLS, Feed, make_feed
from codex_proto_io.cli._misuse import Misuse, complain, reason
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._progress import Progress

if TYPE_CHECKING:
    from codex_proto_io.cli._event_view import EventView

__all__ = ["DecodeOptions", "View", "decode", "read_headers"]

_READ_SIZE = 64 * 1024
# With --chunk: no more is kept in memory at once than the decoder itself may keep.
_MAX_READ_SIZE = 64 * 1024 * 1024
_MAX_HEADERS_SIZE = 1024 * 1024


@dataclass(frozen=True)
class DecodeOptions:
    """The options of the command. `format` None chooses by the kind of standard output."""

    protocol: str
    profile: str = "full"
    chunk: int | None = None
    headers: str | None = None
    format: str | None = None
    check: bool = False
    file: str = "-"


class View(Protocol):
    """Shows events on standard output."""

    def show(self, events: Iterable[object]) -> None:
        """Show these events."""
        ...

    def settle(self) -> None:
        """Show what is still held back."""
        ...


def decode(options: DecodeOptions) -> int:
    """Run the command; return its exit code.

    Raises:
        Misuse: an option or a file is not valid.
    """
    output = Output()
    headers = None if options.headers is None else read_headers(options.headers)
    feed = make_feed(options.protocol, options.profile, headers)
    with open_input(options.file) as source:
        if options.format == "pretty" or (options.format is None and output.is_terminal):
            _decode_pretty(options, output, feed, source)
        else:
            # Imported only when it is needed: see _decode_pretty.
            from codex_proto_io.cli._jsonl import JsonLines

            lines = JsonLines(output, _line_maker(options.protocol))
            progress = Progress(input_size(source) if output.is_file else 0)
            with progress:
                _pump(options, output, feed, source, lines, progress)
    if options.check and (problem := feed.problem()) is not None:
        complain(f"check failed: {problem}")
        return 1
    return 0


def _decode_pretty(options: DecodeOptions, output: Output, feed: Feed, source: FileIO) -> None:
    view = _make_view(options.protocol)(output, feed, input_size(source))
    try:
        _pump(options, output, feed, source, view)
    except KeyboardInterrupt:
        view.end_line()
        output.flush()
        raise
    view.summarise()
    output.flush()


def _line_maker(protocol: str) -> Callable[[object], bytes]:
    if protocol in REALTIME_PROTOCOLS:
        from codex_proto_io.cli._realtime_jsonl import realtime_line

        return realtime_line
    from codex_proto_io.cli._jsonl import json_line

    return json_line


def _make_view(protocol: str) -> type[EventView]:
    # rich takes longer to import than most inputs take to decode.
    if protocol in REALTIME_PROTOCOLS:
        from codex_proto_io.cli._realtime_pretty import DialogueView

        return DialogueView
    from codex_proto_io.cli._pretty import PrettyView

    return PrettyView


def _pump(
    options: DecodeOptions,
    output: Output,
    feed: Feed,
    source: FileIO,
    view: View,
    progress: Progress | None = None,
) -> None:
    """Read to the end, and write the events after each read."""
    for data in read_input(source, options.chunk):
        for piece in cut(data, options.chunk):
            view.show(feed.receive_data(piece))
        view.settle()
        output.flush()
        if progress is not None:
            progress.show(feed.bytes_received)
        # The reader has gone, but a check still needs its result.
        if output.closed and not options.check:
            return
    view.show(feed.receive_eof())
    output.flush()


@contextlib.contextmanager
def open_input(name: str) -> Generator[FileIO, None, None]:
    """Open the file, or standard input for `-`, without a buffer that would hold data back.

    Raises:
        Misuse: it cannot be opened or read.
    """
    try:
        if name != "-":
            source = FileIO(name)
        elif sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise Misuse("standard input is closed")
        else:
            source = FileIO(sys.stdin.fileno(), closefd=False)
            if sys.stdin.isatty() and sys.stderr.isatty():
                complain("reading from the terminal; end with Ctrl-D")
    except OSError as error:
        where = "standard input" if name == "-" else name
        raise Misuse(f"{where}: {reason(error)}") from None
    except ValueError as error:
        raise Misuse(f"{name}: {error}") from None
    with source:
        yield source


def input_size(source: FileIO) -> int:
    """Return the size of a regular file, 0 for anything else."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def read_input(source: FileIO, chunk: int | None) -> Iterator[bytes]:
    """Yield the input, as soon as it is available.

    Raises:
        Misuse: the input cannot be read.
    """
    size = min(max(chunk or 0, _READ_SIZE), _MAX_READ_SIZE)
    while True:
        try:
            data: bytes | None = source.read(size)
        except OSError as error:
            raise Misuse(f"cannot read the input: {reason(error)}") from None
        if data is None:
            # The parent process left the pipe in non-blocking mode, and it is empty.
            select.select([source], [], [])
        elif data:
            yield data
        else:
            return


def cut(data: bytes, chunk: int | None) -> Iterator[bytes]:
    """Yield the data in pieces of `chunk` bytes, the last one shorter; whole without `chunk`."""
    if chunk is None or chunk >= len(data):
        yield data
        return
    for start in range(0, len(data), chunk):
        yield data[start : start + chunk]


def read_headers(name: str) -> list[tuple[str, str]]:
    """Read `Name: value` lines; a status line (as `curl -D` writes it) restarts the list.

    Raises:
        Misuse: the file cannot be read, or a line is not a header.
    """
    try:
        with Path(name).open("rb") as file:
            data = file.read(_MAX_HEADERS_SIZE + 1)
    except OSError as error:
        raise Misuse(f"--headers {name}: {reason(error)}") from None
    except ValueError as error:
        raise Misuse(f"--headers {name}: {error}") from None
    if len(data) > _MAX_HEADERS_SIZE:
        raise Misuse(f"--headers {name}: more than 1 MiB is not a set of headers")
    headers: list[tuple[str, str]] = []
    # As in HTTP: bytes, one character each.
    for number, line in enumerate(data.decode("latin-1").split("\n"), 1):
        text = line.rstrip("\r")
        if text.startswith("HTTP/"):
            headers.clear()
            continue
        if not text.strip():
            continue
        head, colon, value = text.partition(":")
        if not colon or not head or not head.isascii() or any(c.isspace() for c in head):
            raise Misuse(f"--headers {name}, line {number}: not of the form 'Name: value'")
        headers.append((head, value.strip()))
    return headers
