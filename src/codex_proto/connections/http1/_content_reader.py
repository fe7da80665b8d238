"""The body of one received HTTP message: decompressed and counted."""

from __future__ import annotations

from codex_proto.connections.http1._content_coding import ContentDecoder, content_codings
from codex_proto.errors import BodyTooLarge, CodexError
from codex_proto.http import Headers

__all__ = ["ContentReader"]


class ContentReader:
    """Reads one body, up to its limit.

    `failure` is None until the body turns out to be too large, broken, a bomb, or of an unknown
    coding; after that nothing more is returned.

    Args:
        headers: of the message; `content-encoding` applies unless `decode` is False.
        max_size: bytes of the body, decompressed; None sets no limit.
        max_expansion: as of `ContentDecoder`.
        decode: whether to decompress.
    """

    def __init__(
        self, headers: Headers, *, max_size: int | None, max_expansion: int, decode: bool = True
    ) -> None:
        self.failure: CodexError | None = None
        self._max_size = max_size
        self._size = 0
        codings = content_codings(headers) if decode else ()
        self._decoder = ContentDecoder(codings, max_expansion) if codings else None

    def receive(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return them decompressed, in pieces; check `failure` after that."""
        if self._decoder is None:
            return self._count(data)
        pieces: list[bytes] = []
        for piece in self._decoder.decode(data):
            if piece and self.failure is None:
                pieces += self._count(piece)
        self.failure = self.failure or self._decoder.failure
        return pieces

    def finish(self) -> CodexError | None:
        """Report that the body has ended; return the error, if there is one."""
        if self.failure is None and self._decoder is not None:
            self.failure = self._decoder.finish()
        return self.failure

    def _count(self, data: bytes) -> list[bytes]:
        limit = self._max_size
        if limit is not None and self._size + len(data) > limit:
            self.failure = BodyTooLarge(limit_name="max_body_size", limit=limit)
            data = data[: limit - self._size]
        self._size += len(data)
        return [data] if data else []
