"""One client, whichever of the four it is: sync or async, our own connections or httpx."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self

from codex_proto.errors import CodexError
from codex_proto.requests import NoAuth, ResponsesApiRequest
from codex_proto_io.client import AsyncCodexClient, CodexClient
from codex_proto_io.core import Clock

__all__ = [
    "FALLING_SILENT",
    "KINDS",
    "PATIENCE",
    "REQUEST",
    "SILENCE",
    "Driven",
    "Hooks",
    "SimulatedClock",
    "Told",
]

KINDS: Final = ("sync-raw", "sync-httpx", "async-raw", "async-httpx")
REQUEST: Final = ResponsesApiRequest(model="gpt-5.2", input="Hi")

# Real seconds to wait for something that has a deadline far off, before time jumps there: long,
# since a busy machine is no silent peer; short where a test's peer never says anything, and between
# the two where it says something first.
PATIENCE: Final = 10.0
SILENCE: Final = 0.4
FALLING_SILENT: Final = 1.5


class SimulatedClock(Clock):
    """Real time, but nothing is slept, and a wait in which nothing happens jumps to its end."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.skipped = 0.0
        self.slept: list[float] = []
        self._told = 0.0

    def now(self) -> float:
        self._told = time.monotonic() + self.skipped
        return self._told

    def sleep_seconds(self, until: float) -> float:
        # From the time it was told: a machine that was busy since has not made the wait shorter.
        self.slept.append(until - self._told)
        return 0.0

    def wait_seconds(self, until: float | None) -> float | None:
        seconds = super().wait_seconds(until)
        return seconds if seconds is None else min(seconds, self.patience)

    def passed(self, until: float) -> None:
        self.skipped += max(0.0, until - self.now())


@dataclass
class Hooks:
    """Keeps all that telemetry tells."""

    requests: list[Any] = field(default_factory=list)
    polls: list[Any] = field(default_factory=list)
    ws_requests: list[Any] = field(default_factory=list)
    ws_events: list[Any] = field(default_factory=list)
    retries: list[Any] = field(default_factory=list)

    def on_request(self, value: Any) -> None:
        self.requests.append(value)

    def on_sse_poll(self, value: Any) -> None:
        self.polls.append(value)

    def on_ws_request(self, value: Any) -> None:
        self.ws_requests.append(value)

    def on_ws_event(self, value: Any) -> None:
        self.ws_events.append(value)

    def on_retry(self, value: Any) -> None:
        self.retries.append(value)


@dataclass
class Told:
    """What a stream told: its events, the exception, and the stream."""

    events: list[Any]
    error: CodexError | None
    stream: Any

    @property
    def types(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


class Driven:
    """A client of some kind; scenarios are written once, for the async one.

    `run` runs a coroutine function with the client. For a sync client it gets a client whose
    methods can be awaited, though they have done their work by then.
    """

    def __init__(
        self, kind: str, base_url: str | None = None, patience: float = PATIENCE, **arguments: Any
    ) -> None:
        self.kind = kind
        self.is_async = kind.startswith("async")
        self.clock = SimulatedClock(patience)
        self.hooks = Hooks()
        arguments.setdefault("clock", self.clock)
        arguments.setdefault("telemetry", self.hooks)
        arguments.setdefault("random", lambda: 0.5)
        if "api_key" not in arguments:
            arguments.setdefault("auth", NoAuth())
        if base_url is not None:
            arguments["base_url"] = base_url
        self._runner = asyncio.Runner()
        cls: Any = AsyncCodexClient if self.is_async else CodexClient
        self.client: Any = cls(transport=kind.partition("-")[2], **arguments)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self.run(lambda client: client.close())
        finally:
            self._runner.close()

    def run(self, scenario: Callable[[Any], Any]) -> Any:
        client = self.client if self.is_async else Faced(self.client)

        async def run() -> Any:
            result = await scenario(client)
            await self._nothing_is_left()
            return result

        return self._runner.run(run())

    async def _nothing_is_left(self) -> None:
        """Whoever leaves a task behind has forgotten something."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if self.kind.endswith("httpx") and others:
            # Its generators are closed by the garbage collector, in tasks of their own.
            assert all("async_generator_athrow" in repr(task) for task in others), others
            _, others = await asyncio.wait(others, timeout=PATIENCE)
        assert not others, others

    def tell(self, make: Callable[[Any], Any] | None = None) -> Told:
        """Read a stream to its end."""

        async def scenario(client: Any) -> Told:
            stream = client.responses.stream(REQUEST) if make is None else make(client)
            return await told(stream)

        result: Told = self.run(scenario)
        return result


async def told(stream: Any) -> Told:
    events: list[Any] = []
    try:
        async with stream:
            async for event in stream:
                events.append(event)
    except CodexError as error:
        return Told(events, error, stream)
    return Told(events, None, stream)


class Faced:
    """A sync object with the face of an async one: what it returns can be awaited."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._wrapped, name)
        if callable(value) and not isinstance(value, type):
            return lambda *args, **kwargs: _faced(value(*args, **kwargs))
        if type(value).__module__.startswith("codex_proto_io.client"):
            return Faced(value)
        return value

    def __aiter__(self) -> Faced:
        return self

    async def __anext__(self) -> Any:
        try:
            return next(self._wrapped)
        except StopIteration:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        self._wrapped.__enter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._wrapped.__exit__(*exc)

    def __await__(self) -> Any:
        async def itself() -> Any:
            return self

        return itself().__await__()


class _Done:
    """A result that is there already."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Any:
        async def done() -> Any:
            return self._value

        return done().__await__()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._value, name)

    def __bool__(self) -> bool:
        return bool(self._value)


def _faced(value: Any) -> Awaitable[Any]:
    if type(value).__module__.startswith("codex_proto_io.client"):
        return Faced(value)
    return _Done(value)
