"""What a server says about a request or a response: one class for each thing to do about it.

Those about what may not be asked at all are in `_policies`.

Source: wire.md 1.8, 2.7 and 6.5; additions-2026-11.md 1.1; observed.md, "Responses stream".
"""

from __future__ import annotations

from typing import Any

from codex_proto.errors._api import ApiError
from codex_proto.errors._base import CodexError, positional

__all__ = [
    "BudgetReached",
    "ConnectionLimitReached",
    "ContextWindowExceeded",
    "FlexUnavailable",
    "InvalidAudio",
    "InvalidImage",
    "InvalidRequest",
    "ModelNotFound",
    "PreviousResponseNotFound",
    "QuotaExceeded",
    "RateLimitExceeded",
    "ResponseCancelled",
    "ResponseFailedError",
    "ResponseIncompleteError",
    "ServerOverloaded",
    "UsageNotIncluded",
]


class ResponseFailedError(ApiError):
    """The server ended the response with an error that has no class of its own.

    It came as `response.failed`, or as an `error` event with nothing after it.
    """

    retryable = True
    default_message = "The server ended the response with an error and gave no reason."


class ResponseIncompleteError(CodexError):
    """The server stopped before the response was whole (`response.incomplete`).

    `reason` is the server's word, such as `max_output_tokens`, or `unknown`; `token_usage` is what
    the stopped response cost, where the server said so. Only a response that the `content_filter`
    stopped is `retryable`: the next one may pass, while a limit is met again.
    """

    default_message = "Incomplete response returned, reason: {reason}"

    message: str = positional(kw_only=False, default="")
    reason: str
    response_id: str | None = None
    # A `TokenUsage`, which is made from records of the wire and so stands above the errors.
    token_usage: Any = None

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        super()._settle(values)
        values["retryable"] = values["reason"] == "content_filter"


class ResponseCancelled(CodexError):
    """The response was cancelled, by whoever may, before it was whole.

    `token_usage` is what it cost until then, where the server said so.
    """

    default_message = "The response was cancelled."

    message: str = positional(kw_only=False, default="")
    response_id: str | None = None
    # As in `ResponseIncompleteError`.
    token_usage: Any = None


class ContextWindowExceeded(ApiError):
    """The input is longer than the model can read: shorten it."""

    default_message = "The input is too long for the model's context window."


class QuotaExceeded(ApiError):
    """The account's money or budget is spent: only its owner can change that."""

    default_message = "The account's quota is used up; see its plan and billing."


class BudgetReached(ApiError):
    """The budget that was set for this work is spent: only a higher one helps."""

    default_message = "The budget is reached."


class UsageNotIncluded(ApiError):
    """The account's plan does not include this use."""

    default_message = "The account's plan does not include this service."


class RateLimitExceeded(ApiError):
    """Too much in too short a time: wait, for `retry_after` where the server said how long."""

    retryable = True
    default_message = "The rate limit is exceeded; wait before the next request."


class ServerOverloaded(ApiError):
    """The model has no capacity left: choose another, or try much later."""

    default_message = "The model is overloaded; try another one, or this one later."


class FlexUnavailable(ApiError):
    """No capacity for requests of the `flex` service tier: use another tier."""

    default_message = "No flex capacity is available."


class InvalidRequest(ApiError):
    """The server refuses the request as it is; sending it again changes nothing.

    The subclasses say what is wrong with it, where the server's `code` does.
    """

    default_message = "Invalid request."


class InvalidImage(InvalidRequest):
    """The server cannot read an image of the input: leave it out of the next request."""

    default_message = "An image in the input is not valid."


class InvalidAudio(InvalidRequest):
    """The server cannot read an audio of the input: leave it out of the next request.

    `code` says what is wrong with it: `audio_too_large`, `invalid_audio_format`, ...
    """

    default_message = "An audio attachment in the input is not valid."


class ModelNotFound(InvalidRequest):
    """The server has no such model, or not for this account: choose another."""

    default_message = "The model does not exist, or this account may not use it."


class ConnectionLimitReached(ApiError):
    """The WebSocket has lived as long as the server allows: open another, send all input again."""

    retryable = True
    default_message = "The WebSocket has reached its age limit; open a new one."


class PreviousResponseNotFound(ApiError):
    """The server does not know the response that the request builds on: send all input again."""

    retryable = True
    default_message = "The previous response is unknown to the server; send the full input."
