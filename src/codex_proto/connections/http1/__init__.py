"""HTTP/1.1 as a client, over many requests on one connection; h11 reads and writes the heads.

Source: RFC 9112.
"""

# Not in the face: _content_coding, _content_reader, _h11_reader, _requests, _responses.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.connections.http1._client import *
    from codex_proto.connections.http1._events import *
    from codex_proto.connections.http1._states import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_client": "Http1Connection",
            "_events": (
                "BodyData ClientEvent HttpFailed HttpOutcome InformationalResponse "
                "RequestReceived ResponseComplete ResponseHead ServerEvent ServerMessage Upgraded"
            ),
            "_states": "Http1State",
        },
    )
# isort: on
# -- end of what is written
