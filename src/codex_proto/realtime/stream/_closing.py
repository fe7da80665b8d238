"""How a realtime connection ends, and what the server meant by it.

Source: observed.md, "Public recordings" (errors come after the upgrade, then close 3000 or 4000);
RFC 6455, 7.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

__all__ = ["SessionClosed"]

_NO_CODE: Final = "The connection broke off without a close frame."
_UNKNOWN: Final = "The server closed the connection."

_EXPLANATIONS: Final[Mapping[int, str]] = {
    1000: "The server closed the session in good order.",
    1001: "The server is going away, or the session has lasted as long as a session may.",
    1002: "The server found an error in the WebSocket protocol.",
    1003: "The server does not take messages of this kind.",
    1005: "The server closed the connection without saying why.",
    1006: _NO_CODE,
    1007: "The server got text that is no UTF-8.",
    1008: "The server refused the session by its policy.",
    1009: "A message was too large for the server; sending it again is no use.",
    1011: "The server failed.",
    1012: "The server restarts.",
    1013: "The server is overloaded; try again later.",
    3000: (
        "The server took the upgrade and then refused the credentials: "
        "the API key is wrong, or may not use this model."
    ),
    4000: (
        "The server took the upgrade and then refused the request: the model does not exist, or "
        "the query, the headers or the protocol version do not fit it."
    ),
}

# Trying the same again gives the same answer.
_REFUSALS: Final = frozenset({1002, 1003, 1007, 1008, 1009, 3000, 4000})


class SessionClosed(Struct, frozen=True, gc=False):
    """The connection of a session has ended, and nothing follows.

    `code` and `reason` are those of the close frame, None where there was none. What the public API
    has against a session it says after the upgrade: first an `error` event as a rule, then a close
    with code 3000 or 4000 whose reason names the error (`invalid_request_error.invalid_api_key`).
    """

    code: int | None = None
    reason: str | None = None

    @property
    def explanation(self) -> str:
        """One sentence about what the code means here."""
        if self.code is None:
            return _NO_CODE
        return _EXPLANATIONS.get(self.code, _UNKNOWN)

    @property
    def is_clean(self) -> bool:
        """Whether the server ended the session in good order."""
        return self.code == 1000

    @property
    def is_refusal(self) -> bool:
        """Whether the same session, tried again, would be refused again."""
        return self.code in _REFUSALS
