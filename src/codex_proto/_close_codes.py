"""What the codes of WebSocket close frames mean, in plain words.

Source: RFC 6455, 7.4; the registry it set up (1012 to 1014); observed.md, "Public recordings"
(3000 and 4000).
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "ABNORMAL",
    "CLOSE_CODES",
    "INVALID_DATA",
    "MESSAGE_TOO_BIG",
    "NORMAL",
    "NO_STATUS",
    "PROTOCOL_ERROR",
    "CloseCode",
    "explain_close",
    "is_refusing_close_code",
    "is_sendable_close_code",
]

NORMAL: Final = 1000
PROTOCOL_ERROR: Final = 1002
NO_STATUS: Final = 1005
ABNORMAL: Final = 1006
INVALID_DATA: Final = 1007
MESSAGE_TOO_BIG: Final = 1009


class CloseCode(NamedTuple):
    """What a code means, as a clause, and whether the same, tried again, ends the same way."""

    meaning: str
    is_refusal: bool = False


CLOSE_CODES: Final[dict[int, CloseCode]] = {
    1000: CloseCode("the purpose is fulfilled"),
    1001: CloseCode(
        "the other side goes away: a server that shuts down or whose session has lasted as long as "
        "it may, a page that is left"
    ),
    1002: CloseCode("the protocol was broken", is_refusal=True),
    1003: CloseCode("data of a kind that is not accepted", is_refusal=True),
    1005: CloseCode("the close frame had no code"),
    1006: CloseCode("there was no close frame: the connection broke"),
    1007: CloseCode(
        "data that is not what it says, such as text that is no UTF-8", is_refusal=True
    ),
    1008: CloseCode("a policy was violated, often one about credentials", is_refusal=True),
    1009: CloseCode("a message was too large", is_refusal=True),
    1010: CloseCode("the server lacks an extension that the client needs"),
    1011: CloseCode("the server met a condition that it did not expect"),
    1012: CloseCode("the service restarts"),
    1013: CloseCode("the service is overloaded: try again later"),
    1014: CloseCode("a gateway got no valid answer from the server behind it"),
    1015: CloseCode("the TLS handshake failed"),
    3000: CloseCode(
        "the server took the upgrade and then refused the credentials: the API key is wrong, or "
        "may not use this model",
        is_refusal=True,
    ),
    4000: CloseCode(
        "the server took the upgrade and then refused the request: the model does not exist, or "
        "the query, the headers or the protocol version do not fit it",
        is_refusal=True,
    ),
}
# They stand for what did not come in a frame, and never are in one.
_NEVER_SENT: Final = frozenset({1004, 1005, 1006, 1015})


def explain_close(code: int) -> str:
    """Return what a close code means, as a clause without a full stop."""
    known = CLOSE_CODES.get(code)
    if known is not None:
        return known.meaning
    if 3000 <= code <= 3999:
        return "a registered code of a library or framework"
    return "a code of the application's own" if 4000 <= code <= 4999 else "an unknown code"


def is_refusing_close_code(code: int) -> bool:
    """Return whether the same connection, tried again, would be closed again."""
    known = CLOSE_CODES.get(code)
    return known is not None and known.is_refusal


def is_sendable_close_code(code: int) -> bool:
    """Return whether a close frame may have that code."""
    return (1000 <= code <= 1014 and code not in _NEVER_SENT) or 3000 <= code <= 4999
