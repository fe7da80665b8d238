"""The timeouts and limits of connections, checked when they are made.

Durations are seconds, sizes are bytes. Where None is allowed it means no limit.
"""

from typing import Final

from msgspec import Struct

from codex_proto.connections._outgoing import DEFAULT_MAX_PENDING
from codex_proto.connections._timers import check_duration
from codex_proto.errors import LocalProtocolError

__all__ = ["HttpLimits", "HttpTimeouts", "WebSocketLimits", "WebSocketTimeouts"]

_MIB: Final = 1024 * 1024

# Bytes of a collected body, by default: as many as one event of a stream may have, since bodies
# carry the same images and files.
DEFAULT_MAX_BODY: Final = 64 * _MIB

# Seconds that a stream may be silent: upstream's default (wire.md 7.3).
DEFAULT_IDLE: Final = 300.0


class HttpTimeouts(Struct, frozen=True, kw_only=True):
    """How long an HTTP connection waits.

    Attributes:
        connect: for the transport, from `connect()` to `start()`.
        first_byte: from the request to the first byte of the answer; None leaves it to `idle`.
        idle: between bytes of a body. A head has to be complete this long after its first byte,
            even if bytes of it keep coming. For a server this holds for the body, too.
        total: from the request to the end of the answer.
        keep_alive: how long a server waits for the next request.
    """

    connect: float | None = 15.0
    first_byte: float | None = None
    idle: float | None = 300.0
    total: float | None = None
    keep_alive: float | None = 300.0

    def __post_init__(self) -> None:
        """Refuse durations that are not valid."""
        _check_durations(self)


class HttpLimits(Struct, frozen=True, kw_only=True):
    """How much an HTTP connection accepts.

    Attributes:
        max_header_size: bytes of one header section (start line included), of trailers, or of the
            line that begins a chunk.
        max_body_size: bytes of one body, decompressed. None, the default, is no limit for a client
            (streams have no end) and 64 MiB for a server, which collects bodies.
        max_informational: how many 1xx responses may come before the final one.
        max_expansion: how many bytes one compressed byte of a body may become, once there are
            8 MiB of them.
        max_pending: how many bytes may wait to be written.
        max_pipelined: how many bytes a client may send before its last request is answered.
    """

    max_header_size: int = 64 * 1024
    max_body_size: int | None = None
    max_informational: int = 32
    max_expansion: int = 256
    max_pending: int = DEFAULT_MAX_PENDING
    max_pipelined: int = 1 * _MIB

    def __post_init__(self) -> None:
        """Refuse sizes that are not valid."""
        _check_sizes(self)


class WebSocketTimeouts(Struct, frozen=True, kw_only=True):
    """How long a WebSocket waits.

    Attributes:
        connect: for the handshake, from `connect()` (or else `start()`) to the server's answer.
        ping_interval: how long the peer may be silent before it is sent a ping; None means never.
        ping_timeout: how long it may be silent after that.
        close: for the peer's close frame, once ours is sent.
    """

    connect: float | None = 15.0
    ping_interval: float | None = None
    ping_timeout: float | None = 20.0
    close: float | None = 10.0

    def __post_init__(self) -> None:
        """Refuse durations that are not valid."""
        _check_durations(self)


class WebSocketLimits(Struct, frozen=True, kw_only=True):
    """How much a WebSocket accepts and sends.

    Attributes:
        max_message_size: bytes of one message from the peer, decompressed.
        max_outgoing_message_size: bytes of one sent message, before compression. A larger one
            raises `LocalProtocolError`, since the server would drop the connection.
        max_frame_size: bytes of one sent frame; longer messages are fragmented. None never does.
        max_header_size: bytes of the header section of the handshake.
        max_refusal_size: bytes of the body that comes with a refusal; a longer one is cut.
        max_pending: how many bytes may wait to be written.
    """

    max_message_size: int = 64 * _MIB
    max_outgoing_message_size: int = 16 * _MIB
    max_frame_size: int | None = None
    max_header_size: int = 64 * 1024
    max_refusal_size: int = 256 * 1024
    max_pending: int = DEFAULT_MAX_PENDING

    def __post_init__(self) -> None:
        """Refuse sizes that are not valid."""
        _check_sizes(self)


def _check_durations(options: HttpTimeouts | WebSocketTimeouts) -> None:
    for name in options.__struct_fields__:
        check_duration(name, getattr(options, name))


def _check_sizes(options: HttpLimits | WebSocketLimits) -> None:
    for name in options.__struct_fields__:
        size = getattr(options, name)
        if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1):
            raise LocalProtocolError(f"{name}: must be a number above 0, not {size!r}")
