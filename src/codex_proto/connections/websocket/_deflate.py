"""permessage-deflate: the negotiation, and both directions.

wsproto has this extension, too. It is not used, because it loses the compression of a fragmented
message at a ping between the fragments, accepts any parameter, and inflates without a limit.

Source: RFC 7692.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from wsproto.extensions import Extension
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

__all__ = [
    "CLIENT_OFFER",
    "DeflateExtension",
    "DeflateParameters",
    "Inflater",
    "choose_offer",
    "read_agreement",
]

# What the Codex clients offer (observed.md, "Responses over WebSocket").
CLIENT_OFFER: Final = "permessage-deflate; client_max_window_bits"
_NAME: Final = "permessage-deflate"
_FLAGS: Final = frozenset({"server_no_context_takeover", "client_no_context_takeover"})
_SIZES: Final = frozenset({"server_max_window_bits", "client_max_window_bits"})
# The end of every message, which is not sent (RFC 7692, 7.2.1).
_TAIL: Final = b"\x00\x00\xff\xff"
_MAX_BITS: Final = 15
# zlib cannot compress into a window of 256 bytes.
_LEAST_BITS: Final = 9
# Compressed bytes at a time, from the start of the message: a defect is then found at the same
# position however the bytes were cut, and little is inflated at once.
_SLICE: Final = 1024


class DeflateParameters(NamedTuple):
    """The parameters that both sides agreed on."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = _MAX_BITS
    client_max_window_bits: int = _MAX_BITS

    def answer(self) -> str:
        """Return the header value with which a server agrees."""
        parts = [_NAME]
        parts += [name for name in sorted(_FLAGS) if getattr(self, name)]
        if self.server_max_window_bits != _MAX_BITS:
            parts.append(f"server_max_window_bits={self.server_max_window_bits}")
        return "; ".join(parts)


def choose_offer(header: str) -> DeflateParameters | None:
    """Return the parameters that a server accepts from a client's offers, or None."""
    for name, parameters in _read(header):
        if name != _NAME or parameters is None:
            continue
        settled = _settle(parameters, {"client_max_window_bits"})
        # The client states the largest window it supports, not the one it will use.
        if settled is not None and settled.server_max_window_bits >= _LEAST_BITS:
            return settled._replace(client_max_window_bits=_MAX_BITS)
    return None


def read_agreement(header: str) -> DeflateParameters | None:
    """Return the parameters in a server's answer; None if it does not fit our offer."""
    agreed = _read(header)
    if len(agreed) != 1 or agreed[0][0] != _NAME or agreed[0][1] is None:
        return None
    return _settle(agreed[0][1], set())


def _read(header: str) -> list[tuple[str, dict[str, str | None] | None]]:
    """Return each extension with its parameters; None instead of malformed parameters."""
    return [_read_one(part) for part in header.split(",") if part.strip(" \t")]


def _read_one(part: str) -> tuple[str, dict[str, str | None] | None]:
    name, *rest = (piece.strip(" \t") for piece in part.split(";"))
    parameters: dict[str, str | None] = {}
    for piece in rest:
        key, equals, value = (text.strip(" \t") for text in piece.partition("="))
        if key in parameters:
            return name.lower(), None
        parameters[key] = _unquoted(value) if equals else None
    return name.lower(), parameters


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


def _settle(parameters: dict[str, str | None], may_be_bare: set[str]) -> DeflateParameters | None:
    sizes: dict[str, int] = {}
    for key, value in parameters.items():
        if key in _SIZES and value in _BITS:
            sizes[key] = int(value or 0)
        elif value is not None or key not in _FLAGS | may_be_bare:
            return None
    return DeflateParameters(
        server_no_context_takeover="server_no_context_takeover" in parameters,
        client_no_context_takeover="client_no_context_takeover" in parameters,
        server_max_window_bits=sizes.get("server_max_window_bits", _MAX_BITS),
        client_max_window_bits=sizes.get("client_max_window_bits", _MAX_BITS),
    )


_BITS: Final = frozenset(str(bits) for bits in range(8, _MAX_BITS + 1))


class DeflateExtension(Extension):
    """What wsproto calls for single frames: the compression bit and outgoing payloads.

    Incoming payloads stay compressed here; `Inflater` decompresses them. `is_compressed` is whether
    the message that began last is compressed.
    """

    name = _NAME

    def __init__(self, parameters: DeflateParameters, *, is_client: bool) -> None:
        self.is_compressed = False
        self._deflater: Any = None
        if is_client:
            self._bits = parameters.client_max_window_bits
            self._forgets = parameters.client_no_context_takeover
        else:
            self._bits = parameters.server_max_window_bits
            self._forgets = parameters.server_no_context_takeover

    def enabled(self) -> bool:
        """Whether wsproto uses the extension."""
        return True

    def offer(self) -> bool | str:
        """Unused: the handshake is ours."""
        return False

    def frame_inbound_header(
        self,
        proto: FrameDecoder | FrameProtocol,  # noqa: ARG002 - wsproto's interface
        opcode: Opcode,
        rsv: RsvBits,
        payload_length: int,  # noqa: ARG002
    ) -> CloseReason | RsvBits:
        """Return which reserved bits a frame may have."""
        if opcode in (Opcode.TEXT, Opcode.BINARY):
            self.is_compressed = rsv.rsv1
        elif rsv.rsv1:
            return CloseReason.PROTOCOL_ERROR
        return RsvBits(True, False, False)

    def frame_outbound(
        self,
        proto: FrameDecoder | FrameProtocol,  # noqa: ARG002
        opcode: Opcode,
        rsv: RsvBits,
        data: bytes,
        fin: bool,
    ) -> tuple[RsvBits, bytes]:
        """Compress the payload of one outgoing frame."""
        if opcode.iscontrol() or self._bits < _LEAST_BITS:
            return rsv, data
        if self._deflater is None:
            self._deflater = zlib.compressobj(wbits=-self._bits)
        payload: bytes = self._deflater.compress(data)
        if fin:
            payload += self._deflater.flush(zlib.Z_SYNC_FLUSH)
            payload = payload.removesuffix(_TAIL)
            if self._forgets:
                self._deflater = None
        return RsvBits(opcode is not Opcode.CONTINUATION, rsv.rsv2, rsv.rsv3), payload


class Inflater:
    """Decompresses the peer's messages, piece by piece, on demand.

    Raises:
        zlib.error: the data is broken.
    """

    def __init__(self, parameters: DeflateParameters, *, is_client: bool) -> None:
        self._forgets = (
            parameters.server_no_context_takeover
            if is_client
            else parameters.client_no_context_takeover
        )
        self._inflater: Any = None
        self._waiting = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield the next bytes of a message, decompressed, in small pieces."""
        data = self._waiting + data
        end = len(data) - len(data) % _SLICE
        self._waiting = data[end:]
        for start in range(0, end, _SLICE):
            yield from self._inflate(data[start : start + _SLICE])

    def finish(self) -> Iterator[bytes]:
        """Yield the rest of the message."""
        rest, self._waiting = self._waiting + _TAIL, b""
        yield from self._inflate(rest)
        if self._forgets:
            self._inflater = None

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflater is None or self._inflater.eof:
                # A stream may end inside a message (RFC 7692, 7.2.3.4); another follows.
                self._inflater = zlib.decompressobj(-_MAX_BITS)
            yield self._inflater.decompress(data)
            data = self._inflater.unused_data
