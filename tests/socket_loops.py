"""What the interoperation tests stand on: sockets of this machine, and loops that are ours.

Nothing here waits for longer than `PATIENCE` seconds.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codex_proto.connections import Connection

__all__ = ["PATIENCE", "drive", "listening", "serve_ours"]

PATIENCE: Final = 20.0
_READ: Final = 64 * 1024


def drive(
    connection: Connection[Any],
    sock: socket.socket,
    handle: Callable[[Any, float], None],
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Drive one connection over a blocking socket, until it must close or `until` says so."""
    began = time.monotonic()
    has_ended = False
    while True:
        now = time.monotonic()
        assert now - began < PATIENCE, "took too long"
        if connection.bytes_pending:
            sock.settimeout(PATIENCE)
            sock.sendall(connection.data_to_send())
        if connection.must_close or until():
            return
        deadline = connection.deadline()
        wait = 1.0 if deadline is None else min(1.0, max(0.0, deadline - now))
        sock.settimeout(wait or 0.001)
        try:
            if has_ended:
                # It would only say so again, at once.
                time.sleep(wait)
                raise TimeoutError
            data = sock.recv(_READ)
        except TimeoutError:
            events = connection.handle_timeout(time.monotonic())
        except ConnectionError:
            events = connection.receive_eof(time.monotonic(), clean=False)
        else:
            now = time.monotonic()
            has_ended = not data
            events = connection.receive_data(data, now) if data else connection.receive_eof(now)
        for event in events:
            handle(event, time.monotonic())


@contextlib.contextmanager
def listening() -> Iterator[socket.socket]:
    """A listening socket on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


@contextlib.contextmanager
def serve_ours(serve_one: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve connections one after another in a thread; give the port.

    What a connection's thread raises is raised here at the end.
    """
    failures: list[BaseException] = []
    with listening() as server:
        port: int = server.getsockname()[1]
        server.settimeout(0.05)
        stopping = threading.Event()

        def accept() -> None:
            while not stopping.is_set():
                try:
                    sock, _ = server.accept()
                except TimeoutError:
                    continue
                with sock:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    try:
                        serve_one(sock)
                    except BaseException as error:
                        failures.append(error)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            stopping.set()
            thread.join(PATIENCE)
    if failures:
        raise failures[0]
