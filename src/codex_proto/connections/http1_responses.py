"""An answer on its way: what HTTP allows of it, checked before anything is written.

h11 would find the same mistakes, but only after it has moved on.

Source: RFC 9110, 6.4.1 and 8.6; RFC 9112, 6.
"""

from __future__ import annotations

from typing import Final

import h11

from codex_proto.connections.http1_events import ResponseHead
from codex_proto.errors import LocalProtocolError
from codex_proto.errors.http import status_text
from codex_proto.http_request import legal_headers

__all__ = ["ResponseWriter", "error_response"]

_NOT_THE_CALLERS: Final = frozenset({"keep-alive", "trailer", "transfer-encoding", "upgrade"})
_WITHOUT_BODY: Final = frozenset({204, 304})


class ResponseWriter:
    """Counts the body of one answer against what its head promised.

    Raises:
        LocalProtocolError: HTTP does not allow the status or a field, or it is not the caller's
            to set.
    """

    def __init__(self, method: str, message: ResponseHead) -> None:
        status = message.status
        if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 999:
            raise LocalProtocolError(f"status: must be 200 to 999, not {status!r}")
        fields = legal_headers("headers", message.headers)
        for name in fields.names():
            if name in _NOT_THE_CALLERS:
                raise LocalProtocolError(f"headers: {name!r} is set by the connection")
        lengths = set(fields.get_all("content-length"))
        length = next(iter(lengths), None)
        if len(lengths) > 1 or (length is not None and not _is_length(length)):
            raise LocalProtocolError("headers: 'content-length' must be one number")
        # The phrase is for people who read the bytes.
        reason = status_text(status).partition(" ")[2]
        phrase = "" if reason.startswith("<") else reason
        self.head = h11.Response(status_code=status, headers=[*fields], reason=phrase)
        self.head_size = 64 + len(phrase) + sum(len(n) + len(v) + 4 for n, v in fields)
        self._discards = method == "HEAD"
        self._forbids = status in _WITHOUT_BODY
        self._has_length = length is not None
        self._remaining = int(length) if length is not None else 0

    def takes(self, size: int) -> bool:
        """Whether that many bytes of body go on the wire; they do not after HEAD.

        Raises:
            LocalProtocolError: there are more than promised.
        """
        if self._discards or not size:
            return False
        if self._forbids:
            raise LocalProtocolError("data: the status does not allow a body")
        if self._has_length and size > self._remaining:
            raise LocalProtocolError("data: the body is longer than its 'content-length'")
        self._remaining -= size
        return True

    def check_end(self, has_trailers: bool) -> bool:
        """Whether the body may end here with trailers.

        Raises:
            LocalProtocolError: there are fewer bytes than promised, or trailers cannot be sent.
        """
        is_bare = self._discards or self._forbids
        if self._has_length and self._remaining and not is_bare:
            raise LocalProtocolError("ResponseComplete: the body is shorter than 'content-length'")
        if has_trailers and (self._has_length or is_bare):
            raise LocalProtocolError("trailers: only a body without 'content-length' has them")
        return has_trailers


def error_response(status: int) -> list[h11.Response | h11.Data | h11.EndOfMessage]:
    """The answer to what is no request, after which the connection is closed."""
    text = f"{status_text(status)}\n".encode()
    fields = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", str(len(text))),
        ("connection", "close"),
    ]
    reason = status_text(status).partition(" ")[2]
    head = h11.Response(status_code=status, headers=fields, reason=reason)
    return [head, h11.Data(data=text), h11.EndOfMessage()]


def _is_length(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18
