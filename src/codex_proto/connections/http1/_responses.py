"""An answer as it is written: checked against the rules of HTTP before anything is written.

h11 would find the same mistakes, but only after its state has changed.

Source: RFC 9110, 6.4.1 and 8.6; RFC 9112, 6.
"""

from __future__ import annotations

from typing import Final

import h11

from codex_proto._input import as_bytes
from codex_proto.connections._outgoing import OutgoingBuffer
from codex_proto.connections.http1._events import (
    BodyData,
    InformationalResponse,
    ResponseComplete,
    ResponseHead,
)
from codex_proto.errors import LocalProtocolError, status_text
from codex_proto.http import legal_headers, written_headers

__all__ = ["Answer", "AnswerWriter"]

_NOT_THE_CALLERS: Final = frozenset({"keep-alive", "trailer", "transfer-encoding", "upgrade"})
# Around the data of one chunk.
_CHUNK_HEADER: Final = 20
_WITHOUT_BODY: Final = frozenset({204, 304})


class Answer:
    """Checks the size of one answer's body against its head.

    Raises:
        LocalProtocolError: HTTP does not allow the status or a field, or the connection sets
            that field.
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
        self.head = h11.Response(status_code=status, headers=written_headers(fields), reason=phrase)
        self.head_size = 64 + len(phrase) + sum(len(n) + len(v) + 4 for n, v in fields)
        self._discards = method == "HEAD"
        self._forbids = status in _WITHOUT_BODY
        self._has_length = length is not None
        self._remaining = int(length) if length is not None else 0

    def takes(self, size: int) -> bool:
        """Whether that many bytes of body are sent; they are not after HEAD.

        Raises:
            LocalProtocolError: there are more than `content-length` allows.
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
            LocalProtocolError: there are fewer bytes than that, or trailers cannot be sent.
        """
        is_bare = self._discards or self._forbids
        if self._has_length and self._remaining and not is_bare:
            raise LocalProtocolError("ResponseComplete: the body is shorter than 'content-length'")
        if has_trailers and (self._has_length or is_bare):
            raise LocalProtocolError("trailers: only a body without 'content-length' has them")
        return has_trailers


class AnswerWriter:
    """Writes the parts of answers, each checked before h11 sees it.

    Raises:
        LocalProtocolError: HTTP does not allow a part, or the outgoing buffer is full; nothing is
            written.
    """

    def __init__(self, connection: h11.Connection, out: OutgoingBuffer) -> None:
        self._h11 = connection
        self._out = out

    @property
    def is_reusable(self) -> bool:
        """Whether another request may follow the answer."""
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE

    def inform(self, message: InformationalResponse) -> None:
        """Write a 1xx response."""
        status = message.status
        if not isinstance(status, int) or status == 101 or not 100 <= status <= 199:
            raise LocalProtocolError("status: must be 100 to 199 and not 101; see accept()")
        fields = legal_headers("headers", message.headers)
        event = h11.InformationalResponse(status_code=status, headers=written_headers(fields))
        self._out.write(self._h11.send(event))

    def begin(self, method: str, head: ResponseHead) -> Answer:
        """Write the head of an answer to a request of that method."""
        answer = Answer(method, head)
        self._out.check_room("headers", answer.head_size)
        self._out.write(self._h11.send(answer.head))
        return answer

    def write(self, answer: Answer, message: BodyData) -> None:
        """Write bytes of its body."""
        data = as_bytes("data", message.data)
        self._out.check_room("data", len(data) + _CHUNK_HEADER)
        if answer.takes(len(data)):
            self._out.write(self._h11.send(h11.Data(data=data)))

    def end(self, answer: Answer, message: ResponseComplete) -> None:
        """Write the end of its body."""
        trailers = legal_headers("trailers", message.trailers)
        has_trailers = answer.check_end(bool(trailers))
        # HTTP/1.0 has no trailers, and HTTP allows them to be dropped.
        is_modern = (self._h11.their_http_version or b"") >= b"1.1"
        written = written_headers(trailers) if has_trailers and is_modern else []
        event = h11.EndOfMessage(headers=written)
        self._out.write(self._h11.send(event))

    def refuse(self, status: int) -> None:
        """Answer an invalid request, if an answer can still be sent."""
        if self._h11.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        text = f"{status_text(status)}\n".encode()
        fields = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(text))),
            ("connection", "close"),
        ]
        reason = status_text(status).partition(" ")[2]
        head = h11.Response(status_code=status, headers=fields, reason=reason)
        for event in (head, h11.Data(data=text), h11.EndOfMessage()):
            self._out.write(self._h11.send(event))


def _is_length(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18
