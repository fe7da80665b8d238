"""What a socket of a higher level reports about itself, beside the events of its protocol."""

from msgspec import Struct

from codex_proto.errors import CodexError
from codex_proto.http import Headers

__all__ = ["SocketClosed", "SocketOpened"]


class SocketOpened(Struct, frozen=True):
    """The handshake is done; `headers` are those of the server's answer."""

    headers: Headers


class SocketClosed(Struct, frozen=True):
    """The socket has ended; no event follows.

    `error` is the reason: a refusal of the handshake as `error_from_response` maps it,
    `ConnectionClosed` with the peer's code, or the failure. It is None after a clean close that
    this side began.
    """

    error: CodexError | None = None
