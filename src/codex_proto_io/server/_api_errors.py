"""Error bodies and messages in the shape of the API, for requests that are not understood."""

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
    """Return the body of an error answer."""
    return msgspec.json.encode({"error": _error(message, type, param, code)})


def socket_error(
    message: str,
    *,
    status: int = 400,
    type: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> bytes:
    """Return the error message of a WebSocket."""
    return msgspec.json.encode(
        {"type": "error", "status": status, "error": _error(message, type, param, code)}
    )


def _error(message: str, kind: str, param: str | None, code: str | None) -> dict[str, str | None]:
    return {"message": message, "type": kind, "param": param, "code": code}
