"""A client that is nothing but a socket: what it sees is what went over the wire, read by read."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from tests.socket_loops import PATIENCE

if TYPE_CHECKING:
    from codex_proto_io.server import Host

__all__ = [
    "Answer",
    "PlainClient",
    "Seen",
    "ask",
    "dechunk",
    "frames",
    "post",
    "text_frame",
    "upgrade",
]

_READ: Final = 256 * 1024


@dataclass
class Seen:
    """What came: reads with their times (seconds since the request went out), and how it ended."""

    reads: list[bytes]
    times: list[float]
    end: str
    """`fin`, `rst`, or `silent` where nothing came for as long as the client would wait."""

    @property
    def data(self) -> bytes:
        return b"".join(self.reads)

    @property
    def answer(self) -> Answer:
        return Answer.parse(self.data)


@dataclass
class Answer:
    """One answer of HTTP, taken apart by hand."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def parse(cls, data: bytes) -> Answer:
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in fields.items()}
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(dechunk(body))
        return cls(int(first.split()[1]), headers, body)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def dechunk(body: bytes) -> list[bytes]:
    """The chunks of a chunked body, as far as they came."""
    chunks = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        chunks.append(rest[:length])
        body = rest[length + 2 :]
        if not length:
            break
    return [chunk for chunk in chunks if chunk]


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Unmasked frames as (opcode, payload), as far as they came whole."""
    found = []
    while len(data) >= 2:
        length, start = data[1], 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        if len(data) < start + length:
            break
        found.append((data[0], data[start : start + length]))
        data = data[start + length :]
    return found


def post(path: str = "/v1/responses", body: Any = None, *, close: bool = True) -> bytes:
    content = json.dumps({"model": "m", "stream": True} if body is None else body).encode()
    end = b"Connection: close\r\n" if close else b""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + end + b"\r\n" + content


def upgrade(path: str = "/v1/responses", *, more: str = "") -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    ).encode()


def text_frame(text: str | bytes, opcode: int = 0x81) -> bytes:
    """A masked frame (the mask is zero)."""
    data = text.encode() if isinstance(text, str) else text
    if len(data) < 126:
        head = bytes((opcode, 0x80 | len(data)))
    else:
        head = bytes((opcode, 0x80 | 126)) + len(data).to_bytes(2, "big")
    return head + bytes(4) + data


class PlainClient:
    """A connection to a server; use it as a context manager."""

    def __init__(self, server: Host | int) -> None:
        port = server if isinstance(server, int) else server.port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sent: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        # Before the peer can have it: what comes back is never early because this side was late.
        self._sent = time.monotonic()
        self.socket.sendall(data)

    def see(self, *, wait: float | None = None, until: bytes | None = None) -> Seen:
        """Read to the end, or until bytes come, or until nothing comes for `wait` seconds.

        With both: until the bytes come, however long that takes, and on until nothing comes.
        """
        began, self._sent = self._sent or time.monotonic(), None
        reads: list[bytes] = []
        times: list[float] = []
        is_there = until is None
        while True:
            self.socket.settimeout(wait if is_there and wait is not None else PATIENCE)
            try:
                data = self.socket.recv(_READ)
            except TimeoutError:
                return Seen(reads, times, "silent")
            except ConnectionResetError:
                return Seen(reads, times, "rst")
            if not data:
                return Seen(reads, times, "fin")
            reads.append(data)
            times.append(time.monotonic() - began)
            if until is not None and until in b"".join(reads):
                is_there = True
                if wait is None:
                    return Seen(reads, times, "")


def ask(
    server: Host | int, request: bytes, *, wait: float | None = None, until: bytes | None = None
) -> Seen:
    """Send a request, and see all that comes of it."""
    with PlainClient(server) as client:
        client.send(request)
        return client.see(wait=wait, until=until)
