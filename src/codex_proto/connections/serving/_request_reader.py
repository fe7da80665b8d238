"""One request as it is received: its head, then its body, decompressed and counted.

Source: RFC 9112, 6; RFC 6455, 4.2.1.
"""

from __future__ import annotations

import h11

from codex_proto.connections._options import HttpLimits
from codex_proto.connections.http1 import RequestReceived
from codex_proto.connections.http1._content_reader import ContentReader
from codex_proto.connections.websocket._handshake import asks_for_websocket
from codex_proto.errors import CodexError
from codex_proto.http import Headers

__all__ = ["RequestReader"]


class RequestReader:
    """Assembles one request.

    `request` has no body until `finish` has returned the complete request. `expects_continue` is
    whether the client may wait for a 100 before it sends the body.

    Args:
        head: as h11 has read it.
        max_body: bytes of the body, decompressed.
        limits: the other limits.
    """

    def __init__(self, head: h11.Request, max_body: int, limits: HttpLimits) -> None:
        headers = Headers(list(head.headers))
        self.request = RequestReceived(
            head.method.decode("ascii"), head.target.decode("ascii"), headers
        )
        self._content = ContentReader(
            headers, max_size=max_body, max_expansion=limits.max_expansion
        )
        self._body = bytearray()
        self.expects_continue = head.http_version >= b"1.1" and _has_expectation(headers)

    def receive(self, data: bytes) -> CodexError | None:
        """Take bytes of the body; return the error, if there is one."""
        for piece in self._content.receive(data):
            self._body += piece
        return self._content.failure

    def finish(self) -> RequestReceived | CodexError:
        """Return the complete request, or the error in its body."""
        failure = self._content.finish()
        if failure is not None:
            return failure
        head = self.request
        is_upgrade = asks_for_websocket(head.method, head.headers) and not self._body
        self.request = RequestReceived(
            head.method, head.target, head.headers, bytes(self._body), is_upgrade
        )
        self._body = bytearray()
        return self.request


def _has_expectation(headers: Headers) -> bool:
    has_body = "transfer-encoding" in headers or headers.get("content-length") not in (None, "0")
    expected = ",".join(headers.get_all("expect")).lower().split(",")
    return has_body and "100-continue" in (each.strip() for each in expected)
