"""The HTTP request of each endpoint: address, headers, body, and who is asking.

Each function gives a request that is complete but for what belongs to the connection (`host`,
`content-length`, the WebSocket handshake). Make it again for every attempt: a signature may be good
only once, and credentials may have changed.

Source: wire.md 4.5, 2.1, 7.1 and 9.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET

from codex_proto.errors import LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.requests._auth import AuthProvider, NoAuth
from codex_proto.requests._body import Body
from codex_proto.requests._client_metadata import client_metadata
from codex_proto.requests._compaction import CompactionInput
from codex_proto.requests._compression import compress
from codex_proto.requests._encoding import encode_request
from codex_proto.requests._header_policies import Endpoint, request_headers
from codex_proto.requests._memories import MemorySummarizeInput
from codex_proto.requests._options import ClientInfo, ResponsesOptions
from codex_proto.requests._provider import Provider
from codex_proto.requests._responses import ResponseCreateWsRequest, ResponsesApiRequest
from codex_proto.requests._retry_state import Transport
from codex_proto.versions import WireVersion

__all__ = [
    "compact_request",
    "memories_request",
    "models_request",
    "responses_request",
    "responses_upgrade",
    "websocket_message",
]

_NO_AUTH: Final = NoAuth()
_NO_OPTIONS: Final = ResponsesOptions()
_NO_CLIENT: Final = ClientInfo()

_PATHS: Final = {
    Endpoint.RESPONSES: "responses",
    Endpoint.WEBSOCKET: "responses",
    Endpoint.COMPACT: "responses/compact",
    Endpoint.MEMORIES: "memories/trace_summarize",
    Endpoint.MODELS: "models",
}


def responses_request(
    request: ResponsesApiRequest,
    provider: Provider,
    auth: AuthProvider = _NO_AUTH,
    options: ResponsesOptions = _NO_OPTIONS,
    client: ClientInfo = _NO_CLIENT,
) -> HttpRequest:
    """Make `POST <base>/responses`.

    What the options say goes into the headers and, as the provider's version has it, into
    `client_metadata`, where what the request already has there stays.

    Next: send it; a 2xx answer's body goes to a `ResponsesDecoder` by `receive_data`, anything
    else to `error_from_response`. With `stream=False` the body is one JSON object, a `Response`.

    Raises:
        LocalProtocolError: a part cannot be sent, or compression conflicts with the headers.
    """
    _check("request", request, ResponsesApiRequest)
    version = provider.wire_version
    whole = with_client_metadata(request, options, version, "http")
    http_request = HttpRequest(
        "POST",
        provider.url_for(_PATHS[Endpoint.RESPONSES]),
        request_headers(
            provider.headers,
            options,
            client,
            Endpoint.RESPONSES,
            version,
            is_stream=request.stream is not False,
        ),
        encode_request(
            whole,
            version,
            first_party=provider.is_first_party,
            azure_ids=request.store is True and provider.is_azure,
        ),
    )
    return auth.authorize(compress(http_request, options.compression))


def responses_upgrade(
    provider: Provider,
    auth: AuthProvider = _NO_AUTH,
    options: ResponsesOptions = _NO_OPTIONS,
    client: ClientInfo = _NO_CLIENT,
) -> HttpRequest:
    """Make `GET <base>/responses`, which asks for a WebSocket (scheme `ws` or `wss`).

    The fields of the handshake itself are added by the WebSocket connection. Next: once it is
    open, a `ResponsesSession` makes the messages.

    Raises:
        LocalProtocolError: a part cannot be sent.
    """
    version = provider.wire_version
    return auth.authorize(
        HttpRequest(
            "GET",
            provider.websocket_url_for(_PATHS[Endpoint.WEBSOCKET]),
            request_headers(provider.headers, options, client, Endpoint.WEBSOCKET, version),
        )
    )


def compact_request(
    compaction: CompactionInput,
    provider: Provider,
    auth: AuthProvider = _NO_AUTH,
    options: ResponsesOptions = _NO_OPTIONS,
    client: ClientInfo = _NO_CLIENT,
) -> HttpRequest:
    """Make `POST <base>/responses/compact`. An empty input needs no call: it stays empty.

    Next: `read_compaction` takes the answer.

    Raises:
        LocalProtocolError: a part cannot be sent.
    """
    _check("compaction", compaction, CompactionInput)
    return _post(Endpoint.COMPACT, compaction, provider, auth, options, client)


def memories_request(
    memories: MemorySummarizeInput,
    provider: Provider,
    auth: AuthProvider = _NO_AUTH,
    options: ResponsesOptions = _NO_OPTIONS,
    client: ClientInfo = _NO_CLIENT,
) -> HttpRequest:
    """Make `POST <base>/memories/trace_summarize`. No memories need no call.

    Next: `read_memories` takes the answer.

    Raises:
        LocalProtocolError: a part cannot be sent.
    """
    _check("memories", memories, MemorySummarizeInput)
    return _post(Endpoint.MEMORIES, memories, provider, auth, options, client)


def models_request(
    provider: Provider,
    auth: AuthProvider = _NO_AUTH,
    options: ResponsesOptions = _NO_OPTIONS,
    client: ClientInfo = _NO_CLIENT,
    *,
    client_version: str | None = None,
) -> HttpRequest:
    """Make `GET <base>/models`; the Codex backend wants `client_version`, such as `0.128.0`.

    Next: `read_models` takes the answer.

    Raises:
        LocalProtocolError: a part cannot be sent.
    """
    extra = () if client_version is None else (("client_version", client_version),)
    fields = request_headers(
        provider.headers, options, client, Endpoint.MODELS, provider.wire_version
    )
    url = provider.url_for(_PATHS[Endpoint.MODELS], extra)
    return auth.authorize(HttpRequest("GET", url, fields))


def websocket_message(
    request: ResponsesApiRequest,
    options: ResponsesOptions = _NO_OPTIONS,
    version: WireVersion = WireVersion.V2026_08,
    *,
    first_party: bool = True,
    now_unix: float | None = None,
) -> str:
    """Make the text message that asks for a response on a WebSocket.

    `request` is a `ResponseCreateWsRequest`, or is made one. `now_unix` (seconds) is when it is
    sent, which the server gets.

    Raises:
        LocalProtocolError: a part cannot be sent.
    """
    message = (
        request
        if isinstance(request, ResponseCreateWsRequest)
        else ResponseCreateWsRequest.from_request(request)
    )
    whole = with_client_metadata(message, options, version, "websocket", now_unix=now_unix)
    return encode_request(whole, version, first_party=first_party).decode()


def with_client_metadata(
    request: ResponsesApiRequest,
    options: ResponsesOptions,
    version: WireVersion,
    transport: Transport,
    *,
    now_unix: float | None = None,
) -> ResponsesApiRequest:
    """Return the request with what the options say in its metadata, under what it has there."""
    said = client_metadata(options, version, transport, now_unix=now_unix)
    metadata = {**said, **(request.client_metadata or {})}
    if not metadata and not isinstance(request, ResponseCreateWsRequest):
        return request
    return msgspec.structs.replace(request, client_metadata=metadata or UNSET)


def _post(
    endpoint: Endpoint,
    body: Body,
    provider: Provider,
    auth: AuthProvider,
    options: ResponsesOptions,
    client: ClientInfo,
) -> HttpRequest:
    version = provider.wire_version
    return auth.authorize(
        HttpRequest(
            "POST",
            provider.url_for(_PATHS[endpoint]),
            request_headers(provider.headers, options, client, endpoint, version),
            encode_request(body, version, first_party=provider.is_first_party),
        )
    )


def _check(argument: str, value: object, cls: type[Body]) -> None:
    if not isinstance(value, cls):
        raise LocalProtocolError(f"{argument}: must be {cls.__name__}, not {type(value).__name__}")
