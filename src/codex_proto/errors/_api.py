"""What a server itself says is wrong, whichever way it says it: the base of those errors.

The same refusal comes as an HTTP status, as `response.failed`, or as an `error` event, so all of
them carry the same attributes and fill in what their way had to tell.

Source: docs/architecture.md, "Secrets"; wire.md 1.8, 2.7 and 6.4.
"""

from __future__ import annotations

from typing import Any, Final

from codex_proto._secrets import redact_headers, redact_text, redact_url
from codex_proto.errors._base import CodexError, positional
from codex_proto.errors._rate_limits import RateLimitSnapshot

__all__ = ["ApiError"]

_REDACTED: Final[dict[str, Any]] = {
    "url": redact_url,
    "headers": redact_headers,
    "body": redact_text,
}


class ApiError(CodexError):
    """The server said that something is wrong; the subclasses say what.

    Without a message (or with an empty one) it has the sentence of its class.

    Attributes:
        code: the server's error code, such as `rate_limit_exceeded`, where it gave one.
        response_id: the response that failed.
        status: the HTTP status, of the answer or of a WebSocket error frame.
        error_type: the server's `type` of the error, such as `invalid_request_error`.
        param: the request's parameter that the server names.
        request_id: what the server calls the request (`x-request-id`, `x-oai-request-id`).
        cf_ray: what the server's content network calls it (`cf-ray`).
        url: where the request went, without user, password, and any but harmless parameters.
        headers: the answer's fields; a value that may be a secret reads `[redacted]`. None where
            there are no headers, as in a stream.
        body: the answer's body as text (at most 65,536 characters of it), None where it had none.
            What looks like a credential reads `[redacted]`.
        rate_limits: what came with it about the account's limits.
    """

    default_message = "The server reported an error."

    message: str = positional(kw_only=False, default="")
    code: str | None = None
    response_id: str | None = None
    status: int | None = None
    error_type: str | None = None
    param: str | None = None
    request_id: str | None = None
    cf_ray: str | None = None
    url: str | None = None
    headers: tuple[tuple[str, str], ...] | None = None
    body: str | None = None
    rate_limits: RateLimitSnapshot | None = None

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        super()._settle(values)
        for name, redact in _REDACTED.items():
            if values[name] is not None:
                values[name] = redact(values[name])
