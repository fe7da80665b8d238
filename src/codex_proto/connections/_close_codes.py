"""What the codes of WebSocket close frames mean, in plain words.

Source: RFC 6455, 7.4; the registry it set up (1012 to 1014).
"""

from __future__ import annotations

from typing import Final

__all__ = ["ABNORMAL", "CLOSE_CODES", "NO_STATUS", "explain_close", "is_sendable_close_code"]

NORMAL: Final = 1000
PROTOCOL_ERROR: Final = 1002
NO_STATUS: Final = 1005
ABNORMAL: Final = 1006
INVALID_DATA: Final = 1007
MESSAGE_TOO_BIG: Final = 1009

CLOSE_CODES: Final[dict[int, str]] = {
    1000: "the purpose is fulfilled",
    1001: "the other side goes away: a server that shuts down, a page that is left",
    1002: "the protocol was broken",
    1003: "data of a kind that is not accepted",
    1005: "the close frame had no code",
    1006: "there was no close frame: the connection broke",
    1007: "data that is not what it says, such as text that is no UTF-8",
    1008: "a policy was violated, often one about credentials",
    1009: "a message was too large",
    1010: "the server lacks an extension that the client needs",
    1011: "the server met a condition that it did not expect",
    1012: "the service restarts",
    1013: "the service is overloaded: try again later",
    1014: "a gateway got no valid answer from the server behind it",
    1015: "the TLS handshake failed",
}
# They stand for what did not come in a frame, and never are in one.
_NEVER_SENT: Final = frozenset({1004, 1005, 1006, 1015})


def explain_close(code: int) -> str:
    """Return what a close code means, as a clause without a full stop."""
    known = CLOSE_CODES.get(code)
    if known is not None:
        return known
    if 3000 <= code <= 3999:
        return "a registered code of a library or framework"
    return "a code of the application's own" if 4000 <= code <= 4999 else "an unknown code"


def is_sendable_close_code(code: int) -> bool:
    """Whether a close frame may have that code."""
    return (1000 <= code <= 1014 and code not in _NEVER_SENT) or 3000 <= code <= 4999
