"""Whole clients over loopback, ours and openai-python's, each called as a user calls it.

The floor is h11 on the same bytes from the same socket (`loopback.h11_alone`); it decodes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from bench.loopback import Pass
from bench.ours import CheckFailedError
from codex_proto.requests import NoAuth, ResponsesApiRequest
from codex_proto.responses import Completed
from codex_proto_io.client import AsyncCodexClient, CodexClient

__all__ = ["OURS", "ours", "theirs"]

# The kinds of client: how it is called, and its transport.
OURS: Final = ("sync, raw", "sync, httpx", "async, raw", "async, httpx")

_REQUEST: Final = ResponsesApiRequest(model="none", input="none")


def ours(port: int, kind: str) -> Pass:
    """Read one stream after another with one client of that kind."""
    way, _, transport = kind.partition(", ")
    arguments: Any = {
        "auth": NoAuth(),
        "base_url": f"http://127.0.0.1:{port}/v1",
        "transport": transport,
    }
    return _ours_async(arguments) if way == "async" else _ours_sync(arguments)


def theirs(port: int, kind: str) -> Pass:
    """Read the same streams with openai-python and its own transport."""
    import openai

    arguments: Any = {"api_key": "none", "base_url": f"http://127.0.0.1:{port}/v1"}
    if not kind.startswith("async"):
        client = openai.OpenAI(**arguments)

        def one_pass() -> int:
            stream = client.responses.create(model="none", input="none", stream=True)
            return sum(1 for _ in stream)

        return one_pass
    async_client = openai.AsyncOpenAI(**arguments)

    async def one_async_pass() -> int:
        stream = await async_client.responses.create(model="none", input="none", stream=True)
        return sum([1 async for _ in stream])

    return _in_a_loop(one_async_pass)


def _ours_sync(arguments: Any) -> Pass:
    client = CodexClient(**arguments)

    def one_pass() -> int:
        with client.responses.stream(_REQUEST) as stream:
            seen = sum(1 for _ in stream)
        _check(stream.outcome)
        return seen

    return one_pass


def _ours_async(arguments: Any) -> Pass:
    client = AsyncCodexClient(**arguments)

    async def one_pass() -> int:
        async with client.responses.stream(_REQUEST) as stream:
            seen = sum([1 async for _ in stream])
        _check(stream.outcome)
        return seen

    return _in_a_loop(one_pass)


def _in_a_loop(one_pass: Callable[[], Coroutine[Any, Any, int]]) -> Pass:
    """Run each pass in the same event loop, as a program would."""
    runner = asyncio.Runner()
    return lambda: runner.run(one_pass())


def _check(outcome: object) -> None:
    if not isinstance(outcome, Completed):
        raise CheckFailedError(f"outcome is {outcome!r}, not Completed")
