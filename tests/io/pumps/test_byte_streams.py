"""The transports of both pumps by themselves: what they queue, hold, give up and report."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from codex_proto.errors import ConnectionFailed
from codex_proto_io.pumps import AsyncByteStream, SyncByteStream


@pytest.fixture
def pair() -> Any:
    ours, theirs = socket.socketpair()
    stream = SyncByteStream(ours)
    yield stream, theirs
    stream.abort()
    theirs.close()


def test_a_socket_gives_what_comes_and_its_end(pair: Any) -> None:
    stream, theirs = pair
    stream.watch(None)
    assert not stream.has_input
    assert stream.receive(0.01) is None
    theirs.sendall(b"abc")
    assert stream.has_input
    assert stream.receive(5) == b"abc"
    theirs.close()
    assert stream.receive(5) == b""


def test_what_a_peer_does_not_read_is_queued(pair: Any) -> None:
    stream, theirs = pair
    size = 8 * 1024 * 1024
    stream.put(bytes(size))
    assert 0 < stream.bytes_queued < size
    assert not stream.flush(0.01)
    taken = 0
    while taken < size:
        taken += len(theirs.recv(1 << 20))
        stream.flush(0)
    assert stream.bytes_queued == 0


def test_a_socket_that_is_closed_is_known_as_such(pair: Any) -> None:
    stream, _ = pair
    stream.abort()
    stream.abort()
    assert stream.has_input
    assert stream.flush(1)
    with pytest.raises(ConnectionFailed, match="closed by the caller"):
        stream.receive(1)


class _Transport(asyncio.Transport):
    """A transport that notes what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def abort(self) -> None:
        self.calls.append("abort")

    def close(self) -> None:
        self.calls.append("close")

    def get_write_buffer_size(self) -> int:
        return 7


def _feed(stream: AsyncByteStream, data: bytes) -> None:
    stream.get_buffer(-1)[: len(data)] = data
    stream.buffer_updated(len(data))


def test_an_asyncio_transport() -> None:
    async def main() -> None:
        stream = AsyncByteStream()
        stream.put(b"dropped: not connected")
        stream.abort()
        assert stream.bytes_queued == 0
        await stream.close()
        transport = _Transport()
        stream.connection_made(transport)
        assert stream.bytes_queued == 7
        assert await stream.receive(0.01) is None
        while "pause" not in transport.calls:
            _feed(stream, bytes(60_000))
        data = await stream.receive(1)
        assert data is not None
        assert len(data) > 200_000
        assert transport.calls == ["pause", "resume"]
        stream.pause_writing()
        assert not await stream.flush(0.01)
        stream.resume_writing()
        assert await stream.flush(0.01)
        _feed(stream, b"early")
        seen: list[bytes] = []
        stream.watch(seen.append)
        _feed(stream, b"late")
        stream.connection_lost(ConnectionResetError("reset"))
        assert seen == [b"early", b"late", b""]
        stream.watch(None)
        assert stream.has_input
        with pytest.raises(ConnectionFailed):
            await stream.receive(1)

    asyncio.run(main())


def test_a_transport_that_is_not_closed_in_time_is_aborted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("codex_proto_io.pumps._asyncio.LINGER", 0.01)

    async def main() -> list[str]:
        stream, transport = AsyncByteStream(), _Transport()
        stream.connection_made(transport)
        asyncio.get_running_loop().call_later(0.1, stream.connection_lost, None)
        await stream.close()
        stream.watch(lambda _: None)
        return transport.calls

    assert asyncio.run(main()) == ["close", "abort"]
