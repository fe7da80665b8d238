# Made from _async_client.py by tools/unasync.py: edit that file instead.
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
        """Request a response over HTTP and return its events as a stream.

        Nothing is sent before the stream is entered or read.

        Raises:
            LocalProtocolError: `request` is not a `ResponsesApiRequest`, or has `stream=False`.
        """
        operation = ResponseOperation(self._runtime, request, options or _NO_OPTIONS)
        return ResponseStream(operation, self._pump)

    def create(
        self, request: ResponsesApiRequest, options: ResponsesOptions | None = None
    ) -> FinalResponse:
        """Request a response over HTTP and return it whole: items, text, usage, outcome.

        An incomplete response is returned too: its `outcome` is a `StreamFailed` with the reason.

        Raises:
            CodexError: the response failed after all attempts.
        """
        with self.stream(request, options) as stream:
            return stream.get_final_response()

    def connect(self, options: ResponsesOptions | None = None) -> ResponsesConnection:
        """Return a conversation over one WebSocket; `options` are for requests without their own.

        Leave its context or call `close` to close the socket. Nothing is sent before the first
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
        """Summarise earlier sessions; return one summary for each, in the same order.

        Without sessions no request is sent.

        Raises:
            CodexError: the request failed after all attempts.
        """
        operation = summarize_memories(self._runtime, input, options or _NO_OPTIONS)
        return self._pump.run(operation)


class Models:
    """`client.models`: the models of the account."""

    def __init__(self, runtime: Runtime, pump: SyncPump) -> None:
        self._runtime = runtime
        self._pump = pump

    def list(
        self, client_version: str | None = None, options: ResponsesOptions | None = None
    ) -> ModelList:
        """Return the models of the account; the Codex backend requires a `client_version`.

        A model that cannot be read is in the list as a `MalformedPart`.

        Raises:
            CodexError: the request failed after all attempts.
        """
        operation = list_models(self._runtime, client_version, options or _NO_OPTIONS)
        return self._pump.run(operation)


class CodexClient:
    """A client of the Codex endpoints for threads; `AsyncCodexClient` is the same for asyncio.

    It keeps connections: use it as a context manager, or call `close`.

    Args:
        api_key: the API key; by default `auth`, else the environment's `OPENAI_API_KEY`.
        auth: the credentials, where they are not an API key.
        refresh_auth: called with the error of a request that was refused with 401; returns new
            credentials, or `None`. Called once for requests that fail together.
        base_url: the base URL; by default the environment's `OPENAI_BASE_URL`, else OpenAI's.
        provider: the service with all of its settings: retries, time-outs, version.
        client_info: the identity that the client sends.
        profile: `full` or `codex`, as in `ResponsesDecoder`.
        transport: `httpx`, or `raw` for connections of our own, without proxies and HTTP/2.
        http_client: an `httpx.Client` of yours, or an object with its interface. It is not
            closed here, and its limits apply: httpx allows 100 connections by default.
        ssl_context: the TLS context; the default one trusts the system's certificates and
            those of `CODEX_CA_CERTIFICATE` or `SSL_CERT_FILE`.
        idle_on: what resets the idle time-out of a stream, as in `ResponsesExchange`.
        telemetry: an object with any of the methods that `Telemetry` calls.
        clock: the clock, for tests.
        random: returns numbers from 0 up to 1 that spread waits, for tests.

    Raises:
        LocalProtocolError: no key is set, or arguments exclude each other.
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
        """The service, with its retries and time-outs."""
        return self._runtime.provider

    def compact(
        self, input: CompactionInput, options: ResponsesOptions | None = None
    ) -> CompactionOutput:
        """Compact a conversation; return the items to continue with.

        A conversation without items is not sent. The time-out is `Provider.compact_timeout`.

        Raises:
            CodexError: the request failed after all attempts.
        """
        return self._pump.run(compact(self._runtime, input, options or _NO_OPTIONS))

    def close(self) -> None:
        """Close the idle connections and allow no more requests. May be called twice.

        Open streams stay open, and so does an `http_client` of yours.
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
