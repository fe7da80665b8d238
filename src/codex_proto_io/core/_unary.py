"""Requests with a single answer: compaction, memories, models, realtime calls.

Source: wire.md 7.4, 8.9 and 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from codex_proto.connections import Http1Connection, HttpExchange, Reply, UnaryEvent, UnaryExchange
from codex_proto.errors import CodexError
from codex_proto.http import HttpRequest, HttpResponse
from codex_proto.requests import (
    AuthProvider,
    CompactionInput,
    CompactionOutput,
    MemorySummarizeInput,
    MemorySummarizeOutput,
    ModelList,
    RequestAttempt,
    ResponsesOptions,
    compact_request,
    memories_request,
    models_request,
    read_compaction,
    read_memories,
    read_models,
)
from codex_proto_io.core._attempts import Attempts
from codex_proto_io.core._carriers import Carrier, carrier_for, in_http
from codex_proto_io.core._effects import Operation
from codex_proto_io.core._failures import as_raised
from codex_proto_io.core._runtime import Runtime

__all__ = ["compact", "list_models", "summarize_memories"]

T = TypeVar("T")

Build = Callable[[AuthProvider], HttpRequest]
Read = Callable[[HttpResponse, str], T | CodexError]


def request_reply(
    runtime: Runtime,
    operation: str,
    build: Build,
    read: Read[T],
    total: float | None,
) -> Operation[tuple[T, HttpRequest]]:
    """Send a request with the retries of the policy; return the answer and its request.

    `build` makes the request of each attempt.

    Raises:
        CodexError: the last error.
    """
    runtime.check_open()
    attempts = Attempts(runtime, operation, runtime.retry_state(is_unary=True))
    while True:
        attempts.begin()
        attempt = _Attempt(runtime, operation, build, read, total)
        outcome = yield from attempt.run(attempts)
        if isinstance(outcome, Reply):
            return outcome.output, attempt.request
        error = yield from attempts.recover(outcome.error)
        if error is not None:
            raise as_raised(error)


class _Attempt(Generic[T]):
    def __init__(
        self,
        runtime: Runtime,
        operation: str,
        build: Build,
        read: Read[T],
        total: float | None,
    ) -> None:
        self._runtime = runtime
        self._operation = operation
        self._build = build
        self._read = read
        self._total = total
        self.request: HttpRequest

    def run(self, attempts: Attempts) -> Operation[UnaryEvent[T]]:
        clock = self._runtime.clock
        began = clock.now()
        self.request = in_http(self._build(attempts.auth))
        carrier = carrier_for(self._runtime, self.request, self._exchange, self._total)
        try:
            outcome = yield from _outcome(carrier)
            self._runtime.telemetry.request(
                RequestAttempt(
                    attempt=attempts.state.request_retries,
                    duration=clock.now() - began,
                    status=carrier.exchange.status,
                    error=None if isinstance(outcome, Reply) else outcome.error,
                    endpoint=self._operation,
                )
            )
            yield from carrier.finish()
        except GeneratorExit:
            carrier.abort()
            raise
        except BaseException:
            yield from carrier.abandon()
            raise
        return outcome

    def _exchange(self, connection: Http1Connection) -> HttpExchange[UnaryEvent[T]]:
        url = self.request.url
        return UnaryExchange(connection, self.request, lambda reply: self._read(reply, url))


def _outcome(carrier: Carrier[UnaryEvent[T]]) -> Operation[UnaryEvent[T]]:
    events = yield from carrier.begin()
    while not events:
        events = yield from carrier.receive()
    return events[0]


# -- the endpoints ------------------------------------------------------------------------------


def compact(
    runtime: Runtime, compaction: CompactionInput, options: ResponsesOptions
) -> Operation[CompactionOutput]:
    """Compact a conversation; an empty one is returned without a request."""
    if isinstance(compaction, CompactionInput) and not compaction.input:
        return CompactionOutput(())
    provider, client = runtime.provider, runtime.client
    output, _ = yield from request_reply(
        runtime,
        "compact",
        lambda auth: compact_request(compaction, provider, auth, options, client),
        lambda reply, url: read_compaction(reply, url, runtime.clock.unix()),
        provider.compact_timeout,
    )
    return output


def summarize_memories(
    runtime: Runtime, memories: MemorySummarizeInput, options: ResponsesOptions
) -> Operation[tuple[MemorySummarizeOutput, ...]]:
    """Summarise earlier sessions; an empty list is returned without a request."""
    if isinstance(memories, MemorySummarizeInput) and not memories.raw_memories:
        return ()
    provider, client = runtime.provider, runtime.client
    output, _ = yield from request_reply(
        runtime,
        "memories",
        lambda auth: memories_request(memories, provider, auth, options, client),
        lambda reply, url: read_memories(reply, url, runtime.clock.unix()),
        provider.request_timeout,
    )
    return output


def list_models(
    runtime: Runtime, client_version: str | None, options: ResponsesOptions
) -> Operation[ModelList]:
    """Request the list of models."""
    provider, client = runtime.provider, runtime.client
    output, _ = yield from request_reply(
        runtime,
        "models",
        lambda auth: models_request(provider, auth, options, client, client_version=client_version),
        lambda reply, url: read_models(reply, url, runtime.clock.unix()),
        provider.request_timeout,
    )
    return output
