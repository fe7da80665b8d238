"""`codex_proto` does no I/O, has no clock and no threads: by source, by import, and by running it.

The three ways see different things: the source shows what could be called, an import shows what is
loaded without being written down, and a run shows what is called through somebody else.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import pickle
import random
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

import codex_proto
from codex_proto import MalformedEvent, UnknownEvent
from codex_proto.connections import (
    Http1Connection,
    Http1ServerConnection,
    RequestReceived,
    ResponsesExchange,
    ResponsesServerStream,
    TextMessage,
    WebSocketConnection,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.realtime import (
    HandoffRequested,
    RealtimeDecoder,
    TranscriptAccumulator,
    delegation_from_handoff,
)
from codex_proto.responses import (
    Completed,
    ResponseEvent,
    ResponsesDecoder,
    StreamFailed,
    WireEvent,
    decode_response_event,
    encode_response_event,
)
from codex_proto.sse import EventStreamDecoder, EventStreamEncoder, ServerSentEvent
from codex_proto.testing import Pair, Side
from tests.recordings import Recording, recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

ROOT: Final = Path(codex_proto.__file__).parent
SOURCES: Final = sorted(ROOT.rglob("*.py"))
# What needs an extra, and is imported by name only.
WITH_EXTRA: Final = frozenset({ROOT / "testing" / "strategies" / "_cuts.py"})
every_source = pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix()
)

# I/O, clocks, randomness, threads, processes, and our own package that has all of these.
FORBIDDEN: Final = frozenset(
    {
        "asyncio",
        "codex_proto_io",
        "concurrent",
        "fcntl",
        "glob",
        "http",
        "httpx",
        "io",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "requests",
        "rich",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "trio",
        "anyio",
        "uuid",
        "urllib.request",
    }
)
# Built-in functions that read, write, or run what was not written down.
FORBIDDEN_FUNCTIONS: Final = frozenset(
    {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
)
# Of whatever object: files, imports by string, and the clock that is called `datetime`.
FORBIDDEN_METHODS: Final = frozenset({"import_module", "now", "open", "today", "utcnow"})


def _is_forbidden(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: end + 1]) in FORBIDDEN for end in range(len(parts)))


# -- by source ----------------------------------------------------------------------------------


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import relative to its own package"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _forbidden_calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) if name in FORBIDDEN_FUNCTIONS | FORBIDDEN_METHODS:
                    yield name
                case ast.Attribute(attr=name) if name in FORBIDDEN_METHODS:
                    yield name


@every_source
def test_no_source_imports_or_calls_what_is_forbidden(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not [name for name in _imports(tree) if _is_forbidden(name)]
    # Modules that the tables of our own faces name, and no others.
    allowed = ["__import__"] if path == ROOT / "_lazy.py" else []
    assert list(_forbidden_calls(tree)) == allowed


def test_the_look_at_the_source_sees_all_ways_to_write_it() -> None:
    for line in (
        "import time",
        "import os.path as p",
        "from time import monotonic",
        "from urllib import request",
        "from urllib.request import urlopen",
        "def f():\n    if True:\n        import socket",
        "from codex_proto_io import cli",
    ):
        assert any(_is_forbidden(name) for name in _imports(ast.parse(line))), line
    assert not any(_is_forbidden(name) for name in _imports(ast.parse("import timeit, urllib")))
    for line in ("open('x')", "x = [datetime.now()]", "importlib.import_module(name)"):
        assert list(_forbidden_calls(ast.parse(line))), line
    assert not list(_forbidden_calls(ast.parse("re.compile('x'), message.today")))
    assert len(SOURCES) > 15


# -- by import ----------------------------------------------------------------------------------

# Runs in a fresh interpreter: who imports what is written down, and told as JSON.
_IMPORT_ALL: Final = """
import builtins, json, sys
import msgspec, msgspec.json, msgspec.structs

