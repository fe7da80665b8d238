"""Beginning to wait and going on under a timer is the same as waiting under one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto_io.httpx._within import Begun, begin

STEPS = st.lists(
    st.sampled_from(["nothing", "turn", "future", "scope", "swallow", "fail"]), max_size=5
)


async def _job(steps: list[str], did: list[str]) -> str:
    """Do the steps, each another way of waiting, or of being cancelled."""
    loop = asyncio.get_running_loop()
    try:
        for step in steps:
            match step:
                case "turn":
                    await asyncio.sleep(0)
                case "future":
                    future: asyncio.Future[None] = loop.create_future()
                    loop.call_soon(future.set_result, None)
                    await future
                case "scope":
                    # As the transport of an HTTP library waits.
                    with anyio.move_on_after(10):
                        await anyio.lowlevel.checkpoint()
                case "swallow":
                    with contextlib.suppress(asyncio.TimeoutError):
                        async with asyncio.timeout(0):
                            await asyncio.sleep(10)
                case "fail":
                    await asyncio.sleep(0)
                    raise ValueError(step)
                case _:
                    pass
            did.append(step)
    finally:
        did.append("left")
    return "done"


async def _plainly(job: Coroutine[Any, Any, str], seconds: float | None) -> str:
    async with asyncio.timeout(seconds):
        return await job


async def _begun(job: Coroutine[Any, Any, str], seconds: float | None) -> str:
    result = begin(job)
    return await result.within(seconds) if isinstance(result, Begun) else result


def _run(
    wait: Callable[[Coroutine[Any, Any, str], float | None], Coroutine[Any, Any, str]],
    steps: list[str],
    seconds: float | None,
) -> tuple[list[str], str]:
    did: list[str] = []

    async def main() -> str:
        task = asyncio.current_task()
        assert task is not None
        try:
            return await wait(_job(steps, did), seconds)
        except Exception as error:
            return type(error).__name__
        finally:
            assert task.cancelling() == 0

    return did, asyncio.run(main())


@given(STEPS)
def test_it_does_the_same(steps: list[str]) -> None:
    assert _run(_begun, steps, 10) == _run(_plainly, steps, 10)
    assert _run(_begun, steps, None) == _run(_plainly, steps, None)


@pytest.mark.parametrize("wait", [_plainly, _begun])
def test_time_is_up(wait: Any) -> None:
    async def for_ever(did: list[str]) -> str:
        try:
            with anyio.fail_after(100):
                await asyncio.sleep(100)
        finally:
            did.append("left")
        return "never"

    async def main(did: list[str]) -> None:
        with pytest.raises(TimeoutError):
            await wait(for_ever(did), 0.01)
        # The task is as it was.
        await asyncio.sleep(0)

    did: list[str] = []
    asyncio.run(main(did))
    assert did == ["left"]


@pytest.mark.parametrize("wait", [_plainly, _begun])
def test_a_cancelled_task_cancels_what_it_waits_for(wait: Any) -> None:
    did: list[str] = []

    async def for_ever() -> str:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            did.append("cancelled")
            raise
        return "never"

    async def main() -> None:
        task = asyncio.ensure_future(wait(for_ever(), 100))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert did == ["cancelled"]


def test_what_is_there_costs_no_turn_of_the_loop() -> None:
    async def main() -> None:
        turned: list[bool] = []
        asyncio.get_running_loop().call_soon(turned.append, True)
        assert begin(_job(["nothing"], [])) == "done"
        assert not turned

    asyncio.run(main())


def test_an_abandoned_wait_is_closed() -> None:
    did: list[str] = []

    async def main() -> None:
        begun = begin(_job(["future"], did))
        assert isinstance(begun, Begun)
        steps = begun.__await__()
        next(steps)
        steps.close()

    asyncio.run(main())
    assert did == ["left"]
