# Made of _async_client.py by tools/unasync.py: change that one.
"""The client for threads."""

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
from codex_proto_io.client._settings import HttpTransport, TlsContext, new_runtime
from codex_proto_io.client._sync_realtime import Realtime
from codex_proto_io.client._sync_streams import ResponsesConnection, ResponseStream
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
from codex_proto_io.httpx import SyncLibrary
from codex_proto_io.pumps import SyncPump

__all__ = ["CodexClient", "Memories", "Models", "Responses"]

_NO_CLIENT = ClientInfo()
_NO_OPTIONS = ResponsesOptions()


class Responses:
    """`client.responses`: streams, whole responses, conversations over a WebSocket."""

    def __init__(self, runtime: Runtime, pump: SyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    def stream(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> ResponseStream:
        """Ask for a response over HTTP, and read it as it comes.

        Nothing is sent before the stream is entered, or read.

        Raises:
            LocalProtocolError: `request` is no `ResponsesApiRequest`, or does not want a stream.
        """
        operation = ResponseOperation(self._runtime, request, options or _NO_OPTIONS)
        return ResponseStream(operation, self._pump)

    def create(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> FinalResponse:
        """Ask for a response over HTTP, and return what it came to: items, text, usage, outcome.

        An incomplete response is returned as far as it came, with an `outcome` that says so.

        Raises:
            CodexError: the response failed, after all attempts.
        """
        with self.stream(request, options) as stream:
            return stream.get_final_response()

    def connect(self, options: ResponsesOptions | None = None) -> ResponsesConnection:
        """A conversation over one WebSocket; `options` are for requests that have none.

        Leave its context, or `close` it, to close the socket. Nothing is sent before the first
        request (see `preconnect`).

        Raises:
            LocalProtocolError: the client is closed.
        """
        self._runtime.check_open()
        socket = ConversationSocket(self._runtime, options or _NO_OPTIONS)
        return ResponsesConnection(socket, self._pump)


class Memories:
    """`client.memories`: summaries of earlier sessions."""

    def __init__(self, runtime: Runtime, pump: SyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    def summarize(
        self, input: MemorySummarizeInput, options: ResponsesOptions | None = None
    ) -> tuple[MemorySummarizeOutput, ...]:
        """Have earlier sessions summarised: one output for each, in their order.

        Without any, nothing is asked.

        Raises:
            CodexError: the request failed, after all attempts.
        """
        operation = summarize_memories(self._runtime, input, options or _NO_OPTIONS)
        return self._pump.run(operation)


class Models:
    """`client.models`: what there is to choose from."""

    def __init__(self, runtime: Runtime, pump: SyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    def list(
        self, client_version: str | None = None, options: ResponsesOptions | None = None
    ) -> ModelList:
        """The models of the account; the Codex backend wants a `client_version`.

        A model that cannot be read stands in the list as a `MalformedPart`.

        Raises:
            CodexError: the request failed, after all attempts.
        """
        operation = list_models(self._runtime, client_version, options or _NO_OPTIONS)
        return self._pump.run(operation)


class CodexClient:
    """A client of the Codex endpoints for threads; `AsyncCodexClient` is the same for asyncio.

    Use it as a context manager, or `close` it, for the connections that it keeps.

    Args:
        api_key: who is asking; else `auth`, else the environment's `OPENAI_API_KEY`.
        auth: what authorises requests in some other way.
        refresh_auth: gets the error of a request that was refused with 401, and returns other
            credentials, None where there are none. Called once for requests that fail together.
        base_url: of the service; else the environment's `OPENAI_BASE_URL`, else OpenAI's.
        provider: the service with all of its settings: retries, time-outs, version.
        client_info: what the client says of itself.
        profile: `full` or `codex`, as of `ResponsesDecoder`.
        transport: `httpx`, or `raw` for our own connections, without proxies and HTTP/2.
        http_client: an `httpx.Client` of yours, or one of its interface. It stays yours to
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
        self._library = SyncLibrary(http_client, context) if runtime.has_library else None
        pump = self._pump = SyncPump(runtime.clock, context, self._library)
        self.responses = Responses(runtime, pump)
        self.memories = Memories(runtime, pump)
        self.models = Models(runtime, pump)
        self.realtime = Realtime(runtime, pump)

    @property
    def provider(self) -> Provider:
        """The service, and how patient the client is with it."""
        return self._runtime.provider

    def compact(
        self, input: CompactionInput, options: ResponsesOptions | None = None
    ) -> CompactionOutput:
        """Have a conversation shortened: the items to go on with.

        A conversation without items is not sent. It may take `Provider.compact_timeout` seconds.

        Raises:
            CodexError: the request failed, after all attempts.
        """
        return self._pump.run(compact(self._runtime, input, options or _NO_OPTIONS))

    def close(self) -> None:
        """Close the connections that are kept; nothing new can be asked. May be called twice.

        Streams that are open stay so. An `http_client` of yours does, too.
        """
        self._runtime.is_closed = True
        for stream in self._runtime.idle.take_all():
            self._pump.close(stream)
        if self._library is not None:
            self._library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
