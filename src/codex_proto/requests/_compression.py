"""The compressed body of a request.

Source: wire.md 4.8.
"""

from __future__ import annotations

from typing import Final

from codex_proto.errors import LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.requests._options import Compression

__all__ = ["compress"]

_LEVEL: Final = 3


def compress(request: HttpRequest, compression: Compression) -> HttpRequest:
    """Return the request with its JSON body compressed, and with the header that says so.

    Raises:
        LocalProtocolError: the body is encoded already, or it is no JSON.
        ModuleNotFoundError: zstandard is not installed, and Python has nothing of its own.
    """
    if compression is Compression.NONE:
        return request
    if "content-encoding" in request.headers:
        raise LocalProtocolError(
            "compression: request compression was requested but content-encoding is already set"
        )
    if (request.headers.get("content-type") or "").partition(";")[0].strip() != "application/json":
        raise LocalProtocolError("compression: request compression cannot be used with raw bodies")
    # Not needed by those who never compress, and not small.
    from codex_proto import _zstd

    body = _zstd.compress(request.body, _LEVEL)
    return request.replace(body=body).with_headers({"content-encoding": compression.value})