before = set(sys.modules)
imported = []
really_import = builtins.__import__


def note_import(name, globals=None, locals=None, fromlist=(), level=0):
    importer = (globals or {}).get("__name__", "")
    if importer.partition(".")[0] == "codex_proto":
        imported.extend([importer, f"{name}.{part}"] for part in fromlist or ("",))
    return really_import(name, globals, locals, fromlist, level)


builtins.__import__ = note_import
for name in json.loads(sys.argv[1]):
    __import__(name)
builtins.__import__ = really_import
held = [
    [name, value.__name__]
    for name, module in sys.modules.items()
    if name.partition(".")[0] == "codex_proto"
    for value in vars(module).values()
    if isinstance(value, type(sys))
]
loaded = sorted(set(sys.modules) - before)
print(json.dumps({"imported": imported, "held": held, "loaded": loaded}))
"""


def test_no_module_imports_what_is_forbidden() -> None:
    names = [
        ".".join(("codex_proto", *path.relative_to(ROOT).with_suffix("").parts))
        for path in SOURCES
        if path not in WITH_EXTRA
    ]
    modules = [name.removesuffix(".__init__") for name in names]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", _IMPORT_ALL, json.dumps(modules)],
        env={**os.environ, "PYTHONPATH": str(ROOT.parent)},
        capture_output=True,
        check=True,
    )
    assert not run.stderr
    told = json.loads(run.stdout)
    assert set(modules) <= set(told["loaded"])
    assert not [pair for pair in told["imported"] if _is_forbidden(pair[1])]
    assert not [pair for pair in told["held"] if _is_forbidden(pair[1])]
    assert ["codex_proto.sse._decoder", "codex_proto.errors.EventTooLarge"] in told["imported"]
    # What nothing here needs, not even through somebody else.
    needless = {"asyncio", "httpx", "multiprocessing", "rich", "socket", "ssl", "subprocess"}
    assert not needless & set(told["loaded"])


# -- by running ---------------------------------------------------------------------------------


class Impure(BaseException):
    """Raised where something impure is called; no `except Exception` may swallow it."""


def _refuse(*_: object, **__: object) -> NoReturn:
    raise Impure


def _forbid_all(patch: pytest.MonkeyPatch, module: ModuleType) -> None:
    for name in dir(module):
        if not name.startswith("_") and callable(getattr(module, name)):
            patch.setattr(module, name, _refuse)


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Until the test ends nobody in this process has a clock, a socket, or luck."""
    with monkeypatch.context() as patch:
        for module in (random, select, socket, subprocess, threading, time):
            _forbid_all(patch, module)
        for name in ("getpid", "getrandom", "listdir", "open", "read", "stat", "urandom", "write"):
            patch.setattr(os, name, _refuse, raising=False)
        for name in ("open", "print", "input"):
            patch.setattr(builtins, name, _refuse)
        yield


@pytest.mark.usefixtures("pure")
def test_the_run_would_notice() -> None:
    calls: list[Callable[..., object]] = [time.monotonic, random.random, socket.socket]
    calls += [threading.Lock, builtins.open, builtins.print]
    for call in calls:
        with pytest.raises(Impure):
            call()
    with pytest.raises(Impure):
        os.urandom(1)


# Read before anything is forbidden.
STREAMS: Final = tuple((r, r.bytes) for r in recordings() if r.shipped)


def _ask(value: object) -> None:
    repr(value)
    for name in dir(value):
        if not name.startswith("_"):
            getattr(value, name)


def _run(stream: bytes) -> list[ResponseEvent]:
    decoder = ResponsesDecoder()
    events: list[ResponseEvent] = []
    for start in range(0, len(stream), 700):
        events += decoder.receive_data(stream[start : start + 700])
    events += decoder.receive_eof()
    assert events[-1] is decoder.outcome
    assert isinstance(decoder.outcome, Completed | StreamFailed)
    return events


