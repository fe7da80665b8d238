"""What a socket of a higher level reports about itself, beside the events of its protocol."""

from msgspec import Struct

from codex_proto.errors import CodexError
from codex_proto.http import Headers

__all__ = ["SocketClosed", "SocketOpened"]


class SocketOpened(Struct, frozen=True):
    """The handshake is done; `headers` are those of the server's answer."""

    headers: Headers


class SocketClosed(Struct, frozen=True):
    """The socket is at its end; nothing comes after it.

    `error` says why, and is None where both sides have said goodbye and this side began: a refusal
    of the handshake as `error_from_response` maps it with its body, `ConnectionClosed` with the
    peer's code, or what broke.
    """

    error: CodexError | None = None
