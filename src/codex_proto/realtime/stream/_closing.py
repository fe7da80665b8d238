"""The end of a realtime connection, and the meaning of its close code.

Source: observed.md, "Public recordings" (errors come after the upgrade, then close 3000 or 4000);
RFC 6455, 7.4.
"""

from __future__ import annotations

from msgspec import Struct

from codex_proto._close_codes import ABNORMAL, NORMAL, explain_close, is_refusing_close_code

__all__ = ["SessionClosed"]


class SessionClosed(Struct, frozen=True, gc=False):
    """The connection of a session has ended, and no event follows.

    `code` and `reason` are those of the close frame, or None. The public API refuses a session
    after the upgrade: usually with an `error` event, then a close with code 3000 or 4000 whose
    reason names the error (`invalid_request_error.invalid_api_key`).
    """

    code: int | None = None
    reason: str | None = None

    @property
    def explanation(self) -> str:
        """One sentence about the meaning of the code."""
        meaning = explain_close(ABNORMAL if self.code is None else self.code)
        return f"{meaning[0].upper()}{meaning[1:]}."

    @property
    def is_clean(self) -> bool:
        """Whether the session ended normally."""
        return self.code == NORMAL

    @property
    def is_refusal(self) -> bool:
        """Whether a retry of the same session would be refused again."""
        return self.code is not None and is_refusing_close_code(self.code)
