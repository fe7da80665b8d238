"""A name with several addresses: whichever answers first, and no socket is left behind."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final

import pytest

from codex_proto_io.pumps import _addresses
from codex_proto_io.pumps._addresses import Address, connect_to_any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

HOST: Final = "127.0.0.1"


def address(port: int, family: int = socket.AF_INET) -> Address:
    return (family, socket.SOCK_STREAM, 0, "", (HOST, port))


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
    return port


def connect(*addresses: Address) -> socket.socket:
    async def run() -> socket.socket:
        async def resolve(*_: object, **__: object) -> list[Address]:
            return [*addresses]

        loop: Any = asyncio.get_running_loop()
        loop.getaddrinfo = resolve
        return await connect_to_any("name.example", 1)

    return asyncio.run(run())


def test_the_only_address_is_taken(listening: int) -> None:
    with connect(address(listening)) as sock:
        assert sock.getpeername() == (HOST, listening)


def test_the_next_is_tried_where_one_refuses(listening: int, closed: int) -> None:
    with connect(address(closed), address(listening)) as sock:
        assert sock.getpeername() == (HOST, listening)


def test_the_last_failure_is_raised_where_all_refuse(closed: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        connect(address(closed), address(closed))
    with pytest.raises(ConnectionRefusedError):
        connect(address(closed))


def test_a_name_without_addresses_is_a_failure() -> None:
    with pytest.raises(OSError, match="the name has no address"):
        connect()


class Slow:
    """Connects after so many seconds, by the port's number."""

    def __init__(self, seconds: dict[int, float]) -> None:
        self.seconds = seconds
        self.made: dict[int, socket.socket] = {}

    async def __call__(self, address: Address) -> socket.socket:
        port = address[4][1]
        try:
            await asyncio.sleep(self.seconds[port])
        finally:
            # Connected at the moment at which it is cancelled, too.
            self.made[port] = socket.socket()
        return self.made[port]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[int, float]], Slow]:
    def install(seconds: dict[int, float]) -> Slow:
        connector = Slow(seconds)
        monkeypatch.setattr(_addresses, "_NEXT_ADDRESS", 0.01)
        monkeypatch.setattr(_addresses, "_connect", connector)
        return connector

    return install


def test_a_silent_address_is_not_waited_for(slow: Callable[[dict[int, float]], Slow]) -> None:
    connector = slow({1: 60, 2: 0})
    with connect(address(1), address(2)) as sock:
        assert sock is connector.made[2]
    connector.made[1].close()


def test_one_that_is_too_late_is_closed(slow: Callable[[dict[int, float]], Slow]) -> None:
    connector = slow({1: 0.02, 2: 0.01})

    async def both() -> socket.socket:
        first, second = address(1), address(2)
        tasks = [asyncio.create_task(connector(each)) for each in (first, second)]
        await asyncio.wait(tasks)
        for task in tasks:
            task.add_done_callback(_addresses._close)
        await asyncio.sleep(0)
        return tasks[0].result()

    assert asyncio.run(both()).fileno() == -1
    assert connector.made[2].fileno() == -1


def test_cancelling_leaves_nothing_running(slow: Callable[[dict[int, float]], Slow]) -> None:
    connector = slow({1: 60, 2: 60})

    async def run(race: Coroutine[Any, Any, socket.socket]) -> int:
        task = asyncio.create_task(race)
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.05)
        return len(asyncio.all_tasks())

    assert asyncio.run(run(_addresses._race([address(1), address(2)]))) == 1
    for sock in connector.made.values():
        sock.close()


def test_families_take_turns() -> None:
    six, four = socket.AF_INET6, socket.AF_INET
    found = [address(1, six), address(2, six), address(3, six), address(4, four)]
    assert [each[4][1] for each in _addresses._in_turn(found)] == [1, 4, 2, 3]
