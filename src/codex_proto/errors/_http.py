"""What only an HTTP answer (or a WebSocket frame in its place) can say.

Source: wire.md 6.4 to 6.6; additions-2026-11.md 1.2.
"""

from __future__ import annotations

from typing import Any, Final

from codex_proto.errors._api import ApiError

__all__ = [
    "HttpStatusError",
    "InternalServerError",
    "MalformedReply",
    "RetryLimit",
    "UsageLimitReached",
    "status_text",
]

_PHRASES: Final = {
    100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints",
    200: "OK", 201: "Created", 202: "Accepted", 203: "Non Authoritative Information",
    204: "No Content", 205: "Reset Content", 206: "Partial Content", 207: "Multi-Status",
    208: "Already Reported", 226: "IM Used",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    304: "Not Modified", 305: "Use Proxy", 307: "Temporary Redirect", 308: "Permanent Redirect",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
    411: "Length Required", 412: "Precondition Failed", 413: "Payload Too Large",
    414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
    417: "Expectation Failed", 418: "I'm a teapot", 421: "Misdirected Request",
    422: "Unprocessable Entity", 423: "Locked", 424: "Failed Dependency", 425: "Too Early",
    426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates", 507: "Insufficient Storage", 508: "Loop Detected",
    510: "Not Extended", 511: "Network Authentication Required",
}  # fmt: skip


def status_text(status: int) -> str:
    """Return the status with its phrase, such as `404 Not Found`, as upstream prints it."""
    return f"{status} {_PHRASES.get(status, '<unknown status code>')}"


class HttpStatusError(ApiError):
    """The server answered with a status that has no class of its own.

    `identity_authorization_error` and `identity_error_code` say what the identity service found
    wrong (`x-openai-authorization-error`; the code in `x-error-json`).

    As upstream has it, every such status is `retryable`, 401 and 404 too: the credentials, or a
    gateway on the way, may be others the next time.
    """

    retryable = True
    default_message = "The server answered with an unexpected status."

    identity_authorization_error: str | None = None
    identity_error_code: str | None = None


class InternalServerError(ApiError):
    """The server failed on its own side (status 500)."""

    retryable = True
    default_message = "The server had an internal error."


class MalformedReply(ApiError):
    """The server answered with success, but the body is not what the endpoint returns.

    The message says what is wrong with it, `body` is what came. The request may have had its
    effect, and upstream does not repeat it either.
    """

    default_message = "The server's reply is not what this endpoint returns."


class RetryLimit(ApiError):
    """The server takes no more requests for now (status 429), and did not say it otherwise.

    Upstream tries again where the answer has a `Retry-After` in whole seconds or as a date, and
    gives up otherwise. `server_set_time` says whether it has one, and the error is `retryable` if
    so; `retry_after` may come from elsewhere too.
    """

    default_message = "The server takes no more requests for now."

    server_set_time: bool = False

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        super()._settle(values)
        values["retryable"] = values["server_set_time"]


class UsageLimitReached(ApiError):
    """The account has used up what its plan allows for a time; `retry_at` is when it goes on.

    Attributes:
        plan_type: the plan, such as `plus`, or any other text of the server's.
        promo_message: what the server wants to be shown with it.
        rate_limit_reached_type: which kind of limit it was, such as
            `workspace_member_credits_depleted`.
        rate_limits: the snapshot of the limit that was hit.
    """

    default_message = "The usage limit is reached."

    plan_type: str | None = None
    promo_message: str | None = None
    rate_limit_reached_type: str | None = None

    @property
    def resets_at(self) -> float | None:
        """The unix time at which the limit is lifted: `retry_at` by upstream's name."""
        return self.retry_at