@pytest.mark.usefixtures("pure")
@pytest.mark.parametrize(("recording", "stream"), STREAMS, ids=[str(r) for r, _ in STREAMS])
def test_a_recording_is_decoded_in_a_world_without_time(
    recording: Recording, stream: bytes
) -> None:
    events = _run(stream)
    assert events
    messages = ResponsesDecoder()
    for event in events:
        _ask(event)
        if isinstance(event, StreamFailed):
            assert pickle.loads(pickle.dumps(event.error)) == event.error
            continue
        if not isinstance(event, WireEvent | UnknownEvent | MalformedEvent):
            continue
        encoded = encode_response_event(event)
        decode_response_event(encoded)
        messages.receive_message(encoded)
    messages.receive_close(1006, "")
    assert messages.outcome is not None


def _converse(client: ResponsesExchange | WebSocketConnection) -> None:
    """A client's end talks to a server's, to its end."""
    front = Http1ServerConnection()

    def serve(event: object, now: float) -> None:
        if isinstance(event, RequestReceived) and event.is_upgrade:
            front.accept(now)
        elif isinstance(event, RequestReceived):
            writer = ResponsesServerStream(front, now)
            writer.send_bytes(STREAMS[0][1], now)
            writer.end(now)
        elif isinstance(event, TextMessage) and front.websocket is not None:
            front.websocket.close(now)

    pair = Pair(client, Side(front, serve))
    pair.start()
    pair.run(until=pair.now + 5)
    if isinstance(client, WebSocketConnection):
        client.send("Hi", pair.now)
        pair.run(until=pair.now + 5)
    assert client.outcome is not None


@pytest.mark.usefixtures("pure")
def test_an_exchange_over_http_needs_no_time_either() -> None:
    request = HttpRequest("POST", "http://localhost/")
    _converse(ResponsesExchange(Http1Connection(), request))


@pytest.mark.usefixtures("pure")
def test_a_websocket_needs_nothing_but_its_masks_and_nonces() -> None:
    # The one exception: wsproto draws those itself.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", bytes)
        _converse(WebSocketConnection(HttpRequest("GET", "ws://localhost/")))
    with pytest.raises(Impure):
        WebSocketConnection(HttpRequest("GET", "ws://localhost/"))


@pytest.mark.usefixtures("pure")
def test_framing_and_failures_need_no_time_either() -> None:
    encoder = EventStreamEncoder()
    stream = b"\xef\xbb\xbf" + encoder.encode_comment("c")
    stream += encoder.encode(ServerSentEvent("e", "a\nb", "1", retry=5))
    decoder = EventStreamDecoder(max_event_size=100)
    (event,) = decoder.receive_data(stream)
    _ask(event)
    (block,) = EventStreamDecoder().receive_blocks(stream)
    _ask(block)
    decoder.receive_data(b"x" * 200)
    assert decoder.failure is not None
    _ask(decoder.failure)
    _ask(decoder)
    decoder.receive_eof()
    with pytest.raises(LocalProtocolError):
        decoder.receive_data(b"")


SESSIONS: Final = tuple((r, r.bytes.splitlines()) for r in recordings("realtime", ".jsonl"))


@pytest.mark.usefixtures("pure")
@pytest.mark.parametrize(("recording", "session"), SESSIONS, ids=[str(r) for r, _ in SESSIONS])
def test_a_realtime_session_is_decoded_in_a_world_without_time(
    recording: Recording, session: list[bytes]
) -> None:
    codex, full = RealtimeDecoder("v2"), RealtimeDecoder("v2", "full")
    transcript = TranscriptAccumulator()
    for message in session:
        for event in (*full.receive_message(message), *codex.receive_message(message)):
            _ask(transcript.receive_event(event))
    handoff = transcript.receive_event(HandoffRequested("h", "i", "a request"))
    assert delegation_from_handoff(handoff)
    codex.receive_close(1000)
    assert codex.closed is not None
