"""What a server itself says is wrong, whichever way it says it: the base of those errors.

The same refusal comes as an HTTP status, as `response.failed`, or as an `error` event, so all of
them carry the same attributes and fill in what their way had to tell.

Source: docs/architecture.md, "Secrets"; wire.md 1.8, 2.7 and 6.4.
"""

from __future__ import annotations

from typing import Any, ClassVar

from codex_proto._secrets import redact_headers, redact_text, redact_url
from codex_proto.errors._base import CodexError

__all__ = ["ApiError"]


class ApiError(CodexError):
    """The server said that something is wrong; the subclasses say what.

    Without a message (or with an empty one) the class's own sentence is told.

    Attributes:
        code: the server's error code, such as `rate_limit_exceeded`, where it gave one.
        response_id: the response that failed.
        status: the HTTP status, of the answer or of a WebSocket error frame.
        error_type: the server's `type` of the error, such as `invalid_request_error`.
        param: the request's parameter that the server names.
        retry_at: unix time (seconds) that the server named for the next try.
        request_id: what the server calls the request (`x-request-id`, `x-oai-request-id`).
        cf_ray: what the server's content network calls it (`cf-ray`).
        url: where the request went, without user, password, and any but harmless parameters.
        headers: the answer's fields; a value that may be a secret reads `[redacted]`. None where
            there are no headers, as in a stream.
        body: the answer's body as text (at most 65,536 characters of it), None where it had none.
            What looks like a credential reads `[redacted]`.
        rate_limits: the `RateLimitSnapshot` that came with it.
    """

    default_message: ClassVar[str] = "The server reported an error."
    fields = (
        *CodexError.fields,
        "code",
        "response_id",
        "status",
        "error_type",
        "param",
        "retry_at",
        "request_id",
        "cf_ray",
        "url",
        "headers",
        "body",
        "rate_limits",
    )

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        response_id: str | None = None,
        status: int | None = None,
        error_type: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        retry_at: float | None = None,
        request_id: str | None = None,
        cf_ray: str | None = None,
        url: str | None = None,
        headers: tuple[tuple[str, str], ...] | None = None,
        body: str | None = None,
        rate_limits: Any = None,
    ) -> None:
        super().__init__(redact_text(message or self.default_message), retry_after=retry_after)
        self.code = code
        self.response_id = response_id
        self.status = status
        self.error_type = error_type
        self.param = param
        self.retry_at = retry_at
        self.request_id = request_id
        self.cf_ray = cf_ray
        self.url = None if url is None else redact_url(url)
        self.headers = None if headers is None else redact_headers(headers)
        self.body = None if body is None else redact_text(body)
        self.rate_limits = rate_limits
        self._settle()

    def _settle(self) -> None:
        """Let a class whose nature depends on what was said decide on it."""
