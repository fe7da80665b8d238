"""The server's end: HTTP/1.1 that may become a WebSocket, and Responses streams to write on it.

For mocks, proxies and tests. Source: RFC 9112, RFC 6455.
"""

# Not in the face: _http_serving, _request_reader, _upgrade.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.connections.serving._http1_server import *
    from codex_proto.connections.serving._http1_server_states import *
    from codex_proto.connections.serving._requests import *
    from codex_proto.connections.serving._responses_server import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_http1_server": "FrontEvent Http1ServerConnection",
            "_http1_server_states": "Http1ServerState",
            "_requests": "EndpointRequest ServedEndpoint read_endpoint_request",
            "_responses_server": (
                "ResponseCreateReceived ResponsesServerSocket ResponsesServerStream"
            ),
        },
    )
# isort: on
# -- end of what is written
