"""The requests to the Codex endpoints as a server sees them: the endpoint, and the typed body.

Source: wire.md 4, 8.9 and 9.
"""

import enum
from typing import TypeAlias

from msgspec import Struct

from codex_proto._wire import MalformedPart
from codex_proto.connections.http1 import RequestReceived
from codex_proto.requests import (
    Body,
    CompactionInput,
    MemorySummarizeInput,
    ResponsesApiRequest,
    decode_request,
)

__all__ = ["EndpointRequest", "ServedEndpoint", "read_endpoint_request"]


class ServedEndpoint(enum.Enum):
    """An endpoint: method, path below the base, and whether it is a WebSocket."""

    RESPONSES = ("POST", "/responses", False)
    COMPACT = ("POST", "/responses/compact", False)
    MEMORIES = ("POST", "/memories/trace_summarize", False)
    MODELS = ("GET", "/models", False)
    REALTIME_CALLS = ("POST", "/realtime/calls", False)
    RESPONSES_SOCKET = ("GET", "/responses", True)
    REALTIME_SOCKET = ("GET", "/realtime", True)


_BODIES: dict[ServedEndpoint, type[Body]] = {
    ServedEndpoint.RESPONSES: ResponsesApiRequest,
    ServedEndpoint.COMPACT: CompactionInput,
    ServedEndpoint.MEMORIES: MemorySummarizeInput,
}
_BY_ROUTE: dict[tuple[str, str, bool], ServedEndpoint] = {
    endpoint.value: endpoint for endpoint in ServedEndpoint
}

EndpointBody: TypeAlias = ResponsesApiRequest | CompactionInput | MemorySummarizeInput


class EndpointRequest(Struct, frozen=True):
    """One request, its endpoint and its body.

    `endpoint` is None if the request is for another path or method. `body` is typed if the endpoint
    takes JSON, a `MalformedPart` if it cannot be read, and None otherwise; `request.body` always
    has the bytes.
    """

    request: RequestReceived
    endpoint: ServedEndpoint | None
    body: EndpointBody | MalformedPart | None = None


def read_endpoint_request(request: RequestReceived, base: str = "/v1") -> EndpointRequest:
    """Return the endpoint and the body of a request; all endpoints are below the path `base`."""
    path = request.path
    tail = path.removeprefix(base.rstrip("/"))
    endpoint = None
    if path.startswith(base.rstrip("/")):
        route = (request.method, tail.rstrip("/"), request.is_upgrade)
        endpoint = _BY_ROUTE.get(route)
    cls = None if endpoint is None else _BODIES.get(endpoint)
    body = None if cls is None else decode_request(request.body, cls)
    if body is not None and not isinstance(body, EndpointBody | MalformedPart):
        body = None
    return EndpointRequest(request, endpoint, body)
