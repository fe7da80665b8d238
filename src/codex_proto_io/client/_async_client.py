"""The client for asyncio."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from codex_proto.connections import IdleOn
from codex_proto.requests import (
    AuthProvider,
    ClientInfo,
    CompactionInput,
    CompactionOutput,
    MemorySummarizeInput,
    MemorySummarizeOutput,
    ModelList,
    Provider,
    ResponsesApiRequest,
    ResponsesOptions,
    Secret,
)
from codex_proto.responses import FinalResponse, Profile
from codex_proto_io.client._async_realtime import AsyncRealtime
from codex_proto_io.client._async_streams import AsyncResponsesConnection, AsyncResponseStream
from codex_proto_io.client._settings import HttpTransport, TlsContext, new_runtime
from codex_proto_io.core import (
    Clock,
    ConversationSocket,
    RefreshHook,
    ResponseOperation,
    Runtime,
    compact,
    list_models,
    summarize_memories,
)
from codex_proto_io.httpx import AsyncLibrary
from codex_proto_io.pumps import AsyncPump

__all__ = ["AsyncCodexClient", "AsyncMemories", "AsyncModels", "AsyncResponses"]

_NO_CLIENT = ClientInfo()
_NO_OPTIONS = ResponsesOptions()


class AsyncResponses:
    """`client.responses`: streams, whole responses, conversations over a WebSocket."""

    def __init__(self, runtime: Runtime, pump: AsyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    def stream(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> AsyncResponseStream:
        """Ask for a response over HTTP, and read it as it comes.

        Nothing is sent before the stream is entered, or read.

        Raises:
            LocalProtocolError: `request` is no `ResponsesApiRequest`, or does not want a stream.
        """
        operation = ResponseOperation(self._runtime, request, options or _NO_OPTIONS)
        return AsyncResponseStream(operation, self._pump)

    async def create(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> FinalResponse:
        """Ask for a response over HTTP, and return what it came to: items, text, usage, outcome.

        An incomplete response is returned as far as it came, with an `outcome` that says so.

        Raises:
            CodexError: the response failed, after all attempts.
        """
        async with self.stream(request, options) as stream:
            return await stream.get_final_response()

    def connect(self, options: ResponsesOptions | None = None) -> AsyncResponsesConnection:
        """A conversation over one WebSocket; `options` are for requests that have none.

        Leave its context, or `close` it, to close the socket. Nothing is sent before the first
        request (see `preconnect`).

        Raises:
            LocalProtocolError: the client is closed.
        """
        self._runtime.check_open()
        socket = ConversationSocket(self._runtime, options or _NO_OPTIONS)
        return AsyncResponsesConnection(socket, self._pump)


class AsyncMemories:
    """`client.memories`: summaries of earlier sessions."""

    def __init__(self, runtime: Runtime, pump: AsyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    async def summarize(
        self, input: MemorySummarizeInput, options: ResponsesOptions | None = None
    ) -> tuple[MemorySummarizeOutput, ...]:
        """Have earlier sessions summarised: one output for each, in their order.

        Without any, nothing is asked.

        Raises:
            CodexError: the request failed, after all attempts.
        """
        operation = summarize_memories(self._runtime, input, options or _NO_OPTIONS)
        return await self._pump.run(operation)


class AsyncModels:
    """`client.models`: what there is to choose from."""

    def __init__(self, runtime: Runtime, pump: AsyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    async def list(
        self, client_version: str | None = None, options: ResponsesOptions | None = None
    ) -> ModelList:
        """The models of the account; the Codex backend wants a `client_version`.

        A model that cannot be read stands in the list as a `MalformedPart`.

        Raises:
            CodexError: the request failed, after all attempts.
        """
        operation = list_models(self._runtime, client_version, options or _NO_OPTIONS)
        return await self._pump.run(operation)


class AsyncCodexClient:
    """A client of the Codex endpoints for asyncio; `CodexClient` is the same for threads.

    Use it as a context manager, or `close` it, for the connections that it keeps.

    Args:
        api_key: who is asking; else `auth`, else the environment's `OPENAI_API_KEY`.
        auth: what authorises requests in some other way.
        refresh_auth: gets the error of a request that was refused with 401, and returns other
            credentials, None where there are none. Called once for requests that fail together.
            It may be a coroutine function.
        base_url: of the service; else the environment's `OPENAI_BASE_URL`, else OpenAI's.
        provider: the service with all of its settings: retries, time-outs, version.
        client_info: what the client says of itself.
        profile: `full` or `codex`, as of `ResponsesDecoder`.
        transport: `httpx`, or `raw` for our own connections, without proxies and HTTP/2.
        http_client: an `httpx.AsyncClient` of yours, or one of its interface. It stays yours to
            close, and its limits hold: 100 connections, unless you say otherwise.
        ssl_context: for TLS; else one that trusts the system and `CODEX_CA_CERTIFICATE` or
            `SSL_CERT_FILE`.
        idle_on: what shows that a stream is alive, as of `ResponsesExchange`.
        telemetry: an object with any of the methods that `Telemetry` calls.
        clock: the time, for tests.
        random: numbers from 0 up to 1 that spread waits, for tests.

    Raises:
        LocalProtocolError: there is no key, or arguments do not fit each other.
    """

    def __init__(
        self,
        *,
        api_key: str | Secret | None = None,
        auth: AuthProvider | None = None,
        refresh_auth: RefreshHook | None = None,
        base_url: str | None = None,
        provider: Provider | None = None,
        client_info: ClientInfo = _NO_CLIENT,
        profile: Profile = "full",
        transport: HttpTransport = "httpx",
        http_client: Any | None = None,
        ssl_context: ssl.SSLContext | None = None,
        idle_on: IdleOn = "events",
        telemetry: object | None = None,
        clock: Clock | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        runtime = self._runtime = new_runtime(
            api_key=api_key,
            auth=auth,
            refresh_auth=refresh_auth,
            base_url=base_url,
            provider=provider,
            client_info=client_info,
            profile=profile,
            transport=transport,
            http_client=http_client,
            idle_on=idle_on,
            telemetry=telemetry,
            clock=clock,
            random=random,
        )
        context = TlsContext(ssl_context)
        self._library = AsyncLibrary(http_client, context) if runtime.has_library else None
        pump = self._pump = AsyncPump(runtime.clock, context, self._library)
        self.responses = AsyncResponses(runtime, pump)
        self.memories = AsyncMemories(runtime, pump)
        self.models = AsyncModels(runtime, pump)
        self.realtime = AsyncRealtime(runtime, pump)

    @property
    def provider(self) -> Provider:
        """The service, and how patient the client is with it."""
        return self._runtime.provider

    async def compact(
        self, input: CompactionInput, options: ResponsesOptions | None = None
    ) -> CompactionOutput:
        """Have a conversation shortened: the items to go on with.

        A conversation without items is not sent. It may take `Provider.compact_timeout` seconds.

        Raises:
            CodexError: the request failed, after all attempts.
        """
        return await self._pump.run(compact(self._runtime, input, options or _NO_OPTIONS))

    async def close(self) -> None:
        """Close the connections that are kept; nothing new can be asked. May be called twice.

        Streams that are open stay so. An `http_client` of yours does, too.
        """
        self._runtime.is_closed = True
        for stream in self._runtime.idle.take_all():
            await self._pump.close(stream)
        if self._library is not None:
            await self._library.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
