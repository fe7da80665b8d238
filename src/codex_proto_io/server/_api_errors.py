"""Errors in the shape that the API gives them: what a request gets that is not understood."""

from __future__ import annotations

import msgspec

__all__ = ["api_error"]


def api_error(
    message: str,
    *,
    type: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> bytes:
    """Return the body of a refusal."""
    return msgspec.json.encode({"error": _error(message, type, param, code)})


def socket_error(
    message: str,
    *,
    status: int = 400,
    type: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> bytes:
    """Return the message that says the same on a WebSocket."""
    return msgspec.json.encode(
        {"type": "error", "status": status, "error": _error(message, type, param, code)}
    )


def _error(message: str, kind: str, param: str | None, code: str | None) -> dict[str, str | None]:
    return {"message": message, "type": kind, "param": param, "code": code}
