"""Incremental decompression of HTTP bodies, protected against decompression bombs.

The codings of RFC 9110 8.4.1 and RFC 9659: gzip, deflate (with its zlib wrapper, or without it as
some servers send it), zstd with a window of at most 8 MiB. Several of them are decoded in the
reverse order of the header.

Each coding reads small slices of its input that begin at fixed positions, and the growth is checked
between slices. So little is decompressed before it is counted, and the result does not depend on
how the input was cut.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol

from codex_proto.errors import CodexError, ContentDecodingFailed, DecompressionBomb
from codex_proto.http import Headers

if TYPE_CHECKING:
    from codex_proto._zstd import Decompressor

__all__ = ["ContentDecoder", "content_codings"]

# Input bytes at a time: zstd, the densest coding, expands them to at most 8 MiB.
_SLICE: Final = 256
# Bytes that any input may become before its growth is checked.
_ALWAYS_ALLOWED: Final = 8 * 1024 * 1024
# RFC 9659, 3: a window of 8 MiB is what a decoder must support, and no encoder may go beyond.
_ZSTD_WINDOW_LOG: Final = 23
# Each coding can multiply the size; real answers have one, and proxies add a second.
_MAX_CODINGS: Final = 4
_GZIP_MAGIC: Final = 0x1F


def content_codings(headers: Headers) -> tuple[str, ...]:
    """Return the codings of a body in the order in which they were applied, without `identity`."""
    listed = ",".join(headers.get_all("content-encoding")).lower().split(",")
    named = (coding.strip(" \t") for coding in listed)
    return tuple(coding for coding in named if coding not in {"", "identity"})


class ContentDecoder:
    """Decompresses one body.

    `failure` is None until the body turns out to be broken, a bomb, or of an unknown coding; after
    that nothing more is decoded.

    Args:
        codings: what `content_codings` returned.
        max_expansion: how many bytes one compressed byte may become, once there are 8 MiB.
    """

    def __init__(self, codings: tuple[str, ...], max_expansion: int) -> None:
        self.failure: CodexError | None = None
        self._max_expansion = max_expansion
        self._received = 0
        self._layers: list[_Layer] = []
        unknown = [coding for coding in codings if coding not in _CODINGS]
        if unknown or len(codings) > _MAX_CODINGS:
            named = unknown[0][:40] if unknown else f"{len(codings)} of them"
            self.failure = ContentDecodingFailed(
                f"The body has a content coding that cannot be read: {named!r}."
            )
            return
        try:
            layers = [_Layer(_CODINGS[coding](), self._judge) for coding in reversed(codings)]
        except ModuleNotFoundError as error:
            # Peer bytes never raise, and this body could not be read in any case.
            self.failure = ContentDecodingFailed(f"The body cannot be read: {error}.")
            return
        self._layers = layers

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield the next bytes, decompressed, in pieces; check `failure` after the last."""
        while data and self.failure is None:
            # Counted in whole slices, so that the growth does not depend on how the bytes were cut.
            room = _SLICE - self._received % _SLICE
            self._received += len(data[:room])
            try:
                yield from self._through(data[:room], 0)
            except _Broken as broken:
                self.failure = broken.failure
            data = data[room:]

    def finish(self) -> CodexError | None:
        """Report that the body has ended; return the error if it is incomplete."""
        if self.failure is None and not all(layer.is_complete() for layer in self._layers):
            self.failure = ContentDecodingFailed("The compressed body ends too early.")
        return self.failure

    def _through(self, data: bytes, layer: int) -> Iterator[bytes]:
        if layer == len(self._layers):
            if data:
                yield data
            return
        for piece in self._layers[layer].decode(data):
            yield from self._through(piece, layer + 1)

    def _judge(self, produced: int) -> None:
        if produced <= _ALWAYS_ALLOWED:
            return
        slices = -(-self._received // _SLICE)
        if produced > slices * _SLICE * self._max_expansion:
            raise _Broken(
                DecompressionBomb(
                    f"The compressed body grows more than {self._max_expansion} times, the limit "
                    "that max_expansion sets.",
                    limit_name="max_expansion",
                    limit=self._max_expansion,
                )
            )


class _Broken(Exception):
    """Stops the decoding of a body; never leaves this module."""

    def __init__(self, failure: CodexError) -> None:
        super().__init__(failure.message)
        self.failure = failure


class _Judge(Protocol):
    def __call__(self, produced: int, /) -> None: ...


class _Coding(Protocol):
    def decode(self, data: bytes) -> Iterator[bytes]: ...

    def is_complete(self) -> bool: ...


class _Layer:
    """One coding, fed in slices that begin at fixed positions of its input."""

    def __init__(self, coding: _Coding, judge: _Judge) -> None:
        self._coding = coding
        self._judge = judge
        self._taken = 0
        self._produced = 0

    def decode(self, data: bytes) -> Iterator[bytes]:
        position = 0
        while position < len(data):
            end = position + _SLICE - self._taken % _SLICE
            part = data[position:end]
            for piece in self._coding.decode(part):
                self._produced += len(piece)
                yield piece
            self._taken += len(part)
            position = end
            if self._taken % _SLICE == 0:
                self._judge(self._produced)

    def is_complete(self) -> bool:
        return self._coding.is_complete()


def _defect(error: Exception) -> _Broken:
    return _Broken(ContentDecodingFailed(f"The compressed body is broken: {error}."))


class _Deflate:
    """The zlib format, or raw deflate if the first byte cannot begin a zlib header."""

    def __init__(self) -> None:
        self._inflater: Any = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            # RFC 1950, 2.2: the low half of the first byte is 8. A raw stream that began so would
            # begin with a stored block of odd padding.
            wrapped = data[0] & 0x0F == 8
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        # Bytes after the end of the stream are ignored.
        if not self._inflater.eof:
            yield from _inflate(self._inflater, data)

    def is_complete(self) -> bool:
        return self._inflater is None or self._inflater.eof


class _Gzip:
    """Gzip members one after another (RFC 1952, 2.2); other bytes after them are ignored."""

    def __init__(self) -> None:
        self._inflater: Any = None
        self._members = 0

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflater is None:
                if self._members and (self._members < 0 or data[0] != _GZIP_MAGIC):
                    self._members = -1
                    return
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
                self._members += 1
            yield from _inflate(self._inflater, data)
            data = self._inflater.unused_data
            if self._inflater.eof:
                self._inflater = None

    def is_complete(self) -> bool:
        return self._inflater is None


def _inflate(inflater: Any, data: bytes) -> Iterator[bytes]:
    """Yield decompressed data; raise for a defect only after the data before it."""
    before = inflater.copy()
    try:
        yield inflater.decompress(data)
    except zlib.error as error:
        for position in range(len(data)):
            try:
                piece = before.decompress(data[position : position + 1])
            except zlib.error:
                break
            yield piece
        raise _defect(error) from None


class _Zstd:
    """Zstandard frames one after another (RFC 8878, 3)."""

    def __init__(self) -> None:
        # Imported on first use: most servers do not send zstd, and the module is large.
        from codex_proto import _zstd

        self._new_frame = _zstd.frame_decompressor(_ZSTD_WINDOW_LOG)
        self._error: Final = _zstd.ZstdError
        self._frame: Decompressor | None = None

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._frame is None:
                self._frame = self._new_frame()
            try:
                yield self._frame.decompress(data)
            except self._error as error:
                raise _defect(error) from None
            data = self._frame.unused_data
            if self._frame.eof:
                self._frame = None

    def is_complete(self) -> bool:
        return self._frame is None


_CODINGS: Final[dict[str, type[_Deflate | _Gzip | _Zstd]]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "zstd": _Zstd,
}
