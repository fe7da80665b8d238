"""The examples run, against a server of ours on a real socket, and stay short."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
import trio

from codex_proto.connections import (
    Http1ServerConnection,
    RequestReceived,
    ResponsesServerSocket,
    ResponsesServerStream,
    TextMessage,
)
from codex_proto.errors import HttpStatusError
from codex_proto.responses import Completed, decode_response_event
from tests.paths import ROOT
from tests.socket_loops import PATIENCE, drive, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

EXAMPLES: Final = ROOT / "examples"
LINES: Final = 60

EVENTS: Final = (
    b'{"type":"response.created","response":{"id":"resp_1"}}',
    b'{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"Gr\xc3\xbc"}',
    b'{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"\xc3\x9fe"}',
    b'{"type":"response.completed","response":{"id":"resp_1"}}',
)


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serve(sock: socket.socket) -> None:
    """Answer a question with a greeting, over HTTP or a WebSocket."""
    front = Http1ServerConnection()
    front.start(time.monotonic())

    def handle(event: Any, now: float) -> None:
        if isinstance(event, RequestReceived) and "missing" in event.path:
            front.respond(now, 404)
        elif isinstance(event, RequestReceived) and event.is_upgrade:
            front.accept(now)
        elif isinstance(event, RequestReceived):
            stream = ResponsesServerStream(front, now)
            for message in EVENTS:
                stream.send(decode_response_event(message), now)
            stream.end(now)
        elif isinstance(event, TextMessage) and front.websocket is not None:
            answers = ResponsesServerSocket(front.websocket)
            for message in EVENTS:
                answers.send(decode_response_event(message), now)

    with sock:
        drive(front, sock, handle)


@pytest.fixture
def base_url() -> Iterator[str]:
    with listening() as server:
        server.settimeout(0.05)
        stopping = threading.Event()

        def accept() -> None:
            while not stopping.is_set():
                try:
                    sock, _ = server.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        stopping.set()
        thread.join(PATIENCE)


def test_a_blocking_socket(base_url: str) -> None:
    example = load("blocking_socket")
    assert example.ask(base_url, "Hi") == "Grüße"
    with pytest.raises(HttpStatusError):
        example.ask(f"{base_url}/missing", "Hi")


def test_many_with_selectors(base_url: str) -> None:
    outcomes = load("many_with_selectors").ask_all(base_url, ["a", "b", "c", "d", "e"])
    assert len(outcomes) == 5
    assert all(isinstance(outcome, Completed) for outcome in outcomes)


def test_an_asyncio_protocol(base_url: str) -> None:
    example = load("asyncio_protocol")
    assert asyncio.run(example.ask(base_url, "Hi")) == "Grüße"
    with pytest.raises(HttpStatusError):
        asyncio.run(example.ask(f"{base_url}/missing", "Hi"))


def test_trio(base_url: str) -> None:
    example = load("trio_loop")
    assert trio.run(example.ask, base_url, "Hi") == "Grüße"
    with pytest.raises(HttpStatusError):
        trio.run(example.ask, f"{base_url}/missing", "Hi")


def test_in_memory() -> None:
    example = load("in_memory")
    example.test_it_arrives()
    example.test_it_breaks()


def test_all_examples_are_tested_and_short() -> None:
    tested = {
        "blocking_socket",
        "many_with_selectors",
        "asyncio_protocol",
        "trio_loop",
        "in_memory",
    }
    # What it shows is about another part, and is tested there.
    elsewhere = {"realtime_conversation"}
    assert {path.stem for path in EXAMPLES.glob("*.py")} == tested | elsewhere
    for path in EXAMPLES.glob("*.py"):
        code = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        assert len(code) < LINES, path.name
