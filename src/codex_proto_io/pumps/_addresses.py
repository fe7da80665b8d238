"""Connects under asyncio to the address of a name that answers first (RFC 8305).

asyncio can do this too, but leaks a socket when it is cancelled at the wrong moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

__all__ = ["connect_to_any"]

# Seconds to prefer one address before the next is tried as well (RFC 8305, 5, recommends them).
_NEXT_ADDRESS: Final = 0.25

Address: TypeAlias = tuple[Any, Any, int, str, Any]


async def connect_to_any(host: str, port: int) -> socket.socket:
    """Return a connected socket.

    Raises:
        OSError: the name has no address, or none of them answers.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not found:
        raise OSError("the name has no address")
    return await _connect(found[0]) if len(found) == 1 else await _race(_in_turn(found))


async def _connect(address: Address) -> socket.socket:
    family, kind, protocol, _, where = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


async def _race(addresses: Sequence[Address]) -> socket.socket:
    """Return a socket to the first address that is connected; start with one after another."""
    waiting = [*addresses]
    tasks: set[asyncio.Task[socket.socket]] = set()
    winner: asyncio.Task[socket.socket] | None = None
    failure: BaseException | None = None
    running: set[asyncio.Task[socket.socket]] = set()
    try:
        while winner is None and (waiting or running):
            if waiting:
                task = asyncio.create_task(_connect(waiting.pop(0)))
                tasks.add(task)
                running.add(task)
            done, running = await asyncio.wait(
                running,
                timeout=_NEXT_ADDRESS if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                if task.exception() is None:
                    winner = task
                else:
                    failure = task.exception()
    finally:
        for task in tasks - {winner}:
            task.add_done_callback(_close)
            task.cancel()
    if winner is not None:
        return winner.result()
    raise failure or OSError("no address answers")


def _close(task: asyncio.Task[socket.socket]) -> None:
    """Close the socket of a task whose result is no longer awaited."""
    with contextlib.suppress(asyncio.CancelledError):
        if task.exception() is None:
            task.result().close()


def _in_turn(found: Sequence[Address]) -> list[Address]:
    """Return the addresses with alternating families, the resolver's first choice first."""
    families = dict.fromkeys(address[0] for address in found)
    groups = [[each for each in found if each[0] == family] for family in families]
    longest = max(map(len, groups))
    return [group[at] for at in range(longest) for group in groups if at < len(group)]
